//! `.flsgate/tests/*.yml`: what a policy is meant to ask, as examples that a program can check.

use super::decode::{Decoder, Mistake};
use super::file::{CLASSES, DUTIES};
use super::justification::KINDS;
use super::tiers::Duty;
use super::yaml::Node;
use crate::finding::Place;
use crate::source::SourceFile;
use crate::words::{Access, Grantor, GrantorKind, PrincipalClass};
use std::sync::Arc;

/// One example: an access that somebody comes to have to a made-up field, and what the policy is to ask for it.
#[derive(Clone, Debug)]
pub struct PolicyTest {
    /// What it is called.
    pub name: String,
    /// The classification of the field.
    pub classification: Option<String>,
    /// Its compliance groups, as metadata writes them: `PII;HIPAA`.
    pub compliance: Option<String>,
    /// What gives the access.
    pub holder: Grantor,
    /// Its licence.
    pub license: Option<String>,
    /// Who holds it, where no licence says so.
    pub user_type: Option<PrincipalClass>,
    /// How far.
    pub access: Access,
    /// What the policy is to ask.
    pub expects: Duty,
    /// The example.
    pub place: Place,
}

/// Reads one file.
///
/// # Errors
/// Every mistake in the file, in file order.
pub fn read_policy_tests(file: &Arc<SourceFile>) -> Result<Vec<PolicyTest>, Vec<Mistake>> {
    let (mut decoder, node) = Decoder::of_yaml(file)?;
    let mut tests = Vec::new();
    if let Some(mut keys) = decoder.map(node, "the file of tests", &["version", "tests"]) {
        if let Some(node) = keys.take("version") {
            decoder.one_of(node, "version", &[("1", ())]);
        }
        for node in keys.take("tests").map(|n| decoder.list(n, "`tests`")).unwrap_or_default() {
            tests.extend(test(&mut decoder, node));
        }
    }
    let mut mistakes = decoder.mistakes;
    if mistakes.is_empty() {
        return Ok(tests);
    }
    mistakes.sort_by_key(|mistake| mistake.span);
    Err(mistakes)
}

fn test(decoder: &mut Decoder, node: Node) -> Option<PolicyTest> {
    let allowed: Vec<&str> = KINDS
        .iter()
        .map(|(key, _)| *key)
        .chain(["name", "label", "license", "user_type", "access", "expect"])
        .collect();
    let mut keys = decoder.map(node, "a test", &allowed)?;
    let place = Place::new(&decoder.file, keys.span);
    let is_complete = keys.has("name") && keys.has("expect");
    let name = keys.take("name").and_then(|node| decoder.text(node, "`name`"));
    let (mut classification, mut compliance) = (None, None);
    if let Some(mut label) = keys
        .take("label")
        .and_then(|node| decoder.map(node, "`label`", &["classification", "compliance_groups"]))
    {
        classification =
            label.take("classification").and_then(|n| decoder.text(n, "`classification`")).map(|t| t.value);
        let groups = label.take("compliance_groups").map(|n| decoder.texts(n, "a compliance group"));
        compliance = groups.map(|all| all.into_iter().map(|g| g.value).collect::<Vec<_>>().join(";"));
    }
    let mut holder = None;
    for (key, kind) in KINDS {
        let Some(name) = keys.take(key).and_then(|node| decoder.text(node, &format!("`{key}`"))) else {
            continue;
        };
        if holder.replace(Grantor::new(kind, &name.value)).is_some() {
            decoder.mistake(
                name.span,
                "the test names more than one permission set, group or profile; write one test for each",
            );
        }
    }
    let license = keys.take("license").and_then(|node| decoder.text(node, "`license`"));
    let user_type = keys.take("user_type").and_then(|node| decoder.one_of(node, "user type", CLASSES));
    if let (Some(license), Some(_)) = (&license, user_type) {
        decoder.mistake(license.span, "the licence says the user type; write `license` or `user_type`");
    }
    let accesses = [("read", Access::Read), ("edit", Access::Edit)];
    let access = keys.take("access").and_then(|node| decoder.one_of(node, "access", &accesses));
    let expects = keys.take("expect").and_then(|node| decoder.one_of(node, "`expect`", DUTIES));
    let (Some(name), Some(expects)) = (name, expects) else {
        if !is_complete {
            decoder.mistake(
                place.span,
                "a test needs a `name` and `expect`: `allow`, `justify`, `approve` or `deny`",
            );
        }
        return None;
    };
    Some(PolicyTest {
        name: name.value,
        classification,
        compliance,
        holder: holder.unwrap_or_else(|| Grantor::new(GrantorKind::PermissionSet, "Example")),
        license: license.map(|text| text.value),
        user_type,
        access: access.unwrap_or(Access::Read),
        expects,
        place,
    })
}
