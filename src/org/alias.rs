//! One field, several names: the name under which its definition stands.
//!
//! Grants name `Task.X__c` where the file says `Activity`; person accounts show `Contact.X__c` as
//! `Account.X__pc` and inherit its FLS; compound fields show their parts; a project may or may not spell
//! out its own namespace. Sources: *Object Reference*, FieldPermissions; Help, *Account Fields*;
//! *Metadata API Developer Guide*, PermissionSet.

use crate::words::FieldName;
use std::borrow::Cow;

/// Parts of an address and of a geolocation, as suffixes of a standard or custom compound field.
const PARTS: [&str; 12] = [
    "Street",
    "City",
    "State",
    "StateCode",
    "PostalCode",
    "Country",
    "CountryCode",
    "Latitude",
    "Longitude",
    "GeocodeAccuracy",
    "SubDistrict",
    "District",
];

/// Parts of the compound name of a person. Rows for them are rare, but formulas read them.
const NAME_PARTS: [&str; 6] = ["FirstName", "InformalName", "LastName", "MiddleName", "Salutation", "Suffix"];

/// Standard objects whose `Name` is the compound name of a person.
const PEOPLE: [&str; 3] = ["Contact", "Lead", "User"];

/// Standard address fields by what stands before `Address`; on many standard objects nothing does.
const ADDRESSES: [&str; 11] = [
    "",
    "Billing",
    "Shipping",
    "Mailing",
    "Other",
    "PersonMailing",
    "PersonOther",
    "Additional",
    "QuoteTo",
    "ShipFrom",
    "ShipTo",
];

/// The name under which the definition of `field` stands, given the repository's own namespaces; `None` where that
/// is its own, as of almost every field.
pub(super) fn canonical(field: &FieldName, namespaces: &[String]) -> Option<FieldName> {
    let object = without_namespace(field.object(), namespaces);
    let name = without_namespace(field.field(), namespaces);
    let (object, name) = compound(object, name);
    let (object, name) = person(object, name);
    let activity = ["Task", "Event"].iter().any(|o| object.eq_ignore_ascii_case(o));
    // Tasks and events share the field-level security of an activity's fields, standard ones too.
    let object = if activity { "Activity" } else { object };
    if object == field.object() && name == field.field() {
        return None;
    }
    FieldName::of(object, &name).filter(|whole| whole != field)
}

/// `ns__Name__c` to `Name__c`. Without a custom suffix `ns__` is no prefix but part of a name.
pub(crate) fn without_namespace<'n>(name: &'n str, namespaces: &[String]) -> &'n str {
    namespaces.iter().find_map(|own| after(name, own).filter(|rest| rest.contains("__"))).unwrap_or(name)
}

/// `ns__Name` to `Name`: components other than objects and fields have no suffix to tell them by.
pub(super) fn component<'n>(name: &'n str, namespaces: &[String]) -> &'n str {
    namespaces.iter().find_map(|own| after(name, own).filter(|rest| !rest.is_empty())).unwrap_or(name)
}

/// What follows `own__` in a name.
fn after<'n>(name: &'n str, own: &str) -> Option<&'n str> {
    starts_with(name, own).then(|| name[own.len()..].strip_prefix("__")).flatten()
}

/// A part of a compound field to the field.
fn compound<'n>(object: &'n str, name: &'n str) -> (&'n str, Cow<'n, str>) {
    if ends_with(name, "__s") {
        let stem = &name[..name.len() - 3];
        for part in PARTS {
            if let Some(whole) = stem.len().checked_sub(part.len() + 2).filter(|_| ends_with(stem, part))
                && stem.get(whole..whole + 2) == Some("__")
            {
                return (object, format!("{}__c", &stem[..whole]).into());
            }
        }
    }
    let of_name = NAME_PARTS.iter().any(|part| name.eq_ignore_ascii_case(part));
    if of_name && PEOPLE.iter().any(|o| object.eq_ignore_ascii_case(o)) {
        return (object, "Name".into());
    }
    for part in PARTS.iter().filter(|part| ends_with(name, part)) {
        let before = &name[..name.len() - part.len()];
        let named = ADDRESSES.iter().any(|a| a.eq_ignore_ascii_case(before));
        // A custom object has addresses of its own making alone.
        if named && !object.contains("__") {
            return (object, format!("{before}Address").into());
        }
    }
    (object, name.into())
}

/// A person account's field to the contact's.
fn person<'n>(object: &'n str, name: Cow<'n, str>) -> (&'n str, Cow<'n, str>) {
    if !object.eq_ignore_ascii_case("Account") {
        return (object, name);
    }
    // A person account is named in parts as its contact is; a business account has no such fields.
    if NAME_PARTS.iter().any(|part| name.eq_ignore_ascii_case(part)) {
        return ("Contact", "Name".into());
    }
    if ends_with(&name, "__pc") {
        return ("Contact", format!("{}__c", &name[..name.len() - 4]).into());
    }
    // `PersonEmail` is the contact's `Email`, and so for every standard field of a contact.
    let standard = name.get(6..).filter(|_| starts_with(&name, "Person") && !ends_with(&name, "__c"));
    match standard.filter(|n| n.starts_with(|c: char| c.is_ascii_alphabetic())) {
        Some(standard) => ("Contact", standard.to_owned().into()),
        None => (object, name),
    }
}

fn ends_with(text: &str, suffix: &str) -> bool {
    let at = text.len().checked_sub(suffix.len());
    at.and_then(|at| text.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str, namespace: Option<&str>) -> String {
        let field = FieldName::parse(text).unwrap();
        let namespaces: Vec<String> = namespace.into_iter().map(str::to_owned).collect();
        canonical(&field, &namespaces).unwrap_or(field).to_string()
    }

    #[test]
    fn aliases_lead_to_the_definition() {
        for (alias, definition) in [
            ("Task.Outcome__c", "Activity.Outcome__c"),
            ("event.Outcome__C", "Activity.Outcome__C"),
            ("Task.Subject", "Activity.Subject"),
            ("WorkOrder.Street", "WorkOrder.Address"),
            ("Quote.QuoteToPostalCode", "Quote.QuoteToAddress"),
            ("Account.SSN__pc", "Contact.SSN__c"),
            ("Account.PersonEmail", "Contact.Email"),
            ("Account.PersonMailingCity", "Contact.MailingAddress"),
            ("Account.PersonaType__c", "Account.PersonaType__c"),
            ("Account.PersonGenderIdentity", "Contact.GenderIdentity"),
            ("Account.personemail", "Contact.email"),
            ("Contact.MailingStreet", "Contact.MailingAddress"),
            ("Contact.LastName", "Contact.Name"),
            ("Account.FirstName", "Contact.Name"),
            ("Account.Name", "Account.Name"),
            ("Claim__c.LastName", "Claim__c.LastName"),
            ("Lead.City", "Lead.Address"),
            ("Claim__c.City", "Claim__c.City"),
            ("Shop__c.Place__Latitude__s", "Shop__c.Place__c"),
            ("Shop__c.Home__PostalCode__s", "Shop__c.Home__c"),
            ("Contact.SSN__c", "Contact.SSN__c"),
        ] {
            assert_eq!(name(alias, None), definition, "{alias}");
        }
    }

    #[test]
    fn the_projects_own_namespace_is_no_part_of_a_name() {
        let acme = Some("acme");
        assert_eq!(name("Contact.acme__SSN__c", acme), "Contact.SSN__c");
        assert_eq!(name("ACME__Claim__c.Acme__Iban__c", acme), "Claim__c.Iban__c");
        assert_eq!(name("Contact.other__SSN__c", acme), "Contact.other__SSN__c");
        assert_eq!(name("Contact.acme__c", acme), "Contact.acme__c", "a field of that name");
        assert_eq!(name("Contact.acme__SSN__c", None), "Contact.acme__SSN__c");
        assert_eq!(name("Account.acme__SSN__pc", acme), "Contact.SSN__c");
    }
}
