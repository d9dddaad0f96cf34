//! Permission sets and groups that their holders have only in sessions in which they are activated
//! (`hasActivationRequired`; *Metadata API Developer Guide*, PermissionSet and PermissionSetGroup).

use super::Org;
use crate::source::{SourceFile, Span, Spanned};
use crate::words::{Grantor, GrantorKind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the definitions of one permission set or group say of activation.
#[derive(Debug, Default)]
pub struct Activation {
    /// By where a definition lives: whether one of its files asks for it.
    pub asks: BTreeMap<String, bool>,
    /// The elements that say something, each with what it says.
    pub elements: Vec<(Arc<SourceFile>, Span, bool)>,
}

impl Activation {
    /// Whether it is beyond doubt that holders have it only in activated sessions.
    pub fn is_sure(&self) -> bool {
        !self.asks.is_empty() && self.asks.values().all(|asks| *asks)
    }

    /// Whether some definition says that holders have it only in activated sessions.
    pub fn may_be(&self) -> bool {
        self.asks.values().any(|asks| *asks)
    }
}

impl Org<'_> {
    /// What the definitions of a permission set or group say of activation. One whose file goes stays what it was.
    pub fn activation(&self, grantor: &Grantor) -> Activation {
        if self.loses(grantor) {
            return self.before.map(|before| before.activation(grantor)).unwrap_or_default();
        }
        let mut found = Activation::default();
        for copy in self.copies(grantor) {
            let says: Vec<(Arc<SourceFile>, Spanned<bool>)> = match grantor.kind {
                GrantorKind::PermissionSetGroup => {
                    let parts = self.group_in(&copy.files).parts.into_iter();
                    parts.filter_map(|(file, group)| Some((file, group.activation.clone()?))).collect()
                }
                _ => {
                    let parts = self.permissions(&copy.files).parts.into_iter();
                    parts.filter_map(|(file, set)| Some((file, set.activation.clone()?))).collect()
                }
            };
            found.asks.insert(copy.home, says.iter().any(|(_, says)| says.value));
            found.elements.extend(says.into_iter().map(|(file, says)| (file, says.span, says.value)));
        }
        found
    }
}
