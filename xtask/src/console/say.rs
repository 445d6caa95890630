//! The one way to standard error.

use std::io::Write as _;

/// Writes lines to standard error at once. When nobody listens there is nobody to tell.
pub(super) fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
