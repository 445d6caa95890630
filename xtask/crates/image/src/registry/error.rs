//! What goes wrong with a registry, told so that it can be mended.

use std::fmt;
use std::io;
use std::time::Duration;

use super::denied::Denied;
use crate::digest::Digest;

/// Why an operation on a registry failed. Addresses are without their queries; no token or password is in any of it.
#[derive(Debug)]
pub enum RegistryError {
    /// What was asked makes no sense: the sentence says what.
    Invalid(String),
    /// The registry, or the service that gives its tokens, said no.
    Refused(Box<Refused>),
    /// No answer came, or not all of it.
    Failed(Box<Failed>),
    /// The answer breaks the OCI distribution specification, or what it promised itself.
    Unexpected {
        /// To what.
        request: Request,
        /// How.
        reason: String,
    },
    /// Bytes do not have the digest that they should have.
    Mismatch {
        /// Where they are from: a request, or `the local image`.
        origin: String,
        /// The digest that was promised.
        promised: Digest,
        /// The digest that was found.
        found: String,
    },
    /// A blob could not be read or written on this machine.
    Local {
        /// Which.
        digest: Digest,
        /// Its size in bytes.
        size: u64,
        /// `read` or `written`.
        done: &'static str,
        /// Why.
        error: io::Error,
    },
    /// Whoever watches wanted it to end.
    Cancelled,
    /// The operation took longer than it may.
    Deadline {
        /// What it may take.
        total: Duration,
        /// What failed last, if something did.
        last: Option<String>,
    },
}

/// Method and address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `PUT`, …
    pub method: String,
    /// The address, without its query.
    pub url: String,
}

/// An answer that is no success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// To what.
    pub request: Request,
    /// The HTTP status.
    pub status: u16,
    /// The registry's code, such as `DENIED`. OCI distribution specification, "Error Codes".
    pub code: Option<String>,
    /// What the registry says about it.
    pub message: Option<String>,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
    /// How often it was tried.
    pub attempts: u32,
    /// What right is missing, when that is why.
    pub denied: Option<Denied>,
}

/// A failure of the way to the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// What was asked.
    pub request: Request,
    /// What kind of failure.
    pub cause: Cause,
    /// The failure in words.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
}

/// Kinds of failures on the way to a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The host has no address.
    Name,
    /// The registry was silent for too long.
    Silence,
    /// There is no connection, or it broke.
    Connection,
    /// The registry's certificate or the encryption is not good.
    Tls,
}

impl RegistryError {
    /// Whether the registry has no such thing: no repository, manifest or blob of this name.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }

    /// The HTTP status, when it was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refused) => Some(refused.status),
            _ => None,
        }
    }

    /// What right is missing, when that is why.
    #[must_use]
    pub fn denied(&self) -> Option<&Denied> {
        match self {
            Self::Refused(refused) => refused.denied.as_ref(),
            _ => None,
        }
    }

    /// What to do about it, one sentence each; empty when there is nothing to say.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::Refused(refused) => refused.hints(),
            Self::Failed(failed) => failed.hint().into_iter().map(ToOwned::to_owned).collect(),
            Self::Mismatch { .. } => vec![
                "nothing of it is used; if it happens again, a proxy or the registry's storage changes what is kept there"
                    .to_owned(),
            ],
            Self::Local { error, size, .. } if error.kind() == io::ErrorKind::StorageFull => {
                vec![format!("make room for {size} bytes, or use another folder")]
            }
            Self::Deadline { .. } => vec!["allow it more time, or look why the registry is slow".to_owned()],
            _ => Vec::new(),
        }
    }

    /// Whether the same may work in a moment.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Refused(refused) => is_transient(refused.status),
            Self::Failed(failed) => failed.cause != Cause::Tls,
            _ => false,
        }
    }

    /// How long the registry asks to wait.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refused) => refused.retry_after,
            _ => None,
        }
    }

    /// The same, after so many attempts.
    pub(super) fn after(mut self, tried: u32) -> Self {
        match &mut self {
            Self::Refused(refused) => refused.attempts = tried,
            Self::Failed(failed) => failed.attempts = tried,
            _ => {}
        }
        self
    }

    /// Through readers, which can only give I/O errors, and back.
    pub(super) fn into_io(self) -> io::Error {
        io::Error::other(self)
    }

    /// What a reader gave: one of ours, or a failure to read this blob.
    pub(super) fn from_io(error: io::Error, blob: &crate::oci::Descriptor, done: &'static str) -> Self {
        match error.downcast::<Self>() {
            Ok(own) => own,
            Err(error) => Self::Local { digest: blob.digest.clone(), size: blob.size, done, error },
        }
    }
}

/// Statuses that say that the same request may work later.
pub(super) fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

impl Refused {
    fn hints(&self) -> Vec<String> {
        if let Some(denied) = &self.denied {
            return denied.fixes();
        }
        let hint = match self.status {
            404 if self.code.as_deref() == Some("NAME_UNKNOWN") => {
                "the registry has no repository of this name; some registries want it made by hand before the first push"
            }
            413 => {
                "a proxy before the registry limits the size of requests; raise its limit, or set a smaller chunk"
            }
            429 => "log in, which raises the limit of most registries, or push and pull less often",
            507 => "the registry's disk is full: remove images there, or ask whoever runs it",
            400 if self.message.as_deref().is_some_and(|message| message.contains("HTTPS server")) => {
                "this registry speaks TLS only; do not ask it in plain HTTP"
            }
            500..=599 => "the registry itself is ill; its status page or its log says more",
            _ => return Vec::new(),
        };
        vec![hint.to_owned()]
    }
}

impl Failed {
    fn hint(&self) -> Option<&'static str> {
        match self.cause {
            Cause::Name => Some("is the registry's name right, and is there a network?"),
            Cause::Silence => {
                Some("the registry answers too slowly, or something on the way drops what it sends")
            }
            Cause::Connection => None,
            Cause::Tls => Some(
                "a company's own certificates are read from the system's store, or from the file that SSL_CERT_FILE names",
            ),
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(denied) = &self.denied {
            write!(f, "{denied}: ")?;
        }
        write!(f, "{} was answered {}", self.request, status_words(self.status))?;
        match (&self.code, &self.message) {
            (Some(code), Some(message)) => write!(f, ": {code}: {message}")?,
            (Some(text), None) | (None, Some(text)) => write!(f, ": {text}")?,
            (None, None) => {}
        }
        tried(f, self.attempts)
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: {}", self.request, self.reason)?;
        tried(f, self.attempts)
    }
}

fn tried(f: &mut fmt::Formatter<'_>, attempts: u32) -> fmt::Result {
    if attempts > 1 { write!(f, " ({attempts} attempts)") } else { Ok(()) }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(reason) => f.write_str(reason),
            Self::Refused(refused) => refused.fmt(f),
            Self::Failed(failed) => failed.fmt(f),
            Self::Unexpected { request, reason } => write!(f, "{request}: {reason}"),
            Self::Mismatch { origin, promised, found } => {
                write!(f, "{origin}: promised was {promised}, found was {found}")
            }
            Self::Local { digest, size, done, error } if error.kind() == io::ErrorKind::StorageFull => {
                write!(f, "the disk is full: {digest} ({size} bytes) could not be {done}")
            }
            Self::Local { digest, done, error, .. } => write!(f, "{digest} could not be {done}: {error}"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::Deadline { total, last } => {
                write!(f, "the registry took longer than {} s in all", total.as_secs_f32())?;
                last.as_ref().map_or(Ok(()), |last| write!(f, "; last: {last}"))
            }
        }
    }
}

impl std::error::Error for RegistryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Local { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// `403 Forbidden`.
fn status_words(status: u16) -> String {
    let reason = ureq::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    reason.map_or_else(|| status.to_string(), |reason| format!("{status} {reason}"))
}
