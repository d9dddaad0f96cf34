//! Dashboards with a fixed running user, whose viewers see what that user may read, and the reports that they show
//! (*Metadata API Developer Guide*, Dashboard and Report).

use super::error::MetadataError;
use super::named::{Named, steps};
use super::xml::Xml;
use crate::source::{SourceFile, Span, Spanned};

/// More components of a dashboard, and more columns of a report, than Salesforce takes: such a file does not deploy.
const MAX_COMPONENTS: usize = 50;
const MAX_COLUMNS: usize = 250;

/// A dashboard.
#[derive(Debug, Default)]
pub struct Dashboard {
    /// The element by which everybody sees what one user may read.
    pub fixed_user: Option<Span>,
    /// The reports of its components.
    pub components: Vec<Component>,
}

/// A component of a dashboard.
#[derive(Debug)]
pub struct Component {
    /// Folder and name of its report, as `Folder/Report`.
    pub report: Spanned<String>,
    /// It is a chart or a number: it shows how the report groups and what it sums up, and no single rows.
    pub is_chart: bool,
}

/// A column that a report names.
#[derive(Debug)]
pub struct Column {
    /// The field.
    pub named: Named,
    /// The report groups by it or sums it up.
    pub in_charts: bool,
}

/// Reads a dashboard.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_dashboard(file: &SourceFile) -> Result<Dashboard, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["Dashboard"], "`<Dashboard>`")?;
    let mut dashboard = Dashboard::default();
    while let Some(element) = xml.child(&root)? {
        match element.name {
            "dashboardType" => {
                let text = xml.text(&element)?;
                if text.value.eq_ignore_ascii_case("SpecifiedUser") {
                    dashboard.fixed_user = Some(text.span);
                }
            }
            "leftSection" | "middleSection" | "rightSection" | "dashboardGridLayout" => {
                while let Some(child) = xml.child(&element)? {
                    let (mut report, mut kind) = (None, String::new());
                    xml.leaves(&child, &mut |names, text| match names.last() {
                        Some(&"report") => {
                            report = Some(Spanned::new(text.value.trim().to_owned(), text.span));
                        }
                        Some(&"componentType") => kind = text.value.trim().to_ascii_lowercase(),
                        _ => {}
                    })?;
                    // What is not known to be a chart may show rows.
                    let charts =
                        ["bar", "column", "line", "pie", "donut", "funnel", "scatter", "gauge", "metric"];
                    let is_chart = charts.iter().any(|word| kind.contains(word));
                    dashboard.components.extend(report.map(|report| Component { report, is_chart }));
                }
            }
            _ => {
                xml.skip(&element)?;
            }
        }
    }
    xml.finish()?;
    dashboard.components.truncate(MAX_COMPONENTS);
    Ok(dashboard)
}

/// Reads the columns of a report.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_report(file: &SourceFile) -> Result<Vec<Column>, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["Report"], "`<Report>`")?;
    let mut columns = Vec::new();
    while let Some(element) = xml.child(&root)? {
        if !["columns", "groupingsDown", "groupingsAcross"].contains(&element.name) {
            xml.skip(&element)?;
            continue;
        }
        let (mut field, mut in_charts) = (None, element.name != "columns");
        xml.leaves(&element, &mut |names, text| match names.last() {
            Some(&"field") => field = column(&text.value, text.span),
            Some(&"aggregateTypes") => in_charts = true,
            _ => {}
        })?;
        columns.extend(field.map(|named| Column { named, in_charts }));
    }
    xml.finish()?;
    columns.truncate(MAX_COLUMNS);
    Ok(columns)
}

/// `Claim__c$Iban__c` of a custom report type, and `Claim__c.Iban__c` of others.
pub(super) fn column(text: &str, span: Span) -> Option<Named> {
    let text = text.trim();
    let dotted = match text.rsplit_once('$') {
        Some((objects, field)) => format!("{}.{field}", objects.rsplit('.').next().unwrap_or(objects)),
        None => text.to_owned(),
    };
    let (object, path) = steps(&dotted)?;
    Some(Named { object: object.to_owned(), path, span })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_name_their_object() {
        let name =
            |text: &str| column(text, Span::default()).map(|n| format!("{} {}", n.object, n.path.join(".")));
        assert_eq!(name("Claim__c$Iban__c").as_deref(), Some("Claim__c Iban__c"));
        assert_eq!(name("Contact$Account.Secret__c").as_deref(), Some("Contact Account.Secret__c"));
        assert_eq!(name("Contact.SSN__c").as_deref(), Some("Contact SSN__c"));
        assert_eq!(name("CUST_NAME"), None);
        assert_eq!(name("$"), None);
    }
}
