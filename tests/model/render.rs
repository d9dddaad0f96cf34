//! An org as the files of a source-format project.

use super::org::{
    Access, Duty, Enforcement, FieldDef, GroupDef, Holder, Kind, Label, Line, Mask, Org, Place, Policy,
    Reason, SetDef, Tier, TierRules, UserType,
};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const PROJECT: &str = r#"{"packageDirectories":[{"path":"force-app","default":true},{"path":"extra"}],"sourceApiVersion":"65.0"}"#;
const NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";

/// Path and bytes of every file.
pub(crate) fn render(org: &Org) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::from([("sfdx-project.json".to_owned(), PROJECT.to_owned())]);
    for ((name, place), def) in &org.fields {
        let (object, field) = name.split_once('.').unwrap_or((name, ""));
        files.insert(
            format!("{}/objects/{object}/fields/{field}.field-meta.xml", root(*place)),
            field_xml(field, def),
        );
    }
    for ((name, place), def) in &org.sets {
        files.insert(
            format!("{}/permissionsets/{name}.permissionset-meta.xml", root(*place)),
            set_xml("PermissionSet", name, def),
        );
    }
    for (name, def) in &org.profiles {
        let path = format!("{}/profiles/{name}.profile-meta.xml", root(Place::Main));
        files.insert(path, set_xml("Profile", name, def));
    }
    for ((name, place), def) in &org.mutings {
        files.insert(
            format!("{}/mutingpermissionsets/{name}.mutingpermissionset-meta.xml", root(*place)),
            set_xml("MutingPermissionSet", name, def),
        );
    }
    for (name, def) in &org.groups {
        let path = format!("{}/permissionsetgroups/{name}.permissionsetgroup-meta.xml", root(Place::Main));
        files.insert(path, group_xml(name, def));
    }
    files.extend(folder(org));
    files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect()
}

fn root(place: Place) -> &'static str {
    match place {
        Place::Main => "force-app/main/default",
        Place::Second => "extra/main/default",
        Place::Outside => "attic/main/default",
    }
}

fn document(root: &str, body: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{NAMESPACE}\">\n{body}</{root}>\n")
}

fn tag(out: &mut String, name: &str, value: &str) {
    let _ = writeln!(out, "    <{name}>{value}</{name}>");
}

fn field_xml(name: &str, def: &FieldDef) -> String {
    let mut body = String::new();
    tag(&mut body, "fullName", name);
    tag(&mut body, "label", name.trim_end_matches("__c"));
    if let Some(value) = &def.label.classification {
        tag(&mut body, "securityClassification", value);
    }
    if !def.label.groups.is_empty() {
        tag(&mut body, "complianceGroup", &joined(&def.label));
    }
    match &def.kind {
        Kind::Text if !name.ends_with("__c") => {}
        Kind::Text => text(&mut body, false),
        Kind::Required => text(&mut body, true),
        Kind::AutoNumber => tag(&mut body, "type", "AutoNumber"),
        Kind::MasterDetail => {
            tag(&mut body, "referenceTo", "Account");
            tag(&mut body, "relationshipName", name.trim_end_matches("__c"));
            tag(&mut body, "type", "MasterDetail");
        }
        Kind::Lookup(target) => {
            tag(&mut body, "referenceTo", target);
            tag(&mut body, "relationshipName", "Links");
            tag(&mut body, "required", "false");
            tag(&mut body, "type", "Lookup");
        }
        Kind::Formula(reads) => {
            let written: Vec<String> = reads.iter().cloned().chain(["\"-\"".to_owned()]).collect();
            tag(&mut body, "formula", &written.join(" &amp; "));
            tag(&mut body, "type", "Text");
        }
    }
    document("CustomField", &body)
}

fn text(body: &mut String, required: bool) {
    tag(body, "length", "40");
    tag(body, "required", if required { "true" } else { "false" });
    tag(body, "type", "Text");
}

fn joined(label: &Label) -> String {
    label.groups.iter().cloned().collect::<Vec<_>>().join(";")
}

fn set_xml(kind: &str, name: &str, def: &SetDef) -> String {
    let mut body = String::new();
    for (field, entry) in &def.fields {
        let _ = writeln!(
            body,
            "    <fieldPermissions>\n        <editable>{}</editable>\n        <field>{field}</field>\n        \
             <readable>{}</readable>\n    </fieldPermissions>",
            entry.editable, entry.readable
        );
    }
    if kind != "Profile" {
        tag(&mut body, "label", name);
    }
    if let Some(license) = &def.license {
        tag(&mut body, if kind == "Profile" { "userLicense" } else { "license" }, license);
    }
    for (object, entry) in &def.objects {
        let _ = writeln!(
            body,
            "    <objectPermissions>\n        <allowCreate>{0}</allowCreate>\n        \
             <allowDelete>false</allowDelete>\n        <allowEdit>{0}</allowEdit>\n        \
             <allowRead>true</allowRead>\n        <modifyAllRecords>false</modifyAllRecords>\n        \
             <object>{object}</object>\n        <viewAllFields>{1}</viewAllFields>\n        \
             <viewAllRecords>false</viewAllRecords>\n    </objectPermissions>",
            entry.edit, entry.view_all_fields
        );
    }
    for (permission, enabled) in &def.user {
        let _ = writeln!(
            body,
            "    <userPermissions>\n        <enabled>{enabled}</enabled>\n        <name>{permission}</name>\n    \
             </userPermissions>"
        );
    }
    let text = document(kind, &body);
    if def.broken { text.replacen("</", "<", 1) } else { text }
}

fn group_xml(name: &str, def: &GroupDef) -> String {
    let mut body = String::new();
    tag(&mut body, "label", name);
    if let Some(muting) = &def.muting {
        tag(&mut body, "mutingPermissionSets", muting);
    }
    for member in &def.members {
        tag(&mut body, "permissionSets", member);
    }
    document("PermissionSetGroup", &body)
}

/// `.flsgate/`.
fn folder(org: &Org) -> BTreeMap<String, String> {
    let mut files = BTreeMap::from([(".flsgate/policy.yml".to_owned(), policy_yml(&org.policy))]);
    let mut by_holder: BTreeMap<&Holder, Vec<&Reason>> = BTreeMap::new();
    for reason in &org.reasons {
        by_holder.entry(&reason.holder).or_default().push(reason);
    }
    for (holder, reasons) in by_holder {
        let entries: String = reasons.iter().map(|reason| reason_yml(reason)).collect();
        files.insert(
            format!(".flsgate/justifications/{}.yml", holder_line(holder).replace([' ', ':', '"'], "-")),
            format!("{}\nentries:\n{entries}", holder_line(holder)),
        );
    }
    if !org.masks.is_empty() {
        let entries: String = org.masks.iter().map(mask_yml).collect();
        files.insert(
            ".flsgate/justifications/derived.yml".to_owned(),
            format!("kind: derived\nentries:\n{entries}"),
        );
    }
    if !org.exports.is_empty() {
        let mut text =
            "QualifiedApiName,EntityDefinition.QualifiedApiName,SecurityClassification,ComplianceGroup\n"
                .to_owned();
        for (name, label) in &org.exports {
            let (object, field) = name.split_once('.').unwrap_or((name, ""));
            let class = label.classification.as_deref().unwrap_or("");
            let _ = writeln!(text, "{field},{object},{class},{}", joined(label));
        }
        files.insert(".flsgate/labels/org.csv".to_owned(), text);
    }
    if !org.baseline.is_empty() {
        let lines: String = org.baseline.iter().map(line_yml).collect();
        files.insert(
            ".flsgate/baseline.yml".to_owned(),
            format!("version: 1\naccepted:\n{lines}findings: []\n"),
        );
    }
    files
}

fn holder_line(holder: &Holder) -> String {
    match holder {
        Holder::Set(name) => format!("permission_set: {name}"),
        Holder::Profile(name) => format!("profile: \"{name}\""),
        Holder::Group(name) => format!("permission_set_group: {name}"),
    }
}

fn access(value: Access) -> &'static str {
    if value == Access::Edit { "edit" } else { "read" }
}

fn words(number: u8) -> &'static str {
    ["the desk answers callers with it", "billing needs this every month", "planning of the next visits"]
        [usize::from(number) % 3]
}

fn expiry(number: u8) -> &'static str {
    ["2026-05-01", "2026-08-01", "2026-10-01", "2027-01-01"][usize::from(number) % 4]
}

fn reason_yml(reason: &Reason) -> String {
    let mut out = format!("  - field: {}\n", reason.field);
    if !reason.reviewed.is_empty() {
        let names: Vec<_> = reason.reviewed.iter().cloned().collect();
        let _ = writeln!(out, "    reviewed_fields: [{}]", names.join(", "));
    }
    let _ = write!(
        out,
        "    access: {}\n    justification: {}\n    compliance: kept on the page only\n    \
         owner: team{}@acme.example\n    expires: {}\n",
        access(reason.access),
        words(reason.reason),
        reason.owner,
        expiry(reason.expires)
    );
    out
}

fn mask_yml(mask: &Mask) -> String {
    let names: Vec<_> = mask.reads.iter().cloned().collect();
    format!(
        "  - field: {}\n    reads: [{}]\n    justification: {}\n    compliance: agreed with privacy\n    \
         owner: privacy@acme.example\n    expires: {}\n",
        mask.field,
        names.join(", "),
        words(mask.reason),
        expiry(2)
    )
}

fn line_yml(line: &Line) -> String {
    format!(
        "  - {{ {}, field: {}, access: {}, tier: {}, user_type: {}, reads: [{}] }}\n",
        holder_line(&line.holder),
        line.field,
        access(line.access),
        tier(line.tier),
        type_name(line.user),
        line.reads.iter().cloned().collect::<Vec<_>>().join(", ")
    )
}

fn tier(value: Tier) -> &'static str {
    match value {
        Tier::Open => "open",
        Tier::Conditional => "conditional",
        Tier::Restricted => "restricted",
    }
}

fn duty(value: Duty) -> &'static str {
    match value {
        Duty::Nothing => "allow",
        Duty::Justification => "justify",
        Duty::Approval => "approve",
        Duty::NotAllowed => "deny",
    }
}

fn type_name(value: UserType) -> &'static str {
    match value {
        UserType::Integration => "integration",
        UserType::Internal => "internal",
        UserType::External => "external",
        UserType::Guest => "guest",
    }
}

fn tier_yml(name: &str, rules: &TierRules) -> String {
    let enforcement = match rules.enforcement {
        Enforcement::Advisory => "advisory",
        Enforcement::Soft => "soft",
        Enforcement::Hard => "hard",
    };
    let profiles = if rules.profiles { "allow" } else { "deny" };
    format!(
        "  {name}: {{ read: {}, edit: {}, profiles: {profiles}, enforcement: {enforcement} }}\n",
        duty(rules.read),
        duty(rules.edit)
    )
}

fn policy_yml(policy: &Policy) -> String {
    let mut out = format!(
        "version: 1\nunknown_fields: {}\ntiers:\n{}{}",
        tier(policy.unknown),
        tier_yml("conditional", &policy.conditional),
        tier_yml("restricted", &policy.restricted)
    );
    let mut types = String::new();
    for user in [UserType::Guest, UserType::External, UserType::Integration, UserType::Internal] {
        let mut body = String::new();
        for ((_, at), (read, edit)) in policy.types.iter().filter(|((of, _), _)| *of == user) {
            let _ = writeln!(body, "    {}: {{ read: {}, edit: {} }}", tier(*at), duty(*read), duty(*edit));
        }
        let patterns: Vec<_> =
            policy.patterns.iter().filter(|(of, _)| *of == user).map(|(_, p)| format!("\"{p}\"")).collect();
        if !patterns.is_empty() {
            let _ = writeln!(body, "    names: [{}]", patterns.join(", "));
        }
        if !body.is_empty() {
            let _ = write!(types, "  {}:\n{body}", type_name(user));
        }
    }
    if !types.is_empty() {
        let _ = write!(out, "user_types:\n{types}");
    }
    if !policy.compliance.is_empty() {
        out.push_str("compliance:\n");
        for (group, (read, edit)) in &policy.compliance {
            let _ = writeln!(out, "  {group}: {{ read: {}, edit: {} }}", duty(*read), duty(*edit));
        }
    }
    if !policy.severities.is_empty() {
        out.push_str("rules:\n");
        for (rule, severity) in &policy.severities {
            let _ = writeln!(out, "  {rule}: {severity}");
        }
    }
    out
}
