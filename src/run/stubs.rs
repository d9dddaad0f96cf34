//! What `flsgate justify` wrote, and why it wrote nothing.

use crate::words::counted;

/// What was done to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The file.
    pub path: String,
    /// Stubs added.
    pub added: usize,
    /// Entries taken out.
    pub pruned: usize,
}

/// Entries that a message names.
const NAMED: usize = 3;

/// What was written, and why for some access nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stubs {
    /// Files, by path.
    pub written: Vec<Written>,
    /// Accesses that have an entry, complete or not.
    pub entered: usize,
    /// What entries lack that do not count, each with its place.
    pub lacking: Vec<String>,
    /// What to correct where an entry only has a slip in its name.
    pub misnamed: Vec<String>,
    /// Entries that the stubs make superfluous.
    pub narrower: Vec<String>,
    /// Accesses that the policy does not allow, whatever is written.
    pub not_allowed: usize,
    /// Accesses that the baseline accepts.
    pub accepted: usize,
    /// All that exists was looked at, not a change.
    pub of_all: bool,
}

impl Written {
    fn line(&self) -> String {
        let added = (self.added > 0).then(|| format!("{} added", counted(self.added, "stub", "stubs")));
        let pruned =
            (self.pruned > 0).then(|| format!("{} taken out", counted(self.pruned, "entry", "entries")));
        let done: Vec<String> = added.into_iter().chain(pruned).collect();
        let done = if done.is_empty() { "sorted".to_owned() } else { done.join(", ") };
        format!("{}: {done}", self.path)
    }
}

impl Stubs {
    /// What was written, a line each, or why nothing was. `tidied` says that files were to be put in order, too.
    pub fn lines(&self, tidied: bool) -> Vec<String> {
        let mut lines: Vec<String> = self.written.iter().map(Written::line).collect();
        lines.extend(self.misnamed.iter().take(NAMED).map(|said| format!("not written: {said}")));
        if let more @ 1.. = self.misnamed.len().saturating_sub(NAMED) {
            lines.push(format!(
                "not written: {} for the same reason",
                counted(more, "more stub", "more stubs")
            ));
        }
        if self.written.is_empty() && self.misnamed.is_empty() {
            let why = if tidied { String::new() } else { format!(": {}", self.why_nothing()) };
            lines.push(format!("nothing to write{why}"));
        } else if self.written.iter().any(|file| file.added > 0) {
            lines.push("fill in the stubs: until then they block".to_owned());
            lines.extend(self.narrower.iter().take(NAMED).cloned());
        }
        lines
    }

    /// Why no stub was written.
    fn why_nothing(&self) -> String {
        let mut why = Vec::new();
        if self.entered > 0 {
            let entered = counted(self.entered, "access has", "accesses have");
            why.push(format!("{entered} an entry already"));
            why.extend(self.lacking.iter().take(NAMED).cloned());
        }
        if self.not_allowed > 0 {
            let denied = counted(self.not_allowed, "access is", "accesses are");
            let check = if self.of_all { "audit" } else { "check" };
            why.push(format!(
                "{denied} not allowed by the policy, and no justification changes that; `flsgate {check}` says why"
            ));
        }
        if self.accepted > 0 {
            why.push(format!("the baseline accepts {}", counted(self.accepted, "access", "accesses")));
        }
        match (why.is_empty(), self.of_all) {
            (false, _) => why.join("; "),
            (true, true) => "no access here needs a justification".to_owned(),
            (true, false) => {
                "no access that the change gives needs a justification; `flsgate justify --all` looks at all that exists"
                    .to_owned()
            }
        }
    }
}
