//! `definition-removed`: the repository forgets a classified field, or a permission set, profile or group that gives
//! access to one.
//!
//! The org keeps all of it: a deployment deletes nothing unless a destructive manifest says so. What the repository
//! forgets it cannot judge later: the field counts as unknown, and a set can be handed out unseen.

use super::catalogue::DEFINITION_REMOVED as RULE;
use super::{Context, describe};
use crate::access::{Exposure, Gone, Removed};
use crate::finding::{Finding, Place, Related, Severity, Subject};
use crate::policy::Deletions;
use crate::tiers::{Classified, Known};
use crate::words::{FieldName, Grantor, GrantorKind, PrincipalClass, Tier};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    if cx.policy.deletions == Deletions::Delete {
        findings.extend(cx.background.ignores.iter().map(|place| ignore_changed(cx, place)));
    }
    for removed in &cx.delta.removed {
        findings.extend(match &removed.gone {
            Gone::Field(field) => field_removed(cx, removed, field),
            Gone::Grantor(grantor) => grantor_removed(cx, removed, grantor, true),
            Gone::OneOfSeveral(grantor) => grantor_removed(cx, removed, grantor, false),
            Gone::Element(profile, grant) => Some(element_removed(cx, removed, profile, &grant.to_string())),
            Gone::License(profile, license) => license_removed(cx, removed, profile, license),
        });
    }
}

/// Where the pipeline deletes what git deletes, this file decides what that is.
fn ignore_changed(cx: &Context<'_>, place: &Place) -> Finding {
    let mut finding = cx.finding(&RULE, place, None);
    finding.message =
        format!("`{}` changes, by which the pipeline decides what it deletes in the org", place.path());
    finding.here = "changed".into();
    finding.help = "have an authorised person approve it, best in a pull request of its own".into();
    finding.approvable = true;
    finding
}

fn field_removed(cx: &Context<'_>, removed: &Removed, field: &FieldName) -> Option<Finding> {
    let before = cx.background.unmasked.get(field).unwrap_or(cx.classified_before(field));
    if before.tier == Tier::Open {
        return None;
    }
    let mut finding = start(cx, removed, Some(before.tier));
    finding.message = match (&removed.unreadable, &before.known) {
        (Some(_), _) | (_, Known::Unreadable(_)) => format!(
            "the definition of `{field}` is removed. Its file could not be read before, so its label is not known"
        ),
        _ if removed.is_kept_aside => format!(
            "the definition of `{field}` ({}) leaves what deploys: it comes to lie outside the package directories, or is \
             ignored",
            before.label_words()
        ),
        _ => format!("the definition of `{field}` ({}) is removed", before.label_words()),
    };
    let note = match removed.is_kept_aside {
        true => "the org keeps the field, and what this file says from now on no longer reaches it",
        false => "the org keeps the field, and later changes would be judged as if it had no label",
    };
    finding.notes.push(note.into());
    finding.help = "keep the definition with its label; if the field is deleted in the org too, have an authorised person \
                    approve this"
        .into();
    finding.subject = describe::of_field(field, before);
    finding.related.extend(manifest(cx, "customfield", field.as_str()));
    Some(finding)
}

/// The file of a permission set, profile or group goes: the `last` one, or one of several.
fn grantor_removed(cx: &Context<'_>, removed: &Removed, grantor: &Grantor, last: bool) -> Option<Finding> {
    let classified = classified(cx, removed);
    // Each tier binds as the policy says, and what is added later may be of any.
    let by_tier = classified.iter().map(|(_, of)| cx.policy.severity_in(&RULE, of.tier)).max().flatten();
    let outsiders = Some(cx.user_type_before(grantor)).filter(|held_by| *held_by >= PrincipalClass::Agent);
    let at_all = removed.grows || last && outsiders.is_some();
    let by_growth = at_all.then(|| cx.policy.severity(&RULE)).flatten();
    let tier = match (classified.first(), &removed.unreadable) {
        (Some((_, highest)), _) => highest.tier,
        (None, Some(_)) => Tier::Restricted,
        (None, None) if at_all => Tier::Open,
        (None, None) => return None,
    };
    let mut finding = start(cx, removed, Some(tier));
    finding.severity = by_tier.max(by_growth).unwrap_or(finding.severity);
    let is_group = grantor.kind == GrantorKind::PermissionSetGroup;
    let file = match last {
        true if removed.is_kept_aside => format!(
            "the file of {grantor} leaves what deploys: it comes to lie outside the package directories, or is ignored"
        ),
        true => format!("the file of {grantor} is removed"),
        false => {
            format!("one of several definitions of {grantor} is removed, and none of the others replaces it")
        }
    };
    finding.message = match classified.is_empty() {
        true if removed.unreadable.is_none() && removed.grows => {
            format!("{file}. It gives access to fields that are added later")
        }
        true if removed.unreadable.is_none() => {
            let held_by = outsiders.unwrap_or(PrincipalClass::Internal);
            format!(
                "{file}. It can be held by {held_by} users, and later changes would be judged as if it could not"
            )
        }
        true => format!("{file}. It could not be read before, so what it gives access to is not known"),
        false if is_group => format!("{file}. Its members give access to {}", names(&classified)),
        false => format!("{file}. It gives access to {}", names(&classified)),
    };
    finding.subject = Subject {
        grantor: Some((grantor.clone(), cx.user_type(grantor))),
        tier: Some(tier),
        ..Subject::default()
    };
    let named = manifest(cx, metadata_type(grantor.kind), grantor.name());
    let deleted = last && is_deleted(&cx.policy.deletions, removed, grantor, named.as_ref());
    finding.help = if deleted {
        finding.severity = finding.severity.min(Severity::Note);
        "nothing, if it is to be deleted in the org".into()
    } else {
        next_step(&cx.policy.deletions, named.is_some())
    };
    finding.notes.push(
        if deleted {
            "the pipeline deletes it in the org"
        } else if is_group {
            "the org keeps it, with its members and with what it mutes, and this repository forgets it"
        } else {
            "the org keeps it, and its users keep the access"
        }
        .into(),
    );
    finding.approvable = !deleted;
    finding.related.extend(named);
    for (exposure, _) in classified.iter().take(describe::NAMED) {
        let message = format!("gives {} access to `{}`", exposure.access, exposure.field);
        finding.related.push(Related::new(exposure.place().clone(), message));
    }
    Some(finding)
}

/// Whether the pipeline deletes the component in the org. `named` is the line of a manifest that does.
fn is_deleted(deletions: &Deletions, removed: &Removed, grantor: &Grantor, named: Option<&Related>) -> bool {
    match deletions {
        Deletions::Keep => false,
        Deletions::Manifests(_) => named.is_some_and(|line| deletions.lists(line.place.path().as_str())),
        Deletions::Delete => can_be_deleted(removed, grantor),
    }
}

/// What a manifest calls a kind of component, lower case.
fn metadata_type(kind: GrantorKind) -> &'static str {
    match kind {
        GrantorKind::PermissionSet => "permissionset",
        GrantorKind::PermissionSetGroup => "permissionsetgroup",
        GrantorKind::Profile => "profile",
    }
}

fn next_step(deletions: &Deletions, named: bool) -> String {
    let keep = "keep the file; or have an authorised person approve this";
    match deletions {
        Deletions::Keep if named => format!(
            "{keep}; if the pipeline deploys this destructive manifest, list its path under `deletions` in \
             `{}`",
            crate::policy::POLICY_PATH
        ),
        Deletions::Keep => format!(
            "{keep}; if the pipeline deletes in the org what git deletes, say `deletions: delete` in `{}`",
            crate::policy::POLICY_PATH
        ),
        Deletions::Manifests(manifests) => {
            let paths: Vec<String> =
                manifests.iter().take(describe::NAMED).map(|path| format!("`{path}`")).collect();
            format!("{keep}; if it is to be deleted in the org, name it in {}", paths.join(" or "))
        }
        Deletions::Delete => keep.to_owned(),
    }
}

/// Profiles that come with an org, by the names of their files (Salesforce Help, *Standard Profiles*). What `<custom>` says in
/// such a file is whatever somebody wrote.
const STANDARD_PROFILES: [&str; 24] = [
    "Admin",
    "Analytics Cloud Integration User",
    "Analytics Cloud Security User",
    "Chatter External User",
    "Chatter Free User",
    "Chatter Moderator User",
    "ContractManager",
    "Customer Community Login User",
    "Customer Community Plus Login User",
    "Customer Community Plus User",
    "Customer Community User",
    "External Identity User",
    "Guest License User",
    "Identity User",
    "MarketingProfile",
    "Minimum Access - API Only Integrations",
    "Minimum Access - Salesforce",
    "Partner Community Login User",
    "Partner Community User",
    "ReadOnly",
    "Salesforce API Only System Integrations",
    "SolutionManager",
    "Standard",
    "StandardAul",
];

/// Salesforce deletes no standard profile, and nothing of a managed package. A profile whose bytes cannot be had again
/// counts as a standard one.
fn can_be_deleted(removed: &Removed, grantor: &Grantor) -> bool {
    let custom = || memchr::memmem::find(removed.place.file.bytes(), b"<custom>true</custom>").is_some();
    let standard = || STANDARD_PROFILES.iter().any(|name| name.eq_ignore_ascii_case(grantor.name()));
    !describe::has_namespace(grantor.name())
        && (grantor.kind != GrantorKind::Profile || custom() && !standard())
}

/// An element of a profile goes that the org keeps, and that opens what is added later or says who holds it.
fn element_removed(cx: &Context<'_>, removed: &Removed, profile: &Grantor, what: &str) -> Finding {
    let classified = classified(cx, removed);
    let tier = classified.first().map(|(_, highest)| highest.tier);
    let mut finding = start(cx, removed, None);
    let now = match classified.is_empty() {
        true => String::new(),
        false => format!(". It gives access to {}", names(&classified)),
    };
    finding.message = format!("{profile} no longer mentions {what}, but the org keeps it{now}");
    finding.notes.push("later changes would be judged without it".into());
    finding.help =
        "keep the element, or write it with `false` to revoke it; or have an authorised person approve this"
            .into();
    finding.subject = Subject {
        grantor: Some((profile.clone(), cx.user_type(profile))),
        // Tells the elements of one profile apart.
        field: FieldName::of("*", &what.chars().filter(char::is_ascii_alphanumeric).collect::<String>()),
        tier,
        ..Subject::default()
    };
    finding
}

/// The licence of a profile that others than internal users hold goes.
fn license_removed(cx: &Context<'_>, removed: &Removed, profile: &Grantor, license: &str) -> Option<Finding> {
    let told = cx.user_type_before(profile) != PrincipalClass::Internal;
    let what = format!("`userLicense` `{license}`, which says who can hold it");
    told.then(|| element_removed(cx, removed, profile, &what))
}

fn start(cx: &Context<'_>, removed: &Removed, tier: Option<Tier>) -> Finding {
    let mut finding = cx.finding(&RULE, &removed.place, tier);
    finding.here = "removed by this change".into();
    finding.approvable = true;
    finding
}

/// What it gives access to that is classified, the most sensitive first.
fn classified<'c>(cx: &'c Context<'_>, removed: &'c Removed) -> Vec<(&'c Exposure, &'c Classified)> {
    // A label that rises with the same change counts: nobody would be asked of it later.
    let of = |exposure: &Exposure| {
        let (before, after) = (cx.classified_before(&exposure.field), cx.classified(&exposure.field));
        if after.tier > before.tier { after } else { before }
    };
    let all = removed.opens.iter().map(|exposure| (exposure, of(exposure)));
    let mut classified: Vec<_> = all.filter(|(_, of)| of.tier > Tier::Open).collect();
    classified.sort_by(|(a, x), (b, y)| y.tier.cmp(&x.tier).then_with(|| a.field.cmp(&b.field)));
    classified
}

fn names(classified: &[(&Exposure, &Classified)]) -> String {
    describe::fields(classified.iter().map(|(e, of)| (&e.field, of.tier)))
}

fn manifest(cx: &Context<'_>, kind: &str, name: &str) -> Option<Related> {
    let line = cx.background.deletions.iter().find(|line| line.names(kind, name))?;
    Some(Related::new(line.place.clone(), "deletes it, where this manifest is deployed"))
}
