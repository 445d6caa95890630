//! Reads JUnit reports into test facts: nextest's own, and those of other tools, which agree on little
//! more than the names of the elements.
//!
//! The file is read once, as a stream of XML events, and outputs are cut while they are read, so that a report of
//! many megabytes costs little more than itself. Counts in attributes are not believed; cases are counted. What
//! `quick-junit` writes reads back the same (a test holds it to that).

pub mod case;
mod error;
mod naming;
pub mod value;
pub mod walk;

#[cfg(test)]
mod tests;

pub use error::JunitError;
pub use naming::Naming;

use crate::model::test::TestCase;

/// Reads a report.
///
/// A failure after which the test was run again becomes an earlier attempt. Of an attempt that failed, the cause and the
/// last 64 KiB of output are kept; bytes that are not UTF-8 are replaced.
///
/// # Errors
///
/// When the file is no XML, is cut off, or holds no suite; a suite without cases is no error.
pub fn read(bytes: &[u8], naming: &Naming) -> Result<Vec<TestCase>, JunitError> {
    walk::Walk::new(naming).read(bytes)
}
