//! Paths by hand; `tests/deploys.rs` has the deploy library's own answers.

use super::*;

fn component_of(path: &str) -> Option<Component> {
    component_beside(path, &[])
}

/// What the file at `path` is beside others.
fn component_beside(path: &str, others: &[&str]) -> Option<Component> {
    let paths: Vec<&str> = [path].iter().chain(others).copied().collect();
    place(&paths, |_| Presets::Off).swap_remove(0).map(|placed| placed.component)
}

fn set(name: &str) -> Option<Component> {
    Some(Component::Grantor(Grantor::new(GrantorKind::PermissionSet, name)))
}

#[test]
fn grantors_are_found_in_any_folder_and_format() {
    assert_eq!(component_of("force-app/main/default/permissionsets/A.permissionset-meta.xml"), set("A"));
    assert_eq!(component_of("src/permissionsets/A.permissionset"), set("a"));
    assert_eq!(component_of("permissionSets/team/A.PermissionSet-Meta.XML"), set("A"));
    let profile = Grantor::new(GrantorKind::Profile, "Custom: Sales (EU)");
    assert_eq!(
        component_of("profiles/Custom%3A Sales %28EU%29.profile-meta.xml"),
        Some(Component::Grantor(profile))
    );
}

#[test]
fn a_profile_may_be_called_as_builds_call_their_tokens() {
    let name = |path: &str| match component_of(path) {
        Some(Component::Grantor(grantor)) => grantor.name().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(name("profiles/___NAMESPACE___Sales.profile-meta.xml"), "___NAMESPACE___Sales");
    assert_eq!(name("permissionsets/___NAMESPACE___Sales.permissionset-meta.xml"), "Sales");
}

#[test]
fn fields_belong_to_the_folder_below_objects() {
    let ssn = FieldName::parse("Contact.SSN__c").map(Component::Field);
    assert_eq!(component_of("f/objects/Contact/fields/SSN__c.field-meta.xml"), ssn);
    assert_eq!(component_of("f/objects/Contact/SSN__c.field-meta.xml"), ssn);
    assert_eq!(component_of("f/objects/Contact/Objects/Decoy/SSN__c.field-meta.xml"), ssn);
    assert_eq!(component_of("f/Objects/Contact/fields/SSN__c.field-meta.xml"), ssn, "of another machine");
    for path in ["fields/SSN__c.field-meta.xml", "objects/Contact/SSN__c/SSN__c.field-meta.xml"] {
        assert!(matches!(component_of(path), Some(Component::Unsupported(_))), "{path}");
    }
    let object = Some(Component::Object("Contact".into()));
    assert_eq!(component_of("src/objects/Contact.object"), object);
    assert_eq!(component_of("f/objects/Contact/Contact.object-meta.xml"), object);
}

#[test]
fn an_object_below_a_country_folder_keeps_its_fields() {
    let path = "objects/Spain/Contact/fields/SSN__c.field-meta.xml";
    let root = "objects/Spain/Contact/Contact.object-meta.xml";
    assert_eq!(component_beside(path, &[root]), FieldName::parse("Contact.SSN__c").map(Component::Field));
    let other = "objects/Spain/Claim__c/Claim__c.object-meta.xml";
    assert!(matches!(component_beside(path, &[root, other]), Some(Component::Unsupported(_))));
}

#[test]
fn pieces_belong_to_the_nearest_folder_that_holds_their_root() {
    let root = "permissionsets/HR/HR.permissionset-meta.xml";
    for path in [
        root,
        "permissionsets/HR/fieldPermissions/A.B__c.fieldPermission-meta.xml",
        "permissionsets/HR/fieldPermissions/A.B__c.fieldPermission-meta.xml.bak",
        "permissionsets/HR/objectSettings/A.objectSettings-meta.xml",
        "permissionsets/HR/HR.userPermission-meta.xml",
        "permissionsets/HR/fieldPermissions/A.B__c.fieldPermissions-meta.xml",
        "permissionsets/HR/objectPermissions.xml",
        "permissionsets/HR/misc/A.B__c.fieldPermission-meta.xml",
        "permissionsets/HR/classAccesses/X.classAccess-meta.xml",
    ] {
        assert_eq!(component_beside(path, &[root]), set("HR"), "{path}");
    }
    let below = "permissionsets/Spain/HR/HR.permissionset-meta.xml";
    let piece = "permissionsets/Spain/HR/fieldPermissions.xml";
    assert_eq!(component_beside(piece, &[below]), set("HR"));
    for path in
        ["permissionsets/HR/.key_order.json", "permissionsets/HR/notes.md", "permissionsets/notes.xml"]
    {
        assert_eq!(component_beside(path, &[root]), None, "{path}");
    }
}

#[test]
fn pieces_that_cannot_be_read_are_never_taken_for_nothing() {
    let root = "profiles/HR/HR.profile-meta.xml";
    for path in [
        "profiles/HR/fieldPermissions/A.yaml",
        "profiles/HR/classAccesses.json",
        "profiles/Other/fieldPermissions.xml",
        "profiles/HR/mutingpermissionsets/M/fieldPermissions.xml",
        "profiles/HR/Other.profile-meta.xml",
        "somewhere/A.B__c.fieldPermission-meta.xml",
        "somewhere/A.B__c.FIELDPERMISSION-META.XML",
    ] {
        let others = [root, "profiles/HR/fieldPermissions.xml"];
        assert!(matches!(component_beside(path, &others), Some(Component::Unsupported(_))), "{path}");
    }
}

#[test]
fn under_a_preset_a_folder_of_several_sets_gives_each_all_pieces() {
    let paths = [
        "permissionsets/Spain/A/objectSettings/Contact.objectSettings-meta.xml",
        "permissionsets/Spain/A/A.permissionset-meta.xml",
        "permissionsets/Spain/B/B.permissionset-meta.xml",
    ];
    let first = |presets: Presets| place(&paths, |_| presets).swap_remove(0).map(|placed| placed.component);
    assert_eq!(first(Presets::Off), set("A"), "a plugin's own reading");
    assert!(matches!(first(Presets::On), Some(Component::Unsupported(_))));
}

#[test]
fn other_files_are_nothing() {
    for path in
        ["README.md", "classes/A.cls", "objects/A/listViews/x.listView-meta.xml", ".profile", "a.object"]
    {
        assert_eq!(component_of(path), None, "{path}");
    }
}

#[test]
fn files_beside_access_are_told_by_their_names() {
    let of = |path: &str| aside(path).map(|(kind, name)| format!("{kind:?} {name}"));
    for (path, expected) in [
        ("force-app/main/default/flows/A.flow-meta.xml", Some("Flow A")),
        ("anywhere/A%28b%29.flow-meta.xml.bak", Some("Flow A(b)")),
        ("src/flows/A.flow", Some("Flow A")),
        ("docs/A.flow", None),
        ("settings/Flow.settings-meta.xml", Some("Settings Flow")),
        ("app.settings", None),
        ("email/Team/Hi.email", Some("EmailBody Hi")),
        ("email/Team/Hi.email-meta.xml", Some("EmailTemplate Hi")),
        ("classes/A.cls", Some("ApexBody A")),
        ("classes/A.cls-meta.xml", Some("ApexClass A")),
        ("fieldRestrictionRules/A.rule", Some("RestrictionRule A")),
        ("permissionsets/A.permissionset-meta.xml", None),
        (".flow", None),
        ("README", None),
    ] {
        assert_eq!(of(path).as_deref(), expected, "{path}");
        // What gives access is known by its own names.
        assert!(expected.is_none() || !bears_on_access(path), "{path}");
    }
}
