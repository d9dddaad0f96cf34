//! Pages of one file for a browser: a template, styles, scripts and data put together. They need no server
//! and no network, and a content security policy lets nothing run but the script that is in them.

use super::sanitize::clean;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// A page without its data.
pub(super) struct Template {
    html: &'static str,
    styles: &'static [&'static str],
    scripts: &'static [&'static str],
}

/// What both pages look like.
const BASE: &str = include_str!("base.css");
/// What both scripts need.
const HELPERS: &str = include_str!("base.js");

/// The data access matrix.
pub(super) const MATRIX: Template = Template {
    html: include_str!("matrix.html"),
    styles: &[BASE, include_str!("matrix.css")],
    scripts: &[
        HELPERS,
        include_str!("matrix-data.js"),
        include_str!("matrix-grid.js"),
        include_str!("matrix-page.js"),
    ],
};

/// A verdict.
pub(super) const FINDINGS: Template = Template {
    html: include_str!("findings.html"),
    styles: &[BASE, include_str!("findings.css")],
    scripts: &[
        HELPERS,
        include_str!("findings-data.js"),
        include_str!("findings-views.js"),
        include_str!("findings-list.js"),
        include_str!("findings-detail.js"),
        include_str!("findings-verdict.js"),
        include_str!("findings-print.js"),
        include_str!("findings-page.js"),
        include_str!("findings-controls.js"),
    ],
};

/// Where things go, in the order in which they stand, each once.
const PLACES: [&str; 6] =
    ["{{STYLE_HASH}}", "{{SCRIPT_HASH}}", "<!--TITLE-->", "/*STYLE*/", "{{DATA}}", "/*SCRIPT*/"];

/// Writes a page. `data` is JSON, in which every string may be hostile.
pub(super) fn write(template: &Template, title: &str, data: &str, out: &mut dyn Write) -> io::Result<()> {
    let (style, script) = (template.styles.concat(), template.scripts.concat());
    let title = escape(&clean(title));
    // No string in it can end the element or open a comment.
    let data = data.trim_end().replace('<', "\\u003c");
    let mut rest = template.html;
    // The text between the places is ours; what is filled in is never looked at again.
    for (place, value) in PLACES.iter().zip([hash(&style), hash(&script), title, style, data, script]) {
        let Some((before, after)) = rest.split_once(place) else {
            return Err(io::Error::other(format!("the page has lost its place `{place}`")));
        };
        out.write_all(before.as_bytes())?;
        out.write_all(value.as_bytes())?;
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// As content security policies name a text.
fn hash(text: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
