//! Which line of one version of a file is which line of another.

use git2::{DiffOptions, Patch};

/// Lines that two versions of a file have in common.
#[derive(Debug)]
pub struct LineMap {
    /// Changed stretches: first old line, number of old lines, first new line, number of new lines.
    hunks: Option<Vec<Hunk>>,
}

type Hunk = (u32, u32, u32, u32);

fn hunks(old: &[u8], new: &[u8]) -> Result<Vec<Hunk>, git2::Error> {
    let mut options = DiffOptions::new();
    options.context_lines(0).force_text(true);
    let patch = Patch::from_buffers(old, None, new, None, Some(&mut options))?;
    let mut hunks = Vec::with_capacity(patch.num_hunks());
    for at in 0..patch.num_hunks() {
        let (hunk, _) = patch.hunk(at)?;
        hunks.push((hunk.old_start(), hunk.old_lines(), hunk.new_start(), hunk.new_lines()));
    }
    Ok(hunks)
}

impl LineMap {
    /// Compares two versions, whatever git attributes say of the file. Versions that cannot be
    /// compared have no line in common.
    pub fn between(old: &[u8], new: &[u8]) -> Self {
        LineMap { hunks: hunks(old, new).ok() }
    }

    /// The new number of the old line `line` (both from 1), or `None` when the new version lacks it.
    pub fn get(&self, line: u32) -> Option<u32> {
        let mut shift = 0_i64;
        for &(old_start, old_lines, new_start, new_lines) in self.hunks.as_ref()? {
            // An insertion names the line before it.
            let first = if old_lines == 0 { old_start + 1 } else { old_start };
            if line < first {
                break;
            }
            if line < first + old_lines {
                return None;
            }
            let new_first = if new_lines == 0 { new_start + 1 } else { new_start };
            shift = i64::from(new_first + new_lines) - i64::from(first + old_lines);
        }
        u32::try_from(i64::from(line) + shift).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_followed_through_insertions_deletions_and_changes() {
        //                      1  2  3  4  5  6
        let map = LineMap::between(b"a\nb\nc\nd\ne\nf\n", b"x\na\nb\nD\ne\nf\ng\n");
        let all: Vec<_> = (1..=6).map(|l| map.get(l)).collect();
        assert_eq!(all, [Some(2), Some(3), None, None, Some(5), Some(6)]);
        let same = LineMap::between(b"a\n", b"a\n");
        assert_eq!(same.get(1), Some(1));
        let cut = LineMap::between(b"a\nb\nc\n", b"a\nc\n");
        assert_eq!((cut.get(1), cut.get(2), cut.get(3)), (Some(1), None, Some(2)));
    }
}
