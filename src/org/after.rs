//! What the org holds after the deployment: before, overlaid with what the merge result deploys.
//!
//! A deployment adds and overwrites; it deletes nothing. So a component whose file goes stays what it was, and a
//! profile keeps what its file no longer mentions. What takes access away counts only from files that surely deploy:
//! before is the least that surely stands, after is the most that may stand.

use super::index::{Copy, FileId};
use super::{Document, GrantorState, GroupState, Org, Unreadable, layout};
use crate::metadata::Permissions;
use crate::source::{RepoPath, SourceFile};
use crate::words::{FieldName, Grantor, GrantorKind};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the file of profile Standard User is called.
const STANDARD_USER: &str = "Standard";

/// Which files of a side deploy.
pub trait Deploys: Sync {
    /// Whether the file at a path surely deploys.
    fn surely(&self, path: &RepoPath) -> bool;

    /// Whether it surely deploys, and so takes away what it leaves out: a muting permission set mutes, a permission set gives
    /// no more than it says.
    fn revokes(&self, path: &RepoPath) -> bool;

    /// Whether a profile that is new with it gets what its file does not say from Standard User.
    fn gives_standard_access(&self, path: &RepoPath) -> bool;
}

impl<'s> Org<'s> {
    /// Says which files deploy. Without it all do.
    pub fn deploying(mut self, deploys: &'s dyn Deploys) -> Self {
        self.deploys = Some(deploys);
        self
    }

    /// Makes this the org after a deployment over `before`. Muting permission sets named by `unmuted`, in lower case,
    /// are deleted by the deployment itself.
    pub fn after(mut self, before: &'s Org<'s>, mut unmuted: BTreeSet<String>) -> Self {
        if unmuted.contains("*") {
            unmuted
                .extend([&self.index, &before.index].into_iter().flat_map(|index| index.muting()).cloned());
        }
        self.before = Some(before);
        self.unmuted = unmuted;
        self
    }

    /// The muting permission sets that the deployment itself deletes, lower case.
    pub fn unmuted(&self) -> &BTreeSet<String> {
        &self.unmuted
    }

    pub(super) fn surely_deploys(&self, id: FileId) -> bool {
        self.deploys.is_none_or(|deploys| deploys.surely(self.index.path(id)))
    }

    /// Whether a definition surely deploys.
    pub fn surely_holds(&self, copy: &Copy) -> bool {
        self.any_surely(&copy.files)
    }

    fn revokes(&self, id: FileId) -> bool {
        self.deploys.is_none_or(|deploys| deploys.revokes(self.index.path(id)))
    }

    fn any_surely(&self, files: &[FileId]) -> bool {
        files.iter().any(|id| self.surely_deploys(*id) && !self.is_of_another_program(*id))
    }

    /// Whether a file only has the suffix of a component: no org takes it in the place of one.
    fn is_of_another_program(&self, id: FileId) -> bool {
        let path = self.index.path(id).as_str();
        !layout::is_named_xml(path) && matches!(self.parse(id), Ok((_, Document::Nothing)))
    }

    /// Whether the file of a permission set, group or profile goes, which the org keeps.
    pub fn loses(&self, grantor: &Grantor) -> bool {
        self.still_grants(grantor).is_some()
    }

    /// Whether the definition of a field goes, which the org keeps.
    pub fn loses_field(&self, field: &FieldName) -> bool {
        self.still_defines(field).is_some()
    }

    /// Every permission set, group and profile that the org holds, each once.
    pub fn grantors(&self) -> BTreeSet<&Grantor> {
        let before = self.before.into_iter().flat_map(|before| before.index.grantors());
        self.index.grantors().chain(before).collect()
    }

    /// Whether the org holds it.
    pub fn has_grantor(&self, grantor: &Grantor) -> bool {
        self.index.has_grantor(grantor) || self.before.is_some_and(|before| before.has_grantor(grantor))
    }

    /// The org before, if it still holds a component that this snapshot lost: its files went, or none of them surely
    /// deploys any more.
    fn still(&self, now: &[FileId], then: impl Fn(&Org<'_>) -> Vec<FileId>) -> Option<&'s Org<'s>> {
        let before = self.before?;
        if self.any_surely(now) {
            return None;
        }
        let then = then(before);
        (!then.is_empty() && (now.is_empty() || before.any_surely(&then))).then_some(before)
    }

    /// The org before, where a file cannot be read: the run is undecided, and tells nothing as changed that nobody knows.
    pub(super) fn in_place_of(&self, unreadable: &[Unreadable]) -> Option<&'s Org<'s>> {
        self.before.filter(|_| !unreadable.is_empty())
    }

    fn still_grants(&self, grantor: &Grantor) -> Option<&'s Org<'s>> {
        let files = self.index.grantor_files(grantor).unwrap_or_default();
        self.still(files, |before| before.index.grantor_files(grantor).unwrap_or_default().to_vec())
    }

    /// Everything that is known of a permission set or profile, or `None` when there is no such.
    pub fn grantor(&self, grantor: &Grantor) -> Option<GrantorState> {
        let own = self.index.grantor_files(grantor).map(|files| self.permissions(files));
        let Some(mut state) = own else { return self.before?.grantor(grantor) };
        if let Some(before) = self.still_grants(grantor).or_else(|| self.in_place_of(&state.unreadable)) {
            let old = before.grantor(grantor).unwrap_or_default();
            state.parts.extend(old.parts);
        } else if grantor.kind == GrantorKind::Profile
            || !self.files(grantor).iter().any(|id| self.revokes(*id))
        {
            state.parts.extend(self.kept(grantor, &state));
        }
        state.parts.extend(self.inherited(grantor, &state));
        Some(state)
    }

    /// What a new profile gets from Standard User beside what its files say, if this repository knows that one.
    fn inherited(&self, profile: &Grantor, now: &GrantorState) -> Vec<(Arc<SourceFile>, Arc<Permissions>)> {
        if !self.inherits(profile) {
            return Vec::new();
        }
        let standard = self.grantor(&Grantor::new(GrantorKind::Profile, STANDARD_USER));
        standard.map(|standard| self.beside(standard, now)).unwrap_or_default()
    }

    /// Whether this is a new profile, and gets from Standard User what its files do not say.
    fn inherits(&self, profile: &Grantor) -> bool {
        let is_new = self.before.is_some_and(|before| !before.has_grantor(profile));
        let standard = || *profile == Grantor::new(GrantorKind::Profile, STANDARD_USER);
        if profile.kind != GrantorKind::Profile || !is_new || standard() {
            return false;
        }
        let gets = |id: &FileId| {
            self.deploys.is_some_and(|deploys| deploys.gives_standard_access(self.index.path(*id)))
        };
        self.files(profile).iter().any(gets)
    }

    /// A file of a new profile that gets from Standard User what nobody knows, since this repository does not hold that one.
    pub fn inherits_unknown(&self, profile: &Grantor) -> Option<Arc<SourceFile>> {
        let standard = self.before?.grantor(&Grantor::new(GrantorKind::Profile, STANDARD_USER));
        // A file without any entry says nothing of what the org has.
        let says = |state: &GrantorState| state.parts.iter().any(|(_, said)| !said.fields.is_empty());
        let is_unknown = !standard.is_some_and(|state| says(&state));
        (is_unknown && self.inherits(profile))
            .then(|| self.grantor(profile))??
            .parts
            .into_iter()
            .map(|(file, _)| file)
            .next()
    }

    /// Whether the org keeps of a profile what its own files no longer mention.
    pub fn keeps_more(&self, profile: &Grantor) -> bool {
        let own = self.permissions(self.files(profile));
        !own.parts.is_empty() && !self.kept(profile, &own).is_empty()
    }

    /// What the org keeps of a profile beside what its files say now.
    fn kept(&self, profile: &Grantor, now: &GrantorState) -> Vec<(Arc<SourceFile>, Arc<Permissions>)> {
        let same = |before: &&Org<'_>| before.grantor_contents(profile) == self.grantor_contents(profile);
        let before = self.before.filter(|before| !same(before)).and_then(|before| before.grantor(profile));
        before.map(|before| self.beside(before, now)).unwrap_or_default()
    }

    /// What of other files of a profile stays beside what its own files say now.
    fn beside(&self, other: GrantorState, now: &GrantorState) -> Vec<(Arc<SourceFile>, Arc<Permissions>)> {
        // A refusal counts where it surely deploys.
        let deploys = |file: &SourceFile| self.deploys.is_none_or(|deploys| deploys.surely(file.path()));
        let now = now.parts.iter().filter(|(file, _)| deploys(file));
        let now: Vec<Arc<Permissions>> = now.map(|(_, written)| Arc::clone(written)).collect();
        let kept = other.parts.into_iter().map(|(file, old)| (file, old.kept_beside(&now)));
        kept.filter(|(_, kept)| *kept != Permissions::default())
            .map(|(file, kept)| (file, Arc::new(kept)))
            .collect()
    }

    /// Everything that is known of a permission set group.
    pub fn group(&self, group: &Grantor) -> GroupState {
        let mut state = self.group_in(self.index.grantor_files(group).unwrap_or_default());
        if let Some(before) = self.still_grants(group).or_else(|| self.in_place_of(&state.unreadable)) {
            state.parts.extend(before.group(group).parts);
        }
        state
    }

    /// Whether the change alters a definition of a muting permission set, or may alter which of them deploy.
    pub fn alters_muting(&self, name: &str) -> bool {
        self.altered_muting.contains(&name.to_ascii_lowercase())
    }

    /// Makes muting permission sets known of which the change alters a definition, or which of them deploy, lower case.
    pub fn with_altered_muting(mut self, names: BTreeSet<String>) -> Self {
        self.altered_muting = names;
        self
    }

    /// Muting permission sets with a file among `paths`, or all where what deploys is said by one of these; lower case.
    pub fn muting_in(&self, paths: &BTreeSet<&RepoPath>) -> BTreeSet<String> {
        let names = self.index.muting();
        let says = |path: &RepoPath| {
            [super::PROJECT_FILE, super::PACKAGE_FILE, ".forceignore"].contains(&path.file_name())
        };
        if paths.iter().any(|path| says(path)) {
            return names.cloned().collect();
        }
        let altered = |name: &&String| {
            self.index.muting_files(name).iter().any(|id| paths.contains(self.index.path(*id)))
        };
        names.filter(altered).cloned().collect()
    }

    /// The definitions of a muting permission set that count, by where they live: those that surely mute. Its file is the
    /// only thing that mutes: where that goes, or leaves what deploys, nothing does. Of one that the change alters all
    /// definitions count, wherever they lie: before, any may have muted; after, only what all of them say surely is.
    pub fn muting(&self, name: &str) -> Vec<GrantorState> {
        if self.unmuted.contains(&name.to_ascii_lowercase()) {
            return Vec::new();
        }
        let mutes = |id: &FileId| self.revokes(*id);
        let all = self.index.muting_files(name);
        let whole = self.alters_muting(name) && (self.is_base() || all.iter().any(mutes));
        let counting = |copy: Copy| {
            let surely: Vec<FileId> = copy.files.iter().copied().filter(mutes).collect();
            match surely.is_empty() || whole && self.is_base() {
                true => {
                    if whole {
                        copy.files
                    } else {
                        Vec::new()
                    }
                }
                false => surely,
            }
        };
        let files = self.index.copies(all).into_iter().map(counting).filter(|files| !files.is_empty());
        let mut read: Vec<GrantorState> = files.map(|files| self.permissions(&files)).collect();
        let unreadable: Vec<_> = read.iter().flat_map(|state| state.unreadable.clone()).collect();
        if let Some(before) = self.in_place_of(&unreadable) {
            read = before.muting(name);
            if let Some(state) = read.first_mut() {
                state.unreadable = unreadable;
            }
        }
        read
    }

    /// The org before, if it still holds the definition of a field that this snapshot lost.
    pub(super) fn still_defines(&self, field: &FieldName) -> Option<&'s Org<'s>> {
        self.still(&self.defining(field), |before| before.defining(field))
    }

    /// Whether files are called like a field, and none of them deploys it.
    pub fn is_only_a_file_name(&self, field: &FieldName) -> bool {
        self.index.has_field_file(field) && self.defining(field).is_empty()
    }

    /// Whether a file that would deploy the field is there, wherever it lies.
    pub fn keeps_aside(&self, field: &FieldName) -> bool {
        self.index.has_field_file(field) && !self.defining(field).is_empty()
    }

    /// Files that deploy the definition of a field, and those that would and cannot be read. A file deploys what its name
    /// inside says, whatever the file is called.
    fn defining(&self, field: &FieldName) -> Vec<FileId> {
        let inline = self.index.object_files(field.object()).iter().copied();
        let holds = |id: &FileId| self.inline(*id, field);
        let own = self.field_files(field).into_iter();
        let own = own.filter(|id| self.inner_name(*id).is_none_or(|inside| inside == *field));
        own.chain(inline.filter(holds)).collect()
    }
}
