//! The client: one connection with its budget and its deadline.

use std::sync::Mutex;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};

use super::address::Address;
use super::app::Installed;
use super::error::GitHubError;
use super::login::Identity;
use super::wire::Wire;
use crate::kit::secret::Redactor;
use crate::model::comment::PAUSE;
use crate::model::forge::Repository;
use crate::tools::interrupt::Interrupt;

/// How long and how often GitHub is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How often something is tried.
    pub attempts: u32,
    /// The pause after the first attempt; each further one is twice as long.
    pub pause: Duration,
    /// The pause after a rate limit that does not say how long; each further one is twice as long.
    pub unsaid: Duration,
    /// GitHub asks for a second between two writes.
    pub between_writes: Duration,
    /// How long others are given time who write at the same place.
    pub give_way: Duration,
    /// The longest pause that is made for a rate limit.
    pub longest_wait: Duration,
    /// The time for one request.
    pub request: Duration,
    /// The time for everything.
    pub total: Duration,
    /// The most requests for everything.
    pub requests: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 4,
            pause: Duration::from_millis(500),
            unsaid: Duration::from_mins(1),
            between_writes: Duration::from_secs(1),
            give_way: PAUSE,
            longest_wait: Duration::from_mins(2),
            request: Duration::from_secs(20),
            total: Duration::from_mins(5),
            requests: 300,
        }
    }
}

/// GitHub's API for one repository. All methods wait for their answers, and share one budget and one deadline, which
/// begins when the client is made.
#[derive(Debug)]
pub struct GitHub {
    pub(super) wire: Wire,
    /// Who gets tokens for the connection, when it is an App.
    pub(super) app: Option<Installed>,
    pub(super) repository: Repository,
    pub(super) patience: Patience,
    pub(super) interrupt: Interrupt,
    pub(super) redactor: Mutex<Redactor>,
    pub(super) with_token: bool,
    pub(super) started: Instant,
    pub(super) requests: AtomicU32,
    pub(super) last_write: Mutex<Option<Instant>>,
}

impl Patience {
    /// For a last word after somebody asked for an end: who asked kills what does not end.
    #[must_use]
    pub fn short() -> Self {
        Self {
            attempts: 2,
            between_writes: Duration::ZERO,
            longest_wait: Duration::from_secs(1),
            request: Duration::from_secs(3),
            total: Duration::from_secs(6),
            ..Self::default()
        }
    }

    /// For a release: its files may be large, and a dozen writes are far from the 80 a minute that GitHub takes.
    #[must_use]
    pub fn long() -> Self {
        Self {
            between_writes: Duration::from_millis(250),
            total: Duration::from_hours(1),
            requests: 2000,
            ..Self::default()
        }
    }
}

impl GitHub {
    /// A client; nothing is asked yet.
    ///
    /// # Errors
    /// When the machine lacks what every connection needs, such as certificates.
    pub fn open(
        address: &Address,
        identity: Option<impl Into<Identity>>,
        repository: Repository,
        patience: Patience,
        interrupt: Interrupt,
    ) -> Result<Self, GitHubError> {
        let identity = identity.map(Into::into);
        let with_token = identity.is_some();
        let (token, app) = match identity {
            Some(Identity::Token(login)) => (Some(login.token), None),
            Some(Identity::App(app)) => (None, Some(Installed::new(*app))),
            None => (None, None),
        };
        Ok(Self {
            wire: Wire::new(address, token.as_ref(), patience.request)?,
            app,
            repository,
            patience,
            interrupt,
            redactor: Mutex::new(Redactor::new(token)),
            with_token,
            started: Instant::now(),
            requests: AtomicU32::new(0),
            last_write: Mutex::default(),
        })
    }

    /// The repository that it is for.
    #[must_use]
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Ends what is asked, once it is raised.
    #[must_use]
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// A route below the repository: `pulls/1`.
    pub(super) fn at(&self, rest: &str) -> String {
        format!("/repos/{}/{rest}", self.repository)
    }
}
