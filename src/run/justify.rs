//! `flsgate justify`: stubs for what `check` found, in the file where they belong.
//!
//! A stub is incomplete on purpose and blocks until somebody fills it in: no reason is ever invented.

use super::config::{self, Asked};
use super::judge::{judge, unread_definitions};
use super::stubs::{Stubs, Written};
use super::{RunError, files};
use crate::access::Exposure;
use crate::gate::Reason;
use crate::git::{Comparison, Repository, Request};
use crate::judge::{Judge, Justified, State};
use crate::policy::{self, Duty, Entry, EntrySet, Stub};
use crate::rules::{Background, misnamed_entry};
use crate::source::{RepoPath, Snapshot, SourceFile};
use crate::words::{FieldName, Grantor, Tier, counted};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// What to write.
#[derive(Clone, Debug)]
pub struct JustifyOptions {
    /// Any folder of the repository.
    pub repository: PathBuf,
    /// Revision of the base; `None` is the default branch of the upstream.
    pub base: Option<String>,
    /// Everything that stands, not only what the working tree opens.
    pub all: bool,
    /// Takes out entries that no grant needs.
    pub prune: bool,
    /// Sorts entries by field.
    pub sort: bool,
    /// Today.
    pub today: Date,
}

/// Writes stubs into the working tree. Files that need no change are not written.
///
/// # Errors
/// When the repository or one of its files cannot be read, or a file cannot be extended or written.
pub fn justify(options: &JustifyOptions) -> Result<Stubs, RunError> {
    let repository = Repository::open(&options.repository)?;
    let (comparison, asked) = if options.all || options.prune {
        (repository.standing(None)?, Asked::Standing)
    } else {
        let request = Request { base: repository.base(options.base.as_ref())?, head: None };
        (repository.compare(&request)?, Asked::Change)
    };
    let config = config::load(&comparison, asked, None)?.without_findings();
    let wanted = !options.prune || options.all;
    let mut told = Stubs { of_all: config.standing, ..Stubs::default() };
    let (verdict, (stubs, unused, unread)) =
        judge(&comparison, config, options.today, |cx, background, _| {
            (
                if wanted { stubs(cx, &mut told) } else { BTreeMap::new() },
                unused(cx, background),
                unread_definitions(cx),
            )
        })?;
    refuse_undecided(&[verdict.undecided, unread].concat())?;
    let mut files = read_files(&comparison)?;
    // A file that is broken, ignored or not yet tracked is somebody's work all the same.
    let taken = |path: &str| files::in_work_tree(&repository, path).map_or(true, |path| path.exists());
    let mut written: BTreeMap<String, Written> = BTreeMap::new();
    let mut note = |path: &str, added: usize, pruned: usize| {
        let entry =
            written.entry(path.to_owned()).or_insert(Written { path: path.to_owned(), added: 0, pruned: 0 });
        entry.added += added;
        entry.pruned += pruned;
    };
    if options.prune {
        for file in files.values_mut() {
            let pruned = file.prune(&unused);
            if pruned > 0 {
                note(&file.path, 0, pruned);
            }
        }
    }
    for (nth, (grantor, stubs)) in stubs.into_iter().enumerate() {
        let path = home(&files, &grantor, &taken);
        let file = files.entry(path.clone()).or_insert_with(|| Text::new(&path, &grantor));
        file.append(&stubs, |stub| last_day(stub, options.today, nth))?;
        note(&path, stubs.len(), 0);
    }
    for file in files.values_mut() {
        if options.sort && file.sort() {
            note(&file.path, 0, 0);
        }
    }
    for (path, done) in &written {
        if let Some(file) = files.get(path) {
            file.verify(done.added)?;
            files::write(&files::in_work_tree(&repository, path)?, file.text.as_bytes())?;
        }
    }
    Ok(Stubs { written: written.into_values().collect(), ..told })
}

/// Files that cannot be read may give access that needs an entry, or be what an entry is for.
fn refuse_undecided(undecided: &[Reason]) -> Result<(), RunError> {
    if undecided.is_empty() {
        return Ok(());
    }
    let files: BTreeSet<&RepoPath> = undecided.iter().map(|reason| &reason.path).collect();
    let files = counted(files.len(), "file", "files");
    let mut all = vec![format!(
        "nothing is written, since {files} could not be read; correct what is named below first"
    )];
    all.extend(undecided.iter().map(ToString::to_string));
    Err(RunError::Several(all))
}

fn stubs(cx: &Judge<'_>, told: &mut Stubs) -> BTreeMap<Grantor, Vec<Stub>> {
    if cx.standing {
        told.accepted = cx.pairs().iter().filter(|pair| pair.state == State::Accepted).count();
    }
    let mut all: BTreeMap<Grantor, Vec<Stub>> = BTreeMap::new();
    for exposure in cx.opened().map(|o| &o.exposure) {
        let classified = cx.classified(&exposure.field);
        let (duty, _) = cx.duty(&exposure.grantor, classified, exposure.access);
        // What a group has by a member is justified there.
        if classified.tier == Tier::Open
            || duty == Duty::Allow
            || cx.judged_at(exposure, classified).is_some()
        {
            continue;
        }
        let justified = cx.justified(&exposure.grantor, &exposure.field, exposure.access);
        if duty == Duty::Deny || !cx.may_open(&exposure.grantor, classified) {
            told.not_allowed += 1;
        } else if let Some(entry) = justified.entry() {
            told.entered += 1;
            if let Justified::Lacking(_, lacks) = &justified {
                let (path, line) = (entry.place.path(), entry.place.location().start.line);
                told.lacking.push(format!(
                    "that at {path}:{line} does not count: {}",
                    lacks.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
                ));
            }
        } else if let Some(slip) = misnamed_entry(cx, &exposure.grantor, &exposure.field) {
            told.misnamed.push(slip);
        } else {
            told.narrower.extend(narrower(cx, exposure));
            let access = (&exposure.field, exposure.access);
            let stub = Stub::new(cx.policy, access, &classified.label, duty);
            all.entry(exposure.grantor.clone()).or_default().push(stub);
        }
    }
    all
}

/// The entry for reading alone that one for editing makes superfluous.
fn narrower(cx: &Judge<'_>, exposure: &Exposure) -> Option<String> {
    let is_narrower = |entry: &&Entry| {
        entry.grantor == exposure.grantor
            && entry.fields() == [exposure.field.clone()]
            && entry.access < exposure.access
    };
    let entry = cx.facts.entries.iter().find(is_narrower)?;
    let (path, line) = (entry.place.path(), entry.place.location().start.line);
    Some(format!("the entry at {path}:{line} is for reading alone: once the new one counts, it can go"))
}

/// The day that a stub proposes as its last. Those of several permission sets lie weeks apart, so that not all reasons have
/// to be read again on one day.
fn last_day(stub: &Stub, today: Date, nth: usize) -> Date {
    const APART: usize = 7;
    let room = (stub.max_days as usize / 4).max(1);
    let earlier = i64::try_from(nth * APART % room).unwrap_or(0);
    today.saturating_add(jiff::Span::new().days(i64::from(stub.max_days) - earlier))
}

/// Places of entries that no grant needs.
fn unused(cx: &Judge<'_>, background: &Background) -> BTreeSet<(RepoPath, u32)> {
    let used = |entry: &Entry| {
        let access = cx.delta.landing.get(&entry.grantor);
        access.is_some_and(|access| {
            let reached = |field: &FieldName| cx.facts.reaches(access, &entry.grantor, field);
            !access.unreadable.is_empty() || entry.fields().iter().any(reached)
        })
    };
    // A name that is only misspelt is corrected, and its reason kept.
    let misspelt = |entry: &Entry| {
        let near_field = |field: &FieldName| background.near_fields.contains_key(field);
        cx.facts.nearly.contains_key(&entry.grantor) || entry.fields().iter().any(near_field)
    };
    let idle = cx.facts.entries.iter().filter(|e| !e.fields().is_empty() && !used(e) && !misspelt(e));
    idle.map(|e| (e.place.path().clone(), e.place.span.start)).collect()
}

/// A justification file as text, with its entries.
struct Text {
    path: String,
    text: String,
    grantor: Option<Grantor>,
    /// Byte ranges of the lines of each entry, its field and access, and where the entry itself starts.
    entries: Vec<(std::ops::Range<usize>, String, u32)>,
    /// Entries that must be there when it is written.
    kept: Vec<Entry>,
}

fn read_files(comparison: &Comparison) -> Result<BTreeMap<String, Text>, RunError> {
    let mut files = BTreeMap::new();
    for listed in comparison.landing.entries()? {
        let path = listed.path.as_str();
        let lower = path.to_ascii_lowercase();
        if !path.starts_with(policy::JUSTIFICATIONS) || !(lower.ends_with(".yml") || lower.ends_with(".yaml"))
        {
            continue;
        }
        let Ok(file) = comparison.landing.read(listed) else { continue };
        // A file with mistakes is reported by `check`; nothing is written into it.
        let Ok(found) = policy::read_justifications(&file) else { continue };
        let Ok(text) = String::from_utf8(file.bytes().to_vec()) else { continue };
        let grantor = found.entries.first().map(|e| e.grantor.clone());
        let entries = ranges(&file, &found.entries);
        let kept = found.entries;
        files.insert(path.to_owned(), Text { path: path.to_owned(), text, grantor, entries, kept });
    }
    Ok(files)
}

type Ranges = Vec<(std::ops::Range<usize>, String, u32)>;

fn ranges(file: &SourceFile, entries: &[Entry]) -> Ranges {
    let of = |e: &Entry| {
        let key = format!("{} {}", e.field.value.to_ascii_lowercase(), e.access);
        (lines(file, e), key, e.place.span.start)
    };
    entries.iter().map(of).collect()
}

/// The whole lines of an entry, comments above it included.
fn lines(file: &SourceFile, entry: &Entry) -> std::ops::Range<usize> {
    let bytes = file.bytes();
    let line_start = |at: usize| bytes[..at].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let mut start = line_start(entry.place.span.start as usize);
    while start > 0 {
        let above = line_start(start - 1);
        if !String::from_utf8_lossy(&bytes[above..start]).trim_start().starts_with('#') {
            break;
        }
        start = above;
    }
    let last = (entry.place.span.end as usize).saturating_sub(1).min(bytes.len().saturating_sub(1));
    let last = bytes[..=last].iter().rposition(|b| !b.is_ascii_whitespace()).unwrap_or(last);
    let end = memchr::memchr(b'\n', &bytes[last..]).map_or(bytes.len(), |i| last + i + 1);
    start..end
}

/// The first file that speaks of a grantor, or a new one named after it.
fn home(files: &BTreeMap<String, Text>, grantor: &Grantor, taken: &dyn Fn(&str) -> bool) -> String {
    if let Some(file) = files.values().find(|f| f.grantor.as_ref() == Some(grantor)) {
        return file.path.clone();
    }
    let stem = policy::file_stem(grantor);
    let free = |path: &String| !files.contains_key(path) && !taken(path);
    let numbered = (2..).map(|n| format!("{stem}-{n}.yml"));
    let mut names = std::iter::once(format!("{stem}.yml")).chain(numbered);
    names.find(free).unwrap_or_default()
}

impl Text {
    fn new(path: &str, grantor: &Grantor) -> Self {
        Text {
            path: path.to_owned(),
            text: policy::file_head(grantor),
            grantor: Some(grantor.clone()),
            entries: Vec::new(),
            kept: Vec::new(),
        }
    }

    fn append(&mut self, stubs: &[Stub], last_day: impl Fn(&Stub) -> Date) -> Result<(), RunError> {
        let windows = self.text.contains("\r\n");
        let (at, indent) = match self.entries.last() {
            Some((range, ..)) => {
                let first = self.text[range.clone()].lines().find(|l| l.trim_start().starts_with("- "));
                let Some(first) = first else { return Err(self.refuse()) };
                (range.end, first.len() - first.trim_start().len())
            }
            // `entries:` is the last line, be it empty.
            None => {
                let end = self.text.trim_end().len();
                let line = self.text[..end].lines().last().unwrap_or_default();
                if line.trim() == "entries: []" {
                    self.text.truncate(end - " []".len());
                    self.text.push('\n');
                } else if line.trim() != "entries:" {
                    return Err(self.refuse());
                }
                (self.text.len(), 2)
            }
        };
        let pad = " ".repeat(indent);
        let mut new = String::new();
        if at > 0 && !self.text[..at].ends_with('\n') {
            new.push('\n');
        }
        for stub in stubs {
            new.push_str(&stub.lines(&pad, Some(last_day(stub))));
        }
        if windows {
            new = new.replace('\n', "\r\n");
        }
        self.text.insert_str(at, &new);
        Ok(())
    }

    fn refuse(&self) -> RunError {
        RunError::Setup(format!(
            "`{}` is not laid out so that entries can be added; write `entries:` as a block list, or use another file",
            self.path
        ))
    }

    fn parsed(&self) -> Option<Vec<Entry>> {
        let path = RepoPath::from(self.path.as_str());
        let file = Arc::new(SourceFile::new(path, self.text.as_bytes().to_vec()));
        Some(policy::read_justifications(&file).ok()?.entries)
    }

    /// That the new text says what it should: every entry that stays, word for word, and the stubs. Files are
    /// edited by lines, which not every layout of YAML survives.
    fn verify(&self, added: usize) -> Result<(), RunError> {
        let found = self.parsed().ok_or_else(|| self.refuse())?;
        let said: EntrySet = found.iter().collect();
        let is_said = |kept: &Entry| said.has_no_shorter(kept) && said.has_no_longer(kept, Date::MIN);
        let all = self.kept.iter().all(is_said);
        if all && found.len() == self.kept.len() + added { Ok(()) } else { Err(self.refuse()) }
    }

    fn prune(&mut self, unused: &BTreeSet<(RepoPath, u32)>) -> usize {
        let path = RepoPath::from(self.path.as_str());
        let is_idle = |start: u32| unused.contains(&(path.clone(), start));
        let gone: Vec<_> =
            self.entries.iter().filter(|(.., at)| is_idle(*at)).map(|(range, ..)| range.clone()).collect();
        if gone.is_empty() || gone.windows(2).any(|w| w[0].end > w[1].start) {
            return 0;
        }
        self.kept.retain(|entry| !is_idle(entry.place.span.start));
        for range in gone.iter().rev() {
            self.text.replace_range(range.clone(), "");
        }
        if self.kept.is_empty() {
            let end = self.text.trim_end().len();
            let line_end = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
            self.text.truncate(end);
            self.text.push_str(" []");
            self.text.push_str(line_end);
        }
        // Places have moved.
        let file = SourceFile::new(path, self.text.as_bytes().to_vec());
        self.entries = self.parsed().map(|entries| ranges(&file, &entries)).unwrap_or_default();
        gone.len()
    }

    /// Puts entries in the order of their fields; comments above an entry move with it.
    fn sort(&mut self) -> bool {
        let path = RepoPath::from(self.path.as_str());
        let file = SourceFile::new(path, self.text.as_bytes().to_vec());
        let Some(entries) = self.parsed() else { return false };
        self.entries = ranges(&file, &entries);
        let apart = self.entries.windows(2).any(|w| w[0].0.end != w[1].0.start);
        let sorted = self.entries.windows(2).all(|w| w[0].1 <= w[1].1);
        if apart || sorted || self.entries.len() < 2 {
            return false;
        }
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by(|a, b| self.entries[*a].1.cmp(&self.entries[*b].1));
        let (from, to) = (self.entries[0].0.start, self.entries[self.entries.len() - 1].0.end);
        let mut new = String::new();
        for at in order {
            new.push_str(&self.text[self.entries[at].0.clone()]);
            if !new.ends_with('\n') {
                new.push('\n');
            }
        }
        self.text.replace_range(from..to, &new);
        true
    }
}
