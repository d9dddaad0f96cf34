//! Which file is which component: the only place that knows, and it answers as Salesforce's own deploy library does
//! (`tests/deploys` has its answers for many hundred odd projects), or says that it cannot.
//!
//! Most components are told by the suffix of their file. A field belongs to the object, and a piece of a decomposed
//! permission set to the set, whose root file lies in a folder above it; so the whole listing is needed.

mod aside;
mod name;
mod placed;

use crate::metadata::HandOutKind;
use crate::words::{FieldName, Grantor, GrantorKind, strip_tokens};
pub use aside::{Aside, aside};
pub use name::folders;
use name::{Form, Type, decode, decomposed, form, split};
pub use placed::{is_placed_plainly, is_taken_whole};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Component {
    /// A permission set, group or profile, source or Metadata API format, whole or a piece.
    Grantor(Grantor),
    /// A muting permission set by API name, whole or a piece.
    Muting(String),
    /// A field in a file of its own.
    Field(FieldName),
    /// An object by API name; its file may hold fields inline.
    Object(String),
    /// A file that hands out permission sets, profiles and groups, by type and name.
    HandsOut(HandOutKind, String),
    /// A destructive manifest: what a deployment deletes from the org.
    Destructive,
    /// A form that holds grants or labels and that this version cannot read: undecided when a change
    /// touches it.
    Unsupported(&'static str),
}

/// Whether a file in Metadata API format is none, and only has such a suffix: settings of a shell in `app.profile`. No org
/// takes it.
pub(super) fn is_of_another_program(path: &str, bytes: &[u8]) -> bool {
    const LFS: &[u8] = b"version https://git-lfs";
    let first = bytes.trim_ascii_start().first();
    !is_named_xml(path)
        && first.is_some_and(|byte| byte.is_ascii_graphic() && *byte != b'<')
        && !bytes.starts_with(LFS)
}

/// Whether the name of a file says that it is XML.
pub(super) fn is_named_xml(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.contains("-meta.xml") || path.ends_with(".xml")
}

/// A component's file and where its definition lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    /// What the file is.
    pub(super) component: Component,
    /// How much of the path is the folder that holds the whole definition; all of it where that is the file.
    pub(super) home: usize,
}

/// Whether the file at `path` may bear on field access, whatever lies beside it.
pub fn bears_on_access(path: &str) -> bool {
    match form(path) {
        None => false,
        Some(Form::Xml | Form::NotXml) => type_folders(path).next().is_some(),
        Some(_) => true,
    }
}

/// Whether the file at `path` is a destructive manifest.
pub fn is_manifest(path: &str) -> bool {
    name::is_manifest(split(path).1) && matches!(form(path), Some(Form::Manifest))
}

/// Whether the file at `path` would define fields, if anything.
pub fn is_definition(path: &str) -> bool {
    matches!(form(path), Some(Form::Field(_) | Form::Object(_) | Form::Odd(_)))
}

/// Whether the file at `path` is a whole component, and no piece.
pub fn is_whole(path: &str) -> bool {
    matches!(form(path), Some(Form::Whole(..)))
}

/// Whether a file is a component of such a type, or a field.
pub fn is_component(path: &str) -> bool {
    matches!(form(path), Some(Form::Whole(..) | Form::Field(_)))
}

/// Whether the library takes permission sets apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presets {
    /// A preset says so.
    On,
    /// None does: only a plugin can have made the pieces.
    Off,
    /// Projects within each other disagree.
    Unclear,
}

/// What each of `paths` is, given all of them, and what the project at a path says of presets.
pub(super) fn place<'p>(paths: &[&'p str], presets: impl Fn(&str) -> Presets + Sync) -> Vec<Option<Placed>> {
    let forms: Vec<Option<Form<'p>>> = paths.par_iter().map(|path| form(path)).collect();
    let listed = || paths.iter().zip(&forms).filter_map(|(path, form)| Some((*path, form.as_ref()?)));
    let (roots, beside, taken_apart) = Default::default();
    let mut homes = Homes { presets: &presets, roots, beside, taken_apart };
    for (path, form) in listed() {
        homes.note_root(path, form);
    }
    let mut taken_apart = HashSet::new();
    for (path, _) in listed().filter(|(_, form)| matches!(form, Form::Piece | Form::Xml)) {
        taken_apart.extend(homes.piece(path).map(|piece| piece.folder()));
    }
    homes.taken_apart = taken_apart;
    paths.par_iter().zip(&forms).map(|(path, form)| homes.placed(path, form.as_ref()?)).collect()
}

/// A type that may be kept in a folder of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kept {
    Pieces(Type),
    Object,
}

/// Where decomposed components have their roots.
struct Homes<'p, P> {
    presets: P,
    /// Folders that hold the root file of a component of their own name, by type and the first folder below the
    /// type's.
    roots: BTreeMap<(Kept, &'p str), Vec<&'p str>>,
    /// Whole files by type, folder and name: the sf-decomposer plugin leaves the root beside the folder of its pieces.
    beside: HashSet<(Type, &'p str, &'p str)>,
    /// Folders that hold the pieces of one component.
    taken_apart: HashSet<&'p str>,
}

/// The type that the library can take apart.
const SETS: Type = Type::Grantor(GrantorKind::PermissionSet);

/// Whose a piece is.
enum Owner<'p> {
    /// Of the component that has its root in this folder.
    Of(Type, &'p str),
    /// That cannot be told; the folder that it may belong to, and why.
    Open(&'p str, &'static str),
}

impl<'p> Owner<'p> {
    fn folder(&self) -> &'p str {
        match self {
            Owner::Of(_, folder) | Owner::Open(folder, _) => folder,
        }
    }
}

impl<'p, P: Fn(&str) -> Presets> Homes<'p, P> {
    /// A root file lies in a folder of its own name, below the folder of its type.
    fn note_root(&mut self, path: &'p str, form: &Form<'p>) {
        let (folder, _) = split(path);
        let (kept, stem) = match form {
            Form::Whole(kind, stem) => {
                self.beside.insert((*kind, folder, stem));
                (Kept::Pieces(*kind), *stem)
            }
            Form::Object(stem) => (Kept::Object, *stem),
            _ => return,
        };
        let first = match kept {
            Kept::Object => object_folders(path).next_back(),
            Kept::Pieces(_) => type_folders(path).last().map(|(_, first)| first),
        };
        if let Some(first) = first.filter(|_| split(folder).1 == stem) {
            let roots = self.roots.entry((kept, first)).or_default();
            if !roots.contains(&folder) {
                roots.push(folder);
            }
        }
    }

    fn roots(&self, kept: Kept, first: &'p str) -> &[&'p str] {
        self.roots.get(&(kept, first)).map_or(&[], Vec::as_slice)
    }

    /// Whose piece the XML file at `path` is; `None` where it is in no folder of a type that is taken apart.
    fn piece(&self, path: &'p str) -> Option<Owner<'p>> {
        let mut places: Vec<(Type, &str)> = type_folders(path).collect();
        let by_library = (self.presets)(path) != Presets::Off && places.iter().any(|(kind, _)| *kind == SETS);
        if by_library {
            // To the library this is the only type that is taken apart.
            places.retain(|(kind, _)| *kind == SETS);
        }
        let (kind, first) = *places.first()?;
        if places.len() > 1 {
            return Some(Owner::Open(
                first,
                "a piece that can belong to either of two components by its folders",
            ));
        }
        let roots = self.roots(Kept::Pieces(kind), first);
        // The library gives a set every piece of the first folder below `permissionsets`, and so each to several.
        if by_library && roots.len() > 1 {
            let why = "a piece in a folder of several permission sets, which the deploy library gives to each of them";
            return Some(Owner::Open(first, why));
        }
        let by_plugin = |folder: &str| {
            let (parent, name) = split(folder);
            !by_library && self.beside.contains(&(kind, parent, name))
        };
        let nearest = above(path, first).find(|folder| roots.contains(folder) || by_plugin(folder));
        Some(match nearest {
            Some(home) => Owner::Of(kind, home),
            None => Owner::Open(
                first,
                "a piece of a decomposed component without its root file in a folder above",
            ),
        })
    }

    fn placed(&self, path: &'p str, form: &Form<'_>) -> Option<Placed> {
        let alone = |component| Some(Placed { component, home: path.len() });
        let unsupported = |why| alone(Component::Unsupported(why));
        match form {
            Form::Manifest => alone(Component::Destructive),
            Form::Odd(why) => unsupported(why),
            Form::Object(stem) => alone(Component::Object(strip_tokens(&decode(stem)).into_owned())),
            Form::Field(stem) => alone(self.field(path, stem)),
            Form::Whole(kind, stem) => self.whole(path, *kind, stem),
            Form::NotXml => {
                let has_root = || matches!(self.piece(path), Some(Owner::Of(..)));
                let (_, first) = type_folders(path).next()?;
                (names_element(&path[first.len()..]) || has_root())
                    .then(|| unsupported("a decomposed permission set or profile that is not XML"))?
            }
            Form::Piece | Form::Xml => match self.piece(path) {
                Some(Owner::Of(kind, folder)) => {
                    Some(Placed { component: component(kind, split(folder).1), home: folder.len() })
                }
                Some(Owner::Open(_, why)) => unsupported(why),
                None if *form == Form::Piece => {
                    unsupported("a piece of a decomposed component outside its folder")
                }
                None => None,
            },
        }
    }

    fn whole(&self, path: &'p str, kind: Type, stem: &str) -> Option<Placed> {
        let first = type_folders(path).filter(|(of, _)| *of == kind).last().map(|(_, first)| first);
        let mut homes = first.into_iter().flat_map(|first| above(path, first));
        // Under a preset the library passes over whole files in the folder of another set; a plugin does not.
        let holds_others = |folder: &&str| self.taken_apart.contains(folder) && split(folder).1 != stem;
        if homes.any(|folder| holds_others(&folder)) || self.is_swallowed(path, kind, stem) {
            let why =
                "a whole file in the folder of another, decomposed component, which tools read in two ways";
            return Some(Placed { component: Component::Unsupported(why), home: path.len() });
        }
        let (folder, _) = split(path);
        let home = if self.taken_apart.contains(folder) { folder.len() } else { path.len() };
        Some(Placed { component: component(kind, stem), home })
    }

    /// Whether a whole file lies in the folder of another permission set, of which the library sends only the set's pieces.
    fn is_swallowed(&self, path: &'p str, kind: Type, stem: &str) -> bool {
        if (self.presets)(path) == Presets::Off {
            return false;
        }
        let first = type_folders(path).find(|(of, _)| *of == SETS).map(|(_, first)| first);
        let Some(first) = first else { return false };
        let own = |folder: &str| kind == SETS && folder == split(path).0 && split(folder).1 == stem;
        let roots = self.roots(Kept::Pieces(SETS), first);
        above(path, first).any(|folder| roots.contains(&folder) && !own(folder))
    }

    /// The field of a file: of the object whose root lies above, else of the first folder below `objects`. The file
    /// need not be in `fields/`.
    fn field(&self, path: &'p str, stem: &str) -> Component {
        let mut candidates = object_folders(path).rev();
        let Some(first) = candidates.next() else {
            return Component::Unsupported("a field file outside an `objects/OBJECT` folder");
        };
        let (folder, _) = split(path);
        if [stem, "objects"].contains(&split(folder).1) {
            return Component::Unsupported(
                "a field file that is taken for an object, by the folder that it lies in",
            );
        }
        let roots = self.roots(Kept::Object, first);
        let outer = candidates.any(|outer| !self.roots(Kept::Object, outer).is_empty());
        let object = match roots {
            _ if outer => None,
            [] => Some(first),
            [root] => above(path, first).find(|folder| folder == root),
            _ => None,
        };
        let Some(object) = object else {
            return Component::Unsupported(
                "a field file that can belong to either of two objects by its folders",
            );
        };
        FieldName::of(&decode(split(object).1), &decode(stem))
            .map_or(Component::Unsupported("a field file whose name is no API name"), Component::Field)
    }
}

/// Whether the file at `path` is a piece of a component that is taken apart, and of which type.
fn piece_of(path: &str) -> Option<Type> {
    let is_piece = matches!(form(path), Some(Form::Xml | Form::Piece));
    if is_piece { type_folders(path).next().map(|(kind, _)| kind) } else { None }
}

/// Whether only a plugin puts the file at `path` together with others: the deploy library itself knows pieces of permission
/// sets, and those where a preset says so.
pub(super) fn needs_a_plugin(path: &str, presets: Presets) -> bool {
    piece_of(path).is_some_and(|kind| kind != SETS || presets != Presets::On)
}

/// The folders above `path` down from its own, as far as `first`.
fn above<'p>(path: &'p str, first: &'p str) -> impl Iterator<Item = &'p str> {
    let own = split(path).0;
    std::iter::successors(Some(own), |folder| Some(split(folder).0))
        .take_while(move |f| f.len() >= first.len())
}

/// For each folder of a type that is taken apart: the type, and the folder below it that the path goes through. What lies
/// in a folder of another type, which is taken whole, is no piece: `lwc/profiles/…`.
fn type_folders(path: &str) -> impl Iterator<Item = (Type, &str)> {
    let below = folders(path).skip(1);
    let all = folders(path).zip(below).take_while(|((_, name), _)| !is_taken_whole(name));
    all.filter_map(|((_, name), (first, _))| Some((decomposed(name)?, first)))
}

/// Whether a path names an element that bears on access, as the plugin names what it writes, or a whole component.
fn names_element(path: &str) -> bool {
    const ELEMENTS: [&str; 5] =
        ["fieldpermissions", "objectpermissions", "userpermissions", "accesses", "-meta."];
    let path = path.to_ascii_lowercase();
    ELEMENTS.iter().any(|element| path.contains(element))
}

/// The folders below each `objects` of a path, from the top. The library knows that name in lower case alone; only
/// where there is none so is another case taken.
fn object_folders(path: &str) -> std::vec::IntoIter<&str> {
    let all = |is: fn(&str) -> bool| -> Vec<&str> {
        let below = folders(path).skip(1);
        folders(path).zip(below).filter(|((_, name), _)| is(name)).map(|(_, (first, _))| first).collect()
    };
    let exact = all(|name| name == "objects");
    match exact.is_empty() {
        true => all(|name| name.eq_ignore_ascii_case("objects")).into_iter(),
        false => exact.into_iter(),
    }
}

fn component(kind: Type, name: &str) -> Component {
    let name = decode(name);
    match kind {
        Type::Grantor(kind) => Component::Grantor(Grantor::new(kind, &name)),
        Type::Muting => Component::Muting(strip_tokens(&name).into_owned()),
        Type::HandsOut(kind) => Component::HandsOut(kind, strip_tokens(&name).into_owned()),
    }
}

#[cfg(test)]
mod tests;
