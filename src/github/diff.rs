//! Which lines of the head may carry a comment: those of the diff that GitHub shows, read from `patch`.
//!
//! One comment on another line makes the server refuse a whole review, so the lines are known before
//! anything is posted. No `patch` means a file that is too large to show, never an unchanged one.

use std::ops::RangeInclusive;

/// Lines of the head file in one stretch of the diff.
pub type Hunk = RangeInclusive<u32>;

/// The stretches of a patch, by lines of the head. A patch that cannot be understood has none.
pub fn hunks(patch: &str) -> Vec<Hunk> {
    let mut hunks = Vec::new();
    let (mut next, mut left) = (0_u32, 0_u32);
    let mut start = 0_u32;
    for line in patch.split('\n') {
        if left == 0 && line.starts_with("@@ ") {
            let Some((first, count)) = header(line) else { return Vec::new() };
            (start, next, left) = (first, first, count);
            continue;
        }
        // What the header promised is counted, for a line of the file may look like a header.
        if left > 0 && (line.starts_with(' ') || line.starts_with('+') || line.is_empty()) {
            next += 1;
            left -= 1;
            if left == 0 {
                hunks.push(start..=next - 1);
            }
        }
    }
    // Cut off by the server: the lines that are there count.
    if left > 0 && next > start {
        hunks.push(start..=next - 1);
    }
    hunks
}

/// `@@ -a,b +c,d @@`: c and d.
fn header(line: &str) -> Option<(u32, u32)> {
    let new = line.split(' ').find_map(|part| part.strip_prefix('+'))?;
    let (first, count) = new.split_once(',').unwrap_or((new, "1"));
    let (first, count): (u32, u32) = (first.parse().ok()?, count.parse().ok()?);
    first.checked_add(count)?;
    Some((first, count))
}

/// The lines of a comment on `first..=last`: all of them if one stretch has them all, else the last one
/// if that is shown.
pub fn fit(hunks: &[Hunk], first: u32, last: u32) -> Option<(u32, u32)> {
    let hunk = hunks.iter().find(|h| h.contains(&last))?;
    Some(if hunk.contains(&first) && first <= last { (first, last) } else { (last, last) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks_are_the_lines_of_the_head() {
        let patch = "@@ -10,3 +10,5 @@ <PermissionSet>\n a\n+b\n+@@ -1 +1 @@\n c\n d\n@@ -40,4 +42,2 @@\n x\n-y\n-z\n w\n\\ No newline at end of file";
        assert_eq!(hunks(patch), [10..=14, 42..=43]);
        assert_eq!(hunks("@@ -0,0 +1 @@\n+a"), [1..=1], "a new file of one line");
        assert_eq!(hunks("@@ -1,2 +0,0 @@\n-a\n-b"), [], "a deleted file");
        assert_eq!(hunks("Binary files differ"), []);
        assert_eq!(hunks("@@ -1 +4294967295,9 @@\n+a"), [], "numbers out of range");
        assert_eq!(hunks("@@ -1,1 +1,9 @@\n+a\n+b"), [1..=2], "cut off");
    }

    #[test]
    fn a_comment_stays_in_one_stretch() {
        let shown = [10..=14, 42..=43];
        assert_eq!(fit(&shown, 11, 13), Some((11, 13)));
        assert_eq!(fit(&shown, 13, 43), Some((43, 43)), "from one stretch to another");
        assert_eq!(fit(&shown, 8, 10), Some((10, 10)));
        assert_eq!((fit(&shown, 14, 15), fit(&shown, 20, 20)), (None, None));
    }
}
