//! Files that give nobody access, and yet bear on who sees what: switches that guard data, and what shows a field
//! past its field-level security. They are told by their own names alone, and only changed ones are looked at.

use super::name::{decode, source_format, split};
use crate::words::strip_tokens;

/// A kind of file beside those that give access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aside {
    /// Settings of the org.
    Settings,
    /// A restriction rule, of records or of fields.
    RestrictionRule,
}

/// Suffix and kind, and the folders in which a file in Metadata API format has it. The library's registry.
const SUFFIXES: [(&str, Aside, &[&str]); 2] = [
    ("settings", Aside::Settings, &["settings"]),
    ("rule", Aside::RestrictionRule, &["restrictionRules", "fieldRestrictionRules"]),
];

/// Which of these kinds the file at `path` is of, and the name of its component.
pub fn aside(path: &str) -> Option<(Aside, String)> {
    let (folder, file) = split(path);
    let found = match source_format(file) {
        Some((stem, suffix)) => known(suffix).map(|(kind, _)| (kind, stem)),
        None => {
            let (stem, suffix) = file.rsplit_once('.').filter(|(stem, _)| !stem.is_empty())?;
            let in_folder = split(folder).1;
            let at_home = |homes: &[&str]| homes.iter().any(|home| home.eq_ignore_ascii_case(in_folder));
            known(suffix).filter(|(_, homes)| at_home(homes)).map(|(kind, _)| (kind, stem))
        }
    };
    found.map(|(kind, stem)| (kind, strip_tokens(&decode(stem)).into_owned()))
}

fn known(suffix: &str) -> Option<(Aside, &'static [&'static str])> {
    let row = SUFFIXES.iter().find(|(of, ..)| suffix.eq_ignore_ascii_case(of));
    row.map(|(_, kind, homes)| (*kind, *homes))
}
