//! Why a report cannot be read.

use std::fmt;

/// Why a file cannot be read.
#[derive(Debug)]
pub enum JunitError {
    /// It is not well-formed XML, at this byte.
    Xml {
        /// The byte at which reading stopped.
        at: u64,
        /// What is wrong.
        source: quick_xml::Error,
    },
    /// It ends inside an element: what wrote it was stopped.
    CutOff,
    /// There is no `<testsuites>` or `<testsuite>` in it.
    NoSuite,
}

impl fmt::Display for JunitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Xml { at, .. } => write!(f, "the JUnit report is not well-formed XML at byte {at}"),
            Self::CutOff => f.write_str("the JUnit report ends in the middle of an element"),
            Self::NoSuite => f.write_str("the file holds no <testsuite>: it is no JUnit report"),
        }
    }
}

impl std::error::Error for JunitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Xml { source, .. } => Some(source),
            Self::CutOff | Self::NoSuite => None,
        }
    }
}
