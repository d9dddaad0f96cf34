//! What is wrong with a text that is not YAML, in words.

use std::ops::Range;

/// What the YAML crate says of tabs, at the end of the line before.
const TAB: [&str; 2] = ["tabs disallowed", "while scanning a plain scalar, found a tab"];

/// Where the tab is that an error speaks of: the first before the text of a line, from the line of `from` on.
pub(super) fn tab(error: &str, text: &str, from: usize) -> Option<usize> {
    TAB.iter().find(|said| error.starts_with(**said))?;
    let start = text.get(..from)?.rfind('\n').map_or(0, |at| at + 1);
    text.get(start..)?.match_indices('\t').map(|(at, _)| start + at).find(|at| {
        let line = text[..*at].rfind('\n').map_or(0, |at| at + 1);
        text[line..*at].trim().is_empty()
    })
}

/// What to say of a blank that YAML takes for a letter, as they come from pages and mails.
pub(super) const WIDE_BLANK: &str = "the line is indented with a blank that is no space (a non-breaking one, copied from a \
                                     page or mail); type spaces";

/// The bytes of a blank that is no space, where the line of byte `end` or the one before it is indented with it.
pub(super) fn wide_blank(text: &str, end: usize) -> Option<Range<usize>> {
    let wide = |at: usize| {
        let blank = text[at..].chars().next().filter(|c| !c.is_ascii() && c.is_whitespace())?;
        Some(at..at + blank.len_utf8())
    };
    let line_start = |end: usize| text[..end].rfind('\n').map_or(0, |at| at + 1);
    let own = line_start(end.min(text.len()));
    let indented = |start: usize| start + text[start..].len() - text[start..].trim_start_matches(' ').len();
    [own, line_start(own.saturating_sub(1))].into_iter().map(indented).find_map(wide)
}

/// What is wrong with a text that goes on below its line, which is no name with a colon: `above` is the line before it.
fn goes_on(line: &str, above: &str) -> String {
    let above = above.trim_end();
    let opens_text =
        ["|", ">", "|-", ">-", "|+", ">+"].iter().any(|mark| above.ends_with(&format!(": {mark}")));
    let is_key = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let words = match line.trim().split_once(':') {
        _ if opens_text => "indent this text further than the name above it",
        Some((name, value)) if is_key(name) && !value.is_empty() => {
            return format!(
                "a space is missing after the colon; write `{}`",
                short(&format!("{name}: {}", value.trim()))
            );
        }
        None if line.trim().contains(' ') => {
            "if this line belongs to the text above it, indent it further than the name of that; else a colon is missing"
        }
        _ => "a colon is missing after the name, as in `entries:`",
    };
    words.to_owned()
}

/// As much of a line as a message repeats: a line can be as long as the file.
fn short(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What is wrong with a line below `above`, where a blank alone is missing or too much.
fn of_blanks(line: &str, above: &str) -> Option<String> {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let is_item = |line: &str| {
        let rest = line.trim_start().strip_prefix('-')?;
        rest.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| rest.trim().to_owned())
    };
    if let Some(rest) = is_item(above).or_else(|| is_item(line)) {
        return Some(format!("a space is missing after the dash; write `- {}`", short(&rest)));
    }
    // The name that the line stands under, behind the dash of an item.
    let above = above.replacen("- ", "  ", if above.trim_start().starts_with("- ") { 1 } else { 0 });
    let (is, wanted) = (indent(line), indent(&above));
    let has_value = |line: &str| line.split_once(": ").is_some_and(|(_, value)| !value.trim().is_empty());
    let near = is.abs_diff(wanted) == 1 && has_value(&above) && line.contains(':');
    near.then(|| {
        format!(
            "the line begins behind {is} spaces, and the one above it behind {wanted}; begin it there, too"
        )
    })
}

/// The YAML crate's words without the place, which is shown anyway, and without its budget's jargon. `line` is where it
/// stopped, `before` how much of that line it had read, and `above` the line before it that is not empty.
pub(super) fn message(text: &str, line: &str, before: &str, above: &str) -> String {
    let text = text.lines().next().unwrap_or("unreadable");
    let starts = |list: &[&str]| list.iter().any(|start| text.starts_with(start));
    let rest = line.get(before.len()..).unwrap_or_default();
    if starts(&["mapping values are not allowed", "simple key expected", "while parsing a block"])
        && let Some(said) = of_blanks(line, above)
    {
        return format!("this is not valid YAML: {said}");
    }
    if starts(&["mapping values are not allowed"]) {
        return match is_key(before) {
            true => {
                format!("this is not valid YAML: the line goes on with the text above it; {}", lost(line))
            }
            false => "this is not valid YAML: a colon stands in the text; put the text in quotes, as in `justification: \"Note: …\"`".to_owned(),
        };
    }
    if starts(&["simple key expected"]) {
        return format!("this is not valid YAML: {}", goes_on(line, above));
    }
    let value = before.split_once(": ").map_or("", |(_, value)| value.trim_start());
    if let Some(bracket) = value.chars().next().filter(|c| ['[', '{'].contains(c)) {
        let whole = line.split_once(": ").map_or("", |(_, value)| value);
        let items = || whole.split(['[', '{', ',', ']', '}']).map(str::trim);
        let item = |c: char| items().find(|item| item.starts_with(c));
        if let Some(item) = ['@', '*', '&'].into_iter().find_map(item) {
            return format!(
                "this is not valid YAML: a text cannot begin with `{}`; write `\"{}\"`",
                &item[..1],
                short(item)
            );
        }
        return format!(
            "this is not valid YAML: `{bracket}` begins a list or mapping, and more stands behind its end; put a text that \
             begins so in quotes"
        );
    }
    if starts(&["while parsing a block"]) {
        let hint = if is_of_an_entry(line) { format!("; {}", lost(line)) } else { String::new() };
        return format!("this is not valid YAML: the line is not indented like the lines next to it{hint}");
    }
    let quoted = [
        "unexpected character",
        "alias references unknown anchor",
        "while scanning an anchor or alias",
        "unclosed bracket",
        "unclosed brace",
    ];
    if starts(&quoted)
        && let Some(first) = rest.chars().next()
    {
        return format!("this is not valid YAML: a text cannot begin with `{first}`; put the text in quotes");
    }
    for (breach, words) in [
        ("budget breached: Anchors", "an anchor (`&name`) is not allowed here; write the value out"),
        ("budget breached: Aliases", "an alias (`*name`) is not allowed here; write the value out"),
        ("budget breached: MergeKeys", "a merge key (`<<`) is not allowed here; write the keys out"),
        ("budget breached: Documents", "more than one document in the file; keep one"),
        ("budget breached", "the file is larger or deeper than any policy needs to be"),
        (TAB[0], "this is not valid YAML: there is a tab; indent with spaces"),
        (TAB[1], "this is not valid YAML: there is a tab; indent with spaces"),
        (
            "invalid trailing content after single-quoted scalar",
            "this is not valid YAML: the text goes on after its quotation mark; write an apostrophe within it twice (`''`), or \
             put the whole text in double quotes",
        ),
        (
            "invalid trailing content after double-quoted scalar",
            "this is not valid YAML: the text goes on after its quotation mark; put the whole text in single quotes",
        ),
        (
            "block sequence entries are not allowed",
            "this is not valid YAML: an item (`- `) begins on a line of its own; take the dash out, or begin a new line",
        ),
        (
            "unclosed quote",
            "this is not valid YAML: the quotation mark that begins here is not closed; add one at the end of the text",
        ),
    ] {
        if text.starts_with(breach) {
            return words.to_owned();
        }
    }
    let end = text.find(" at line ").unwrap_or(text.len());
    if let Some(key) = text[..end].strip_prefix("duplicate mapping key: ") {
        return format!("`{}` is there twice; keep one", key.split(',').next().unwrap_or(key));
    }
    format!("not readable as YAML: {}", text[..end].trim())
}

/// Whether what stands before a colon is a key, and so the colon no part of a text.
fn is_key(before: &str) -> bool {
    let name = before.trim_start().trim_start_matches("- ").trim();
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether a line is of a justification.
fn is_of_an_entry(line: &str) -> bool {
    let line = line.trim_start();
    ["- field:", "field:", "- access:", "access:"].iter().any(|key| line.starts_with(key))
}

/// What is most likely missing above a line, or before it.
fn lost(line: &str) -> String {
    match is_of_an_entry(line) {
        true => "is `entries:` missing above it, or `- ` before `field`? A text with a colon goes in quotes".to_owned(),
        false => "is a name with a colon missing above it, or is it indented too far? A text with a colon goes in quotes"
            .to_owned(),
    }
}
