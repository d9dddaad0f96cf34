//! Which column says what. The names of `FieldDefinition` are documented (*Tooling API*); those of
//! Setup's Data Classification download are not, so the words of its pages are taken as well.

use crate::words::{nearest, shorten};

/// What the object is called; the first that is there counts.
const OBJECT: &[&str] =
    &["EntityDefinition.QualifiedApiName", "Object API Name", "EntityDefinition", "Object Name", "Object"];
const FIELD: &[&str] = &["QualifiedApiName", "Field API Name", "Field Name", "API Name", "Field"];
const CLASSIFICATION: &[&str] = &[
    "SecurityClassification",
    "Security Classification",
    "Data Sensitivity Level",
    "Data Sensitivity",
    "Sensitivity Level",
];
const COMPLIANCE: &[&str] =
    &["ComplianceGroup", "Compliance Group", "Compliance Categorization", "Compliance Category"];
/// Whether the field has field-level security at all (*Tooling API*, FieldDefinition; API 35).
const FLS: &[&str] = &["IsFlsEnabled"];
/// A column with such a word in its name is meant to hold a label.
const LABEL_WORDS: &[&str] = &["classif", "sensitiv", "complian", "secur"];

/// What label files of the customer's own shape call their columns. A name here is taken beside the known
/// ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelColumns {
    /// The object's API name.
    pub object: Option<String>,
    /// The field's API name.
    pub field: Option<String>,
    /// The classification.
    pub classification: Option<String>,
    /// The compliance groups.
    pub compliance: Option<String>,
}

/// Positions of the columns that matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) object: usize,
    pub(super) field: usize,
    pub(super) classification: Option<usize>,
    pub(super) compliance: Option<usize>,
    pub(super) fls: Option<usize>,
}

impl Columns {
    /// Finds them among names in any order; other columns do not matter.
    pub(super) fn find(written: &[&str], own: &LabelColumns) -> Result<Self, Vec<String>> {
        let names: Vec<String> = written.iter().map(|n| squash(n)).collect();
        let mut wrong = Vec::new();
        let (object, field) = (first(&names, OBJECT, &own.object), first(&names, FIELD, &own.field));
        let holds_label = |name: &String| LABEL_WORDS.iter().any(|word| name.contains(word));
        if object.is_none() && field.is_none() && !names.iter().any(holds_label) {
            let header =
                "EntityDefinition.QualifiedApiName,QualifiedApiName,SecurityClassification,ComplianceGroup";
            return Err(vec![format!(
                "this names no column that is known; write a header such as `{header}` above the rows, or \
                 name the columns in `label_columns` of the policy, which has to be merged first"
            )]);
        }
        for (found, what, aliases) in [(object, "object", OBJECT), (field, "field", FIELD)] {
            let ids = names.iter().any(|name| name == "entitydefinitionid");
            if found.is_none() && ids && what == "object" {
                wrong.push(
                    "column `EntityDefinitionId` holds ids, and a label belongs to a name: export \
                     `EntityDefinition.QualifiedApiName` in its place"
                        .to_owned(),
                );
            } else if found.is_none() {
                let near = written.iter().find(|name| nearest(name, aliases.iter().copied()).is_some());
                wrong.push(match near {
                    Some(name) => format!(
                        "no column names the {what}; call `{}` {}",
                        shorten(name.trim()),
                        listed(aliases)
                    ),
                    None => format!("no column names the {what}; call it {}", listed(aliases)),
                });
            }
        }
        let (classification, compliance) =
            (all(&names, CLASSIFICATION, &own.classification), all(&names, COMPLIANCE, &own.compliance));
        let fls = all(&names, FLS, &None);
        for (found, what) in [
            (&classification, "classification"),
            (&compliance, "compliance groups"),
            (&fls, "field-level security"),
        ] {
            if found.len() > 1 {
                wrong.push(format!("{} columns hold the {what}; keep one", found.len()));
            }
        }
        if classification.is_empty() && compliance.is_empty() {
            wrong.push(format!(
                "no column holds a label; call the classification {}, and the compliance groups {}",
                listed(CLASSIFICATION),
                listed(COMPLIANCE)
            ));
        } else if classification.is_empty() || compliance.is_empty() {
            // One of the two may be left out, but not because of its spelling.
            let aliases = if classification.is_empty() { CLASSIFICATION } else { COMPLIANCE };
            let taken = |at: &usize| classification.contains(at) || compliance.contains(at);
            let odd = |(at, name): &(usize, &String)| {
                !taken(at) && !fls.contains(at) && LABEL_WORDS.iter().any(|word| name.contains(word))
            };
            if let Some((at, _)) = names.iter().enumerate().find(odd) {
                wrong.push(format!(
                    "column `{}` seems to hold labels, but its name is not known; call it {}, or take it out",
                    shorten(written[at].trim()),
                    listed(aliases)
                ));
            }
        }
        match (object, field) {
            (Some(object), Some(field)) if wrong.is_empty() => Ok(Columns {
                object,
                field,
                classification: classification.first().copied(),
                compliance: compliance.first().copied(),
                fls: fls.first().copied(),
            }),
            _ => Err(wrong),
        }
    }
}

fn first(names: &[String], aliases: &[&str], own: &Option<String>) -> Option<usize> {
    let mut known = own.iter().map(String::as_str).chain(aliases.iter().copied());
    known.find_map(|alias| names.iter().position(|n| *n == squash(alias)))
}

fn all(names: &[String], aliases: &[&str], own: &Option<String>) -> Vec<usize> {
    let known: Vec<String> =
        own.iter().map(String::as_str).chain(aliases.iter().copied()).map(squash).collect();
    (0..names.len()).filter(|at| known.contains(&names[*at])).collect()
}

/// A name without case, spaces, underscores, and the byte order mark of a file that was joined on.
fn squash(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '\u{feff}'))
        .flat_map(char::to_lowercase)
        .collect()
}

fn listed(aliases: &[&str]) -> String {
    aliases.iter().map(|a| format!("`{a}`")).collect::<Vec<_>>().join(" or ")
}
