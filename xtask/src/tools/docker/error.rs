//! What can go wrong between us and an engine: which operation, on what, in the engine's own words, and what to do.

use std::fmt;
use std::time::Duration;

use bollard::errors::Error;

use crate::kit::text;

/// How long the engine may take for a short operation.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// An operation of the engine that did not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineError {
    /// What was to be done, such as `start container`.
    pub operation: &'static str,
    /// With what: a name, an id, a reference. May be empty.
    pub subject: String,
    /// Why it was not.
    pub cause: Cause,
}

/// Why an operation did not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The engine answered with this HTTP status and these words.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The engine's words.
        words: String,
    },
    /// The engine began, and said this in the midst of it.
    Failed(String),
    /// The connection broke: the engine ended or the network did.
    Gone(String),
    /// It took longer than this.
    TimedOut(Duration),
    /// Somebody asked to stop.
    Interrupted,
    /// The engine answered what nobody understands.
    Malformed(String),
    /// Something on this side, such as a file that cannot be read.
    Here(String),
}

impl EngineError {
    pub(super) fn new(operation: &'static str, subject: impl Into<String>, cause: impl Into<Cause>) -> Self {
        Self { operation, subject: subject.into(), cause: cause.into() }
    }

    /// The engine knows no such thing.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(&self.cause, Cause::Refused { status: 404, .. })
    }

    /// Somebody asked to stop.
    #[must_use]
    pub fn is_interrupt(&self) -> bool {
        self.cause == Cause::Interrupted
    }

    /// What to do, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        self.cause.hint()
    }
}

/// Words of engines and registries, and what to do about them; the first that fits.
const HINTS: [(&str, &str); 10] = [
    (
        "no space left on device",
        "free some space: `docker system df` shows what takes it, `docker system prune` removes what is unused",
    ),
    (
        "no basic auth credentials",
        "log in with `docker login REGISTRY`, or set SLIPWAY_REGISTRY_USERNAME and SLIPWAY_REGISTRY_PASSWORD",
    ),
    (
        "unauthorized",
        "the registry does not accept these credentials: log in anew, and check that the token has not expired",
    ),
    ("permission denied", "this user may not execute or write that file: look at its mode and owner"),
    (
        "denied",
        "the credentials lack the right: check the name of the repository and the token's scope (ghcr.io: `packages: write`)",
    ),
    ("toomanyrequests", "the registry limits how often one may pull: log in, or use a mirror"),
    ("port is already allocated", "another container uses this port: `docker ps` shows which"),
    (
        "server gave http response to https client",
        "the registry speaks plain HTTP: add it to `insecure-registries` of the engine's daemon.json",
    ),
    (
        "x509: ",
        "the engine does not trust the registry's certificate: put its CA into /etc/docker/certs.d/REGISTRY/ca.crt",
    ),
    ("no such host", "the engine cannot resolve the name: check it, and the engine's DNS"),
];

impl Cause {
    fn hint(&self) -> Option<&'static str> {
        let words = match self {
            Self::Gone(_) => {
                return Some(
                    "is the engine still running? Its log tells why it ended (`journalctl -u docker`)",
                );
            }
            Self::Refused { words, .. } | Self::Failed(words) | Self::Here(words) => words.to_lowercase(),
            Self::TimedOut(_) | Self::Interrupted | Self::Malformed(_) => return None,
        };
        HINTS.iter().find(|(sign, _)| words.contains(sign)).map(|(_, hint)| *hint)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { status, words } if words.is_empty() => {
                write!(f, "the engine answered with status {status}")
            }
            Self::Refused { words, .. } | Self::Failed(words) => f.write_str(words),
            Self::Gone(why) => write!(f, "the engine went away ({why})"),
            Self::TimedOut(limit) => write!(f, "not done within {}", text::duration(*limit)),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Malformed(why) => write!(f, "the engine's answer is not understood ({why})"),
            Self::Here(why) => f.write_str(why),
        }
    }
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}", self.operation)?;
        if !self.subject.is_empty() {
            write!(f, " {}", self.subject)?;
        }
        write!(f, ": {}", self.cause)
    }
}

impl std::error::Error for EngineError {}

impl From<Error> for Cause {
    fn from(error: Error) -> Self {
        match error {
            Error::DockerResponseServerError { status_code, message } => {
                Self::Refused { status: status_code, words: message.trim().to_owned() }
            }
            Error::DockerStreamError { error } => Self::Failed(error.trim().to_owned()),
            Error::RequestTimeoutError => Self::TimedOut(PATIENCE),
            Error::HyperResponseError { .. }
            | Error::HyperLegacyError { .. }
            | Error::IOError { .. }
            | Error::SocketNotFoundError(_) => Self::Gone(chain(&error)),
            other => Self::Malformed(chain(&other)),
        }
    }
}

/// An error and what caused it, each told once.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_and_why_and_what_to_do() {
        let words = "write /var/lib/docker/tmp/x: no space left on device".to_owned();
        let error = EngineError::new("load the image", "app.tar", Cause::Failed(words));
        assert_eq!(
            error.to_string(),
            "cannot load the image app.tar: write /var/lib/docker/tmp/x: no space left on device"
        );
        assert!(error.hint().unwrap().contains("docker system prune"));
    }

    #[test]
    fn an_error_of_the_library_keeps_the_words_of_the_engine() {
        let error =
            Error::DockerResponseServerError { status_code: 404, message: "No such image: a\n".to_owned() };
        let error = EngineError::new("inspect image", "a", error);
        assert!(error.is_not_found());
        assert_eq!(error.to_string(), "cannot inspect image a: No such image: a");
        assert_eq!(error.hint(), None);
    }

    #[test]
    fn a_broken_connection_is_told_as_such() {
        let io = std::io::Error::other("connection reset");
        let cause = Cause::from(Error::from(io));
        assert_eq!(cause.to_string(), "the engine went away (connection reset)");
        assert!(cause.hint().unwrap().contains("journalctl"));
    }
}
