//! `approvers`: whose review of a pull request counts. Data only; who asks the server knows the rest.

use super::decode::{Decoder, Keys};
use super::yaml::{Node, Value};

/// Most approvals that a policy can ask for.
const MAX_NEEDED: u32 = 10;

/// What a person may do in the repository, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Push.
    Write,
    /// Also manage it in part.
    Maintain,
    /// Everything.
    Admin,
}

const PERMISSIONS: &[(&str, Permission)] =
    &[("write", Permission::Write), ("maintain", Permission::Maintain), ("admin", Permission::Admin)];

impl Permission {
    /// The name that GitHub gives it.
    pub fn as_str(self) -> &'static str {
        match self {
            Permission::Write => "write",
            Permission::Maintain => "maintain",
            Permission::Admin => "admin",
        }
    }
}

/// A person. The number counts; a login can be given up and taken by somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// For people to read.
    pub login: String,
    /// The account's number.
    pub id: u64,
}

/// A team of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// The organisation's login.
    pub org: String,
    /// The team's name in addresses.
    pub slug: String,
}

/// Who may approve, and how many must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approvers {
    /// Single people.
    pub people: Vec<Person>,
    /// Teams.
    pub teams: Vec<Team>,
    /// So many approvals are needed.
    pub needed: u32,
    /// Whoever wrote or pushed commits of the pull request does not count.
    pub exclude_pushers: bool,
    /// An approver who asks for changes holds the approvals of the others back.
    pub changes_hold: bool,
    /// An approver needs at least this permission. Without people and teams it is admin.
    pub permission: Permission,
}

impl Default for Approvers {
    fn default() -> Self {
        Approvers {
            people: Vec::new(),
            teams: Vec::new(),
            needed: 1,
            exclude_pushers: true,
            changes_hold: true,
            permission: Permission::Admin,
        }
    }
}

impl Approvers {
    /// Nobody is named, so administrators approve: nobody could otherwise land the first policy.
    pub fn nobody_named(&self) -> bool {
        self.people.is_empty() && self.teams.is_empty()
    }

    /// Who may give `needed` more approvals, as the end of "approval by …". The accounts `cannot` are not named: the
    /// author's, for nobody approves a change of their own, and whoever has had their say.
    pub fn words(&self, cannot: &[u64], needed: u32) -> String {
        if self.nobody_named() {
            return match needed {
                1 => "an administrator of the repository".to_owned(),
                _ => format!("{needed} administrators of the repository"),
            };
        }
        let people =
            self.people.iter().filter(|p| !cannot.contains(&p.id)).map(|p| format!("`@{}`", p.login));
        let teams = self.teams.iter().map(|t| format!("`@{}/{}`", t.org, t.slug));
        let names: Vec<String> = people.chain(teams).collect();
        match (needed, names.as_slice()) {
            (_, []) => "somebody else, whom the policy does not name".to_owned(),
            (1, [person]) if self.teams.is_empty() => person.clone(),
            (1, names) => format!("one of {}", names.join(", ")),
            (_, names) => format!("{needed} of {}", names.join(", ")),
        }
    }
}

pub(super) fn approvers(decoder: &mut Decoder, node: Node) -> Approvers {
    let mut approvers = Approvers::default();
    let allowed = ["people", "teams", "needed", "pushers", "changes_requested", "permission"];
    let section = node.span;
    let Some(mut keys) = decoder.map(node, "`approvers`", &allowed) else { return approvers };
    if let Some(node) = keys.take("people") {
        approvers.people = people(decoder, node);
    }
    if let Some(node) = keys.take("teams") {
        for text in decoder.texts(node, "a team") {
            let part = |p: &str| {
                !p.is_empty() && p.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
            };
            match text.value.split_once('/') {
                Some((org, slug)) if part(org) && part(slug) => {
                    approvers.teams.push(Team { org: org.to_owned(), slug: slug.to_owned() });
                }
                _ => decoder.mistake(
                    text.span,
                    format!(
                        "`{}` is no team; write `ORGANISATION/team-name`, as in the team's address",
                        text.value
                    ),
                ),
            }
        }
    }
    if let Some(needed) = keys.take("needed").and_then(|n| decoder.number(n, "`needed`", 1..=MAX_NEEDED)) {
        approvers.needed = needed;
    }
    let pushers = [("exclude", true), ("include", false)];
    if let Some(exclude) = keys.take("pushers").and_then(|n| decoder.one_of(n, "`pushers`", &pushers)) {
        approvers.exclude_pushers = exclude;
    }
    let changes = [("hold", true), ("ignore", false)];
    let changes =
        keys.take("changes_requested").and_then(|n| decoder.one_of(n, "`changes_requested`", &changes));
    if let Some(hold) = changes {
        approvers.changes_hold = hold;
    }
    let permission = keys.take("permission").and_then(|n| decoder.one_of(n, "permission", PERMISSIONS));
    if approvers.nobody_named() {
        // Nobody can be meant, or anybody who can write; both are slips.
        if decoder.mistakes.is_empty() {
            decoder
                .mistake(section, "`approvers` names nobody; list `people` or `teams`, or leave the key out");
        }
        return approvers;
    }
    approvers.permission = permission.unwrap_or(Permission::Write);
    approvers
}

fn people(decoder: &mut Decoder, node: Node) -> Vec<Person> {
    let Value::List(items) = node.value else {
        let found = node.value.kind();
        let message =
            format!("`people` is {found}; expected a list such as `[{{ login: octocat, id: 583231 }}]`");
        decoder.mistake(node.span, message);
        return Vec::new();
    };
    let mut people = Vec::new();
    for item in items {
        if let Value::Text(login) = &item.value {
            let login = login.trim_start_matches('@');
            let message = format!(
                "`{login}` is a login without its number; write `- {{ login: {login}, id: 123 }}` with the number that `gh api \
                 users/{login} --jq .id` prints"
            );
            decoder.mistake(item.span, message);
            continue;
        }
        let Some(mut keys) = decoder.map(item, "a person", &["login", "id"]) else { continue };
        people.extend(person(decoder, &mut keys));
    }
    people
}

fn person(decoder: &mut Decoder, keys: &mut Keys) -> Option<Person> {
    let login = keys.take("login").and_then(|n| decoder.text(n, "`login`"));
    let id = keys.take("id").and_then(|n| decoder.text(n, "`id`"));
    let (Some(login), Some(id)) = (login, id) else {
        decoder.mistake(
            keys.span,
            "a person needs `login` and `id`; `gh api users/LOGIN --jq .id` prints the number, which stays when \
             a login changes hands",
        );
        return None;
    };
    match id.value.parse() {
        Ok(number) if number > 0 => Some(Person { login: login.value, id: number }),
        _ => {
            let message =
                format!("`id` `{}` is no account number; `gh api users/LOGIN --jq .id` prints it", id.value);
            decoder.mistake(id.span, message);
            None
        }
    }
}
