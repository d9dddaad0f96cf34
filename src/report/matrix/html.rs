//! The matrix as one page that needs no network: the template beside this file, filled in.

use super::{Matrix, json};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

const PAGE: &str = include_str!("page.html");
/// In the order in which they stand, each once.
const PLACES: [&str; 4] = ["{{STYLE_HASH}}", "{{SCRIPT_HASH}}", "<!--TITLE-->", "{{DATA}}"];

pub(super) fn write(matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    let style = between("<style>", "</style>").map(hash);
    // The last script: the first one is the data.
    let script = between("<script>", "</script>").map(hash);
    let (Some(style), Some(script)) = (style, script) else {
        return Err(io::Error::other("the page has lost its style or script"));
    };
    let title = escape(&super::super::clean(&matrix.title));
    // No string in it can end the element or open a comment.
    let data = json::text(matrix)?.replace('<', "\\u003c");
    let mut rest = PAGE;
    // The text between the places is ours; what is filled in is never looked at again.
    for (place, value) in PLACES.iter().zip([style, script, title, data]) {
        let Some((before, after)) = rest.split_once(place) else {
            return Err(io::Error::other(format!("the page has lost its place `{place}`")));
        };
        out.write_all(before.as_bytes())?;
        out.write_all(value.trim_end().as_bytes())?;
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// The text between the first tags of this kind.
fn between(open: &str, close: &str) -> Option<&'static str> {
    let (_, rest) = PAGE.split_once(open)?;
    Some(rest.split_once(close)?.0)
}

/// As content security policies name a text.
fn hash(text: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
