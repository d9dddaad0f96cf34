//! What one file says that can show fields: whether it goes past field-level security, and which fields it names.

use super::copying::{self, Flows};
use super::relationships::follow;
use crate::finding::Place;
use crate::metadata::{
    Apex, Column, Named, merged_in_body, merged_in_template, parse_apex_version, parse_dashboard,
    parse_data_transform, parse_flow, parse_report, read_apex,
};
use crate::org::{Aside, Org, Unreadable};
use crate::source::{RepoPath, SourceFile, Span};
use crate::words::FieldName;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// One side of a file.
pub(super) struct Side {
    pub(super) file: Arc<SourceFile>,
    /// It goes past field-level security.
    pub(super) past: bool,
    /// The element by which it does, if there is one.
    pub(super) mode: Option<Place>,
    /// What it names, if it does.
    pub(super) named: Vec<(FieldName, Span)>,
}

impl Side {
    /// A file that goes past field-level security where an element says so.
    fn by(file: Arc<SourceFile>, mode: Option<Span>, named: impl FnOnce() -> Vec<(FieldName, Span)>) -> Self {
        let named = if mode.is_some() { named() } else { Vec::new() };
        let mode = mode.map(|span| Place::new(&file, span));
        Side { past: mode.is_some(), mode, named, file }
    }
}

/// What the file at `path` says; `None` where there is none.
pub(super) fn read(
    org: &Org<'_>,
    path: &RepoPath,
    kind: Aside,
    seen: &mut Seen,
) -> Result<Option<Side>, Unreadable> {
    let Some(file) = org.aside(path)? else { return Ok(None) };
    let mail = |file: Arc<SourceFile>, named: Vec<Named>| {
        Ok(Some(Side { file, past: true, mode: None, named: resolved(org, named) }))
    };
    match kind {
        Aside::EmailTemplate => {
            let named = merged_in_template(&file)?;
            mail(file, named)
        }
        Aside::EmailBody => {
            let named = merged_in_body(&file);
            mail(file, named)
        }
        Aside::Flow => {
            let flow = parse_flow(&file)?;
            seen.flows.insert(path.clone(), copying::of_flow(org, path, &file, flow.copies));
            Ok(Some(Side::by(file, flow.system_mode, || resolved(org, flow.named))))
        }
        Aside::DataTransform => {
            let mapper = parse_data_transform(&file)?;
            Ok(Some(Side::by(file, mapper.unasked, || resolved(org, mapper.named))))
        }
        Aside::Dashboard => dashboard(org, file, &mut seen.reports).map(Some),
        _ => apex(org, path, file).map(Some),
    }
}

/// The fields at the ends of paths. A path that leads to where the repository does not say names none that is known.
fn resolved(org: &Org<'_>, named: Vec<Named>) -> Vec<(FieldName, Span)> {
    let mut known: HashSet<(String, Vec<String>)> = HashSet::new();
    let mut found = Vec::new();
    for Named { object, path, span } in named {
        if known.insert((object.clone(), path.clone())) {
            let fields = follow(org, &object, &path).map(|(fields, _)| fields).unwrap_or_default();
            found.extend(fields.into_iter().map(|field| (field, span)));
        }
    }
    found
}

/// What has been read on one side and is asked for again.
#[derive(Default)]
pub(super) struct Seen {
    reports: Reports,
    pub(super) flows: Flows,
}

/// Reports that dashboards show: each is read once, however many show it.
#[derive(Default)]
struct Reports(HashMap<RepoPath, Arc<Vec<Column>>>);

impl Reports {
    fn columns(&mut self, org: &Org<'_>, path: &RepoPath) -> Result<Arc<Vec<Column>>, Unreadable> {
        if let Some(known) = self.0.get(path) {
            return Ok(Arc::clone(known));
        }
        let columns = org.aside(path)?.map(|report| parse_report(&report)).transpose()?;
        let columns = Arc::new(columns.unwrap_or_default());
        self.0.insert(path.clone(), Arc::clone(&columns));
        Ok(columns)
    }
}

/// A dashboard names what its reports do: charts what these group by and sum up, everything else all columns.
fn dashboard(org: &Org<'_>, file: Arc<SourceFile>, reports: &mut Reports) -> Result<Side, Unreadable> {
    let dashboard = parse_dashboard(&file)?;
    let mut named = Vec::new();
    let mut known = HashSet::new();
    for component in dashboard.components.iter().filter(|_| dashboard.fixed_user.is_some()) {
        let report = component.report.value.to_ascii_lowercase();
        if !known.insert((report.clone(), component.is_chart)) {
            continue;
        }
        for path in org.asides(Aside::Report, &report)? {
            let columns = reports.columns(org, path)?;
            let shown = columns.iter().filter(|column| column.in_charts || !component.is_chart);
            named.extend(shown.map(|column| Named { span: component.report.span, ..column.named.clone() }));
        }
    }
    Ok(Side::by(file, dashboard.fixed_user, || resolved(org, named)))
}

const META: &str = "-meta.xml";

/// The class that a file describes.
pub(super) fn class_of(meta: &RepoPath) -> Option<RepoPath> {
    meta.as_str().strip_suffix(META).map(RepoPath::from)
}

/// Whether the version of a class makes another mode the default than it did.
pub(super) fn changes_mode(base: &Org<'_>, landing: &Org<'_>, class: &RepoPath) -> bool {
    let by_default = |org: &Org<'_>| {
        let version = version(org, class).unwrap_or_default();
        Apex::default().is_in_system_mode(version.map(|(version, _)| version))
    };
    by_default(base) != by_default(landing)
}

/// The API version of a class, and the element that says so.
fn version(org: &Org<'_>, class: &RepoPath) -> Result<Option<(u32, Place)>, Unreadable> {
    let Some(meta) = org.aside(&RepoPath::from(format!("{class}{META}").as_str()))? else { return Ok(None) };
    let version = parse_apex_version(&meta)?;
    Ok(version.map(|version| (version.value, Place::new(&meta, version.span))))
}

fn apex(org: &Org<'_>, path: &RepoPath, file: Arc<SourceFile>) -> Result<Side, Unreadable> {
    let apex = read_apex(&file);
    let (version, said) = version(org, path)?.unzip();
    let past = apex.is_in_system_mode(version);
    let mut named = Vec::new();
    if past {
        let mut by_name: HashMap<String, Vec<FieldName>> = HashMap::new();
        for field in org.fields_meant(&apex.words) {
            by_name.entry(field.field().to_ascii_lowercase()).or_default().push(field);
        }
        for name in &apex.custom {
            let fields = by_name.remove(&name.value.to_ascii_lowercase()).unwrap_or_default();
            named.extend(fields.into_iter().map(|field| (field, name.span)));
        }
    }
    let mode = apex.says_system.map(|span| Place::new(&file, span)).or(said);
    Ok(Side { file, past, mode, named })
}
