//! The model itself, by hand-made cases: groups, profiles, labels that rise, the baseline, enforcement.

use super::examples::{define, desk, group, of, outcome, pair, put, reading, small, team, user, with};
use super::judge::{Outcome, State};
use super::org::{Access, Enforcement, Entry, Holder, Kind, Line, Org, Place, SetDef, Tier, UserType};
use super::seed::{because, field, label, set};
use std::collections::BTreeSet;

fn line(holder: Holder, field: &str, access: Access, tier: Tier) -> Line {
    let (user, reads) = (UserType::Internal, BTreeSet::new());
    Line { holder, field: field.to_owned(), access, tier, user, reads }
}

fn grouped() -> Org {
    with(&small(), |org| {
        put(org, "Sales", set(None, &["Contact.Gamma__c"], &[]));
        group(org, "Team", &["Desk"], None);
    })
}

#[test]
fn rule_5_of_a_group_is_always_its_own_matter() {
    let base = with(&grouped(), |org| {
        group(org, "Team", &["Sales"], None);
        org.reasons.insert(because(team(), "Contact.Gamma__c", Access::Read));
    });
    let head = with(&base, |org| org.reasons.clear());
    assert_eq!(pair(&base, &head, &team(), "Contact.Gamma__c"), Some((vec![5], State::Unjustified)));
}

#[test]
fn a_groups_pair_is_told_at_the_member_that_gains_it() {
    let head = with(&grouped(), |org| put(org, "Desk", set(None, &["Contact.Gamma__c"], &[])));
    assert_eq!(pair(&grouped(), &head, &team(), "Contact.Gamma__c"), None);
    assert!(pair(&grouped(), &head, &desk(), "Contact.Gamma__c").is_some());
}

#[test]
fn a_new_member_is_the_groups_own() {
    let head = with(&grouped(), |org| group(org, "Team", &["Desk", "Sales"], None));
    assert_eq!(pair(&grouped(), &head, &team(), "Contact.Gamma__c"), Some((vec![1], State::Unjustified)));
}

#[test]
fn less_muting_is_the_groups_own() {
    let base = with(&grouped(), |org| {
        group(org, "Team", &["Sales"], Some("Quiet"));
        org.mutings.insert(("Quiet".to_owned(), Place::Main), set(None, &["Contact.Gamma__c"], &[]));
    });
    let head = with(&base, |org| group(org, "Team", &["Sales"], None));
    assert_eq!(pair(&base, &head, &team(), "Contact.Gamma__c"), Some((vec![1], State::Unjustified)));
    let gone = with(&base, |org| org.mutings.clear());
    let wanted = Some((vec![1], State::Unjustified));
    assert_eq!(
        pair(&base, &gone, &team(), "Contact.Gamma__c"),
        wanted,
        "a muting file that goes mutes no longer"
    );
}

#[test]
fn muting_edit_only_leaves_read() {
    let base = with(&small(), |org| {
        put(org, "Sales", set(None, &[], &["Account.Alpha__c"]));
        let mut quiet = SetDef::default();
        quiet.fields.insert("Account.Alpha__c".to_owned(), Entry { readable: false, editable: true });
        org.mutings.insert(("Quiet".to_owned(), Place::Main), quiet);
    });
    let head = with(&base, |org| {
        group(org, "Team", &["Sales"], Some("Quiet"));
        org.reasons.insert(because(team(), "Account.Alpha__c", Access::Read));
    });
    assert_eq!(pair(&base, &head, &team(), "Account.Alpha__c"), Some((vec![1], State::Justified)));
}

#[test]
fn members_that_open_something_together() {
    let base = with(&grouped(), |org| {
        group(org, "Team", &["Desk", "Sales"], None);
        user(of(org, "Desk"), "EditReadonlyFields");
        of(org, "Sales").fields.clear();
    });
    let head = with(&base, |org| put(org, "Sales", set(None, &["Contact.Gamma__c"], &[])));
    assert_eq!(pair(&base, &head, &team(), "Contact.Gamma__c"), Some((vec![1], State::Unjustified)));
}

#[test]
fn a_group_more_exposed_than_the_member() {
    let base = with(&grouped(), |org| {
        group(org, "Team", &["Desk", "Sales"], None);
        of(org, "Sales").license = Some("Guest User License".to_owned());
        of(org, "Sales").fields.clear();
    });
    let head = with(&base, |org| put(org, "Desk", set(None, &["Contact.Gamma__c"], &[])));
    assert_eq!(pair(&base, &head, &team(), "Contact.Gamma__c"), Some((vec![1], State::NotAllowed)));
}

#[test]
fn a_profile_may_not_grant_a_classified_field() {
    let base = with(&small(), |org| drop(org.profiles.insert("Back".to_owned(), SetDef::default())));
    let head = with(&base, |org| {
        org.profiles.insert("Back".to_owned(), set(None, &["Account.Alpha__c"], &[]));
    });
    let back = Holder::Profile("Back".to_owned());
    assert_eq!(pair(&base, &head, &back, "Account.Alpha__c"), Some((vec![1], State::NotAllowed)));
    let open = |org: &Org| with(org, |org| org.policy.conditional.profiles = true);
    let wanted = Some((vec![1], State::Unjustified));
    assert_eq!(pair(&open(&base), &open(&head), &back, "Account.Alpha__c"), wanted);
}

#[test]
fn a_label_that_rises_needs_at_most_an_approval_guests_and_profiles_too() {
    let base = with(&small(), |org| {
        put(org, "Desk", set(Some("Guest User License"), &["Contact.Delta__c"], &[]));
        org.profiles.insert("Back".to_owned(), set(None, &["Contact.Delta__c"], &[]));
    });
    let head = with(&base, |org| define(org, "Contact.Delta__c", field(Kind::Text, "Restricted", "")));
    assert_eq!(outcome(&base, &head), Outcome::Waiting);
    let slipped = with(&head, |org| put(org, "Sales", set(None, &["Contact.Delta__c"], &[])));
    assert_eq!(outcome(&base, &slipped), Outcome::Blocked, "a grant slipped in is judged by itself");
}

#[test]
fn the_baseline_accepts_up_to_its_tier() {
    let line = |tier| line(desk(), "Contact.Delta__c", Access::Read, tier);
    let raised = |base: &Org| {
        with(base, |org| {
            define(org, "Contact.Delta__c", field(Kind::Text, "Restricted", ""));
        })
    };
    let enough = with(&reading(&["Contact.Delta__c"]), |org| {
        org.baseline.insert(line(Tier::Restricted));
    });
    assert_eq!(outcome(&enough, &raised(&enough)), Outcome::Passed);
    let less = with(&reading(&["Contact.Delta__c"]), |org| {
        org.baseline.insert(line(Tier::Conditional));
    });
    assert_eq!(outcome(&less, &raised(&less)), Outcome::Waiting);
}

#[test]
fn the_baseline_accepts_up_to_its_user_type() {
    let guests = |accepted: UserType| {
        with(&reading(&["Contact.Delta__c"]), |org| {
            put(org, "Desk", set(Some("Guest User License"), &["Contact.Delta__c"], &[]));
            let line = line(desk(), "Contact.Delta__c", Access::Read, Tier::Restricted);
            org.baseline.insert(Line { user: accepted, ..line });
        })
    };
    for (accepted, expected) in [(UserType::Guest, Outcome::Passed), (UserType::Internal, Outcome::Waiting)] {
        let base = guests(accepted);
        let raised = with(&base, |org| {
            define(org, "Contact.Delta__c", field(Kind::Text, "Restricted", ""));
        });
        assert_eq!(outcome(&base, &raised), expected, "{accepted:?}");
    }
}

#[test]
fn the_baseline_accepts_no_new_access() {
    let base = with(&small(), |org| {
        org.baseline.insert(line(desk(), "Contact.Gamma__c", Access::Edit, Tier::Restricted));
    });
    let head = with(&base, |org| put(org, "Desk", set(None, &["Contact.Gamma__c"], &[])));
    assert_eq!(outcome(&base, &head), Outcome::Blocked);
}

#[test]
fn advisory_does_not_block_and_hard_allows_nothing() {
    let at = |enforcement: Enforcement| {
        let base = with(&small(), |org| org.policy.restricted.enforcement = enforcement);
        let head = with(&base, |org| {
            put(org, "Desk", set(None, &["Contact.Gamma__c"], &[]));
            org.reasons.insert(because(desk(), "Contact.Gamma__c", Access::Read));
        });
        outcome(&base, &head)
    };
    assert_eq!(at(Enforcement::Advisory), Outcome::Passed);
    assert_eq!(at(Enforcement::Soft), Outcome::Waiting);
    assert_eq!(at(Enforcement::Hard), Outcome::Blocked);
}

#[test]
fn a_change_is_judged_with_the_old_label_where_it_lowers_one() {
    let head = with(&reading(&["Contact.Gamma__c"]), |org| {
        define(org, "Contact.Gamma__c", field(Kind::Text, "Public", ""));
    });
    assert_eq!(pair(&small(), &head, &desk(), "Contact.Gamma__c"), Some((vec![1], State::Unjustified)));
    let gone = with(&reading(&["Contact.Gamma__c"]), |org| {
        org.fields.remove(&("Contact.Gamma__c".to_owned(), Place::Main));
    });
    assert_eq!(pair(&small(), &gone, &desk(), "Contact.Gamma__c"), Some((vec![1], State::Unjustified)));
}

#[test]
fn a_second_definition_is_compared_with_the_widest_that_was_there() {
    let base = reading(&["Contact.Gamma__c"]);
    let copy = |fields: &[&str]| {
        with(&base, |org| {
            org.sets.insert(("Desk".to_owned(), Place::Second), set(None, fields, &[]));
        })
    };
    assert_eq!(outcome(&base, &copy(&["Contact.Gamma__c"])), Outcome::Passed);
    assert_eq!(outcome(&base, &copy(&["Account.Alpha__c"])), Outcome::Blocked);
    assert_eq!(label("", "PII").groups.len(), 1);
}
