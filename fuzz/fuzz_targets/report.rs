//! A whole check of a tiny repository whose files the input lists, and every report of it: other readers
//! take what is written, and nothing in it is a command of a log or hides.
//!
//! The input is text: a line `@@ base PATH`, `@@ head PATH` or `@@ both PATH` starts a file.

#![no_main]

use flsgate::gate::{Outcome, Verdict};
use flsgate::report::{Format, clean, write};
use flsgate::run::{CheckOptions, check};
use flsgate_fuzz::MAX;
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;
use std::path::Path;

type Files<'d> = BTreeMap<&'d str, &'d [u8]>;

fuzz_target!(|data: &[u8]| {
    if data.len() > MAX {
        return;
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let cleaned = clean(text);
        harmless(&cleaned);
        assert!(!cleaned.contains('\n'));
    }
    let Some((base, head)) = files(data) else { return };
    let Some(verdict) = judge(&base, &head) else { return };
    assert_eq!(
        verdict.outcome == Outcome::Undecided,
        !verdict.undecided.is_empty(),
        "{:?}",
        verdict.undecided
    );
    for name in Format::NAMES {
        let format = Format::named(name).expect("its own name");
        let mut out = Vec::new();
        write(&verdict, format, &mut out).expect("writing to memory");
        let out = String::from_utf8(out).expect("reports are UTF-8");
        look(name, &out);
    }
});

/// Files of the base and of the head.
fn files(data: &[u8]) -> Option<(Files<'_>, Files<'_>)> {
    let (mut base, mut head) = (Files::new(), Files::new());
    let rest = data.strip_prefix(b"@@ ")?;
    let mut starts = vec![0];
    starts.extend(rest.windows(4).enumerate().filter(|(_, w)| w == b"\n@@ ").map(|(at, _)| at + 4));
    if starts.len() > 12 {
        return None;
    }
    for (number, start) in starts.iter().enumerate() {
        let end = starts.get(number + 1).map_or(rest.len(), |next| next - 4);
        let file = &rest[*start..end];
        let line_end = file.iter().position(|b| *b == b'\n').unwrap_or(file.len());
        let line = std::str::from_utf8(&file[..line_end]).ok()?;
        let content = file.get(line_end + 1..).unwrap_or_default();
        // No path in git has a NUL.
        let (side, path) = line.split_once(' ').filter(|(_, path)| !path.contains('\0'))?;
        if matches!(side, "base" | "both") {
            base.insert(path, content);
        }
        if matches!(side, "head" | "both") {
            head.insert(path, content);
        }
    }
    Some((base, head))
}

fn judge(base: &Files<'_>, head: &Files<'_>) -> Option<Verdict> {
    fn listed<'d>(files: &Files<'d>) -> Vec<(&'d str, &'d [u8])> {
        files.iter().map(|(p, b)| (*p, *b)).collect()
    }
    // In memory where the system has such a folder: a disk is most of the time of an execution.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = folder.expect("a folder");
    // Git refuses some paths.
    let commits = flsgate::git::create(folder.path(), &[&listed(base), &listed(head)]).ok()?;
    let options = CheckOptions {
        repository: folder.path().into(),
        base: Some(commits[0].clone()),
        head: Some(commits[1].clone()),
        policy: None,
        without_justifications: false,
        today: jiff::civil::date(2026, 6, 1),
    };
    Some(check(&options).unwrap_or_else(|error| panic!("not even undecided: {error}")))
}

fn look(name: &str, out: &str) {
    match name {
        "terminal" => {
            harmless(out);
            let command = out.lines().find(|line| is_command(line));
            assert!(command.is_none(), "a line is a command: {command:?}");
        }
        "github" => {
            harmless(out);
            for line in out.lines() {
                let starts = ["::error ", "::warning ", "::notice ", "flsgate: "];
                assert!(starts.iter().any(|s| line.starts_with(s)), "`{line}`");
            }
        }
        "json" | "sarif" | "gitlab" | "rdjson" => {
            harmless(out);
            serde_json::from_str::<serde_json::Value>(out).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
        "junit" => {
            roxmltree::Document::parse(out).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
        _ => {}
    }
}

/// As the runner tells them: `::name` at the start of a line, blanks aside, and `::` somewhere behind it.
/// Names are letters and dashes, so the arrow `:::` of an excerpt is none.
fn is_command(line: &str) -> bool {
    let info = line.trim_start().strip_prefix("::").and_then(|rest| rest.split_once("::"));
    let name = info.and_then(|(info, _)| info.split(' ').next()).unwrap_or_default();
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// No characters that hide or reorder, and no command that works within a line.
fn harmless(text: &str) {
    // A control character or the begin of a longer one; the others are most of a report, and looking at them most of the
    // time of an execution.
    let is_odd = |byte: u8| byte >= 0x7f || (byte < b' ' && byte != b'\n');
    let mut from = 0;
    while let Some(at) = text.as_bytes()[from..].iter().position(|byte| is_odd(*byte)) {
        let c = text[from + at..].chars().next().expect("a character begins here");
        from += at + c.len_utf8();
        let hidden = (c.is_control() && c != '\n')
            || matches!(c,
                '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
        assert!(!hidden, "{c:?} is in it");
    }
    let mut rest = text;
    while let Some(at) = rest.find("##") {
        rest = &rest[at + 2..];
        let name = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b)).count();
        assert!(!rest[name..].starts_with('['), "a command is in it: ##{}", &rest[..name]);
    }
}
