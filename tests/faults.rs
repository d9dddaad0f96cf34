//! A sick machine and a hostile repository: what the binary does when it is killed, when there is no room, when
//! objects are broken or huge. Never a pass, never half a file, never outside the repository.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]);
    command.args(arguments).current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null");
    let output = command.env("GIT_CONFIG_NOSYSTEM", "1").stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_flsgate"))
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    binary().args(arguments).current_dir(folder).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn set(fields: &[String]) -> String {
    let entry = |field: &String| {
        format!(
            "<fieldPermissions><editable>false</editable><field>{field}</field><readable>true</readable></fieldPermissions>\n"
        )
    };
    format!("<PermissionSet>\n{}</PermissionSet>\n", fields.iter().map(entry).collect::<String>())
}

const RESTRICTED: &str =
    "<CustomField><securityClassification>Restricted</securityClassification></CustomField>\n";

/// A base, and on top of it a grant of a restricted field.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "objects/Contact/fields/SSN__c.field-meta.xml", RESTRICTED);
    write(at, "permissionsets/P.permissionset-meta.xml", &set(&[]));
    git(at, &["init", "--quiet"]);
    git(at, &["add", "."]);
    git(at, &["commit", "--quiet", "-m", "base"]);
    write(at, "permissionsets/P.permissionset-meta.xml", &set(&["Contact.SSN__c".to_owned()]));
    git(at, &["commit", "--quiet", "-am", "grant"]);
    folder
}

/// Some hundred findings, so that there is something to write.
fn large() -> tempfile::TempDir {
    let folder = project();
    let names: Vec<String> = (0..60).map(|n| format!("Secret_{n}__c")).collect();
    for name in &names {
        write(folder.path(), &format!("objects/Contact/fields/{name}.field-meta.xml"), RESTRICTED);
    }
    let fields: Vec<String> = names.iter().map(|name| format!("Contact.{name}")).collect();
    for n in 0..10 {
        write(folder.path(), &format!("permissionsets/Set_{n}.permissionset-meta.xml"), &set(&fields));
    }
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "-m", "more"]);
    folder
}

#[test]
fn killed_at_any_moment_it_leaves_whole_files_or_none() {
    let folder = large();
    let at = folder.path();
    let (report, baseline) = (at.join("report.json"), at.join(".flsgate/baseline.yml"));
    let mut whole = 0;
    for delay in 0..40 {
        for arguments in [vec!["audit", "--output", "json=report.json"], vec!["audit", "--write-baseline"]] {
            let mut child = binary()
                .args(&arguments)
                .current_dir(at)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            // The last ones come to their end, however slow the machine is.
            if delay < 39 {
                std::thread::sleep(Duration::from_millis(delay * 12));
                let _ = child.kill();
            }
            child.wait().unwrap();
        }
        if let Ok(bytes) = fs::read(&report) {
            let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(json["findings"].as_array().unwrap().len(), 601);
            whole += 1;
        }
        if baseline.exists() {
            let output = run(at, &["audit", "--quiet"]);
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            fs::remove_file(&baseline).unwrap();
        }
    }
    assert!(whole > 0, "some run came to its end");
    let left: Vec<_> = fs::read_dir(at).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(
        left.iter().all(|name| !name.to_string_lossy().ends_with(".json") || *name == "report.json"),
        "{left:?}"
    );
}

#[test]
fn without_room_there_is_no_verdict_and_no_half_file() {
    let folder = large();
    let at = folder.path();
    // A file may have 4 KiB at most: the report has more.
    let script = format!(
        "ulimit -f 8; exec {} audit --quiet --output json=report.json",
        env!("CARGO_BIN_EXE_flsgate")
    );
    let output = Command::new("sh").args(["-c", &script]).current_dir(at).output().unwrap();
    assert!(!matches!(output.status.code(), Some(0 | 1)), "{:?}", output.status);
    assert!(!at.join("report.json").exists());
    if Path::new("/dev/full").exists() {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let status = binary().args(["audit"]).current_dir(at).stdout(full).status().unwrap();
        assert_eq!(status.code(), Some(2));
    }
    write(at, "file", "");
    let output = run(at, &["audit", "--output", "json=file/report.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("cannot write"), "{}", text(&output.stderr));
}

#[test]
fn a_corrupted_pack_is_undecided_wherever_it_is_broken() {
    let folder = project();
    let at = folder.path();
    git(at, &["repack", "-adq"]);
    let packs = at.join(".git/objects/pack");
    let pack = fs::read_dir(&packs)
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "pack"));
    let pack = pack.unwrap();
    let sound = fs::read(&pack).unwrap();
    let clean = run(at, &["check", "--base", "HEAD~1", "--head", "HEAD"]);
    assert_eq!(clean.status.code(), Some(1));
    // Read-only, as git leaves it.
    let replace = |bytes: &[u8]| {
        fs::remove_file(&pack).unwrap();
        fs::write(&pack, bytes).unwrap();
    };
    let mut undecided = 0;
    for place in (12..sound.len() - 20).step_by(7) {
        let mut broken = sound.clone();
        broken[place] ^= 0xff;
        replace(&broken);
        let output = run(at, &["check", "--base", "HEAD~1", "--head", "HEAD"]);
        // Some bytes are of no object that the change needs.
        assert!(matches!(output.status.code(), Some(1 | 2)), "byte {place}: {:?}", output.status);
        // What cannot be read of the base counts as not there: more is new then, never less.
        let told = text(&output.stdout);
        assert!(
            output.status.code() == Some(2) || told.contains("error[restricted-field-grant]"),
            "{place}: {told}"
        );
        undecided += usize::from(output.status.code() == Some(2));
    }
    assert!(undecided > 10, "{undecided}");
    replace(&sound[..sound.len() / 2]);
    assert_eq!(run(at, &["check", "--base", "HEAD~1", "--head", "HEAD"]).status.code(), Some(2));
}

#[test]
fn a_blob_that_unpacks_to_gigabytes_is_refused_by_its_header() {
    let folder = project();
    let at = folder.path();
    // Zeros: a thousandth of that in the object database.
    let mut child = Command::new("git")
        .args(["-c", "core.bigFileThreshold=1g", "hash-object", "-w", "--stdin"])
        .current_dir(at)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..200 {
        stdin.write_all(&zeros).unwrap();
    }
    drop(stdin);
    let blob = text(&child.wait_with_output().unwrap().stdout).trim().to_owned();
    let path = "permissionsets/Big.permissionset-meta.xml";
    git(at, &["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{path}")]);
    git(at, &["commit", "--quiet", "-m", "big"]);
    let output = run(at, &["check", "--base", "HEAD~1", "--head", "HEAD"]);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stdout);
    assert!(told.contains(path) && told.contains("more than the limit of 64 MiB"), "{told}");
}

#[test]
fn without_home_and_environment_it_judges_the_same() {
    let folder = project();
    let output = binary()
        .args(["check", "--base", "HEAD~1", "--head", "HEAD"])
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert_eq!(output.stdout, run(folder.path(), &["check", "--base", "HEAD~1", "--head", "HEAD"]).stdout);
}

/// A clock that is wrong makes entries expired or too far away, never a crash.
#[test]
fn any_day_of_the_calendar_can_be_judged() {
    let folder = project();
    let at = folder.path();
    let entry = "permission_set: P\nentries:\n  - field: Contact.SSN__c\n    access: read\n    justification: Agents confirm the identity.\n    \
                 compliance: PII, shown nowhere.\n    owner: a@b.example\n    expires: 2027-03-31\n";
    write(at, ".flsgate/justifications/p.yml", entry);
    for (day, part) in [
        ("-009999-01-01", "days away"),
        ("0001-01-01", "days away"),
        ("2026-12-01", "needs an approval"),
        ("2027-04-01", "ended on"),
        ("9999-12-31", "ended on"),
    ] {
        let output = run(at, &["check", "--base", "HEAD~1", &format!("--as-of={day}")]);
        assert_eq!(output.status.code(), Some(1), "{day}: {}", text(&output.stderr));
        assert!(text(&output.stdout).contains(part), "{day}: {}", text(&output.stdout));
    }
}

/// Names are the author's. They name no file outside the folder, and no pattern reaches out of the tree.
#[test]
fn names_and_patterns_lead_nowhere_else() {
    let folder = project();
    let at = folder.path();
    write(at, "objects/Account/fields/A__c.field-meta.xml", RESTRICTED);
    for name in
        ["..%2F..%2Fevil", "%2Ftmp%2Fevil", "a%5C..%5Cb", ".git%2Fconfig", "con", "-rf", "%00x", "..."]
    {
        let path = format!("permissionsets/{name}.permissionset-meta.xml");
        write(at, &path, &set(&["Account.A__c".to_owned()]));
    }
    let config = fs::read(at.join(".git/config")).unwrap();
    let before: Vec<_> =
        fs::read_dir(at.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
    let output = run(at, &["justify", "--base", "HEAD~1"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(fs::read(at.join(".git/config")).unwrap(), config);
    assert!(!Path::new("/tmp/evil").exists() && !at.parent().unwrap().join("evil").exists());
    let folder_of = at.join(".flsgate/justifications");
    let written: Vec<_> = fs::read_dir(&folder_of).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(written.len() >= 5, "{written:?}");
    for name in &written {
        let name = name.to_string_lossy();
        assert!(name.ends_with(".yml") && !name.starts_with('.') && !name.contains(['\\', '%']), "{name}");
    }
    let after: Vec<_> = fs::read_dir(at.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(after.iter().all(|n| before.contains(n) || n.to_string_lossy().starts_with(".tmp")), "{after:?}");
    write(
        at,
        ".flsgate/policy.yml",
        "integrations:\n  x:\n    permission_sets: [P]\n    queries: [\"../../../../etc/*\", \"/etc/passwd\", \"**/.git/config\"]\n",
    );
    let output = run(at, &["preflight"]);
    let told = text(&output.stdout) + &text(&output.stderr);
    assert!(!told.contains("root:") && !told.contains("repositoryformatversion"), "{told}");
}

/// A link's content is the path that it leads to, which can be the text of a permission set.
#[test]
fn a_link_that_becomes_a_file_of_the_same_bytes_is_a_new_file() {
    let folder = project();
    let at = folder.path();
    let path = "permissionsets/P.permissionset-meta.xml";
    let id = git(at, &["rev-parse", &format!("HEAD:{path}")]);
    for mode in ["120000", "100644"] {
        git(at, &["update-index", "--cacheinfo", &format!("{mode},{id},{path}")]);
        git(at, &["commit", "--quiet", "-m", mode]);
    }
    let output = run(at, &["check", "--base", "HEAD~1", "--head", "HEAD"]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("gives read access to `Contact.SSN__c`"), "{told}");
}

/// A change of 100,000 files.
#[test]
#[ignore = "takes a minute; run with --ignored"]
fn a_change_of_a_hundred_thousand_files_is_judged() {
    let folder = project();
    let at = folder.path();
    let mut child = Command::new("git")
        .args(["fast-import", "--quiet"])
        .current_dir(at)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = std::io::BufWriter::new(child.stdin.take().unwrap());
    let head = git(at, &["rev-parse", "HEAD"]);
    writeln!(
        stdin,
        "commit refs/heads/many\ncommitter t <t@example.com> 1700000000 +0000\ndata 4\nmany\nfrom {head}"
    )
    .unwrap();
    for n in 0..100_000 {
        let label = if n % 1_000 == 0 { "Restricted" } else { "Public" };
        let body =
            format!("<CustomField><securityClassification>{label}</securityClassification></CustomField>\n");
        let path = format!("objects/Object_{}__c/fields/Field_{n}__c.field-meta.xml", n / 500);
        writeln!(stdin, "M 644 inline {path}\ndata {}\n{body}", body.len()).unwrap();
    }
    let grants: Vec<String> =
        (0..100).map(|n| format!("Object_{}__c.Field_{}__c", n * 2, n * 1_000)).collect();
    let body = set(&grants);
    writeln!(
        stdin,
        "M 644 inline permissionsets/P.permissionset-meta.xml\ndata {}\n{body}\ndone",
        body.len()
    )
    .unwrap();
    drop(stdin);
    assert!(child.wait().unwrap().success());
    let output = run(at, &["check", "--base", "HEAD", "--head", "many", "--quiet"]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(told.contains("blocked: 100 errors"), "{}", &told[told.len().saturating_sub(400)..]);
}

const DEPLOYS: &str = r#"{"packageDirectories":[{"path":"force-app"}]}"#;

/// A change on top of a base, which both write as they like; the verdict as status and text.
fn changed(base: impl Fn(&Path), head: impl Fn(&Path)) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "sfdx-project.json", DEPLOYS);
    base(at);
    git(at, &["init", "--quiet"]);
    git(at, &["add", "."]);
    git(at, &["commit", "--quiet", "-m", "base"]);
    head(at);
    let output = run(at, &["check", "--base", "HEAD", "--as-of", "2026-06-01"]);
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn a_link_that_a_deployment_follows_leaves_the_run_undecided() {
    let link = |at: &Path, to: &str| {
        fs::create_dir_all(at.join("force-app")).unwrap();
        let _ = fs::remove_file(at.join("force-app/more"));
        std::os::unix::fs::symlink(to, at.join("force-app/more")).unwrap();
    };
    let shared = |at: &Path, label: &str| {
        let text = format!("<PermissionSet><label>{label}</label></PermissionSet>");
        write(at, "vendor/permissionsets/P.permissionset-meta.xml", &text);
    };
    let (status, told) = changed(|at| shared(at, "a"), |at| link(at, "../vendor"));
    assert!(status == Some(2) && told.contains("force-app/more: a symbolic link"), "new: {told}");
    let (status, told) = changed(|at| link(at, "../elsewhere"), |at| link(at, "../vendor"));
    assert!(status == Some(2) && told.contains("force-app/more: a symbolic link"), "led elsewhere: {told}");
    let there = |at: &Path| {
        shared(at, "a");
        link(at, "../vendor");
    };
    let (status, told) = changed(there, |at| shared(at, "b"));
    assert!(status == Some(2) && told.contains("the link `force-app/more` leads here"), "behind it: {told}");
    let (status, told) = changed(there, |at| write(at, "README.md", "x"));
    assert_eq!(status, Some(0), "left alone: {told}");
    let by_another = |at: &Path| {
        shared(at, "a");
        link(at, "../more");
        std::os::unix::fs::symlink("vendor", at.join("more")).unwrap();
    };
    let (status, told) = changed(by_another, |at| shared(at, "b"));
    assert!(status == Some(2) && told.contains("the link `force-app/more` leads here"), "by two: {told}");
    let absolute = |at: &Path| {
        shared(at, "a");
        link(at, at.join("vendor").to_str().unwrap());
    };
    let (status, told) = changed(absolute, |at| shared(at, "b"));
    assert!(status == Some(2) && told.contains("depends on the machine"), "absolute: {told}");
    let (status, told) = changed(absolute, |at| write(at, "README.md", "x"));
    assert_eq!(status, Some(0), "left alone: {told}");
}

/// What such a folder defines deploys, and nobody reads it here: the field counts as one whose definition cannot be read.
#[test]
fn fields_of_an_object_whose_folder_is_a_link_count_as_restricted() {
    let granted = |field: &str| {
        format!(
            "<PermissionSet><fieldPermissions><editable>false</editable><field>{field}</field>\
             <readable>true</readable></fieldPermissions><label>D</label></PermissionSet>"
        )
    };
    for (link, to) in [
        ("force-app/objects/Lead/fields", "../../../shared"),
        ("force-app/objects/Lead", "../../shared"),
        ("force-app/objects", "../shared"),
    ] {
        let there = |at: &Path| {
            let path = at.join(link);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(to, path).unwrap();
        };
        let grant = |field: &'static str| {
            move |at: &Path| write(at, "force-app/permissionsets/D.permissionset-meta.xml", &granted(field))
        };
        let (status, told) = changed(there, grant("Lead.SSN__c"));
        assert!(status == Some(1) && told.contains("restricted-field-grant"), "{link}: {told}");
        let (status, told) = changed(there, grant("Lead.Phone"));
        assert_eq!(status, Some(0), "a standard field needs no definition: {told}");
        if link.contains("Lead") {
            let (status, told) = changed(there, grant("Contact.SSN__c"));
            assert_eq!(status, Some(0), "another object: {told}");
        }
    }
}
