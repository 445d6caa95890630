//! Tokens: asked of the service that the registry names, kept as long as they live, one for each set of rights. Sources: the
//! token specification of <https://distribution.github.io/distribution/spec/auth/token/> and its sibling about OAuth 2.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use ureq::http::Method;

use super::call::Call;
use super::challenge::{self, Challenge};
use super::credentials::Credentials;
use super::denied::Right;
use super::error::RegistryError;
use super::secret::Secret;
use super::url::{Url, encode};
use super::wire::{Answer, Ask, Body};
use crate::reference::Repository;

/// How long a token lives that does not say so, by the specification.
const LIFE: Duration = Duration::from_mins(1);

/// A token that ends within this time is not used any more: a request must arrive before its end.
const LEEWAY: Duration = Duration::from_secs(10);

/// The most bytes of the answer of a token service.
const ANSWER_BYTES: u64 = 1 << 20;

/// What rights a request needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) repository: &'a Repository,
    pub(super) right: Right,
    /// A repository that is read as well.
    pub(super) also: Option<&'a Repository>,
}

/// What is known of how a registry wants to be asked.
#[derive(Debug)]
pub(super) struct Auth {
    credentials: Credentials,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    challenge: Option<Challenge>,
    tokens: HashMap<String, Token>,
}

#[derive(Debug)]
struct Token {
    /// The value of the header.
    header: Secret,
    ends: Instant,
}

/// What a token service answers.
#[derive(Deserialize)]
struct Given {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<u64>,
}

impl<'a> Scope<'a> {
    pub(super) fn pull(repository: &'a Repository) -> Self {
        Self { repository, right: Right::Pull, also: None }
    }

    pub(super) fn push(repository: &'a Repository) -> Self {
        Self { repository, right: Right::Push, also: None }
    }

    /// In the words of the token specification.
    fn words(self) -> Vec<String> {
        let actions = if self.right == Right::Push { "pull,push" } else { "pull" };
        let own = format!("repository:{}:{actions}", self.repository.path());
        let also = self.also.map(|also| format!("repository:{}:pull", also.path()));
        std::iter::once(own).chain(also).collect()
    }
}

impl Auth {
    pub(super) fn new(credentials: Credentials) -> Self {
        Self { credentials, state: Mutex::default() }
    }

    pub(super) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// What to send along: nothing as long as the registry did not ask for anything. Fetches a token where one is needed;
    /// others who need one wait meanwhile, and then find it here.
    pub(super) fn header(
        &self,
        call: &Call<'_>,
        scope: Option<Scope<'_>>,
    ) -> Result<Option<Secret>, RegistryError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.challenge.clone() {
            None => Ok(None),
            Some(Challenge::Basic) => Ok(self.credentials.basic()),
            Some(Challenge::Bearer { realm, service }) => {
                let words = scope.map(Scope::words).unwrap_or_default();
                let key = words.join(" ");
                if let Some(token) = state.tokens.get(&key).filter(|token| call.now() + LEEWAY < token.ends) {
                    return Ok(Some(token.header.clone()));
                }
                let token = self.fetch(call, (&realm, service.as_deref()), &words, scope)?;
                let header = token.header.clone();
                state.tokens.insert(key, token);
                Ok(Some(header))
            }
        }
    }

    /// Takes in what the registry asks for with a 401. Whether it makes sense to ask again.
    pub(super) fn learn(&self, answer: &Answer, used: Option<&Secret>) -> bool {
        let challenges = challenge::parse(answer.headers("www-authenticate"));
        let is_bearer = |challenge: &&Challenge| matches!(challenge, Challenge::Bearer { .. });
        let chosen = challenges.iter().find(is_bearer).or_else(|| challenges.first());
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.tokens.retain(|_, token| Some(&token.header) != used);
        match chosen {
            Some(Challenge::Basic) => {
                state.challenge = Some(Challenge::Basic);
                self.credentials.basic().is_some_and(|basic| Some(&basic) != used)
            }
            Some(bearer) => {
                state.challenge = Some(bearer.clone());
                true
            }
            None => false,
        }
    }

    fn fetch(
        &self,
        call: &Call<'_>,
        (realm, service): (&str, Option<&str>),
        words: &[String],
        scope: Option<Scope<'_>>,
    ) -> Result<Token, RegistryError> {
        let url = Url::parse(realm).map_err(|why| {
            call.unexpected(format!("the registry names a token service at no address: {why}"))
        })?;
        if url.is_exposed() && !call.is_exposed() {
            return Err(call.unexpected(format!(
                "the token service {url} speaks plain HTTP; no password is sent there"
            )));
        }
        let (form, url) = match self.credentials.identity() {
            Some(identity) => (Some(form(identity, service, words)), url),
            None => (None, self.query(url, service, words)),
        };
        let ask = match &form {
            Some(form) => Ask::new(Method::POST, url)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Body::Bytes(form.expose().as_bytes())),
            None => Ask::new(Method::GET, url),
        };
        let basic = self.credentials.basic();
        let mut answer = call.retry(scope, || call.exchange(&ask, basic.as_ref()))?;
        if answer.status != 200 {
            return Err(call.refused(answer, scope));
        }
        let bytes = call.bytes(&mut answer, ANSWER_BYTES)?;
        let given: Option<Given> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let value = given.as_ref().and_then(|given| given.token.as_ref().or(given.access_token.as_ref()));
        let is_token =
            |value: &&String| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
        let value = value.filter(is_token).ok_or_else(|| answer.unexpected("the answer holds no token"))?;
        let life = given.as_ref().and_then(|given| given.expires_in).map_or(LIFE, Duration::from_secs);
        // A token without end, as some services write it, must not overflow the clock.
        let ends = call.now() + life.min(Duration::from_hours(24));
        Ok(Token { header: Secret::new(format!("Bearer {value}")), ends })
    }

    fn query(&self, url: Url, service: Option<&str>, words: &[String]) -> Url {
        let url = service.into_iter().fold(url, |url, service| url.with("service", &encode(service)));
        let url = words.iter().fold(url, |url, scope| url.with("scope", &encode(scope)));
        self.credentials.user().into_iter().fold(url, |url, user| url.with("account", &encode(user)))
    }
}

fn form(identity: &Secret, service: Option<&str>, words: &[String]) -> Secret {
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", identity.expose()),
        ("service", service.unwrap_or_default()),
        ("client_id", "slipway"),
        ("scope", &words.join(" ")),
    ];
    Secret::new(pairs.map(|(name, value)| format!("{name}={}", encode(value))).join("&"))
}
