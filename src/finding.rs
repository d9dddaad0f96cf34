//! What a rule says: a [`Finding`], where it points, and how it is told from others.
//!
//! Findings are data about the change; failures to decide are errors and live elsewhere.

use crate::source::{Location, RepoPath, SourceFile, Span};
use crate::words::{Access, FieldName, Grantor, PrincipalClass, Tier};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

/// How much a finding weighs. Only an error blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Worth a look; does not block.
    Warning,
    /// Blocks.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// What is fixed about a rule. The id is a contract: policies, justifications and other tools name it.
#[derive(Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Kebab-case name of the pattern found.
    pub id: &'static str,
    /// One sentence, lower case, no full stop.
    pub summary: &'static str,
    /// Severity unless the policy says otherwise; `None` is off.
    pub severity: Option<Severity>,
    /// First version that has the rule.
    pub since: &'static str,
    /// Controls of the Security Benchmark for Salesforce that it serves (securitybenchmark.org).
    pub controls: &'static [&'static str],
    /// The rule's page, Markdown.
    pub page: &'static str,
}

impl RuleInfo {
    /// The summary as a sentence.
    pub fn sentence(&self) -> String {
        let (first, rest) = self.summary.split_at(1.min(self.summary.len()));
        format!("{}{rest}.", first.to_uppercase())
    }

    /// The text of a section of the page.
    pub fn section(&self, heading: &str) -> &'static str {
        let start = self.page.find(&format!("\n## {heading}\n")).map(|at| at + heading.len() + 5);
        let text = start.map_or("", |start| &self.page[start..]);
        text.split_once("\n## ").map_or(text, |(section, _)| section).trim()
    }
}

/// Bytes of a file, with what they are in the story.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The exact element.
    pub span: Span,
}

impl Place {
    /// A span of a file.
    pub fn new(file: &Arc<SourceFile>, span: Span) -> Self {
        Place { file: Arc::clone(file), span }
    }

    /// Path of the file.
    pub fn path(&self) -> &RepoPath {
        self.file.path()
    }

    /// 1-based lines and columns.
    pub fn location(&self) -> Location {
        self.file.location(self.span)
    }

    /// Whether it is a place of the base: what would land may have no such line.
    pub fn is_of_base(&self) -> bool {
        self.file.is_of_base()
    }

    /// The order in which places are shown: path, then position.
    pub(crate) fn key(&self) -> (&RepoPath, Span) {
        (self.path(), self.span)
    }
}

/// A place that helps to understand a finding.
#[derive(Clone, Debug)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What is there, lower case, no full stop.
    pub message: String,
    /// A step on the way from a derived field to the data that it shows.
    pub on_the_way: bool,
}

impl Related {
    /// A place beside the way.
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Related { place, message: message.into(), on_the_way: false }
    }
}

/// How one step of a route opens the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteKind {
    /// A permission set's membership in a group.
    PermissionSetGroup,
    /// A `fieldPermissions` entry.
    FieldPermissions,
    /// Reading or editing an object: opens its fields without field-level security.
    ObjectPermissions,
    /// View All Fields of an object.
    ViewAllFields,
    /// View or Modify All Records of an object.
    RecordAccess,
    /// A user permission.
    SystemPermission,
}

impl RouteKind {
    /// The kind as JSON and fingerprints write it.
    pub fn as_str(self) -> &'static str {
        match self {
            RouteKind::PermissionSetGroup => "permission_set_group",
            RouteKind::FieldPermissions => "field_permissions",
            RouteKind::ObjectPermissions => "object_permissions",
            RouteKind::ViewAllFields => "view_all_fields",
            RouteKind::RecordAccess => "record_access",
            RouteKind::SystemPermission => "system_permission",
        }
    }

    /// The kind in words.
    pub fn words(self) -> &'static str {
        match self {
            RouteKind::PermissionSetGroup => "group member",
            RouteKind::FieldPermissions => "field permission",
            RouteKind::ObjectPermissions => "object access",
            RouteKind::ViewAllFields => "View All Fields",
            RouteKind::RecordAccess => "View or Modify All Records",
            RouteKind::SystemPermission => "system permission",
        }
    }
}

/// One step of the way from a grantor to a field.
#[derive(Clone, Debug)]
pub struct RouteStep {
    /// What opens.
    pub kind: RouteKind,
    /// The element that opens.
    pub place: Place,
}

/// A way from a grantor to a field, first step first. Shared, since whatever speaks of an exposure holds it.
pub type Route = Arc<[RouteStep]>;

/// What a field's metadata says, and where.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Label {
    /// `securityClassification` as written.
    pub classification: Option<String>,
    /// Values of `complianceGroup`, split at `;`, sorted; "no group" is no value.
    pub compliance_groups: Vec<String>,
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.classification, self.compliance_groups.is_empty()) {
            (None, true) => f.write_str("no label"),
            (Some(c), true) => f.write_str(c),
            (None, false) => f.write_str(&self.compliance_groups.join(";")),
            (Some(c), false) => write!(f, "{c}, {}", self.compliance_groups.join(";")),
        }
    }
}

/// What a finding is about. Absent parts do not apply.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// The grantor and who holds it.
    pub grantor: Option<(Grantor, PrincipalClass)>,
    /// The field.
    pub field: Option<FieldName>,
    /// The access that is opened.
    pub access: Option<Access>,
    /// The field's tier.
    pub tier: Option<Tier>,
    /// The field's label and the place that declares it.
    pub label: Option<(Arc<Label>, Option<Place>)>,
    /// The way from grantor to field.
    pub route: Route,
    /// The justification entry that was found, complete or not.
    pub justification: Option<Place>,
    /// How many users the holder is assigned to, where an export counts them.
    pub users: Option<u64>,
}

/// What to write into a justification file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paste {
    /// A file for it, if there is none yet.
    pub path: String,
    /// How such a file begins.
    pub head: String,
    /// The entry, to be filled in.
    pub text: String,
    /// An approval is asked for as well.
    pub approve: bool,
}

/// Names something across runs by texts, without regard to case: 32 hexadecimal digits of a SHA-256.
pub fn fingerprint<'t>(parts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.to_ascii_lowercase());
        hash.update([0]);
    }
    hash.finalize().iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// One thing a rule found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static RuleInfo,
    /// Severity in this run.
    pub severity: Severity,
    /// What is wrong: lower case, names in backticks, no full stop.
    pub message: String,
    /// The next step.
    pub help: String,
    /// The exact element.
    pub place: Place,
    /// What is at that place, in a few words.
    pub here: String,
    /// Facts that the message has no room for.
    pub notes: Vec<String>,
    /// Other places of the story.
    pub related: Vec<Related>,
    /// What it is about.
    pub subject: Subject,
    /// An approval by an authorised person would settle it.
    pub approvable: bool,
    /// A written justification of what it tells settles it.
    pub justifiable: bool,
    /// The people who gain, where an export counts people; who is not counted may be many.
    pub people: Option<u64>,
    /// Parts of the policy's approvers, by number, whose approval it needs as well.
    pub approvers: Vec<usize>,
    /// How the access that it tells of stands; empty where it tells of none.
    pub fate: &'static str,
    /// Access that the change makes worse and that it tells of: who reaches which field.
    pub tells: Vec<(Grantor, FieldName)>,
    /// The entry that settles it, where a written justification does.
    pub paste: Option<Box<Paste>>,
    /// Why it weighs nothing any more: who has approved, or that the baseline accepts it.
    pub settled: Option<String>,
}

impl Finding {
    /// Makes a note of what somebody has agreed to.
    pub fn settle(&mut self, why: &str) {
        self.severity = Severity::Note;
        self.notes.push(why.to_owned());
        self.settled = Some(why.to_owned());
    }
}

impl Finding {
    /// Names the finding across runs and commits: rule, grantor, field, access and route, without
    /// line, offset, path or message. 32 hexadecimal digits of a SHA-256.
    ///
    /// A finding about none of these (a changed policy file, say) is told apart by its path.
    pub fn fingerprint(&self) -> String {
        let subject = &self.subject;
        let access = subject.access.map_or_else(String::new, |a| a.to_string());
        let mut parts = vec![self.rule.id];
        match &subject.grantor {
            Some((grantor, _)) => parts.extend([grantor.kind.words(), grantor.name()]),
            None => parts.push(""),
        }
        parts.push(subject.field.as_ref().map_or("", FieldName::as_str));
        parts.push(&access);
        parts.extend(subject.route.iter().map(|step| step.kind.as_str()));
        if subject.grantor.is_none() && subject.field.is_none() {
            parts.push(self.place.path().as_str());
        }
        if !self.fate.is_empty() {
            parts.push(self.fate);
        }
        fingerprint(parts)
    }

    /// Weightiest first, then by place, rule and subject: the one order of every output.
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        other
            .severity
            .cmp(&self.severity)
            .then_with(|| other.weight().cmp(&self.weight()))
            .then_with(|| self.place.key().cmp(&other.place.key()))
            .then_with(|| self.rule.id.cmp(other.rule.id))
            .then_with(|| self.subject.field.cmp(&other.subject.field))
            .then_with(|| self.subject.grantor.cmp(&other.subject.grantor))
            .then_with(|| self.message.cmp(&other.message))
    }

    /// Among findings of one severity: what blocks and is about no single field, then the higher tier, then more people.
    fn weight(&self) -> (bool, Option<Tier>, Option<u64>) {
        let tier = self.subject.tier;
        (tier.is_none() && self.severity == Severity::Error, tier, self.people)
    }
}
