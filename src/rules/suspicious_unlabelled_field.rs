//! `suspicious-unlabelled-field`: a new field without a label whose name, shown name or type says that it
//! should have one.
//!
//! One reviewed table of word sequences. Names are split into words at underscores, digits and humps,
//! so `Passport__c` is found and `Passenger_Port__c` is not.

use super::catalogue::SUSPICIOUS_UNLABELLED_FIELD as RULE;
use super::{Context, describe};
use crate::access::{Declared, Encryption, LabelChange};
use crate::finding::{Finding, Place};
use crate::judge::Judge;
use crate::tiers::Known;
use crate::words::FieldName;

/// Words in a row, what they look like, and the label to start from.
const TERMS: &[(&[&str], &str, &str)] = &[
    (&["ssn"], "a social security number", "Restricted, PII"),
    (&["social", "security"], "a social security number", "Restricted, PII"),
    (&["national", "id"], "a national identity number", "Restricted, PII"),
    (&["national", "insurance"], "a national insurance number", "Restricted, PII"),
    (&["tax", "id"], "a tax number", "Restricted, PII"),
    (&["tax", "number"], "a tax number", "Restricted, PII"),
    (&["personnummer"], "a national identity number", "Restricted, PII"),
    (&["fodselsnummer"], "a national identity number", "Restricted, PII"),
    (&["personalausweis"], "an identity card number", "Restricted, PII"),
    (&["steuernummer"], "a tax number", "Restricted, PII"),
    (&["sozialversicherungsnummer"], "a social security number", "Restricted, PII"),
    (&["numero", "securite", "sociale"], "a social security number", "Restricted, PII"),
    (&["codice", "fiscale"], "a tax number", "Restricted, PII"),
    (&["cpf"], "a tax number", "Restricted, PII"),
    (&["curp"], "a national identity number", "Restricted, PII"),
    (&["pesel"], "a national identity number", "Restricted, PII"),
    (&["bsn"], "a national identity number", "Restricted, PII"),
    (&["aadhaar"], "a national identity number", "Restricted, PII"),
    (&["passport"], "a passport number", "Restricted, PII"),
    (&["drivers", "license"], "a driving licence number", "Restricted, PII"),
    (&["driver", "license"], "a driving licence number", "Restricted, PII"),
    (&["driving", "licence"], "a driving licence number", "Restricted, PII"),
    (&["credit", "card"], "a payment card number", "Restricted, PCI"),
    (&["card", "number"], "a payment card number", "Restricted, PCI"),
    (&["kreditkarte"], "a payment card number", "Restricted, PCI"),
    (&["cvv"], "a payment card number", "Restricted, PCI"),
    (&["iban"], "a bank account number", "Restricted, PII"),
    (&["bank", "account"], "a bank account number", "Restricted, PII"),
    (&["routing", "number"], "a bank account number", "Restricted, PII"),
    (&["salary"], "a salary", "Restricted"),
    (&["gehalt"], "a salary", "Restricted"),
    (&["salaire"], "a salary", "Restricted"),
    (&["diagnosis"], "health data", "Restricted, HIPAA"),
    (&["diagnose"], "health data", "Restricted, HIPAA"),
    (&["medical", "record"], "health data", "Restricted, HIPAA"),
    (&["medical", "history"], "health data", "Restricted, HIPAA"),
    (&["blood", "type"], "health data", "Restricted, HIPAA"),
    (&["disability"], "health data", "Restricted, HIPAA"),
    (&["hiv"], "health data", "Restricted, HIPAA"),
    (&["religion"], "data about religion", "Restricted, GDPR"),
    (&["ethnicity"], "data about ethnic origin", "Restricted, GDPR"),
    (&["sexual", "orientation"], "data about sexual orientation", "Restricted, GDPR"),
    (&["fingerprint", "template"], "biometric data", "Restricted, GDPR"),
    (&["password"], "a password", "MissionCritical"),
    (&["passwort"], "a password", "MissionCritical"),
    (&["date", "of", "birth"], "a date of birth", "Confidential, PII"),
    (&["birth", "date"], "a date of birth", "Confidential, PII"),
    (&["birthdate"], "a date of birth", "Confidential, PII"),
    (&["birthday"], "a date of birth", "Confidential, PII"),
    (&["dob"], "a date of birth", "Confidential, PII"),
    (&["geburtsdatum"], "a date of birth", "Confidential, PII"),
    (&["fecha", "nacimiento"], "a date of birth", "Confidential, PII"),
];

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for change in &cx.delta.label_changes {
        let Some((place, Suggestion { why, label, .. })) = unlabelled(cx, change) else { continue };
        let after = cx.classified(&change.field);
        let mut finding = cx.finding(&RULE, place, None);
        finding.message = format!("{} `{}` has no label, and {why}", describe::new_field(cx), change.field);
        finding.here = "no label".into();
        finding.help = format!(
            "add a label, for example {label}; if the data is harmless, label it `Public` or `Internal`"
        );
        finding.subject = describe::of_field(&change.field, after);
        findings.push(finding);
    }
}

/// A field without a label that should have one by all that is known.
#[derive(Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The field.
    pub field: FieldName,
    /// What speaks for a label: `its name looks like a date of birth`.
    pub why: String,
    /// The label to start from: a classification, and after a comma a compliance group.
    pub label: &'static str,
}

/// What exists without a label and should have one: fields that files define, and those that permission sets and
/// profiles give access to and nothing defines.
pub fn suggestions(judge: &Judge<'_>) -> Vec<Suggestion> {
    let defined = judge.delta.label_changes.iter().filter_map(|change| Some(unlabelled(judge, change)?.1));
    let granted = judge.delta.landing.values().flat_map(|access| access.entries.open());
    let unknown = granted
        .map(|entry| entry.field())
        .filter(|field| matches!(judge.classified(field).known, Known::Unknown))
        .filter_map(|field| {
            let (why, label) = by_name(field)?;
            Some(Suggestion { field: field.clone(), why, label })
        });
    let mut all: Vec<Suggestion> = defined.chain(unknown).collect();
    all.sort_by(|a, b| a.field.cmp(&b.field));
    all.dedup_by(|a, b| a.field == b.field);
    all
}

/// A field that is new and without a label, where its definition is, and what speaks for one.
fn unlabelled<'c>(judge: &'c Judge<'_>, change: &LabelChange) -> Option<(&'c Place, Suggestion)> {
    let after = judge.classified(&change.field);
    let new = matches!(judge.classified_before(&change.field).known, Known::Unknown);
    let Known::Declared { place, compliance, .. } = &after.known else { return None };
    // `None` is a decision too.
    if !new || after.label.classification.is_some() || compliance.is_some() || after.derived.is_some() {
        return None;
    }
    let (why, label) = suspicion(change)?;
    Some((place, Suggestion { field: change.field.clone(), why, label }))
}

/// What speaks for a label, and the label to start from: the API name first, then the name that people
/// see, then a type that nobody chooses for ordinary text.
fn suspicion(change: &LabelChange) -> Option<(String, &'static str)> {
    if let Some(by_name) = by_name(&change.field) {
        return Some(by_name);
    }
    let Declared::Known(all) = &change.landing else { return None };
    let shown = all.iter().filter_map(|d| d.shown_as.as_deref());
    if let Some((_, about, label)) = shown.filter_map(|name| term(&split(name))).next() {
        return Some((format!("its label looks like {about}"), label));
    }
    let classic = change.landing.encryption().filter(|(how, _)| *how == Encryption::Classic);
    classic.map(|_| ("its type is encrypted text".to_owned(), "Restricted"))
}

fn by_name(field: &FieldName) -> Option<(String, &'static str)> {
    let (_, about, label) = term(&words(field.field()))?;
    Some((format!("its name looks like {about}"), label))
}

/// The first entry of the table whose words stand in a row in `words`.
fn term(words: &[String]) -> Option<&'static (&'static [&'static str], &'static str, &'static str)> {
    TERMS.iter().find(|(term, ..)| words.windows(term.len()).any(|window| window.iter().eq(term.iter())))
}

/// The words of an API name, lower case, without a namespace or suffix.
fn words(name: &str) -> Vec<String> {
    let lower = name.to_ascii_lowercase();
    let custom = ["__c", "__pc"].iter().find_map(|s| lower.strip_suffix(s).map(str::len));
    let name = &name[..custom.unwrap_or(name.len())];
    split(name.rsplit("__").next().unwrap_or(name))
}

/// The words of a name, lower case.
fn split(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut previous) = (String::new(), ' ');
    let mut letters = name.chars().peekable();
    while let Some(c) = letters.next() {
        let hump = c.is_uppercase()
            && (previous.is_lowercase()
                || (previous.is_uppercase() && letters.peek().is_some_and(|n| n.is_lowercase())));
        if !c.is_alphabetic() || hump {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if c.is_alphabetic() {
            word.extend(c.to_lowercase());
        }
        previous = c;
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_where_people_read_words() {
        assert_eq!(words("Social_Security_Number__c"), ["social", "security", "number"]);
        assert_eq!(words("acme__CreditCardNo2__c"), ["credit", "card", "no"]);
        assert_eq!(words("SSN__c"), ["ssn"]);
        assert_eq!(words("PatientSSNText__pc"), ["patient", "ssn", "text"]);
        assert_eq!(words("Birthdate"), ["birthdate"]);
    }

    #[test]
    fn words_are_found_and_parts_of_words_are_not() {
        for name in ["SSN__c", "Patient_SSN__c", "DateOfBirth__c", "Bank_Account_No__c", "Geburtsdatum__c"] {
            assert!(term(&words(name)).is_some(), "{name}");
        }
        for name in [
            "Lesson__c",
            "Passenger_Port__c",
            "Card__c",
            "Tax__c",
            "Race_Stage__c",
            "Ibanez__c",
            "Doberman__c",
        ] {
            assert!(term(&words(name)).is_none(), "{name}");
        }
    }
}
