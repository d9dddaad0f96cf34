//! Files that hand permission sets, profiles and groups out to people, or say who may: nothing of what is handed out
//! changes with them, and yet more people hold it (*Metadata API Developer Guide*, UserAccessPolicy, Network,
//! DelegateGroup, PortalDelegablePermissionSet, ConnectedApp, ExtlClntAppOauthConfigurablePolicies).

use crate::source::{Span, Spanned};
use crate::words::Grantor;
use std::collections::BTreeSet;

/// A type of metadata that hands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HandOutKind {
    /// `UserAccessPolicy`: gives to whoever its filters match.
    AccessPolicy,
    /// `Network`: an Experience Cloud site, which registers people and lets its members in.
    Site,
    /// `DelegateGroup`: what delegated administrators may assign.
    DelegateGroup,
    /// `PortalDelegablePermissionSet`: what administrators among customers may assign to external users.
    PortalDelegation,
    /// `ConnectedApp`: an app that reads and writes in the name of the users whom it lets in.
    ConnectedApp,
    /// `ExtlClntAppOauthConfigurablePolicies`: the same for an external client app.
    ExternalClientApp,
}

/// How something is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HandOutWay {
    /// A user access policy gives it.
    AccessPolicy,
    /// Whoever registers with a site gets it (`selfRegProfile`; "used only if selfRegistration is enabled").
    SelfRegistration,
    /// Whoever holds it may enter a site (`networkMemberGroups`).
    SiteMember,
    /// Delegated administrators may assign it.
    DelegatedAdministrator,
    /// Administrators among customers may assign it to external users.
    PortalAdministrator,
    /// A connected app works in the name of whoever holds it (`permissionSetName`, `profileName`).
    ConnectedApp,
    /// An external client app does (`commaSeparatedPermissionSet`, `commaSeparatedProfile`).
    ExternalClientApp,
}

impl HandOutWay {
    /// Whether those who get it are people outside the company.
    pub fn is_to_people_outside(self) -> bool {
        matches!(self, HandOutWay::SelfRegistration | HandOutWay::PortalAdministrator)
    }
}

/// One permission set, profile or group that a file hands out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOut {
    /// What is handed out.
    pub grantor: Grantor,
    /// How.
    pub way: HandOutWay,
    /// The element that says so.
    pub span: Span,
}

/// Whom the filters of a user access policy name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Criterion {
    /// Users who have a permission set, profile or group.
    Holder(Grantor),
    /// Users with a licence.
    License(String),
}

/// What one file hands out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandOuts {
    /// In file order.
    pub all: Vec<HandOut>,
    /// Who gets it, each part in one text: a side that has a part which the other lacks may reach other people.
    pub audience: BTreeSet<String>,
    /// Whom a user access policy names, whatever its logic makes of that.
    pub criteria: Vec<Criterion>,
    /// Every element that says whether it is in force, lower case: `status` of a user access policy,
    /// `selfRegistration` of a site.
    pub states: Vec<Spanned<String>>,
}

impl HandOuts {
    /// Whether a way of handing out is in force beyond doubt.
    pub fn is_surely_in_force(&self, way: HandOutWay) -> bool {
        let on = match way {
            HandOutWay::AccessPolicy => "active",
            HandOutWay::SelfRegistration => "true",
            _ => return true,
        };
        !self.states.is_empty() && self.states.iter().all(|state| state.value == on)
    }

    /// Whether a way of handing out may be in force: all but an access policy that is being designed, and a
    /// self-registration that is switched off.
    pub fn may_be_in_force(&self, way: HandOutWay) -> bool {
        let off = match way {
            HandOutWay::AccessPolicy => "design",
            HandOutWay::SelfRegistration => "false",
            _ => return true,
        };
        self.states.is_empty() || self.states.iter().any(|state| state.value != off)
    }

    /// What the file says of whether it is in force.
    pub fn state(&self) -> BTreeSet<&str> {
        self.states.iter().map(|state| state.value.as_str()).collect()
    }
}
