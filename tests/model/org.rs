//! A small org, as plain data: what lies in one tree of a repository.
//!
//! Maps and sets only, so that two orgs compare with `==` and a counterexample prints in a stable order.

use std::collections::{BTreeMap, BTreeSet};

/// `Object.Field`.
pub(crate) type Field = String;

/// How far somebody reaches a field, least first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Access {
    None,
    Read,
    Edit,
}

/// What the policy asks for an access, least first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Duty {
    Nothing,
    Justification,
    Approval,
    NotAllowed,
}

/// What the policy makes of a label, least sensitive first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Tier {
    Open,
    Conditional,
    Restricted,
}

/// Who can hold a permission set, least exposed first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum UserType {
    Integration,
    Internal,
    External,
    Guest,
}

/// A component that grants, by kind and name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Holder {
    Set(String),
    Profile(String),
    Group(String),
}

impl Holder {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Set(name) | Self::Profile(name) | Self::Group(name) => name,
        }
    }
}

/// Where a file lies. The first two are package directories; `Outside` is none, so what closes there
/// does not surely deploy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Place {
    Main,
    Second,
    Outside,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Label {
    pub(crate) classification: Option<String>,
    pub(crate) groups: BTreeSet<String>,
}

/// What a field is. A formula holds its references as they are written: `Delta__c`, `Link__r.Beta__c`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    Text,
    AutoNumber,
    Required,
    MasterDetail,
    Lookup(String),
    Formula(BTreeSet<String>),
}

impl Kind {
    /// Facts §2.4: formulas, roll-ups and auto-numbers have field-level security, but cannot be edited.
    pub(crate) fn read_only(&self) -> bool {
        matches!(self, Self::Formula(_) | Self::AutoNumber)
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct FieldDef {
    pub(crate) kind: Kind,
    pub(crate) label: Label,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    pub(crate) readable: bool,
    pub(crate) editable: bool,
}

/// An `objectPermissions` entry; `allowRead` is always true in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ObjectEntry {
    pub(crate) edit: bool,
    pub(crate) view_all_fields: bool,
}

/// What a permission set, profile or muting permission set says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct SetDef {
    pub(crate) license: Option<String>,
    pub(crate) fields: BTreeMap<Field, Entry>,
    pub(crate) objects: BTreeMap<String, ObjectEntry>,
    /// User permissions, with `enabled`.
    pub(crate) user: BTreeMap<String, bool>,
    /// The file is not well-formed.
    pub(crate) broken: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct GroupDef {
    pub(crate) members: BTreeSet<String>,
    pub(crate) muting: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub(crate) enum Enforcement {
    Advisory,
    Soft,
    Hard,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TierRules {
    pub(crate) read: Duty,
    pub(crate) edit: Duty,
    pub(crate) profiles: bool,
    pub(crate) enforcement: Enforcement,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Policy {
    pub(crate) conditional: TierRules,
    pub(crate) restricted: TierRules,
    /// Duties (read, edit) of a user type instead of the tier's.
    pub(crate) types: BTreeMap<(UserType, Tier), (Duty, Duty)>,
    /// The least (read, edit) that a compliance group asks for.
    pub(crate) compliance: BTreeMap<String, (Duty, Duty)>,
    /// Patterns of names, by user type.
    pub(crate) patterns: BTreeSet<(UserType, String)>,
    pub(crate) unknown: Tier,
    /// Severities that are not the default, by rule id.
    pub(crate) severities: BTreeMap<String, String>,
}

impl Default for Policy {
    /// §4, the table.
    fn default() -> Self {
        use Duty::{Approval, Justification, NotAllowed};
        let soft = Enforcement::Soft;
        let mut types = BTreeMap::new();
        for user in [UserType::Guest, UserType::External] {
            types.insert((user, Tier::Conditional), (NotAllowed, NotAllowed));
            types.insert((user, Tier::Restricted), (NotAllowed, NotAllowed));
        }
        Self {
            conditional: TierRules {
                read: Justification,
                edit: Approval,
                profiles: false,
                enforcement: soft,
            },
            restricted: TierRules { read: Approval, edit: Approval, profiles: false, enforcement: soft },
            types,
            compliance: BTreeMap::new(),
            patterns: BTreeSet::new(),
            unknown: Tier::Open,
            severities: BTreeMap::new(),
        }
    }
}

/// A justification of one holder. Always complete; `reason`, `owner` and `expires` number variants.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Reason {
    pub(crate) holder: Holder,
    /// A field, or a pattern `Object.*` that speaks for the `reviewed` fields.
    pub(crate) field: String,
    pub(crate) reviewed: BTreeSet<Field>,
    pub(crate) access: Access,
    pub(crate) reason: u8,
    pub(crate) owner: u8,
    /// 0 is in the past; the higher, the later.
    pub(crate) expires: u8,
}

/// `kind: derived`: the derived field masks what it reads of `reads`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Mask {
    pub(crate) field: Field,
    pub(crate) reads: BTreeSet<Field>,
    pub(crate) reason: u8,
}

/// A line of the baseline.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Line {
    pub(crate) holder: Holder,
    pub(crate) field: Field,
    pub(crate) access: Access,
    pub(crate) tier: Tier,
    pub(crate) user: UserType,
    pub(crate) reads: BTreeSet<Field>,
}

/// One tree.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Org {
    pub(crate) fields: BTreeMap<(Field, Place), FieldDef>,
    pub(crate) sets: BTreeMap<(String, Place), SetDef>,
    pub(crate) profiles: BTreeMap<String, SetDef>,
    pub(crate) mutings: BTreeMap<(String, Place), SetDef>,
    pub(crate) groups: BTreeMap<String, GroupDef>,
    /// Label exports.
    pub(crate) exports: BTreeMap<Field, Label>,
    pub(crate) policy: Policy,
    pub(crate) reasons: BTreeSet<Reason>,
    pub(crate) masks: BTreeSet<Mask>,
    pub(crate) baseline: BTreeSet<Line>,
}

/// The object of `Object.Field`.
pub(crate) fn object_of(field: &str) -> &str {
    field.split_once('.').map_or(field, |(object, _)| object)
}
