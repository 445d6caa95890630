//! Comments on issues and pull requests, and the reactions to them.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::answers;
use super::client::GitHub;
use super::error::GitHubError;
use super::limits;
use super::wire::{Answer, Ask, Verb};
use crate::model::comment::Comment;
use crate::tools::interrupt::Interrupt;

/// The time for a request that somebody who wants an end waits for.
const LAST: Duration = Duration::from_secs(3);

/// Pages are as long as GitHub makes them.
const PAGE: &str = "per_page=100";

#[derive(Deserialize)]
struct Wired {
    id: u64,
    #[serde(default)]
    body: Option<String>,
    user: Option<User>,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

#[derive(Deserialize)]
struct WiredReaction {
    id: u64,
    created_at: String,
}

/// A reaction of ours. GitHub keeps one of each kind for each user, and says whether it was there before: that makes it a
/// test and set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// Its id.
    pub id: u64,
    /// It was not there before.
    pub is_new: bool,
    /// How old it is by GitHub's clock.
    pub age: Duration,
}

impl From<Wired> for Comment {
    fn from(wired: Wired) -> Self {
        let author = wired.user.map(|user| user.login).unwrap_or_default();
        Self { id: wired.id, author, body: wired.body.unwrap_or_default() }
    }
}

impl GitHub {
    /// The login of whoever writes; none for the token of an app that others logged in as, such as the one of GitHub Actions.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn me(&self) -> Result<Option<String>, GitHubError> {
        if let Some(login) = self.app_login()? {
            return Ok(Some(login));
        }
        match self.one::<User>("/user".to_owned()) {
            Ok(user) => Ok(Some(user.login)),
            Err(error) if error.status() == Some(403) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All comments on an issue or a pull request, the oldest first.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn comments(&self, issue: u64) -> Result<Vec<Comment>, GitHubError> {
        let route = self.at(&format!("issues/{issue}/comments?{PAGE}"));
        let mut comments: Vec<Comment> = self.all::<Wired>(route)?.into_iter().map(Into::into).collect();
        // A comment that is removed between two pages moves the others: one may be seen twice, none of ours is lost for
        // longer than until the next look.
        comments.sort_by_key(|comment| comment.id);
        comments.dedup_by_key(|comment| comment.id);
        Ok(comments)
    }

    /// Writes a comment. When GitHub does not say whether it was written, the comments after this id are looked through
    /// for its text by this author before it is written again: somebody else may have copied it, and it may be an older one.
    /// Without an author anybody's counts.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn create_comment(
        &self,
        issue: u64,
        (after, author): (u64, Option<&str>),
        body: &str,
    ) -> Result<Comment, GitHubError> {
        let route = self.at(&format!("issues/{issue}/comments"));
        let ask = Ask::new(Verb::Post, route, Some(json!({ "body": body })));
        let is_by = |comment: &Comment| author.is_none_or(|author| comment.author == author);
        let known = |comment: &Comment| comment.id > after && is_by(comment) && same(&comment.body, body);
        let look_up = || Ok(self.comments(issue)?.into_iter().rfind(known));
        self.write(&ask, |answer| comment(&ask, answer), look_up)
    }

    /// Puts a new text into a comment, once: whoever asks has to look before doing it again, as somebody else may have
    /// put in a newer one.
    ///
    /// # Errors
    /// See [`GitHubError`]; with [`GitHubError::is_unsure`] it may be done.
    pub fn update_comment(&self, id: u64, body: &str) -> Result<Comment, GitHubError> {
        let ask =
            Ask::new(Verb::Patch, self.at(&format!("issues/comments/{id}")), Some(json!({ "body": body })));
        comment(&ask, &self.write_once(&ask)?)
    }

    /// Removes a comment, once: it may be the one that counts by the time that it is asked for again. One that is not there any more is
    /// removed.
    ///
    /// # Errors
    /// See [`GitHubError`]; with [`GitHubError::is_unsure`] it may be done.
    pub fn delete_comment(&self, id: u64) -> Result<(), GitHubError> {
        let ask = Ask::new(Verb::Delete, self.at(&format!("issues/comments/{id}")), None);
        match self.write_once(&ask) {
            Err(error) if error.is_gone() => Ok(()),
            done => done.map(drop),
        }
    }

    /// Reacts to a comment with `eyes`.
    ///
    /// # Errors
    /// See [`GitHubError`]; with [`GitHubError::is_unsure`] it may be done, and nobody can say by whom.
    pub fn react(&self, comment: u64) -> Result<Reaction, GitHubError> {
        let route = self.at(&format!("issues/comments/{comment}/reactions"));
        let ask = Ask::new(Verb::Post, route, Some(json!({ "content": "eyes" })));
        let answer = self.write_once(&ask)?;
        let WiredReaction { id, created_at } = answers::json(&ask, &answer)?;
        let created = chrono::DateTime::parse_from_rfc3339(&created_at).ok();
        let age = limits::now(&answer).zip(created).and_then(|(now, created)| (now - created).to_std().ok());
        Ok(Reaction { id, is_new: answer.status == 201, age: age.unwrap_or_default() })
    }

    /// Takes a reaction back; one that is not there any more is taken back.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn take_back(&self, comment: u64, reaction: u64) -> Result<(), GitHubError> {
        self.delete(self.at(&format!("issues/comments/{comment}/reactions/{reaction}")))
    }

    /// Takes a reaction back when all else is over: once, whether or not the time is up or somebody wants an end, and
    /// nobody is told how that went.
    pub fn let_go(&self, comment: u64, reaction: u64) {
        let route = self.at(&format!("issues/comments/{comment}/reactions/{reaction}"));
        let ask = Ask::new(Verb::Delete, route, None);
        let _ = self.wire.exchange(&ask, self.patience.request.min(LAST), &Interrupt::default());
    }

    /// To remove something twice is to remove it.
    fn delete(&self, route: String) -> Result<(), GitHubError> {
        let ask = Ask::new(Verb::Delete, route, None);
        match self.write(&ask, |_| Ok(()), || Ok(None)) {
            Err(error) if error.is_gone() => Ok(()),
            done => done,
        }
    }
}

fn comment(ask: &Ask, answer: &Answer) -> Result<Comment, GitHubError> {
    Ok(answers::json::<Wired>(ask, answer)?.into())
}

/// GitHub may keep other line ends, and no blanks at the end.
fn same(one: &str, other: &str) -> bool {
    let lines = |text: &str| text.trim().lines().map(str::trim_end).map(str::to_owned).collect::<Vec<_>>();
    lines(one) == lines(other)
}
