//! Why no coverage came out.

use std::{error::Error, fmt, io, path::PathBuf};

/// Why profiles and executables gave no coverage.
#[derive(Debug)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// The system would not let us read a file.
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file is in a format, or a version of one, that this reader does not know. Nothing is wrong with the file;
    /// LLVM's own tools of the compiler's version read it.
    UnknownFormat {
        /// The file.
        file: PathBuf,
        /// The format, as `raw profile` or `coverage map`.
        what: &'static str,
        /// The version, as its specification counts; zero where there are none.
        version: u64,
    },
    /// A file breaks the rules of its format.
    Damaged {
        /// The file.
        file: PathBuf,
        /// Where, in bytes from the beginning of the file.
        offset: u64,
        /// What is wrong there.
        what: String,
    },
    /// There is no profile, or none that can be used.
    NoProfile {
        /// How many were given.
        given: usize,
        /// What was wrong with each.
        notes: Vec<String>,
    },
    /// None of the executables holds a coverage map.
    NoMap {
        /// How many were given.
        given: usize,
    },
    /// No profile was written by any of the executables.
    NoMatch {
        /// How many profiles were read.
        profiles: usize,
        /// How many executables with a coverage map were read.
        objects: usize,
    },
}

impl fmt::Display for EmbeddedError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { file, error } => write!(out, "{} cannot be read: {error}", file.display()),
            Self::UnknownFormat { file, what, version } => {
                let of_version = if *version > 0 { format!(" of version {version}") } else { String::new() };
                write!(
                    out,
                    "{} is or holds a {what}{of_version}, which the embedded reader does not know\n\n\
                     hint: use the LLVM tools that belong to the compiler",
                    file.display()
                )
            }
            Self::Damaged { file, offset, what } => {
                write!(out, "{} is damaged at byte {offset}: {what}", file.display())
            }
            Self::NoProfile { given: 0, .. } => write!(
                out,
                "there is no profile\n\nhint: build with -Cinstrument-coverage, and let the programs end by themselves"
            ),
            Self::NoProfile { given, notes } => {
                write!(out, "none of {given} profiles can be used")?;
                notes.iter().try_for_each(|note| write!(out, "\n{note}"))
            }
            Self::NoMap { given } => write!(
                out,
                "none of {given} executables holds a coverage map\n\nhint: build them with -Cinstrument-coverage"
            ),
            Self::NoMatch { profiles, objects } => write!(
                out,
                "none of {profiles} profiles was written by any of {objects} executables\n\n\
                 hint: remove old profiles, or give the executables of the build that wrote them"
            ),
        }
    }
}

impl Error for EmbeddedError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreadable { error, .. } => Some(error),
            _ => None,
        }
    }
}
