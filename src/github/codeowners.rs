//! CODEOWNERS: who must approve changes of a path. Pure.

/// Whether CODEOWNERS gives `path` an owner: the last line that matches counts. What GitHub takes for none, and
/// what `flsgate init` leaves to be filled in, are no owners.
pub fn has_owner(code_owners: &str, path: &str) -> bool {
    let mut owned = false;
    for line in code_owners.lines() {
        let line = line.split(" #").next().unwrap_or_default().trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut words = line.split_whitespace();
        let Some(pattern) = words.next() else { continue };
        if matches(pattern, path) {
            owned = words.any(|owner| is_owner(owner) && !owner.starts_with(PLACEHOLDER));
        }
    }
    owned
}

/// What stands for an owner until somebody writes one.
pub const PLACEHOLDER: &str = "@OWNER/";

/// Whether GitHub takes the text for an owner: `@user`, `@org/team` or a mail address.
pub fn is_owner(text: &str) -> bool {
    let of = |text: &str, more: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    match (text.strip_prefix('@'), text.split_once('@')) {
        (Some(name), _) => match name.split_once('/') {
            Some((org, team)) => of(org, "-_") && of(team, "-_."),
            None => of(name, "-_"),
        },
        (None, Some((name, host))) => of(name, ".-_+") && of(host, ".-") && host.contains('.'),
        (None, None) => false,
    }
}

/// Patterns as in .gitignore, without negation and character ranges.
fn matches(pattern: &str, path: &str) -> bool {
    let anchored = pattern.trim_end_matches('/').contains('/');
    let body = pattern.trim_start_matches('/');
    let whole = if anchored { body.to_owned() } else { format!("**/{body}") };
    let whole = whole.trim_end_matches('/');
    let only_folder = pattern.ends_with('/');
    (!only_folder && fast_glob::glob_match(whole, path))
        || fast_glob::glob_match(format!("{whole}/**"), path) && !whole.ends_with("/*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_matches_names_the_owner() {
        let path = ".flsgate/policy.yml";
        for (text, owned) in [
            ("", false),
            ("* @acme/all", true),
            ("/.flsgate/ @acme/security # ours", true),
            (".flsgate/** @acme/security", true),
            ("# .flsgate/ @acme/security", false),
            ("* @acme/all\n/.flsgate/", false),
            ("/.flsgate/\n* @acme/all", true),
            ("*.yml @acme/yaml", true),
            ("/docs/ @acme/docs", false),
            ("policy.yml @acme/security", true),
            ("/policy.yml @acme/security", false),
            ("/.flsgate/* @acme/security", true),
        ] {
            assert_eq!(has_owner(text, path), owned, "{text:?}");
        }
        assert!(!has_owner("/.flsgate/* @acme/security", ".flsgate/labels/a.csv"), "one level only");
    }
}
