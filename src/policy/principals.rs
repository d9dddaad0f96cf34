//! Who holds a grantor: read from its licence, or said by the policy.

use crate::words::{Grantor, PrincipalClass};

/// Name patterns of one class. Patterns are globs and compare without case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Patterns {
    pub(super) licenses: Vec<String>,
    pub(super) grantors: Vec<String>,
}

/// Decides principal classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principals {
    pub(super) classes: Vec<(PrincipalClass, Patterns)>,
}

/// Licence names of Salesforce's own kinds of users, and the permission set that it makes for service agents.
const LICENSES: &str = include_str!("licenses.txt");

/// The permission set of service agents in every org that has them (*Set Up the Agent User*, Salesforce Help).
const AGENT_SETS: &str = "AgentforceServiceAgent*";

impl Default for Principals {
    fn default() -> Self {
        let lines = LICENSES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let listed: Vec<(&str, &str)> =
            lines.filter_map(|line| line.split_once(' ')).map(|(class, name)| (class, name.trim())).collect();
        let patterns = |class: PrincipalClass| {
            let of_class = listed.iter().filter(|(name, _)| *name == class.to_string());
            let grantors = (class == PrincipalClass::Agent).then(|| AGENT_SETS.to_owned());
            Patterns {
                licenses: of_class.map(|(_, licence)| (*licence).to_owned()).collect(),
                grantors: grantors.into_iter().collect(),
            }
        };
        Principals { classes: PrincipalClass::ALL.map(|class| (class, patterns(class))).to_vec() }
    }
}

impl Principals {
    /// The class of a grantor with these licences. A licence that a list names in full is of that class; patterns are
    /// for the others. Of several licences the most exposed class counts; one that no list knows, and none at all,
    /// says internal. A name in the policy that is a pattern can only make it more
    /// exposed, for authors choose names; a full name counts unless a licence says more exposed.
    pub fn class(&self, grantor: &Grantor, licenses: &[String]) -> PrincipalClass {
        self.by_name(grantor, licenses.iter().map(|license| self.class_of_license(license)).max())
    }

    /// The class of whoever has a licence.
    pub fn class_of_license(&self, license: &str) -> PrincipalClass {
        let listed = |in_full| {
            self.most_exposed(|p| p.licenses.iter().any(|l| is_pattern(l) != in_full && glob(l, license)))
        };
        listed(true).or_else(|| listed(false)).unwrap_or(PrincipalClass::Internal)
    }

    /// The class of a group whose members are of these classes, the most exposed of them given. A name of the group
    /// counts as that of a permission set does.
    pub fn class_of_group(&self, group: &Grantor, most_exposed_member: PrincipalClass) -> PrincipalClass {
        self.by_name(group, Some(most_exposed_member))
    }

    /// Whether a class lists a name or pattern, as written.
    pub(super) fn lists(&self, class: PrincipalClass, name: &str) -> bool {
        let of_class = self.classes.iter().filter(|(own, _)| *own == class);
        of_class.flat_map(|(_, patterns)| &patterns.grantors).any(|listed| listed == name)
    }

    /// Whether the policy names it in full, of whichever class.
    pub fn names(&self, grantor: &Grantor) -> bool {
        let full = |g: &String| !is_pattern(g) && glob(g, grantor.name());
        self.classes.iter().any(|(_, patterns)| patterns.grantors.iter().any(full))
    }

    fn by_name(&self, grantor: &Grantor, licensed: Option<PrincipalClass>) -> PrincipalClass {
        let name = grantor.name();
        let by_pattern = self.most_exposed(|p| p.grantors.iter().any(|g| is_pattern(g) && glob(g, name)));
        let by_name = self.most_exposed(|p| p.grantors.iter().any(|g| !is_pattern(g) && glob(g, name)));
        let customers = licensed.filter(|class| *class > PrincipalClass::Internal);
        let base = by_name.max(customers).or(licensed).unwrap_or(PrincipalClass::Internal);
        by_pattern.map_or(base, |class| class.max(base))
    }

    fn most_exposed(&self, hit: impl Fn(&Patterns) -> bool) -> Option<PrincipalClass> {
        self.classes.iter().filter(|(_, patterns)| hit(patterns)).map(|(class, _)| *class).max()
    }
}

/// Whether a name in the policy stands for several.
pub(super) fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?', '[', '{'])
}

/// Glob match on a name, without case. Names are no paths: `*` matches anything.
pub(super) fn glob(pattern: &str, name: &str) -> bool {
    let flat = |text: &str| text.to_lowercase().replace('/', "\u{1}");
    fast_glob::glob_match(flat(pattern), flat(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::GrantorKind;

    fn class(principals: &Principals, name: &str, licenses: &[&str]) -> PrincipalClass {
        let licenses: Vec<String> = licenses.iter().map(|l| (*l).to_owned()).collect();
        principals.class(&Grantor::new(GrantorKind::Profile, name), &licenses)
    }

    #[test]
    fn the_licence_tells_the_class() {
        let p = Principals::default();
        assert_eq!(class(&p, "Admin", &["Salesforce"]), PrincipalClass::Internal);
        assert_eq!(class(&p, "Admin", &[]), PrincipalClass::Internal);
        assert_eq!(class(&p, "Site", &["Guest User License"]), PrincipalClass::Guest);
        assert_eq!(class(&p, "C", &["Customer Community Plus"]), PrincipalClass::External);
        assert_eq!(class(&p, "I", &["Salesforce Integration"]), PrincipalClass::Integration);
        for licence in ["Chatter External", "HealthCloudExperienceCloudAccessPsl"] {
            assert_eq!(class(&p, "E", &[licence]), PrincipalClass::External, "{licence}");
        }
        assert_eq!(class(&p, "Agent", &["Einstein Agent User"]), PrincipalClass::Agent);
        assert_eq!(class(&p, "AgentforceServiceAgentUser", &[]), PrincipalClass::Agent);
    }

    #[test]
    fn every_line_of_the_table_of_licences_names_a_type() {
        let lines = LICENSES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
        let read: usize = Principals::default().classes.iter().map(|(_, p)| p.licenses.len()).sum();
        assert_eq!(lines, read);
    }

    #[test]
    fn a_licence_named_in_full_counts_before_a_pattern() {
        let p = Principals::default();
        assert_eq!(class(&p, "Employees", &["Company Community"]), PrincipalClass::Internal);
        assert_eq!(class(&p, "Both", &["Company Community", "Customer Community"]), PrincipalClass::External);
    }

    #[test]
    fn a_second_licence_cannot_hide_the_more_exposed_one() {
        assert_eq!(class(&Principals::default(), "S", &["Guest", "Salesforce"]), PrincipalClass::Guest);
    }

    #[test]
    fn a_full_name_beats_an_ordinary_licence_and_a_pattern_makes_nobody_more_trusted() {
        let mut p = Principals::default();
        let named = |p: &mut Principals, class, name: &str| {
            let all = p.classes.iter_mut().find(|(c, _)| *c == class);
            all.into_iter().for_each(|(_, patterns)| patterns.grantors.push(name.into()));
        };
        named(&mut p, PrincipalClass::Integration, "*_Integration_*");
        named(&mut p, PrincipalClass::Integration, "Nightly_Sync");
        named(&mut p, PrincipalClass::External, "Portal*");
        assert_eq!(class(&p, "External_integration_Access", &["Salesforce"]), PrincipalClass::Internal);
        assert_eq!(class(&p, "Nightly_Sync", &["Salesforce"]), PrincipalClass::Integration);
        assert_eq!(class(&p, "Nightly_Sync", &[]), PrincipalClass::Integration);
        assert_eq!(class(&p, "Nightly_Sync", &["Customer Community"]), PrincipalClass::External);
        assert_eq!(class(&p, "Portal_Desk", &["Salesforce"]), PrincipalClass::External);
        assert_eq!(class(&p, "An_Integration_", &["Guest"]), PrincipalClass::Guest);
        assert!(glob("a*c", "A/b/C"), "a slash in a name is an ordinary character");
    }
}
