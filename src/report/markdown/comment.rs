//! One finding as a comment at its lines: what is wrong, what to do, the text for it, and where to read more.

use super::escape::{code, fenced, inline};
use super::{Links, mark};
use crate::finding::Finding;
use crate::report::fix::fix;
use crate::report::headline::{next_step, sentence};
use crate::words::{counted, sentences};

/// Places beside the finding that a comment lists.
const MAX_RELATED: usize = 6;

/// The text of a comment, without marker. `suggestion` is a block that GitHub can apply.
pub fn comment(finding: &Finding, suggestion: Option<&str>, links: &Links) -> String {
    let mut out = format!("{} {}\n", mark(finding), inline(&sentence(&finding.message)));
    if let Some(by) = &finding.settled {
        out.push_str(&format!("\n{}\n", inline(&sentence(by))));
    } else {
        let step = match &finding.paste {
            Some(paste) => sentences::paste_into(&paste.path, paste.approve),
            None => next_step(finding),
        };
        if !step.is_empty() {
            out.push_str(&format!("\n{}\n", inline(&step)));
        }
        if let Some(paste) = &finding.paste {
            out.push_str(&format!("\n{}", fenced("yaml", &format!("{}{}", paste.head, paste.text))));
        }
        if let Some(block) = suggestion {
            out.push_str(&format!("\n{}\n\n{block}", sentences::TO_TAKE_IT_BACK));
        }
    }
    for note in finding.notes.iter().filter(|note| Some(*note) != finding.settled.as_ref()) {
        out.push_str(&format!("\n{}\n", inline(&sentence(note))));
    }
    if !finding.related.is_empty() {
        out.push_str("\n<details><summary>Related places</summary>\n\n");
        for related in finding.related.iter().take(MAX_RELATED) {
            out.push_str(&format!("- {}: {}\n", links.place(&related.place), inline(&related.message)));
        }
        let more = finding.related.len().saturating_sub(MAX_RELATED);
        if more > 0 {
            out.push_str(&format!("- and {}\n", counted(more, "more place", "more places")));
        }
        out.push_str("\n</details>\n");
    }
    out.push_str(&format!("\nRule {}\n", links.rule(finding.rule.id)));
    out
}

/// Several findings of one file that have no line in the diff.
pub fn file_comment(findings: &[&Finding], links: &Links) -> String {
    const MAX: usize = 40;
    let mut out = format!("{}\n\n", sentences::outside_the_diff(findings.len()));
    for finding in findings.iter().take(MAX) {
        out.push_str(&format!(
            "- {} {}: {} {} ({})\n",
            mark(finding),
            links.place(&finding.place),
            inline(&sentence(&finding.message)),
            inline(&next_step(finding)),
            links.rule(finding.rule.id)
        ));
    }
    if findings.len() > MAX {
        out.push_str(&format!("- {}\n", sentences::left_out(findings.len() - MAX, &links.elsewhere())));
    }
    out
}

/// What a comment becomes when its finding is gone.
pub fn resolved(rule: &str) -> String {
    format!("{}\n", sentences::resolved(rule))
}

/// What a comment becomes when its finding is told elsewhere.
pub fn moved() -> String {
    format!("{}\n", sentences::MOVED)
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

impl Links {
    /// A rule by its id, with a link to its page where that is known.
    fn rule(&self, id: &str) -> String {
        match &self.rule_pages {
            Some(pages) => format!("[{}]({pages}/{id}.md)", code(id)),
            None => code(id),
        }
    }
}
