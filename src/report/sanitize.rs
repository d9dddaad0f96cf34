//! The one sanitiser for text that reaches a log.
//!
//! File names, XML and YAML are written by the author of the pull request. In a log they could forge
//! lines, move the cursor, reorder text, or be read as a command by whoever runs the job. The GitHub runner
//! tries every line of stdout and stderr: `::name…` at a line's start, and `##[name…` anywhere in it
//! (actions/runner, `ActionCommand.cs`). The agent of Azure Pipelines obeys `##vso[…` and `##[…`, TeamCity
//! `##teamcity[…`.

use std::borrow::Cow;

/// The text on one line, with everything that is not plainly visible written out.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            out.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    // These commands work anywhere in a line.
    break_commands(out, |command| format!("# {}", &command[1..]))
}

/// The text with each `##[` and `##name[` rewritten.
fn break_commands(text: String, rewrite: impl Fn(&str) -> String) -> String {
    if !text.contains("##") {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text.as_str();
    while let Some(at) = rest.find("##") {
        // Of several marks only the last two can start a command.
        let start = at + rest[at..].bytes().take_while(|b| *b == b'#').count() - 2;
        let name = rest[start + 2..].bytes().take_while(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b));
        let end = start + 2 + name.count();
        out.push_str(&rest[..start]);
        if rest[end..].starts_with('[') {
            out.push_str(&rewrite(&rest[start..=end]));
            rest = &rest[end + 1..];
        } else {
            out.push_str(&rest[start..end]);
            rest = &rest[end..];
        }
    }
    out + rest
}

/// Source text of a snippet, which must keep its length in bytes so that spans stay true. The snippet
/// library shows the ASCII control characters itself.
pub(super) fn clean_source(text: &str) -> String {
    let stand_in = |c: char| match c.len_utf8() {
        _ if c.is_ascii() || !is_hidden(c) => c,
        2 => '\u{b7}',
        3 => '\u{fffd}',
        _ => '\u{1f6c7}',
    };
    let broken = break_commands(text.to_owned(), |command| command.replace('[', "("));
    broken.chars().map(stand_in).collect()
}

/// JSON text with everything hidden, and commands that work anywhere in a line, as `\u` escapes: the same
/// values for a parser, and harmless in a log. Such characters stand only inside strings.
pub(super) fn escape_json(text: &str) -> Cow<'_, str> {
    // Nearly all text: nothing in it needs to be looked at one by one.
    if text.is_ascii() && !text.contains(['\u{7f}']) && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // JSON itself escapes the ASCII control characters but for the last one.
    while let Some(at) = rest.bytes().position(|byte| byte >= 0x7f) {
        let (plain, from) = rest.split_at(at);
        out.push_str(plain);
        let mut others = from.chars();
        match others.next() {
            Some(c) if is_hidden(c) => {
                let mut units = [0; 2];
                out.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
            }
            shown => out.extend(shown),
        }
        rest = others.as_str();
    }
    out.push_str(rest);
    Cow::Owned(break_commands(out, |command| format!("#\\u0023{}", &command[2..])))
}

/// A path as part of an address (RFC 3986): letters, digits, `-_.~` and `/` stay, and no first part can be
/// taken for a scheme.
pub(super) fn address(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Control characters, line and paragraph separators, and the characters that reorder or hide text.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_written_out() {
        assert_eq!(clean("a\u{1b}[31mb\r\nc"), "a\\u{1b}[31mb\\u{d}\\u{a}c");
        assert_eq!(clean("x\u{202e}y\u{200b}\u{2028}\u{85}"), "x\\u{202e}y\\u{200b}\\u{2028}\\u{85}");
        assert_eq!(clean("Søknad 100 %"), "Søknad 100 %");
    }

    #[test]
    fn the_runners_second_command_form_is_broken_wherever_it_stands() {
        assert_eq!(clean("p##[set-output name=x]y"), "p# #[set-output name=x]y");
        assert_eq!(
            clean("a ##vso[task.complete]##teamcity[x] ##b c# ##"),
            "a # #vso[task.complete]# #teamcity[x] ##b c# ##"
        );
        assert_eq!(clean("###vso[a"), "## #vso[a");
        assert!(!clean("###[a]##[b]").contains("##["));
        assert!(!clean("#\u{200b}#[stop-commands]x").contains("##["));
        let source = clean_source("a##[stop-commands]zz");
        assert_eq!((source.len(), source.contains("##[")), (20, false));
        assert_eq!(clean_source("##vso[x]é##y["), "##vso(x]é##y(");
        let json = escape_json("\"a##vso[b]\"");
        assert_eq!(
            (json.as_ref(), serde_json::from_str(&json).unwrap_or_default()),
            (r##""a#\u0023vso[b]""##, "a##vso[b]".to_owned())
        );
    }

    #[test]
    fn an_address_has_no_syntax_of_the_path() {
        assert_eq!(address("a b/é#.xml"), "a%20b/%C3%A9%23.xml");
        assert_eq!(address("http://x/../%2e"), "http%3A//x/../%252e");
    }

    #[test]
    fn source_keeps_its_length_and_json_its_value() {
        let hidden = "a\u{9b}b\u{200b}c\u{e0041}d\u{85}";
        let source = clean_source(hidden);
        assert_eq!((source.len(), source.chars().any(is_hidden)), (hidden.len(), false));
        let written = serde_json::to_string(&format!("{hidden}##[x]")).unwrap_or_default();
        let json = escape_json(&written);
        assert!(json.is_ascii() && !json.contains("##["));
        let value: String = serde_json::from_str(&json).unwrap_or_default();
        assert_eq!(value, format!("{hidden}##[x]"));
    }
}
