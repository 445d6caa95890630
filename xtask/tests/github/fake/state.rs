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

#[derive(Clone, Debug)]
pub(crate) struct State {
    /// By token.
    pub(crate) users: BTreeMap<&'static str, User>,
    pub(crate) comments: BTreeMap<u64, Comment>,
    pub(crate) pulls: BTreeMap<u64, Pull>,
    /// The newest last.
    pub(crate) statuses: Vec<Status>,
    /// Artifacts by run: id, name, size.
    pub(crate) artifacts: BTreeMap<u64, Vec<(u64, &'static str, u64)>>,
    pub(crate) archives: BTreeMap<u64, Vec<u8>>,
    /// The most items of a page.
    pub(crate) page: usize,
    /// What clocks here say later than elsewhere.
    pub(crate) clock: TimeDelta,
    /// Every reaction is older each time that it is asked for.
    pub(crate) hurry: bool,
    pub(crate) app: super::apps::App,
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
            artifacts: BTreeMap::new(),
            archives: BTreeMap::new(),
            page: 100,
            clock: TimeDelta::zero(),
            hurry: false,
            app: super::apps::App::default(),
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
