//! Tags of git.

use serde::Deserialize;
use serde_json::json;

use super::answers::{self, encode, unexpected};
use super::client::GitHub;
use super::error::GitHubError;
use super::wire::{Ask, Verb};
use crate::model::forge::GitTag;

/// A tag may name a tag; more than so many are no accident.
const MOST_TAGS: usize = 5;

#[derive(Deserialize)]
struct Pointing {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    sha: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Made {
    sha: String,
}

impl GitHub {
    /// A tag; none when there is no such tag.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn tag(&self, name: &str) -> Result<Option<GitTag>, GitHubError> {
        let route = self.at(&format!("git/ref/{}", encode(&format!("tags/{name}"))));
        let mut object = match self.one::<Pointing>(route) {
            Ok(found) => found.object,
            Err(error) if error.is_gone() => return Ok(None),
            Err(error) => return Err(error),
        };
        let is_annotated = object.kind == "tag";
        for _ in 0..MOST_TAGS {
            if object.kind != "tag" {
                return Ok(Some(GitTag { commit: object.sha, is_annotated }));
            }
            object = self.one::<Pointing>(self.at(&format!("git/tags/{}", encode(&object.sha))))?.object;
        }
        let ask = Ask::get(self.at(&format!("git/tags/{}", encode(&object.sha))));
        Err(unexpected(&ask, format!("the tag {name} names a tag, which names a tag, and so on")))
    }

    /// Makes a tag with a message, and gives the one that is there then: somebody else's when they were faster, or when it was
    /// there. It never moves one.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn create_tag(&self, name: &str, commit: &str, message: &str) -> Result<GitTag, GitHubError> {
        let body = json!({ "tag": name, "message": message, "object": commit, "type": "commit" });
        let ask = Ask::new(Verb::Post, self.at("git/tags"), Some(body));
        // An object that nothing names is nobody's: it may be made twice.
        let made: Made = self.write(&ask, |answer| answers::json(&ask, answer), || Ok(None))?;
        let body = json!({ "ref": format!("refs/tags/{name}"), "sha": made.sha });
        let ask = Ask::new(Verb::Post, self.at("git/refs"), Some(body));
        let ours = || GitTag { commit: commit.to_owned(), is_annotated: true };
        match self.write(&ask, |_| Ok(ours()), || self.tag(name)) {
            Err(error) if error.status() == Some(422) => self.tag(name)?.ok_or(error),
            done => done,
        }
    }
}
