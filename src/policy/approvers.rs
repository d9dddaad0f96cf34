//! `approvers`: whose review of a pull request counts. Data only; who asks the server knows the rest.

use super::decode::{Decoder, Keys};
use super::file::TIERS;
use super::principals::glob;
use super::yaml::{Node, Value};
use crate::source::Spanned;
use crate::words::{FieldName, Tier};
use std::collections::BTreeSet;

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

/// What some approvers are asked about, beside those who are asked about everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Fields of one of these compliance groups.
    Groups(Vec<String>),
    /// Fields of an object that one of these names or patterns names.
    Objects(Vec<String>),
    /// Fields of this tier or a higher one.
    Tier(Tier),
}

impl Approvers {
    /// Whether a team is among them, for all fields or for some.
    pub fn name_teams(&self) -> bool {
        !self.teams.is_empty() || self.also.iter().any(|also| !also.teams.is_empty())
    }

    /// Every compliance group that approvers are named for.
    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        let named = self.also.iter().filter_map(|also| match &also.scope {
            Scope::Groups(groups) => Some(groups),
            _ => None,
        });
        named.flatten().map(String::as_str)
    }
}

impl Scope {
    /// Whether a field is in it, by its object, its compliance groups and its tier.
    pub fn covers(&self, field: &FieldName, groups: &[String], tier: Tier) -> bool {
        match self {
            Scope::Groups(own) => own.iter().any(|own| groups.iter().any(|g| g.eq_ignore_ascii_case(own))),
            Scope::Objects(patterns) => patterns.iter().any(|pattern| {
                let pattern = without_prefix(pattern);
                objects(field).iter().any(|object| glob(pattern, object))
            }),
            Scope::Tier(lowest) => tier >= *lowest,
        }
    }

    /// `for HIPAA, PHI`.
    pub fn words(&self) -> String {
        match self {
            Scope::Groups(groups) => format!("for {}", groups.join(", ")),
            Scope::Objects(patterns) => format!("for fields of {}", patterns.join(", ")),
            Scope::Tier(tier) => format!("for {}", tier.words()),
        }
    }
}

/// The objects that a field may be called by: authors choose among the names that a field has.
fn objects(field: &FieldName) -> Vec<&str> {
    let object = without_prefix(field.object());
    let is = |name: &str| object.eq_ignore_ascii_case(name);
    if ["Activity", "Event", "Task"].into_iter().any(is) {
        return vec!["Activity", "Event", "Task"];
    }
    // A field of a person account is one of its contact.
    let of_person =
        field.field().to_ascii_lowercase().ends_with("__pc") || field.field().starts_with("Person");
    if is("Account") && of_person { vec![object, "Contact"] } else { vec![object] }
}

/// `ns__Employee__c` without the namespace, which a project may write or leave out.
fn without_prefix(name: &str) -> &str {
    name.split_once("__").map(|(_, rest)| rest).filter(|rest| rest.contains("__")).unwrap_or(name)
}

/// Approvers of a part of all fields, who are needed as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Also {
    /// What they are asked about.
    pub scope: Scope,
    /// Single people.
    pub people: Vec<Person>,
    /// Teams.
    pub teams: Vec<Team>,
    /// So many approvals are needed.
    pub needed: u32,
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
    /// Those who are needed as well, each for a part of all fields.
    pub also: Vec<Also>,
    /// Such an approver needs at least this permission.
    pub also_permission: Permission,
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
            also: Vec::new(),
            also_permission: Permission::Write,
        }
    }
}

impl Approvers {
    /// Nobody is named, so administrators approve: nobody could otherwise land the first policy.
    pub fn nobody_named(&self) -> bool {
        self.people.is_empty() && self.teams.is_empty()
    }

    /// The approvers of each part by itself: of everything, then of each part that needs others as well.
    pub fn parts(&self) -> Vec<Approvers> {
        let general = Approvers { also: Vec::new(), ..self.clone() };
        let also = self.also.iter().map(|also| Approvers {
            people: also.people.clone(),
            teams: also.teams.clone(),
            needed: also.needed,
            permission: self.also_permission,
            ..general.clone()
        });
        std::iter::once(general.clone()).chain(also).collect()
    }

    /// The parts, by number, whose approvers are asked about a field.
    pub fn also_for<'a>(
        &'a self,
        field: &'a FieldName,
        groups: &'a [String],
        tier: Tier,
    ) -> impl Iterator<Item = usize> + 'a {
        let covers = move |(at, also): (usize, &Also)| also.scope.covers(field, groups, tier).then_some(at);
        self.also.iter().enumerate().filter_map(covers)
    }

    /// Whether some people are asked about this compliance group.
    pub fn name_group(&self, group: &str) -> bool {
        let names = |also: &Also| matches!(&also.scope, Scope::Groups(all) if all.iter().any(|g| g.eq_ignore_ascii_case(group)));
        self.also.iter().any(names)
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
    let allowed = ["people", "teams", "needed", "pushers", "changes_requested", "permission", "also"];
    let section = node.span;
    let Some(mut keys) = decoder.map(node, "`approvers`", &allowed) else { return approvers };
    if let Some(node) = keys.take("people") {
        approvers.people = people(decoder, node);
    }
    if let Some(node) = keys.take("teams") {
        approvers.teams = teams(decoder, node);
    }
    if let Some(node) = keys.take("needed") {
        approvers.needed = needed(decoder, node, &approvers.people, &approvers.teams);
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
    if let Some(node) = keys.take("also") {
        approvers.also =
            decoder.list(node, "`also`").into_iter().filter_map(|node| also(decoder, node)).collect();
    }
    let permission = keys.take("permission").and_then(|n| decoder.one_of(n, "permission", PERMISSIONS));
    approvers.also_permission = permission.unwrap_or(Permission::Write);
    if approvers.nobody_named() {
        // Nobody can be meant, or anybody who can write; both are slips.
        if decoder.mistakes.is_empty() && approvers.also.is_empty() {
            decoder
                .mistake(section, "`approvers` names nobody; list `people` or `teams`, or leave the key out");
        }
        return approvers;
    }
    approvers.permission = permission.unwrap_or(Permission::Write);
    approvers
}

/// How many approvals are needed. More than the people who are named can give would never come together; how many a team has
/// the policy does not say.
fn needed(decoder: &mut Decoder, node: Node, people: &[Person], teams: &[Team]) -> u32 {
    let span = node.span;
    let needed = decoder.number(node, "`needed`", 1..=MAX_NEEDED).unwrap_or(1);
    let named = people.iter().map(|person| person.id).collect::<BTreeSet<_>>().len();
    if teams.is_empty() && named > 0 && needed as usize > named {
        let only = match named {
            1 => "only 1 person is named".to_owned(),
            _ => format!("only {named} people are named"),
        };
        decoder.mistake(span, format!("`needed` is {needed}, and {only}: so many approvals can never come"));
    }
    needed
}

/// One item of `also`: what it is about, and who.
fn also(decoder: &mut Decoder, node: Node) -> Option<Also> {
    let allowed = ["compliance_groups", "objects", "tier", "people", "teams", "needed"];
    let mut keys = decoder.map(node, "an item of `also`", &allowed)?;
    let span = keys.span;
    let texts = |all: Vec<Spanned<String>>| all.into_iter().map(|text| text.value).collect::<Vec<_>>();
    let groups =
        keys.take("compliance_groups").map(|n| Scope::Groups(texts(decoder.texts(n, "a compliance group"))));
    let objects = keys.take("objects").map(|n| Scope::Objects(decoder.patterns(n, "an object")));
    let tier = keys.take("tier").and_then(|n| decoder.one_of(n, "tier", TIERS)).map(Scope::Tier);
    let mut scopes = [groups, objects, tier].into_iter().flatten();
    let (scope, more) = (scopes.next(), scopes.next());
    let people = keys.take("people").map(|node| people(decoder, node)).unwrap_or_default();
    let teams = keys.take("teams").map(|node| teams(decoder, node)).unwrap_or_default();
    let needed = keys.take("needed").map_or(1, |node| needed(decoder, node, &people, &teams));
    let is_empty = |scope: &Scope| match scope {
        // `*` is no name of a group; a tier says the same and more.
        Scope::Groups(all) => all.is_empty() || all.iter().any(|group| group == "*"),
        Scope::Objects(all) => all.is_empty(),
        Scope::Tier(_) => false,
    };
    match scope.filter(|scope| more.is_none() && !is_empty(scope)) {
        Some(scope) if !people.is_empty() || !teams.is_empty() => Some(Also { scope, people, teams, needed }),
        Some(_) => {
            decoder.mistake(span, "an item of `also` names nobody; list `people` or `teams`");
            None
        }
        None => {
            let message = "an item of `also` needs one of `compliance_groups`, `objects` and `tier`; write one item for each";
            decoder.mistake(span, message);
            None
        }
    }
}

fn teams(decoder: &mut Decoder, node: Node) -> Vec<Team> {
    let mut teams = Vec::new();
    for text in decoder.texts(node, "a team") {
        let part =
            |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        match text.value.split_once('/') {
            Some((org, slug)) if part(org) && part(slug) => {
                teams.push(Team { org: org.to_owned(), slug: slug.to_owned() });
            }
            _ => decoder.mistake(
                text.span,
                match text.value.strip_prefix('@').filter(|name| name.contains('/')) {
                    Some(name) => format!("`{}` is no team; write `{name}`, without the `@`", text.value),
                    None => format!(
                        "`{}` is no team; write `ORGANISATION/team-name`, as in the team's address",
                        text.value
                    ),
                },
            ),
        }
    }
    teams
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
