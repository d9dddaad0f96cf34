//! Whether a committed matrix still says what stands.

use crate::report::matrix::{Matrix, MatrixFormat};
use std::collections::BTreeMap;
use std::io;

/// How far a committed matrix is from what stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Staleness {
    /// Lines that it lacks.
    pub missing: usize,
    /// Lines that it should not have.
    pub left_over: usize,
}

impl Staleness {
    /// Nothing differs.
    pub fn is_fresh(self) -> bool {
        self == Staleness::default()
    }
}

/// Compares a committed matrix with the true one, line by line. Which revision it was written at, on which
/// day and by which flsgate, and how its lines end do not count: a file cannot name the commit that it is part of, and git may convert.
///
/// # Errors
/// When the matrix cannot be written.
pub fn staleness(matrix: &Matrix, format: MatrixFormat, committed: &[u8]) -> io::Result<Staleness> {
    let mut bytes = Vec::new();
    matrix.write(format, &mut bytes)?;
    let as_read =
        |bytes| if format == MatrixFormat::Html { Matrix::page_as_read(bytes) } else { bytes.into() };
    let (new, old) = (as_read(&bytes), as_read(committed));
    let (new, old) = (lines(format, &new), lines(format, &old));
    if new == old {
        return Ok(Staleness::default());
    }
    let mut counts: BTreeMap<&[u8], (usize, usize)> = BTreeMap::new();
    for line in &new {
        counts.entry(line).or_default().0 += 1;
    }
    for line in &old {
        counts.entry(line).or_default().1 += 1;
    }
    let mut stale = Staleness::default();
    for (new, old) in counts.into_values() {
        stale.missing += new.saturating_sub(old);
        stale.left_over += old.saturating_sub(new);
    }
    if stale.is_fresh() {
        // The same lines in another order.
        stale.missing = 1;
    }
    Ok(stale)
}

/// Without line ends, and without the first lines that name revision, day, flsgate and where files can be looked at.
fn lines(format: MatrixFormat, bytes: &[u8]) -> Vec<&[u8]> {
    let evidence: &[&[u8]] = match format {
        MatrixFormat::Markdown | MatrixFormat::Csv => &[b"Revision "],
        MatrixFormat::Json => &[b"\"revision\":", b"\"as_of\":", b"\"flsgate\":"],
        MatrixFormat::Html => &[b"\"revision\":", b"\"as_of\":", b"\"evidence\":", b"\"lookup\":"],
    };
    let csv = format == MatrixFormat::Csv;
    let mut lines: Vec<&[u8]> =
        bytes.split(|b| *b == b'\n').map(|l| l.strip_suffix(b"\r").unwrap_or(l)).collect();
    for start in evidence {
        if let Some(at) = lines
            .iter()
            .position(|line| line.strip_prefix(b"\"").filter(|_| csv).unwrap_or(line).starts_with(start))
        {
            lines.remove(at);
        }
    }
    lines
}
