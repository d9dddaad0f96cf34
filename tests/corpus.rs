//! Snapshots of public projects, judged as if all of it were new, and compared with independent counts.
//! They are not part of this repository: `FLSGATE_CORPUS` names the folder that holds them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;

use flsgate::finding::RouteKind;
use flsgate::gate::{Door, Verdict};
use flsgate::words::{Access, GrantorKind};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

type Files = BTreeMap<String, Vec<u8>>;

fn corpus(path: &str) -> PathBuf {
    let root = std::env::var_os("FLSGATE_CORPUS").expect("FLSGATE_CORPUS names the folder with the projects");
    let path = Path::new(&root).join(path);
    assert!(path.is_dir(), "{}", path.display());
    path
}

/// Everything in `files` as one change to an empty repository.
fn all_new(files: &Files) -> Verdict {
    let base = Files::from([("README.md".to_owned(), b"x".to_vec())]);
    common::judge(&base, files)
}

fn last(door: &Door) -> RouteKind {
    door.subject.route.last().unwrap().kind
}

/// Grantor, field, access of every door of one kind of grantor.
fn doors(verdict: &Verdict, kind: GrantorKind) -> BTreeSet<(String, String, Access)> {
    let of = |d: &Door| {
        let subject = &d.subject;
        let (grantor, _) = subject.grantor.as_ref()?;
        let field = subject.field.as_ref()?.as_str().to_lowercase();
        (grantor.kind == kind).then(|| (grantor.name().to_owned(), field, subject.access.unwrap()))
    };
    verdict.opened.iter().filter_map(of).collect()
}

/// The text between two marks, every time it occurs.
fn between<'t>(text: &'t str, open: &str, close: &str) -> Vec<&'t str> {
    text.split(open).skip(1).map(|rest| rest.split(close).next().unwrap()).collect()
}

/// A second reading, without parser: field, readable, editable of every entry.
fn entries(text: &str) -> Vec<(String, bool, bool)> {
    between(text, "<fieldPermissions>", "</fieldPermissions>")
        .into_iter()
        .map(|block| {
            let one = |tag: &str| {
                between(block, &format!("<{tag}>"), "<").first().map_or("", |t| t.trim()).to_lowercase()
            };
            (
                one("field").replace("%%%namespace%%%", ""),
                one("readable") == "true",
                one("editable") == "true",
            )
        })
        .collect()
}

#[test]
#[ignore = "needs FLSGATE_CORPUS"]
fn nebula_confidential_reads_by_route() {
    let files = common::files(&corpus("nebula"));
    let verdict = all_new(&files);
    assert!(verdict.undecided.is_empty(), "{:?}", verdict.undecided);
    // A formula that reads a Confidential field shows that field's label, which stands in another file.
    let confidential = |d: &&Door| {
        let Some((label, Some(place))) = &d.subject.label else { return false };
        let own = format!("/{}.field-meta.xml", d.subject.field.as_ref().unwrap().field());
        label.classification.as_deref() == Some("Confidential") && place.path().as_str().ends_with(&own)
    };
    let sets =
        |d: &&Door| d.subject.grantor.as_ref().is_some_and(|(g, _)| g.kind == GrantorKind::PermissionSet);
    let count =
        |kind| verdict.opened.iter().filter(confidential).filter(sets).filter(|d| last(d) == kind).count();
    let (explicit, bulk) = (count(RouteKind::FieldPermissions), count(RouteKind::ViewAllFields));
    // Fields without field-level security are open by the object alone, View All Fields or not.
    let by_object_alone = count(RouteKind::ObjectPermissions);

    // Independently: labels by path and text search, grants and objects by text search.
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (mut labelled, mut outside_fls) = (BTreeSet::new(), BTreeSet::new());
    for (path, bytes) in files.iter().filter(|(p, _)| p.ends_with(".field-meta.xml")) {
        let parts: Vec<&str> = path.split('/').collect();
        let object = parts[parts.iter().rposition(|p| *p == "objects").unwrap() + 1].to_lowercase();
        let field = parts.last().unwrap().trim_end_matches(".field-meta.xml").to_lowercase();
        let text = text(bytes);
        if text.contains("<securityClassification>Confidential<") {
            // Events and custom metadata types have no field-level security at all.
            let whole = ["__e", "__mdt"].iter().any(|end| object.ends_with(end));
            if whole || text.contains("<required>true<") || text.contains("<type>MasterDetail<") {
                outside_fls.insert((object.clone(), field.clone()));
            }
            labelled.insert((object, field));
        }
    }
    let (mut by_entry, mut by_object, mut under_both, mut by_object_only, mut by_type) = (0, 0, 0, 0, 0);
    for (_, bytes) in files.iter().filter(|(p, _)| p.ends_with(".permissionset-meta.xml")) {
        let text = text(bytes);
        let mut own = BTreeSet::new();
        for (field, read, edit) in entries(&text) {
            let (object, name) = field.split_once('.').unwrap();
            if (read || edit) && labelled.contains(&(object.to_owned(), name.to_owned())) {
                own.insert((object.to_owned(), name.to_owned()));
            }
        }
        by_entry += own.len();
        for kind in ["customMetadataTypeAccesses", "customSettingAccesses"] {
            for block in between(&text, &format!("<{kind}>"), &format!("</{kind}>")) {
                if block.contains("<enabled>true</enabled>") {
                    let object = between(block, "<name>", "<")[0].to_lowercase();
                    by_type += labelled.iter().filter(|f| f.0 == object).count();
                }
            }
        }
        for block in between(&text, "<objectPermissions>", "</objectPermissions>") {
            if block.contains("<viewAllFields>true</viewAllFields>") {
                let object = between(block, "<object>", "<")[0].to_lowercase();
                by_object += labelled.iter().filter(|f| f.0 == object && !own.contains(*f)).count();
            }
            let says = |element: &str| block.contains(&format!("<{element}>true</{element}>"));
            let object = between(block, "<object>", "<")[0].to_lowercase();
            let without_fls = outside_fls.iter().filter(|f| f.0 == object).count();
            let edits = !["allowEdit", "allowCreate"].into_iter().all(|element| !says(element));
            match (says("viewAllFields"), edits, says("allowRead")) {
                // Editing is wider than what View All Fields opens.
                (true, true, _) => under_both += without_fls,
                (false, _, true) => by_object_only += without_fls,
                _ => {}
            }
        }
    }
    assert_eq!((explicit, bulk), (by_entry, by_object - under_both));
    assert_eq!(by_object_alone, under_both + by_object_only + by_type);
    assert_eq!((by_entry, by_object, under_both, by_object_only, by_type), (387, 647, 2, 712, 51));
}

#[test]
#[ignore = "needs FLSGATE_CORPUS"]
fn npsp_groups_hold_their_members_less_what_is_muted() {
    let mut verdict = all_new(&common::files(&corpus("npsp-mdapi")));
    // Two of the groups mute objects; here it is about entries.
    verdict.opened.retain(|d| last(d) == RouteKind::FieldPermissions);
    let of_sets = doors(&verdict, GrantorKind::PermissionSet);
    let of_groups = doors(&verdict, GrantorKind::PermissionSetGroup);
    let members = ["Gift_Entry", "QA"];
    // By hand from the four group files and their muting sets: what each mutes of fields.
    for (group, muted) in [
        ("DI_Batch_Desc_Muted", Some("dataimportbatch__c.batch_description__c")),
        ("DI_Batch_Obj_Muted", None),
        ("Form_Temp_Desc_Muted", Some("form_template__c.description__c")),
        ("Form_Temp_Obj_Muted", None),
    ] {
        let mut expected: BTreeMap<&str, Access> = BTreeMap::new();
        for (_, field, access) in of_sets.iter().filter(|d| members.contains(&d.0.as_str())) {
            let slot = expected.entry(field).or_insert(*access);
            *slot = (*slot).max(*access);
        }
        assert!(expected.len() > 100, "the members open fields");
        if let Some(field) = muted {
            assert!(expected.remove(field).is_some(), "{field} is there to be muted");
        }
        let found: BTreeMap<&str, Access> =
            of_groups.iter().filter(|d| d.0 == group).map(|d| (d.1.as_str(), d.2)).collect();
        assert_eq!(found, expected, "{group}");
    }
}

#[test]
#[ignore = "needs FLSGATE_CORPUS"]
fn decomposed_samples_open_what_their_twins_open() {
    let root = corpus("sdr-decomposed/test/snapshot/sampleProjects");
    for (project, sets) in [
        ("preset-PermSet", &["dreamhouse"][..]),
        ("variant-raw-PermSet", &["dreamhouse"]),
        ("preset-decomposedPS2", &["dreamhouse", "ebikes", "noObjectSettings", "withCustomPermission"]),
    ] {
        let project = root.join(project);
        let whole = all_new(&common::files(&project.join("originalMdapi")));
        let all = common::files(&project.join("__snapshots__/verify-source-files.expected"));
        // Only the folders of pieces: a whole file may lie beside them.
        let pieces: Files = all
            .into_iter()
            .filter(|(path, _)| sets.iter().any(|set| path.contains(&format!("/permissionsets/{set}/"))))
            .collect();
        assert!(pieces.len() > sets.len(), "{}: there are pieces", project.display());
        let pieces = all_new(&pieces);
        let (whole_doors, piece_doors) =
            (doors(&whole, GrantorKind::PermissionSet), doors(&pieces, GrantorKind::PermissionSet));
        assert_eq!(whole_doors, piece_doors, "{}", project.display());
        assert!(!whole_doors.is_empty());
        let rules = |v: &Verdict| v.findings.iter().map(|f| f.fingerprint()).collect::<BTreeSet<_>>();
        assert_eq!(rules(&whole), rules(&pieces), "{}", project.display());
    }
}
