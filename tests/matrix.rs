//! The data access matrix: one small org in every format, hostile text, committed matrices that go stale,
//! and what a change alters.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

#[path = "matrix/beside.rs"]
mod beside;
mod common;
#[path = "matrix/formats.rs"]
mod formats;
#[path = "matrix/hostile.rs"]
mod hostile;
#[path = "matrix/names.rs"]
mod names;
#[path = "matrix/org.rs"]
mod org;

use crate::formats::page_is_sound;
use crate::org::*;
use flsgate::report::matrix::{Change, Matrix, MatrixCell, MatrixFormat, Status};
use flsgate::run::{MatrixOf, staleness};
use flsgate::words::Access;

#[test]
fn each_status_by_hand() {
    let matrix = standing(org(), false);
    let mut found: Vec<(&str, &str, String)> = Vec::new();
    for c in &matrix.cells {
        found.push((
            matrix.fields[c.field].name.as_str(),
            matrix.grantors[c.grantor].grantor.name(),
            format!("{} {}", c.access, c.status),
        ));
    }
    let expected = [
        ("Account.Revenue__c", "Analytics", "read justified"),
        ("Account.Revenue__c", "Admin", "read not allowed"),
        ("Account.Trend__c", "Analytics", "read unjustified"),
        ("Contact.SSN__c", "Analytics", "read justified and approved"),
        ("Contact.SSN__c", "Desk", "edit expired"),
        ("Contact.SSN__c", "Both", "edit expired"),
    ];
    assert_eq!(found, expected.map(|(f, g, s)| (f, g, s.to_owned())));
    let unreached: Vec<&str> = matrix.unreached().map(|f| f.name.as_str()).collect();
    assert_eq!(unreached, ["Contact.Salary__c"]);
    assert_eq!(
        matrix.fields[2].owner.as_deref().or(matrix.fields[3].owner.as_deref()),
        Some("privacy@acme.example")
    );
    assert_eq!(cell(&matrix, "Contact.SSN__c", "Desk").notes, ["expired on 2026-05-31"]);
    assert_eq!(
        cell(&matrix, "Contact.SSN__c", "Both").notes,
        ["judged as its member `Desk`", "expired on 2026-05-31"]
    );
    // By the group, its member, the entry of the member.
    let route = |c: &MatrixCell| -> Vec<String> {
        c.route.iter().map(|h| format!("{} {} {}", h.kind, h.at, h.text.clone().unwrap())).collect()
    };
    assert_eq!(
        route(cell(&matrix, "Contact.SSN__c", "Both")),
        [
            "permission_set_group permissionsetgroups/Both.permissionsetgroup-meta.xml:3 member `Desk`",
            "field_permissions permissionsets/Desk.permissionset-meta.xml:3 editable: true",
        ]
    );
    // And from a derived field on to the data.
    assert_eq!(
        route(cell(&matrix, "Account.Trend__c", "Analytics")),
        [
            "field_permissions permissionsets/Analytics.permissionset-meta.xml:10 readable: true",
            "derived_field objects/Account/fields/Trend__c.field-meta.xml:2 `Account.Trend__c` reads `Account.Revenue__c`",
        ]
    );
    let all = standing(org(), true);
    assert_eq!(all.cells.len(), matrix.cells.len() + 1);
    assert_eq!(cell(&all, "Account.Region__c", "Analytics").status, Status::Allowed);
}

#[test]
fn the_baseline_accepts_what_stood() {
    let baseline = "version: 1\naccepted:\n  - {permission_set: Desk, field: Contact.SSN__c, access: edit, tier: restricted}\n";
    let files = with(org(), &[(".flsgate/baseline.yml", Some(baseline.into()))]);
    let matrix = standing(files, false);
    assert_eq!(cell(&matrix, "Contact.SSN__c", "Desk").status, Status::Accepted);
    assert_eq!(cell(&matrix, "Contact.SSN__c", "Both").status, Status::Accepted, "as its member");
    assert_eq!(
        cell(&matrix, "Contact.SSN__c", "Analytics").status,
        Status::Approved,
        "settled beats accepted"
    );
}

#[test]
fn what_cannot_be_read_is_a_gap() {
    let matrix = standing_with_gap();
    assert_eq!(matrix.gaps.len(), 1);
    assert_eq!(matrix.gaps[0].at.to_string(), "permissionsets/Torn.permissionset-meta.xml:1");
    assert!(write(&matrix, MatrixFormat::Markdown).contains("**This matrix is not complete.**"));
    page_is_sound(&matrix);
}

fn standing_with_gap() -> Matrix {
    standing(
        with(org(), &[("permissionsets/Torn.permissionset-meta.xml", Some("<PermissionSet>".into()))]),
        false,
    )
}

#[test]
fn a_committed_matrix_goes_stale_by_what_it_says() {
    let old = standing(org(), false);
    let narrower = set(&[entry("Contact.SSN__c", Access::Read)]);
    let new = standing(with(org(), &[("permissionsets/Desk.permissionset-meta.xml", Some(narrower))]), false);
    let moved = made(&[org()], |_| MatrixOf::Standing(Some("main".into())), false, false).matrix;
    for format in ALL {
        let committed = write(&old, format);
        assert!(staleness(&old, format, committed.as_bytes()).unwrap().is_fresh(), "{format:?}");
        let stale = staleness(&new, format, committed.as_bytes()).unwrap();
        assert!(stale.missing > 0 && stale.left_over > 0, "{format:?}: {stale:?}");
        // Git may have converted the line ends, and the revision is another one by now.
        let converted = committed.replace("\r\n", "\n").replace('\n', "\r\n").replace(&old.revision, "v1");
        assert!(staleness(&old, format, converted.as_bytes()).unwrap().is_fresh(), "{format:?}");
        assert!(!staleness(&old, format, b"").unwrap().is_fresh());
        assert!(!write(&moved, format).contains(".xml:"), "{format:?}: no line");
    }
    // Two rows, of the permission set and of its group.
    let stale = staleness(&new, MatrixFormat::Csv, write(&old, MatrixFormat::Csv).as_bytes()).unwrap();
    assert_eq!((stale.missing, stale.left_over), (2, 2));
}

#[test]
fn a_delta_shows_what_the_change_alters_and_nothing_else() {
    let read = |field| entry(field, Access::Read);
    let head = with(
        org(),
        &[
            // Account.Trend__c goes, Contact.Salary__c comes, Account.Revenue__c is widened.
            (
                "permissionsets/Analytics.permissionset-meta.xml",
                Some(set(&[
                    entry("Account.Revenue__c", Access::Edit),
                    read("Contact.SSN__c"),
                    read("Contact.Salary__c"),
                    entry("Account.Region__c", Access::Edit),
                ])),
            ),
            ("permissionsets/Desk.permissionset-meta.xml", Some(set(&[read("Contact.SSN__c")]))),
            ("profiles/Admin.profile-meta.xml", Some("<Profile>\n</Profile>\n".into())),
            ("objects/Account/fields/Region__c.field-meta.xml", Some(label("Confidential"))),
        ],
    );
    let matrix = delta(org(), head);
    let found: Vec<(&str, &str, String)> = matrix
        .cells
        .iter()
        .map(|c| {
            let change = c.change.unwrap();
            let before = c.before.map(|b| format!(" from {b}")).unwrap_or_default();
            (
                matrix.fields[c.field].name.as_str(),
                matrix.grantors[c.grantor].grantor.name(),
                format!("{change} {}{before} {}", c.access, c.status),
            )
        })
        .collect();
    let expected = [
        ("Account.Region__c", "Analytics", "relabelled edit waiting for an approval"),
        ("Account.Revenue__c", "Analytics", "widened edit from read unjustified"),
        // What a profile only stops to mention the org keeps.
        ("Account.Revenue__c", "Admin", "removed read kept by the org"),
        ("Account.Trend__c", "Analytics", "removed read removed"),
        ("Contact.Salary__c", "Analytics", "added read unjustified"),
        ("Contact.SSN__c", "Desk", "narrowed read from edit expired"),
        ("Contact.SSN__c", "Both", "narrowed read from edit expired"),
    ];
    assert_eq!(found, expected.map(|(f, g, s)| (f, g, s.to_owned())));
    assert_eq!(
        cell(&matrix, "Account.Region__c", "Analytics").notes.last().unwrap(),
        "the label changes from open (Public) to conditional (Confidential)"
    );
    assert!(matrix.delta && matrix.revision.contains(".."));
    page_is_sound(&matrix);
    insta::assert_snapshot!("delta", write(&matrix, MatrixFormat::Markdown));
    let csv = write(&matrix, MatrixFormat::Csv);
    assert!(csv.contains(",Notes,Change,Users\r\n") && csv.contains(",widened from read,\r\n"), "{csv}");

    let nothing = delta(org(), with(org(), &[("README.md", Some("x".into()))]));
    assert_eq!((nothing.cells.len(), nothing.fields.len()), (0, 0));
}

#[test]
fn a_new_justification_waits_for_its_approval() {
    let reason = OVER.replace("2026-05-31", "2027-03-31");
    let granted = set(&[entry("Contact.SSN__c", Access::Edit), entry("Contact.Salary__c", Access::Read)]);
    let salary = reason.replace("SSN__c", "Salary__c").replace("access: edit", "access: read");
    let head = with(
        org(),
        &[
            (".flsgate/justifications/desk.yml", Some(salary)),
            ("permissionsets/Desk.permissionset-meta.xml", Some(granted)),
        ],
    );
    let matrix = delta(org(), head);
    let desk = cell(&matrix, "Contact.Salary__c", "Desk");
    assert_eq!((desk.status, desk.change), (Status::NeedsApproval, Some(Change::Added)));
    assert_eq!(desk.approval(), "not approved yet");
    assert!(desk.notes.is_empty(), "{:?}", desk.notes);
}

fn flsgate(folder: &std::path::Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_flsgate"));
    command.args(arguments).current_dir(folder).env_clear().env("HOME", folder);
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_command_writes_checks_and_compares() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let put = |files: Files<'_>| {
        for (name, text) in files {
            let file = path.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
    };
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
            "-c",
            "init.defaultBranch=main",
        ]);
        command.args(arguments).current_dir(path).env("GIT_CONFIG_GLOBAL", "/dev/null");
        assert!(command.output().unwrap().status.success(), "git {arguments:?}");
    };
    put(org());
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "base"]);
    let day = ["--as-of", "2026-06-01"];
    let run = |arguments: &[&str]| flsgate(path, &[&["matrix"], arguments, &day[..]].concat());

    // Each format by the name of the file; what is on standard output is the same.
    for file in ["m.md", "m.csv", "m.json", "docs/m.html"] {
        assert_eq!(
            run(&["--output", file]),
            (Some(0), String::new(), format!("flsgate: wrote {file}\n")),
            "{file}"
        );
        let (_, out, _) = run(&["--format", file.rsplit('.').next().unwrap()]);
        assert_eq!(out, std::fs::read_to_string(path.join(file)).unwrap());
        assert_eq!(run(&["--check", file]).0, Some(0), "{file}");
        assert_eq!(
            run(&["--check", file, "--revision", "main"]).0,
            Some(0),
            "{file}: the revision does not count"
        );
        let (status, _, err) = run(&["--check", file, "--no-lines"]);
        assert_eq!(status, Some(1), "{file}");
        assert!(
            err.contains("was written without `--no-lines`; leave that out here as well"),
            "{file}: {err}"
        );
    }
    assert_eq!(run(&["--no-lines", "--output", "m.txt.md"]).0, Some(0));
    let (status, _, err) = run(&["--check", "m.txt.md"]);
    assert_eq!(status, Some(1));
    assert!(err.contains("`m.txt.md` was written with `--no-lines`; say that here as well"), "{err}");
    for (option, written, meant) in
        [("--state", "unjustifed", "unjustified"), ("--tier", "Restrict", "restricted")]
    {
        let (status, _, err) = run(&[option, written]);
        assert!(status == Some(2) && err.contains(&format!("did you mean `{meant}`?")), "{err}");
    }
    assert_eq!(run(&["--state", "Unjustified", "--tier", "3"]).0, Some(0));
    let narrower = set(&[entry("Contact.SSN__c", Access::Read)]);
    put(vec![("permissionsets/Desk.permissionset-meta.xml", narrower)]);
    let (status, out, err) = run(&["--check", "m.csv"]);
    assert_eq!((status, out.as_str()), (Some(1), ""));
    assert!(err.contains("`m.csv` is stale: 2 lines are missing, 2 lines are left over"), "{err}");
    // The day counts too: two justifications end.
    assert_eq!(
        flsgate(path, &["matrix", "--check", "m.csv", "--as-of", "2027-04-01", "--revision", "main"]).0,
        Some(1)
    );

    // Where lines can be looked at: at a commit, and nowhere of a working tree.
    let url = ["--format", "html", "--repository-url", "https://github.com/acme/org/"];
    let (status, out, _) = run(&[&["--revision", "main"], &url[..]].concat());
    assert!(
        status == Some(0) && out.contains("\"lookup\":{\"head\":\"https://github.com/acme/org/blob/"),
        "{status:?}"
    );
    assert!(run(&url).1.contains("\"lookup\":{\"head\":null,\"base\":null}"));
    assert_eq!(run(&["--repository-url", "javascript:alert(1)"]).0, Some(2));

    let (status, out, _) = run(&["--delta", "main..", "--format", "csv"]);
    assert_eq!((status, out.lines().count()), (Some(0), 7), "{out}");
    assert!(out.contains(",narrowed from edit"), "{out}");
    // Narrowed to what is there, and never to a slip, which would look like an answer.
    let (status, out, _) =
        run(&["--permission-set", "desk", "--object", "contact", "--format", "csv", "--revision", "main"]);
    assert_eq!(status, Some(0));
    assert!(out.contains("Narrowed to: object contact; permission set or profile desk"), "{out}");
    assert!(out.contains(",Desk,") && !out.contains(",Analytics,") && !out.contains("Salary__c"), "{out}");
    for (filter, said) in [
        (["--permission-set", "Dsek"], "there is no permission set, group or profile `Dsek`"),
        (
            ["--object", "Contcat"],
            "no field of an object `Contcat` is known in this repository. Did you mean `Contact`?",
        ),
    ] {
        let (status, out, err) = run(&filter);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{filter:?}");
        assert!(err.contains(said), "{err}");
    }
    for wrong in [&["--delta", "main"][..], &["--delta", "..x"], &["--delta", "a..b", "--revision", "c"]] {
        assert_eq!(run(wrong).0, Some(2), "{wrong:?}");
    }
    assert_eq!(run(&["--check", "no-such.md"]).0, Some(2));
    for file in ["m.pdf", "m.txt"] {
        let (status, _, err) = run(&["--output", file]);
        assert!(status == Some(2) && err.contains(".md, .markdown, .csv, .json, .html or .htm"), "{err}");
        assert!(!path.join(file).exists());
    }
    assert_eq!(run(&["--output", "m.txt", "--format", "csv"]).0, Some(0));
    assert_eq!(run(&["--output", "m"]).0, Some(0), "without an ending it is Markdown");
    // What cannot be read leaves the run undecided, and the file says so.
    put(vec![("permissionsets/Torn.permissionset-meta.xml", "<PermissionSet>".into())]);
    let (status, _, err) = run(&["--output", "m.md"]);
    assert_eq!(status, Some(2));
    assert!(err.contains("undecided: permissionsets/Torn.permissionset-meta.xml:1"), "{err}");
}
