//! Releases and their files.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::address::Address;
use super::answers::{self, encode, unexpected};
use super::client::GitHub;
use super::error::GitHubError;
use super::wire::{Ask, File, Verb};
use crate::model::forge::{Asset, ForgeRelease};

/// What a new release says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRelease {
    /// Its tag.
    pub tag: String,
    /// The commit that the tag is made on when it is not there.
    pub commit: String,
    /// Its title.
    pub name: String,
    /// Its notes.
    pub body: String,
    /// It is marked as not ready.
    pub is_prerelease: bool,
}

/// A file to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAsset {
    /// Its name: letters, digits, `.`, `-` and `_`, as GitHub keeps them.
    pub name: String,
    /// `application/json`.
    pub media_type: &'static str,
    /// All of it.
    pub bytes: Arc<[u8]>,
    /// Its digest: `sha256:…`.
    pub digest: String,
}

impl NewAsset {
    fn is(&self, asset: &Asset) -> bool {
        asset.name == self.name
            && asset.is_whole
            && asset.size == self.bytes.len() as u64
            && asset.digest.as_ref().is_none_or(|digest| *digest == self.digest)
    }
}

#[derive(Deserialize)]
struct Wired {
    id: u64,
    tag_name: String,
    name: Option<String>,
    body: Option<String>,
    draft: bool,
    prerelease: bool,
    html_url: String,
    upload_url: String,
    #[serde(default)]
    assets: Vec<WiredAsset>,
}

#[derive(Deserialize)]
struct WiredAsset {
    id: u64,
    name: String,
    size: u64,
    state: String,
    #[serde(default)]
    digest: Option<String>,
}

impl From<Wired> for ForgeRelease {
    fn from(wired: Wired) -> Self {
        Self {
            id: wired.id,
            tag: wired.tag_name,
            name: wired.name.unwrap_or_default(),
            body: wired.body.unwrap_or_default(),
            is_draft: wired.draft,
            is_prerelease: wired.prerelease,
            url: wired.html_url,
            upload_url: wired.upload_url,
            assets: wired.assets.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<WiredAsset> for Asset {
    fn from(WiredAsset { id, name, size, state, digest }: WiredAsset) -> Self {
        // An upload that was cut off leaves a `starter`.
        Self { id, name, size, is_whole: state == "uploaded", digest }
    }
}

impl GitHub {
    /// All releases, drafts included, over all pages.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn releases(&self) -> Result<Vec<ForgeRelease>, GitHubError> {
        let all = self.all::<Wired>(self.at("releases?per_page=100"))?;
        Ok(all.into_iter().map(ForgeRelease::from).collect())
    }

    /// The release of a tag; see [`ForgeRelease::of`].
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn release(&self, tag: &str) -> Result<Option<ForgeRelease>, GitHubError> {
        // By its tag GitHub finds no draft.
        Ok(ForgeRelease::of(tag, self.releases()?))
    }

    /// Makes a draft. When GitHub does not say whether it was made, it is looked for before it is made again.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn create_draft(&self, new: &NewRelease) -> Result<ForgeRelease, GitHubError> {
        let body = json!({
            "tag_name": new.tag,
            "target_commitish": new.commit,
            "name": new.name,
            "body": new.body,
            "draft": true,
            "prerelease": new.is_prerelease,
        });
        let ask = Ask::new(Verb::Post, self.at("releases"), Some(body));
        let read = |answer: &_| Ok(answers::json::<Wired>(&ask, answer)?.into());
        self.write(&ask, read, || self.release(&new.tag))
    }

    /// Puts title, notes and mark into a release; it stays the draft, or the release, that it is.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn update_release(&self, id: u64, new: &NewRelease) -> Result<ForgeRelease, GitHubError> {
        let body = json!({
            "tag_name": new.tag,
            "target_commitish": new.commit,
            "name": new.name,
            "body": new.body,
            "prerelease": new.is_prerelease,
        });
        self.patch(id, &body)
    }

    /// Makes a release of a draft. `is_latest`: it becomes the one that GitHub shows as the latest.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn publish(&self, id: u64, is_latest: Latest) -> Result<ForgeRelease, GitHubError> {
        let latest = if is_latest == Latest::Yes { "true" } else { "false" };
        self.patch(id, &json!({ "draft": false, "make_latest": latest }))
    }

    /// The same twice is the same.
    fn patch(&self, id: u64, body: &serde_json::Value) -> Result<ForgeRelease, GitHubError> {
        let ask = Ask::new(Verb::Patch, self.at(&format!("releases/{id}")), Some(body.clone()));
        self.write(&ask, |answer| Ok(answers::json::<Wired>(&ask, answer)?.into()), || Ok(None))
    }

    /// The files of a release, over all pages.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn assets(&self, release: u64) -> Result<Vec<Asset>, GitHubError> {
        let route = self.at(&format!("releases/{release}/assets?per_page=100"));
        Ok(self.all::<WiredAsset>(route)?.into_iter().map(Into::into).collect())
    }

    /// Removes a file; one that is not there any more is removed.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn delete_asset(&self, id: u64) -> Result<(), GitHubError> {
        let ask = Ask::new(Verb::Delete, self.at(&format!("releases/assets/{id}")), None);
        match self.write(&ask, |_| Ok(()), || Ok(None)) {
            Err(error) if error.is_gone() => Ok(()),
            done => done,
        }
    }

    /// Sends a file to where the release says. What an upload that was cut off has left is removed before it is sent again, as
    /// GitHub takes no second file of the same name. A whole file of that name stays, and is an error unless it is the same.
    ///
    /// # Errors
    /// See [`GitHubError`]; also when GitHub has other bytes than those that were sent.
    pub fn upload(&self, release: &ForgeRelease, new: &NewAsset) -> Result<Asset, GitHubError> {
        let place = release.upload_url.split('{').next().unwrap_or_default();
        let query = format!("?name={}", encode(&new.name));
        let ask = Ask::new(Verb::Post, self.at(&format!("releases/{}/assets", release.id)), None);
        let address = self.uploads(&ask, place)?;
        let wire = self.wire.beside(&address)?;
        let route = address.route_of(place).unwrap_or_default();
        let file = File { media_type: new.media_type, bytes: Arc::clone(&new.bytes) };
        let ask = Ask { route: format!("{route}{query}"), file: Some(file), ..ask };
        let look_up = || {
            for asset in self.assets(release.id)?.into_iter().filter(|asset| asset.name == new.name) {
                if new.is(&asset) {
                    return Ok(Some(asset));
                }
                if !asset.is_whole {
                    self.delete_asset(asset.id)?;
                }
            }
            Ok(None)
        };
        let read = |answer: &_| Ok(answers::json::<WiredAsset>(&ask, answer)?.into());
        let asset = match self.write_over(&wire, &ask, read, look_up) {
            // Somebody was faster, or what was cut off came after all.
            Err(error) if error.status() == Some(422) => look_up()?.ok_or(error)?,
            sent => sent?,
        };
        if new.is(&asset) {
            return Ok(asset);
        }
        Err(unexpected(&ask, format!("GitHub has other bytes of {} than those that were sent", new.name)))
    }

    /// Where files may be sent with the token: to the API's own host, or to `uploads.` where the API is `api.`.
    fn uploads(&self, ask: &Ask, place: &str) -> Result<Address, GitHubError> {
        let origin_of = |text: &str| {
            let host = text.find("://")? + 3;
            let end = text.get(host..)?.find('/').map_or(text.len(), |slash| host + slash);
            text.get(..end).map(str::to_owned)
        };
        let api = origin_of(&self.wire.address().to_string()).unwrap_or_default();
        let sibling = api.replacen("://api.", "://uploads.", 1);
        match origin_of(place).filter(|origin| *origin == api || *origin == sibling) {
            Some(origin) => Address::origin(&origin)
                .map_err(|error| unexpected(ask, format!("of the place for files: {}", error.reason()))),
            None => {
                Err(unexpected(ask, format!("the place for files is not on {api}: it would get the token")))
            }
        }
    }
}

/// Whether a release becomes the one that GitHub shows as the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latest {
    /// It does.
    Yes,
    /// Another one stays it.
    No,
}
