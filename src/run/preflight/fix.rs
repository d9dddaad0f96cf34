//! The grants that an integration lacks, written into its permission set as retrieving would write them.
//!
//! Restricted fields are left out: an authorised person decides about those first. So are fields that nobody
//! defines, with which a deployment fails.

use super::compare::editable;
use crate::gate::{Checked, Needed, Obstacle, Wrote};
use crate::git::Repository;
use crate::metadata::{insertion, parse_permission_set};
use crate::run::{RunError, files};
use crate::source::SourceFile;
use crate::words::{FieldName, Tier};
use std::collections::{BTreeMap, BTreeSet};

/// A permission set that is not there yet, as retrieving would write it.
const NEW: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
    <hasActivationRequired>false</hasActivationRequired>\n    <label>NAME</label>\n</PermissionSet>\n";

/// A file to write, with its new bytes.
pub(super) struct Patch {
    pub(super) wrote: Wrote,
    pub(super) bytes: Vec<u8>,
}

/// The grants that can be written for an integration; nothing where there is none.
pub(super) fn patch(repository: &Repository, checked: &Checked) -> Result<Option<Patch>, RunError> {
    let lacks = |need: &Needed, what| {
        let has = |problem| need.problems.contains(&problem);
        has(what) && !has(Obstacle::NotDefined) && need.tier < Tier::Restricted
    };
    // Parts of one address need one entry.
    let mut fields: BTreeMap<&FieldName, &Needed> = BTreeMap::new();
    for need in checked.needs.iter().filter(|need| lacks(need, Obstacle::NoFieldAccess)) {
        if let Some(entry) = &need.entry {
            let wider = fields.get(entry).is_none_or(|known| known.access < need.access);
            if wider {
                fields.insert(entry, need);
            }
        }
    }
    let objects: BTreeSet<&str> =
        checked.needs.iter().filter(|n| lacks(n, Obstacle::NoObjectRead)).map(|n| n.field.object()).collect();
    if fields.is_empty() && objects.is_empty() {
        return Ok(None);
    }
    let file = file(repository, checked)?;
    let grants = fields.keys().map(ToString::to_string).chain(objects.iter().map(|&o| o.to_owned()));
    let wrote = Wrote {
        integration: checked.name.clone(),
        path: file.path().clone(),
        is_new: checked.file.is_none(),
        grants: grants.collect(),
    };
    let present = parse_permission_set(&file).map_err(|e| RunError::Setup(e.to_string()))?;
    let (mut entries, mut flips) = (Vec::new(), Vec::new());
    for (field, need) in fields {
        let name = field.as_str();
        // A deployment fails with a formula that is to be editable.
        let edits = editable(need.access) && !need.problems.contains(&Obstacle::NotEditable);
        // An entry that says no comes to say yes; a second one beside it would leave two that disagree.
        let own: Vec<_> = present.fields.iter().filter(|e| e.field == *field).collect();
        if !own.is_empty() {
            for entry in own {
                let edit = entry.editable().filter(|_| edits);
                flips.extend([entry.readable(), edit].into_iter().flatten().filter(|v| !v.value));
            }
            continue;
        }
        let lines = [
            format!("<editable>{edits}</editable>"),
            format!("<field>{}</field>", escaped(name)),
            "<readable>true</readable>".to_owned(),
        ];
        entries.push((place(&file, "fieldPermissions", "field", name)?, block("fieldPermissions", &lines)));
    }
    // An entry of the object that says no is left to a person: it says so of more than reading.
    let listed = |object: &&str| present.objects.iter().any(|o| o.object.value.eq_ignore_ascii_case(object));
    for object in objects.into_iter().filter(|o| !listed(o)) {
        let says = |name: &str, value: bool| format!("<{name}>{value}</{name}>");
        let lines = [
            says("allowCreate", false),
            says("allowDelete", false),
            says("allowEdit", false),
            says("allowRead", true),
            says("modifyAllRecords", false),
            format!("<object>{}</object>", escaped(object)),
            says("viewAllRecords", false),
        ];
        let at = place(&file, "objectPermissions", "object", object)?;
        entries.push((at, block("objectPermissions", &lines)));
    }
    for value in flips {
        let text = file.text(value.span);
        if let Some(at) = text.find("false") {
            let at = value.span.start as usize + at;
            entries.push((at, String::new()));
        }
    }
    Ok(Some(Patch { wrote, bytes: apply(file.bytes(), entries) }))
}

/// The first permission set of an integration, or what one that is not there begins as.
fn file(repository: &Repository, checked: &Checked) -> Result<SourceFile, RunError> {
    if let Some(path) = &checked.file {
        let on_disk = files::in_work_tree(repository, path.as_str())?;
        let io = |source| RunError::Io { what: format!("cannot read `{path}`"), source };
        return Ok(SourceFile::new(path.clone(), std::fs::read(on_disk).map_err(io)?));
    }
    let new = checked
        .new_file
        .as_ref()
        .filter(|path| files::in_work_tree(repository, path.as_str()).is_ok_and(|path| !path.exists()));
    if let Some((absent, Some(near))) = checked.absent.iter().find(|(_, near)| near.is_some()) {
        return Err(RunError::Setup(format!(
            "integration `{}` names {absent}, which is not in this repository; did you mean `{near}`? Correct the policy first",
            checked.name
        )));
    }
    let Some(path) = new else {
        return Err(RunError::Setup(format!(
            "integration `{}` names no permission set that could be written; name one under `integrations` in the policy",
            checked.name
        )));
    };
    let name = path.file_name().split('.').next().unwrap_or_default();
    Ok(SourceFile::new(path.clone(), NEW.replace("NAME", &name.replace('_', " ")).as_bytes()))
}

fn place(file: &SourceFile, tag: &str, child: &str, key: &str) -> Result<usize, RunError> {
    insertion(file, tag, child, key).map_err(|e| RunError::Setup(e.to_string()))
}

/// An API name needs no escape; whoever puts another one into a policy gets text, not elements.
fn escaped(name: &str) -> String {
    name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn block(tag: &str, lines: &[String]) -> String {
    let inner: String = lines.iter().map(|line| format!("        {line}\n")).collect();
    format!("    <{tag}>\n{inner}    </{tag}>\n")
}

/// The file with every block at its place; blocks of one place in the order given.
fn apply(bytes: &[u8], mut entries: Vec<(usize, String)>) -> Vec<u8> {
    entries.sort_by_key(|(at, _)| *at);
    let windows = memchr::memmem::find(bytes, b"\r\n").is_some();
    let (mut out, mut last) = (Vec::with_capacity(bytes.len() + 256 * entries.len()), 0);
    for (at, text) in entries {
        // Nothing to insert: `false` becomes `true`.
        if text.is_empty() {
            out.extend_from_slice(&bytes[last..at]);
            out.extend_from_slice(b"true");
            last = at + "false".len();
            continue;
        }
        let line = bytes[..at].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let indented = bytes[line..at].iter().all(u8::is_ascii_whitespace);
        let text = if windows { text.replace('\n', "\r\n") } else { text };
        let (to, text) = if indented && line >= last {
            // Before the indentation of an element that starts its line.
            (line, text)
        } else if bytes[at..].starts_with(b"\n") || bytes[at..].starts_with(b"\r\n") {
            // After an element that ends its line.
            let end = if windows { "\r\n" } else { "\n" };
            (at, format!("{end}{}", text.trim_end()))
        } else {
            // A file on one line stays on one line.
            (at, text.lines().map(str::trim).collect())
        };
        out.extend_from_slice(&bytes[last..to]);
        out.extend_from_slice(text.as_bytes());
        last = to;
    }
    out.extend_from_slice(&bytes[last..]);
    out
}
