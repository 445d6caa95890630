//! Which source files count, and under which path.
//!
//! Compilers and tools write paths of their own: absolute ones, ones of another machine, ones of the standard library
//! and of dependencies. A [`Scope`] maps them to paths below the workspace root and says which are dropped, for every
//! reader alike. It works on text alone and asks no file system.

use std::cmp::Reverse;
use std::error::Error;
use std::fmt;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::model::Coverage;

mod dropped;
mod foreign;
mod normal;
mod prefix;

pub use dropped::{Dropped, Reason};
pub use foreign::{TEST_FILE, TEST_FOLDERS};
pub use prefix::PrefixMap;

use dropped::Counters;

/// Maps the paths of source files and filters them. Several threads may ask it at once.
#[derive(Debug)]
pub struct Scope {
    root: String,
    maps: Vec<PrefixMap>,
    generated: Vec<String>,
    exclude: GlobSet,
    tests: Tests,
    dropped: Counters,
}

/// Whether files that only test count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tests {
    Dropped,
    Kept,
}

impl Scope {
    /// The files below the workspace root, without those that only test (see [`TEST_FOLDERS`] and [`TEST_FILE`]).
    #[must_use]
    pub fn new(root: &str) -> Self {
        Self {
            root: normal::path(root),
            maps: Vec::new(),
            generated: Vec::new(),
            exclude: GlobSet::empty(),
            tests: Tests::Dropped,
            dropped: Counters::default(),
        }
    }

    /// Takes other folders' files for the workspace's: of a tracefile from another machine, for example.
    #[must_use]
    pub fn map(mut self, maps: impl IntoIterator<Item = PrefixMap>) -> Self {
        self.maps.extend(maps);
        self.maps.sort_by_key(|map| Reverse(map.length()));
        self
    }

    /// Drops what lies below a folder that holds generated or foreign files: the target directory, vendored sources.
    /// A relative folder lies below the root.
    #[must_use]
    pub fn without_folder(mut self, folder: &str) -> Self {
        self.generated.push(normal::below(&self.root, &normal::path(folder)));
        self
    }

    /// Drops files that match one of the globs, which are relative to the root; `*` stops at `/`, `**` does not.
    ///
    /// # Errors
    /// A text is not a glob.
    pub fn without(mut self, globs: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, GlobError> {
        let mut set = GlobSetBuilder::new();
        for glob in globs {
            let built =
                GlobBuilder::new(glob.as_ref()).literal_separator(true).backslash_escape(true).build();
            set.add(built.map_err(|error| GlobError::new(glob.as_ref(), &error))?);
        }
        self.exclude = set.build().map_err(|error| GlobError::new("the globs together", &error))?;
        Ok(self)
    }

    /// Keeps the files that only test.
    #[must_use]
    pub fn with_tests(mut self) -> Self {
        self.tests = Tests::Kept;
        self
    }

    /// The path in the model: relative to the root, with `/` between folders. None for a file that does not count,
    /// which is then counted as dropped.
    #[must_use]
    pub fn keep(&self, raw: &str) -> Option<String> {
        match self.place(raw) {
            Ok(path) => Some(path),
            Err(reason) => {
                self.dropped.add(reason);
                None
            }
        }
    }

    /// Whether a file counts. Asking leaves no trace in what was dropped.
    #[must_use]
    pub fn wants(&self, raw: &str) -> bool {
        self.place(raw).is_ok()
    }

    /// How many paths were dropped so far, by reason.
    #[must_use]
    pub fn dropped(&self) -> Dropped {
        self.dropped.counts()
    }

    /// The files of a foreign tracefile that count, under their paths in the model. Those that come to have the same
    /// path are merged.
    #[must_use]
    pub fn apply(&self, coverage: Coverage) -> Coverage {
        let mut scoped = Coverage::default();
        for (raw, file) in coverage.files {
            if let Some(path) = self.keep(&raw) {
                scoped.add(path, file);
            }
        }
        scoped
    }

    fn place(&self, raw: &str) -> Result<String, Reason> {
        let path = normal::path(raw);
        let path = self.maps.iter().find_map(|map| map.apply(&path)).unwrap_or(path);
        let path = normal::below(&self.root, &path);
        if let Some(reason) = foreign::reason(&path) {
            return Err(reason);
        }
        if self.generated.iter().any(|folder| normal::strip(folder, &path).is_some()) {
            return Err(Reason::Generated);
        }
        if path.is_empty() || normal::is_outside(&path) {
            return Err(Reason::Outside);
        }
        if self.tests == Tests::Dropped && foreign::is_test(&path) {
            return Err(Reason::Test);
        }
        if self.exclude.is_match(&path) {
            return Err(Reason::Excluded);
        }
        Ok(path)
    }
}

/// A text that is not a glob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobError(String);

impl GlobError {
    fn new(glob: &str, error: &globset::Error) -> Self {
        Self(format!("`{glob}` is not a glob: {}", error.kind()))
    }
}

impl fmt::Display for GlobError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl Error for GlobError {}

#[cfg(test)]
mod tests;
