//! Names, each kept once: a large org says the same fifty thousand names four million times.

use super::names::{cmp_folded, hash_folded};
use hashbrown::HashTable;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::{LazyLock, Mutex, PoisonError};

/// A name as somebody wrote it. Names that differ in ASCII case alone are equal, and two equal names are told by their
/// numbers, without a look at their letters.
///
/// Names live as long as the process does: at most what was read, each once.
#[derive(Clone, Copy)]
pub(super) struct Name(&'static Spelling);

struct Spelling {
    text: Box<str>,
    /// Where the first dot stands; the length where there is none.
    dot: usize,
    /// The same for every spelling of a name. It says nothing of their order.
    number: u32,
}

/// All spellings, in parts, so that threads seldom wait for each other. All spellings of a name are in one part.
static PARTS: LazyLock<[Mutex<Part>; 64]> = LazyLock::new(|| std::array::from_fn(|_| Mutex::default()));
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

#[derive(Default)]
struct Part {
    spellings: HashTable<&'static Spelling>,
    names: u32,
}

fn hash(text: &str) -> u64 {
    let mut hasher = HASHER.build_hasher();
    hash_folded(text, &mut hasher);
    hasher.finish()
}

impl Name {
    /// The name that is written so.
    pub(super) fn new(text: &str) -> Self {
        let hash = hash(text);
        let at = hash as usize % PARTS.len();
        let mut part = PARTS[at].lock().unwrap_or_else(PoisonError::into_inner);
        let Part { spellings, names } = &mut *part;
        if let Some(known) = spellings.find(hash, |known| *known.text == *text) {
            return Name(known);
        }
        let number = match spellings.find(hash, |known| known.text.eq_ignore_ascii_case(text)) {
            Some(other) => other.number,
            None => {
                *names += 1;
                *names * PARTS.len() as u32 + at as u32
            }
        };
        let dot = memchr::memchr(b'.', text.as_bytes()).unwrap_or(text.len());
        let spelling: &'static Spelling = Box::leak(Box::new(Spelling { text: text.into(), dot, number }));
        spellings.insert_unique(hash, spelling, |known| self::hash(&known.text));
        Name(spelling)
    }

    /// Its number: the same for every spelling, and another in every run.
    pub(super) fn number(self) -> u32 {
        self.0.number
    }

    /// As it is written.
    pub(super) fn as_str(self) -> &'static str {
        &self.0.text
    }

    /// What stands before the first dot, and behind it.
    pub(super) fn halves(self) -> (&'static str, &'static str) {
        let text = self.as_str();
        (&text[..self.0.dot], text.get(self.0.dot + 1..).unwrap_or_default())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0) || self.0.number == other.0.number
    }
}
impl Eq for Name {}
impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u32(self.0.number);
    }
}
impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        if self == other { Ordering::Equal } else { cmp_folded(self.as_str(), other.as_str()) }
    }
}
impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Hashes names by their numbers, which nobody can choose: a multiplication spreads the numbers.
#[derive(Clone, Copy, Default)]
pub struct ByNumber(u64);

impl Hasher for ByNumber {
    fn write_u32(&mut self, number: u32) {
        let spread = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = spread ^ (spread >> 32);
    }

    /// Which kind of name it is.
    fn write_isize(&mut self, kind: isize) {
        self.write_u32(kind as u32);
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_name_are_equal_and_keep_their_letters() {
        let names = ["Contact.Ssn__c", "contact.SSN__C", "Contact.Ssn__c"].map(Name::new);
        assert!(names.iter().all(|name| *name == names[0] && name.cmp(&names[0]).is_eq()));
        assert_eq!(names.map(Name::as_str), ["Contact.Ssn__c", "contact.SSN__C", "Contact.Ssn__c"]);
        assert_eq!(names[1].halves(), ("contact", "SSN__C"));
        assert_ne!(names[0], Name::new("Contact.Ssn_c"));
        assert_eq!(Name::new("Desk").halves(), ("Desk", ""));
    }

    #[test]
    fn names_made_at_once_by_many_are_the_same_and_in_order() {
        let make = |_| (0..2_000).map(|n| Name::new(&format!("Many__c.f{n:04}"))).collect::<Vec<_>>();
        let made: Vec<Vec<Name>> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..4).map(|n| scope.spawn(move || make(n))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(made.iter().all(|names| *names == made[0] && names.is_sorted()));
        let mut numbers: Vec<u32> = made[0].iter().map(|name| name.0.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 2_000);
    }
}
