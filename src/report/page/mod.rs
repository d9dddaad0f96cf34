//! Pages of one file for a browser: a template, styles, scripts and data put together. They need no server
//! and no network, and a content security policy lets nothing run but the script that is in them.

use super::sanitize::clean;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::io::{self, Read, Write};

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
        include_str!("matrix-index.js"),
        include_str!("matrix-grid.js"),
        include_str!("matrix-views.js"),
        include_str!("matrix-drawer.js"),
        include_str!("matrix-export.js"),
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

/// Data beyond this is packed: a browser unpacks it faster than it reads it, and a page of 45 MB has 4.
const PLAIN_BYTES: usize = 512 * 1024;
/// What packed data begins with; base64 of gzip follows.
const PACKED: &str = "gzip:";
/// What packed data may come to: the page of somebody else may claim anything.
const MAX_UNPACKED: u64 = 1 << 30;

fn packed(data: String) -> io::Result<String> {
    if data.len() <= PLAIN_BYTES {
        return Ok(data);
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data.as_bytes())?;
    Ok(format!("{PACKED}{}", BASE64_STANDARD.encode(encoder.finish()?)))
}

/// A page with its data unpacked; one whose data is plain, or which is none, as it is.
pub(super) fn unpacked(page: &[u8]) -> Cow<'_, [u8]> {
    let start = format!("id=\"data\">{PACKED}");
    let found = || {
        let at = memchr::memmem::find(page, start.as_bytes())? + start.len();
        let end = at + memchr::memchr(b'<', &page[at..])?;
        let bytes = BASE64_STANDARD.decode(&page[at..end]).ok()?;
        let mut data = Vec::new();
        GzDecoder::new(bytes.as_slice()).take(MAX_UNPACKED).read_to_end(&mut data).ok()?;
        Some([&page[..at - PACKED.len()], &data, &page[end..]].concat())
    };
    found().map_or(Cow::Borrowed(page), Cow::Owned)
}

/// Writes a page. `data` is JSON, in which every string may be hostile.
pub(super) fn write(template: &Template, title: &str, data: &str, out: &mut dyn Write) -> io::Result<()> {
    let (style, script) = (template.styles.concat(), template.scripts.concat());
    let title = escape(&clean(title));
    // No string in it can end the element or open a comment.
    let data = packed(data.trim_end().replace('<', "\\u003c"))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn much_data_is_packed_and_comes_out_as_it_went_in() {
        let page = |data: &str| {
            let mut out = Vec::new();
            write(&MATRIX, "t", data, &mut out).unwrap();
            out
        };
        let data = format!("[{}0]", "\"<b>\",\n".repeat(100_000));
        let written = page(&data);
        assert!(written.len() < 200_000, "{}", written.len());
        let plain = unpacked(&written);
        let expected = data.replace('<', "\\u003c");
        assert!(
            memchr::memmem::find(&plain, format!("id=\"data\">{expected}</script>").as_bytes()).is_some()
        );
        let small = page("[1]");
        assert_eq!(unpacked(&small), small);
        assert_eq!(unpacked(b"id=\"data\">gzip:!!<"), b"id=\"data\">gzip:!!<".as_slice());
    }
}
