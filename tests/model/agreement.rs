//! One answer everywhere: `check`, `audit`, `matrix`, `matrix --delta` and `explain` say the same of a pair.

use super::change::{History, apply};
use super::org::Org;
use super::render::render;
use crate::common::TODAY;
use flsgate::finding::Severity;
use flsgate::gate::Verdict;
use flsgate::report::matrix::{Matrix, Status};
use flsgate::report::{self, By, Format};
use flsgate::run::{
    AuditOptions, BaselineWrite, CheckOptions, ExplainOptions, MatrixOf, MatrixOptions, audit, check,
    explain, matrix,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A permission set, profile or group and a field, as people read them.
type Pair = (String, String);

/// What the commands say of one change, and where they disagree.
pub(crate) fn disagreements(base: &Org, head: &Org) -> Vec<String> {
    fn slices(files: &BTreeMap<String, Vec<u8>>) -> Vec<(&str, &[u8])> {
        files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect()
    }
    let (base, head) = (render(base), render(head));
    let folder = tempfile::tempdir().unwrap();
    let commits = flsgate::git::create(folder.path(), &[&slices(&base), &slices(&head)]).unwrap();
    let at = folder.path();
    let checked = check(&CheckOptions {
        repository: at.into(),
        base: Some(commits[0].clone()),
        head: Some(commits[1].clone()),
        policy: None,
        without_justifications: false,
        today: TODAY,
    });
    let counting = audited(at, &commits[1], false);
    let (checked, audited) = (checked.unwrap(), audited(at, &commits[1], true));
    if !checked.undecided.is_empty() || !audited.undecided.is_empty() {
        return Vec::new();
    }
    let delta = made(at, MatrixOf::Change { base: commits[0].clone(), head: Some(commits[1].clone()) });
    let all = made(at, MatrixOf::Standing(Some(commits[1].clone())));
    let mut found = Vec::new();
    let [one, other] = [&audited, &counting].map(reported);
    if one != other {
        found.push(format!("listing access to fields of tier 1 says\n{one}\nand counting it says\n{other}"));
    }
    differ(&mut found, "audit and matrix", &told(&audited), &open(&all));
    // A change tells the pairs that it makes worse; its matrix shows others beside them.
    let in_check = told(&checked);
    for pair in open(&delta).intersection(&settled(&delta)) {
        found.push(format!("matrix --delta says two things of {pair:?}"));
    }
    for pair in in_check.intersection(&settled(&delta)) {
        found.push(format!("check blocks {pair:?}, which matrix --delta calls fine"));
    }
    for pair in told(&audited).iter().take(3) {
        let said = explained(at, &commits[1], pair);
        if !said.contains("  next: ") {
            found.push(format!("audit tells {pair:?}, and explain says {said}"));
        }
    }
    found
}

/// The two trees of the first request of a history.
pub(crate) fn first_step(history: &History, start: &Org) -> Option<(Org, Org)> {
    let (ops, _) = history.requests.first()?;
    let mut head = start.clone();
    for op in ops {
        apply(*op, start, &mut head);
    }
    Some((start.clone(), head))
}

/// What an audit says in the reports that list no access to fields of tier 1.
fn reported(verdict: &Verdict) -> String {
    let mut out = Vec::new();
    for format in
        [Format::Json { all: false }, Format::Ndjson { all: false }, Format::Markdown, Format::Sarif]
    {
        report::write(verdict, format, &mut out).unwrap();
    }
    for by in [By::PermissionSet, By::Field, By::Tier] {
        report::write_groups(verdict, by, &mut out).unwrap();
    }
    String::from_utf8(out).unwrap()
}

fn audited(at: &Path, revision: &str, lists_all: bool) -> Verdict {
    audit(&AuditOptions {
        repository: at.into(),
        revision: Some(revision.to_owned()),
        baseline: None,
        write: BaselineWrite::No,
        policy: None,
        without_justifications: false,
        base: None,
        today: TODAY,
        lists_all,
        worded: None,
        progress: None,
    })
    .unwrap()
}

fn made(at: &Path, of: MatrixOf) -> Matrix {
    let options = MatrixOptions {
        filter: flsgate::report::matrix::MatrixFilter::default(),
        repository_url: None,
        repository: at.into(),
        of,
        all: false,
        lines: false,
        today: TODAY,
        progress: None,
    };
    matrix(&options).unwrap().matrix
}

fn explained(at: &Path, revision: &str, (holder, field): &Pair) -> String {
    let options = ExplainOptions {
        repository: at.into(),
        revision: Some(revision.to_owned()),
        what: field.clone(),
        grantor: Some(holder.clone()),
        today: TODAY,
    };
    explain(&options).unwrap().text
}

/// Pairs that findings of a verdict tell, whatever they weigh.
fn told(verdict: &Verdict) -> BTreeSet<Pair> {
    let weighs = verdict.findings.iter().filter(|f| f.severity >= Severity::Warning);
    weighs.flat_map(|f| &f.tells).map(|(who, field)| (who.name().to_owned(), field.to_string())).collect()
}

/// Cells that are not fine, except those that are told at a member of a group.
fn open(matrix: &Matrix) -> BTreeSet<Pair> {
    cells(matrix, |status| matches!(status, Status::NotAllowed | Status::Unjustified | Status::Expired))
}

fn settled(matrix: &Matrix) -> BTreeSet<Pair> {
    let fine =
        |status| matches!(status, Status::Accepted | Status::Justified | Status::Approved | Status::Allowed);
    cells(matrix, fine)
}

fn cells(matrix: &Matrix, wanted: impl Fn(Status) -> bool) -> BTreeSet<Pair> {
    let at_member = |notes: &[String]| notes.iter().any(|note| note.starts_with("judged as its member"));
    let cells = matrix.cells.iter().filter(|cell| wanted(cell.status) && !at_member(&cell.notes));
    cells
        .map(|cell| {
            let holder = matrix.grantors[cell.grantor].grantor.name().to_owned();
            (holder, matrix.fields[cell.field].name.to_string())
        })
        .collect()
}

fn differ(found: &mut Vec<String>, who: &str, one: &BTreeSet<Pair>, other: &BTreeSet<Pair>) {
    for pair in one.symmetric_difference(other) {
        found.push(format!("{who} say otherwise of {pair:?}"));
    }
}
