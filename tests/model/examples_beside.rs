//! Hand-made cases: entries, masking, and what asks for an approval by itself.

use super::examples::{agreed, define, desk, group, outcome, put, say, small, team, with};
use super::judge::Outcome;
use super::org::{Access, Duty, Entry, Holder, Kind, Mask, ObjectEntry, Org, Place, SetDef, Tier, UserType};
use super::seed::{because, field, formula, label, set};
use std::collections::BTreeSet;

fn asks(base: &Org, head: &Org) -> BTreeSet<&'static str> {
    agreed(base, head).asks.into_iter().map(|ask| ask.what).collect()
}

fn reads_gamma() -> Org {
    with(&small(), |org| put(org, "Desk", set(None, &["Contact.Gamma__c"], &[])))
}

/// An entry for Gamma that stands on the base.
fn explained(org: &Org) -> Org {
    with(org, |org| say(org, because(desk(), "Contact.Gamma__c", Access::Read)))
}

#[test]
fn an_entry_that_landed_ahead_needs_no_second_approval() {
    let base = explained(&small());
    assert_eq!(outcome(&base, &explained(&reads_gamma())), Outcome::Passed);
}

#[test]
fn an_entry_that_comes_with_its_grant_waits_for_an_approval() {
    assert_eq!(outcome(&small(), &explained(&reads_gamma())), Outcome::Waiting);
}

#[test]
fn a_planted_entry_asks_though_nothing_uses_it() {
    assert_eq!(outcome(&small(), &explained(&small())), Outcome::Waiting);
    let unknown = with(&small(), |org| {
        org.reasons.insert(because(Holder::Set("Nobody".to_owned()), "Contact.Gamma__c", Access::Read));
    });
    assert_eq!(outcome(&small(), &unknown), Outcome::Passed, "no such permission set: a warning");
}

#[test]
fn the_access_written_in_the_entry_counts() {
    let head = with(&small(), |org| say(org, because(desk(), "Account.Alpha__c", Access::Edit)));
    assert_eq!(outcome(&small(), &head), Outcome::Waiting);
    let head = with(&small(), |org| say(org, because(desk(), "Account.Alpha__c", Access::Read)));
    assert_eq!(outcome(&small(), &head), Outcome::Passed);
}

#[test]
fn owner_and_an_earlier_end_need_no_new_approval_but_the_text_does() {
    let base = explained(&reads_gamma());
    let altered = |alter: fn(&mut super::org::Reason)| {
        let mut entry = because(desk(), "Contact.Gamma__c", Access::Read);
        alter(&mut entry);
        outcome(&base, &with(&base, |org| org.reasons = BTreeSet::from([entry])))
    };
    assert_eq!(altered(|entry| entry.owner = 1), Outcome::Passed);
    assert_eq!(altered(|entry| entry.expires = 1), Outcome::Passed);
    assert_eq!(altered(|entry| entry.expires = 3), Outcome::Waiting);
    assert_eq!(altered(|entry| entry.reason = 1), Outcome::Waiting);
}

#[test]
fn an_entry_that_landed_while_it_was_denied_was_not_approved() {
    let base = with(&explained(&small()), |org| {
        put(org, "Desk", set(Some("Guest User License"), &[], &[]));
        org.policy.types.insert((UserType::Guest, Tier::Restricted), (Duty::NotAllowed, Duty::NotAllowed));
    });
    let head = with(&base, |org| {
        put(org, "Desk", set(None, &[], &[]));
    });
    assert!(asks(&base, &head).contains("user type falls"));
    assert!(!asks(&base, &head).contains("entry"), "the type is the more exposed of both sides");
}

#[test]
fn an_entry_is_approved_for_its_user_type() {
    let base = with(&explained(&small()), |org| {
        put(org, "Desk", set(Some("Salesforce Integration"), &[], &[]));
    });
    let head = with(&base, |org| put(org, "Desk", set(None, &[], &[])));
    assert_eq!(asks(&base, &head), BTreeSet::from(["entry"]));
}

#[test]
fn an_entry_is_approved_for_its_tier_and_requirement() {
    let base = with(&small(), |org| say(org, because(desk(), "Account.Alpha__c", Access::Edit)));
    let head = with(&base, |org| define(org, "Account.Alpha__c", field(Kind::Text, "Restricted", "")));
    assert_eq!(asks(&base, &head), BTreeSet::from(["entry"]));
}

#[test]
fn an_entry_is_approved_for_the_fields_that_are_read() {
    let base = with(&small(), |org| {
        define(org, "Contact.Calc__c", field(formula(&["Delta__c"]), "Restricted", ""));
        org.reasons.insert(because(desk(), "Contact.Calc__c", Access::Read));
    });
    let head = with(&base, |org| {
        define(org, "Contact.Calc__c", field(formula(&["Gamma__c"]), "Restricted", ""));
    });
    assert_eq!(asks(&base, &head), BTreeSet::from(["entry", "formula shows more"]));
}

#[test]
fn an_entry_ahead_of_its_grant_is_approved_for_the_groups_that_hand_it_out() {
    let base = with(&explained(&small()), |org| group(org, "Team", &[], None));
    let head = with(&base, |org| group(org, "Team", &["Desk"], None));
    assert_eq!(asks(&base, &head), BTreeSet::from(["entry"]));
    let used = with(&base, |org| put(org, "Desk", set(None, &["Contact.Gamma__c"], &[])));
    let head = with(&used, |org| group(org, "Team", &["Desk"], None));
    assert!(!asks(&used, &head).contains("entry"), "it allows no more than the base gives");
}

#[test]
fn a_pattern_speaks_for_the_fields_that_were_reviewed() {
    let mut entry = because(desk(), "Contact.*", Access::Read);
    entry.reviewed = BTreeSet::from(["Contact.Gamma__c".to_owned()]);
    let base = with(&small(), |org| say(org, entry));
    let head = with(&base, |org| put(org, "Desk", set(None, &["Contact.Gamma__c"], &[])));
    assert_eq!(outcome(&base, &head), Outcome::Passed);
}

#[test]
fn the_entry_of_a_member_does_not_speak_for_the_group() {
    let base = with(&explained(&reads_gamma()), |org| group(org, "Team", &[], None));
    let head = with(&base, |org| group(org, "Team", &["Desk"], None));
    assert_eq!(outcome(&base, &head), Outcome::Blocked);
    let head = with(&head, |org| say(org, because(team(), "Contact.Gamma__c", Access::Read)));
    assert_eq!(outcome(&base, &head), Outcome::Waiting);
}

/// A formula of Gamma that is masked, with a reader.
fn masked() -> Org {
    with(&small(), |org| {
        define(org, "Contact.Calc__c", field(formula(&["Gamma__c"]), "", ""));
        put(org, "Desk", set(None, &["Contact.Calc__c"], &[]));
        let reads = BTreeSet::from(["Contact.Gamma__c".to_owned()]);
        org.masks.insert(Mask { field: "Contact.Calc__c".to_owned(), reads, reason: 0 });
    })
}

#[test]
fn a_mask_takes_the_field_out_once_it_is_approved() {
    assert_eq!(outcome(&small(), &masked()), Outcome::Waiting);
    let more = with(&masked(), |org| put(org, "Sales", set(None, &["Contact.Calc__c"], &[])));
    assert_eq!(outcome(&masked(), &more), Outcome::Passed);
}

#[test]
fn the_end_of_a_mask_and_a_new_text_make_every_pair_worse() {
    let gone = with(&masked(), |org| org.masks.clear());
    assert_eq!(outcome(&masked(), &gone), Outcome::Blocked);
    let text = with(&masked(), |org| {
        define(org, "Contact.Calc__c", field(formula(&["Delta__c", "Gamma__c"]), "", ""));
    });
    assert_eq!(outcome(&masked(), &text), Outcome::Waiting, "the mask of the new text lacks its approval");
}

#[test]
fn a_mask_of_a_formula_takes_out_what_is_shown_through_it_alone() {
    let base = with(&masked(), |org| {
        org.masks.clear();
        define(org, "Contact.Chain__c", field(formula(&["Calc__c"]), "", ""));
        put(org, "Desk", set(None, &["Contact.Chain__c"], &[]));
        let reads = BTreeSet::from(["Contact.Calc__c".to_owned()]);
        org.masks.insert(Mask { field: "Contact.Chain__c".to_owned(), reads, reason: 0 });
    });
    let more = with(&base, |org| put(org, "Sales", set(None, &["Contact.Chain__c"], &[])));
    assert_eq!(outcome(&base, &more), Outcome::Passed);
    let direct = with(&base, |org| {
        define(org, "Contact.Chain__c", field(formula(&["Calc__c", "Gamma__c"]), "", ""));
    });
    assert_eq!(outcome(&base, &direct), Outcome::Blocked);
}

#[test]
fn a_label_lowered() {
    let head = with(&small(), |org| define(org, "Contact.Gamma__c", field(Kind::Text, "Confidential", "")));
    assert_eq!(asks(&small(), &head), BTreeSet::from(["label lowered"]));
    let exported = |org: &Org| {
        with(org, |org| {
            org.exports.insert("Contact.Gamma__c".to_owned(), label("Restricted", ""));
        })
    };
    assert_eq!(outcome(&exported(&small()), &exported(&head)), Outcome::Passed, "the export still says it");
}

#[test]
fn a_definition_that_goes() {
    let head = with(&small(), |org| {
        org.fields.remove(&("Contact.Gamma__c".to_owned(), Place::Main));
        org.fields.remove(&("Contact.Delta__c".to_owned(), Place::Main));
    });
    assert_eq!(agreed(&small(), &head).asks.len(), 1, "the open field asks for nothing");
}

#[test]
fn a_file_that_goes() {
    let gone = |org: &Org| with(org, |org| drop(org.sets.remove(&("Desk".to_owned(), Place::Main))));
    assert_eq!(outcome(&small(), &gone(&small())), Outcome::Passed);
    assert_eq!(asks(&reads_gamma(), &gone(&reads_gamma())), BTreeSet::from(["file removed"]));
    let growing = with(&small(), |org| {
        let mut def = SetDef::default();
        def.user.insert("EditReadonlyFields".to_owned(), true);
        put(org, "Desk", def);
    });
    assert_eq!(outcome(&growing, &gone(&growing)), Outcome::Waiting);
}

#[test]
fn a_group_that_goes_is_asked_without_its_muting_sets() {
    let base = with(&reads_gamma(), |org| {
        group(org, "Team", &["Desk"], Some("Quiet"));
        org.mutings.insert(("Quiet".to_owned(), Place::Main), set(None, &["Contact.Gamma__c"], &[]));
    });
    assert_eq!(asks(&base, &with(&base, |org| org.groups.clear())), BTreeSet::from(["file removed"]));
}

#[test]
fn a_file_that_moves_is_quiet() {
    let base = reads_gamma();
    let head = with(&base, |org| {
        let def = org.sets.remove(&("Desk".to_owned(), Place::Main)).unwrap();
        org.sets.insert(("Desk".to_owned(), Place::Second), def);
    });
    assert_eq!(outcome(&base, &head), Outcome::Passed);
}

#[test]
fn silence_of_a_profile_revokes_nothing() {
    let base = with(&small(), |org| {
        let mut def = set(Some("Customer Community"), &["Contact.Delta__c"], &[]);
        def.user.insert("ViewAllFieldsGlobal".to_owned(), true);
        org.profiles.insert("Back".to_owned(), def);
    });
    let silent = with(&base, |org| {
        org.profiles.insert("Back".to_owned(), set(Some("Customer Community"), &[], &[]));
    });
    assert_eq!(asks(&base, &silent), BTreeSet::from(["profile element removed"]));
    let explicit = with(&silent, |org| {
        org.profiles.get_mut("Back").unwrap().user.insert("ViewAllFieldsGlobal".to_owned(), false);
    });
    assert_eq!(outcome(&base, &explicit), Outcome::Passed);
    let untyped = with(&base, |org| org.profiles.get_mut("Back").unwrap().license = None);
    assert_eq!(asks(&base, &untyped), BTreeSet::from(["profile element removed"]));
}

#[test]
fn a_classified_field_comes_to_be_without_fls() {
    let head = with(&small(), |org| define(org, "Contact.Gamma__c", field(Kind::Required, "Restricted", "")));
    assert_eq!(asks(&small(), &head), BTreeSet::from(["without field-level security"]));
    let base = with(&small(), |org| define(org, "Contact.Delta__c", field(Kind::Required, "", "")));
    let head = with(&base, |org| define(org, "Contact.Delta__c", field(Kind::Required, "Confidential", "")));
    assert_eq!(asks(&base, &head), BTreeSet::from(["without field-level security"]), "labelled there");
    let head = with(&small(), |org| define(org, "Signal__e.Eta__c", field(Kind::Text, "Confidential", "")));
    assert_eq!(asks(&small(), &head), BTreeSet::from(["without field-level security"]), "new there");
}

#[test]
fn a_user_type_that_falls_from_guest_or_external() {
    let at = |license: Option<&str>| with(&small(), |org| put(org, "Desk", set(license, &[], &[])));
    let (guest, external) = (at(Some("Guest User License")), at(Some("Customer Community")));
    assert_eq!(asks(&guest, &external), BTreeSet::from(["user type falls"]));
    assert_eq!(asks(&external, &at(None)), BTreeSet::from(["user type falls"]));
    assert_eq!(outcome(&at(None), &at(Some("Salesforce Integration"))), Outcome::Passed);
}

#[test]
fn an_existing_formula_that_newly_shows_a_classified_field_though_nobody_holds_it() {
    let head = with(&small(), |org| define(org, "Contact.Calc__c", field(formula(&["Gamma__c"]), "", "")));
    assert_eq!(asks(&small(), &head), BTreeSet::from(["formula shows more"]));
}

#[test]
fn a_broad_user_permission_gained_or_its_holder_more_exposed() {
    let base = with(&small(), |org| org.fields.clear());
    let broad = |license: Option<&str>| {
        with(&base, |org| {
            let mut def = set(license, &[], &[]);
            def.user.insert("ViewAllData".to_owned(), true);
            put(org, "Desk", def);
        })
    };
    assert_eq!(asks(&base, &broad(None)), BTreeSet::from(["broad permission"]));
    assert_eq!(asks(&broad(None), &broad(Some("Customer Community"))), BTreeSet::from(["broad permission"]));
    assert_eq!(outcome(&broad(None), &broad(Some("Salesforce"))), Outcome::Passed);
}

#[test]
fn lowering_broad_system_permission_silences_no_field() {
    let base = with(&small(), |org| {
        org.policy.severities.insert("broad-system-permission".to_owned(), "warning".to_owned());
    });
    let gains = |name: &str| {
        with(&base, |org| {
            let mut def = SetDef::default();
            def.user.insert(name.to_owned(), true);
            put(org, "Desk", def);
        })
    };
    assert_eq!(outcome(&base, &gains("ViewAllData")), Outcome::Passed);
    assert_eq!(outcome(&base, &gains("ViewAllFieldsGlobal")), Outcome::Blocked);
}

#[test]
fn an_approval_alone_does_not_settle_the_fields_of_edit_read_only_fields() {
    let base = reads_gamma();
    let head = with(&base, |org| {
        let def = org.sets.get_mut(&("Desk".to_owned(), Place::Main)).unwrap();
        def.user.insert("EditReadonlyFields".to_owned(), true);
    });
    assert_eq!(outcome(&base, &head), Outcome::Blocked);
    let reason = with(&head, |org| say(org, because(desk(), "Contact.Gamma__c", Access::Edit)));
    assert_eq!(outcome(&base, &reason), Outcome::Waiting);
}

#[test]
fn the_policy_the_exports_and_the_baseline_ask_for_an_approval_and_come_from_the_base() {
    let head = with(&reads_gamma(), |org| org.policy.restricted.read = Duty::Nothing);
    assert_eq!(outcome(&small(), &head), Outcome::Blocked, "judged by the policy of the base");
    let head =
        with(&small(), |org| drop(org.exports.insert("Contact.Fax".to_owned(), label("Restricted", ""))));
    assert_eq!(asks(&small(), &head), BTreeSet::from(["policy"]));
}

#[test]
fn muting_outside_of_the_package_directories_closes_nothing() {
    let base = with(&reads_gamma(), |org| group(org, "Team", &[], None));
    let quiet = |place| {
        with(&base, |org| {
            group(org, "Team", &["Desk"], Some("Quiet"));
            org.mutings.insert(("Quiet".to_owned(), place), set(None, &["Contact.Gamma__c"], &[]));
        })
    };
    assert_eq!(outcome(&base, &quiet(Place::Main)), Outcome::Passed);
    assert_eq!(outcome(&base, &quiet(Place::Outside)), Outcome::Blocked);
}

#[test]
fn of_two_muting_files_only_what_both_mute_is_closed() {
    let base = with(&reads_gamma(), |org| {
        group(org, "Team", &["Desk"], Some("Quiet"));
        org.mutings.insert(("Quiet".to_owned(), Place::Main), set(None, &["Contact.Gamma__c"], &[]));
    });
    let head = with(&base, |org| {
        org.mutings.insert(("Quiet".to_owned(), Place::Second), SetDef::default());
    });
    assert_eq!(outcome(&base, &head), Outcome::Blocked);
}

#[test]
fn a_file_that_cannot_be_read_makes_the_run_undecided() {
    let head = with(&small(), |org| put(org, "Desk", SetDef { broken: true, ..SetDef::default() }));
    assert_eq!(outcome(&small(), &head), Outcome::Undecided);
}

#[test]
fn an_explicit_false_of_a_profile_revokes() {
    let base = with(&small(), |org| {
        drop(org.profiles.insert("Back".to_owned(), set(None, &["Contact.Delta__c"], &[])))
    });
    let off = with(&base, |org| {
        let entry = Entry { readable: false, editable: false };
        org.profiles.get_mut("Back").unwrap().fields.insert("Contact.Delta__c".to_owned(), entry);
        define(org, "Contact.Delta__c", field(Kind::Text, "Restricted", ""));
    });
    assert_eq!(outcome(&base, &off), Outcome::Passed);
    let silent = with(&off, |org| org.profiles.get_mut("Back").unwrap().fields.clear());
    assert_eq!(outcome(&base, &silent), Outcome::Waiting);
    assert!(ObjectEntry { edit: false, view_all_fields: true }.view_all_fields);
}
