//! How many source files were dropped, and why.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why a source file does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It belongs to the standard library.
    StandardLibrary,
    /// It belongs to a dependency, from a registry or from git.
    Dependency,
    /// It lies in a folder of generated or foreign files, such as the target directory.
    Generated,
    /// It lies outside of the workspace.
    Outside,
    /// It only tests.
    Test,
    /// The settings exclude it.
    Excluded,
}

impl Reason {
    const ALL: [Self; 6] =
        [Self::StandardLibrary, Self::Dependency, Self::Generated, Self::Outside, Self::Test, Self::Excluded];

    fn phrase(self) -> &'static str {
        match self {
            Self::StandardLibrary => "of the standard library",
            Self::Dependency => "of dependencies",
            Self::Generated => "generated",
            Self::Outside => "outside of the workspace",
            Self::Test => "of tests, examples and benches",
            Self::Excluded => "excluded",
        }
    }
}

/// How many paths were dropped, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped([u64; Reason::ALL.len()]);

impl Dropped {
    /// The reasons for which any was dropped, each with the number of paths.
    pub fn iter(&self) -> impl Iterator<Item = (Reason, u64)> {
        Reason::ALL.into_iter().zip(self.0).filter(|(_, times)| *times > 0)
    }

    /// How many were dropped for this reason.
    #[must_use]
    pub fn times(&self, reason: Reason) -> u64 {
        self.iter().find(|(dropped, _)| *dropped == reason).map_or(0, |(_, times)| times)
    }

    /// Whether none was dropped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

/// For example `12 of the standard library, 3 excluded`.
impl fmt::Display for Dropped {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (reason, times)) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(out, "{separator}{times} {}", reason.phrase())?;
        }
        Ok(())
    }
}

/// [`Dropped`], while several threads count.
#[derive(Debug, Default)]
pub(super) struct Counters([AtomicU64; Reason::ALL.len()]);

impl Counters {
    pub(super) fn add(&self, reason: Reason) {
        let counter = Reason::ALL.iter().zip(&self.0).find(|(counted, _)| **counted == reason);
        if let Some((_, counter)) = counter {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn counts(&self) -> Dropped {
        Dropped(std::array::from_fn(|index| {
            self.0.get(index).map_or(0, |counter| counter.load(Ordering::Relaxed))
        }))
    }
}
