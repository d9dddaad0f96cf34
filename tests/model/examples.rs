//! Hand-made cases: one for each sentence of §7 about pairs. They check the model itself, and that the product agrees.

use super::compare::{difference, print, product};
use super::judge::{Judgement, Outcome, State, judge};
use super::org::{
    Access, Duty, Entry, GroupDef, Holder, Kind, ObjectEntry, Org, Place, SetDef, Tier, UserType,
};
use super::seed::{because, field, formula, set};
use std::collections::BTreeSet;

/// Two classified fields, an open one, a formula of the open one, and one permission set that gives nothing.
pub(crate) fn small() -> Org {
    let mut org = Org::default();
    define(&mut org, "Contact.Gamma__c", field(Kind::Text, "Restricted", ""));
    define(&mut org, "Account.Alpha__c", field(Kind::Text, "Confidential", ""));
    define(&mut org, "Contact.Delta__c", field(Kind::Text, "", ""));
    define(&mut org, "Contact.Calc__c", field(formula(&["Delta__c"]), "", ""));
    put(&mut org, "Desk", set(None, &[], &[]));
    org
}

pub(crate) fn define(org: &mut Org, name: &str, def: super::org::FieldDef) {
    org.fields.insert((name.to_owned(), Place::Main), def);
}

pub(crate) fn put(org: &mut Org, name: &str, def: SetDef) {
    org.sets.insert((name.to_owned(), Place::Main), def);
}

pub(crate) fn group(org: &mut Org, name: &str, members: &[&str], muting: Option<&str>) {
    let members = members.iter().map(|m| (*m).to_owned()).collect();
    org.groups.insert(name.to_owned(), GroupDef { members, muting: muting.map(str::to_owned) });
}

pub(crate) fn say(org: &mut Org, reason: super::org::Reason) {
    org.reasons.insert(reason);
}

/// A copy with a change.
pub(crate) fn with(org: &Org, change: impl FnOnce(&mut Org)) -> Org {
    let mut copy = org.clone();
    change(&mut copy);
    copy
}

pub(crate) fn desk() -> Holder {
    Holder::Set("Desk".to_owned())
}

pub(crate) fn team() -> Holder {
    Holder::Group("Team".to_owned())
}

/// What the model says of a change, and the product as well.
pub(crate) fn agreed(base: &Org, head: &Org) -> Judgement {
    let model = judge(base, head);
    assert_eq!(difference(&model, &product(base, head)), None, "{}", print(base, head));
    model
}

/// Rules and state of a worse pair.
pub(crate) fn pair(base: &Org, head: &Org, holder: &Holder, field: &str) -> Option<(Vec<u8>, State)> {
    let all = agreed(base, head).worse;
    let found = all.into_iter().find(|p| p.holder == *holder && p.field == field);
    found.map(|p| (p.rules.into_iter().collect(), p.state))
}

pub(crate) fn outcome(base: &Org, head: &Org) -> Outcome {
    agreed(base, head).outcome
}

pub(crate) fn reading(fields: &[&str]) -> Org {
    with(&small(), |org| put(org, "Desk", set(None, fields, &[])))
}

pub(crate) fn user(def: &mut SetDef, name: &str) {
    def.user.insert(name.to_owned(), true);
}

pub(crate) fn of<'a>(org: &'a mut Org, name: &str) -> &'a mut SetDef {
    org.sets.get_mut(&(name.to_owned(), Place::Main)).unwrap()
}

#[test]
fn nothing_changed_passes() {
    assert_eq!(outcome(&super::seed::seed(), &super::seed::seed()), Outcome::Passed);
}

#[test]
fn a_field_that_only_a_formula_names_is_not_new() {
    let base = with(&small(), |org| {
        org.policy.unknown = Tier::Restricted;
        define(org, "Contact.Calc__c", field(formula(&["Ghost__c"]), "", ""));
        let entry = ObjectEntry { edit: false, view_all_fields: true };
        of(org, "Desk").objects.insert("Contact".to_owned(), entry);
    });
    assert_eq!(outcome(&base, &base), Outcome::Passed);
}

#[test]
fn rule_1_access_rises_from_none() {
    let head = reading(&["Contact.Gamma__c"]);
    assert_eq!(pair(&small(), &head, &desk(), "Contact.Gamma__c"), Some((vec![1], State::Unjustified)));
    assert_eq!(outcome(&small(), &head), Outcome::Blocked);
}

#[test]
fn rule_1_read_becomes_edit() {
    let base = reading(&["Account.Alpha__c"]);
    let head = with(&small(), |org| put(org, "Desk", set(None, &[], &["Account.Alpha__c"])));
    assert_eq!(pair(&base, &head, &desk(), "Account.Alpha__c"), Some((vec![1, 2], State::Unjustified)));
}

#[test]
fn an_open_field_needs_nothing() {
    let head = reading(&["Contact.Delta__c"]);
    assert_eq!(pair(&small(), &head, &desk(), "Contact.Delta__c"), Some((vec![1], State::Allowed)));
    assert_eq!(outcome(&small(), &head), Outcome::Passed);
}

#[test]
fn editable_without_readable_is_edit() {
    let head = with(&small(), |org| {
        let entry = Entry { readable: false, editable: true };
        of(org, "Desk").fields.insert("Account.Alpha__c".to_owned(), entry);
    });
    assert_eq!(pair(&small(), &head, &desk(), "Account.Alpha__c"), Some((vec![1], State::Unjustified)));
}

#[test]
fn a_formula_is_read_at_most() {
    let base = reading(&["Contact.Calc__c"]);
    let head = with(&small(), |org| put(org, "Desk", set(None, &[], &["Contact.Calc__c"])));
    assert_eq!(pair(&base, &head, &desk(), "Contact.Calc__c"), None);
}

#[test]
fn a_formula_that_becomes_a_text_lets_old_editable_entries_count() {
    let base = with(&small(), |org| {
        define(org, "Contact.Calc__c", field(formula(&["Delta__c"]), "Confidential", ""));
        put(org, "Desk", set(None, &[], &["Contact.Calc__c"]));
    });
    let head = with(&base, |org| define(org, "Contact.Calc__c", field(Kind::Text, "Confidential", "")));
    assert_eq!(pair(&base, &head, &desk(), "Contact.Calc__c"), Some((vec![1, 2], State::Unjustified)));
}

#[test]
fn without_fls_whoever_reads_the_object_reads_it() {
    let base = with(&small(), |org| {
        let entry = ObjectEntry { edit: false, view_all_fields: false };
        of(org, "Desk").objects.insert("Contact".to_owned(), entry);
    });
    let head = with(&base, |org| define(org, "Contact.Gamma__c", field(Kind::Required, "Restricted", "")));
    assert_eq!(pair(&base, &head, &desk(), "Contact.Gamma__c"), Some((vec![1], State::Unjustified)));
}

#[test]
fn view_all_data_reads_and_modify_all_data_edits_what_has_no_fls() {
    let base = with(&small(), |org| define(org, "Signal__e.Eta__c", field(Kind::Text, "Confidential", "")));
    for (name, state) in [("ViewAllData", State::Justified), ("ModifyAllData", State::Unjustified)] {
        let head = with(&base, |org| {
            user(of(org, "Desk"), name);
            org.reasons.insert(because(desk(), "Signal__e.Eta__c", Access::Read));
        });
        assert_eq!(pair(&base, &head, &desk(), "Signal__e.Eta__c"), Some((vec![1], state)));
        assert_eq!(pair(&base, &head, &desk(), "Contact.Gamma__c"), None, "not past field-level security");
    }
}

#[test]
fn object_access_is_not_asked_for_a_field_with_fls() {
    let base = reading(&["Contact.Gamma__c"]);
    let head = with(&base, |org| {
        let entry = ObjectEntry { edit: true, view_all_fields: false };
        of(org, "Desk").objects.insert("Contact".to_owned(), entry);
    });
    assert_eq!(outcome(&base, &head), Outcome::Passed);
}

#[test]
fn a_new_custom_field_is_new_to_view_all_fields() {
    let base = with(&small(), |org| {
        let entry = ObjectEntry { edit: false, view_all_fields: true };
        of(org, "Desk").objects.insert("Account".to_owned(), entry);
    });
    let head = with(&base, |org| define(org, "Account.New__c", field(Kind::Text, "Confidential", "")));
    assert_eq!(pair(&base, &head, &desk(), "Account.New__c"), Some((vec![1], State::Unjustified)));
}

#[test]
fn a_custom_field_that_only_another_entry_of_the_base_names_is_new() {
    let base = with(&small(), |org| {
        org.policy.unknown = Tier::Restricted;
        let entry = ObjectEntry { edit: false, view_all_fields: true };
        of(org, "Desk").objects.insert("Account".to_owned(), entry);
        put(org, "Sales", set(None, &["Account.New__c"], &[]));
    });
    let head = with(&base, |org| define(org, "Account.New__c", field(Kind::Text, "Confidential", "")));
    assert_eq!(pair(&base, &head, &desk(), "Account.New__c"), Some((vec![1], State::Unjustified)));
}

#[test]
fn the_first_definition_of_a_standard_field_is_a_label() {
    let base = with(&small(), |org| {
        let entry = ObjectEntry { edit: false, view_all_fields: true };
        of(org, "Desk").objects.insert("Contact".to_owned(), entry);
    });
    let head = with(&base, |org| define(org, "Contact.Fax", field(Kind::Text, "Confidential", "")));
    assert_eq!(pair(&base, &head, &desk(), "Contact.Fax"), Some((vec![2], State::NeedsApproval)));
}

#[test]
fn an_entry_below_view_all_fields_adds_nothing() {
    let base = with(&small(), |org| {
        let entry = ObjectEntry { edit: false, view_all_fields: true };
        of(org, "Desk").objects.insert("Contact".to_owned(), entry);
    });
    let below = Entry { readable: true, editable: false };
    let head = with(&base, |org| {
        of(org, "Desk").fields.insert("Contact.Gamma__c".to_owned(), below);
    });
    assert_eq!(outcome(&base, &head), Outcome::Passed);
    let single = with(&head, |org| of(org, "Desk").objects.clear());
    assert_eq!(outcome(&base, &single), Outcome::Passed, "single grants in place of View All Fields");
}

#[test]
fn rule_2_the_tier_rises_though_the_requirement_stays() {
    let base = with(&small(), |org| put(org, "Desk", set(None, &[], &["Account.Alpha__c"])));
    let head = with(&base, |org| define(org, "Account.Alpha__c", field(Kind::Text, "Restricted", "")));
    assert_eq!(pair(&base, &head, &desk(), "Account.Alpha__c"), Some((vec![2], State::NeedsApproval)));
}

#[test]
fn rule_2_a_compliance_group_asks_for_more_though_the_tier_stays() {
    let base = with(&reading(&["Account.Alpha__c"]), |org| {
        org.policy.compliance.insert("GDPR".to_owned(), (Duty::Approval, Duty::Approval));
        org.reasons.insert(because(desk(), "Account.Alpha__c", Access::Read));
    });
    let head = with(&base, |org| define(org, "Account.Alpha__c", field(Kind::Text, "Confidential", "GDPR")));
    assert_eq!(pair(&base, &head, &desk(), "Account.Alpha__c"), Some((vec![2], State::NeedsApproval)));
}

#[test]
fn rule_3_the_user_type_becomes_more_exposed() {
    let base = reading(&["Contact.Gamma__c"]);
    let head = with(&base, |org| of(org, "Desk").license = Some("Customer Community".to_owned()));
    assert_eq!(pair(&base, &head, &desk(), "Contact.Gamma__c"), Some((vec![2, 3], State::NotAllowed)));
}

#[test]
fn rule_3_a_lost_integration_licence() {
    let base = with(&small(), |org| {
        put(org, "Desk", set(Some("Salesforce Integration"), &["Contact.Gamma__c"], &[]));
    });
    let head = with(&base, |org| of(org, "Desk").license = None);
    assert_eq!(pair(&base, &head, &desk(), "Contact.Gamma__c"), Some((vec![3], State::Unjustified)));
}

#[test]
fn a_name_pattern_only_makes_more_exposed() {
    let base = with(&small(), |org| {
        org.policy.patterns.insert((UserType::Integration, "Desk*".to_owned()));
        org.policy.patterns.insert((UserType::Guest, "Open*".to_owned()));
        org.policy.types.insert((UserType::Integration, Tier::Restricted), (Duty::Nothing, Duty::Nothing));
    });
    let head = with(&base, |org| {
        put(org, "Desk", set(None, &["Contact.Gamma__c"], &[]));
        put(org, "Open_Desk", set(Some("Salesforce"), &["Account.Alpha__c"], &[]));
    });
    assert_eq!(pair(&base, &head, &desk(), "Contact.Gamma__c"), Some((vec![1], State::Unjustified)));
    let open = Holder::Set("Open_Desk".to_owned());
    assert_eq!(pair(&base, &head, &open, "Account.Alpha__c"), Some((vec![1], State::NotAllowed)));
}

#[test]
fn rule_4_a_classified_formula_newly_reads_another_classified_field_though_its_tier_stays() {
    let base = with(&reading(&["Contact.Calc__c"]), |org| {
        define(org, "Contact.Calc__c", field(formula(&["Delta__c"]), "Restricted", ""));
    });
    let head = with(&base, |org| {
        define(org, "Contact.Calc__c", field(formula(&["Delta__c", "Gamma__c"]), "Restricted", ""));
    });
    assert_eq!(pair(&base, &head, &desk(), "Contact.Calc__c"), Some((vec![4], State::Unjustified)));
}

#[test]
fn rule_4_through_others_and_through_a_retargeted_lookup() {
    let base = with(&reading(&["Contact.Chain__c"]), |org| {
        define(org, "Contact.Chain__c", field(formula(&["Calc__c"]), "", ""));
        define(org, "Contact.Calc__c", field(formula(&["Link__r.Beta__c"]), "", ""));
        define(org, "Contact.Link__c", field(Kind::Lookup("Account".to_owned()), "", ""));
        define(org, "Ledger__c.Beta__c", field(Kind::Text, "Restricted", ""));
    });
    let head = with(&base, |org| {
        define(org, "Contact.Link__c", field(Kind::Lookup("Ledger__c".to_owned()), "", ""));
    });
    let wanted = Some((vec![2, 4], State::Unjustified));
    assert_eq!(pair(&base, &head, &desk(), "Contact.Chain__c"), wanted);
}

#[test]
fn rule_5_a_justification_that_counted_is_removed() {
    let base = with(&reading(&["Contact.Gamma__c"]), |org| {
        org.reasons.insert(because(desk(), "Contact.Gamma__c", Access::Read));
    });
    let head = with(&base, |org| org.reasons.clear());
    assert_eq!(pair(&base, &head, &desk(), "Contact.Gamma__c"), Some((vec![5], State::Unjustified)));
}

#[test]
fn rule_5_a_justification_that_counted_is_narrowed() {
    let base = with(&small(), |org| {
        put(org, "Desk", set(None, &[], &["Account.Alpha__c"]));
        org.reasons.insert(because(desk(), "Account.Alpha__c", Access::Edit));
    });
    let head = with(&base, |org| {
        org.reasons = BTreeSet::from([because(desk(), "Account.Alpha__c", Access::Read)]);
    });
    assert_eq!(pair(&base, &head, &desk(), "Account.Alpha__c"), Some((vec![5], State::Unjustified)));
}
