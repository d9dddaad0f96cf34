//! Integrations: what a system needs to read and edit, and by which grantors it is to get it.

use super::decode::{Decoder, Keys, no_field};
use super::yaml::Node;
use crate::finding::Place;
use crate::source::Spanned;
use crate::words::{Access, FieldName, Grantor, GrantorKind};

/// One integration of the policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Integration {
    /// What the policy calls it.
    pub name: String,
    /// Grantors that its user holds, in the order of the policy.
    pub grantors: Vec<Grantor>,
    /// Fields that it needs by name.
    pub fields: Vec<Need>,
    /// Path patterns of files with its queries, from the root of the repository.
    pub queries: Vec<String>,
}

/// A field that an integration needs.
#[derive(Clone, Debug)]
pub struct Need {
    /// The field.
    pub field: FieldName,
    /// How far.
    pub access: Access,
    /// Where that is said.
    pub place: Place,
}

impl PartialEq for Need {
    fn eq(&self, other: &Self) -> bool {
        (&self.field, self.access) == (&other.field, other.access)
    }
}

const KINDS: [(&str, GrantorKind); 3] = [
    ("permission_sets", GrantorKind::PermissionSet),
    ("permission_set_groups", GrantorKind::PermissionSetGroup),
    ("profiles", GrantorKind::Profile),
];

pub(super) fn integrations(decoder: &mut Decoder, node: Node) -> Vec<Integration> {
    let all = decoder.free_map(node, "`integrations`");
    all.into_iter().filter_map(|(name, node)| integration(decoder, name, node)).collect()
}

fn integration(decoder: &mut Decoder, name: Spanned<String>, node: Node) -> Option<Integration> {
    let what = format!("integration `{}`", name.value);
    let allowed: Vec<&str> =
        KINDS.iter().map(|(key, _)| *key).chain(["fields", "edits", "queries"]).collect();
    let mut keys = decoder.map(node, &what, &allowed)?;
    let mut grantors = Vec::new();
    for (key, kind) in KINDS {
        let names =
            keys.take(key).map(|n| decoder.texts(n, "the name of a permission set")).unwrap_or_default();
        grantors.extend(names.iter().map(|n| Grantor::new(kind, &n.value)));
    }
    if grantors.is_empty() {
        decoder.missing(keys.span, &format!("{what} has no permission sets; add `permission_sets: [NAME]`"));
    }
    let mut fields = needs(decoder, &mut keys, "fields", Access::Read);
    fields.extend(needs(decoder, &mut keys, "edits", Access::Edit));
    let queries = keys.take("queries").map(|n| decoder.patterns(n, "a path pattern")).unwrap_or_default();
    if fields.is_empty() && queries.is_empty() {
        let message = format!("{what} needs nothing; add `fields`, `edits` or `queries`");
        decoder.missing(keys.span, &message);
    }
    Some(Integration { name: name.value, grantors, fields, queries })
}

fn needs(decoder: &mut Decoder, keys: &mut Keys, key: &str, access: Access) -> Vec<Need> {
    let names = keys.take(key).map(|n| decoder.texts(n, "a field")).unwrap_or_default();
    let mut found = Vec::new();
    for name in names {
        match FieldName::parse(&name.value) {
            Some(field) => {
                let place = Place::new(&decoder.file, name.span);
                found.push(Need { field, access, place });
            }
            None => decoder.mistake(name.span, no_field(&name.value)),
        }
    }
    found
}
