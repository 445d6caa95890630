//! What can be wrong with the bytes of a file, before anybody knows which file it was.

use std::{borrow::Cow, io, path::Path};

use super::EmbeddedError;

/// Why bytes could not be read.
#[derive(Debug)]
pub(super) enum Fault {
    /// The system refused.
    Unreadable(io::Error),
    /// They are in a format, or a version of it, that this reader does not know.
    Unknown { what: &'static str, version: u64 },
    /// They break the rules of their format at this offset.
    Damaged { offset: u64, what: Cow<'static, str> },
}

impl Fault {
    /// The fault at a place in memory.
    pub(super) fn damaged(offset: usize, what: &'static str) -> Self {
        Self::Damaged { offset: offset as u64, what: what.into() }
    }

    /// The same fault, when the bytes began at `base` of the file.
    pub(super) fn behind(self, base: u64) -> Self {
        match self {
            Self::Damaged { offset, what } => Self::Damaged { offset: offset.saturating_add(base), what },
            other => other,
        }
    }

    /// The fault as an error that names the file.
    pub(super) fn of(self, file: &Path) -> EmbeddedError {
        let file = file.to_owned();
        match self {
            Self::Unreadable(error) => EmbeddedError::Unreadable { file, error },
            Self::Unknown { what, version } => EmbeddedError::UnknownFormat { file, what, version },
            Self::Damaged { offset, what } => {
                EmbeddedError::Damaged { file, offset, what: what.into_owned() }
            }
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}
