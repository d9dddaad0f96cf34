//! What a preflight says: will an integration's calls succeed, and where to change what does not.

use super::Reason;
use crate::finding::Place;
use crate::source::RepoPath;
use crate::words::{Access, FieldName, Grantor, Tier};

/// The answers for every integration that was asked about.
#[derive(Clone, Debug, Default)]
pub struct Preflight {
    /// In the order of the policy.
    pub integrations: Vec<Checked>,
    /// What could not be read: a query, a relationship, a file.
    pub undecided: Vec<Reason>,
    /// Files that were written, for each integration by its name; `None` where nobody asked for that.
    pub wrote: Option<Vec<Wrote>>,
}

/// A permission set file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrote {
    /// The integration.
    pub integration: String,
    /// The file.
    pub path: RepoPath,
    /// It was not there before.
    pub is_new: bool,
    /// Fields and objects that it gives access to now.
    pub grants: Vec<String>,
}

/// One integration.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What the policy calls it.
    pub name: String,
    /// By what it gets its access.
    pub grantors: Vec<Grantor>,
    /// Grantors that the repository does not have.
    pub absent: Vec<(Grantor, Option<String>)>,
    /// Each field that it needs, by name.
    pub needs: Vec<Needed>,
    /// All that it asks for and all that it holds could be read.
    pub known: bool,
    /// Classified fields that its grantors open and that it does not need, and how many others.
    pub excess: Vec<Excess>,
    /// Fields that are not classified and not needed.
    pub other_excess: usize,
    /// Queries without the fields that would fail; only those that read some.
    pub queries: Vec<Trimmed>,
    /// How many queries it has.
    pub asked: usize,
    /// It has View All Data, which gives access to every record and to no field.
    pub views_all_data: bool,
    /// The permission set file to change.
    pub file: Option<RepoPath>,
    /// Where its first permission set would be, if that is not there.
    pub new_file: Option<RepoPath>,
}

/// A field that an integration needs.
#[derive(Clone, Debug)]
pub struct Needed {
    /// The field.
    pub field: FieldName,
    /// The field that a permission set names to give access to it: of a part of an address the address. `None` where
    /// Salesforce may take no entry for it.
    pub entry: Option<FieldName>,
    /// How far it is needed.
    pub access: Access,
    /// Its tier.
    pub tier: Tier,
    /// Where it is asked for: first in the policy, then in a query.
    pub asked: Place,
    /// What stands in the way; nothing when the call will succeed.
    pub problems: Vec<Obstacle>,
    /// The field can be read, be it that it cannot be edited.
    pub can_read: bool,
    /// The name that may have been meant, where nothing defines the field.
    pub meant: Option<String>,
}

impl Needed {
    /// Whether a query that reads the field would fail.
    pub fn fails_a_query(&self) -> bool {
        let of_editing = |problem: &Obstacle| match problem {
            Obstacle::NoObjectEdit => true,
            Obstacle::NoFieldAccess | Obstacle::Muted => self.can_read,
            _ => false,
        };
        self.problems.iter().any(|problem| problem.fails_in_the_org() && !of_editing(problem))
    }

    /// Whether a call that needs the field so far would fail.
    pub fn fails(&self) -> bool {
        self.problems.iter().any(|problem| problem.fails_in_the_org())
    }

    /// Whether nobody knows, since something cannot be read.
    pub fn is_unknown(&self) -> bool {
        self.problems.contains(&Obstacle::NotKnown)
    }

    /// Whether the gate alone stands in the way: it works in the org, and is not justified or approved.
    pub fn is_blocked(&self) -> bool {
        !self.fails() && self.problems.iter().any(|problem| problem.is_of_the_policy())
    }
}

/// Why a call would fail, or succeed and not give what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// No grantor opens the field so far.
    NoFieldAccess,
    /// No grantor lets the object be read.
    NoObjectRead,
    /// No grantor gives access to the custom metadata type or custom setting.
    NoTypeAccess,
    /// No grantor lets the object be edited.
    NoObjectEdit,
    /// Nobody can edit it: a formula, a roll-up, a system field.
    NotEditable,
    /// A grantor opens it, and no complete justification says why.
    NotJustified,
    /// A grantor opens it with a justification that waits for an approval.
    NotApproved,
    /// A grantor opens it, which the policy does not allow.
    NotAllowed,
    /// Classic encrypted text: masked without View Encrypted Data.
    Masked,
    /// The repository does not define it, and no list of standard fields has it: a managed field, or a wrong name.
    NotDefined,
    /// The object has no such standard field.
    NoSuchField,
    /// A muting permission set of its group takes it away.
    Muted,
    /// What decides about it cannot be read.
    NotKnown,
}

impl Obstacle {
    /// As JSON writes it.
    pub fn id(self) -> &'static str {
        match self {
            Obstacle::NoFieldAccess => "no_field_access",
            Obstacle::NoObjectRead => "no_object_read",
            Obstacle::NoTypeAccess => "no_type_access",
            Obstacle::NoObjectEdit => "no_object_edit",
            Obstacle::NotEditable => "not_editable",
            Obstacle::NotJustified => "not_justified",
            Obstacle::NotApproved => "not_approved",
            Obstacle::NotAllowed => "not_allowed",
            Obstacle::Masked => "masked",
            Obstacle::NotDefined => "not_defined",
            Obstacle::NoSuchField => "no_such_field",
            Obstacle::Muted => "muted",
            Obstacle::NotKnown => "not_known",
        }
    }

    /// In words: what is missing in the permission sets of the integration where it is a lack that an entry mends, and else what
    /// stands in the way, with the next step.
    pub fn words(self) -> &'static str {
        match self {
            Obstacle::NoFieldAccess => "a field permission",
            Obstacle::NoObjectRead => "`allowRead` of the object",
            Obstacle::NoTypeAccess => "`customMetadataTypeAccesses` or `customSettingAccesses` of the type",
            Obstacle::NoObjectEdit => "`allowEdit` of the object",
            Obstacle::NotEditable => "nobody can edit it; take it out of `edits`",
            Obstacle::NotJustified => "it can be read, and no complete justification says why",
            Obstacle::NotApproved => "it can be read, and its justification waits for an approval",
            Obstacle::NotAllowed => {
                "it can be read, which the policy does not allow; take the access away, or change the policy"
            }
            Obstacle::Masked => "encrypted: masked without View Encrypted Data",
            Obstacle::NotDefined => "nothing in this repository defines it",
            Obstacle::NoSuchField => "the object has no such field; take it out of the query",
            Obstacle::Muted => {
                "a muting permission set of its group takes it away; take it out of that, or grant it outside of the group"
            }
            Obstacle::NotKnown => "what decides about it cannot be read; correct that first",
        }
    }

    /// Whether an entry in one of the integration's permission sets mends it.
    pub fn is_an_entry(self) -> bool {
        self.is_a_lack() && self != Obstacle::Muted
    }

    /// Whether it says that an access is not given, which what cannot be read may give.
    pub fn is_a_lack(self) -> bool {
        use Obstacle::{Muted, NoFieldAccess, NoObjectEdit, NoObjectRead, NoTypeAccess};
        matches!(self, Muted | NoFieldAccess | NoObjectEdit | NoObjectRead | NoTypeAccess)
    }

    /// Whether the call fails in the org.
    pub fn fails_in_the_org(self) -> bool {
        let works = matches!(self, Obstacle::Masked | Obstacle::NotDefined | Obstacle::NotKnown);
        !works && !self.is_of_the_policy()
    }

    /// Whether it works in the org, and the gate alone stands in the way.
    pub fn is_of_the_policy(self) -> bool {
        matches!(self, Obstacle::NotJustified | Obstacle::NotApproved | Obstacle::NotAllowed)
    }
}

/// A classified field that an integration has and does not need.
#[derive(Clone, Debug)]
pub struct Excess {
    /// Who opens it.
    pub grantor: Grantor,
    /// The field.
    pub field: FieldName,
    /// Its tier.
    pub tier: Tier,
    /// The element that opens it.
    pub place: Place,
}

/// A query without the fields that would make it fail.
#[derive(Clone, Debug)]
pub struct Trimmed {
    /// Where it starts.
    pub place: Place,
    /// Its objects that cannot be read at all.
    pub closed_objects: Vec<String>,
    /// Such fields that it reads outside of its `SELECT` list.
    pub reads_elsewhere: Vec<String>,
    /// The query that is left; `None` where more than the list reads such a field, or nothing is left.
    pub text: Option<String>,
}

impl Preflight {
    /// 0: every call succeeds; 1: some fail; 2: something could not be read.
    pub fn exit_status(&self) -> u8 {
        let fails = |checked: &Checked| {
            !checked.absent.is_empty() || checked.needs.iter().any(|need| need.fails() || need.is_blocked())
        };
        match (self.undecided.is_empty(), self.integrations.iter().any(fails)) {
            (false, _) => 2,
            (true, true) => 1,
            (true, false) => 0,
        }
    }
}
