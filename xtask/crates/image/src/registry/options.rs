//! How the client behaves, and who watches it.

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::digest::Digest;

/// How the client behaves. The defaults suit the registries in use.
#[derive(Clone, Debug)]
pub struct Options {
    /// Plain HTTP or TLS.
    pub scheme: Scheme,
    /// How long a connection may take to come about.
    pub connect: Duration,
    /// How long a registry may be silent: while it answers, takes bytes or sends them.
    pub idle: Duration,
    /// How long one operation, such as a push, may take in all. It is looked at before each request and with each piece of a
    /// body, so that an operation ends at most [`idle`](Self::idle) after it.
    pub total: Duration,
    /// How often a request is tried when the registry or the way to it fails for a while. Progress counts anew.
    pub attempts: u32,
    /// The longest that the client waits because a registry said `Retry-After`.
    pub longest_wait: Duration,
    /// How many blobs are on their way at once.
    pub parallel: usize,
    /// Blobs up to this many bytes go out in one request, larger ones in pieces of it. It is made smaller by itself when a
    /// registry answers 413.
    pub chunk: u64,
    /// The most bytes that a manifest may have. OCI distribution specification, "Pushing manifests": at least 4 MiB.
    pub largest_manifest: u64,
    /// The most bytes that an image may have in all.
    pub largest_image: u64,
    /// What the client calls itself.
    pub user_agent: String,
    /// Who watches, may stop it, and gives it the time.
    pub watch: Arc<dyn Watch>,
}

/// Plain HTTP or TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// Plain HTTP to this machine (`localhost`, 127.0.0.0/8, `::1`), as container engines do, and TLS to all others.
    #[default]
    Auto,
    /// Always TLS.
    Https,
    /// Always plain HTTP: everybody on the way reads the credentials.
    Http,
}

/// Who watches an operation. Its methods are called from several threads.
pub trait Watch: fmt::Debug + Send + Sync {
    /// The time, from which deadlines and the end of tokens are reckoned.
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// Waits.
    fn sleep(&self, duration: Duration) {
        thread::sleep(duration);
    }

    /// Whether the operation shall end. Asked often.
    fn is_cancelled(&self) -> bool {
        false
    }

    /// Something happened.
    fn event(&self, _event: &Event<'_>) {}
}

/// What happens in an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// The registry has this blob already.
    Present(&'a Digest),
    /// The registry took this blob over from another of its repositories.
    Mounted(&'a Digest),
    /// So much of a blob is on the registry.
    Sent {
        /// Which blob.
        digest: &'a Digest,
        /// Bytes so far; it goes back when a piece has to be sent again.
        bytes: u64,
        /// Bytes of the blob.
        of: u64,
    },
    /// So much of a blob is here.
    Received {
        /// Which blob.
        digest: &'a Digest,
        /// Bytes so far.
        bytes: u64,
        /// Bytes of the blob.
        of: u64,
    },
    /// Something failed that may work in a moment.
    Waiting {
        /// What failed.
        reason: &'a str,
        /// How long the client waits.
        delay: Duration,
        /// Which attempt failed, from 1.
        attempt: u32,
    },
}

/// Nobody watches; time is the system's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watch for Unwatched {}

impl Default for Options {
    fn default() -> Self {
        Self {
            scheme: Scheme::Auto,
            connect: Duration::from_secs(10),
            // Registries on object stores answer the end of a large upload only once it is copied.
            idle: Duration::from_mins(1),
            total: Duration::from_mins(30),
            attempts: 5,
            longest_wait: Duration::from_mins(1),
            parallel: 4,
            chunk: 64 << 20,
            largest_manifest: 4 << 20,
            largest_image: 32 << 30,
            user_agent: concat!("slipway/", env!("CARGO_PKG_VERSION")).to_owned(),
            watch: Arc::new(Unwatched),
        }
    }
}
