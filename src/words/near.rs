//! Which known name somebody may have meant.

/// The known name that `written` most likely means: the same in other letter case, without its `__c`, with a blank for an
/// underscore or with `y` for `ies`, or at most two slips of the hand away. Of several the nearest, of those the first.
pub fn nearest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let plain = |name: &str| {
        let name = name.to_lowercase();
        let name = name.strip_suffix("__c").unwrap_or(&name).replace([' ', '-'], "_");
        name.strip_suffix("ies").map_or_else(|| name.clone(), |start| format!("{start}y"))
    };
    let written = plain(written);
    let slips = |name: &&str| strsim::osa_distance(&written, &plain(name));
    // A short name is two slips away from most others.
    let near = known.into_iter().filter(|name| slips(name) <= 2.min(plain(name).chars().count() / 3));
    near.min_by_key(|name| slips(name))
}

/// `". Did you mean `Contact.SSN__c`?"`, or nothing.
pub fn did_you_mean<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    nearest(written, known).map(|name| format!(". Did you mean `{name}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_hand_are_near_and_other_words_are_not() {
        let known = ["Contact.SSN__c", "Support_Agent", "conditional", "PII", "entries"];
        for (written, meant) in [
            ("contact.ssn", "Contact.SSN__c"),
            ("Contact.SNS__c", "Contact.SSN__c"),
            ("Support Agent", "Support_Agent"),
            ("Suport_Agnet", "Support_Agent"),
            ("condtional", "conditional"),
            ("PIL", "PII"),
            ("entry", "entries"),
        ] {
            assert_eq!(nearest(written, known), Some(meant), "{written}");
        }
        for other in ["Account.SSN__c", "Sales_Agent", "open", "GDPR", ""] {
            assert_eq!(nearest(other, known), None, "{other}");
        }
    }
}
