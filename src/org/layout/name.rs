//! What the name of a file says, as Salesforce's deploy library takes names.

use crate::metadata::HandOutKind;
use crate::words::GrantorKind;
use std::borrow::Cow;

/// The types of component whose file is told by its suffix, wherever it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Type {
    Grantor(GrantorKind),
    Muting,
    HandsOut(HandOutKind),
}

/// Suffix, folder and type of components that bear on access as a whole.
const TYPES: [(&str, &str, Type); 10] = [
    ("permissionset", "permissionsets", Type::Grantor(GrantorKind::PermissionSet)),
    ("profile", "profiles", Type::Grantor(GrantorKind::Profile)),
    ("permissionsetgroup", "permissionsetgroups", Type::Grantor(GrantorKind::PermissionSetGroup)),
    ("mutingpermissionset", "mutingpermissionsets", Type::Muting),
    ("useraccesspolicy", "useraccesspolicies", Type::HandsOut(HandOutKind::AccessPolicy)),
    ("network", "networks", Type::HandsOut(HandOutKind::Site)),
    ("delegateGroup", "delegateGroups", Type::HandsOut(HandOutKind::DelegateGroup)),
    (
        "portalDelegablePermissionSet",
        "portalDelegablePermissionSet",
        Type::HandsOut(HandOutKind::PortalDelegation),
    ),
    ("connectedApp", "connectedApps", Type::HandsOut(HandOutKind::ConnectedApp)),
    ("ecaOauthPlcy", "extlClntAppOauthPolicies", Type::HandsOut(HandOutKind::ExternalClientApp)),
];

/// Suffixes of the pieces that a permission set is taken apart into: those of the library's presets, and those of the
/// sf-decomposer plugin, which writes the element's own name. The others hold no access to data.
const PIECES: [&str; 8] = [
    "fieldpermission",
    "objectpermission",
    "objectsetting",
    "userpermission",
    "fieldpermissions",
    "objectpermissions",
    "objectsettings",
    "userpermissions",
];

/// What a file may be, by its name and the folder that it lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form<'p> {
    /// A whole component, and its name as the file has it.
    Whole(Type, &'p str),
    /// A field in a file of its own.
    Field(&'p str),
    /// An object, perhaps with fields.
    Object(&'p str),
    /// A destructive manifest.
    Manifest,
    /// A piece of a decomposed component.
    Piece,
    /// XML that is a piece if it lies in the folder of a decomposed component.
    Xml,
    /// The same in another language, which only a plugin writes.
    NotXml,
    /// A name that the library takes for something that nobody would expect.
    Odd(&'static str),
}

/// What the file at `path` may be; `None` where it has nothing to do with access to fields.
pub(super) fn form(path: &str) -> Option<Form<'_>> {
    let (folder, file) = split(path);
    let in_folder = folder.rsplit('/').next().unwrap_or(folder);
    if let Some((stem, suffix)) = source_format(file) {
        if let Some(form) = by_suffix(stem, suffix) {
            return Some(form);
        }
        // The library takes the first such file of an object's folder for the object itself.
        let objects = split(folder).0.rsplit('/').next().is_some_and(|above| above == "objects");
        if objects && !in_folder.is_empty() && stem.split('.').next() == Some(in_folder) {
            return Some(Form::Odd("a file that is named like its object but is of another type"));
        }
    } else if let Some(form) = without_dot(path, file) {
        return Some(form);
    }
    let (stem, extension) = file.rsplit_once('.').filter(|(stem, _)| !stem.is_empty())?;
    if let Some((_, home, kind)) = TYPES.iter().find(|(suffix, ..)| extension.eq_ignore_ascii_case(suffix)) {
        // Other programs have files of such a suffix, as systemd has `eth0.network`.
        let is_common = matches!(kind, Type::HandsOut(of) if *of != HandOutKind::AccessPolicy);
        return (!is_common || in_folder.eq_ignore_ascii_case(home)).then_some(Form::Whole(*kind, stem));
    }
    if extension.eq_ignore_ascii_case("object") {
        return in_folder.eq_ignore_ascii_case("objects").then_some(Form::Object(stem));
    }
    match extension.to_ascii_lowercase().as_str() {
        "xml" if is_manifest(file) => Some(Form::Manifest),
        "xml" => Some(Form::Xml),
        // The order in which the plugin puts pieces together.
        "json" if file == ".key_order.json" => None,
        "json" | "json5" | "yaml" | "yml" | "toml" | "ini" => Some(Form::NotXml),
        _ => None,
    }
}

/// Name and suffix of a file in source format: the library's `(.+)\.(.+)-meta\.xml`, which has no end anchor, so that
/// `Desk.permissionset-meta.xml.bak` is the permission set `Desk`. Only where that matches nothing is letter case
/// looked past: such a file deploys from no Linux machine, but it may from another.
pub(super) fn source_format(file: &str) -> Option<(&str, &str)> {
    const END: &str = "-meta.xml";
    fn matched<'f>(file: &'f str, in_case: &str) -> Option<(&'f str, &'f str)> {
        in_case.rmatch_indices('.').filter(|(dot, _)| *dot > 0).find_map(|(dot, _)| {
            let end = in_case[dot + 1..].rfind(END).filter(|end| *end > 0)?;
            Some((&file[..dot], &file[dot + 1..dot + 1 + end]))
        })
    }
    if file.len() <= END.len() {
        return None;
    }
    if memchr::memmem::find(file.as_bytes(), END.as_bytes()).is_some() {
        return matched(file, file);
    }
    let lower = file.to_ascii_lowercase();
    lower.contains(END).then(|| matched(file, &lower)).flatten()
}

fn by_suffix<'p>(stem: &'p str, suffix: &str) -> Option<Form<'p>> {
    let is = |word: &str| suffix.eq_ignore_ascii_case(word);
    if let Some((_, _, kind)) = TYPES.iter().find(|(word, ..)| is(word)) {
        return Some(Form::Whole(*kind, stem));
    }
    if is("field") {
        return Some(Form::Field(stem));
    }
    if is("object") {
        return Some(match stem.contains('.') {
            true => Form::Odd("an object file with a dot in its name"),
            false => Form::Object(stem),
        });
    }
    PIECES.iter().any(|piece| is(piece)).then_some(Form::Piece)
}

/// `Deskpermissionset-meta.xml`: in a folder of its type the library takes it for a component of that whole name.
fn without_dot<'p>(path: &str, file: &'p str) -> Option<Form<'p>> {
    let stem = file.strip_suffix("-meta.xml").filter(|stem| !stem.contains('.'))?;
    let below = |folder: &str| folders(path).any(|(_, name)| name == folder);
    let (suffix, folder, kind) = TYPES[0];
    if stem.ends_with(suffix) && below(folder) {
        return Some(Form::Whole(kind, stem));
    }
    (stem.ends_with("object") && below("objects")).then_some(Form::Object(stem))
}

/// Whether a file of this name is a destructive manifest: `destructiveChanges.xml`, `…Pre.xml` or `…Post.xml`.
pub(super) fn is_manifest(file: &str) -> bool {
    let (start, end) = ("destructivechanges", ".xml");
    let starts = file.get(..start.len()).is_some_and(|part| part.eq_ignore_ascii_case(start));
    let ends = || file.get(file.len() - end.len()..).is_some_and(|part| part.eq_ignore_ascii_case(end));
    file.len() >= start.len() + end.len() && starts && ends()
}

/// The types that are kept in pieces, by their folder.
pub(super) fn decomposed(folder: &str) -> Option<Type> {
    let kept = [&TYPES[0], &TYPES[1], &TYPES[3]];
    kept.into_iter().find(|(_, name, _)| folder.eq_ignore_ascii_case(name)).map(|(_, _, kind)| *kind)
}

/// Folder and name of a file. Every path of a repository goes through here, and names are short: looking byte by
/// byte beats a search that has to be set up.
pub(super) fn split(path: &str) -> (&str, &str) {
    match path.bytes().rposition(|byte| byte == b'/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => ("", path),
    }
}

/// The folders of a path from the top: each up to its end, and its name.
pub fn folders(path: &str) -> impl DoubleEndedIterator<Item = (&str, &str)> {
    path.match_indices('/').map(|(end, _)| (&path[..end], split(&path[..end]).1))
}

/// Percent-decoding as Salesforce's tools write file names (`%28` for `(`). A `%` that starts no valid escape stays
/// as it is.
pub(super) fn decode(name: &str) -> Cow<'_, str> {
    if memchr::memchr(b'%', name.as_bytes()).is_none() {
        return name.into();
    }
    let bytes = name.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'%').then(|| name.get(at + 1..at + 3)).flatten();
        match escape.filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit())) {
            Some(hex) => {
                out.push(u8::from_str_radix(hex, 16).unwrap_or(b'%'));
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).map_or(name.into(), Cow::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percent_sign_without_an_escape_stays() {
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%4"), "%zz%4");
        assert_eq!(decode("%ff"), "%ff", "not UTF-8");
        assert_eq!(decode("é%28"), "é(");
    }

    #[test]
    fn the_librarys_pattern_is_greedy_and_has_no_end() {
        for (file, expected) in [
            ("A.permissionset-meta.xml", Some(("A", "permissionset"))),
            ("A.permissionset-meta.xml~", Some(("A", "permissionset"))),
            ("A.b.profile-meta.xml.bak", Some(("A.b", "profile"))),
            ("A.profile-meta.xml.permissionset-meta.xml", Some(("A.profile-meta.xml", "permissionset"))),
            ("A.permissionset-meta.xml.Profile-META.XML", Some(("A", "permissionset"))),
            ("A.PermissionSet-Meta.XML", Some(("A", "PermissionSet"))),
            (".permissionset-meta.xml", None),
            ("A-meta.xml", None),
            ("A.-meta.xml", None),
        ] {
            assert_eq!(source_format(file), expected, "{file}");
        }
    }
}
