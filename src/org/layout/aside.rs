//! Files that give nobody access, and yet bear on who sees what: switches that guard data, and what shows a field
//! past its field-level security. They are told by their own names alone, and only changed ones are looked at.

use super::name::{decode, folders, source_format, split};
use crate::words::strip_tokens;

/// A kind of file beside those that give access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Aside {
    /// Settings of the org.
    Settings,
    /// A restriction rule, of records or of fields.
    RestrictionRule,
    /// A flow.
    Flow,
    /// The text of an email template.
    EmailBody,
    /// What describes an email template, its subject among it.
    EmailTemplate,
    /// The text of an Apex class.
    ApexBody,
    /// What describes an Apex class.
    ApexClass,
    /// A dashboard.
    Dashboard,
    /// A report.
    Report,
    /// An OmniStudio data mapper.
    DataTransform,
    /// The workflow rules and actions of an object.
    Workflow,
    /// One field update, in a workflow that is taken apart.
    FieldUpdate,
    /// A quick action.
    QuickAction,
    /// How leads are converted.
    LeadConversion,
    /// A reporting snapshot.
    AnalyticSnapshot,
}

/// Suffix; kind of a file `NAME.SUFFIX-meta.xml` and of a file `NAME.SUFFIX`, and the folders of which the latter has
/// one above it: other programs have such files, too. The deploy library's registry.
const SUFFIXES: [(&str, Aside, Aside, &[&str]); 14] = [
    ("settings", Aside::Settings, Aside::Settings, &["settings"]),
    ("rule", Aside::RestrictionRule, Aside::RestrictionRule, &["restrictionRules", "fieldRestrictionRules"]),
    ("flow", Aside::Flow, Aside::Flow, &["flows"]),
    ("email", Aside::EmailTemplate, Aside::EmailBody, &["email"]),
    ("cls", Aside::ApexClass, Aside::ApexBody, &[]),
    ("dashboard", Aside::Dashboard, Aside::Dashboard, &["dashboards"]),
    ("report", Aside::Report, Aside::Report, &["reports"]),
    ("rpt", Aside::DataTransform, Aside::DataTransform, &["omniDataTransforms"]),
    ("workflow", Aside::Workflow, Aside::Workflow, &["workflows"]),
    ("workflowFieldUpdate", Aside::FieldUpdate, Aside::FieldUpdate, &["workflows"]),
    ("fieldUpdates", Aside::FieldUpdate, Aside::FieldUpdate, &["workflows"]),
    ("quickAction", Aside::QuickAction, Aside::QuickAction, &["quickActions"]),
    ("LeadConvertSetting", Aside::LeadConversion, Aside::LeadConversion, &["LeadConvertSettings"]),
    ("snapshot", Aside::AnalyticSnapshot, Aside::AnalyticSnapshot, &["analyticSnapshots"]),
];

/// Which of these kinds the file at `path` is of, and the name of its component.
pub fn aside(path: &str) -> Option<(Aside, String)> {
    let (_, file) = split(path);
    let (stem, kind) = match source_format(file) {
        Some((stem, suffix)) => (stem, known(suffix)?.1),
        None => {
            let (stem, suffix) = file.rsplit_once('.').filter(|(stem, _)| !stem.is_empty())?;
            let (_, _, kind, homes) = known(suffix)?;
            let is_home = |folder: &str| homes.iter().any(|home| home.eq_ignore_ascii_case(folder));
            let at_home = homes.is_empty() || folders(path).any(|(_, folder)| is_home(folder));
            (stem, at_home.then_some(*kind)?)
        }
    };
    Some((kind, strip_tokens(&decode(stem)).into_owned()))
}

fn known(suffix: &str) -> Option<&'static (&'static str, Aside, Aside, &'static [&'static str])> {
    SUFFIXES.iter().find(|(of, ..)| suffix.eq_ignore_ascii_case(of))
}
