//! The net under the rules, tried with all of them taken away.

use super::{Background, Rule, run_with};
use crate::access::{Delta, Exposure, Licenses, Opened};
use crate::finding::{Place, RouteKind, RouteStep};
use crate::judge::{Facts, Judge};
use crate::policy::{Baseline, Policy};
use crate::source::{RepoPath, SourceFile, Span};
use crate::words::{Access, FieldName, Grantor, GrantorKind};
use std::sync::Arc;

/// A permission set that comes to read a field which nobody defines, where such fields are restricted.
fn one_new_access() -> (Delta, Policy) {
    let file = Arc::new(SourceFile::new(RepoPath::from("a.permissionset-meta.xml"), b"<a/>".to_vec()));
    let place = Place::new(&file, Span { start: 0, end: 4 });
    let grantor = Grantor::new(GrantorKind::PermissionSet, "Desk");
    let exposure = Exposure {
        grantor: grantor.clone(),
        field: FieldName::of("Claim__c", "Iban__c").unwrap(),
        access: Access::Read,
        route: Arc::new([RouteStep { kind: RouteKind::FieldPermissions, place: place.clone() }]),
        entry: place,
        through: None,
        doors: [None, None],
    };
    let mut delta = Delta { opened: vec![Opened { exposure, before: None, bulk: None }], ..Delta::default() };
    delta.licenses.insert(grantor, Licenses::default());
    let text = b"version: 1\nunknown_fields: restricted\n".to_vec();
    let file = Arc::new(SourceFile::new(RepoPath::from("policy.yml"), text));
    (delta, crate::policy::read_policy(&file, &super::policy_keys()).unwrap())
}

fn told_by(rules: &[Rule]) -> Vec<&'static str> {
    let (delta, policy) = one_new_access();
    let (facts, background, baseline) = (Facts::default(), Background::default(), Baseline::default());
    let judge = Judge::new(&delta, (&policy, &baseline), &facts, jiff::civil::date(2026, 6, 1), false);
    assert!(judge.pairs().iter().all(|pair| pair.is_open()) && !judge.pairs().is_empty());
    run_with(&judge, &background, rules)
        .findings
        .iter()
        .filter(|f| !f.tells.is_empty())
        .map(|f| f.rule.id)
        .collect()
}

#[test]
fn what_no_rule_tells_the_net_tells() {
    assert_eq!(told_by(super::RULES), ["restricted-field-grant"]);
    assert_eq!(told_by(&[]), ["unexplained-access"]);
}

#[test]
fn what_a_policy_cannot_set_are_rules() {
    for fixed in crate::policy::FIXED_RULES {
        assert!(super::RULES.iter().any(|rule| rule.info.id == fixed), "{fixed}");
    }
}
