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

impl Default for Principals {
    /// Licence names of Salesforce's own kinds of users. That guest profiles carry `Guest…` is common
    /// but not documented, so a policy may name them by grantor.
    fn default() -> Self {
        let licenses = |class, names: &[&str]| {
            let licenses = names.iter().map(|n| (*n).to_owned()).collect();
            (class, Patterns { licenses, grantors: Vec::new() })
        };
        Principals {
            classes: vec![
                licenses(PrincipalClass::Internal, &[]),
                licenses(PrincipalClass::Integration, &["*integration*", "*api only*", "*apionly*"]),
                licenses(
                    PrincipalClass::External,
                    &[
                        "*community*",
                        "*partner*",
                        "*portal*",
                        "external *",
                        "*authenticated website*",
                        "*channel account*",
                    ],
                ),
                licenses(PrincipalClass::Guest, &["*guest*"]),
            ],
        }
    }
}

impl Principals {
    /// The class of a grantor with these licences. A name in the policy beats the licence; of several
    /// matches the most exposed class counts.
    pub fn class(&self, grantor: &Grantor, licenses: &[String]) -> PrincipalClass {
        let matching = |texts: &[&str], pick: fn(&Patterns) -> &Vec<String>| {
            let hit = |(_, patterns): &&(PrincipalClass, Patterns)| {
                pick(patterns).iter().any(|p| texts.iter().any(|t| glob(p, t)))
            };
            self.classes.iter().filter(hit).map(|(class, _)| *class).max()
        };
        let licenses: Vec<&str> = licenses.iter().map(String::as_str).collect();
        matching(&[grantor.name()], |p| &p.grantors)
            .or_else(|| matching(&licenses, |p| &p.licenses))
            .unwrap_or(PrincipalClass::Internal)
    }
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
    }

    #[test]
    fn a_second_licence_cannot_hide_the_more_exposed_one() {
        assert_eq!(class(&Principals::default(), "S", &["Guest", "Salesforce"]), PrincipalClass::Guest);
    }

    #[test]
    fn a_name_in_the_policy_beats_the_licence() {
        let mut p = Principals::default();
        p.classes[1].1.grantors.push("*_Integration_*".into());
        assert_eq!(class(&p, "External_integration_Access", &["Salesforce"]), PrincipalClass::Integration);
        assert!(glob("a*c", "A/b/C"), "a slash in a name is an ordinary character");
    }
}
