//! Policy files: every mistake at once, each with its place, the allowed values and the next step.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use flsgate::finding::Severity;
use flsgate::policy::{
    Duty, Enforcement, Permission, Person, Policy, Team, read_justifications, read_policy,
};
use flsgate::rules;
use flsgate::source::SourceFile;
use flsgate::words::{Access, FieldName, Grantor, GrantorKind, PrincipalClass, Tier};
use std::sync::Arc;

fn read(text: &str) -> Result<Policy, Vec<String>> {
    let file = Arc::new(SourceFile::new("policy.yml".into(), text.as_bytes()));
    read_policy(&file, &rules::policy_keys()).map_err(|all| all.iter().map(ToString::to_string).collect())
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = "version: 2\n\
                tiers:\n\
                \x20 conditional: { read: justfy, enforcement: strict }\n\
                \x20 restricted:\n\
                \x20   classifications: [Restricted, Confidential]\n\
                \x20 conditonal: {}\n\
                unlabelled: 7\n\
                rules:\n\
                \x20 label-lowred: off\n\
                \x20 label-lowered: loud\n\
                justifications: { max_days: 0 }\n\
                owner: me\n";
    let expected = [
        "policy.yml:1:10: policy version `2` is not known to this flsgate; write `version: 1`",
        "policy.yml:3:24: requirement `justfy` is unknown. Did you mean `justify`?",
        "policy.yml:3:45: enforcement `strict` is unknown; the values are `advisory`, `soft`, `hard`",
        "policy.yml:6:3: unknown key `conditonal` in `tiers`. Did you mean `conditional`?",
        "policy.yml:7:13: tier `7` is unknown; the values are `open`, `conditional`, `restricted`",
        "policy.yml:10:18: severity `loud` is unknown; the values are `off`, `note`, `warning`, `error`",
        "policy.yml:11:29: `max_days` `0` is not a whole number from 1 to 3660",
    ];
    let found = read(text).unwrap_err();
    for mistake in expected {
        assert!(found.iter().any(|f| f == mistake), "missing {mistake}\n{found:#?}");
    }
    let others: Vec<_> = found.iter().filter(|f| !expected.contains(&f.as_str())).collect();
    assert_eq!(others.len(), 2, "{others:#?}");
    assert!(others[0].starts_with("policy.yml:9:3: unknown key `label-lowred` in `rules`."));
    assert!(others[0].ends_with("Did you mean `label-lowered`?"));
    assert!(others[1].starts_with("policy.yml:12:1: unknown key `owner` in the policy;"));
    assert!(
        found.is_sorted_by_key(|m| m.split(':').nth(1).and_then(|l| l.parse::<u32>().ok())),
        "in file order"
    );
}

#[test]
fn a_policy_that_contradicts_itself_is_told() {
    let text = "user_types:\n  external: { names: [Desk, Portal*], licenses: [Partner] }\n  guest: { names: [desk], licenses: \
                [partner] }\n";
    assert_eq!(
        read(text).unwrap_err(),
        [
            "policy.yml:3:20: `desk` is already in user type `external`; keep it in one",
            "policy.yml:3:38: `partner` is already in user type `external`; keep it in one",
        ]
    );
    // Editing needs as much as reading does, so nothing is lost: a warning.
    let lower = "tiers:\n  restricted:\n    edit: justify\n  conditional: { read: approve, edit: justify }\n";
    let policy = read(lower).unwrap();
    let said: Vec<String> = policy.former_names.iter().map(ToString::to_string).collect();
    let words = "editing includes reading, and `read` asks for more here: editing needs as much";
    assert_eq!(said, [format!("policy.yml:3:5: {words}"), format!("policy.yml:4:33: {words}")]);
}

#[test]
fn a_value_of_another_kind_is_answered_with_what_to_write() {
    let text = "tiers:\n  restricted: { read: [approve], profiles: Admin }\n";
    assert_eq!(
        read(text).unwrap_err(),
        [
            "policy.yml:2:23: requirement is a list; write one of `allow`, `justify`, `approve`, `deny`",
            "policy.yml:2:44: `profiles` is `Admin`; write `allow`, `deny`, or a list of profiles such as `[Admin]`",
        ]
    );
}

#[test]
fn a_policy_whose_lines_end_as_on_old_macs_is_read_and_not_taken_for_one_comment() {
    let text = "# our policy\nversion: 1\njustifications: { max_days: 30 }\n";
    for line_end in ["\n", "\r\n", "\r"] {
        assert_eq!(read(&text.replace('\n', line_end)).unwrap().max_days, 30, "{line_end:?}");
    }
    assert!(read("# our policy\rversion: 2\r").is_err());
}

#[test]
fn a_pattern_that_is_broken_and_so_matches_nothing_is_a_mistake_wherever_it_stands() {
    let principals =
        |key: &str, pattern: &str| format!("user_types: {{external: {{{key}: ['{pattern}']}}}}\n");
    let integration = "integrations: {I: {permission_sets: [P], queries: ['q/{a,b/*.soql']}}\n";
    for (text, expected) in [
        (principals("names", "{Support_Agent,Other"), "1:33: pattern `{Support_Agent,Other` is not closed:"),
        (principals("names", "[Support_Agent"), "1:33: pattern `[Support_Agent` is not closed:"),
        (principals("licenses", "*{[}]*"), "1:36: pattern `*{[}]*` is not closed:"),
        (principals("names", "Support\\"), "1:33: pattern `Support\\` ends in a `\\` that escapes nothing;"),
        (principals("names", &"{a,b}".repeat(11)), "1:33: pattern `"),
        ("ignored_submodules: ['[']\n".into(), "1:22: pattern `[` is not closed:"),
        (integration.into(), "1:52: pattern `q/{a,b/*.soql` is not closed:"),
    ] {
        let found = read(&text).unwrap_err();
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].starts_with(&format!("policy.yml:{expected}")), "{found:#?}");
    }
    for pattern in ["{Support_Agent,Other}", "[[]Support", "[]x]", "[!a]", "\\{Support", "a}b]", "!Support_*"]
    {
        assert!(read(&principals("names", pattern)).is_ok(), "{pattern}");
    }
    let entry = "permission_set: P\nentries:\n  - {field: 'Account.[A', access: read, reviewed_fields: []}\n";
    let file = Arc::new(SourceFile::new("p.yml".into(), entry.as_bytes()));
    let found = read_justifications(&file).unwrap_err();
    assert!(
        found[0].to_string().starts_with("p.yml:3:13: pattern `Account.[A` is not closed:"),
        "{found:#?}"
    );
}

#[test]
fn a_value_in_two_tiers_is_a_mistake_and_an_explicit_tier_beats_the_default() {
    let twice = "tiers:\n  open: { classifications: [Confidential] }\n  restricted: { classifications: [confidential] }\n";
    assert!(
        read(twice).unwrap_err()[0].starts_with("policy.yml:3:35: `confidential` is already in tier `open`")
    );
    let moved = read("tiers:\n  open: { classifications: [Public, Internal, Confidential] }\n").unwrap();
    let tier = |p: &Policy, c, g| p.labels.tier(&p.labels.label(c, g)).tier;
    assert_eq!(tier(&moved, Some("Confidential"), None), Tier::Open);
    assert_eq!(tier(&moved, Some("Confidential"), Some("PII")), Tier::Conditional, "a group still raises it");
}

#[test]
fn the_built_in_policy_is_the_table_of_the_documentation() {
    let p = Policy::default();
    let tier = |c, g| p.labels.tier(&p.labels.label(c, g)).tier;
    for (classification, groups, expected) in [
        (None, None, Tier::Open),
        (Some("Public"), None, Tier::Open),
        (Some("internal "), Some("None"), Tier::Open),
        (Some("Confidential"), None, Tier::Conditional),
        (Some("Public"), Some("GDPR"), Tier::Conditional),
        (None, Some(" our_own "), Tier::Conditional),
        (None, Some("None;;"), Tier::Open),
        (Some("Restricted"), None, Tier::Restricted),
        (Some("MissionCritical"), None, Tier::Restricted),
        (Some("Mission Critical"), None, Tier::Restricted),
        (Some("Secret_L4"), None, Tier::Restricted),
        (Some("Public"), Some("PII;hipaa"), Tier::Restricted),
        (None, Some("PCI"), Tier::Restricted),
    ] {
        assert_eq!(tier(classification, groups), expected, "{classification:?} {groups:?}");
    }
    let none = p.labels.label(None, None);
    let duty = |tier, access, principal| p.tiers.duty(tier, &none, access, principal).0;
    use PrincipalClass::{External, Guest, Integration, Internal};
    for principal in [Internal, Integration] {
        assert_eq!(duty(Tier::Open, Access::Edit, principal), Duty::Allow);
        assert_eq!(duty(Tier::Conditional, Access::Read, principal), Duty::Justify);
        assert_eq!(duty(Tier::Conditional, Access::Edit, principal), Duty::Approve);
        assert_eq!(duty(Tier::Restricted, Access::Read, principal), Duty::Approve);
    }
    for principal in [External, Guest] {
        assert_eq!(duty(Tier::Open, Access::Edit, principal), Duty::Allow);
        assert_eq!(duty(Tier::Conditional, Access::Read, principal), Duty::Deny);
        assert_eq!(duty(Tier::Restricted, Access::Read, principal), Duty::Deny);
    }
    let admin = Grantor::new(GrantorKind::Profile, "Admin");
    assert!(!p.tiers.may_open(Tier::Conditional, &admin, true));
    assert!(p.tiers.may_open(Tier::Open, &admin, true));
}

#[test]
fn a_tier_can_name_the_profiles_that_may_have_it() {
    let p = read("tiers: { conditional: { profiles: [Admin, 'Support *'] } }\n").unwrap();
    let may =
        |kind, name: &str, existed| p.tiers.may_open(Tier::Conditional, &Grantor::new(kind, name), existed);
    assert!(may(GrantorKind::Profile, "admin", true) && may(GrantorKind::Profile, "Admin", false));
    assert!(may(GrantorKind::Profile, "Support Agent", true));
    assert!(!may(GrantorKind::Profile, "Support Me", false), "authors choose the names of new profiles");
    assert!(!may(GrantorKind::Profile, "Standard", true));
    assert!(may(GrantorKind::PermissionSet, "Anything", false));
    assert!(read("tiers: { conditional: { profiles: ['{'] } }\n").is_err());
}

#[test]
fn a_key_or_rule_by_its_former_name_counts_and_is_told_and_by_both_names_it_is_a_mistake() {
    let former =
        "principals: { integration: { grantors: [sync_bot] } }\nrules: { external-principal-grant: off }\n";
    let now = "user_types: { integration: { names: [sync_bot] } }\nrules: { external-access: off }\n";
    let (mut former, now) = (read(former).unwrap(), read(now).unwrap());
    let told: Vec<String> = former.former_names.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "policy.yml:1:1: `principals` is called `user_types` now; write `user_types`",
            "policy.yml:1:30: `grantors` is called `names` now; write `names`",
            "policy.yml:2:10: `external-principal-grant` is called `external-access` now; write `external-access`",
        ]
    );
    former.former_names.clear();
    assert_eq!(former, now);
    for both in [
        "user_types: {}\nprincipals: { guest: { names: [A] } }\n",
        "rules: { external-access: error, external-principal-grant: off }\n",
    ] {
        let mistakes = read(both).unwrap_err();
        assert!(mistakes[0].contains("is there by two names; keep one"), "{mistakes:?}");
    }
    let file = Arc::new(SourceFile::new("p.yml".into(), &b"grantor: Desk\nentries: []\n"[..]));
    let read = read_justifications(&file).unwrap();
    assert_eq!(
        read.former_names[0].message,
        "`grantor` is called `permission_set` now; write `permission_set`"
    );
}

#[test]
fn every_key_takes_effect() {
    let p = read(
        "tiers:\n  conditional: { read: allow, edit: justify, profiles: allow, enforcement: advisory }\n  \
         restricted: { enforcement: hard }\n\
         user_types:\n  external: { conditional: { read: justify } }\n  integration: { names: [sync_bot] }\n\
         compliance:\n  HIPAA: { read: deny, ticket: required, max_days: 90 }\n\
         no_group: [None, Nothing]\nunlabelled: conditional\nunknown_fields: restricted\n\
         unmapped_classification: open\nrules: { label-lowered: warning, unknown-field: off }\n",
    )
    .unwrap();
    let label = |g| p.labels.label(Some("Confidential"), g);
    let duty = |g, access, principal| p.tiers.duty(Tier::Conditional, &label(g), access, principal).0;
    assert_eq!(duty(None, Access::Read, PrincipalClass::Internal), Duty::Allow);
    assert_eq!(duty(None, Access::Edit, PrincipalClass::Internal), Duty::Justify);
    assert_eq!(duty(None, Access::Read, PrincipalClass::External), Duty::Justify);
    assert_eq!(duty(None, Access::Edit, PrincipalClass::External), Duty::Deny, "what is not said stays");
    assert_eq!(duty(Some("HIPAA"), Access::Read, PrincipalClass::Internal), Duty::Deny);
    assert_eq!(
        p.tiers.duty(Tier::Restricted, &label(None), Access::Read, PrincipalClass::Internal).0,
        Duty::Deny
    );
    assert_eq!(p.tiers.enforcement(Tier::Conditional), Enforcement::Advisory);
    assert!(p.tiers.may_open(Tier::Conditional, &Grantor::new(GrantorKind::Profile, "Admin"), true));
    assert_eq!(
        p.principals.class(&Grantor::new(GrantorKind::PermissionSet, "Sync_Bot"), &[]),
        PrincipalClass::Integration
    );
    let hipaa = p.labels.label(None, Some("hipaa;nothing"));
    assert_eq!(hipaa.compliance_groups, ["hipaa"]);
    let duties: Vec<_> = p.tiers.group_duties(&hipaa).collect();
    assert_eq!((duties.len(), duties[0].ticket, duties[0].max_days), (1, true, Some(90)));
    assert_eq!(p.labels.tier(&p.labels.label(None, None)).tier, Tier::Conditional);
    assert_eq!(p.labels.unknown_fields(), Tier::Restricted);
    assert_eq!(p.labels.tier(&p.labels.label(Some("Odd"), None)).tier, Tier::Open);
    let severity = |id: &str| p.severity(rules::RULES.iter().find(|r| r.info.id == id).unwrap().info);
    assert_eq!((severity("label-lowered"), severity("unknown-field")), (Some(Severity::Warning), None));
}

#[test]
fn approvers_of_a_part_are_read_and_asked_about_it_alone() {
    let text = "approvers:\n  people: [{ login: sec, id: 1 }]\n  permission: maintain\n  also:\n    - compliance_groups: [hipaa, PHI]\n      \
                teams: [acme/privacy]\n    - { objects: [\"Pay*\"], people: [{ login: hr, id: 2 }], needed: 1 }\n    - { tier: \
                restricted, teams: [acme/leads], needed: 2 }\n";
    let approvers = read(text).unwrap().approvers;
    let asked = |object: &str, groups: &[&str], tier| {
        let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
        let field = FieldName::parse(object).unwrap();
        approvers.also_for(&field, &groups, tier).collect::<Vec<_>>()
    };
    assert!(asked("Contact.A__c", &[], Tier::Conditional).is_empty());
    assert_eq!(asked("Contact.A__c", &["HIPAA"], Tier::Conditional), [0]);
    assert_eq!(asked("payroll__c.A__c", &["PII"], Tier::Conditional), [1]);
    assert_eq!(asked("Payroll__c.A__c", &["phi"], Tier::Restricted), [0, 1, 2]);
    assert_eq!(
        asked("acme__Payroll__c.acme__A__c", &[], Tier::Open),
        [1],
        "the namespace may be written or not"
    );
    let by_object = |object: &str, name: &str| {
        let text = format!("approvers: {{ also: [{{ objects: [{object}], teams: [acme/x] }}] }}\n");
        let approvers = read(&text).unwrap().approvers;
        approvers.also_for(&FieldName::parse(name).unwrap(), &[], Tier::Open).next().is_some()
    };
    for (object, name) in [
        ("Task", "Activity.X__c"),
        ("Activity", "Event.X__c"),
        ("Contact", "Account.X__pc"),
        ("acme__Employee__c", "Employee__c.X__c"),
    ] {
        assert!(by_object(object, name), "{object} {name}");
    }
    assert!(!by_object("Contact", "Account.X__c") && !by_object("Task", "Case.X__c"));
    let words: Vec<String> = approvers.parts().iter().map(|part| part.words(&[], part.needed)).collect();
    assert_eq!(words, ["`@sec`", "one of `@acme/privacy`", "`@hr`", "2 of `@acme/leads`"]);
    let permissions: Vec<Permission> = approvers.parts().iter().map(|part| part.permission).collect();
    assert_eq!(permissions, [Permission::Maintain; 4]);
    // Without others, administrators approve everything, and those of the part need not be any.
    let alone = read("approvers: { also: [{ tier: restricted, teams: [acme/leads] }] }\n").unwrap().approvers;
    assert!(alone.nobody_named());
    assert_eq!(alone.parts()[0].permission, Permission::Admin);
    assert_eq!(alone.parts()[1].permission, Permission::Write);
    for (item, part) in [
        ("{ teams: [acme/x] }", "needs one of `compliance_groups`, `objects` and `tier`"),
        ("{ tier: restricted, objects: [A], teams: [acme/x] }", "needs one of"),
        ("{ objects: [], teams: [acme/x] }", "needs one of"),
        ("{ compliance_groups: [\"*\"], teams: [acme/x] }", "needs one of"),
        ("{ tier: restricted }", "names nobody"),
        ("{ tier: high, teams: [acme/x] }", "`high`"),
        ("{ objects: [A], teams: [x] }", "`x` is no team"),
    ] {
        let said = read(&format!("approvers: {{ teams: [acme/y], also: [{item}] }}\n")).unwrap_err();
        assert!(said.iter().any(|mistake| mistake.contains(part)), "{item}: {said:?}");
    }
}

#[test]
fn approvers_are_people_with_numbers_and_teams() {
    let text = "approvers:\n  people:\n    - { login: Sec1, id: 202 }\n  teams: [acme/data-protection]\n  needed: 2\n  \
                pushers: include\n  permission: maintain\n";
    let approvers = read(text).unwrap().approvers;
    assert_eq!(approvers.people, [Person { login: "Sec1".into(), id: 202 }]);
    assert_eq!(approvers.teams, [Team { org: "acme".into(), slug: "data-protection".into() }]);
    assert_eq!(
        (approvers.needed, approvers.exclude_pushers, approvers.permission),
        (2, false, Permission::Maintain)
    );
    assert_eq!(approvers.words(&[], 2), "2 of `@Sec1`, `@acme/data-protection`");
    assert_eq!(
        approvers.words(&[202], 2),
        "2 of `@acme/data-protection`",
        "nobody approves a change of their own"
    );
    let short = read("approvers: { teams: [acme/security] }\n").unwrap().approvers;
    assert_eq!((short.needed, short.exclude_pushers, short.permission), (1, true, Permission::Write));
    // Nobody named: administrators, whatever else a policy says.
    let none = read("version: 1\n").unwrap().approvers;
    assert!(none.nobody_named() && none.permission == Permission::Admin);
}

#[test]
fn mistakes_about_approvers_say_what_would_be_valid() {
    for (text, expected) in [
        (
            "approvers: {}\n",
            "policy.yml:1:12: `approvers` names nobody; list `people` or `teams`, or leave the key out",
        ),
        ("approvers:\n  permission: write\n", "`approvers` names nobody"),
        (
            "approvers:\n  needed: 2\n  people: [{ login: anna, id: 7 }, { login: anna, id: 7 }]\n",
            "policy.yml:2:11: `needed` is 2, and only 1 person is named: so many approvals can never come",
        ),
        (
            "approvers:\n  teams: [\"@acme/data\"]\n",
            "`@acme/data` is no team; write `acme/data`, without the `@`",
        ),
        ("approvers:\n  people: octocat\n", "policy.yml:2:11: `people` is text; expected a list such as"),
        ("approvers:\n  people: [octocat]\n", "policy.yml:2:12: `octocat` is a login without its number"),
        (
            "approvers:\n  people: [{ login: octocat }]\n",
            "a person needs `login` and `id`; `gh api users/LOGIN --jq .id` prints",
        ),
        ("approvers:\n  people: [{ login: octocat, id: octocat }]\n", "`id` `octocat` is no account number"),
        ("approvers:\n  people: [{ login: octocat, id: 0 }]\n", "`id` `0` is no account number"),
        (
            "approvers:\n  teams: [security]\n",
            "policy.yml:2:11: `security` is no team; write `ORGANISATION/team-name`",
        ),
        ("approvers:\n  teams: [a/b/c]\n", "`a/b/c` is no team"),
        (
            "approvers:\n  teams: [a/b]\n  needed: 0\n",
            "policy.yml:3:11: `needed` `0` is not a whole number from 1 to 10",
        ),
        (
            "approvers:\n  teams: [a/b]\n  permission: read\n",
            "permission `read` is unknown; the values are `write`, `maintain`, `admin`",
        ),
        (
            "approvers:\n  teams: [a/b]\n  pushers: allowed\n",
            "`pushers` `allowed` is unknown; the values are `exclude`, `include`",
        ),
    ] {
        let found = read(text).unwrap_err();
        assert!(found.iter().any(|f| f.contains(expected)), "{expected}: {found:#?}");
    }
}

#[test]
fn a_baseline_of_a_large_org_is_read() {
    let mut text = "version: 1\naccepted:\n".to_owned();
    for n in 0..15_000 {
        text.push_str(&format!(
            "  - {{ permission_set: Set_{}, field: Account.F{n}__c, access: read, tier: restricted{} }}\n",
            n % 300,
            ["", ", user_type: guest", ", reads: [Account.A__c, Lead.B__c]"][n % 3]
        ));
    }
    let path = flsgate::policy::BASELINE_PATH;
    let file = std::sync::Arc::new(flsgate::source::SourceFile::new(path.into(), text.into_bytes()));
    let baseline = flsgate::policy::read_baseline(&file, &flsgate::rules::ids()).unwrap();
    assert_eq!(baseline.len(), 15_000);
    // Written and read again it says the same.
    let again =
        std::sync::Arc::new(flsgate::source::SourceFile::new(path.into(), baseline.to_yaml().into_bytes()));
    let again = flsgate::policy::read_baseline(&again, &flsgate::rules::ids()).unwrap();
    assert_eq!(again.to_yaml(), baseline.to_yaml());
}

/// A user permission is set by its own key, which says nothing of the others; a wrong one gets the near one.
#[test]
fn a_user_permission_has_a_key_of_its_own() {
    let policy = read("rules:\n  broad-system-permission/AuthorApex: error\n").unwrap();
    let part = |name: &str| policy.severity_of_part(&format!("broad-system-permission/{name}"));
    assert_eq!((part("AuthorApex"), part("ManageUsers")), (Some(Some(Severity::Error)), None));
    for (wrong, near) in [
        ("broad-system-permission/AuthorApx", "broad-system-permission/AuthorApex"),
        ("broad-system-permission/authorapex", "broad-system-permission/AuthorApex"),
        ("broad-system-permission/ManageUser", "broad-system-permission/ManageUsers"),
        ("broad-system-permissions", "broad-system-permission"),
    ] {
        let mistakes = read(&format!("rules:\n  {wrong}: error\n")).unwrap_err();
        let told = mistakes.iter().any(|m| m.contains(&format!("Did you mean `{near}`?")));
        assert!(told, "{wrong}: {mistakes:?}");
    }
    for wrong in ["AuthorApex", "broad-system-permission/", "view-all-fields/AuthorApex"] {
        let mistakes = read(&format!("rules:\n  {wrong}: error\n")).unwrap_err();
        assert!(mistakes.iter().all(|m| m.contains("unknown key")), "{wrong}: {mistakes:?}");
    }
}

#[test]
fn what_cannot_be_set_is_told_from_what_is_not_there() {
    let fixed = read("rules: { awaiting-approval: off }\n").unwrap_err();
    assert_eq!(fixed.len(), 1);
    assert!(fixed[0].contains("1:10: this rule cannot be set; take `awaiting-approval` out"), "{fixed:?}");
    let unknown = read("rules: { nothing-like-it: off }\n").unwrap_err();
    assert!(unknown[0].ends_with("`flsgate explain --list` names every rule"), "{unknown:?}");
}

#[test]
fn an_approver_without_a_number_is_shown_how_to_write_one() {
    for written in ["anna", "'@anna'"] {
        let found = read(&format!("approvers: {{ people: [{written}] }}\n")).unwrap_err();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("write `- { login: anna, id: 123 }`"), "{found:?}");
    }
}

#[test]
fn a_word_that_stands_for_an_owner_or_a_ticket_is_called_so() {
    let text = "permission_set: P\nentries:\n  - field: A.B\n    access: read\n    justification: Agents confirm who is \
                calling.\n    compliance: Kept on the page.\n    owner: TBD\n    expires: 2026-12-31\n";
    let file = Arc::new(SourceFile::new("p.yml".into(), text.as_bytes()));
    let entry = &read_justifications(&file).unwrap().entries[0];
    let lacks = entry.lacks(&Policy::default(), std::iter::empty(), jiff::civil::date(2026, 6, 1));
    let [flsgate::policy::Lacks::Part(_, said)] = lacks.as_slice() else { panic!("{lacks:?}") };
    assert_eq!(said, "`owner`: `TBD` is only a placeholder; write who answers for it");
}

/// `#12 …` is a comment in YAML, and so is what somebody writes behind the `#` of a stub. The stub's own question is not
/// called one.
#[test]
fn a_text_that_yaml_takes_for_a_comment_is_called_so() {
    let said = |written: &str| {
        let text = format!(
            "permission_set: P\nentries:\n  - field: A.B\n    access: read\n    justification:{written}\n    compliance: Kept on \
             the page.\n    owner: desk@acme.example\n    expires: 2026-12-31\n"
        );
        let file = Arc::new(SourceFile::new("p.yml".into(), text.into_bytes()));
        let entry = &read_justifications(&file).unwrap().entries[0];
        let lacks = entry.lacks(&Policy::default(), std::iter::empty(), jiff::civil::date(2026, 6, 1));
        lacks.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let missing = "`justification` is missing";
    let comment = format!(
        "{missing}; what stands behind `#` is a comment: take the `#` away, or put the text in quotes"
    );
    assert_eq!(said(" #12 the desk asks who is calling"), [comment.as_str()]);
    assert_eq!(said(" # the desk asks who is calling"), [comment.as_str()]);
    assert_eq!(said(" # why is this needed? An approval is needed as well."), [missing]);
    assert_eq!(said(""), [missing]);
    assert_eq!(said(" \"#12 the desk asks who is calling\""), [""; 0]);
}

/// Fillers that nobody sees, and punctuation in whatever script, are no words.
#[test]
fn a_reason_that_nobody_can_see_says_too_little() {
    for written in [
        "\u{200b} \u{200b} \u{200b} \u{200b}",
        "\u{3164} \u{115f} \u{ffa0} \u{3164}",
        "\u{2014} \u{2014} \u{2014} \u{2026}",
        "\u{e0041} \u{e0042} \u{e0043}",
    ] {
        let text = format!(
            "permission_set: P\nentries:\n  - field: A.B\n    access: read\n    justification: \"{written}\"\n    compliance: Kept on the page.\n    owner: desk@acme.example\n    expires: 2026-12-31\n"
        );
        let file = Arc::new(SourceFile::new("p.yml".into(), text.into_bytes()));
        let lacks = read_justifications(&file).map(|read| {
            read.entries[0].lacks(&Policy::default(), std::iter::empty(), jiff::civil::date(2026, 6, 1))
        });
        assert!(lacks.as_ref().is_err() || lacks.is_ok_and(|lacks| lacks.len() == 1), "{written:?}");
    }
}

/// Editors offer what the reader takes.
#[test]
fn the_schema_knows_every_user_permission() {
    let schema: serde_json::Value = serde_json::from_str(flsgate::policy::POLICY_SCHEMA).unwrap();
    let patterns = schema["properties"]["rules"]["patternProperties"].as_object().unwrap();
    let pattern = patterns.keys().next().unwrap();
    let names =
        pattern.strip_prefix("^broad-system-permission/(").and_then(|p| p.strip_suffix(")$")).unwrap();
    let keys: Vec<String> = names.split('|').map(|name| format!("broad-system-permission/{name}")).collect();
    let parts: Vec<&str> = rules::policy_keys().into_iter().filter(|key| key.contains('/')).collect();
    assert_eq!(keys, parts);
}
