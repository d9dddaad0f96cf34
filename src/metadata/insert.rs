//! Where a new entry goes in a file that is sorted as retrieving sorts it.

use super::error::{MetadataError, Problem};
use super::xml::Xml;
use crate::source::SourceFile;

/// The byte offset at which an entry `<tag>` whose child `<key_child>` says `key` belongs: among its like by
/// key, and where there are none, before the first element that sorts after it.
///
/// # Errors
/// When the file cannot be read, or its root has no end tag to write before.
pub fn insertion(file: &SourceFile, tag: &str, key_child: &str, key: &str) -> Result<usize, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["PermissionSet"], "`<PermissionSet>`")?;
    let (mut before, mut after_like, mut larger) = (None, None, None);
    let mut end = xml.span(&root).end as usize;
    while let Some(element) = xml.child(&root)? {
        let start = element.start;
        if element.name == tag {
            let mut own = String::new();
            while let Some(child) = xml.child(&element)? {
                if child.name == key_child {
                    own = xml.text(&child)?.value.into_owned();
                } else {
                    xml.skip(&child)?;
                }
            }
            after_like = Some(xml.span(&element).end as usize);
            if before.is_none() && own.as_str() > key {
                before = Some(start);
            }
        } else {
            if larger.is_none() && element.name > tag {
                larger = Some(start);
            }
            xml.skip(&element)?;
        }
        end = xml.span(&element).end as usize;
    }
    let whole = xml.span(&root);
    xml.finish()?;
    if file.text(whole).ends_with("/>") {
        let problem = Problem::NoEndTag;
        return Err(MetadataError::new(file, whole, problem));
    }
    let last = if after_like.is_some() { after_like } else { larger };
    Ok(before.or(last).unwrap_or(end))
}
