//! Paths: what a file is does not hang on letter case, and a component's home is a folder above its file.

#![no_main]

use flsgate::metadata::{Component, component, home};
use flsgate::source::RepoPath;
use flsgate_fuzz::MAX;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if data.len() > MAX {
        return;
    }
    let path = RepoPath::from_bytes(data);
    let path = path.as_str();
    assert!(path.len() >= data.len(), "bytes of a path are lost");
    let found = component(path);
    if let Some(found) = &found {
        let name = match found {
            Component::Grantor(grantor) => Some(grantor.name()),
            Component::Muting(name) | Component::Object(name) | Component::AccessPolicy(name) => {
                Some(&**name)
            }
            Component::Field(field) => {
                assert!(!field.object().is_empty() && !field.field().is_empty());
                Some(field.field())
            }
            Component::Destructive | Component::Unsupported(_) => None,
        };
        if let Some(name) = name {
            let home = home(path, name);
            assert!(path.starts_with(home) && !home.is_empty());
            assert!(home == path || path.as_bytes()[home.len()] == b'/');
        }
    }
    // Folders above change nothing, unless they are the ones that are looked for.
    let deeper = format!("force-app/main/{path}");
    assert_eq!(shape(component(&deeper).as_ref()), shape(found.as_ref()), "in a folder");
    // Build tokens are upper case, and `%` starts them and escapes.
    if !path.contains(['%', '_']) {
        for other in [path.to_ascii_lowercase(), path.to_ascii_uppercase()] {
            assert_eq!(shape(component(&other).as_ref()), shape(found.as_ref()), "`{other}`");
        }
    }
});

fn shape(component: Option<&Component>) -> String {
    match component {
        Some(Component::Grantor(g)) => format!("{:?} {}", g.kind, g.name().to_ascii_lowercase()),
        other => format!("{other:?}").to_ascii_lowercase(),
    }
}
