//! Files in their folders, each folder with the totals of what is in it.

use super::Entry;
use crate::{Share, Totals};

/// Deeper folders stay part of the name: nobody unfolds so many, and a path may hold any number of slashes.
pub(super) const DEEPEST: usize = 24;

/// A row of the table: a folder, or a file.
pub(super) struct Row<'a> {
    /// The folders around it.
    pub(super) depth: usize,
    /// Its path below the folder around it; of a folder with a slash at the end.
    pub(super) name: &'a str,
    /// The file; none for a folder.
    pub(super) entry: Option<&'a Entry<'a>>,
    pub(super) totals: Totals,
    /// Changed lines, where a patch is known.
    pub(super) changed: Share,
}

/// The rows of entries that are sorted by path: in each folder its folders first, then its files. A folder that
/// holds nothing but one folder shares its row.
pub(super) fn rows<'a>(entries: &'a [Entry<'a>]) -> Vec<Row<'a>> {
    let mut rows = Vec::with_capacity(entries.len());
    grow(&mut rows, entries, 0, 0);
    rows
}

/// Adds the rows of entries whose first `from` bytes are the folder they share.
fn grow<'a>(rows: &mut Vec<Row<'a>>, entries: &'a [Entry<'a>], from: usize, depth: usize) {
    // Sorted paths that start with the same folder are neighbours.
    let groups = || entries.chunk_by(|a, b| next_folder(a.path, from) == next_folder(b.path, from));
    let is_folder = |group: &[Entry<'_>]| {
        depth < DEEPEST && group.first().is_some_and(|entry| next_folder(entry.path, from).is_some())
    };
    for group in groups().filter(|group| is_folder(group)) {
        let [first, ..] = group else { continue };
        let to = shared_folders(first.path, group.last().map_or(first.path, |last| last.path));
        rows.push(Row {
            depth,
            name: &first.path[from..to],
            entry: None,
            totals: group.iter().map(|entry| entry.totals).sum(),
            changed: group.iter().map(|entry| entry.changed).sum(),
        });
        grow(rows, group, to, depth + 1);
    }
    for entry in groups().filter(|group| !is_folder(group)).flatten() {
        let (totals, changed) = (entry.totals, entry.changed);
        rows.push(Row { depth, name: &entry.path[from..], entry: Some(entry), totals, changed });
    }
}

/// The folder that a path goes on with behind its first `from` bytes, with its slash.
fn next_folder(path: &str, from: usize) -> Option<&str> {
    let rest = &path[from..];
    rest.find('/').map(|slash| &rest[..=slash])
}

/// How many bytes of folders two paths share.
fn shared_folders(a: &str, b: &str) -> usize {
    let shared = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    a.as_bytes()[..shared].iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::FileCoverage;

    fn entries<'a>(paths: &BTreeSet<&'a str>, file: &'a FileCoverage) -> Vec<Entry<'a>> {
        let entry = |path: &&'a str| Entry {
            path,
            page: String::new(),
            file,
            totals: Totals { lines: Share { covered: 1, total: 2 }, ..Totals::default() },
            changed: Share::default(),
        };
        paths.iter().map(entry).collect()
    }

    fn drawn(paths: &[&str]) -> Vec<String> {
        let file = FileCoverage::default();
        let entries = entries(&paths.iter().copied().collect(), &file);
        let draw =
            |row: &Row<'_>| format!("{}{} {}", "  ".repeat(row.depth), row.name, row.totals.lines.total);
        rows(&entries).iter().map(draw).collect()
    }

    #[test]
    fn folders_come_first_and_count_what_is_in_them() {
        let tree = drawn(&["build.rs", "src/a.rs", "src/b/c.rs", "src/b/d.rs", "src-gen/x.rs"]);
        assert_eq!(
            tree,
            [
                "src-gen/ 2",
                "  x.rs 2",
                "src/ 6",
                "  b/ 4",
                "    c.rs 2",
                "    d.rs 2",
                "  a.rs 2",
                "build.rs 2"
            ]
        );
    }

    #[test]
    fn a_folder_of_one_folder_shares_its_row() {
        assert_eq!(drawn(&["/a/b/c.rs", "/a/b/d/e.rs"]), ["/a/b/ 4", "  d/ 2", "    e.rs 2", "  c.rs 2"]);
        assert_eq!(drawn(&["a/b/c.rs"]), ["a/b/ 2", "  c.rs 2"]);
    }

    #[test]
    fn a_file_and_a_folder_may_share_a_name() {
        assert_eq!(drawn(&["a", "a/b", "a-b"]), ["a/ 2", "  b 2", "a 2", "a-b 2"]);
    }

    #[test]
    fn slashes_without_end_are_cut_short() {
        let deep: Vec<String> = (1..200).map(|depth| "/a".repeat(depth)).collect();
        let rows = drawn(&deep.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(rows.iter().all(|row| row.len() - row.trim_start().len() <= 2 * DEEPEST));
    }

    proptest! {
        #[test]
        fn every_file_has_one_row_and_its_whole_path(paths in proptest::collection::btree_set("[ab/é-]{0,8}", 0..20)) {
            let file = FileCoverage::default();
            let entries = entries(&paths.iter().map(String::as_str).collect(), &file);
            let mut folders: Vec<&str> = Vec::new();
            let mut found = BTreeSet::new();
            for row in rows(&entries) {
                folders.truncate(row.depth);
                match row.entry {
                    Some(entry) => {
                        prop_assert_eq!(folders.concat() + row.name, entry.path);
                        found.insert(entry.path.to_owned());
                    }
                    None => folders.push(row.name),
                }
            }
            prop_assert_eq!(found, paths);
        }
    }
}
