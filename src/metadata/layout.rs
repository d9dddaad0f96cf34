//! Every on-disk form: from a path to the component that the file describes.
//!
//! Types are told by suffix, as Salesforce's own tools do; folder names decide only where those
//! tools need them (`objects`). Suffixes compare without case and with either kind of separator.

use super::manifest;
use crate::words::{FieldName, Grantor, GrantorKind, strip_tokens};
use std::borrow::Cow;

/// What a file is, by its path alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Component {
    /// A permission set, group or profile, source or Metadata API format, whole or a piece.
    Grantor(Grantor),
    /// A muting permission set by API name, whole or a piece.
    Muting(String),
    /// A field in a file of its own.
    Field(FieldName),
    /// An object by API name; its file may hold fields inline.
    Object(String),
    /// A user access policy by name: it hands out grantors.
    AccessPolicy(String),
    /// A destructive manifest: what a deployment deletes from the org.
    Destructive,
    /// A form that holds grants or labels and that this version cannot read: undecided when a change
    /// touches it.
    Unsupported(&'static str),
}

/// The component at `path`, or `None` when the file has nothing to do with field access.
pub fn component(path: &str) -> Option<Component> {
    let file = split_last(path).map_or(path, |(_, file)| file);
    let grantor = |kind, stem: &str| Some(Component::Grantor(Grantor::new(kind, &decode(stem))));
    let bare = strip_suffix(file, "-meta.xml").unwrap_or(file);
    if let Some(stem) = strip_suffix(bare, ".permissionset") {
        return grantor(GrantorKind::PermissionSet, stem);
    }
    if let Some(stem) = strip_suffix(bare, ".profile") {
        return grantor(GrantorKind::Profile, stem);
    }
    if let Some(stem) = strip_suffix(bare, ".permissionsetgroup") {
        return grantor(GrantorKind::PermissionSetGroup, stem);
    }
    if let Some(stem) = strip_suffix(bare, ".mutingpermissionset") {
        return Some(Component::Muting(strip_tokens(&decode(stem)).into_owned()));
    }
    if let Some(stem) = strip_suffix(bare, ".useraccesspolicy") {
        return Some(Component::AccessPolicy(strip_tokens(&decode(stem)).into_owned()));
    }
    if manifest::is_destructive(file) {
        return Some(Component::Destructive);
    }
    if let Some(stem) = strip_suffix(file, ".field-meta.xml") {
        let Some(object) = object_folder(path) else {
            return Some(Component::Unsupported("a field file outside an `objects/OBJECT` folder"));
        };
        let name = FieldName::of(&decode(object), &decode(stem));
        return Some(
            name.map_or(Component::Unsupported("a field file whose name is no API name"), Component::Field),
        );
    }
    if let Some(stem) = strip_suffix(file, ".object-meta.xml") {
        return Some(Component::Object(strip_tokens(&decode(stem)).into_owned()));
    }
    if let Some(stem) = strip_suffix(file, ".object") {
        let in_objects = path.rsplit('/').nth(1).is_some_and(|f| f.eq_ignore_ascii_case("objects"));
        return in_objects.then(|| Component::Object(strip_tokens(&decode(stem)).into_owned()));
    }
    decomposed(path, file)
}

/// Whether the file at `path` is a destructive manifest. Cheaper than [`component`] where it is none.
pub(crate) fn is_manifest(path: &str) -> bool {
    let file = split_last(path).map_or(path, |(_, file)| file);
    manifest::is_destructive(file) && component(path) == Some(Component::Destructive)
}

/// Folders whose subfolders are decomposed components.
const DECOMPOSED: [(&str, Option<GrantorKind>); 3] = [
    ("permissionsets", Some(GrantorKind::PermissionSet)),
    ("profiles", Some(GrantorKind::Profile)),
    ("mutingpermissionsets", None),
];
/// Names of the pieces that bear on field access, as folders, stems and suffixes; plural or not,
/// depending on who wrote them.
const PIECES: [&str; 4] = ["fieldpermission", "objectpermission", "objectsetting", "userpermission"];

/// Pieces of a decomposed permission set, profile or muting set: `FOLDER/NAME/PIECE/….xml` and
/// `FOLDER/NAME/….PIECE-meta.xml` of the two official beta layouts, and `FOLDER/NAME/PIECE.xml` and
/// `FOLDER/NAME/PIECE/….PIECE-meta.xml` of the sf-decomposer plugin.
fn decomposed(path: &str, file: &str) -> Option<Component> {
    let is_piece = |name: &str| {
        let name = name.to_ascii_lowercase();
        PIECES.contains(&name.strip_suffix('s').unwrap_or(&name))
    };
    let (stem, extension) = file.rsplit_once('.').filter(|(stem, _)| !stem.is_empty())?;
    let parts: Vec<&str> = path.split('/').collect();
    let folders = &parts[..parts.len() - 1];
    let holds = |folder: &str| DECOMPOSED.iter().find(|(name, _)| folder.eq_ignore_ascii_case(name));
    let home = folders.iter().enumerate().rev().find_map(|(at, folder)| {
        let (_, kind) = holds(folder)?;
        Some((at, *kind, folders.get(at + 1)?))
    });
    let Some((at, kind, name)) = home else {
        let by_suffix =
            strip_suffix(stem, "-meta").and_then(|s| s.rsplit_once('.')).is_some_and(|(_, s)| is_piece(s));
        return by_suffix
            .then_some(Component::Unsupported("a piece of a decomposed component outside its folder"));
    };
    if at > 0 && holds(folders[at - 1]).is_some() {
        return Some(Component::Unsupported(
            "a piece that can belong to either of two components by its folders",
        ));
    }
    // What a piece holds is told by what is in it: the tools put together all that lies here, whatever it is called.
    match extension.to_ascii_lowercase().as_str() {
        "xml" => Some(match kind {
            Some(kind) => Component::Grantor(Grantor::new(kind, &decode(name))),
            None => Component::Muting(strip_tokens(&decode(name)).into_owned()),
        }),
        // The order in which the plugin puts pieces together.
        "json" if file == ".key_order.json" => None,
        "json" | "json5" | "yaml" | "yml" | "toml" | "ini" => {
            Some(Component::Unsupported("a decomposed permission set or profile that is not XML"))
        }
        _ => None,
    }
}

/// Whether a file of a grantor or muting permission set is a whole one, and no piece.
pub(crate) fn is_whole(path: &str) -> bool {
    let bare = strip_suffix(path, "-meta.xml").unwrap_or(path);
    let suffixes = [".permissionset", ".profile", ".permissionsetgroup", ".mutingpermissionset"];
    suffixes.iter().any(|suffix| strip_suffix(bare, suffix).is_some())
}

/// Which definition of the component `name` the file at `path` belongs to: the folder that holds its root
/// and its pieces, or else the file by itself. Two files with the same answer are parts of one definition,
/// unless both are whole.
pub fn home<'p>(path: &'p str, name: &str) -> &'p str {
    let mut folder = path;
    while let Some((above, last)) = folder.rsplit_once('/') {
        let holder = above.rsplit('/').next().unwrap_or(above);
        let holds = DECOMPOSED.iter().any(|(known, _)| holder.eq_ignore_ascii_case(known));
        if folder.len() < path.len() && holds && strip_tokens(&decode(last)).eq_ignore_ascii_case(name) {
            // A whole file lies in that folder itself; deeper it is another definition.
            let deeper = path[folder.len() + 1..].contains('/');
            return if deeper && is_whole(path) { path } else { folder };
        }
        folder = above;
    }
    path
}

fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(suffix.len())?;
    let matches = at > 0 && text.is_char_boundary(at) && text[at..].eq_ignore_ascii_case(suffix);
    matches.then(|| &text[..at])
}

/// The object of a field file: the folder below the last `objects` folder. The file need not be in
/// `fields/` (Salesforce's tools read it all the same).
fn object_folder(path: &str) -> Option<&str> {
    let (mut above, _) = split_last(path)?;
    let mut below = None;
    loop {
        let (rest, folder) = split_last(above).map_or((None, above), |(rest, folder)| (Some(rest), folder));
        if folder.eq_ignore_ascii_case("objects") {
            return below;
        }
        (above, below) = (rest?, Some(folder));
    }
}

/// A path at its last `/`. Every path of a repository goes through here, and names are short: looking byte by
/// byte beats a search that has to be set up.
fn split_last(path: &str) -> Option<(&str, &str)> {
    let at = path.bytes().rposition(|byte| byte == b'/')?;
    Some((&path[..at], &path[at + 1..]))
}

/// Percent-decoding as Salesforce's tools write file names (`%28` for `(`). A `%` that starts no
/// valid escape stays as it is.
fn decode(name: &str) -> Cow<'_, str> {
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

    fn set(name: &str) -> Option<Component> {
        Some(Component::Grantor(Grantor::new(GrantorKind::PermissionSet, name)))
    }

    #[test]
    fn grantors_are_found_in_any_folder_and_format() {
        assert_eq!(component("force-app/main/default/permissionsets/A.permissionset-meta.xml"), set("A"));
        assert_eq!(component("src/permissionsets/A.permissionset"), set("a"));
        assert_eq!(component("permissionSets/team/A.PermissionSet-Meta.XML"), set("A"));
        let profile = Grantor::new(GrantorKind::Profile, "Custom: Sales (EU)");
        assert_eq!(
            component("profiles/Custom%3A Sales %28EU%29.profile-meta.xml"),
            Some(Component::Grantor(profile))
        );
    }

    #[test]
    fn fields_belong_to_the_folder_below_objects() {
        let ssn = FieldName::parse("Contact.SSN__c").map(Component::Field);
        assert_eq!(component("f/objects/Contact/fields/SSN__c.field-meta.xml"), ssn);
        assert_eq!(component("f/objects/Contact/SSN__c.field-meta.xml"), ssn);
        assert!(matches!(component("fields/SSN__c.field-meta.xml"), Some(Component::Unsupported(_))));
        let object = Some(Component::Object("Contact".into()));
        assert_eq!(component("src/objects/Contact.object"), object);
        assert_eq!(component("f/objects/Contact/Contact.object-meta.xml"), object);
    }

    #[test]
    fn decomposed_pieces_belong_to_the_folder_below() {
        for path in [
            "f/permissionsets/HR/HR.permissionset-meta.xml",
            "permissionsets/HR/fieldPermissions/A.B__c.fieldPermission-meta.xml",
            "permissionsets/HR/objectPermissions/A.objectPermission-meta.xml",
            "permissionsets/HR/userPermissions/ViewSetup.userPermission-meta.xml",
            "permissionsets/HR/objectSettings/A.objectSettings-meta.xml",
            "permissionsets/HR/HR.userPermission-meta.xml",
            "permissionsets/HR/fieldPermissions/A.B__c.fieldPermissions-meta.xml",
            "permissionSets/HR/fieldPermissions.xml",
            "permissionsets/HR/objectPermissions.xml",
            "permissionsets/HR/misc/A.B__c.fieldPermission-meta.xml",
            "permissionsets/HR/classAccesses/X.classAccess-meta.xml",
            "permissionsets/HR/HR.classAccess-meta.xml",
            "permissionsets/HR/classAccesses.xml",
        ] {
            assert_eq!(component(path), set("HR"), "{path}");
        }
        let profile = Grantor::new(GrantorKind::Profile, "HR");
        assert_eq!(
            component("profiles/HR/fieldPermissions/A.fieldPermissions-meta.xml"),
            Some(Component::Grantor(profile))
        );
        for path in
            ["permissionsets/HR/.key_order.json", "permissionsets/HR/notes.md", "permissionsets/notes.xml"]
        {
            assert_eq!(component(path), None, "{path}");
        }
    }

    #[test]
    fn pieces_that_cannot_be_read_are_never_taken_for_nothing() {
        for path in [
            "profiles/HR/fieldPermissions/A.yaml",
            "permissionsets/HR/fieldPermissions.json",
            "mutingpermissionsets/HR/objectSettings/A.json5",
            "permissionsets/HR/classAccesses.json",
            "permissionsets/mutingpermissionsets/fieldPermissions/A.B__c.fieldPermission-meta.xml",
            "profiles/permissionsets/HR/fieldPermissions.xml",
            "somewhere/A.B__c.fieldPermission-meta.xml",
            "somewhere/A.B__c.FIELDPERMISSION-META.XML",
        ] {
            assert!(matches!(component(path), Some(Component::Unsupported(_))), "{path}");
        }
    }

    #[test]
    fn other_files_are_nothing() {
        for path in
            ["README.md", "classes/A.cls", "objects/A/listViews/x.listView-meta.xml", ".profile", "a.object"]
        {
            assert_eq!(component(path), None, "{path}");
        }
    }

    #[test]
    fn a_percent_sign_without_an_escape_stays() {
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%4"), "%zz%4");
        assert_eq!(decode("%ff"), "%ff", "not UTF-8");
        assert_eq!(decode("é%28"), "é(");
    }
}
