//! Permission files from raw bytes: as retrieving writes them, with a few deviations, or in any form that
//! XML allows. Random bytes hardly ever come near either.

use libfuzzer_sys::arbitrary::{Result, Unstructured};

/// The roots that permission files have.
pub const ROOTS: [&str; 3] = ["PermissionSet", "Profile", "MutingPermissionSet"];

/// An input that starts like XML is taken as it is; from any other one a file is built. With
/// `FLSGATE_FUZZ_SHOW=1` it is printed, since the input of a find says nothing.
pub fn or_as_it_is(
    data: &[u8],
    build: impl FnOnce(&mut Unstructured<'_>) -> Result<Vec<u8>>,
) -> Option<Vec<u8>> {
    let raw = data.trim_ascii_start();
    if raw.starts_with(b"<") || raw.starts_with(b"\xEF\xBB\xBF") {
        return Some(data.to_vec());
    }
    let built = build(&mut Unstructured::new(data)).ok()?;
    if std::env::var_os("FLSGATE_FUZZ_SHOW").is_some() {
        eprintln!("{}", built.escape_ascii());
    }
    Some(built)
}

fn pick<'p>(u: &mut Unstructured<'_>, from: &[&'p str]) -> Result<&'p str> {
    u.choose(from).copied()
}

/// Usually the first, sometimes another one.
fn mostly<'p>(u: &mut Unstructured<'_>, from: &[&'p str]) -> Result<&'p str> {
    if u.ratio(20, 21)? { Ok(from[0]) } else { pick(u, from) }
}

const FIELDS: &[&str] = &[
    "Contact.SSN__c",
    "Account.Name",
    "ns__Claim__c.ns__Iban__c",
    "A.B",
    "Contact.A_B_C",
    "contact.ssn__C",
    "Task.X__c",
    "Contact.S___X___c",
    "Contact.___NAMESPACE___SSN__c",
    "%%%NAMESPACE%%%Claim__c.Iban__c",
    "Contact",
    "Contact.",
    ".SSN__c",
    "Contact.SSN__c.X",
    "Contact. SSN__c",
    " Contact.SSN__c ",
    "Contact.S&amp;N",
    "Contact.&#83;SN__c",
    "Contact.Ü__c",
    "Contact.SSN__c&#10;",
    "Contact.<!-- -->SSN__c",
    "<![CDATA[Contact.SSN__c]]>",
    "",
];
const BOOLEANS: &[&str] =
    &["true", "false", "TRUE", "1", "0", " true", "true\n", "", "tru", "yes", "t<!---->rue", "&#116;rue"];
const NAMES: &[&str] = &[
    "Contact",
    "ns__Claim__c",
    "ViewAllData",
    "A_B",
    "A___B___C",
    "A B",
    "",
    " Contact",
    "Ü",
    "A&amp;B",
    "___X___A",
];
const TEXTS: &[&str] = &[
    "Desk",
    "two\nlines",
    "a &amp; b &lt;c&gt;",
    "schön",
    "",
    " ",
    "\n",
    "a ]]> b",
    "&other;",
    "<![CDATA[x]]>",
    "a\r\nb",
    "a > b",
    "=======",
    "\n=======\n",
    "true",
    "<y>1</y>",
    "&#x1;",
    "\u{feff}",
    "\u{1}",
];
const TAGS: &[&str] = &[
    "label",
    "description",
    "custom",
    "license",
    "userLicense",
    "hasActivationRequired",
    "fieldPermissions",
    "FieldPermission",
    "fieldLevelSecurities",
    "objectPermissions",
    "ObjectPermission",
    "userPermissions",
    "UserPermission",
    "customMetadataTypeAccesses",
    "CustomMetadataTypeAccess",
    "customSettingAccesses",
    "CustomSettingAccess",
    "readable",
    "field",
    "a",
    "a1",
    "1a",
    "a-b",
    "p:label",
    "",
];
const CHILDREN: &[&str] = &[
    "allowCreate",
    "allowDelete",
    "allowEdit",
    "allowRead",
    "modifyAllRecords",
    "viewAllFields",
    "viewAllRecords",
    "allowread",
    "other",
];

/// A file as retrieving writes it, with up to three deviations.
pub fn retrieved(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let root = pick(u, &ROOTS)?;
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n"
    );
    for _ in 0..u.int_in_range(0..=10)? {
        item(u, &mut out)?;
    }
    out.push_str(&format!("</{root}>"));
    out.push_str(mostly(u, &["\n", "", "\n\n", " ", "<x/>", "<!-- -->"])?);
    let mut out = out.into_bytes();
    for _ in 0..u.int_in_range(0..=5)?.max(2) - 2 {
        deviate(u, &mut out)?;
    }
    Ok(out)
}

fn item(u: &mut Unstructured<'_>, out: &mut String) -> Result<()> {
    match u.int_in_range(0..=20)? {
        0..=12 => {
            let (editable, readable) = (truth(u)?, truth(u)?);
            let field = mostly_any(u, FIELDS, 4)?;
            out.push_str(&format!(
                "    <fieldPermissions>\n        <editable>{editable}</editable>\n        <field>{field}</field>\n        \
                 <readable>{readable}</readable>\n    </fieldPermissions>\n"
            ));
        }
        13 | 14 => {
            let (tag, text) = (mostly_any(u, TAGS, 3)?, mostly_any(u, TEXTS, 5)?);
            out.push_str(&format!("    <{tag}>{text}</{tag}>\n"));
        }
        15 | 16 => {
            out.push_str("    <objectPermissions>\n");
            for _ in 0..u.int_in_range(0..=7)? {
                let child = mostly_any(u, CHILDREN, 7)?;
                out.push_str(&format!("        <{child}>{}</{child}>\n", truth(u)?));
            }
            for _ in 0..usually_one(u)? {
                out.push_str(&format!("        <object>{}</object>\n", mostly_any(u, NAMES, 4)?));
            }
            out.push_str("    </objectPermissions>\n");
        }
        17 => {
            out.push_str("    <userPermissions>\n");
            for _ in 0..usually_one(u)? {
                out.push_str(&format!("        <enabled>{}</enabled>\n", truth(u)?));
            }
            for _ in 0..usually_one(u)? {
                out.push_str(&format!("        <name>{}</name>\n", mostly_any(u, NAMES, 4)?));
            }
            out.push_str("    </userPermissions>\n");
        }
        18 => block(u, out, 1)?,
        19 => out.push_str(&format!("    <license>{}</license>\n", mostly_any(u, TEXTS, 1)?)),
        _ => out.push_str(pick(
            u,
            &[
                "    <!-- comment -->\n",
                "    <x/>\n",
                "\n",
                "    text\n",
                "<?pi?>\n",
                "    <fieldPermissions/>\n",
                "    <fieldPermissions></fieldPermissions>\n",
                "    <fieldPermissions>\n    </fieldPermissions>\n",
                "    <license/>\n",
            ],
        )?),
    }
    Ok(())
}

/// An element with others in it, of which retrieving writes many kinds.
fn block(u: &mut Unstructured<'_>, out: &mut String, depth: usize) -> Result<()> {
    let tag = mostly_any(u, TAGS, 3)?;
    let indent = "    ".repeat(depth);
    out.push_str(&format!("{indent}<{tag}>\n"));
    for _ in 0..u.int_in_range(1..=3)? {
        if depth < 9 && u.ratio(1, 3)? {
            block(u, out, depth + 1)?;
        } else {
            let (tag, text) = (mostly_any(u, TAGS, 6)?, mostly_any(u, TEXTS, 5)?);
            out.push_str(&format!("{indent}    <{tag}>{text}</{tag}>\n"));
        }
    }
    out.push_str(&format!("{indent}</{tag}>\n"));
    Ok(())
}

fn truth(u: &mut Unstructured<'_>) -> Result<&'static str> {
    if u.ratio(40, 41)? { pick(u, &["true", "false"]) } else { pick(u, BOOLEANS) }
}

/// Usually one of the first `plain`, sometimes any.
fn mostly_any<'p>(u: &mut Unstructured<'_>, from: &[&'p str], plain: usize) -> Result<&'p str> {
    if u.ratio(30, 31)? { pick(u, &from[..plain]) } else { pick(u, from) }
}

/// How often something stands in an entry.
fn usually_one(u: &mut Unstructured<'_>) -> Result<usize> {
    if u.ratio(20, 21)? { Ok(1) } else { u.int_in_range(0..=2) }
}

/// One small change somewhere.
fn deviate(u: &mut Unstructured<'_>, out: &mut Vec<u8>) -> Result<()> {
    const BYTES: &[u8] = b"<>/&;=\"' \n\r\tAz09_.-!?[]#x\x00\x7f\xc3\xa9\xff";
    if out.is_empty() {
        return Ok(());
    }
    let at = u.choose_index(out.len())?;
    match u.int_in_range(0..=6)? {
        0 => out[at] = *u.choose(BYTES)?,
        1 => drop(out.remove(at)),
        2 => out.insert(at, *u.choose(BYTES)?),
        3 => {
            let end = (at + u.int_in_range(1..=120)?).min(out.len());
            let piece = out[at..end].to_vec();
            let to = u.choose_index(out.len())?;
            out.splice(to..to, piece);
        }
        4 => {
            let end = (at + u.int_in_range(1..=60)?).min(out.len());
            out.drain(at..end);
        }
        5 => {
            let mut lines: Vec<&[u8]> = out.split_inclusive(|b| *b == b'\n').collect();
            let (from, to) = (u.choose_index(lines.len())?, u.choose_index(lines.len())?);
            lines.swap(from, to);
            *out = lines.concat();
        }
        _ => {
            let word = pick(u, &["true", "false", "<!-- -->", "    ", "<x>", "</x>", "]]>", "&lt;", "\r\n"])?;
            out.splice(at..at, word.bytes());
        }
    }
    Ok(())
}

/// A permission file in any form that XML allows, and some that it does not.
pub fn any_xml(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let root = pick(u, &ROOTS)?;
    let mut out = String::new();
    out.push_str(mostly(u, &["", "\u{feff}", "\u{feff}\u{feff}", " ", "\n"])?);
    out.push_str(mostly(
        u,
        &[
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
            "",
            "<?xml version='1.0'?>",
            "<?xml version=\"1.1\"?>",
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>",
            "<?xml encoding=\"UTF-8\"?>",
            "<?xml version=\"1.0\" standalone=\"yes\"?>",
            "<?XML?>",
            "<!DOCTYPE x>",
        ],
    )?);
    between(u, &mut out)?;
    let names = [root, "fieldPermissions", "FieldPermission", "p:PermissionSet", "x"];
    let root = mostly(u, &names)?;
    out.push_str(&format!("<{root}{}>", attributes(u)?));
    if matches!(root, "fieldPermissions" | "FieldPermission") {
        entry_children(u, &mut out)?;
    } else {
        for _ in 0..u.int_in_range(0..=6)? {
            between(u, &mut out)?;
            if u.ratio(3, 4)? {
                let names =
                    ["fieldPermissions", "FieldPermission", "fieldLevelSecurities", "p:fieldPermissions"];
                let tag = mostly(u, &names)?;
                out.push_str(&format!("<{tag}{}>", attributes(u)?));
                entry_children(u, &mut out)?;
                out.push_str(&end_tag(u, tag)?);
            } else {
                any_element(u, &mut out, 0)?;
            }
        }
    }
    out.push_str(&end_tag(u, root)?);
    between(u, &mut out)?;
    let mut out = out.into_bytes();
    for _ in 0..u.int_in_range(0..=4)?.max(2) - 2 {
        deviate(u, &mut out)?;
    }
    Ok(out)
}

fn entry_children(u: &mut Unstructured<'_>, out: &mut String) -> Result<()> {
    for _ in 0..u.int_in_range(0..=3)? {
        any_child(u, out)?;
    }
    for _ in 0..usually_one(u)? {
        let text = any_text(u, FIELDS)?;
        with_text(u, out, "field", &text)?;
    }
    for _ in 0..u.int_in_range(0..=3)? {
        any_child(u, out)?;
    }
    between(u, out)
}

fn any_child(u: &mut Unstructured<'_>, out: &mut String) -> Result<()> {
    between(u, out)?;
    let tag = match u.int_in_range(0..=7)? {
        0..=2 => "readable",
        3..=5 => "editable",
        6 => "hidden",
        _ => return any_element(u, out, 0),
    };
    let text = any_text(u, BOOLEANS)?;
    with_text(u, out, tag, &text)
}

fn with_text(u: &mut Unstructured<'_>, out: &mut String, tag: &str, text: &str) -> Result<()> {
    if u.ratio(1, 40)? {
        out.push_str(&format!("<{tag}{}/>", attributes(u)?));
    } else {
        out.push_str(&format!("<{tag}{}>{text}{}", attributes(u)?, end_tag(u, tag)?));
    }
    Ok(())
}

fn any_element(u: &mut Unstructured<'_>, out: &mut String, depth: usize) -> Result<()> {
    let tag = mostly_any(u, TAGS, 16)?;
    if u.ratio(1, 4)? {
        out.push_str(&format!("<{tag}{}/>", attributes(u)?));
        return Ok(());
    }
    out.push_str(&format!("<{tag}{}>", attributes(u)?));
    if depth < 5 && u.ratio(1, 2)? {
        any_element(u, out, depth + 1)?;
    } else {
        out.push_str(&any_text(u, TEXTS)?);
    }
    out.push_str(&end_tag(u, tag)?);
    Ok(())
}

/// A text, perhaps written in another way that XML holds equal.
fn any_text(u: &mut Unstructured<'_>, from: &[&str]) -> Result<String> {
    let text = if u.ratio(15, 16)? { pick(u, &from[..4])? } else { pick(u, from)? };
    Ok(match u.int_in_range(0..=9)? {
        0 => format!("<![CDATA[{text}]]>"),
        1 => text.chars().map(|c| format!("&#{};", u32::from(c))).collect(),
        2 => text.chars().map(|c| format!("&#x{:X};", u32::from(c))).collect(),
        3 => {
            let at = text.char_indices().nth(u.int_in_range(0..=5)?).map_or(text.len(), |(at, _)| at);
            let (a, b) = text.split_at(at);
            format!("{a}{}{b}", pick(u, &["<!-- c -->", "<?pi x?>", "<![CDATA[]]>", "&#x20;", "\r\n"])?)
        }
        4 => format!("\n  {text}\t"),
        _ => text.to_owned(),
    })
}

fn attributes(u: &mut Unstructured<'_>) -> Result<&'static str> {
    mostly(
        u,
        &[
            "",
            " xmlns=\"http://soap.sforce.com/2006/04/metadata\"",
            " xmlns:p=\"urn:p\"",
            " a=\"b\"",
            " a='<'",
            " a='>'",
            " a=\">\"",
            " a=\"/\"",
            " a=\"b\" a=\"c\"",
            " a",
            " a=b",
            " a=\"&lt;\"",
            " a=\"&x;\"",
            " xsi:nil=\"true\"",
            " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"",
            " ",
            "\n",
            "/",
            " =",
            " a=\"",
        ],
    )
}

fn end_tag(u: &mut Unstructured<'_>, tag: &str) -> Result<String> {
    Ok(match u.int_in_range(0..=99)? {
        10..=14 => format!("</{tag} >"),
        15..=19 => format!("</{tag}\n>"),
        2 => format!("</ {tag}>"),
        3 => String::new(),
        4 => format!("</{tag}x>"),
        5 => format!("</{tag} a=\"b\">"),
        _ => format!("</{tag}>"),
    })
}

fn between(u: &mut Unstructured<'_>, out: &mut String) -> Result<()> {
    const FINE: &[&str] = &[
        "",
        "\n    ",
        "\r\n",
        "\r",
        "<!-- a -->",
        "<!---->",
        "<!-- <fieldPermissions><field>A.C</field><readable>true</readable></fieldPermissions> -->",
        "<?pi <fieldPermissions> ?>",
    ];
    out.push_str(if u.ratio(2, 3)? { "" } else { pick(u, FINE)? });
    out.push_str(mostly(
        u,
        &[
            "",
            "<!-- a -- b -->",
            "<!--->",
            "<??>",
            "<?xml version=\"1.0\"?>",
            "<![CDATA[<fieldPermissions>]]>",
            "text",
            "a ]]> b",
            "&amp;",
            "&#x0;",
            "&#x1f;",
            "&x;",
            "=======\n",
            "<<<<<<< HEAD\n",
            "\u{85}",
            "\u{a0}",
            "\u{fffe}",
            "\u{7f}",
            "<!DOCTYPE a>",
            "<!ELEMENT a>",
            "<![IGNORE[",
        ],
    )?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flsgate::metadata::{parse_permission_set, read_retrieved};
    use flsgate::source::SourceFile;

    fn noise(seed: u64) -> Vec<u8> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        (0..600)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 24) as u8
            })
            .collect()
    }

    /// The builders are of use only if much of what they build is taken.
    #[test]
    fn enough_is_taken() {
        let (mut quick, mut entries, mut any) = (0, 0, 0);
        for seed in 1..=2000 {
            let noise = noise(seed);
            let bytes = retrieved(&mut Unstructured::new(&noise)).unwrap();
            if let Some(found) = ROOTS.iter().find_map(|root| read_retrieved(&bytes, root)) {
                quick += 1;
                entries += found.fields.len() + found.objects.len() + found.users.len();
            }
            let bytes = any_xml(&mut Unstructured::new(&noise)).unwrap();
            let file = SourceFile::new("f.xml".into(), bytes);
            any += usize::from(parse_permission_set(&file).is_ok_and(|p| !p.fields.is_empty()));
        }
        println!("{quick} quick with {entries} entries, {any} with entries in any form, of 2000");
        assert!(quick > 100 && entries > 200 && any > 20, "{quick} {entries} {any}");
    }
}
