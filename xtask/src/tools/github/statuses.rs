//! Statuses of commits.

use serde::Deserialize;
use serde_json::json;

use super::answers::encode;
use super::client::GitHub;
use super::error::GitHubError;
use super::wire::{Ask, Verb};
use crate::kit::text::shorten;
use crate::model::forge::{CommitStatus, State};

/// GitHub refuses longer ones.
const DESCRIPTION: usize = 140;

#[derive(Deserialize)]
struct Wired {
    context: String,
    state: String,
    description: Option<String>,
    target_url: Option<String>,
}

impl From<Wired> for CommitStatus {
    fn from(wired: Wired) -> Self {
        Self {
            context: wired.context,
            state: State::of(&wired.state).unwrap_or(State::Error),
            description: wired.description.unwrap_or_default(),
            target_url: wired.target_url,
        }
    }
}

impl GitHub {
    /// The statuses of a commit, the newest first; of each context only the first counts.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn statuses(&self, sha: &str) -> Result<Vec<CommitStatus>, GitHubError> {
        let route = self.at(&format!("commits/{}/statuses?per_page=100", encode(sha)));
        Ok(self.all::<Wired>(route)?.into_iter().map(Into::into).collect())
    }

    /// Sets a status, its description cut to what GitHub takes. When GitHub does not say whether it was set, it is
    /// looked up before it is set again.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn set_status(&self, sha: &str, status: &CommitStatus) -> Result<(), GitHubError> {
        let status =
            CommitStatus { description: shorten(&status.description, DESCRIPTION), ..status.clone() };
        let mut body = json!({
            "context": status.context,
            "state": status.state.word(),
            "description": status.description,
        });
        if let Some(url) = &status.target_url {
            body["target_url"] = json!(url);
        }
        let ask = Ask::new(Verb::Post, self.at(&format!("statuses/{}", encode(sha))), Some(body));
        let look_up = || {
            let newest = self.statuses(sha)?.into_iter().find(|other| other.context == status.context);
            Ok((newest.as_ref() == Some(&status)).then_some(()))
        };
        self.write(&ask, |_| Ok(()), look_up)
    }
}
