//! The data access matrix: one small org in every format, hostile text, committed matrices that go stale,
//! and what a change alters.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;

use base64::Engine;
use flsgate::git;
use flsgate::report::matrix::{Change, Matrix, MatrixCell, MatrixFormat, Status};
use flsgate::run::{MatrixOf, MatrixOptions, MatrixRun, matrix, staleness};
use flsgate::words::Access;
use serde_json::Value;
use sha2::{Digest, Sha256};

type Files<'f> = Vec<(&'f str, String)>;

fn entry(field: &str, access: Access) -> String {
    let edit = access == Access::Edit;
    format!(
        "<fieldPermissions>\n<editable>{edit}</editable>\n<field>{field}</field>\n<readable>true</readable>\n\
         </fieldPermissions>\n"
    )
}

fn set(entries: &[String]) -> String {
    format!("<PermissionSet>\n{}</PermissionSet>\n", entries.concat())
}

fn field(inside: &str) -> String {
    format!("<CustomField>\n{inside}\n</CustomField>\n")
}

fn label(classification: &str) -> String {
    field(&format!("<securityClassification>{classification}</securityClassification>"))
}

const REASONS: &str = "\
grantor: Analytics
entries:
  - field: Account.Revenue__c
    access: read
    justification: Needed for the revenue trend analysis.
    compliance: No personal data, reviewed quarterly.
    owner: analytics@acme.example
    ticket: SEC-1412
    expires: 2027-03-31
  - field: Contact.SSN__c
    access: read
    justification: Matching of people against the tax register.
    compliance: PII, encrypted in transit.
    owner: tax@acme.example
    expires: 2027-03-31
";

const OVER: &str = "\
grantor: Desk
entries:
  - field: Contact.SSN__c
    access: edit
    justification: Corrections that customers ask for.
    compliance: PII, four eyes.
    owner: desk@acme.example
    expires: 2026-05-31
";

/// Five fields, two permission sets, their group, a profile, and three justifications.
fn org() -> Files<'static> {
    let read = |field| entry(field, Access::Read);
    vec![
        (".flsgate/justifications/analytics.yml", REASONS.into()),
        (".flsgate/justifications/desk.yml", OVER.into()),
        ("objects/Account/fields/Region__c.field-meta.xml", label("Public")),
        ("objects/Account/fields/Revenue__c.field-meta.xml", label("Confidential")),
        (
            "objects/Account/fields/Trend__c.field-meta.xml",
            field("<formula>Revenue__c * 2</formula>\n<type>Number</type>"),
        ),
        (
            "objects/Contact/fields/SSN__c.field-meta.xml",
            field(
                "<businessOwnerUser>privacy@acme.example</businessOwnerUser>\n<complianceGroup>PII</complianceGroup>\n\
                 <securityClassification>Restricted</securityClassification>",
            ),
        ),
        ("objects/Contact/fields/Salary__c.field-meta.xml", label("Restricted")),
        (
            "permissionsets/Analytics.permissionset-meta.xml",
            set(&[
                read("Account.Revenue__c"),
                read("Account.Trend__c"),
                read("Contact.SSN__c"),
                entry("Account.Region__c", Access::Edit),
            ]),
        ),
        ("permissionsets/Desk.permissionset-meta.xml", set(&[entry("Contact.SSN__c", Access::Edit)])),
        (
            "permissionsetgroups/Both.permissionsetgroup-meta.xml",
            "<PermissionSetGroup>\n<label>Both</label>\n<permissionSets>Desk</permissionSets>\n</PermissionSetGroup>\n"
                .into(),
        ),
        (
            "profiles/Admin.profile-meta.xml",
            format!("<Profile>\n{}</Profile>\n", read("Account.Revenue__c")),
        ),
    ]
}

fn with(mut files: Files<'static>, changed: &[(&'static str, Option<String>)]) -> Files<'static> {
    for (path, text) in changed {
        files.retain(|(p, _)| p != path);
        files.extend(text.clone().map(|text| (*path, text)));
    }
    files
}

fn made(commits: &[Files<'_>], of: impl FnOnce(&[String]) -> MatrixOf, all: bool, lines: bool) -> MatrixRun {
    let folder = tempfile::tempdir().unwrap();
    let commits: Vec<Vec<(&str, &[u8])>> =
        commits.iter().map(|files| files.iter().map(|(p, t)| (*p, t.as_bytes())).collect()).collect();
    let slices: Vec<&git::Files<'_>> = commits.iter().map(Vec::as_slice).collect();
    let ids = git::create(folder.path(), &slices).unwrap();
    let options = MatrixOptions {
        repository: folder.path().into(),
        of: of(&ids),
        all,
        lines,
        today: common::TODAY,
        progress: None,
    };
    matrix(&options).unwrap()
}

fn standing(files: Files<'_>, all: bool) -> Matrix {
    let run = made(&[files], |ids| MatrixOf::Standing(Some(ids[0].clone())), all, true);
    assert!(run.warnings.is_empty(), "{:?}", run.warnings);
    run.matrix
}

fn delta(base: Files<'_>, head: Files<'_>) -> Matrix {
    let of = |ids: &[String]| MatrixOf::Change { base: ids[0].clone(), head: Some(ids[1].clone()) };
    made(&[base, head], of, false, true).matrix
}

fn write(matrix: &Matrix, format: MatrixFormat) -> String {
    let mut out = Vec::new();
    matrix.write(format, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const ALL: [MatrixFormat; 4] =
    [MatrixFormat::Markdown, MatrixFormat::Csv, MatrixFormat::Json, MatrixFormat::Html];

/// The cell of a field and a grantor, by name.
fn cell<'m>(matrix: &'m Matrix, field: &str, grantor: &str) -> &'m MatrixCell {
    let is = |c: &&MatrixCell| {
        matrix.fields[c.field].name.as_str() == field && matrix.grantors[c.grantor].grantor.name() == grantor
    };
    let mut found = matrix.cells.iter().filter(is);
    let cell = found.next().unwrap_or_else(|| panic!("{field}, {grantor}: no cell"));
    assert!(found.next().is_none(), "{field}, {grantor}: two cells");
    cell
}

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
        ("Account.Revenue__c", "Admin", "read denied"),
        ("Account.Trend__c", "Analytics", "read unjustified"),
        ("Contact.SSN__c", "Analytics", "read approved"),
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
    assert_eq!(cell(&all, "Account.Region__c", "Analytics").status, Status::Open);
}

#[test]
fn the_baseline_accepts_what_stood() {
    let baseline = "version: 1\nexposures:\n  - {grantor: Desk, field: Contact.SSN__c, access: edit, tier: restricted}\n";
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
fn markdown() {
    let text = write(&standing(org(), false), MatrixFormat::Markdown);
    insta::assert_snapshot!(text);
    // `<readable>` of the first entry: the root is line 1, the entry starts on line 2.
    assert!(text.contains("readable: true `permissionsets/Analytics.permissionset-meta.xml:5`"));
    assert!(text.contains("| Needed for the revenue trend analysis. (SEC-1412) |"));
}

#[test]
fn csv() {
    let text = write(&standing(org(), false), MatrixFormat::Csv);
    insta::assert_snapshot!(text.replace("\r\n", "␍\n"));
    assert!(text.starts_with("\u{feff}Field,"));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let head = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 6);
    let of = |name: &str| rows[0].get(head.iter().position(|h| h == name).unwrap()).unwrap();
    let by_hand = [
        ("Field", "Account.Revenue__c"),
        ("Label", "Confidential"),
        ("Tier", "conditional"),
        ("Grantor", "Analytics"),
        ("Grantor kind", "permission set"),
        ("Principal", "internal"),
        ("Access", "read"),
        ("Status", "justified"),
        ("Route", "field permissions"),
        ("Route at", "permissionsets/Analytics.permissionset-meta.xml:5"),
        ("Justification", "Needed for the revenue trend analysis."),
        ("Compliance", "No personal data, reviewed quarterly."),
        ("Owner", "analytics@acme.example"),
        ("Approval", "not asked for"),
        ("Expires", "2027-03-31"),
        ("Ticket", "SEC-1412"),
        ("Label at", "objects/Account/fields/Revenue__c.field-meta.xml:2"),
        ("Justification at", ".flsgate/justifications/analytics.yml:3"),
    ];
    for (name, value) in by_hand {
        assert_eq!(of(name), value, "{name}");
    }
}

#[test]
fn json() {
    let text = write(&standing(org(), false), MatrixFormat::Json);
    insta::assert_snapshot!(text);
    let json: Value = serde_json::from_str(&text).unwrap();
    let cell = &json["cells"][0];
    let at = |list: &str, position: &Value| {
        json[list][usize::try_from(position.as_u64().unwrap()).unwrap()].clone()
    };
    assert_eq!(at("fields", &cell["f"])["name"], "Account.Revenue__c");
    assert_eq!(at("grantors", &cell["g"])["name"], "Analytics");
    assert_eq!((cell["access"].as_str(), cell["status"].as_str()), (Some("read"), Some("justified")));
    let hop = &cell["route"][0];
    assert_eq!(at("paths", &hop["path"]), "permissionsets/Analytics.permissionset-meta.xml");
    assert_eq!((hop["line"].as_u64(), hop["text"].as_str()), (Some(5), Some("readable: true")));
    let why = at("justifications", &cell["justification"]);
    assert_eq!(
        (why["owner"].as_str(), why["approved"].clone()),
        (Some("analytics@acme.example"), Value::Null)
    );
    assert_eq!(
        (at("paths", &why["path"]).as_str(), why["line"].as_u64()),
        (Some(".flsgate/justifications/analytics.yml"), Some(3))
    );
}

/// The text between marks that stand once.
fn between<'t>(text: &'t str, open: &str, close: &str) -> &'t str {
    let (_, rest) = text.split_once(open).unwrap_or_else(|| panic!("{open}"));
    rest.split_once(close).unwrap_or_else(|| panic!("{close}")).0
}

/// What a browser checks before it runs the page.
fn page_is_sound(matrix: &Matrix) {
    let page = write(matrix, MatrixFormat::Html);
    let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    assert!(
        policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe") && !policy.contains("{{")
    );
    let hash = |text: &str| base64::prelude::BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()));
    for (source, open, close) in
        [("style-src", "<style>", "</style>"), ("script-src", "<script>", "</script>")]
    {
        let expected = format!("{source} 'sha256-{}'", hash(between(&page, open, close)));
        assert!(policy.contains(&expected), "{policy}");
    }
    let data = between(&page, "<script type=\"application/json\" id=\"data\">", "</script>");
    assert!(!data.contains('<'));
    let (data, json): (Value, Value) = (
        serde_json::from_str(data).unwrap(),
        serde_json::from_str(&write(matrix, MatrixFormat::Json)).unwrap(),
    );
    assert_eq!(data, json);
    assert_eq!(page.matches("<script").count(), 2);
    for place in ["{{STYLE_HASH}}", "{{SCRIPT_HASH}}", "{{DATA}}", "<!--TITLE-->"] {
        assert!(!page.contains(place) || json.to_string().contains(place), "{place}");
    }
}

#[test]
fn html() {
    let matrix = standing(org(), false);
    page_is_sound(&matrix);
    assert!(write(&matrix, MatrixFormat::Html).contains("<title>Data access matrix</title>"));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for format in ALL {
        assert_eq!(write(&standing(org(), true), format), write(&standing(org(), true), format));
    }
}

const EVIL: &str = "=HYPERLINK(\"http://evil.example\")|`<script>alert(1)</script> \u{202e}{{DATA}} ##[x]";

/// Names and texts that mean harm, wherever an author can put them.
fn hostile() -> Matrix {
    let xml = EVIL.replace('&', "&amp;").replace('<', "&lt;");
    let evil_field = "=cmd|'/C`calc`'!A0&lt;img/onerror=x>.Ev|il__c";
    let reasons = format!(
        "grantor: \"@sum|x\"\nentries:\n  - field: Contact.SSN__c\n    access: read\n    justification: {0}\n    \
         compliance: {0}\n    owner: {0}\n    ticket: {0}\n    expires: 2027-03-31\n",
        serde_json::to_string(EVIL).unwrap()
    );
    standing(
        vec![
            (".flsgate/justifications/x.yml", reasons),
            ("objects/Contact/fields/SSN__c.field-meta.xml", label(&xml)),
            (
                "permissionsets/@sum|x.permissionset-meta.xml",
                set(&[entry("Contact.SSN__c", Access::Read), entry(evil_field, Access::Edit)]),
            ),
            (
                "permissionsets/-1+`<b>\u{202e}\n## y.permissionset-meta.xml",
                set(&[entry("Contact.SSN__c", Access::Read)]),
            ),
        ],
        true,
    )
}

#[test]
fn hostile_text_does_nothing_in_any_format() {
    let matrix = hostile();
    assert_eq!(matrix.cells.len(), 3);
    for format in ALL {
        let text = write(&matrix, format);
        assert!(!text.contains('\u{202e}') && !text.contains("##["), "{format:?}");
    }
    page_is_sound(&matrix);

    let text = write(&matrix, MatrixFormat::Csv);
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let columns = reader.headers().unwrap().len();
    let mut rows = 0;
    for row in reader.records() {
        let row = row.unwrap();
        assert_eq!(row.len(), columns);
        for value in &row {
            assert!(!value.trim_start().starts_with(['=', '+', '-', '@']), "{value}");
        }
        rows += 1;
    }
    assert_eq!(rows, 3);

    // The tables of the page: as many parts in each row as in its head, and no element but line breaks.
    let text = write(&matrix, MatrixFormat::Markdown);
    let options = pulldown_cmark::Options::ENABLE_TABLES;
    let (mut parts, mut widths) = (0, Vec::new());
    for event in pulldown_cmark::Parser::new_ext(&text, options) {
        use pulldown_cmark::{Event, Tag, TagEnd};
        match event {
            Event::Start(Tag::TableHead | Tag::TableRow) => parts = 0,
            Event::Start(Tag::TableCell) => parts += 1,
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => widths.push(parts),
            Event::Html(html) | Event::InlineHtml(html) => assert_eq!(&*html, "<br>"),
            Event::Start(Tag::Link { dest_url, .. }) => panic!("a link to {dest_url}"),
            _ => {}
        }
    }
    assert_eq!(widths.len(), 3 + 2, "two objects, three accesses");
    assert!(widths.iter().all(|w| *w == 12), "{widths:?}");
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
        ("Account.Region__c", "Analytics", "relabelled edit unjustified"),
        ("Account.Revenue__c", "Analytics", "widened edit from read unjustified"),
        ("Account.Revenue__c", "Admin", "removed read removed"),
        ("Account.Trend__c", "Analytics", "removed read removed"),
        ("Contact.Salary__c", "Analytics", "added read unjustified"),
        ("Contact.SSN__c", "Desk", "narrowed read from edit expired"),
        ("Contact.SSN__c", "Both", "narrowed read from edit expired"),
    ];
    assert_eq!(found, expected.map(|(f, g, s)| (f, g, s.to_owned())));
    assert!(cell(&matrix, "Account.Revenue__c", "Admin").notes[0].contains("the org keeps the grant"));
    assert_eq!(
        cell(&matrix, "Account.Region__c", "Analytics").notes.last().unwrap(),
        "the label changes from open (Public) to conditional (Confidential)"
    );
    assert!(matrix.delta && matrix.revision.contains(".."));
    page_is_sound(&matrix);
    insta::assert_snapshot!("delta", write(&matrix, MatrixFormat::Markdown));
    let csv = write(&matrix, MatrixFormat::Csv);
    assert!(csv.lines().next().unwrap().ends_with(",Notes,Change,Before"), "{csv}");

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
    assert_eq!((desk.status, desk.change), (Status::Unjustified, Some(Change::Added)));
    assert_eq!(desk.justification.as_ref().unwrap().approved, Some(false));
    assert_eq!(desk.notes, ["awaits approval"]);
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
        assert_eq!(run(&["--output", file]), (Some(0), String::new(), String::new()), "{file}");
        let (_, out, _) = run(&["--format", file.rsplit('.').next().unwrap()]);
        assert_eq!(out, std::fs::read_to_string(path.join(file)).unwrap());
        assert_eq!(run(&["--check", file]).0, Some(0), "{file}");
        assert_eq!(
            run(&["--check", file, "--revision", "main"]).0,
            Some(0),
            "{file}: the revision does not count"
        );
        assert_eq!(run(&["--check", file, "--no-lines"]).0, Some(1), "{file}");
    }
    let narrower = set(&[entry("Contact.SSN__c", Access::Read)]);
    put(vec![("permissionsets/Desk.permissionset-meta.xml", narrower)]);
    let (status, out, err) = run(&["--check", "m.csv"]);
    assert_eq!((status, out.as_str()), (Some(1), ""));
    assert!(err.contains("`m.csv` is stale: 2 lines are missing, 2 are left over"), "{err}");
    // The day counts too: two justifications end.
    assert_eq!(
        flsgate(path, &["matrix", "--check", "m.csv", "--as-of", "2027-04-01", "--revision", "main"]).0,
        Some(1)
    );

    let (status, out, _) = run(&["--delta", "main..", "--format", "csv"]);
    assert_eq!((status, out.lines().count()), (Some(0), 3), "{out}");
    assert!(out.contains(",narrowed,edit"), "{out}");
    for wrong in [&["--delta", "main"][..], &["--delta", "..x"], &["--delta", "a..b", "--revision", "c"]] {
        assert_eq!(run(wrong).0, Some(2), "{wrong:?}");
    }
    assert_eq!(run(&["--check", "no-such.md"]).0, Some(2));
    // What cannot be read leaves the run undecided, and the file says so.
    put(vec![("permissionsets/Torn.permissionset-meta.xml", "<PermissionSet>".into())]);
    let (status, _, err) = run(&["--output", "m.md"]);
    assert_eq!(status, Some(2));
    assert!(err.contains("undecided: permissionsets/Torn.permissionset-meta.xml:1"), "{err}");
}
