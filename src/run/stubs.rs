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
    /// Accesses that the policy does not allow, whatever is written.
    pub not_allowed: usize,
    /// Accesses that the baseline accepts.
    pub accepted: usize,
    /// All that exists was looked at, not a change.
    pub of_all: bool,
}

impl Stubs {
    /// Why no stub was written.
    pub fn why_nothing(&self) -> String {
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
