//! Paths: what a file is does not hang on the folders above a project, and each component has a name.

#![no_main]

use flsgate::org::{Component, Org};
use flsgate::source::{ContentId, Entry, EntryKind, ReadError, RepoPath, Snapshot, SourceFile};
use flsgate_fuzz::MAX;
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

fuzz_target!(|data: &[u8]| {
    if data.len() > MAX {
        return;
    }
    let path = RepoPath::from_bytes(data);
    assert!(path.as_str().len() >= data.len(), "bytes of a path are lost");
    let deeper = RepoPath::from(format!("force-app/main/{path}").as_str());
    assert_eq!(shape(&path), shape(&deeper), "in a folder");
});

/// One file without content.
struct One(Vec<Entry>);

impl Snapshot for One {
    fn entries(&self) -> Result<&[Entry], ReadError> {
        Ok(&self.0)
    }

    fn read(&self, entry: &Entry) -> Result<Arc<SourceFile>, ReadError> {
        Ok(Arc::new(SourceFile::new(entry.path.clone(), &b""[..])))
    }
}

fn shape(path: &RepoPath) -> String {
    let entry = Entry { path: path.clone(), kind: EntryKind::File, content: ContentId::WorkingTree(0) };
    let files = One(vec![entry]);
    let org = Org::new(&files).expect("a listing");
    let name = match org.index().component(path) {
        None => return "nothing".into(),
        Some(Component::Grantor(grantor)) => format!("{:?} {}", grantor.kind, grantor.name()),
        Some(other) => format!("{other:?}"),
    };
    name.to_ascii_lowercase()
}
