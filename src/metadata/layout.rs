//! Every on-disk form: from a path to the component that the file describes.
//!
//! Types are told by suffix, as Salesforce's own tools do; folder names decide only where those
//! tools need them (`objects`). Suffixes compare without case and with either kind of separator.

use crate::words::{FieldName, Grantor, GrantorKind, strip_tokens};

/// What a file is, by its path alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Component {
    /// A permission set or profile, source or Metadata API format.
    Grantor(Grantor),
    /// A field in a file of its own.
    Field(FieldName),
    /// An object by API name; its file may hold fields inline.
    Object(String),
    /// Metadata that bears on field access and that this version counts but does not judge.
    NotJudged(NotJudged),
    /// A form that holds grants or labels and that this version cannot read: undecided when a change
    /// touches it.
    Unsupported(&'static str),
}

/// Kinds of metadata that are counted and named, not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotJudged {
    /// Permission set groups.
    PermissionSetGroup,
    /// Muting permission sets.
    MutingPermissionSet,
    /// User access policies.
    UserAccessPolicy,
}

impl NotJudged {
    /// The kind in words, singular.
    pub fn words(self) -> &'static str {
        match self {
            NotJudged::PermissionSetGroup => "permission set group",
            NotJudged::MutingPermissionSet => "muting permission set",
            NotJudged::UserAccessPolicy => "user access policy file",
        }
    }
}

/// The component at `path`, or `None` when the file has nothing to do with field access.
pub fn component(path: &str) -> Option<Component> {
    let file = path.rsplit('/').next().unwrap_or(path);
    let grantor = |kind, stem: &str| Some(Component::Grantor(Grantor::new(kind, &decode(stem))));
    if let Some(stem) = stem(file, ".permissionset") {
        return grantor(GrantorKind::PermissionSet, stem);
    }
    if let Some(stem) = stem(file, ".profile") {
        return grantor(GrantorKind::Profile, stem);
    }
    if stem(file, ".permissionsetgroup").is_some() {
        return Some(Component::NotJudged(NotJudged::PermissionSetGroup));
    }
    if stem(file, ".mutingpermissionset").is_some() {
        return Some(Component::NotJudged(NotJudged::MutingPermissionSet));
    }
    if stem(file, ".useraccesspolicy").is_some() {
        return Some(Component::NotJudged(NotJudged::UserAccessPolicy));
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

/// Pieces of a decomposed permission set, profile or muting set (two official beta layouts and the
/// `sf-decomposer` plugin's).
fn decomposed(path: &str, file: &str) -> Option<Component> {
    const PIECES: [&str; 5] = [
        ".fieldpermission-meta.xml",
        ".fieldpermissions-meta.xml",
        ".objectsettings-meta.xml",
        ".objectpermission-meta.xml",
        ".objectpermissions-meta.xml",
    ];
    let unsupported = Some(Component::Unsupported("a piece of a decomposed permission set or profile"));
    if PIECES.iter().any(|suffix| strip_suffix(file, suffix).is_some()) {
        return unsupported;
    }
    let folders = ["permissionsets", "profiles", "mutingpermissionsets"];
    let (stem, extension) = file.rsplit_once('.')?;
    let extension = extension.to_ascii_lowercase();
    let data = ["xml", "json", "json5", "yaml", "yml", "toml", "ini"].contains(&extension.as_str());
    let mut parts = path.rsplit('/').skip(1);
    // `permissionsets/HR/fieldPermissions.xml` and `permissionsets/HR/fieldPermissions/….yaml`
    let (first, second, third) = (parts.next()?, parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let is_folder = |name: &str| folders.iter().any(|f| name.eq_ignore_ascii_case(f));
    let names_fields = |name: &str| {
        name.eq_ignore_ascii_case("fieldPermissions") || name.eq_ignore_ascii_case("objectPermissions")
    };
    let grouped = is_folder(second) && names_fields(stem);
    let nested = is_folder(third) && names_fields(first);
    if data && (grouped || nested) { unsupported } else { None }
}

/// The stem of `NAME.suffix` and `NAME.suffix-meta.xml`.
fn stem<'a>(file: &'a str, suffix: &str) -> Option<&'a str> {
    strip_suffix(strip_suffix(file, "-meta.xml").unwrap_or(file), suffix)
}

fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(suffix.len())?;
    let matches = at > 0 && text.is_char_boundary(at) && text[at..].eq_ignore_ascii_case(suffix);
    matches.then(|| &text[..at])
}

/// The object of a field file: the folder below the last `objects` folder. The file need not be in
/// `fields/` (Salesforce's tools read it all the same).
fn object_folder(path: &str) -> Option<&str> {
    let parts: Vec<&str> = path.split('/').collect();
    let folders = &parts[..parts.len() - 1];
    let at = folders.iter().rposition(|f| f.eq_ignore_ascii_case("objects"))?;
    folders.get(at + 1).copied()
}

/// Percent-decoding as Salesforce's tools write file names (`%28` for `(`). A `%` that starts no
/// valid escape stays as it is.
fn decode(name: &str) -> String {
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
    String::from_utf8(out).unwrap_or_else(|_| name.to_owned())
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
    fn decomposed_pieces_are_never_taken_for_nothing() {
        for path in [
            "permissionsets/HR/fieldPermissions/A.B__c.fieldPermission-meta.xml",
            "permissionsets/HR/objectSettings/A.objectSettings-meta.xml",
            "permissionsets/HR/fieldPermissions.xml",
            "profiles/HR/fieldPermissions/A.yaml",
            "mutingpermissionsets/HR/fieldPermissions/A.B.fieldPermissions-meta.xml",
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
