//! Tests that ran in parts, on several machines: one coverage of all parts, and whether all are there.
//!
//! A missing shard looks like code that nothing tests, so who merges shards says how many there are. Files that only
//! some shards saw are no sign of one: each shard builds and runs what it needs.

use std::collections::BTreeSet;

use crate::model::Coverage;

/// The shards that were merged so far.
#[derive(Clone, Debug, Default)]
pub struct Shards {
    coverage: Coverage,
    names: BTreeSet<String>,
    repeated: BTreeSet<String>,
}

/// Whether as many shards were found as there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// All of them.
    Complete,
    /// So many are missing: the numbers are too low.
    Missing(usize),
    /// So many too many: some belong to another run.
    TooMany(usize),
}

impl Shards {
    /// Adds a shard, under a name that no other has, such as the path of its tracefile. One that is given twice is
    /// added once.
    pub fn add(&mut self, name: &str, coverage: Coverage) {
        if self.names.insert(name.to_owned()) {
            self.coverage.merge(coverage);
        } else {
            self.repeated.insert(name.to_owned());
        }
    }

    /// Compares what was found with how many there are.
    #[must_use]
    pub fn completeness(&self, expected: usize) -> Completeness {
        let found = self.names.len();
        match expected.checked_sub(found) {
            Some(0) => Completeness::Complete,
            Some(missing) => Completeness::Missing(missing),
            None => Completeness::TooMany(found - expected),
        }
    }

    /// The names of the shards, sorted.
    #[must_use]
    pub fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// The names that were given more than once, sorted.
    #[must_use]
    pub fn repeated(&self) -> &BTreeSet<String> {
        &self.repeated
    }

    /// What all shards together saw.
    #[must_use]
    pub fn into_coverage(self) -> Coverage {
        self.coverage
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FileCoverage;

    fn coverage(paths: &[&str]) -> Coverage {
        let file = FileCoverage { lines: [(1, 1)].into_iter().collect(), ..FileCoverage::default() };
        Coverage { files: paths.iter().map(|path| ((*path).to_owned(), file.clone())).collect() }
    }

    #[test]
    fn files_that_only_some_shards_saw_are_in_the_whole() {
        let mut shards = Shards::default();
        shards.add("1.info", coverage(&["a.rs", "b.rs"]));
        shards.add("2.info", coverage(&["b.rs", "c.rs"]));
        assert_eq!(shards.completeness(2), Completeness::Complete);
        let whole = shards.into_coverage();
        let counts: Vec<_> = whole.files.values().filter_map(|file| file.lines.get(1)).collect();
        assert_eq!(counts, [1, 2, 1]);
    }

    #[test]
    fn a_shard_that_is_missing_or_too_much_is_counted() {
        let mut shards = Shards::default();
        assert_eq!(shards.completeness(3), Completeness::Missing(3));
        shards.add("1.info", coverage(&[]));
        shards.add("2.info", coverage(&[]));
        assert_eq!(shards.completeness(3), Completeness::Missing(1));
        assert_eq!(shards.completeness(1), Completeness::TooMany(1));
    }

    #[test]
    fn a_shard_that_is_given_twice_counts_once_and_is_named() {
        let mut shards = Shards::default();
        shards.add("1.info", coverage(&["a.rs"]));
        shards.add("1.info", coverage(&["a.rs"]));
        assert_eq!(shards.completeness(2), Completeness::Missing(1));
        assert_eq!(shards.repeated().iter().collect::<Vec<_>>(), ["1.info"]);
        assert_eq!(shards.into_coverage(), coverage(&["a.rs"]));
    }
}
