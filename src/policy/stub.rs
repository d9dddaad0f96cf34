//! Entries of justification files that somebody still has to fill in. A stub is incomplete on purpose: no
//! reason is ever invented.

use super::scalar;
use crate::words::{Access, FieldName, Grantor, GrantorKind};

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
}

impl Stub {
    /// The entry's lines, each behind `pad`; a reason may hold for `max_days` days.
    pub fn lines(&self, pad: &str, max_days: u32) -> String {
        let approval = if self.approve { " An approval is needed as well." } else { "" };
        let ticket = if self.ticket {
            format!("{pad}  ticket: # its compliance group asks for one\n")
        } else {
            String::new()
        };
        format!(
            "{pad}- field: {}\n{pad}  access: {}\n{pad}  justification: # why is this needed?{approval}\n\
             {pad}  compliance: # what data is it, how is it kept, who reviews it?\n\
             {pad}  owner: # who answers for it?\n{ticket}\
             {pad}  expires: # last day, YYYY-MM-DD, at most {max_days} days from today\n",
            scalar(self.field.as_str()),
            self.access
        )
    }
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
