//! The binary on a real terminal, where it tells how far it is.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Standard error as a terminal shows it, and standard output.
fn on_terminal(arguments: &[&str]) -> (String, String) {
    let leader = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&leader).unwrap();
    unlockpt(&leader).unwrap();
    let name = ptsname(&leader, Vec::new()).unwrap();
    let follower =
        std::fs::OpenOptions::new().read(true).write(true).open(OsStr::from_bytes(name.as_bytes())).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_flsgate"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(follower)
        .spawn()
        .unwrap();
    let mut leader = std::fs::File::from(leader);
    let shown = std::thread::spawn(move || {
        let (mut shown, mut some) = (Vec::new(), [0; 1024]);
        // A terminal that nobody holds any more ends with an error on Linux.
        while let Ok(n @ 1..) = leader.read(&mut some) {
            shown.extend_from_slice(&some[..n]);
        }
        String::from_utf8(shown).unwrap()
    });
    // Not a measure of speed: a run that waits for itself never ends.
    let end = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > end {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(child.wait().unwrap().code().is_some(), "{arguments:?} does not end on a terminal");
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    (shown.join().unwrap(), out)
}

const SET: &str =
    "<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\"><label>A</label></PermissionSet>\n";

#[test]
fn progress_is_told_on_a_terminal_and_erased() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<String> = (0..40)
        .map(|n| format!("force-app/main/default/permissionsets/P{n}.permissionset-meta.xml"))
        .collect();
    let files: Vec<(&str, &[u8])> = paths.iter().map(|p| (p.as_str(), SET.as_bytes())).collect();
    flsgate::git::create(folder.path(), &[&files]).unwrap();
    let at = folder.path().to_str().unwrap();
    for command in ["audit", "matrix"] {
        let (shown, out) = on_terminal(&[command, "--repo", at, "--revision", "main"]);
        assert!(shown.contains("judging what 40 files say"), "{command}: {shown:?}");
        // What a command says beside its report comes after the line is erased.
        let (_, after) = shown.rsplit_once("\r\u{1b}[K").unwrap();
        assert!(after.is_empty() || after.starts_with("flsgate: note: "), "{command}: {shown:?}");
        assert!(!out.is_empty() && !out.contains('\u{1b}'), "{command}: {out:?}");
    }
}
