//! What the fake knows: users by their tokens, comments with reactions, pull requests, statuses, runs, archives.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) login: &'static str,
    /// An app has no account, and may not ask who it is.
    pub(crate) is_app: bool,
    pub(crate) may_write: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub(crate) issue: u64,
    pub(crate) author: String,
    pub(crate) body: String,
    /// By user: the reaction's id and when it was left.
    pub(crate) reactions: BTreeMap<String, (u64, DateTime<Utc>)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Pull {
    pub(crate) state: &'static str,
    pub(crate) head_sha: String,
    pub(crate) head_branch: String,
    pub(crate) head_repository: Option<String>,
    pub(crate) base_repository: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Status {
    pub(crate) sha: String,
    pub(crate) context: String,
    pub(crate) state: String,
    pub(crate) description: String,
    pub(crate) target_url: Option<String>,
}

/// A run of a workflow.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) workflow: u64,
    pub(crate) attempt: u32,
    pub(crate) began: &'static str,
    pub(crate) event: &'static str,
    pub(crate) conclusion: Option<&'static str>,
    pub(crate) head_sha: String,
    pub(crate) head_branch: String,
    pub(crate) head_repository: &'static str,
    pub(crate) repository: &'static str,
    /// Names and ends.
    pub(crate) jobs: Vec<(&'static str, &'static str)>,
}

impl Default for Run {
    /// Of the pull request that is there from the beginning.
    fn default() -> Self {
        Self {
            workflow: 3,
            attempt: 1,
            began: "2026-01-02T03:00:00Z",
            event: "pull_request",
            conclusion: Some("success"),
            head_sha: "c0ffee00".repeat(5),
            head_branch: "fix/a b".to_owned(),
            head_repository: super::REPOSITORY,
            repository: super::REPOSITORY,
            jobs: Vec::new(),
        }
    }
}

/// What a run left.
#[derive(Clone, Debug)]
pub(crate) struct Artifact {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) size: u64,
    pub(crate) created: &'static str,
    pub(crate) is_expired: bool,
    pub(crate) digest: Option<String>,
}

impl Artifact {
    pub(crate) fn new(id: u64, name: &'static str, size: u64) -> Self {
        Self { id, name, size, created: "2026-01-02T03:04:00Z", is_expired: false, digest: None }
    }
}

/// A check run: all that was last said of it, and all remarks.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    pub(crate) body: serde_json::Value,
    pub(crate) annotations: Vec<serde_json::Value>,
}

/// How code scanning is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scanning {
    Works,
    /// It refuses what it was given, later.
    Fails,
    /// It never gets to an end.
    Slow,
    /// Nobody has switched it on.
    Off,
}

#[derive(Clone, Debug)]
pub(crate) struct State {
    /// By token.
    pub(crate) users: BTreeMap<&'static str, User>,
    pub(crate) comments: BTreeMap<u64, Comment>,
    pub(crate) pulls: BTreeMap<u64, Pull>,
    /// The newest last.
    pub(crate) statuses: Vec<Status>,
    pub(crate) runs: BTreeMap<u64, Run>,
    /// By run.
    pub(crate) artifacts: BTreeMap<u64, Vec<Artifact>>,
    pub(crate) archives: BTreeMap<u64, Vec<u8>>,
    pub(crate) checks: BTreeMap<u64, Check>,
    pub(crate) scanning: Scanning,
    pub(crate) sarifs: Vec<serde_json::Value>,
    /// How often was asked what became of findings.
    pub(crate) looks: u32,
    /// How many attestations there are of a digest.
    pub(crate) attested: BTreeMap<String, usize>,
    /// The most items of a page.
    pub(crate) page: usize,
    /// What clocks here say later than elsewhere.
    pub(crate) clock: TimeDelta,
    /// Every reaction is older each time that it is asked for.
    pub(crate) hurry: bool,
    pub(crate) app: super::apps::App,
    /// Tags, releases and their files.
    pub(crate) releases: super::releases::Releases,
    last_id: u64,
}

impl Default for State {
    fn default() -> Self {
        let bot = User { login: "github-actions[bot]", is_app: true, may_write: true };
        let ada = User { login: "ada", is_app: false, may_write: true };
        let fork = User { may_write: false, ..bot.clone() };
        let pull = Pull {
            state: "open",
            head_sha: "c0ffee00".repeat(5),
            head_branch: "fix/a b".to_owned(),
            head_repository: Some(super::REPOSITORY.to_owned()),
            base_repository: super::REPOSITORY.to_owned(),
        };
        Self {
            users: [("ghs_bot", bot), ("ghp_ada", ada), ("ghs_fork", fork)].into(),
            comments: BTreeMap::new(),
            pulls: [(1, pull)].into(),
            statuses: Vec::new(),
            runs: BTreeMap::new(),
            artifacts: BTreeMap::new(),
            archives: BTreeMap::new(),
            checks: BTreeMap::new(),
            scanning: Scanning::Works,
            sarifs: Vec::new(),
            looks: 0,
            attested: BTreeMap::new(),
            page: 100,
            clock: TimeDelta::zero(),
            hurry: false,
            app: super::apps::App::default(),
            releases: super::releases::Releases::default(),
            last_id: 1000,
        }
    }
}

impl State {
    pub(crate) fn id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        Utc::now() + self.clock
    }

    /// Writes a comment.
    pub(crate) fn comment(&mut self, issue: u64, author: &str, body: &str) -> u64 {
        let id = self.id();
        let (author, body) = (author.to_owned(), body.to_owned());
        self.comments.insert(id, Comment { issue, author, body, reactions: BTreeMap::new() });
        id
    }

    /// Leaves a reaction: its id, when it was left, and whether it is new. None without the comment.
    pub(crate) fn react(
        &mut self,
        comment: u64,
        user: &str,
        now: DateTime<Utc>,
    ) -> Option<(u64, DateTime<Utc>, bool)> {
        let new = self.id();
        let reactions = &mut self.comments.get_mut(&comment)?.reactions;
        let (id, at) = *reactions.entry(user.to_owned()).or_insert((new, now));
        Some((id, at, id == new))
    }

    /// Takes a reaction back. Whether it was there.
    pub(crate) fn take_back(&mut self, comment: u64, reaction: u64) -> bool {
        let Some(comment) = self.comments.get_mut(&comment) else { return false };
        let before = comment.reactions.len();
        comment.reactions.retain(|_, (id, _)| *id != reaction);
        comment.reactions.len() < before
    }
}
