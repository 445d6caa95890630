//! How something is asked: how often, how long, and when a write may be repeated.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::answers;
use super::client::GitHub;
use super::error::{GitHubError, Kind, Refused};
use super::limits::{Limited, limited, retry_after};
use super::wire::{Answer, Ask, File, Verb, Wire};

/// The most characters that are told of what GitHub says.
const MESSAGE: usize = 300;

/// Repositories that were renamed send us on.
const MOST_HOPS: usize = 3;

/// Somebody who wants an end waits no longer for it.
const SLICE: Duration = Duration::from_millis(100);

/// What came of one attempt that failed.
struct Failed {
    error: GitHubError,
    limited: Option<Limited>,
    /// How long the server wants us to wait, whatever for.
    asked: Option<Duration>,
}

impl From<GitHubError> for Failed {
    fn from(error: GitHubError) -> Self {
        Self { error, limited: None, asked: None }
    }
}

impl GitHub {
    /// Asks for something that changes nothing, as often as it takes.
    pub(super) fn read(&self, ask: &Ask) -> Result<Answer, GitHubError> {
        self.read_over(&self.wire, ask)
    }

    /// The same from another place.
    pub(super) fn read_over(&self, wire: &Wire, ask: &Ask) -> Result<Answer, GitHubError> {
        let mut tried = 0;
        loop {
            tried += 1;
            match self.attempt(wire, ask, tried) {
                Ok(answer) => return Ok(answer),
                Err(failed) => self.pause(failed, tried)?,
            }
        }
    }

    /// Changes something. When it is not known whether that was done, it is looked up before it is repeated: none means
    /// that it was not.
    pub(super) fn write<T>(
        &self,
        ask: &Ask,
        read: impl Fn(&Answer) -> Result<T, GitHubError>,
        look_up: impl FnMut() -> Result<Option<T>, GitHubError>,
    ) -> Result<T, GitHubError> {
        self.write_over(&self.wire, ask, read, look_up)
    }

    /// The same at another place.
    pub(super) fn write_over<T>(
        &self,
        wire: &Wire,
        ask: &Ask,
        read: impl Fn(&Answer) -> Result<T, GitHubError>,
        mut look_up: impl FnMut() -> Result<Option<T>, GitHubError>,
    ) -> Result<T, GitHubError> {
        let mut tried = 0;
        loop {
            tried += 1;
            let failed = match self.attempt(wire, ask, tried) {
                Ok(answer) => return read(&answer),
                Err(failed) => failed,
            };
            let is_unsure = failed.error.is_unsure();
            self.pause(failed, tried)?;
            if is_unsure && let Some(done) = look_up()? {
                return Ok(done);
            }
        }
    }

    /// Changes something, once: after an error with [`GitHubError::is_unsure`] the caller has to look. What a rate limit
    /// asks for has been waited by then.
    pub(super) fn write_once(&self, ask: &Ask) -> Result<Answer, GitHubError> {
        match self.attempt(&self.wire, ask, 1) {
            Ok(answer) => Ok(answer),
            Err(failed) if failed.limited.is_none() => Err(failed.error),
            Err(failed) => {
                self.pause(failed, 1)?;
                Err(GitHubError::Again(ask.route()))
            }
        }
    }

    /// One attempt, over the places that a renamed repository sends us to.
    fn attempt(&self, wire: &Wire, ask: &Ask, tried: u32) -> Result<Answer, Failed> {
        let mut ask = ask.clone();
        for _ in 0..MOST_HOPS {
            let answer = self.once(wire, &ask)?;
            let moved = match (answer.status, ask.verb) {
                (301 | 302, Verb::Get) | (307 | 308, _) => answer.header("location"),
                _ => None,
            };
            match moved.and_then(|place| wire.address().route_of(place)) {
                Some(route) => route.clone_into(&mut ask.route),
                None if answer.status < 400 => return Ok(answer),
                None => return Err(self.refused(&ask, &answer, tried)),
            }
        }
        let reason = "it sends us from place to place".to_owned();
        Err(GitHubError::Unexpected { route: ask.route(), reason }.into())
    }

    fn once(&self, wire: &Wire, ask: &Ask) -> Result<Answer, GitHubError> {
        if ask.verb != Verb::Get {
            self.wait_between_writes()?;
        }
        if std::ptr::eq(wire, &raw const self.wire) {
            self.renew()?;
        }
        self.check(None)?;
        let made = self.requests.fetch_add(1, Ordering::Relaxed);
        if made >= self.patience.requests {
            return Err(GitHubError::Budget(self.patience.requests));
        }
        let time = ask.file.as_ref().map_or(Duration::ZERO, File::time);
        let limit = (self.patience.request + time).min(self.left());
        wire.exchange(ask, limit, &self.interrupt)
    }

    fn refused(&self, ask: &Ask, answer: &Answer, attempts: u32) -> Failed {
        let needed = answer.header("x-accepted-github-permissions").map(clean);
        let refused = Refused {
            route: ask.route(),
            status: answer.status,
            message: clean(&self.redact(&said(&answer.body))),
            needed: needed.filter(|needed| !needed.is_empty()),
            attempts,
            with_token: self.with_token,
        };
        Failed {
            error: GitHubError::Refused(Box::new(refused)),
            limited: limited(answer),
            asked: retry_after(answer),
        }
    }

    fn redact(&self, text: &str) -> String {
        self.redactor.lock().unwrap_or_else(PoisonError::into_inner).redact(text)
    }

    /// Waits after a failure that may pass; gives it back when it will not, or after the last attempt.
    fn pause(&self, failed: Failed, tried: u32) -> Result<(), GitHubError> {
        let patience = &self.patience;
        let longer = |first: Duration| first.saturating_mul(1 << tried.saturating_sub(1).min(16));
        let Some(Limited { kind, wait }) = failed.limited else {
            if !failed.error.is_unsure() || tried >= patience.attempts {
                return Err(failed.error);
            }
            let asked = failed.asked.unwrap_or_default().min(patience.longest_wait);
            return self.sleep(longer(patience.pause).max(asked), &failed.error);
        };
        let unsaid = if kind == Kind::Primary { patience.longest_wait } else { longer(patience.unsaid) };
        let wait = wait.unwrap_or(unsaid);
        let is_hopeless = tried >= patience.attempts || wait > patience.longest_wait || wait >= self.left();
        match failed.error {
            GitHubError::Refused(refused) if is_hopeless => {
                Err(GitHubError::Limited { route: refused.route, kind, wait })
            }
            error => self.sleep(wait, &error),
        }
    }

    /// GitHub asks for a second between writes, and refuses those who do not wait.
    fn wait_between_writes(&self) -> Result<(), GitHubError> {
        let mut last = self.last_write.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = *last {
            self.rest(self.patience.between_writes.saturating_sub(before.elapsed()), None)?;
        }
        *last = Some(Instant::now());
        Ok(())
    }

    fn sleep(&self, wait: Duration, because: &GitHubError) -> Result<(), GitHubError> {
        if wait >= self.left() {
            let last = Some(because.to_string());
            return Err(GitHubError::Deadline { total: self.patience.total, last });
        }
        self.rest(wait, Some(because))
    }

    fn rest(&self, wait: Duration, because: Option<&GitHubError>) -> Result<(), GitHubError> {
        let start = Instant::now();
        while let Some(left) = wait.checked_sub(start.elapsed()).filter(|left| !left.is_zero()) {
            self.check(because)?;
            std::thread::sleep(left.min(SLICE));
        }
        Ok(())
    }

    fn check(&self, because: Option<&GitHubError>) -> Result<(), GitHubError> {
        if self.interrupt.is_raised() {
            return Err(GitHubError::Interrupted);
        }
        if self.left().is_zero() {
            let last = because.map(ToString::to_string);
            return Err(GitHubError::Deadline { total: self.patience.total, last });
        }
        Ok(())
    }

    fn left(&self) -> Duration {
        self.patience.total.saturating_sub(self.started.elapsed())
    }

    /// Gives others time, unless somebody wants an end or the time is up.
    ///
    /// # Errors
    /// In these two cases.
    pub fn give_way(&self) -> Result<(), GitHubError> {
        self.rest(self.patience.give_way, None)?;
        self.check(None)
    }

    /// All items of a list, over all its pages.
    pub(super) fn all<T: for<'a> Deserialize<'a>>(&self, first: String) -> Result<Vec<T>, GitHubError> {
        Ok(self.pages::<Vec<T>>(first)?.into_iter().flatten().collect())
    }

    /// All pages of a list that wraps its items.
    pub(super) fn pages<P: for<'a> Deserialize<'a>>(&self, first: String) -> Result<Vec<P>, GitHubError> {
        let (mut all, mut next) = (Vec::new(), Some(first));
        while let Some(route) = next {
            let ask = Ask::get(route);
            let answer = self.read(&ask)?;
            all.push(answers::json(&ask, &answer)?);
            next = answers::next(&ask, &answer, self.wire.address())?;
        }
        Ok(all)
    }

    /// One thing.
    pub(super) fn one<T: for<'a> Deserialize<'a>>(&self, route: String) -> Result<T, GitHubError> {
        let ask = Ask::get(route);
        answers::json(&ask, &self.read(&ask)?)
    }
}

/// What a refusal says.
fn said(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Said {
        message: String,
    }
    let text = || String::from_utf8_lossy(body).into_owned();
    // Proxies answer with pages.
    let told = || Some(text()).filter(|text| !text.trim_start().starts_with('<')).unwrap_or_default();
    serde_json::from_slice::<Said>(body).map_or_else(|_| told(), |said| said.message)
}

/// One short line without control characters.
fn clean(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control()).take(MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_one_short_line() {
        assert_eq!(said(br#"{"message":"Not Found","documentation_url":"x"}"#), "Not Found");
        assert_eq!(said(b"<html>Bad gateway</html>"), "");
        assert_eq!(said(b"slow down"), "slow down");
        assert_eq!(clean("a\r\n b\u{1b}c"), "a bc");
        assert_eq!(clean(&"x".repeat(999)).len(), MESSAGE);
    }
}
