//! The names that random orgs draw from, and the org that they begin with.

use super::org::{
    Access, Entry, FieldDef, GroupDef, Holder, Kind, Label, ObjectEntry, Org, Place, Reason, SetDef,
};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const FIELDS: [&str; 11] = [
    "Account.Alpha__c",
    "Account.Beta__c",
    "Contact.Calc__c",
    "Contact.Chain__c",
    "Contact.Delta__c",
    "Contact.Fax",
    "Contact.Gamma__c",
    "Contact.Link__c",
    "Ledger__c.Beta__c",
    "Ledger__c.Zeta__c",
    "Signal__e.Eta__c",
];
pub(crate) const SETS: [&str; 7] = ["Audit", "Desk", "Guest_Portal", "Sales", "Sales_Ext", "Sync", "Temp"];
pub(crate) const PROFILES: [&str; 2] = ["Back", "Front"];
pub(crate) const GROUPS: [&str; 2] = ["Crew", "Team"];
pub(crate) const MUTINGS: [&str; 2] = ["Hush", "Quiet"];
pub(crate) const LICENSES: [Option<&str>; 5] = [
    None,
    Some("Salesforce"),
    Some("Salesforce Integration"),
    Some("Customer Community"),
    Some("Guest User License"),
];
/// Classification and compliance groups.
pub(crate) const CLASSES: [(&str, &str); 8] = [
    ("", ""),
    ("Public", ""),
    ("Confidential", ""),
    ("Confidential", "GDPR"),
    ("", "PII"),
    ("Restricted", ""),
    ("Restricted", "PII;GDPR"),
    ("Internal", "PCI"),
];
/// What formulas of `Contact` name.
pub(crate) const REFERENCES: [&str; 6] =
    ["Gamma__c", "Delta__c", "Link__r.Beta__c", "Calc__c", "Account.Alpha__c", "Fax"];

pub(crate) fn label(class: &str, groups: &str) -> Label {
    Label {
        classification: (!class.is_empty()).then(|| class.to_owned()),
        groups: groups.split(';').filter(|g| !g.is_empty()).map(str::to_owned).collect(),
    }
}

/// A permission set that reads some fields and edits others.
pub(crate) fn set(license: Option<&str>, read: &[&str], edit: &[&str]) -> SetDef {
    let one = |field: &&str, editable| ((*field).to_owned(), Entry { readable: true, editable });
    let read = read.iter().map(|field| one(field, false));
    let fields = read.chain(edit.iter().map(|field| one(field, true))).collect();
    SetDef { license: license.map(str::to_owned), fields, ..SetDef::default() }
}

pub(crate) fn field(kind: Kind, class: &str, groups: &str) -> FieldDef {
    FieldDef { kind, label: label(class, groups) }
}

pub(crate) fn formula(reads: &[&str]) -> Kind {
    Kind::Formula(reads.iter().map(|read| (*read).to_owned()).collect())
}

/// An org in which every kind of thing exists once.
pub(crate) fn seed() -> Org {
    let mut org = Org::default();
    let mut define = |name: &str, def| org.fields.insert((name.to_owned(), Place::Main), def);
    define("Account.Alpha__c", field(Kind::Text, "Confidential", ""));
    define("Account.Beta__c", field(Kind::Text, "", ""));
    define("Contact.Calc__c", field(formula(&["Delta__c"]), "", ""));
    define("Contact.Chain__c", field(formula(&["Calc__c", "Link__r.Beta__c"]), "", ""));
    define("Contact.Delta__c", field(Kind::Text, "", ""));
    define("Contact.Gamma__c", field(Kind::Text, "Restricted", ""));
    define("Contact.Link__c", field(Kind::Lookup("Account".to_owned()), "", ""));
    define("Ledger__c.Beta__c", field(Kind::Text, "Restricted", ""));
    define("Ledger__c.Zeta__c", field(Kind::Text, "", "PII"));
    define("Signal__e.Eta__c", field(Kind::Text, "Confidential", ""));
    let mut set_of = |name: &str, def| org.sets.insert((name.to_owned(), Place::Main), def);
    set_of("Desk", set(None, &["Contact.Gamma__c", "Contact.Calc__c"], &["Account.Alpha__c"]));
    set_of(
        "Sales",
        set(Some("Salesforce"), &["Contact.Chain__c", "Ledger__c.Zeta__c"], &["Contact.Delta__c"]),
    );
    let mut sync = set(Some("Salesforce Integration"), &["Contact.Calc__c"], &["Ledger__c.Beta__c"]);
    sync.objects.insert("Account".to_owned(), ObjectEntry { edit: false, view_all_fields: true });
    set_of("Sync", sync);
    set_of("Guest_Portal", set(Some("Guest User License"), &["Contact.Delta__c", "Contact.Chain__c"], &[]));
    org.profiles
        .insert("Back".to_owned(), set(Some("Salesforce"), &["Contact.Calc__c"], &["Contact.Delta__c"]));
    org.profiles.insert("Front".to_owned(), set(Some("Customer Community"), &["Contact.Chain__c"], &[]));
    let members = BTreeSet::from(["Desk".to_owned(), "Sales".to_owned()]);
    org.groups.insert("Team".to_owned(), GroupDef { members, muting: Some("Quiet".to_owned()) });
    let members = BTreeSet::from(["Sales".to_owned()]);
    org.groups.insert("Crew".to_owned(), GroupDef { members, muting: None });
    org.mutings
        .insert(("Quiet".to_owned(), Place::Main), set(None, &["Contact.Gamma__c"], &["Account.Alpha__c"]));
    org.mutings.insert(("Hush".to_owned(), Place::Main), set(None, &["Ledger__c.Zeta__c"], &[]));
    for (name, field, access) in [
        ("Desk", "Contact.Gamma__c", Access::Read),
        ("Desk", "Account.Alpha__c", Access::Edit),
        ("Sales", "Ledger__c.Zeta__c", Access::Read),
        ("Sync", "Ledger__c.Beta__c", Access::Edit),
        ("Sync", "Account.Alpha__c", Access::Read),
    ] {
        org.reasons.insert(because(Holder::Set(name.to_owned()), field, access));
    }
    org.exports = BTreeMap::from([("Contact.Fax".to_owned(), label("Confidential", ""))]);
    org
}

/// A complete entry.
pub(crate) fn because(holder: Holder, field: &str, access: Access) -> Reason {
    Reason {
        holder,
        field: field.to_owned(),
        reviewed: BTreeSet::new(),
        access,
        reason: 0,
        owner: 0,
        expires: 2,
    }
}
