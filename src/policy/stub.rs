//! Entries of justification files that somebody still has to fill in. A stub is incomplete on purpose: no
//! reason is ever invented.

use super::{Duty, Policy, scalar};
use crate::finding::Label;
use crate::words::{Access, FieldName, Grantor, GrantorKind};
use jiff::civil::Date;

/// What is asked for one access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stub {
    /// The field.
    pub field: FieldName,
    /// How far.
    pub access: Access,
    /// A compliance group asks for a ticket.
    pub ticket: bool,
    /// An approval is asked for as well.
    pub approve: bool,
    /// It may hold for at most so many days.
    pub max_days: u32,
    /// Its reason has at least so many words.
    pub min_words: u32,
}

impl Stub {
    /// What the policy asks for an access to a field of this label, if it asks for `duty`.
    pub fn new(policy: &Policy, (field, access): (&FieldName, Access), label: &Label, duty: Duty) -> Self {
        let asked = || policy.tiers.group_duties(label);
        let max_days = asked().filter_map(|group| group.max_days).min().unwrap_or(policy.max_days);
        Stub {
            field: field.clone(),
            access,
            ticket: asked().any(|group| group.ticket),
            approve: duty == Duty::Approve,
            max_days: max_days.min(policy.max_days),
            min_words: policy.min_words,
        }
    }

    /// The entry's lines, each behind `pad`; `last` is a day to propose as its last one.
    pub fn lines(&self, pad: &str, last: Option<Date>) -> String {
        let [why, what, who, of_group, last_day] = QUESTIONS;
        let approval = if self.approve { " An approval is needed as well." } else { "" };
        let ticket = if self.ticket { format!("{pad}  ticket: # {of_group}\n") } else { String::new() };
        format!(
            "{pad}- field: {}\n{pad}  access: {}\n{pad}  justification: # {why} At least {} words.{approval}\n\
             {pad}  compliance: # {what} At least {} words.\n\
             {pad}  owner: # {who}\n{ticket}\
             {pad}  expires: {}\n",
            scalar(self.field.as_str()),
            self.access,
            self.min_words,
            self.min_words.min(2),
            match last {
                Some(last) => format!("{last} # the last day; at most {} days from today", self.max_days),
                None => format!("# {last_day}, at most {} days from today", self.max_days),
            }
        )
    }
}

/// What a stub asks behind each key, as a comment.
const QUESTIONS: [&str; 5] = [
    "why is this needed?",
    "what data is it, how is it kept, who reviews it?",
    "who answers for it?",
    "its compliance group asks for one",
    "last day, YYYY-MM-DD",
];

/// Whether a comment is a question that a stub asks, and so nothing that somebody wrote.
pub(super) fn asks(comment: &str) -> bool {
    QUESTIONS.iter().any(|question| comment.starts_with(question))
}

/// The first lines of a file about one permission set, group or profile; entries follow.
pub fn file_head(grantor: &Grantor) -> String {
    let key = match grantor.kind {
        GrantorKind::PermissionSet => "permission_set",
        GrantorKind::PermissionSetGroup => "permission_set_group",
        GrantorKind::Profile => "profile",
    };
    format!("{key}: {}\nentries:\n", scalar(grantor.name()))
}

/// The file that a new justification about `grantor` goes into, without `.yml`.
pub fn file_stem(grantor: &Grantor) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = grantor.name().chars().map(letter).collect();
    let name = match name.trim_matches('-') {
        "" => "permission-set",
        name => name,
    };
    let kind = match grantor.kind {
        GrantorKind::PermissionSet => "",
        GrantorKind::PermissionSetGroup => "group-",
        GrantorKind::Profile => "profile-",
    };
    format!("{}{kind}{name}", super::JUSTIFICATIONS)
}
