//! `.flsgate/holders/*.csv`: how many active users each permission set, group and profile is assigned to, as an org counts
//! them. Counts only, and no names of people. They decide nothing: they say how much a finding weighs.

use super::decode::{Decoder, Mistake};
use crate::source::{SourceFile, Span};
use crate::words::{Grantor, GrantorKind, grouped};
use csv::{ReaderBuilder, StringRecord};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Titles of columns with names, lower case: as the documented queries give them, and plain ones.
const NAMES: [(&str, GrantorKind); 6] = [
    ("permissionsetgroup.developername", GrantorKind::PermissionSetGroup),
    ("permission_set_group", GrantorKind::PermissionSetGroup),
    ("permissionset.name", GrantorKind::PermissionSet),
    ("permission_set", GrantorKind::PermissionSet),
    ("profile.name", GrantorKind::Profile),
    ("profile", GrantorKind::Profile),
];

/// More is no count of an org.
const MAX_BYTES: usize = 1024 * 1024;

/// Titles of columns with counts.
const COUNTS: [&str; 4] = ["users", "expr0", "expr1", "count"];

/// How many users something is assigned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Active users.
    pub users: u64,
    /// The day of the export.
    pub day: Date,
}

impl Held {
    /// `assigned to 1,240 users (export of 2026-11-20)`.
    pub fn words(&self) -> String {
        let users = if self.users == 1 { "user" } else { "users" };
        format!("assigned to {} {users} (export of {})", grouped(self.users), self.day)
    }
}

/// Who holds what, by permission set, group and profile.
#[derive(Clone, Debug, Default)]
pub struct Holders(BTreeMap<Grantor, Held>);

impl Holders {
    /// How many hold it; `None` where no export counts it.
    pub fn of(&self, grantor: &Grantor) -> Option<Held> {
        self.0.get(grantor).copied()
    }

    /// The day of the oldest export.
    pub fn oldest(&self) -> Option<Date> {
        self.0.values().map(|held| held.day).min()
    }

    /// Whether nothing is counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes out what is dated after a day, and says how much that was.
    pub fn forget_after(&mut self, today: Date) -> usize {
        let before = self.0.len();
        self.0.retain(|_, held| held.day <= today);
        before - self.0.len()
    }

    /// Takes in another export. Of two counts of one thing the newer one counts, of two of a day both together.
    pub fn extend(&mut self, other: Holders) {
        for (grantor, held) in other.0 {
            self.add(grantor, held);
        }
    }

    fn add(&mut self, grantor: Grantor, held: Held) {
        let known = self.0.entry(grantor).or_insert(Held { users: 0, ..held });
        if held.day > known.day {
            *known = held;
        } else if held.day == known.day {
            known.users = known.users.saturating_add(held.users);
        }
    }
}

/// Reads one export. Its name says the day: `holders-2026-11-20.csv`.
///
/// # Errors
/// The first mistake: without its columns or its day a file says nothing.
pub fn read_holders(file: &Arc<SourceFile>) -> Result<Holders, Vec<Mistake>> {
    let mut decoder = Decoder::new(file);
    let holders = read(&mut decoder, file);
    if decoder.mistakes.is_empty() { Ok(holders) } else { Err(decoder.mistakes) }
}

/// The day in the name of a file.
fn day(name: &str) -> Option<Date> {
    (0..name.len()).find_map(|at| name.get(at..at + 10)?.parse().ok())
}

fn read(decoder: &mut Decoder, file: &SourceFile) -> Holders {
    let mut holders = Holders::default();
    let start = Span::new(0, file.bytes().len().min(1));
    if file.bytes().len() > MAX_BYTES {
        decoder.mistake(
            start,
            "the file is larger than 1 MiB; an org has some thousand permission sets at most",
        );
        return holders;
    }
    let Some(day) = day(file.path().file_name()) else {
        decoder.mistake(
            start,
            "the name of the file does not say its day; for example `holders-2026-11-20.csv`",
        );
        return holders;
    };
    let bytes = file.bytes().strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file.bytes());
    let mut rows = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut row = StringRecord::new();
    let mut columns: Option<(Vec<(usize, GrantorKind)>, usize)> = None;
    loop {
        match rows.read_record(&mut row) {
            Ok(true) => {}
            Ok(false) => return holders,
            Err(error) => {
                decoder.mistake(start, format!("not readable as CSV: {error}"));
                return holders;
            }
        }
        let Some((names, count)) = &columns else {
            columns = titles(&row);
            if columns.is_none() {
                let message = "no column names a permission set, group or profile, or none counts users; the documented queries \
                               give both";
                decoder.mistake(start, message);
                return holders;
            }
            continue;
        };
        let cell = |at: usize| row.get(at).map(str::trim).unwrap_or_default();
        // A row of a group has the permission set that Salesforce makes for it as well: the group is what people know.
        let named = names.iter().find(|(at, _)| !cell(*at).is_empty());
        let Some((at, kind)) = named else { continue };
        match cell(*count).parse() {
            Ok(users) => holders.add(Grantor::new(*kind, cell(*at)), Held { users, day }),
            Err(_) => {
                let line = row.position().map_or(1, csv::Position::line);
                decoder.mistake(start, format!("`{}` in line {line} is no count of users", cell(*count)));
                return holders;
            }
        }
    }
}

/// Columns with names, those of groups first, and the one with counts.
fn titles(row: &StringRecord) -> Option<(Vec<(usize, GrantorKind)>, usize)> {
    let lower: Vec<String> = row.iter().map(|cell| cell.trim().to_ascii_lowercase()).collect();
    let at = |title: &str| lower.iter().position(|cell| cell == title);
    let names: Vec<_> = NAMES.iter().filter_map(|(title, kind)| Some((at(title)?, *kind))).collect();
    let count = COUNTS.iter().find_map(|title| at(title))?;
    (!names.is_empty()).then_some((names, count))
}
