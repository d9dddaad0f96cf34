//! Whether a file is where nothing but a component of its own can be: what takes access away counts only from such files.

/// Folders of which Salesforce's deploy library sends whatever lies in them as one component: bundles, and content of any name
/// (its registry: adapters `bundle`, `mixedContent`, `digitalExperience` and `uiBundles`; `emailservices`, whose suffix is
/// `xml`). Lower case.
const TAKEN_WHOLE: [&str; 18] = [
    "aiauthoringbundles",
    "apptemplates",
    "aura",
    "contenttypes",
    "digitalexperiences",
    "documents",
    "emailservices",
    "experiencepropertytypebundles",
    "experiences",
    "genaifunctions",
    "genaiplannerbundles",
    "integartifactdefs",
    "lightningtypes",
    "lwc",
    "staticresources",
    "uibundles",
    "uiwidgets",
    "wavetemplates",
];

/// Folders of further types that the library knows by them (its registry: `strictDirectoryName`). After the first root file
/// of such a type that lies deeper it looks at nothing else of that folder. Lower case.
const STRICT: [&str; 17] = [
    "accesscontrolpolicies",
    "actionableeventorchdefsettings",
    "actionableeventtypedefsettings",
    "appointmentassignmentpolicies",
    "appointmentschedulingpolicies",
    "botblocks",
    "bots",
    "bottemplates",
    "fieldrestrictionrules",
    "industriesmanufacturingsettings",
    "integrationhub",
    "mktdatasources",
    "objecthierarchyrelationship",
    "objects",
    "objecttranslations",
    "restrictionrules",
    "sites",
];

/// Whether the library takes what lies in this folder for something else, be it what it may.
pub fn is_taken_whole(folder: &str) -> bool {
    TAKEN_WHOLE.iter().any(|known| folder.eq_ignore_ascii_case(known))
}

/// How files of whole components end.
const ENDINGS: [&str; 6] =
    ["permissionset", "mutingpermissionset", "permissionsetgroup", "profile", "object", "field"];

/// Whether the file at a path surely is a component, or a piece of one, of its own: no hidden or set aside file (which the
/// library ignores as soon as there is a `.forceignore`), in no folder that is taken whole, and with endings in the letters
/// that the library looks for.
pub fn is_placed_plainly(path: &str) -> bool {
    const META: &str = "-meta.xml";
    let (folders, name) = path.rsplit_once('/').unwrap_or_default();
    let name = if folders.is_empty() { path } else { name };
    let is_aside = |part: &str| part.starts_with('.') || part.to_ascii_lowercase().ends_with(".dup");
    let stem = name.strip_suffix(META);
    let ending = stem.unwrap_or(name).rsplit_once('.').map_or("", |(_, ending)| ending);
    let of_object = ["object", "field"].iter().any(|known| known.eq_ignore_ascii_case(ending));
    let is_strict = |folder: &str| {
        let known = STRICT.iter().any(|known| folder.eq_ignore_ascii_case(known));
        known && !(of_object && folder.eq_ignore_ascii_case("objects"))
    };
    let is_elsewhere = |folder: &str| is_taken_whole(folder) || is_strict(folder);
    if path.split('/').any(is_aside) || folders.split('/').any(is_elsewhere) {
        return false;
    }
    let is_whole = ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending));
    let is_spelt = !is_whole || ENDINGS.contains(&ending);
    match stem {
        Some(_) => is_spelt,
        None if name.to_ascii_lowercase().ends_with(META) => false,
        // Without `-meta.xml` the folder around it tells: of `x.profile` it is `profiles`.
        None => {
            is_spelt
                && (!is_whole || folders.rsplit('/').next().and_then(|f| f.strip_suffix('s')) == Some(ending))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_placed_plainly;

    #[test]
    fn components_of_their_own() {
        for path in [
            "force-app/main/default/mutingpermissionsets/Mu.mutingpermissionset-meta.xml",
            "force-app/anywhere/Mu.mutingpermissionset-meta.xml",
            "src/profiles/Admin.profile",
            "src/objects/Account.object",
            "force-app/main/default/objects/Account/fields/Name.field-meta.xml",
            "Mu.profile-meta.xml",
            "force-app/main/default/permissionsets/Desk/Desk.fieldPermissions-meta.xml",
        ] {
            assert!(is_placed_plainly(path), "{path}");
        }
    }

    #[test]
    fn what_the_library_takes_for_something_else_or_for_nothing() {
        for path in [
            "force-app/main/default/lwc/c/Mu.mutingpermissionset-meta.xml",
            "force-app/main/default/staticresources/a/objects/Contact/fields/F__c.field-meta.xml",
            "force-app/main/default/waveTemplates/t/Mu.mutingpermissionset-meta.xml",
            "force-app/.hidden/Mu.mutingpermissionset-meta.xml",
            "force-app/main/default/sites/a/Mu.mutingpermissionset-meta.xml",
            "force-app/main/default/objects/Contact/Mu.mutingpermissionset-meta.xml",
            "force-app/a.dup/Mu.mutingpermissionset-meta.xml",
            "force-app/Mu.mutingpermissionset-meta.xml.dup",
            "force-app/Mu.mutingpermissionset-META.xml",
            "force-app/Mu.MutingPermissionSet-meta.xml",
            "force-app/mutingpermissionsets/Mu.MutingPermissionSet",
            "force-app/x/Mu.mutingpermissionset",
            "force-app/mutingpermissionsets/x/Mu.mutingpermissionset",
        ] {
            assert!(!is_placed_plainly(path), "{path}");
        }
    }
}
