//! The tier of each field, before and after a change: by its own label, in files and in exports, and by what it reads, what is
//! copied into it, and what declared maskings take out of that.
//!
//! Read in this order: `classified` (what is said of a field), `overlaid` and `own_labels` (its label, in files and exports),
//! `sides` (all of it together, on both sides), `namesakes` (paths that cannot be followed), `maskings`, `copies`.

mod classified;
mod copies;
mod declaration;
mod maskings;
mod namesakes;
mod overlaid;
mod overlay;
mod own_labels;
mod sides;

pub(crate) use classified::cap;
pub use classified::{Classified, DerivedFrom, Known, classify};
pub use copies::{RaisingCopy, raising};
pub use declaration::Declaration as MaskingDeclaration;
pub use overlaid::TwoLabels;
pub use own_labels::{OwnLabels, Said};
pub use sides::{Encrypted, Side, Tiers};
