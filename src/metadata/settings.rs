//! Everything that a permission set, profile, muting permission set or group says, entry by entry, whatever the type of
//! the entry. For comparing two versions of one; what decides about access reads them by their meaning.

use super::error::{MetadataError, Problem};
use super::xml::{Element, Xml};
use crate::source::{SourceFile, Span};
use crate::words::shorten;

/// One entry: for `<fieldPermissions>` the field, and what it may be done with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Name of the element, such as `fieldPermissions`.
    pub section: String,
    /// What the entry is about, such as the field; empty where the section has one entry alone, such as `license`.
    pub entry: String,
    /// What it says: names of the booleans that are true, and texts that are no name, sorted. Empty where it gives nothing.
    pub says: Vec<String>,
    /// Its bytes.
    pub place: Span,
}

/// Roots of the types, around their entries. Any other root is an entry itself: a piece of a decomposed component.
const ROOTS: &[&str] = &["PermissionSet", "Profile", "MutingPermissionSet", "PermissionSetGroup"];

/// Sections that hold one name for each element.
const LISTS: &[&str] = &["permissionSets", "mutingPermissionSets"];

/// Children that are no name of their entry, though they are text.
const TEXTS: &[&str] = &["visibility", "layout"];

/// What an entry says that is there and has nothing to be true or false.
const LISTED: &str = "listed";

/// Children that are true or false; so is each whose name begins with `allow`.
const BOOLEANS: &[&str] = &[
    "readable",
    "editable",
    "enabled",
    "visible",
    "default",
    "viewAllRecords",
    "modifyAllRecords",
    "viewAllFields",
];

/// What a child that stands alone below the root, without its entry around it, is the name of, and what stands beside it.
const BARE: &[(&str, &str, &[&str])] = &[
    ("field", "fieldPermissions", &["readable", "editable"]),
    (
        "object",
        "objectPermissions",
        &[
            "allowCreate",
            "allowDelete",
            "allowEdit",
            "allowRead",
            "modifyAllRecords",
            "viewAllRecords",
            "viewAllFields",
        ],
    ),
    ("name", "userPermissions", &["enabled"]),
];

/// Reads every entry of a file.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_settings_of(file: &SourceFile) -> Result<Vec<Setting>, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.any_root()?;
    let mut settings = Vec::new();
    if ROOTS.contains(&root.name) {
        while let Some(element) = xml.child(&root)? {
            settings.push(setting(&mut xml, &element, element.name)?);
        }
        join_bare(&mut settings);
    } else {
        let section = section(root.name);
        settings.push(setting(&mut xml, &root, &section)?);
    }
    xml.finish()?;
    Ok(settings)
}

/// The section of a piece: `FieldPermission` and `fieldPermissions` are one.
fn section(root: &str) -> String {
    let mut name: String = root.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    if !name.ends_with('s') {
        name.push('s');
    }
    name
}

fn setting<'a>(xml: &mut Xml<'a>, element: &Element<'a>, section: &str) -> Result<Setting, MetadataError> {
    let (mut names, mut says) = (Vec::new(), Vec::new());
    let (mut alone, mut has_booleans, mut odd) = (None, false, None);
    xml.leaves(element, &mut |path, text| {
        let (place, child) = (text.span, path.last().copied().unwrap_or_default());
        let text = text.value.trim();
        if path.len() == 1 {
            alone = Some(text.to_owned());
            return;
        }
        let boolean = match text {
            "1" => Some(true),
            "0" => Some(false),
            text if text.eq_ignore_ascii_case("true") => Some(true),
            text if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        };
        has_booleans |= boolean.is_some() || child == "visibility";
        match boolean {
            Some(true) => says.push(child.to_owned()),
            Some(false) => {}
            None if BOOLEANS.contains(&child) || child.starts_with("allow") => {
                odd = odd.take().or(Some((child, text.to_owned(), place)));
            }
            None if text.is_empty() => {}
            None if child == "visibility" && matches!(text, "None" | "Hidden") => {}
            None if TEXTS.contains(&child) => says.push(text.to_owned()),
            None => names.push((child, text.to_owned())),
        }
    })?;
    if let Some((child, text, place)) = odd {
        return Err(xml.error_in(place, Problem::Boolean { element: child.to_owned(), text: shorten(&text) }));
    }
    let place = xml.span(element);
    says.sort_unstable();
    // Whatever the order of its children.
    names.sort_unstable();
    let entry =
        |texts: &[(&str, String)]| texts.iter().map(|(_, t)| t.as_str()).collect::<Vec<_>>().join(" ");
    let mut entry = match names.as_slice() {
        // What is a name is known of these; of others each text stands with its element, so that none is taken for another.
        [] | [_] => entry(&names),
        several if section == "layoutAssignments" => entry(several),
        several => {
            several.iter().map(|(child, text)| format!("{child}={text}")).collect::<Vec<_>>().join(" ")
        }
    };
    if entry.is_empty() && section == "layoutAssignments" {
        // The layout of an object's records without a record type: `Case-Case Layout`.
        entry = says.first().and_then(|layout| layout.split('-').next()).unwrap_or_default().to_owned();
    }
    if says.is_empty() && !has_booleans && !names.is_empty() {
        says = vec![LISTED.into()];
    }
    if let Some(text) = alone.filter(|text| !text.is_empty()) {
        match LISTS.contains(&section) {
            true => (entry, says) = (text, vec![LISTED.into()]),
            false => says = vec![text],
        }
    }
    Ok(Setting { section: section.to_owned(), entry, says, place })
}

/// A piece may have its parent's root around what its entry holds: a name, and booleans beside it.
fn join_bare(settings: &mut Vec<Setting>) {
    let named = |setting: &Setting| {
        let (_, section, children) = BARE.iter().find(|(child, ..)| *child == setting.section)?;
        Some((*section, *children, setting.says.first()?.clone()))
    };
    let Some((section, children, entry)) = settings.iter().find_map(named) else { return };
    let is_part = |setting: &Setting| {
        setting.entry.is_empty()
            && (children.contains(&setting.section.as_str())
                || named(setting).is_some_and(|(own, ..)| own == section))
    };
    // Beside anything else it is a stray element, and the others count.
    if !settings.iter().all(is_part) {
        return;
    }
    let place = settings[0].place;
    let mut says: Vec<String> = std::mem::take(settings)
        .into_iter()
        .filter(|setting| {
            setting.says.first().is_some_and(|text| text == "1" || text.eq_ignore_ascii_case("true"))
        })
        .map(|setting| setting.section)
        .collect();
    says.sort_unstable();
    settings.push(Setting { section: section.to_owned(), entry, says, place });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::RepoPath;

    fn read(text: &str) -> Vec<(String, String, String)> {
        let file = SourceFile::new(RepoPath::from("A.permissionset-meta.xml"), text.as_bytes());
        let settings = parse_settings_of(&file).unwrap();
        settings.into_iter().map(|s| (s.section, s.entry, s.says.join("+"))).collect()
    }

    fn one(section: &str, entry: &str, says: &str) -> (String, String, String) {
        (section.into(), entry.into(), says.into())
    }

    #[test]
    fn entries_are_told_by_their_names_and_what_is_true() {
        let found = read(
            "<Profile><custom>true</custom><userLicense>Salesforce</userLicense>\
             <fieldPermissions><editable>false</editable><field>Contact.SSN__c</field><readable>true</readable></fieldPermissions>\
             <tabVisibilities><tab>standard-Case</tab><visibility>DefaultOn</visibility></tabVisibilities>\
             <tabVisibilities><tab>standard-Lead</tab><visibility>Hidden</visibility></tabVisibilities>\
             <layoutAssignments><layout>Case-Big</layout><recordType>Case.Big</recordType></layoutAssignments>\
             <layoutAssignments><layout>Lead-Small</layout></layoutAssignments>\
             <classAccesses><apexClass>A</apexClass><enabled>0</enabled></classAccesses></Profile>",
        );
        let expected = [
            one("custom", "", "true"),
            one("userLicense", "", "Salesforce"),
            one("fieldPermissions", "Contact.SSN__c", "readable"),
            one("tabVisibilities", "standard-Case", "DefaultOn"),
            one("tabVisibilities", "standard-Lead", ""),
            one("layoutAssignments", "Case.Big", "Case-Big"),
            one("layoutAssignments", "Lead", "Lead-Small"),
            one("classAccesses", "A", ""),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn members_of_a_group_are_entries() {
        let found = read(
            "<PermissionSetGroup><label>x</label><permissionSets>A</permissionSets><permissionSets>B</permissionSets></PermissionSetGroup>",
        );
        let expected = [
            one("label", "", "x"),
            one("permissionSets", "A", "listed"),
            one("permissionSets", "B", "listed"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_has_nothing_to_be_true_is_listed_and_no_order_matters() {
        let ranges = read(
            "<Profile><loginIpRanges><endAddress>9.9.9.9</endAddress><startAddress>1.1.1.1</startAddress></loginIpRanges>\
             <loginIpRanges><startAddress>1.1.1.1</startAddress><endAddress>9.9.9.9</endAddress></loginIpRanges></Profile>",
        );
        let range = one("loginIpRanges", "endAddress=9.9.9.9 startAddress=1.1.1.1", "listed");
        assert_eq!(ranges, [range.clone(), range]);
    }

    #[test]
    fn a_stray_name_hides_nothing() {
        let found = read(
            "<PermissionSet><name>Foo</name><userPermissions><enabled>TRUE</enabled><name>ModifyAllData</name>\
             </userPermissions></PermissionSet>",
        );
        assert_eq!(found, [one("name", "", "Foo"), one("userPermissions", "ModifyAllData", "enabled")]);
    }

    #[test]
    fn what_is_neither_true_nor_false_is_a_mistake() {
        let text = "<Profile><fieldPermissions><field>A.B</field><readable>yes</readable></fieldPermissions></Profile>";
        let file = SourceFile::new(RepoPath::from("A.profile-meta.xml"), text.as_bytes());
        assert!(matches!(parse_settings_of(&file).unwrap_err().problem, Problem::Boolean { .. }));
    }

    #[test]
    fn a_piece_is_an_entry_however_its_root_is_called() {
        let entry = [one("fieldPermissions", "A.B", "readable")];
        let inside = "<field>A.B</field><readable>true</readable><editable>false</editable>";
        for root in ["FieldPermission", "fieldPermissions", "PermissionSet"] {
            assert_eq!(read(&format!("<{root}>{inside}</{root}>")), entry, "{root}");
        }
    }
}
