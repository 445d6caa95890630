//! The engine as the rest of the toolkit sees it: blocking calls with time limits. The asynchronous library and its
//! runtime live in here and below, and nowhere else.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use bollard::{BollardRequest, Docker};
use tokio::runtime::Runtime;

use super::endpoint::{Answer, Endpoint};
use super::error::{Cause, EngineError, PATIENCE};
use super::find::{Found, NoEngine, find};
use crate::tools::interrupt::Interrupt;
use crate::tools::variables::Variables;

/// How often a long operation looks whether somebody asked to stop.
const LOOK: Duration = Duration::from_millis(100);

/// A connection to a container engine. May be shared by threads; each call blocks its own.
pub struct Engine {
    pub(super) docker: Docker,
    pub(super) runtime: Runtime,
    endpoint: Endpoint,
    answer: Answer,
}

/// When to give up a long operation.
#[derive(Clone, Debug)]
pub struct Limits {
    /// After this time.
    pub timeout: Duration,
    /// When somebody asks to stop.
    pub interrupt: Interrupt,
}

impl Limits {
    /// This time, and nobody asks to stop.
    #[must_use]
    pub fn within(timeout: Duration) -> Self {
        Self { timeout, interrupt: Interrupt::default() }
    }
}

impl Engine {
    /// Looks for an engine as [`find`] does, and connects to it.
    ///
    /// # Errors
    /// When none answers: all that was tried, and why each did not work.
    pub fn find(env: &Variables) -> Result<Self, NoEngine> {
        let found = find(env)?;
        let named = found.endpoint.to_string();
        Self::connect(found).map_err(|why| NoEngine { tried: vec![(named, why)] })
    }

    /// Connects to an engine that was found.
    ///
    /// # Errors
    /// A sentence that says why not.
    pub fn connect(found: Found) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| format!("cannot start a runtime: {error}"))?;
        let seconds = PATIENCE.as_secs();
        let docker = match &found.endpoint {
            Endpoint::Unix(path) => unix(&path.to_string_lossy(), seconds),
            Endpoint::Tcp(authority) => Docker::connect_with_http(
                &format!("tcp://{authority}"),
                seconds,
                bollard::API_DEFAULT_VERSION,
            ),
        };
        let docker = docker.map_err(|error| super::error::chain(&error))?.with_request_modifier(url_safe);
        Ok(Self { docker, runtime, endpoint: found.endpoint, answer: found.answer })
    }

    /// Where it listens.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// What it said of itself when it was pinged.
    #[must_use]
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// A connection of its own to the same engine, which breaks when its value is dropped: that stops what the engine does
    /// for it.
    pub(super) fn another(&self) -> Result<Self, Cause> {
        let found = Found { endpoint: self.endpoint.clone(), answer: self.answer.clone() };
        Self::connect(found).map_err(Cause::Gone)
    }

    /// The connection for what may take as long as these limits say before the first byte of an answer comes. The library
    /// counts whole seconds; it always has more of them than the limits, which then speak first.
    pub(super) fn patient(&self, limits: &Limits) -> Docker {
        self.docker.clone().with_timeout(limits.timeout.saturating_add(PATIENCE))
    }

    /// A short operation: at most a minute.
    pub(super) fn ask<T>(
        &self,
        operation: &'static str,
        subject: &str,
        work: impl Future<Output = Result<T, bollard::errors::Error>>,
    ) -> Result<T, EngineError> {
        self.long(operation, subject, &Limits::within(PATIENCE), async { work.await.map_err(Cause::from) })
    }

    /// An operation that may take long. Its future is dropped, which makes the engine stop it, when the time is up or
    /// somebody asks to stop.
    pub(super) fn long<T>(
        &self,
        operation: &'static str,
        subject: &str,
        limits: &Limits,
        work: impl Future<Output = Result<T, Cause>>,
    ) -> Result<T, EngineError> {
        let done = self.runtime.block_on(limited(limits, work));
        done.map_err(|cause| EngineError::new(operation, subject, cause))
    }
}

/// The work, unless a limit is met first.
pub(super) async fn limited<T>(
    limits: &Limits,
    work: impl Future<Output = Result<T, Cause>>,
) -> Result<T, Cause> {
    let stopped = async {
        while !limits.interrupt.is_raised() {
            tokio::time::sleep(LOOK).await;
        }
    };
    let work = std::pin::pin!(tokio::time::timeout(limits.timeout, work));
    let stopped = std::pin::pin!(stopped);
    match futures_util::future::select(work, stopped).await {
        futures_util::future::Either::Left((Ok(done), _)) => done,
        futures_util::future::Either::Left((Err(_), _)) => Err(Cause::TimedOut(limits.timeout)),
        futures_util::future::Either::Right(_) => Err(Cause::Interrupted),
    }
}

#[cfg(unix)]
fn unix(path: &str, seconds: u64) -> Result<Docker, bollard::errors::Error> {
    Docker::connect_with_unix(path, seconds, bollard::API_DEFAULT_VERSION)
}

#[cfg(not(unix))]
fn unix(path: &str, _seconds: u64) -> Result<Docker, bollard::errors::Error> {
    Err(bollard::errors::Error::UnsupportedURISchemeError { uri: format!("unix://{path}") })
}

/// The library writes credentials in the common alphabet of base64; engines read the one that is safe in URLs, and go on
/// without credentials where they meet `+` or `/`. <https://github.com/fussybeaver/bollard/pull/169>
fn url_safe(mut request: BollardRequest) -> BollardRequest {
    for name in ["x-registry-auth", "x-registry-config"] {
        let Some(value) = request.headers_mut().get_mut(name) else { continue };
        let Ok(text) = value.to_str() else { continue };
        if let Ok(mut safe) = text.replace('+', "-").replace('/', "_").parse() {
            std::mem::swap(value, &mut safe);
        }
        value.set_sensitive(true);
    }
    request
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("endpoint", &self.endpoint)
            .field("answer", &self.answer)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
