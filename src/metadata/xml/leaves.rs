//! All texts within an element.

use super::{Element, Result, Step, Xml, append};
use crate::source::{Span, Spanned};
use std::borrow::Cow;

/// Hears of an element that holds text alone: the names down to it, and the text.
type EachLeaf<'c, 'a> = dyn FnMut(&[&'a str], Spanned<Cow<'a, str>>) + 'c;

impl<'a> Xml<'a> {
    /// Every element within `element`, itself included, that holds text alone: the names from `element` down to it, and
    /// its text.
    pub(in crate::metadata) fn leaves(
        &mut self,
        element: &Element<'a>,
        each: &mut EachLeaf<'_, 'a>,
    ) -> Result<()> {
        // Of each element that is open: where it starts, its text, and whether it holds elements.
        let mut inside: Vec<(usize, Cow<'a, str>, bool)> = vec![(element.start, Cow::Borrowed(""), false)];
        let mut names = vec![element.name];
        if element.empty {
            return Ok(());
        }
        loop {
            match self.event()? {
                Step::Open(child) => {
                    if let Some((_, _, holds)) = inside.last_mut() {
                        *holds = true;
                    }
                    if !child.empty {
                        inside.push((child.start, Cow::Borrowed(""), false));
                        names.push(child.name);
                    }
                }
                Step::Close => {
                    let Some((start, text, holds)) = inside.pop() else { return Ok(()) };
                    if !holds {
                        each(&names, Spanned::new(text, Span::new(start, self.offset())));
                    }
                    names.pop();
                    if inside.is_empty() {
                        return Ok(());
                    }
                }
                Step::Text(piece) | Step::Data(piece) => {
                    if let Some((_, text, _)) = inside.last_mut() {
                        append(text, piece);
                    }
                }
                Step::Nothing => {}
                Step::End => return Err(self.unclosed()),
            }
        }
    }
}
