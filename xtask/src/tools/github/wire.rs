//! One request and its answer, over octocrab: no repetition, no redirects, a bounded body.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use http_body_util::BodyExt as _;
use octocrab::Octocrab;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::address::Address;
use super::error::{GitHubError, Route};
use crate::kit::secret::Secret;
use crate::tools::interrupt::Interrupt;

/// How often somebody's wish for an end is looked for.
const LOOK: Duration = Duration::from_millis(50);

/// The most bytes of an answer in JSON: a page of a hundred comments of full length in four-byte characters, twice.
const LARGEST: usize = 64 << 20;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Post,
    Patch,
    Delete,
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        })
    }
}

/// A request. The route begins with a slash and lies below the API's address.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) verb: Verb,
    pub(super) route: String,
    pub(super) body: Option<Value>,
    /// A file in place of a body.
    pub(super) file: Option<File>,
    /// The most bytes of the answer.
    pub(super) largest: usize,
}

impl Ask {
    pub(super) fn get(route: impl Into<String>) -> Self {
        Self::new(Verb::Get, route.into(), None)
    }

    pub(super) fn new(verb: Verb, route: String, body: Option<Value>) -> Self {
        Self { verb, route, body, file: None, largest: LARGEST }
    }

    /// As it is told: without the query, which is a key to an archive at other places.
    pub(super) fn route(&self) -> Route {
        let path = self.route.split('?').next().unwrap_or_default();
        Route { verb: self.verb.to_string(), path: path.to_owned() }
    }
}

/// A file that is sent.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) media_type: &'static str,
    pub(super) bytes: Arc<[u8]>,
}

impl File {
    /// What it may take at the slowest that is worth waiting for: 256 KiB a second.
    pub(super) fn time(&self) -> Duration {
        Duration::from_secs(self.bytes.len() as u64 >> 18)
    }
}

/// An answer, whatever its status.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// By their names in small letters.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.header(name)?.trim().parse().ok()
    }
}

/// The connection to one API, or to one place that an API sends us to.
pub(super) struct Wire {
    runtime: Runtime,
    client: Mutex<Octocrab>,
    /// What goes along.
    token: Mutex<Option<Secret>>,
    address: Address,
    limits: Limits,
}

/// How long a connection is waited for.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Until it is there.
    connect: Duration,
    /// Between two pieces that are read, or written; none where a request as a whole is bounded alone.
    between: Option<Duration>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Wire {
    /// A client without retries; nothing is sent yet.
    pub(super) fn new(
        address: &Address,
        token: Option<&Secret>,
        limit: Duration,
    ) -> Result<Self, GitHubError> {
        Self::within(address, token, Limits { connect: limit, between: Some(limit) })
    }

    fn within(address: &Address, token: Option<&Secret>, limits: Limits) -> Result<Self, GitHubError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| unusable("no runtime", &error))?;
        // octocrab starts a task when it is built.
        let guard = runtime.enter();
        let client = client(address, token, limits)?;
        drop(guard);
        let token = Mutex::new(token.cloned());
        Ok(Self { runtime, client: Mutex::new(client), token, address: address.clone(), limits })
    }

    /// A connection for files to another place of the same GitHub, which gets the same token. An answer is waited for from the first
    /// byte that is written, and a large file takes longer than any other request: only the whole is bounded.
    pub(super) fn beside(&self, address: &Address) -> Result<Self, GitHubError> {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Self::within(address, token.as_ref(), Limits { between: None, ..self.limits })
    }

    /// From now on, this token goes along.
    pub(super) fn log_in(&self, token: &Secret) -> Result<(), GitHubError> {
        let _guard = self.runtime.enter();
        let client = client(&self.address, Some(token), self.limits)?;
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = client;
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Ok(())
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Sends once. A status that says no is an answer, too.
    pub(super) fn exchange(
        &self,
        ask: &Ask,
        limit: Duration,
        interrupt: &Interrupt,
    ) -> Result<Answer, GitHubError> {
        let work = std::pin::pin!(tokio_timeout(limit, self.send(ask)));
        let stopped = std::pin::pin!(async {
            while !interrupt.is_raised() {
                tokio::time::sleep(LOOK).await;
            }
        });
        let done = self.runtime.block_on(async { select(work, stopped).await });
        match done {
            Either::Left((Some(done), _)) => done,
            Either::Left((None, _)) => Err(GitHubError::Broken {
                route: ask.route(),
                reason: format!("no whole answer within {}", crate::kit::text::duration(limit)),
            }),
            Either::Right(_) => Err(GitHubError::Interrupted),
        }
    }

    async fn send(&self, ask: &Ask) -> Result<Answer, GitHubError> {
        // A whole address: octocrab puts the base's path before routes unless they happen to begin like it.
        let address = self.address.of_route(&ask.route);
        let body = ask.body.as_ref();
        let client = self.client.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let broken = |error: &dyn Error| GitHubError::Broken { route: ask.route(), reason: words(error) };
        let sent = match ask.verb {
            Verb::Get => client._get(address).await,
            Verb::Post => match &ask.file {
                None => client._post(address, body).await,
                Some(file) => {
                    let request =
                        http_message::Request::post(address).header("content-type", file.media_type);
                    let request = request.header("content-length", file.bytes.len());
                    let request = request.body(file.bytes.to_vec()).map_err(|error| broken(&error))?;
                    client.execute(request).await
                }
            },
            Verb::Patch => client._patch(address, body).await,
            Verb::Delete => client._delete(address, body).await,
        };
        let (head, mut rest) = sent.map_err(|error| broken(&error))?.into_parts();
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
        let mut answer =
            Answer { status: head.status.as_u16(), headers: headers.collect(), body: Vec::new() };
        while let Some(frame) = rest.frame().await {
            let frame = frame.map_err(|error| broken(&error))?;
            let Ok(piece) = frame.into_data() else { continue };
            if answer.body.len() + piece.len() > ask.largest {
                return Err(GitHubError::TooLarge { route: ask.route(), limit: ask.largest });
            }
            answer.body.extend_from_slice(&piece);
        }
        Ok(answer)
    }
}

/// octocrab's client; a runtime must have been entered.
fn client(address: &Address, token: Option<&Secret>, limits: Limits) -> Result<Octocrab, GitHubError> {
    let mut builder = Octocrab::builder()
        .base_uri(address.to_string())
        .map_err(|error| unusable("the address is not understood", &error))?
        .set_connect_timeout(Some(limits.connect))
        .set_read_timeout(limits.between)
        .set_write_timeout(limits.between);
    if let Some(token) = token {
        builder = builder.personal_token(token.expose());
    }
    builder.build().map_err(|error| unusable("no client", &error))
}

fn unusable(what: &str, error: &dyn Error) -> GitHubError {
    GitHubError::Unusable(format!("{what}: {}", words(error)))
}

async fn tokio_timeout<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limit, work).await.ok()
}

/// What is at the bottom of an error; what stands above only says that something failed.
fn words(error: &dyn Error) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string().lines().next().unwrap_or_default().to_owned()
}
