//! How the program fails: what is said, what may help, and the exit code. This file knows no area of the
//! program; the areas make their own sentences.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

/// Why the program ends with something else than 0. The numbers are part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// The command was understood and failed; for `healthcheck`: the service is not ready.
    Failed = 1,
    /// An argument or an environment variable is wrong.
    BadInput = 2,
    /// Another process listens on the address.
    AddressInUse = 3,
    /// The service stopped before every request was answered.
    Unfinished = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A failure as a person reads it: `error: …`, a blank line, `hint: …`.
///
/// ```
/// use app::failure::{Exit, Failure};
///
/// let failure = Failure::new(Exit::AddressInUse, "127.0.0.1:80 is taken", "choose another port");
/// assert_eq!(failure.to_string(), "error: 127.0.0.1:80 is taken\n\nhint: choose another port");
/// ```
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    message: String,
    hint: String,
}

impl Failure {
    /// A failure with what happened and what to do about it, both without a full stop.
    pub fn new(exit: Exit, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: hint.into() }
    }

    /// The reason that decides the exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "error: {}\n\nhint: {}", self.message, self.hint)
    }
}

impl Error for Failure {}

/// A text that cannot become the value it was meant to be. The command line adds which text and which flag.
#[derive(Debug)]
pub struct Invalid {
    reason: String,
    hint: &'static str,
}

impl Invalid {
    /// The reason completes the sentence "invalid value '…' for '…': …".
    pub fn new(reason: impl Into<String>, hint: &'static str) -> Self {
        Self { reason: reason.into(), hint }
    }

    /// What to give instead.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.hint
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.reason)
    }
}

impl Error for Invalid {}
