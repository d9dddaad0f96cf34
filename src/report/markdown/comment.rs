//! One finding as a comment at its lines.

use super::Links;
use super::escape::{code, inline};
use crate::finding::Finding;
use crate::report::fix::fix;

/// Places beside the finding that a comment lists.
const MAX_RELATED: usize = 6;

/// The text of a comment, without marker.
pub fn comment(finding: &Finding, links: &Links) -> String {
    let mut out = format!("**{} · {}**: {}\n", finding.severity, finding.rule.id, inline(&finding.message));
    if !finding.help.is_empty() {
        out.push_str(&format!("\n**Next**: {}\n", inline(&finding.help)));
    }
    for note in &finding.notes {
        out.push_str(&format!("\n_Note_: {}\n", inline(note)));
    }
    if !finding.related.is_empty() {
        out.push('\n');
        for related in finding.related.iter().take(MAX_RELATED) {
            out.push_str(&format!("- {}: {}\n", links.place(&related.place), inline(&related.message)));
        }
        let more = finding.related.len().saturating_sub(MAX_RELATED);
        if more > 0 {
            out.push_str(&format!("- and {more} more places\n"));
        }
    }
    out
}

/// Several findings of one file that have no line in the diff.
pub fn file_comment(findings: &[&Finding], links: &Links) -> String {
    const MAX: usize = 40;
    let mut out = format!(
        "{} of this file outside the lines that the pull request shows:\n\n",
        if findings.len() == 1 { "1 finding".to_owned() } else { format!("{} findings", findings.len()) }
    );
    for finding in findings.iter().take(MAX) {
        out.push_str(&format!(
            "- **{} · {}** at {}: {}\n",
            finding.severity,
            finding.rule.id,
            links.place(&finding.place),
            inline(&finding.message)
        ));
    }
    if findings.len() > MAX {
        out.push_str(&format!("- and {} more\n", findings.len() - MAX));
    }
    out
}

/// What a comment becomes when its finding is gone.
pub fn resolved(rule: &str) -> String {
    format!("**Resolved** · {}: the pull request does not have this finding any more.\n", code(rule))
}

/// The line that would settle a finding, where taking the grant back is a matter of one word.
pub fn suggestion(finding: &Finding) -> Option<String> {
    let fix = fix(finding)?;
    let (bytes, std::ops::Range { start, end }) = (finding.place.file.bytes(), fix.span.range());
    let low = memchr::memrchr(b'\n', &bytes[..start]).map_or(0, |at| at + 1);
    let high = memchr::memchr(b'\n', &bytes[end..]).map_or(bytes.len(), |at| end + at);
    let (before, after) =
        (std::str::from_utf8(&bytes[low..start]).ok()?, std::str::from_utf8(&bytes[end..high]).ok()?);
    // Only an element alone on its line: whatever stands beside it is the author's text.
    if !before.chars().all(|c| c == ' ' || c == '\t') || !after.trim_end_matches('\r').is_empty() {
        return None;
    }
    Some(format!("```suggestion\n{before}{}\n```\n", fix.text))
}
