//! Which report files a step has made: a file that lay there before, untouched, says nothing about this run.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::Path;
use std::time::SystemTime;

use globset::GlobSetBuilder;

use crate::settings::{CustomStep, Pattern};
use crate::tools::files;

/// Which of the files that match belong to a run.
#[derive(Clone, Debug)]
pub(super) enum Fresh {
    /// All: the step need not run, as it passed with them.
    Any,
    /// Those that were not there, or not like this, before the step ran.
    Since(BTreeMap<String, Mark>),
}

/// What changes when a file is written again. Clocks are not asked: a step may set any time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    length: u64,
    modified: Option<SystemTime>,
    node: (u64, i64, i64),
}

impl Fresh {
    /// Takes note of the report files that are there before a step runs.
    pub(super) fn before(root: &Path, custom: &CustomStep) -> Self {
        let patterns = [&custom.junit, &custom.sarif, &custom.lcov].into_iter().flatten();
        let paths = patterns.flat_map(|pattern| matching(root, pattern));
        Self::Since(paths.filter_map(|path| Some((path.clone(), Mark::of(&root.join(path))?))).collect())
    }

    /// Whether a file belongs to the run.
    pub(super) fn holds(&self, root: &Path, path: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Since(before) => before.get(path) != Mark::of(&root.join(path)).as_ref(),
        }
    }
}

impl Mark {
    fn of(path: &Path) -> Option<Self> {
        let file = path.metadata().ok()?;
        Some(Self { length: file.len(), modified: file.modified().ok(), node: node(&file) })
    }
}

/// The file's number, and the time of its last change, which nobody can set.
#[cfg(unix)]
fn node(file: &Metadata) -> (u64, i64, i64) {
    use std::os::unix::fs::MetadataExt as _;
    (file.ino(), file.ctime(), file.ctime_nsec())
}

#[cfg(not(unix))]
fn node(_file: &Metadata) -> (u64, i64, i64) {
    (0, 0, 0)
}

/// Files that match a pattern, relative to the root.
pub(super) fn matching(root: &Path, pattern: &Pattern) -> Vec<String> {
    let candidates = if pattern.as_str().contains(['*', '?', '[', '{']) {
        files::walk(root, &[".git", "node_modules"])
    } else {
        vec![pattern.as_str().to_owned()]
    };
    // Patterns were checked when the settings were read: a set that cannot be built matches nothing.
    let Ok(set) = GlobSetBuilder::new().add(pattern.glob().clone()).build() else { return Vec::new() };
    candidates.into_iter().filter(|path| set.is_match(path) && root.join(path).is_file()).collect()
}
