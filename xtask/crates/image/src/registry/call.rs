//! One operation on a registry, from its first request to its last: who asks, how often, how long, and whether it shall go on.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use ureq::BodyReader;

use super::Registry;
use super::auth::Scope;
use super::denied::Denied;
use super::error::{Refused, RegistryError, Request, is_transient};
use super::options::Event;
use super::secret::Secret;
use super::url::Url;
use super::wire::{Answer, Ask, broken};
use crate::reference::Repository;

/// The most bytes that are read of an answer that says no.
const REFUSAL_BYTES: u64 = 64 << 10;

/// The most characters that are told of what a registry says.
const MESSAGE_CHARACTERS: usize = 500;

/// The first pause between two attempts; each further one is twice as long, up to the longest.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(16);

/// One operation.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) registry: &'a Registry,
    started: Instant,
    requests: AtomicU64,
    stop: AtomicBool,
    /// Whether the registry lets us write; none before it was asked.
    writes: Mutex<Option<bool>>,
}

/// What registries answer when they say no. OCI distribution specification, "Error Codes".
#[derive(Deserialize)]
struct Problems {
    errors: Option<Vec<Problem>>,
    /// What token services say instead.
    details: Option<String>,
    error_description: Option<String>,
    message: Option<String>,
}

#[derive(Deserialize)]
struct Problem {
    code: Option<String>,
    message: Option<String>,
    detail: Option<serde_json::Value>,
}

impl<'a> Call<'a> {
    pub(super) fn new(registry: &'a Registry) -> Self {
        let started = registry.options.watch.now();
        Self {
            registry,
            started,
            requests: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            writes: Mutex::default(),
        }
    }

    pub(super) fn now(&self) -> Instant {
        self.registry.options.watch.now()
    }

    /// Requests so far, those for tokens and those that failed included.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Ends what other threads do for this operation.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(super) fn event(&self, event: &Event<'_>) {
        self.registry.options.watch.event(event);
    }

    /// Whether the operation may go on.
    pub(super) fn check(&self) -> Result<(), RegistryError> {
        if self.stop.load(Ordering::Relaxed) || self.registry.options.watch.is_cancelled() {
            return Err(RegistryError::Cancelled);
        }
        let total = self.registry.options.total;
        if self.now().duration_since(self.started) >= total {
            return Err(RegistryError::Deadline { total, last: None });
        }
        Ok(())
    }

    /// An address below a repository: `blobs/uploads/`.
    pub(super) fn url(&self, repository: &Repository, rest: &str) -> Result<Url, RegistryError> {
        if !self.registry.is_home_of(repository) {
            let host = &self.registry.host;
            return Err(RegistryError::Invalid(format!("{repository} is not kept at {host}")));
        }
        self.at(&format!("/v2/{}/{rest}", repository.path()))
    }

    /// An address on the registry.
    pub(super) fn at(&self, path: &str) -> Result<Url, RegistryError> {
        let base = &self.registry.base;
        base.join(path)
            .map_err(|why| RegistryError::Invalid(format!("`{path}` is no address on a registry: {why}")))
    }

    /// Whether what we send can be read on the way, because somebody wanted it so.
    pub(super) fn is_exposed(&self) -> bool {
        self.registry.base.is_exposed()
    }

    pub(super) fn unexpected(&self, reason: String) -> RegistryError {
        let request = Request { method: "GET".to_owned(), url: self.registry.base.to_string() };
        RegistryError::Unexpected { request, reason }
    }

    /// Asks until there is an answer that more attempts would not change: it may still be a refusal.
    pub(super) fn send(&self, ask: &Ask<'_>, scope: Scope<'_>) -> Result<Answer, RegistryError> {
        self.retry(Some(scope), || self.once(ask, Some(scope)))
    }

    /// Asks, with a second time when the registry wants to know who asks or does not take a token any more.
    pub(super) fn once(&self, ask: &Ask<'_>, scope: Option<Scope<'_>>) -> Result<Answer, RegistryError> {
        let auth = &self.registry.auth;
        // A registry may send an upload to another host, which is not told who asks.
        let is_home = ask.url.origin() == self.registry.base.origin();
        let header = if is_home { auth.header(self, scope)? } else { None };
        let answer = self.exchange(ask, header.as_ref())?;
        let is_challenge = answer.status == 401 && answer.url.origin() == self.registry.base.origin();
        if !is_challenge || !auth.learn(&answer, header.as_ref()) {
            return Ok(answer);
        }
        let header = auth.header(self, scope)?;
        self.exchange(ask, header.as_ref())
    }

    /// Asks for the right to write, by `first`: one thread does, and the others wait for its answer. A refusal is then heard once,
    /// however many blobs there are, and no account is locked for asking often.
    pub(super) fn writing<R>(
        &self,
        first: impl FnOnce() -> Result<R, RegistryError>,
    ) -> Result<R, RegistryError> {
        let mut writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        match *writes {
            Some(true) => {
                drop(writes);
                first()
            }
            Some(false) => Err(RegistryError::Cancelled),
            None => {
                let outcome = first();
                *writes = Some(outcome.is_ok());
                outcome
            }
        }
    }

    /// Asks as it is.
    pub(super) fn exchange(
        &self,
        ask: &Ask<'_>,
        authorization: Option<&Secret>,
    ) -> Result<Answer, RegistryError> {
        self.check()?;
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.registry.wire.exchange(ask, authorization)
    }

    /// Tries something until it works, fails for good, or failed too often.
    pub(super) fn retry(
        &self,
        scope: Option<Scope<'_>>,
        mut attempt: impl FnMut() -> Result<Answer, RegistryError>,
    ) -> Result<Answer, RegistryError> {
        let mut tried = 0;
        loop {
            tried += 1;
            let error = match attempt() {
                Ok(answer) if !is_transient(answer.status) => return Ok(answer),
                Ok(answer) => self.refused(answer, scope),
                Err(error) => error,
            };
            self.wait_after(error, tried)?;
        }
    }

    /// Waits after a failure that may pass; gives it back when it will not, or after the last attempt.
    pub(super) fn wait_after(&self, error: RegistryError, tried: u32) -> Result<(), RegistryError> {
        let options = &self.registry.options;
        if !error.is_transient() || tried >= options.attempts {
            return Err(error.after(tried));
        }
        let pause = PAUSE.saturating_mul(1 << tried.saturating_sub(1).min(16)).min(LONGEST_PAUSE);
        let delay = error.retry_after().map_or(pause, |asked| asked.max(pause).min(options.longest_wait));
        let reason = error.to_string();
        let spent = self.now().duration_since(self.started);
        if spent + delay >= options.total {
            return Err(RegistryError::Deadline { total: options.total, last: Some(reason) });
        }
        self.event(&Event::Waiting { reason: &reason, delay, attempt: tried });
        let mut left = delay;
        // In slices, so that nobody who wants to stop waits for us.
        while !left.is_zero() {
            self.check()?;
            let slice = left.min(Duration::from_millis(200));
            options.watch.sleep(slice);
            left -= slice;
        }
        self.check()
    }

    /// The error of an answer that is no success.
    pub(super) fn refused(&self, mut answer: Answer, scope: Option<Scope<'_>>) -> RegistryError {
        // Without its words when they do not come in time.
        let text = self.bytes(&mut answer, REFUSAL_BYTES).ok().flatten().unwrap_or_default();
        let (code, message) = told(&text);
        let credentials = self.registry.auth.credentials();
        let clean = |text: String| clean(&credentials.scrub(&text));
        let denied = scope.filter(|_| matches!(answer.status, 401 | 403)).map(|scope| Denied {
            who: credentials.who(),
            is_anonymous: credentials.is_anonymous(),
            is_unknown: answer.status == 401,
            right: scope.right,
            repository: scope.repository.clone(),
        });
        RegistryError::Refused(Box::new(Refused {
            request: answer.request.clone(),
            status: answer.status,
            code: code.map(clean),
            message: message.map(clean),
            retry_after: retry_after(&answer),
            attempts: 1,
            denied,
        }))
    }

    /// The answer, when it has one of these statuses; else the error that it is.
    pub(super) fn accept(
        &self,
        answer: Answer,
        scope: Scope<'_>,
        statuses: &[u16],
    ) -> Result<Answer, RegistryError> {
        if statuses.contains(&answer.status) {
            return Ok(answer);
        }
        if answer.status >= 400 {
            return Err(self.refused(answer, Some(scope)));
        }
        let status = answer.status;
        Err(answer.unexpected(format!("the registry answered {status}, which means nothing here")))
    }

    /// At most so many bytes of the body; none when it has more.
    pub(super) fn bytes(&self, answer: &mut Answer, most: u64) -> Result<Option<Vec<u8>>, RegistryError> {
        let mut bytes = Vec::new();
        let mut body = Checked { call: self, body: &mut answer.body }.take(most.saturating_add(1));
        match body.read_to_end(&mut bytes) {
            Ok(_) => Ok((bytes.len() as u64 <= most).then_some(bytes)),
            Err(error) => Err(ended(&answer.request, error)),
        }
    }

    /// Reads so many bytes of the body and leaves them. How many there were.
    pub(super) fn skip(&self, answer: &mut Answer, bytes: u64) -> Result<u64, RegistryError> {
        let mut body = Checked { call: self, body: &mut answer.body }.take(bytes);
        io::copy(&mut body, &mut io::sink()).map_err(|error| ended(&answer.request, error))
    }

    /// As [`check`](Self::check), for readers.
    pub(super) fn check_io(&self) -> io::Result<()> {
        self.check().map_err(RegistryError::into_io)
    }
}

/// A body, of which a registry may send a byte now and then: it is never silent for long, and never done.
struct Checked<'a> {
    call: &'a Call<'a>,
    body: &'a mut BodyReader<'static>,
}

impl Read for Checked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.call.check_io()?;
        self.body.read(buffer)
    }
}

/// Why a body was not read to its end: somebody wanted that, or its connection broke.
fn ended(request: &Request, error: io::Error) -> RegistryError {
    error.downcast().unwrap_or_else(|error| broken(request, &error))
}

/// Code and message of a refusal; a body that is no JSON counts as message when it is short text.
fn told(bytes: &[u8]) -> (Option<String>, Option<String>) {
    let text = || {
        let text = std::str::from_utf8(bytes).ok()?.trim();
        (!text.is_empty() && !text.starts_with('<')).then(|| text.to_owned())
    };
    let Ok(problems) = serde_json::from_slice::<Problems>(bytes) else { return (None, text()) };
    let Some(first) = problems.errors.into_iter().flatten().next() else {
        return (None, problems.details.or(problems.error_description).or(problems.message));
    };
    let detail = first.detail.and_then(|detail| detail.as_str().map(ToOwned::to_owned));
    (first.code, first.message.filter(|message| !message.is_empty()).or(detail))
}

/// Without control characters, and not endless.
fn clean(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.chars().filter(|character| !character.is_control()).take(MESSAGE_CHARACTERS).collect()
}

/// `Retry-After` in seconds, or as a date beside the registry's own `Date`, so that our clock does not matter.
fn retry_after(answer: &Answer) -> Option<Duration> {
    if let Some(seconds) = answer.number("retry-after") {
        return Some(Duration::from_secs(seconds));
    }
    let date = |name: &str| chrono::DateTime::parse_from_rfc2822(answer.header(name)?).ok();
    (date("retry-after")? - date("date")?).to_std().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_read_however_they_are_written() {
        let of = |text: &str| {
            let (code, message) = told(text.as_bytes());
            format!("{}|{}", code.unwrap_or_default(), message.unwrap_or_default())
        };
        assert_eq!(
            of(r#"{"errors":[{"code":"DENIED","message":"permission_denied: write_package"}]}"#),
            "DENIED|permission_denied: write_package"
        );
        assert_eq!(of(r#"{"errors":[{"code":"DENIED","message":"","detail":"d"}]}"#), "DENIED|d");
        assert_eq!(of(r#"{"errors":[{"code":"X","detail":[{"Type":"repository"}]}]}"#), "X|");
        assert_eq!(of(r#"{"details":"incorrect username or password"}"#), "|incorrect username or password");
        assert_eq!(of("slow down\n"), "|slow down");
        assert_eq!(of("<html>nginx</html>"), "|");
        assert_eq!(of(""), "|");
        assert_eq!(of(r#"{"errors":null}"#), "|");
    }

    #[test]
    fn what_is_told_is_one_short_line() {
        assert_eq!(clean("a\r\nb\x1b[31m c"), "a b[31m c");
        assert_eq!(clean(&"x".repeat(9999)).len(), MESSAGE_CHARACTERS);
    }
}
