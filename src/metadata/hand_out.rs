//! Files that hand permission sets, profiles and groups out to people, or say who may: nothing of what is handed out
//! changes with them, and yet more people hold it (*Metadata API Developer Guide*, UserAccessPolicy, Network,
//! DelegateGroup, PortalDelegablePermissionSet).

use super::error::MetadataError;
use super::xml::{Element, Xml};
use crate::source::{SourceFile, Span, Spanned};
use crate::words::{Grantor, GrantorKind};
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

/// What one file hands out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandOuts {
    /// In file order.
    pub all: Vec<HandOut>,
    /// Who gets it, each part in one text: a side that has a part which the other lacks may reach other people.
    pub audience: BTreeSet<String>,
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

/// What a file of one type hands out.
struct Form {
    root: &'static str,
    expected: &'static str,
    /// The element, or element and child, that names something; of what kind it is, and how that is handed out.
    names: &'static [(&'static str, Option<&'static str>, GrantorKind, HandOutWay)],
    /// The element that says to whom.
    audience: Option<&'static str>,
    /// The element that switches it on.
    switch: Option<&'static str>,
}

/// <https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_network.htm>
const SITE: Form = Form {
    root: "Network",
    expected: "`<Network>`",
    names: &[
        ("selfRegProfile", None, GrantorKind::Profile, HandOutWay::SelfRegistration),
        ("networkMemberGroups", Some("profile"), GrantorKind::Profile, HandOutWay::SiteMember),
        ("networkMemberGroups", Some("permissionSet"), GrantorKind::PermissionSet, HandOutWay::SiteMember),
    ],
    audience: None,
    switch: Some("selfRegistration"),
};

/// <https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_delegategroup.htm>: `roles` are those
/// whose users are administered, with the roles below them.
const DELEGATE_GROUP: Form = Form {
    root: "DelegateGroup",
    expected: "`<DelegateGroup>`",
    names: &[
        ("profiles", None, GrantorKind::Profile, HandOutWay::DelegatedAdministrator),
        ("permissionSets", None, GrantorKind::PermissionSet, HandOutWay::DelegatedAdministrator),
        ("permissionSetGroups", None, GrantorKind::PermissionSetGroup, HandOutWay::DelegatedAdministrator),
    ],
    audience: Some("roles"),
    switch: None,
};

/// <https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_portaldelegablepermissionset.htm>:
/// "permission sets that can be assigned to a particular profile for external users".
const PORTAL_DELEGATION: Form = Form {
    root: "PortalDelegablePermissionSet",
    expected: "`<PortalDelegablePermissionSet>`",
    names: &[("permissionSet", None, GrantorKind::PermissionSet, HandOutWay::PortalAdministrator)],
    audience: Some("profile"),
    switch: None,
};

/// Reads a file that hands out.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_hand_outs(file: &SourceFile, kind: HandOutKind) -> Result<HandOuts, MetadataError> {
    match kind {
        HandOutKind::AccessPolicy => super::access_policy::parse(file),
        HandOutKind::Site => parse(file, &SITE),
        HandOutKind::DelegateGroup => parse(file, &DELEGATE_GROUP),
        HandOutKind::PortalDelegation => parse(file, &PORTAL_DELEGATION),
    }
}

fn parse(file: &SourceFile, form: &Form) -> Result<HandOuts, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&[form.root], form.expected)?;
    let mut found = HandOuts::default();
    while let Some(element) = xml.child(&root)? {
        let holds_names = form.names.iter().any(|(name, child, ..)| *name == element.name && child.is_some());
        if holds_names {
            while let Some(child) = xml.child(&element)? {
                found.take(&mut xml, form, (element.name, Some(child.name)), &child)?;
            }
        } else if form.audience == Some(element.name) {
            found.audience.insert(xml.text(&element)?.value.to_lowercase());
        } else if form.switch == Some(element.name) {
            let Spanned { value, span } = xml.boolean(&element)?;
            found.states.push(Spanned::new(value.to_string(), span));
        } else {
            found.take(&mut xml, form, (element.name, None), &element)?;
        }
    }
    xml.finish()?;
    Ok(found)
}

impl HandOuts {
    /// Reads an element if it names something that is handed out.
    fn take<'a>(
        &mut self,
        xml: &mut Xml<'a>,
        form: &Form,
        path: (&str, Option<&str>),
        element: &Element<'a>,
    ) -> Result<(), MetadataError> {
        let Some((.., kind, way)) = form.names.iter().find(|(name, child, ..)| (*name, *child) == path)
        else {
            return xml.skip(element).map(drop);
        };
        let name = xml.text(element)?;
        if !name.value.is_empty() {
            let grantor = Grantor::new(*kind, &name.value);
            self.all.push(HandOut { grantor, way: *way, span: name.span });
        }
        Ok(())
    }
}
