//! A registry in this process, which the engine and the toolkit's own client both use: the part of the OCI distribution
//! specification that a push and a pull need. The crate of images has one of its own with more faults.

use std::collections::BTreeMap;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};
use slipway_image::Digest;

use crate::fake::http::{Answer, Asked, Weakness};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Why nothing comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// Nobody said who asks.
    Nobody,
    /// Somebody whom it does not know.
    Wrong,
    /// It has no such image.
    Unknown,
}

/// The configuration of an image, its layers, and the digest of its manifest.
type Found = (Vec<u8>, Vec<Vec<u8>>, String);

#[derive(Default)]
struct Store {
    /// By digest.
    blobs: BTreeMap<String, Vec<u8>>,
    /// By repository, and digest or tag.
    manifests: BTreeMap<(String, String), Vec<u8>>,
    uploads: BTreeMap<String, Vec<u8>>,
    number: usize,
}

/// The running registry. It ends with the test's process.
pub(crate) struct Registry {
    pub(crate) host: String,
    /// Who may come in; anybody without.
    user: Option<(&'static str, &'static str)>,
    store: Mutex<Store>,
}

impl Registry {
    pub(crate) fn start() -> Arc<Self> {
        Self::of(None)
    }

    /// One that wants to know who asks.
    pub(crate) fn behind(user: (&'static str, &'static str)) -> Arc<Self> {
        Self::of(Some(user))
    }

    fn of(user: Option<(&'static str, &'static str)>) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let registry = Arc::new(Self { host, user, store: Mutex::default() });
        let for_thread = Arc::clone(&registry);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let registry = Arc::clone(&for_thread);
                thread::spawn(move || registry.serve(stream));
            }
        });
        registry
    }

    /// A repository in it.
    pub(crate) fn repository(&self, path: &str) -> String {
        format!("{}/{path}", self.host)
    }

    /// An image, as an engine asks for it.
    pub(crate) fn image(&self, name: &str, auth: Option<&str>) -> Result<Found, Denied> {
        self.admit(auth)?;
        let path = name.strip_prefix(&format!("{}/", self.host)).ok_or(Denied::Unknown)?;
        let (repository, selector) =
            path.split_once('@').or_else(|| path.split_once(':')).ok_or(Denied::Unknown)?;
        let store = self.store.lock().unwrap();
        let key = (repository.to_owned(), selector.to_owned());
        let manifest = store.manifests.get(&key).ok_or(Denied::Unknown)?;
        let told: Value = serde_json::from_slice(manifest).unwrap();
        let blob = |descriptor: &Value| store.blobs[descriptor["digest"].as_str().unwrap()].clone();
        let layers = told["layers"].as_array().unwrap().iter().map(blob).collect();
        Ok((blob(&told["config"]), layers, Digest::of(manifest).to_string()))
    }

    /// Takes an image from an engine, and gives its digest.
    pub(crate) fn take(
        &self,
        name: &str,
        tag: &str,
        (config, layers): (&[u8], &[Vec<u8>]),
        auth: Option<&str>,
    ) -> Result<String, Denied> {
        self.admit(auth)?;
        let repository = name.strip_prefix(&format!("{}/", self.host)).ok_or(Denied::Unknown)?;
        let mut store = self.store.lock().unwrap();
        let mut describe = |media: &str, bytes: &[u8]| {
            let digest = Digest::of(bytes).to_string();
            store.blobs.insert(digest.clone(), bytes.to_vec());
            json!({ "mediaType": media, "digest": digest, "size": bytes.len() })
        };
        let config = describe("application/vnd.oci.image.config.v1+json", config);
        let layers = layers.iter().map(|layer| describe("application/vnd.oci.image.layer.v1.tar", layer));
        let layers: Value = layers.collect();
        let manifest =
            json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers });
        Ok(store.keep(repository, tag, manifest.to_string().as_bytes()))
    }

    /// Who asks through an engine: JSON in the alphabet of base64 that is safe in URLs.
    fn admit(&self, auth: Option<&str>) -> Result<(), Denied> {
        let Some((user, password)) = self.user else { return Ok(()) };
        let told = auth.and_then(|auth| URL_SAFE.decode(auth).ok()).unwrap_or_default();
        let told: Value = serde_json::from_slice(&told).unwrap_or_default();
        match (told["username"].as_str(), told["password"].as_str()) {
            (Some(name), Some(word)) if (name, word) == (user, password) => Ok(()),
            (Some(name), _) if !name.is_empty() => Err(Denied::Wrong),
            _ => Err(Denied::Nobody),
        }
    }

    fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        let Some(asked) = Asked::read(&mut stream) else { return Ok(()) };
        let mut answer = Answer::new(&mut stream, Weakness::default());
        if let Some((user, password)) = self.user {
            let right = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
            if asked.header("authorization") != Some(&right) {
                let body = br#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#;
                return answer.whole(401, &[("WWW-Authenticate", "Basic realm=\"test\"")], body);
            }
        }
        self.store.lock().unwrap().answer(&asked, &mut answer)
    }
}

impl Store {
    fn keep(&mut self, repository: &str, selector: &str, manifest: &[u8]) -> String {
        let digest = Digest::of(manifest).to_string();
        for key in [selector, &digest] {
            self.manifests.insert((repository.to_owned(), key.to_owned()), manifest.to_vec());
        }
        digest
    }

    fn answer(&mut self, asked: &Asked, answer: &mut Answer<'_>) -> io::Result<()> {
        let rest = asked.path.strip_prefix("/v2/").unwrap_or_default();
        if rest.is_empty() {
            return answer.json(200, &json!({}));
        }
        if let Some((name, id)) = rest.split_once("/blobs/uploads/") {
            return self.upload(asked, name, id, answer);
        }
        if let Some((_, digest)) = rest.split_once("/blobs/") {
            return match self.blobs.get(digest) {
                Some(bytes) => found(asked, digest, "application/octet-stream", bytes, answer),
                None => unknown("BLOB_UNKNOWN", answer),
            };
        }
        if let Some((name, selector)) = rest.split_once("/manifests/") {
            if asked.method == "PUT" {
                let digest = self.keep(name, selector, &asked.body);
                let place = format!("/v2/{name}/manifests/{digest}");
                return answer.whole(201, &[("Location", &place), ("Docker-Content-Digest", &digest)], b"");
            }
            return match self.manifests.get(&(name.to_owned(), selector.to_owned())) {
                Some(bytes) => found(asked, &Digest::of(bytes).to_string(), MANIFEST, bytes, answer),
                None => unknown("MANIFEST_UNKNOWN", answer),
            };
        }
        if let Some(name) = rest.strip_suffix("/tags/list") {
            let tags =
                self.manifests.keys().filter(|(repository, tag)| repository == name && !tag.contains(':'));
            let tags: Vec<&str> = tags.map(|(_, tag)| tag.as_str()).collect();
            return answer.json(200, &json!({ "name": name, "tags": tags }));
        }
        unknown("UNSUPPORTED", answer)
    }

    fn upload(&mut self, asked: &Asked, name: &str, id: &str, answer: &mut Answer<'_>) -> io::Result<()> {
        let id = if asked.method == "POST" {
            self.number += 1;
            self.number.to_string()
        } else {
            id.to_owned()
        };
        let upload = self.uploads.entry(id.clone()).or_default();
        upload.extend_from_slice(&asked.body);
        let (digest, size) = (asked.query("digest"), upload.len());
        if digest.is_empty() {
            let (place, range) =
                (format!("/v2/{name}/blobs/uploads/{id}"), format!("0-{}", size.saturating_sub(1)));
            return answer.whole(202, &[("Location", &place), ("Range", &range)], b"");
        }
        let bytes = self.uploads.remove(&id).unwrap_or_default();
        if Digest::of(&bytes).as_str() != digest {
            return answer.whole(400, &[], br#"{"errors":[{"code":"DIGEST_INVALID","message":"digest"}]}"#);
        }
        self.blobs.insert(digest.to_owned(), bytes);
        let place = format!("/v2/{name}/blobs/{digest}");
        answer.whole(201, &[("Location", &place), ("Docker-Content-Digest", digest)], b"")
    }
}

fn found(asked: &Asked, digest: &str, media: &str, bytes: &[u8], answer: &mut Answer<'_>) -> io::Result<()> {
    let length = bytes.len().to_string();
    let headers = [("Docker-Content-Digest", digest), ("Content-Type", media), ("Content-Length", &length)];
    answer.whole(200, &headers, if asked.method == "HEAD" { b"" } else { bytes })
}

fn unknown(code: &str, answer: &mut Answer<'_>) -> io::Result<()> {
    answer.json(404, &json!({ "errors": [{ "code": code, "message": "unknown" }] }))
}
