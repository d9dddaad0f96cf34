//! The matrices of public projects, each cell compared with an independent computation by text search.
//! They are not part of this repository: `FLSGATE_CORPUS` names the folder that holds them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;

use flsgate::report::matrix::{Matrix, MatrixCell, Status};
use flsgate::run::{MatrixOf, MatrixOptions, matrix};
use flsgate::words::{Access, GrantorKind, Tier};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Files = BTreeMap<String, Vec<u8>>;
/// (grantor, field, lower case) to access.
type Cells = BTreeMap<(String, String), Access>;

fn corpus(path: &str) -> Files {
    let root = std::env::var_os("FLSGATE_CORPUS").expect("FLSGATE_CORPUS names the folder with the projects");
    let path = Path::new(&root).join(path);
    assert!(path.is_dir(), "{}", path.display());
    common::files(&path)
}

fn made(files: &Files, all: bool) -> Matrix {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(p, b)| (p.as_str(), b.as_slice())).collect();
    flsgate::git::create(folder.path(), &[&files]).unwrap();
    let options = MatrixOptions {
        filter: flsgate::report::matrix::MatrixFilter::default(),
        repository_url: None,
        repository: folder.path().into(),
        of: MatrixOf::Standing(Some("main".into())),
        all,
        lines: true,
        today: common::TODAY,
        progress: None,
    };
    let run = matrix(&options).unwrap();
    assert!(run.matrix.gaps.is_empty(), "{:?}", run.matrix.gaps);
    run.matrix
}

fn names(matrix: &Matrix, cell: &MatrixCell) -> (String, String) {
    let grantor = matrix.grantors[cell.grantor].grantor.name().to_lowercase();
    (grantor, matrix.fields[cell.field].name.as_str().to_lowercase())
}

/// Cells as names, and that no two have the same.
fn cells<'m>(matrix: &'m Matrix, wanted: impl Fn(&MatrixCell) -> bool + 'm) -> Cells {
    let mut found = Cells::new();
    for cell in matrix.cells.iter().filter(|c| wanted(c)) {
        let twice = found.insert(names(matrix, cell), cell.access);
        assert!(twice.is_none(), "{:?} stands twice", names(matrix, cell));
    }
    found
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The text between two marks, every time it occurs.
fn between<'t>(text: &'t str, open: &str, close: &str) -> Vec<&'t str> {
    text.split(open).skip(1).map(|rest| rest.split(close).next().unwrap()).collect()
}

fn one(block: &str, tag: &str) -> String {
    between(block, &format!("<{tag}>"), "<").first().map_or("", |t| t.trim()).to_lowercase()
}

/// The file's name, lower case, where it is of this kind in either format.
fn component(path: &str, kind: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap();
    let name = name.strip_suffix("-meta.xml").unwrap_or(name).strip_suffix(&format!(".{kind}"))?;
    Some(name.to_lowercase())
}

/// What the `fieldPermissions` of a file open.
fn entries(text: &str) -> Vec<(String, Access)> {
    let all = between(text, "<fieldPermissions>", "</fieldPermissions>").into_iter();
    let opened = all.filter_map(|block| {
        let says = |tag| one(block, tag) == "true";
        let access = if says("editable") { Access::Edit } else { Access::Read };
        (says("readable") || says("editable")).then(|| (one(block, "field"), access))
    });
    opened.collect()
}

fn widen(cells: &mut Cells, grantor: &str, field: String, access: Access) {
    let slot = cells.entry((grantor.to_owned(), field)).or_insert(access);
    *slot = (*slot).max(access);
}

/// Every hop of an entry points at the line that says what it shows, inside the entry of the field.
fn hops_are_where_they_say(files: &Files, matrix: &Matrix) {
    let texts: BTreeMap<&str, String> = files.iter().map(|(p, b)| (p.as_str(), text(b))).collect();
    let mut seen = 0;
    for cell in &matrix.cells {
        let (_, field) = names(matrix, cell);
        for hop in cell.route.iter().filter(|h| h.kind == "field_permissions" || h.kind == "view_all_fields")
        {
            let lines: Vec<&str> = texts[hop.at.path.as_str()].lines().collect();
            let at = hop.at.line.unwrap() as usize - 1;
            let (tag, named) = match (hop.kind, cell.access) {
                ("view_all_fields", _) => ("viewAllFields", field.split('.').next().unwrap()),
                (_, Access::Edit) => ("editable", field.as_str()),
                (_, Access::Read) => ("readable", field.as_str()),
            };
            // An entry may ask for editing where the platform sets the value: a formula is read all the same.
            let asks_to_edit = cell.access == Access::Read && lines[at].trim() == "<editable>true</editable>";
            assert!(asks_to_edit || lines[at].trim() == format!("<{tag}>true</{tag}>"), "{}", hop.at);
            let start = lines[..at].iter().rposition(|l| l.contains("Permissions>")).unwrap();
            let end = at + lines[at..].iter().position(|l| l.contains("Permissions>")).unwrap();
            let entry = lines[start..end].join("").to_lowercase().replace("packocz__", "");
            let entry = entry.replace("%%%namespace%%%", "");
            assert!(entry.contains(&format!(">{named}<")), "{}: {named} in {entry}", hop.at);
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[test]
#[ignore = "needs FLSGATE_CORPUS"]
fn nebula() {
    let files = corpus("nebula");
    let matrix = made(&files, false);
    let (mut labels, mut outside_fls, mut formulas) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
    let objects = files.iter().filter_map(|(path, bytes)| Some((component(path, "object")?, text(bytes))));
    let settings: BTreeSet<String> =
        objects.filter(|(_, text)| text.contains("<customSettingsType>")).map(|(object, _)| object).collect();
    for (path, bytes) in files.iter().filter(|(p, _)| p.ends_with(".field-meta.xml")) {
        let parts: Vec<&str> = path.split('/').collect();
        let object = parts[parts.iter().rposition(|p| *p == "objects").unwrap() + 1].to_lowercase();
        let field = format!("{object}.{}", component(path, "field").unwrap());
        let text = text(bytes);
        let groups = one(&text, "complianceGroup");
        let groups = if groups == "none" { String::new() } else { groups };
        let class = one(&text, "securityClassification");
        let whole = ["__e", "__mdt"].iter().any(|end| object.ends_with(end)) || settings.contains(&object);
        if whole || text.contains("<required>true<") || text.contains("<type>MasterDetail<") {
            outside_fls.insert(field.clone());
        }
        if let Some(formula) = between(&text, "<formula>", "</formula>").first() {
            formulas.insert(field.clone(), formula.to_lowercase());
        }
        if class == "confidential" || !groups.is_empty() {
            labels.insert(field, (class, groups));
        }
    }
    let mut expected = Cells::new();
    for (path, bytes) in &files {
        assert!(component(path, "permissionsetgroup").is_none(), "{path}");
        let kinds = ["permissionset", "profile"];
        let Some(grantor) = kinds.iter().find_map(|kind| component(path, kind)) else { continue };
        let text = text(bytes);
        for (field, access) in entries(&text) {
            if labels.contains_key(&field) {
                widen(&mut expected, &grantor, field, access);
            }
        }
        for kind in ["customMetadataTypeAccesses", "customSettingAccesses"] {
            for block in between(&text, &format!("<{kind}>"), &format!("</{kind}>")) {
                let object = format!("{}.", one(block, "name"));
                let open = one(block, "enabled") == "true";
                for field in labels.keys().filter(|f| open && f.starts_with(&object)) {
                    widen(&mut expected, &grantor, field.clone(), Access::Read);
                }
            }
        }
        for block in between(&text, "<objectPermissions>", "</objectPermissions>") {
            let object = format!("{}.", one(block, "object"));
            let says = |tag| one(block, tag) == "true";
            for field in labels.keys().filter(|f| f.starts_with(&object)) {
                let alone = outside_fls.contains(field);
                // Deleting needs editing: a big object's set says one without the other.
                let edits =
                    ["allowEdit", "allowCreate", "allowDelete", "modifyAllRecords"].into_iter().any(says);
                if alone && edits {
                    widen(&mut expected, &grantor, field.clone(), Access::Edit);
                } else if says("viewAllFields") || alone && says("allowRead") {
                    widen(&mut expected, &grantor, field.clone(), Access::Read);
                }
            }
        }
    }
    let is_labelled = |c: &MatrixCell| labels.contains_key(&names(&matrix, c).1);
    let found = cells(&matrix, is_labelled);
    let differ = |a: &Cells, b: &Cells| -> Vec<String> {
        a.iter().filter(|(k, v)| b.get(*k) != Some(*v)).map(|(k, v)| format!("{k:?} {v}")).collect()
    };
    assert_eq!((differ(&found, &expected), differ(&expected, &found)), (vec![], vec![]));
    assert!(found.len() > 1000, "{}", found.len());
    for cell in &matrix.cells {
        assert_eq!(cell.status, Status::Unjustified);
        let (field, name) = (&matrix.fields[cell.field], names(&matrix, cell).1);
        let derived: Vec<&str> = cell
            .route
            .iter()
            .filter(|h| h.kind == "derived_field")
            .map(|h| h.text.as_deref().unwrap())
            .collect();
        let Some(hop) = derived.last() else {
            let (class, groups) = &labels[&name];
            let weighs = ["pci", "hipaa", "phi"].into_iter().any(|g| groups.split(';').any(|own| own == g));
            let tier = if weighs { Tier::Restricted } else { Tier::Conditional };
            assert_eq!(field.tier, tier, "{name}");
            assert_eq!(
                field.label.classification.clone().unwrap_or_default().to_lowercase(),
                *class,
                "{name}"
            );
            let own: BTreeSet<String> =
                field.label.compliance_groups.iter().map(|g| g.to_lowercase()).collect();
            assert!(groups.split(';').filter(|g| !g.is_empty()).all(|g| own.contains(g)), "{name}");
            continue;
        };
        // A formula that says the name of the labelled field whose tier it takes.
        let input = hop.rsplit(" reads `").next().unwrap().trim_end_matches('`').to_lowercase();
        let (_, input) = input.split_once('.').unwrap();
        let own = &formulas[&name];
        assert!(derived.len() > 1 || own.contains(input), "{name}: {input} in {own}");
    }
    hops_are_where_they_say(&files, &matrix);
    // Fields that no cell names are those labelled ones that nothing reaches.
    let reached: BTreeSet<&String> = expected.keys().map(|(_, field)| field).collect();
    let unreached = labels.keys().filter(|f| !reached.contains(f)).count();
    let found = matrix.unreached().filter(|f| labels.contains_key(&f.name.as_str().to_lowercase())).count();
    assert_eq!(found, unreached);
}

#[test]
#[ignore = "needs FLSGATE_CORPUS"]
fn permission_set_groups() {
    let files = corpus("psg-packaging");
    let matrix = made(&files, true);
    // The project's own namespace is no part of a name inside the project.
    let own = |name: &str| name.to_lowercase().replace("packocz__", "");
    let mut expected = Cells::new();
    for (path, bytes) in &files {
        let Some(grantor) = component(path, "permissionset") else { continue };
        for (field, access) in entries(&text(bytes)) {
            widen(&mut expected, &grantor, own(&field), access);
        }
    }
    let sets = expected.clone();
    let mut groups = 0;
    for (path, bytes) in &files {
        let Some(group) = component(path, "permissionsetgroup") else { continue };
        groups += 1;
        for member in between(&text(bytes), "<permissionSets>", "<") {
            for ((_, field), access) in sets.iter().filter(|((grantor, _), _)| *grantor == own(member)) {
                widen(&mut expected, &group, field.clone(), *access);
            }
        }
    }
    assert_eq!(groups, 4);
    let found: Cells = cells(&matrix, |_| true).into_iter().map(|((g, f), a)| ((g, own(&f)), a)).collect();
    assert_eq!(found, expected);
    assert_eq!(found.len(), sets.len() + 4, "each group opens the one field of its package");
    assert!(matrix.cells.iter().all(|c| c.status == Status::Allowed && c.justification.is_none()));
    for cell in &matrix.cells {
        let kinds: Vec<&str> = cell.route.iter().map(|h| h.kind).collect();
        match matrix.grantors[cell.grantor].grantor.kind {
            GrantorKind::PermissionSetGroup => {
                assert_eq!(kinds, ["permission_set_group", "field_permissions"])
            }
            _ => assert_eq!(kinds, ["field_permissions"]),
        }
    }
    hops_are_where_they_say(&files, &matrix);
}

#[test]
#[ignore = "needs FLSGATE_CORPUS"]
fn permission_set_groups_with_muting() {
    let files = corpus("npsp-mdapi");
    let matrix = made(&files, true);
    let own = |name: &str| name.to_lowercase().replace("%%%namespace%%%", "");
    let mut sets = Cells::new();
    for (path, bytes) in &files {
        let Some(grantor) = component(path, "permissionset") else { continue };
        for (field, access) in entries(&text(bytes)) {
            widen(&mut sets, &own(&grantor), own(&field), access);
        }
    }
    let by_name = |kind: &str| -> BTreeMap<String, String> {
        files.iter().filter_map(|(p, b)| Some((component(p, kind)?, text(b)))).collect()
    };
    let muting = by_name("mutingpermissionset");
    let mut expected = Cells::new();
    for (group, said) in by_name("permissionsetgroup") {
        for member in between(&said, "<permissionSets>", "<") {
            for ((_, field), access) in sets.iter().filter(|((grantor, _), _)| *grantor == own(member)) {
                widen(&mut expected, &group, field.clone(), *access);
            }
        }
        for muted in between(&said, "<mutingPermissionSets>", "<") {
            for (field, access) in entries(&muting[&own(muted)]) {
                let key = (group.clone(), own(&field));
                // Muting edit alone leaves reading; here every entry mutes both.
                assert_eq!(access, Access::Edit, "{field}");
                assert!(expected.remove(&key).is_some(), "{field} is there to be muted");
            }
        }
    }
    let of_groups = |c: &MatrixCell| {
        matrix.grantors[c.grantor].grantor.kind == GrantorKind::PermissionSetGroup
            && c.route.iter().any(|h| h.kind == "field_permissions")
    };
    assert!(expected.len() > 400, "{}", expected.len());
    assert_eq!(cells(&matrix, of_groups), expected);
}
