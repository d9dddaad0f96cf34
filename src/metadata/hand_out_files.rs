//! Reads the files that hand out: which element of which file names something, and to whom it goes.

use super::access_policy;
use super::error::MetadataError;
use super::hand_out::{HandOut, HandOutKind, HandOutWay, HandOuts};
use super::xml::{Element, Xml};
use crate::source::{SourceFile, Spanned};
use crate::words::{Grantor, GrantorKind};

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

/// <https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_connectedapp.htm>: who may use the app,
/// where an administrator approves its users.
const CONNECTED_APP: Form = Form {
    root: "ConnectedApp",
    expected: "`<ConnectedApp>`",
    names: &[
        ("permissionSetName", None, GrantorKind::PermissionSet, HandOutWay::ConnectedApp),
        ("profileName", None, GrantorKind::Profile, HandOutWay::ConnectedApp),
    ],
    audience: None,
    switch: None,
};

/// The same of an external client app. Each element holds names with commas between; ids among them no repository knows.
const EXTERNAL_CLIENT_APP: Form = Form {
    root: "ExtlClntAppOauthConfigurablePolicies",
    expected: "`<ExtlClntAppOauthConfigurablePolicies>`",
    names: &[
        ("commaSeparatedPermissionSet", None, GrantorKind::PermissionSet, HandOutWay::ExternalClientApp),
        ("commaSeparatedProfile", None, GrantorKind::Profile, HandOutWay::ExternalClientApp),
    ],
    audience: None,
    switch: None,
};

/// Reads a file that hands out.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_hand_outs(file: &SourceFile, kind: HandOutKind) -> Result<HandOuts, MetadataError> {
    match kind {
        HandOutKind::AccessPolicy => access_policy::parse(file),
        HandOutKind::Site => parse(file, &SITE),
        HandOutKind::DelegateGroup => parse(file, &DELEGATE_GROUP),
        HandOutKind::PortalDelegation => parse(file, &PORTAL_DELEGATION),
        HandOutKind::ConnectedApp => parse(file, &CONNECTED_APP),
        HandOutKind::ExternalClientApp => parse(file, &EXTERNAL_CLIENT_APP),
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
                take(&mut found, &mut xml, form, (element.name, Some(child.name)), &child)?;
            }
        } else if form.audience == Some(element.name) {
            found.audience.insert(xml.text(&element)?.value.to_lowercase());
        } else if form.switch == Some(element.name) {
            let Spanned { value, span } = xml.boolean(&element)?;
            found.states.push(Spanned::new(value.to_string(), span));
        } else {
            take(&mut found, &mut xml, form, (element.name, None), &element)?;
        }
    }
    xml.finish()?;
    Ok(found)
}

/// Reads an element if it names something that is handed out.
fn take<'a>(
    found: &mut HandOuts,
    xml: &mut Xml<'a>,
    form: &Form,
    path: (&str, Option<&str>),
    element: &Element<'a>,
) -> Result<(), MetadataError> {
    let Some((.., kind, way)) = form.names.iter().find(|(name, child, ..)| (*name, *child) == path) else {
        return xml.skip(element).map(drop);
    };
    let text = xml.text(element)?;
    let names: Vec<&str> = match way {
        HandOutWay::ExternalClientApp => {
            text.value.split(',').map(str::trim).filter(|name| !is_id(name)).collect()
        }
        _ => vec![&*text.value],
    };
    for name in names.into_iter().filter(|name| !name.is_empty()) {
        found.all.push(HandOut { grantor: Grantor::new(*kind, name), way: *way, span: text.span });
    }
    Ok(())
}

/// Whether a name is the id of a permission set or profile.
fn is_id(name: &str) -> bool {
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    letters && matches!(name.len(), 15 | 18) && (name.starts_with("0PS") || name.starts_with("00e"))
}
