//! `UserAccessPolicy`: which permission sets, profiles and groups it hands out, and to whom (*Metadata API Developer
//! Guide*, UserAccessPolicy).

use super::error::{MetadataError, Problem};
use super::hand_out::{HandOut, HandOutWay, HandOuts};
use super::xml::{Element, Xml};
use crate::source::{SourceFile, Spanned};
use crate::words::{Grantor, GrantorKind};

/// Reads a policy. Actions on licences, queues and public groups hand out no field and are passed over. Who gets what
/// is one text: filters and how they combine.
pub(super) fn parse(file: &SourceFile) -> Result<HandOuts, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["UserAccessPolicy"], "`<UserAccessPolicy>`")?;
    let mut policy = HandOuts::default();
    let mut filters = Vec::new();
    while let Some(element) = xml.child(&root)? {
        match element.name {
            "userAccessPolicyActions" => policy.all.extend(action(&mut xml, &element)?),
            "status" => {
                let text = xml.text(&element)?;
                policy.states.push(Spanned::new(text.value.to_lowercase(), text.span));
            }
            "userAccessPolicyFilters" => filters.push(texts(&mut xml, &element)?.join("\u{1f}")),
            "booleanFilter" | "triggerType" => {
                let text = xml.text(&element)?;
                filters.push(format!("{}\u{1f}{}", element.name, text.value));
            }
            _ => {
                xml.skip(&element)?;
            }
        }
    }
    xml.finish()?;
    filters.sort_unstable();
    // Where no logic names filters by number, their order decides nothing.
    let by_number = filters.iter().any(|f| f.starts_with("booleanFilter"));
    if !by_number {
        for filter in &mut filters {
            let kept: Vec<&str> = filter.split('\u{1f}').filter(|f| !f.starts_with("sortOrder=")).collect();
            *filter = kept.join("\u{1f}");
        }
        filters.sort_unstable();
    }
    policy.audience = [filters.join("\u{1e}")].into();
    Ok(policy)
}

fn action<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Result<Option<HandOut>, MetadataError> {
    let (mut action, mut target, mut kind) = (String::new(), String::new(), String::new());
    while let Some(child) = xml.child(element)? {
        let slot = match child.name {
            "action" => &mut action,
            "target" => &mut target,
            "type" => &mut kind,
            _ => {
                xml.skip(&child)?;
                continue;
            }
        };
        let text = xml.text(&child)?;
        if !slot.is_empty() {
            let child = match child.name {
                "action" => "action",
                "target" => "target",
                _ => "type",
            };
            return Err(xml.error_in(text.span, Problem::Repeated { parent: element.name.to_owned(), child }));
        }
        *slot = text.value.into_owned();
    }
    let kind = match kind.to_ascii_lowercase().as_str() {
        "permissionset" => GrantorKind::PermissionSet,
        "permissionsetgroup" => GrantorKind::PermissionSetGroup,
        "profile" => GrantorKind::Profile,
        _ => return Ok(None),
    };
    // Anything that is not said to revoke is taken to hand out.
    let revokes = action.eq_ignore_ascii_case("Revoke");
    let span = xml.span(element);
    let grantor = (!revokes && !target.is_empty()).then(|| Grantor::new(kind, &target));
    Ok(grantor.map(|grantor| HandOut { grantor, way: HandOutWay::AccessPolicy, span }))
}

/// The texts of an element's children with their names, sorted.
fn texts<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Result<Vec<String>, MetadataError> {
    let mut all = Vec::new();
    while let Some(child) = xml.child(element)? {
        let text = xml.text(&child)?;
        all.push(format!("{}={}", child.name, text.value));
    }
    all.sort_unstable();
    Ok(all)
}
