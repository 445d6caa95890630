//! What does not work inside, and whose fault that is.

use std::io;

/// What did not work.
pub(super) enum Failed {
    /// The machine's fault.
    Setup(String),
    /// The image's fault.
    Program(String),
}

/// Gives a step of the setup its name when it does not work.
pub(super) fn setup<T>(what: &str, done: io::Result<T>) -> Result<T, Failed> {
    done.map_err(|error| Failed::Setup(format!("cannot {what}: {error}")))
}
