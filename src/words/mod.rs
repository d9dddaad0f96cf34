//! The words of the domain as types. One word per thing, here and in messages, docs and JSON keys.
//!
//! | word | meaning |
//! |---|---|
//! | field | `Object.Field` API name ([`FieldName`]) |
//! | grantor | the component that grants: permission set or profile ([`Grantor`]) |
//! | access | `read` or `edit` on a field ([`Access`]; edit includes read) |
//! | tier | our ordered level of a field ([`Tier`]) |
//! | principal class | who holds a grantor ([`PrincipalClass`]) |
//!
//! Imports nothing of ours, so every module may speak these words.

mod field;
mod message;
mod name;
mod names;
mod near;
pub mod sentences;
mod state;

pub use field::{FieldMap, FieldName, FieldSet};
pub(crate) use message::shorten;
pub use message::{counted, grouped, no_json};
pub(crate) use names::{build_token, cmp_folded, strip_tokens};
pub use near::{did_you_mean, nearest};
pub use state::State;

pub use name::ByNumber;
use name::Name;
use names::composed;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::hash::Hash;

/// What a grant allows. `Edit` includes `Read`: Salesforce stores no edit without read (*Object
/// Reference*, FieldPermissions).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// The value can be read.
    Read,
    /// The value can be read and changed.
    Edit,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Access::Read => "read",
            Access::Edit => "edit",
        })
    }
}

/// A text with a capital at its beginning.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A message as a sentence: a capital at its beginning and a full stop at its end.
pub fn sentence(text: &str) -> String {
    let text = capital(text);
    if text.ends_with(['.', '!', '?', ':']) { text } else { format!("{text}.") }
}

/// How much a field's data asks for, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Tier 1.
    Open,
    /// Tier 2.
    Conditional,
    /// Tier 3.
    Restricted,
}

impl Tier {
    /// All tiers, lowest first.
    pub const ALL: [Tier; 3] = [Tier::Open, Tier::Conditional, Tier::Restricted];
}

impl Tier {
    /// `tier 3`, as messages say it.
    pub fn words(self) -> &'static str {
        match self {
            Tier::Open => "tier 1",
            Tier::Conditional => "tier 2",
            Tier::Restricted => "tier 3",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tier::Open => "open",
            Tier::Conditional => "conditional",
            Tier::Restricted => "restricted",
        })
    }
}

/// Who holds a grantor, most trusted first: the order is the order of exposure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrincipalClass {
    /// A system that signs in by API: no person sees what it reads.
    Integration,
    /// Employees and anyone else with an ordinary licence.
    Internal,
    /// A service agent: software that answers people outside the company with what it reads.
    Agent,
    /// Customers and partners: community, portal, partner licences.
    External,
    /// Anybody, without signing in.
    Guest,
}

impl PrincipalClass {
    /// All classes, most trusted first.
    pub const ALL: [PrincipalClass; 5] = [
        PrincipalClass::Integration,
        PrincipalClass::Internal,
        PrincipalClass::Agent,
        PrincipalClass::External,
        PrincipalClass::Guest,
    ];
}

impl fmt::Display for PrincipalClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PrincipalClass::Internal => "internal",
            PrincipalClass::Integration => "integration",
            PrincipalClass::Agent => "agent",
            PrincipalClass::External => "external",
            PrincipalClass::Guest => "guest",
        })
    }
}

/// Which kind of component grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantorKind {
    /// A permission set.
    PermissionSet,
    /// A permission set group.
    PermissionSetGroup,
    /// A profile.
    Profile,
}

impl GrantorKind {
    /// The kind as words of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            GrantorKind::PermissionSet => "permission set",
            GrantorKind::PermissionSetGroup => "permission set group",
            GrantorKind::Profile => "profile",
        }
    }
}

/// A grantor: its kind and API name. Where its file lies and in which format is no part of it, so
/// moving a file opens nothing. Names compare without regard to ASCII case, as Salesforce does.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grantor {
    /// Permission set, group or profile.
    pub kind: GrantorKind,
    name: Name,
}

impl Grantor {
    /// A grantor by kind and name.
    pub fn new(kind: GrantorKind, name: &str) -> Self {
        // A profile may be called anything, also as builds call their tokens.
        let name = if kind == GrantorKind::Profile { name.into() } else { strip_tokens(name) };
        Grantor { kind, name: Name::new(&composed(&name)) }
    }

    /// A number for its name: the same for every spelling, and another in every run.
    pub(crate) fn number(&self) -> u32 {
        self.name.number()
    }

    /// Its API name as written.
    pub fn name(&self) -> &'static str {
        self.name.as_str()
    }
}

impl fmt::Display for Grantor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind.words(), self.name())
    }
}

impl fmt::Debug for Grantor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
