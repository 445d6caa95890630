//! Why a tracefile could not be read.

use std::error::Error;
use std::fmt;
use std::io;

/// Why a tracefile could not be read. The message names the tracefile.
#[derive(Debug)]
pub enum LcovError {
    /// Its bytes could not be had.
    Read {
        /// The tracefile.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// A line is no record, or a record that has no meaning.
    Malformed {
        /// The tracefile.
        name: String,
        /// The number of the line, from 1.
        line: u64,
        /// The start of the line, with control characters escaped.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The text ends within a section.
    Truncated {
        /// The tracefile.
        name: String,
        /// The source file of the section.
        path: String,
    },
}

/// Characters of a malformed line that a message shows.
const EXCERPT: usize = 80;

impl LcovError {
    pub(super) fn read(name: &str, source: io::Error) -> Self {
        Self::Read { name: name.to_owned(), source }
    }

    pub(super) fn malformed(name: &str, line: u64, text: &str, reason: String) -> Self {
        let mut excerpt: String = text.chars().take(EXCERPT).flat_map(char::escape_debug).collect();
        if text.chars().nth(EXCERPT).is_some() {
            excerpt.push('…');
        }
        Self::Malformed { name: name.to_owned(), line, text: excerpt, reason }
    }

    pub(super) fn truncated(name: &str, path: &str) -> Self {
        Self::Truncated { name: name.to_owned(), path: path.to_owned() }
    }
}

impl fmt::Display for LcovError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { name, .. } => write!(out, "{name} could not be read"),
            Self::Malformed { name, line, text, reason } => {
                write!(out, "{name}:{line}: {reason}: `{text}`")
            }
            Self::Truncated { name, path } => write!(
                out,
                "{name} ends within the section of {path}, before its `end_of_record`: what wrote it was stopped, \
                 or the copy is not complete; write it again"
            ),
        }
    }
}

impl Error for LcovError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Read { source, .. } => Some(source),
            Self::Malformed { .. } | Self::Truncated { .. } => None,
        }
    }
}
