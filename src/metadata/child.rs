//! Children that stand once in their parent: read, missing, or there twice.

use super::error::{MetadataError, Problem};
use super::xml::{Element, Xml};
use crate::source::{Span, Spanned};

pub(super) fn once<'a>(
    xml: &mut Xml<'a>,
    parent: &Element<'a>,
    child: &Element<'a>,
    name: &'static str,
    slot: &mut Option<Spanned<String>>,
) -> Result<(), MetadataError> {
    let text = xml.text(child)?;
    if slot.is_some() {
        return Err(repeated(xml, parent, text.span, name));
    }
    *slot = Some(Spanned::new(text.value.into_owned(), text.span));
    Ok(())
}

pub(super) fn missing(xml: &Xml<'_>, parent: &Element<'_>, span: Span, child: &'static str) -> MetadataError {
    xml.error_in(span, Problem::Missing { parent: parent.name.to_owned(), child })
}

pub(super) fn repeated(
    xml: &Xml<'_>,
    parent: &Element<'_>,
    span: Span,
    child: &'static str,
) -> MetadataError {
    xml.error_in(span, Problem::Repeated { parent: parent.name.to_owned(), child })
}
