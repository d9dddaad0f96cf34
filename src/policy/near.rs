//! Labels as written, and what they are nearly: `HIPPA`, `Confidental`, `PII,HIPAA`.
//!
//! A value that is nearly a known one counts as that, so that a slip of the pen lowers no tier, and is told.

use super::tiers::LabelMap;
use crate::finding::Label;
use crate::words::Tier;

/// Classifications and compliance groups that Salesforce knows (*Metadata API Developer Guide*, CustomField), and PHI,
/// which many orgs add. Whatever the policy makes of them, none is a misspelling of another.
const CLASSIFICATIONS: [&str; 5] = ["Public", "Internal", "Confidential", "Restricted", "MissionCritical"];
pub(super) const GROUPS: [&str; 9] =
    ["CCPA", "COPPA", "CPRA", "GDPR", "HIPAA", "PCI", "PersonalInfo", "PII", "PHI"];
/// A shorter name is too near to others.
const MIN_LETTERS: usize = 4;
/// Longer than any value of a picklist.
const MAX_LETTERS: usize = 255;
/// What nobody writes within a value: a list that Salesforce takes for one value.
const LISTING: &[char] = &[',', '|', '\n', '\t', '；', '，', '、'];
/// What may stand within a value as well, and so says of a list only where all of its parts are known.
const JOINING: &[char] = &[' ', '/', '+', '&', ':', '\\', '_', '.', '-'];

/// A value of a label that is none of the known ones, and nearly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// As written.
    pub written: String,
    /// What it is likely meant to be, and counts as: groups joined with `;`.
    pub likely: String,
}

impl LabelMap {
    /// Reads a label as written. `complianceGroup` is one string with `;` between values in any
    /// order; an empty element is no value. A value that is nearly a known one is read as that.
    pub fn label(&self, classification: Option<&str>, compliance: Option<&str>) -> Label {
        self.read(classification, compliance).0
    }

    /// The values of a label that are nearly known ones.
    pub fn near_misses(&self, classification: Option<&str>, compliance: Option<&str>) -> Vec<NearMiss> {
        self.read(classification, compliance).1
    }

    fn read(&self, classification: Option<&str>, compliance: Option<&str>) -> (Label, Vec<NearMiss>) {
        let text = |t: &str| Some(t.trim().to_owned()).filter(|t| !t.is_empty());
        let mut misses = Vec::new();
        let classification = classification.and_then(text).map(|written| {
            let Some(likely) = self.nearly_classification(&written) else { return written };
            misses.push(NearMiss { written, likely: likely.clone() });
            likely
        });
        let mut groups: Vec<String> = Vec::new();
        for written in compliance.unwrap_or_default().split(';').filter_map(text) {
            match self.nearly_groups(&written) {
                Some(likely) => {
                    misses.push(NearMiss { written, likely: likely.join(";") });
                    groups.extend(likely);
                }
                None => groups.push(written),
            }
        }
        groups.retain(|group| !self.no_group.contains(&group.to_lowercase()));
        groups.sort_unstable();
        groups.dedup();
        (Label { classification, compliance_groups: groups }, misses)
    }

    /// Values that the policy lists and that are nearly values of Salesforce, each with that: what is labelled with the right
    /// one counts as if the policy did not list it.
    pub(super) fn slips<'l>(
        &'l self,
        more_groups: impl Iterator<Item = &'l str>,
    ) -> impl Iterator<Item = (&'static str, &'l str, &'static str)> {
        let groups =
            self.groups.keys().chain(&self.groups_with_duties).map(String::as_str).chain(more_groups);
        let groups = groups.map(|name| ("compliance group", name, &GROUPS[..]));
        let classifications =
            self.classifications.keys().map(|name| ("classification", name.as_str(), &CLASSIFICATIONS[..]));
        classifications.chain(groups).filter_map(|(what, name, known)| {
            let is_known = known.iter().any(|other| same(other, name));
            let meant = known.iter().filter(|_| !is_known).find(|other| is_near(name, other))?;
            Some((what, name, *meant))
        })
    }

    /// The classification that an unknown one nearly is; of several the most sensitive.
    fn nearly_classification(&self, written: &str) -> Option<String> {
        let known = || CLASSIFICATIONS.into_iter().chain(self.classifications.keys().map(String::as_str));
        if known().any(|name| same(name, written)) {
            return None;
        }
        let near = known().filter(|name| is_near(written, name));
        let tier =
            |name: &str| self.classifications.get(&name.to_lowercase()).copied().unwrap_or(self.unmapped);
        most_sensitive(near, tier)
    }

    /// The groups that an unknown one nearly is, or lists in another way than with `;`.
    fn nearly_groups(&self, written: &str) -> Option<Vec<String>> {
        if self.knows_group(written) {
            return None;
        }
        if let Some(likely) = self.nearly_group(written) {
            return Some(vec![likely]);
        }
        let likely = |part: &str| match self.knows_group(part) {
            true => Some(part.to_owned()),
            false => self.nearly_group(part),
        };
        let parts = |by: &[char]| -> Vec<String> {
            written.split(by).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        let listed = parts(LISTING);
        if listed.len() > 1 && listed.iter().any(|part| likely(part).is_some()) {
            return Some(listed.into_iter().map(|part| likely(&part).unwrap_or(part)).collect());
        }
        let joined = parts(&[LISTING, JOINING].concat());
        (joined.len() > 1).then(|| joined.iter().map(|part| likely(part)).collect()).flatten()
    }

    fn nearly_group(&self, written: &str) -> Option<String> {
        let near = self.known_groups().filter(|name| is_near(written, name));
        let tier = |name: &str| self.groups.get(&name.to_lowercase()).copied().unwrap_or(self.other_groups);
        most_sensitive(near, tier)
    }

    /// Whether Salesforce has a compliance group, or the policy lists it.
    pub fn knows_group(&self, written: &str) -> bool {
        let none = self.no_group.iter().map(String::as_str);
        self.known_groups().chain(none).any(|name| same(name, written))
    }

    fn known_groups(&self) -> impl Iterator<Item = &str> {
        let listed = self.groups.keys().chain(&self.groups_with_duties).map(String::as_str);
        GROUPS.into_iter().chain(listed)
    }
}

/// The name of the highest tier, the first of equals.
fn most_sensitive<'n>(names: impl Iterator<Item = &'n str>, tier: impl Fn(&str) -> Tier) -> Option<String> {
    let higher = |best: &'n str, next: &'n str| if tier(next) > tier(best) { next } else { best };
    names.reduce(higher).map(str::to_owned)
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || (!b.is_ascii() && a.to_lowercase() == b.to_lowercase())
}

/// Whether one letter of a known name is wrong, missing, doubled or swapped with its neighbour, or only blanks and
/// strokes between its letters are.
fn is_near(written: &str, known: &str) -> bool {
    let letters = |text: &str| -> Vec<char> { text.chars().flat_map(char::to_lowercase).collect() };
    let (a, b) = (letters(written), letters(known));
    if b.len() < MIN_LETTERS || a.len() > MAX_LETTERS {
        return false;
    }
    let first = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (rest, of) = (&a[first..], &b[first..]);
    let wrong = a.len() == b.len() && rest.get(1..) == of.get(1..);
    let swapped = || match (rest, of) {
        ([a, b, rest @ ..], [c, d, of @ ..]) => (a, b) == (d, c) && rest == of,
        _ => false,
    };
    let missing = || a.len() + 1 == b.len() && of.get(1..) == Some(rest);
    // The letter behind is the one too many, or the one before it was: the same letters either way.
    let doubled = || {
        let again = first > 0 && rest.first() == a.get(first - 1);
        a.len() == b.len() + 1 && again && rest.get(1..) == Some(of)
    };
    let plain = |text: &[char]| -> Vec<char> {
        text.iter().copied().filter(|c| !matches!(c, ' ' | '_' | '-')).collect()
    };
    wrong || swapped() || missing() || doubled() || plain(&a) == plain(&b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    fn read(classification: &str, groups: &str) -> (String, Vec<String>) {
        let policy = Policy::default();
        let (label, misses) = policy.labels.read(Some(classification), Some(groups));
        let shown = [label.classification.unwrap_or_default(), label.compliance_groups.join(";")].join(" ");
        (shown, misses.iter().map(|miss| format!("{}>{}", miss.written, miss.likely)).collect())
    }

    #[test]
    fn one_letter_wrong_missing_doubled_or_swapped_counts_as_the_word() {
        for (written, likely) in [
            ("HIPPA", "HIPAA"),
            ("hippa", "HIPAA"),
            ("HIPA", "HIPAA"),
            ("HIPAAA", "HIPAA"),
            ("HHIPAA", "HIPAA"),
            ("GPDR", "GDPR"),
            ("GDPPR", "GDPR"),
            ("Personal Info", "PersonalInfo"),
        ] {
            assert_eq!(
                read("Public", written),
                (format!("Public {likely}"), vec![format!("{written}>{likely}")])
            );
        }
        for (written, likely) in [
            ("Confidental", "Confidential"),
            ("Restrcited", "Restricted"),
            ("Mission-Critical", "MissionCritical"),
        ] {
            assert_eq!(read(written, ""), (format!("{likely} "), vec![format!("{written}>{likely}")]));
        }
    }

    #[test]
    fn another_separator_lists_groups_all_the_same() {
        for (written, groups, likely) in [
            ("PII,HIPAA", "HIPAA;PII", "PII;HIPAA"),
            ("PII, HIPPA", "HIPAA;PII", "PII;HIPAA"),
            ("PII|Staff only", "PII;Staff only", "PII;Staff only"),
            ("PII / HIPAA", "HIPAA;PII", "PII;HIPAA"),
            ("None,PCI", "PCI", "None;PCI"),
            ("PII:PCI", "PCI;PII", "PII;PCI"),
            ("PII_HIPAA", "HIPAA;PII", "PII;HIPAA"),
            ("PII - PCI", "PCI;PII", "PII;PCI"),
            ("PII；PCI", "PCI;PII", "PII;PCI"),
        ] {
            assert_eq!(
                read("Public", written),
                (format!("Public {groups}"), vec![format!("{written}>{likely}")])
            );
        }
    }

    #[test]
    fn what_is_known_or_far_away_stays_as_it_is() {
        for groups in [
            "CPRA",
            "ccpa",
            "COPPA",
            "PI",
            "PIII",
            "Employee PII",
            "HIPAB2",
            "HIXXA",
            "GDP R2",
            "None",
            "Gdpr",
        ] {
            let (_, misses) = read("Public", groups);
            assert_eq!(misses, Vec::<String>::new(), "{groups}");
        }
        for classification in ["public", "Secret", "Confidential 2", "", "Restr", "RestrictedXX"] {
            let (_, misses) = read(classification, "");
            assert_eq!(misses, Vec::<String>::new(), "{classification}");
        }
    }

    #[test]
    fn what_the_policy_lists_is_no_misspelling_and_can_be_misspelt() {
        let mut policy = Policy::default();
        policy.labels.groups.insert("hippa".into(), Tier::Conditional);
        policy.labels.classifications.insert("vertraulich".into(), Tier::Restricted);
        policy.labels.groups_with_duties.push("bafin".into());
        let misses = |c, g| policy.labels.near_misses(Some(c), Some(g));
        assert_eq!(misses("Vertraulich", "HIPPA;BaFin"), []);
        let likely: Vec<String> =
            misses("Vertraulihc", "BaFim").into_iter().map(|miss| miss.likely).collect();
        assert_eq!(likely, ["vertraulich", "bafin"]);
    }

    #[test]
    fn of_several_words_the_most_sensitive_counts() {
        let mut policy = Policy::default();
        policy.labels.groups.extend([("alfa".to_owned(), Tier::Open), ("alba".to_owned(), Tier::Restricted)]);
        assert_eq!(policy.labels.near_misses(None, Some("alxa"))[0].likely, "alba");
    }
}
