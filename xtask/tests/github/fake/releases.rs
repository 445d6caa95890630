//! Tags of git, releases and their files.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use slipway_image::Digest;

use super::routes::Request;
use super::{Answered, decoded};

#[derive(Clone, Debug, Default)]
pub(crate) struct Releases {
    /// By name: a commit, or a tag object.
    pub(crate) tags: BTreeMap<String, String>,
    /// By digits: tag, message and commit.
    pub(crate) objects: BTreeMap<String, (String, String, String)>,
    pub(crate) all: BTreeMap<u64, Release>,
    /// An older Enterprise server tells no digests.
    pub(crate) tells_no_digest: bool,
    /// Where files are sent; none for the API's own host.
    pub(crate) uploads: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Release {
    pub(crate) tag: String,
    pub(crate) name: String,
    pub(crate) body: String,
    pub(crate) is_draft: bool,
    pub(crate) is_prerelease: bool,
    pub(crate) is_latest: bool,
    pub(crate) assets: BTreeMap<u64, Asset>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asset {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) is_whole: bool,
}

impl Releases {
    /// The commit that a tag names.
    pub(crate) fn commit(&self, tag: &str) -> Option<&str> {
        let object = self.tags.get(tag)?;
        Some(self.objects.get(object).map_or(object, |(_, _, commit)| commit))
    }

    /// A release that is there.
    pub(crate) fn put(&mut self, id: u64, tag: &str, is_draft: bool) {
        let release = Release {
            tag: tag.to_owned(),
            name: String::new(),
            body: String::new(),
            is_draft,
            is_prerelease: false,
            is_latest: false,
            assets: BTreeMap::new(),
        };
        self.all.insert(id, release);
    }

    fn release_of(&mut self, asset: u64) -> Option<&mut Release> {
        self.all.values_mut().find(|release| release.assets.contains_key(&asset))
    }
}

/// An upload that ends in its middle: GitHub keeps the name.
pub(super) fn half(request: &mut Request<'_>) {
    let (id, release) = (request.state.id(), request.number("release_id"));
    let name = request.asked.query("name").unwrap_or_default().to_owned();
    let release = request.state.releases.all.get_mut(&release).unwrap();
    release.assets.insert(id, Asset { name, bytes: Vec::new(), is_whole: false });
}

/// None is a 404.
pub(super) fn answer(request: &mut Request<'_>, verb: &str, rest: &str) -> Option<Answered> {
    if rest.starts_with("/git/") { git(request, verb, rest) } else { releases(request, verb, rest) }
}

fn git(request: &mut Request<'_>, verb: &str, rest: &str) -> Option<Answered> {
    let body = request.asked.json();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    Some(match (verb, rest) {
        ("GET", "/git/ref/{ref}") => {
            let name = decoded(request.text("ref"));
            let object = request.state.releases.tags.get(name.strip_prefix("tags/")?)?.clone();
            Answered::json(200, &pointing(request, 200, &name, &object))
        }
        ("POST", "/git/refs") => {
            let name = text("ref");
            let tags = &mut request.state.releases.tags;
            let tag = name.strip_prefix("refs/tags/").unwrap().to_owned();
            if tags.contains_key(&tag) {
                return Some(Answered::refusal(422, "Reference already exists"));
            }
            tags.insert(tag, text("sha"));
            Answered::json(201, &pointing(request, 201, &name, &text("sha")))
        }
        ("POST", "/git/tags") => {
            let sha = format!("{:040x}", request.state.id());
            let object = (text("tag"), text("message"), text("object"));
            request.state.releases.objects.insert(sha.clone(), object);
            Answered::json(201, &tag(request, 201, &sha)?)
        }
        ("GET", "/git/tags/{tag_sha}") => {
            let sha = request.text("tag_sha").to_owned();
            Answered::json(200, &tag(request, 200, &sha)?)
        }
        _ => return None,
    })
}

fn pointing(request: &Request<'_>, status: u16, name: &str, object: &str) -> Value {
    let is_tag = request.state.releases.objects.contains_key(object);
    let mut told = request.found.example(status);
    told["ref"] = json!(name);
    told["object"]["sha"] = json!(object);
    told["object"]["type"] = json!(if is_tag { "tag" } else { "commit" });
    told
}

fn tag(request: &Request<'_>, status: u16, sha: &str) -> Option<Value> {
    let (name, message, commit) = request.state.releases.objects.get(sha)?;
    let mut told = request.found.example(status);
    (told["sha"], told["tag"], told["message"]) = (json!(sha), json!(name), json!(message));
    (told["object"]["sha"], told["object"]["type"]) = (json!(commit), json!("commit"));
    Some(told)
}

fn releases(request: &mut Request<'_>, verb: &str, rest: &str) -> Option<Answered> {
    let body = request.asked.json();
    Some(match (verb, rest) {
        ("GET", "/releases") => {
            let example = request.found.example(200)[0].clone();
            let ids: Vec<u64> = request.state.releases.all.keys().rev().copied().collect();
            let all = ids.into_iter().map(|id| told(request, &example, id)).collect();
            request.paged(all)
        }
        ("POST", "/releases") => {
            let tag = body["tag_name"].as_str()?.to_owned();
            let is_taken = |release: &Release| release.tag == tag && !release.is_draft;
            if request.state.releases.all.values().any(is_taken) {
                return Some(Answered::refusal(422, "Validation Failed: already_exists"));
            }
            let id = request.state.id();
            request.state.releases.put(id, &tag, body["draft"] == true);
            change(request.state.releases.all.get_mut(&id)?, &body);
            Answered::json(201, &told(request, &request.found.example(201), id))
        }
        ("PATCH", "/releases/{release_id}") => {
            let id = request.number("release_id");
            change(request.state.releases.all.get_mut(&id)?, &body);
            Answered::json(200, &told(request, &request.found.example(200), id))
        }
        ("GET", "/releases/{release_id}/assets") => {
            let (example, id) = (request.found.example(200)[0].clone(), request.number("release_id"));
            let ids: Vec<u64> = request.state.releases.all.get(&id)?.assets.keys().copied().collect();
            let all = ids.into_iter().map(|id| asset(request, &example, id)).collect::<Option<Vec<_>>>()?;
            request.paged(all)
        }
        ("POST", "/releases/{release_id}/assets") => {
            let (id, name) = (request.state.id(), request.asked.query("name")?.to_owned());
            let bytes = request.asked.body.clone();
            let release = request.number("release_id");
            let release = request.state.releases.all.get_mut(&release)?;
            if release.assets.values().any(|asset| asset.name == name) {
                return Some(Answered::empty(422));
            }
            release.assets.insert(id, Asset { name, bytes, is_whole: true });
            Answered::json(201, &asset(request, &request.found.example(201), id)?)
        }
        ("DELETE", "/releases/assets/{asset_id}") => {
            let id = request.number("asset_id");
            request.state.releases.release_of(id)?.assets.remove(&id);
            Answered::empty(204)
        }
        _ => return None,
    })
}

fn change(release: &mut Release, body: &Value) {
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    release.name = text("name").unwrap_or_else(|| release.name.clone());
    release.body = text("body").unwrap_or_else(|| release.body.clone());
    release.is_draft = body["draft"].as_bool().unwrap_or(release.is_draft);
    release.is_prerelease = body["prerelease"].as_bool().unwrap_or(release.is_prerelease);
    release.is_latest = text("make_latest").map_or(release.is_latest, |latest| latest == "true");
}

fn told(request: &Request<'_>, example: &Value, id: u64) -> Value {
    let releases = &request.state.releases;
    let release = &releases.all[&id];
    let mut told = example.clone();
    (told["id"], told["tag_name"], told["name"]) = (json!(id), json!(release.tag), json!(release.name));
    (told["body"], told["draft"]) = (json!(release.body), json!(release.is_draft));
    told["prerelease"] = json!(release.is_prerelease);
    told["html_url"] = json!(format!("https://github.com/ada/parcels/releases/{id}"));
    let own = request.place.api.trim_end_matches("/api/v3");
    let host = releases.uploads.unwrap_or(own);
    told["upload_url"] =
        json!(format!("{host}/api/uploads/repos/ada/parcels/releases/{id}/assets{{?name,label}}"));
    let one = told["assets"][0].clone();
    told["assets"] = release.assets.keys().filter_map(|id| asset(request, &one, *id)).collect();
    told
}

fn asset(request: &Request<'_>, example: &Value, id: u64) -> Option<Value> {
    let releases = &request.state.releases;
    let asset = releases.all.values().find_map(|release| release.assets.get(&id))?;
    let digest = asset.is_whole.then(|| Digest::of(&asset.bytes).to_string());
    let mut told = example.clone();
    (told["id"], told["name"], told["size"]) = (json!(id), json!(asset.name), json!(asset.bytes.len()));
    // Its schema knows `open`; its prose says `starter`.
    told["state"] = json!(if asset.is_whole { "uploaded" } else { "open" });
    told["digest"] = json!(digest.filter(|_| !releases.tells_no_digest));
    Some(told)
}
