//! `UserAccessPolicy`: which permission sets, profiles and groups it hands out, and to whom (*Metadata API Developer
//! Guide*, UserAccessPolicy).

use super::error::{MetadataError, Problem};
use super::hand_out::{Criterion, HandOut, HandOutWay, HandOuts};
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
            "userAccessPolicyFilters" => {
                let texts = texts(&mut xml, &element)?;
                policy.criteria.extend(criteria(&texts));
                let texts: Vec<String> =
                    texts.into_iter().map(|(name, text)| format!("{name}={text}")).collect();
                filters.push(texts.join("\u{1f}"));
            }
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
    let Some(kind) = grantor_kind(&kind.to_ascii_lowercase()) else { return Ok(None) };
    // Anything that is not said to revoke is taken to hand out.
    let revokes = action.eq_ignore_ascii_case("Revoke");
    let span = xml.span(element);
    let grantor = (!revokes && !target.is_empty()).then(|| Grantor::new(kind, &target));
    Ok(grantor.map(|grantor| HandOut { grantor, way: HandOutWay::AccessPolicy, span }))
}

/// Whom a filter names: `equals` one, `in` several. Who is not of a kind is not named.
fn criteria(filter: &[(String, String)]) -> Vec<Criterion> {
    let said = |name: &str| filter.iter().find(|(of, _)| of == name).map_or("", |(_, text)| text.trim());
    if said("operation").to_ascii_lowercase().starts_with("not") {
        return Vec::new();
    }
    let names = said("target").split(',').map(str::trim).filter(|name| !name.is_empty());
    let kind = match said("type").to_ascii_lowercase().as_str() {
        "userlicense" => return names.map(|name| Criterion::License(name.to_owned())).collect(),
        kind => grantor_kind(kind),
    };
    kind.into_iter()
        .flat_map(|kind| names.clone().map(move |name| Criterion::Holder(Grantor::new(kind, name))))
        .collect()
}

fn grantor_kind(kind: &str) -> Option<GrantorKind> {
    match kind {
        "permissionset" => Some(GrantorKind::PermissionSet),
        "permissionsetgroup" => Some(GrantorKind::PermissionSetGroup),
        "profile" => Some(GrantorKind::Profile),
        _ => None,
    }
}

/// The texts of an element's children with their names, sorted.
fn texts<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Result<Vec<(String, String)>, MetadataError> {
    let mut all = Vec::new();
    while let Some(child) = xml.child(element)? {
        let text = xml.text(&child)?;
        all.push((child.name.to_owned(), text.value.into_owned()));
    }
    all.sort_unstable();
    Ok(all)
}
