//! What the fake registry keeps, and how it is asked for that.

use std::collections::BTreeMap;

use slipway_image::Digest;

use super::{Answered, Asked};

/// Blobs and manifests by repository and digest, tags, and uploads that are under way.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) blobs: BTreeMap<(String, String), Vec<u8>>,
    pub(crate) manifests: BTreeMap<(String, String), (String, Vec<u8>)>,
    pub(crate) tags: BTreeMap<(String, String), String>,
    /// `OCI-Chunk-Min-Length`.
    pub(crate) smallest_piece: Option<usize>,
    /// Does not take blobs over.
    pub(crate) never_mounts: bool,
    /// What is left of an upload after a piece.
    pub(crate) memory: Memory,
    /// Tags on one page of a list.
    pub(crate) page: usize,
    uploads: BTreeMap<String, Vec<u8>>,
    number: usize,
}

/// What is left of an upload after a piece, which was answered well.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Memory {
    #[default]
    All,
    /// The upload, without bytes.
    Upload,
    Nothing,
}

impl Store {
    pub(crate) fn put(&mut self, repository: &str, bytes: &[u8]) {
        self.blobs.insert((repository.to_owned(), Digest::of(bytes).to_string()), bytes.to_vec());
    }

    pub(super) fn answer(&mut self, asked: &Asked) -> Answered {
        let rest = asked.path.strip_prefix("/v2/").unwrap();
        if rest.is_empty() {
            return Answered { body: b"{}".to_vec(), ..Answered::new(200) };
        }
        let split = |part: &str| rest.split_once(part).map(|(name, rest)| (name.to_owned(), rest.to_owned()));
        if let Some((name, id)) = split("/blobs/uploads/") {
            self.upload(asked, &name, &id)
        } else if let Some((name, digest)) = split("/blobs/") {
            self.blob(asked, name, digest)
        } else if let Some((name, selector)) = split("/manifests/") {
            self.manifest(asked, name, &selector)
        } else if let Some((name, _)) = split("/tags/list") {
            self.list(asked, &name)
        } else {
            Answered::error(404, "UNSUPPORTED", "no such route")
        }
    }

    fn blob(&self, asked: &Asked, name: String, digest: String) -> Answered {
        let Some(bytes) = self.blobs.get(&(name, digest.clone())) else {
            return Answered::error(404, "BLOB_UNKNOWN", "blob unknown to registry");
        };
        let found =
            Answered { body: bytes.clone(), ..Answered::new(200) }.with("docker-content-digest", digest);
        let Some(range) = asked.header("range") else { return found };
        let start: usize = range.strip_prefix("bytes=").unwrap().strip_suffix('-').unwrap().parse().unwrap();
        let size = bytes.len();
        let range = format!("bytes {start}-{}/{size}", size - 1);
        Answered { status: 206, body: bytes[start..].to_vec(), ..found }.with("content-range", range)
    }

    fn session(&self, status: u16, name: &str, id: &str) -> Answered {
        let size = self.uploads[id].len();
        Answered::new(status)
            .with("location", format!("/v2/{name}/blobs/uploads/{id}?_state={size}"))
            .with("range", format!("0-{}", size.saturating_sub(1)))
    }

    fn upload(&mut self, asked: &Asked, name: &str, id: &str) -> Answered {
        if asked.method == "POST" {
            let from =
                asked.query("from").map(|from| (from.to_owned(), asked.query("mount").unwrap().to_owned()));
            if let Some(bytes) =
                from.and_then(|key| self.blobs.get(&key)).filter(|_| !self.never_mounts).cloned()
            {
                self.put(name, &bytes);
                return Answered::new(201);
            }
            self.number += 1;
            let id = format!("upload-{}", self.number);
            self.uploads.insert(id.clone(), Vec::new());
            let begun = self.session(202, name, &id);
            return match self.smallest_piece {
                Some(least) => begun.with("oci-chunk-min-length", least.to_string()),
                None => begun,
            };
        }
        let Some(kept) = self.uploads.get_mut(id) else {
            return Answered::error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
        };
        if asked.query("_state").is_none() {
            return Answered::error(400, "BLOB_UPLOAD_INVALID", "the location was not used as it was given");
        }
        match asked.method.as_str() {
            "GET" => self.session(204, name, id),
            "PATCH" => {
                let range = asked.header("content-range").unwrap_or("no range");
                if !range.starts_with(&format!("{}-", kept.len())) {
                    return self.session(416, name, id);
                }
                kept.extend(&asked.body);
                let answered = self.session(202, name, id);
                match self.memory {
                    Memory::All => {}
                    Memory::Upload => self.uploads.entry(id.to_owned()).or_default().clear(),
                    Memory::Nothing => drop(self.uploads.remove(id)),
                }
                answered
            }
            "PUT" => {
                kept.extend(&asked.body);
                // A cut request ends here with less than all.
                let whole = Digest::of(kept).to_string();
                if asked.query("digest") != Some(&whole) {
                    return Answered::error(
                        400,
                        "DIGEST_INVALID",
                        "provided digest did not match uploaded content",
                    );
                }
                let bytes = self.uploads.remove(id).unwrap();
                self.put(name, &bytes);
                Answered::new(201).with("docker-content-digest", whole)
            }
            other => Answered::error(400, "UNSUPPORTED", other),
        }
    }

    fn manifest(&mut self, asked: &Asked, name: String, selector: &str) -> Answered {
        if asked.method == "PUT" {
            return self.put_manifest(asked, name, selector);
        }
        let tagged = self.tags.get(&(name.clone(), selector.to_owned()));
        let digest = tagged.cloned().unwrap_or_else(|| selector.to_owned());
        let Some((kind, bytes)) = self.manifests.get(&(name, digest.clone())) else {
            return Answered::error(404, "MANIFEST_UNKNOWN", "manifest unknown");
        };
        if !asked.header("accept").unwrap_or_default().contains(kind.as_str()) {
            return Answered::error(400, "UNSUPPORTED", "this kind of manifest was not asked for");
        }
        Answered { body: bytes.clone(), ..Answered::new(200) }
            .with("content-type", kind.as_str())
            .with("docker-content-digest", digest)
    }

    fn put_manifest(&mut self, asked: &Asked, name: String, selector: &str) -> Answered {
        let digest = Digest::of(&asked.body).to_string();
        if selector.starts_with("sha256:") && selector != digest {
            return Answered::error(400, "DIGEST_INVALID", "the digest is another");
        }
        let value: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
        let below = |field: &str| value[field].as_array().cloned().unwrap_or_default();
        let is_known = |entry: &serde_json::Value| {
            let key = (name.clone(), entry["digest"].as_str().unwrap().to_owned());
            self.blobs.contains_key(&key) || self.manifests.contains_key(&key)
        };
        let config = value.get("config").cloned();
        if !config.iter().chain(&below("layers")).chain(&below("manifests")).all(is_known) {
            return Answered::error(400, "MANIFEST_BLOB_UNKNOWN", "it points to what is not here");
        }
        let kind = asked.header("content-type").unwrap().to_owned();
        self.manifests.insert((name.clone(), digest.clone()), (kind, asked.body.clone()));
        if !selector.starts_with("sha256:") {
            self.tags.insert((name, selector.to_owned()), digest.clone());
        }
        Answered::new(201).with("docker-content-digest", digest)
    }

    fn list(&self, asked: &Asked, name: &str) -> Answered {
        let last = asked.query("last").unwrap_or_default();
        let all = self.tags.keys().filter(|(repository, _)| repository == name).map(|(_, tag)| tag);
        let rest: Vec<&String> = all.filter(|tag| tag.as_str() > last).collect();
        let page = if self.page == 0 { rest.len() } else { self.page.min(rest.len()) };
        let body = serde_json::json!({"name": name, "tags": rest[..page]});
        let answered = Answered { body: body.to_string().into_bytes(), ..Answered::new(200) };
        if page == rest.len() {
            return answered;
        }
        let last = rest[page - 1];
        answered.with("link", format!("</v2/{name}/tags/list?n={page}&last={last}>; rel=\"next\""))
    }
}
