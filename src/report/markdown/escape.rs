//! The one escape for Markdown: what a repository wrote is shown, and does nothing.
//!
//! Messages of ours quote names in backticks. Those parts become code spans, in which nothing is
//! interpreted; everything else has its special characters escaped. Mentions, references and links
//! are made from the finished text, where a backslash no longer helps, so an invisible character breaks
//! them.

use crate::report::clean;

/// Breaks mentions, references and links without being seen.
const BREAK: char = '\u{200b}';
/// Longest text that is shown in full.
const MAX_CHARS: usize = 400;

/// Text with names in backticks, on one line.
pub(in crate::report) fn inline(text: &str) -> String {
    let text = shorten(&clean(text));
    let mut out = String::with_capacity(text.len() + 16);
    let parts: Vec<&str> = text.split('`').collect();
    for (at, part) in parts.iter().enumerate() {
        let quoted = at % 2 == 1 && at + 1 < parts.len();
        match (quoted, part.trim().is_empty()) {
            // An empty span would swallow what follows.
            (true, true) => {}
            (true, false) => out.push_str(&format!("`{}`", cell(part))),
            (false, _) => out.push_str(&plain(part)),
        }
    }
    out
}

/// A name or path as one code span.
pub(in crate::report) fn code(text: &str) -> String {
    let text = cell(&shorten(&clean(text)));
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Lines as a code block that nothing in them can end.
pub(super) fn fenced(language: &str, text: &str) -> String {
    let lines: Vec<String> = text.lines().map(clean).collect();
    let longest = lines.iter().flat_map(|l| l.split(|c| c != '`')).map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", lines.join("\n"))
}

/// In a table a bar ends the cell, in code spans too.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Text without names.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '|' | '*' | '_' | '~' | '[' | ']' | '(' | ')' | '!' | '`' | '$' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            '@' => out.extend(['@', BREAK]),
            '#' => out.extend(['\\', '#', BREAK]),
            '/' if before == ':' => out.extend([BREAK, c]),
            '.' if ends_with(&out, "www") => out.extend([BREAK, c]),
            '-' if ends_with(&out, "gh") => out.extend([BREAK, c]),
            _ => out.push(c),
        }
        before = c;
    }
    // Only at a line's start do these make lists, headings and the like.
    if out.trim_start().starts_with(['-', '+', '=', ':'])
        || out.trim_start().starts_with(|c: char| c.is_ascii_digit())
    {
        out.insert(0, BREAK);
    }
    out
}

fn ends_with(text: &str, end: &str) -> bool {
    let start = text.len().saturating_sub(end.len());
    text.get(start..).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

/// A name inside a mermaid label: letters, digits and a few marks; anything else is a dot.
pub(super) fn diagram(text: &str) -> String {
    let keep = |c: char| if c.is_alphanumeric() || "_ -.%/".contains(c) { c } else { '·' };
    shorten(&clean(text)).chars().map(keep).collect()
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_code_and_the_rest_is_inert() {
        assert_eq!(inline("opens `A.B__c` for read"), "opens `A.B__c` for read");
        assert_eq!(inline("a <b>x</b> *y* [z](w)"), "a &lt;b&gt;x&lt;/b&gt; \\*y\\* \\[z\\]\\(w\\)");
        assert_eq!(inline("`a|b` | c"), "`a\\|b` \\| c");
        assert_eq!(inline("odd ` <tick>"), "odd  &lt;tick&gt;");
        assert_eq!(inline("x``y"), "xy");
        for text in
            ["@acme/security", "see #12", "https://evil.example", "www.evil.example", "GH-12", "a@b.example"]
        {
            assert!(inline(text).contains(BREAK), "{text}: {}", inline(text));
        }
        assert!(!inline("a\n# b\r\n- c").contains('\n'));
        assert!(!inline("<!-- x -->").contains("<!--"));
    }

    #[test]
    fn a_code_span_cannot_be_left() {
        assert_eq!(code("a.xml"), "`a.xml`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`x`"), "`` `x` ``");
        assert_eq!(code("a\n::error::b"), "`a\\u{a}::error::b`");
        assert_eq!(code("a\u{202e}b|c"), "`a\\u{202e}b\\|c`");
    }

    #[test]
    fn a_diagram_label_has_no_syntax() {
        assert_eq!(diagram("A\"]; click x \"javascript:y"), "A··· click x ·javascript·y");
    }
}
