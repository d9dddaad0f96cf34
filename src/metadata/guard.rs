//! Switches that guard data: settings of the org, and rules that restrict what people see. None of them gives access;
//! where one is switched off, people see what it kept from them.

use super::error::{MetadataError, Problem};
use super::xml::Xml;
use crate::source::{SourceFile, Span, Spanned};

/// A switch that guards.
#[derive(Debug, PartialEq, Eq)]
pub struct Guard {
    /// The root element of its file.
    pub root: &'static str,
    /// The element.
    pub element: &'static str,
    /// The value that guards.
    pub safe: bool,
    /// Another element of the file that guards the same, if it has its safe value.
    pub instead: Option<&'static str>,
    /// What it means that it is switched off.
    pub off: &'static str,
}

/// Every switch that is known here. Source: *Metadata API Developer Guide* of API version 67, the types of the same
/// names. `Flow.doesFormulaEnforceDataAccess` guards records and not fields; personal information is concealed by one
/// of two elements, and the guide has the old one switched off before the new one is switched on.
static GUARDS: [Guard; 9] = [
    Guard {
        root: "UserManagementSettings",
        element: "enableEnhancedConcealPersonalInfo",
        safe: true,
        instead: None,
        off: "external users see the personal information in user records",
    },
    Guard {
        root: "UserManagementSettings",
        element: "enableConcealPersonalInfo",
        safe: true,
        instead: Some("enableEnhancedConcealPersonalInfo"),
        off: "external users see the personal information in user records",
    },
    Guard {
        root: "FlowSettings",
        element: "enableFlowViaRestUsesUserCtxt",
        safe: true,
        instead: None,
        off: "flows that are started over the REST API no longer keep to the object permissions and field-level \
              security of their user",
    },
    Guard {
        root: "FlowSettings",
        element: "doesFormulaEnforceDataAccess",
        safe: true,
        instead: None,
        off: "formulas in flows show data of records that the user has no access to",
    },
    Guard {
        root: "EinsteinAISettings",
        element: "enableTrustPIIMasking",
        safe: true,
        instead: None,
        off: "personal information goes to language models unmasked",
    },
    Guard {
        root: "SchemaSettings",
        element: "enableAdvancedCMTSecurity",
        safe: true,
        instead: None,
        off: "values of custom metadata types can be read over the API, not by Apex, flows and formulas alone",
    },
    Guard {
        root: "SchemaSettings",
        element: "enableAdvancedCSSecurity",
        safe: true,
        instead: None,
        off: "values of custom settings can be read over the API, not by Apex, flows and formulas alone",
    },
    Guard {
        root: "RestrictionRule",
        element: "active",
        safe: true,
        instead: None,
        off: "the users whom it restricts see every record that they have access to",
    },
    Guard {
        root: "FieldRestrictionRule",
        element: "active",
        safe: true,
        instead: None,
        off: "the users whom it restricts see the fields that it hides",
    },
];

impl Guard {
    /// Whether a settings file of this name can hold any.
    pub fn is_in_settings(name: &str) -> bool {
        GUARDS.iter().any(|guard| guard.settings().is_some_and(|of| of.eq_ignore_ascii_case(name)))
    }

    /// The name of its settings; `None` where it is a rule of its own.
    pub fn settings(&self) -> Option<&'static str> {
        self.root.strip_suffix("Settings")
    }
}

/// What a file says of the switches in it.
#[derive(Debug, Default)]
pub struct Guards {
    values: Vec<(&'static Guard, Spanned<bool>)>,
}

impl Guards {
    /// The element that leaves a switch on beyond doubt.
    pub fn surely_on(&self, guard: &Guard) -> Option<Span> {
        let sure = self.off(guard).is_none();
        self.of(guard).next().filter(|_| sure).map(|said| said.span)
    }

    /// The element that switches it off.
    pub fn off(&self, guard: &Guard) -> Option<Span> {
        self.of(guard).find(|said| said.value != guard.safe).map(|said| said.span)
    }

    /// Whether another element of the file guards the same.
    fn is_guarded_otherwise(&self, guard: &Guard) -> bool {
        let other = GUARDS.iter().find(|of| of.root == guard.root && Some(of.element) == guard.instead);
        other.is_some_and(|other| self.surely_on(other).is_some())
    }

    /// Every switch that is off and that nothing else takes the place of.
    pub fn all_off(&self) -> impl Iterator<Item = (&'static Guard, Span)> {
        let off = |guard: &'static Guard| Some((guard, self.off(guard)?));
        GUARDS.iter().filter_map(off).filter(|(guard, _)| !self.is_guarded_otherwise(guard))
    }

    fn of(&self, guard: &Guard) -> impl Iterator<Item = &Spanned<bool>> {
        self.values.iter().filter(move |(of, _)| **of == *guard).map(|(_, said)| said)
    }
}

/// Reads a settings file by the name of its settings.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_settings(file: &SourceFile, name: &str) -> Result<Guards, MetadataError> {
    let root = GUARDS.iter().find(|guard| guard.settings().is_some_and(|of| of.eq_ignore_ascii_case(name)));
    match root {
        Some(guard) => parse(file, &[guard.root], "the settings that it is named after"),
        None => Ok(Guards::default()),
    }
}

/// Reads a restriction rule. One that says nothing is not active: the guide's default is `false`. A scoping rule, which
/// is the same type, restricts nobody.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_restriction_rule(file: &SourceFile) -> Result<Guards, MetadataError> {
    match parse(file, &["RestrictionRule", "FieldRestrictionRule"], "`<RestrictionRule>`") {
        // Other types have files of this suffix, too.
        Err(error) if matches!(error.problem, Problem::Root { .. }) => Ok(Guards::default()),
        read => read,
    }
}

fn parse(file: &SourceFile, roots: &[&str], expected: &'static str) -> Result<Guards, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(roots, expected)?;
    let own = || GUARDS.iter().filter(|guard| guard.root == root.name);
    let (mut found, mut scoping) = (Guards::default(), None);
    while let Some(element) = xml.child(&root)? {
        if let Some(guard) = own().find(|guard| guard.element == element.name) {
            found.values.push((guard, xml.boolean(&element)?));
        } else if element.name == "enforcementType" {
            let text = xml.text(&element)?;
            scoping = scoping.or(text.value.eq_ignore_ascii_case("Scoping").then_some(text.span));
        } else {
            xml.skip(&element)?;
        }
    }
    xml.finish()?;
    if let Some(guard) = own().find(|guard| guard.settings().is_none()) {
        let start = Span::new(root.start, root.start + 1 + root.name.len());
        let silent = found.values.is_empty().then_some(start);
        let off = scoping.or(silent).map(|span| (guard, Spanned::new(!guard.safe, span)));
        found.values.extend(off);
    }
    Ok(found)
}
