//! Images: loaded, looked at, named, saved, pulled, pushed, removed.

use std::collections::BTreeMap;
use std::io::{self, Read as _};

use serde_json::{Value, json};

use super::Shared;
use super::http::{Answer, Asked};
use super::state::Image;
use crate::registry::Denied;

impl Shared {
    pub(super) fn images(&self, rest: &str, asked: &Asked, answer: &mut Answer<'_>) -> io::Result<()> {
        let verb = |verb: &str| rest.strip_suffix(verb).map(ToOwned::to_owned);
        let method = asked.method.as_str();
        if method == "POST" && rest == "load" {
            return self.load(asked, answer);
        }
        if method == "POST" && rest == "create" {
            return self.pull(asked, answer);
        }
        if method == "GET" && rest == "json" {
            return self.list_images(asked, answer);
        }
        if method == "DELETE" {
            return self.remove(rest, answer);
        }
        let named = ["/json", "/get", "/tag", "/push"].into_iter().find_map(|it| Some((it, verb(it)?)));
        let Some((verb, name)) = named else { return answer.refuse(404, "page not found") };
        let image = self.state().image(&name).cloned();
        match (verb, image) {
            // It is told apart from an image that is not there at all.
            ("/push", _) => self.push(&name, asked, answer),
            (_, None) => answer.refuse(404, &format!("No such image: {name}")),
            ("/json", Some(image)) => answer.json(200, &inspect(&image)),
            ("/get", Some(image)) => {
                answer.begin("application/x-tar")?;
                answer.piece(&archive(&image))?;
                answer.end()
            }
            (_, Some(mut image)) => {
                image.tags.insert(format!("{}:{}", asked.query("repo"), asked.query("tag")));
                self.state().keep(image);
                answer.empty(201)
            }
        }
    }

    /// `filters={"reference":["some/place/*"]}`
    fn list_images(&self, asked: &Asked, answer: &mut Answer<'_>) -> io::Result<()> {
        let filters: Value = serde_json::from_str(asked.query("filters")).unwrap_or_default();
        let start = filters["reference"][0].as_str().unwrap_or("*").trim_end_matches('*').to_owned();
        let state = self.state();
        let fitting =
            state.images.iter().filter(|image| image.tags.iter().any(|tag| tag.starts_with(&start)));
        let one = |image: &Image| {
            json!({
                "Id": image.id(), "ParentId": "", "RepoTags": image.tags, "RepoDigests": image.digests, "Created": 1,
                "Size": 1, "SharedSize": -1, "VirtualSize": 1, "Labels": {}, "Containers": -1,
            })
        };
        let all: Value = fitting.map(one).collect();
        drop(state);
        answer.json(200, &all)
    }

    fn load(&self, asked: &Asked, answer: &mut Answer<'_>) -> io::Result<()> {
        let Some(images) = loaded(&asked.body) else {
            return answer.refuse(
                500,
                "open /var/lib/docker/tmp/docker-import-1/repositories: no such file or directory",
            );
        };
        answer.begin("application/json")?;
        for image in images {
            let id = image.id();
            let names: Vec<String> = image.tags.iter().map(|tag| format!("Loaded image: {tag}\n")).collect();
            self.state().keep(image);
            if names.is_empty() {
                answer.line(&json!({ "stream": format!("Loaded image ID: {id}\n") }))?;
            }
            for name in names {
                answer.line(&json!({ "stream": name }))?;
            }
        }
        answer.end()
    }

    fn remove(&self, name: &str, answer: &mut Answer<'_>) -> io::Result<()> {
        let mut state = self.state();
        let Some(image) = state.image_mut(name) else {
            return answer.refuse(404, &format!("No such image: {name}"));
        };
        let is_id = image.id() == name;
        image.tags.remove(name);
        image.digests.remove(name);
        let id = image.id();
        let mut told = vec![json!({ "Untagged": name })];
        if is_id || (image.tags.is_empty() && image.digests.is_empty()) {
            state.images.retain(|image| image.id() != id);
            told.push(json!({ "Deleted": id }));
        }
        drop(state);
        answer.json(200, &Value::Array(told))
    }

    fn pull(&self, asked: &Asked, answer: &mut Answer<'_>) -> io::Result<()> {
        let (from, tag) = (asked.query("fromImage"), asked.query("tag"));
        let name = if tag.is_empty() { from.to_owned() } else { format!("{from}:{tag}") };
        let found =
            self.registry.as_ref().map(|registry| registry.image(&name, asked.header("x-registry-auth")));
        let (config, layers, digest) = match found {
            Some(Ok(found)) => found,
            Some(Err(Denied::Nobody)) => {
                return answer.refuse(500, &format!("Head \"{name}\": no basic auth credentials"));
            }
            Some(Err(Denied::Wrong)) => {
                return answer
                    .refuse(500, &format!("Head \"{name}\": unauthorized: authentication required"));
            }
            Some(Err(Denied::Unknown)) | None => {
                return answer.refuse(
                    404,
                    &format!("manifest for {name} not found: manifest unknown: manifest unknown"),
                );
            }
        };
        answer.begin("application/json")?;
        let (repository, _) = from.split_once('@').unwrap_or((from, ""));
        answer.line(&json!({ "status": format!("Pulling from {repository}"), "id": &digest[7..19] }))?;
        for layer in &layers {
            let (id, size) = (&slipway_image::Digest::of(layer).to_string()[7..19], layer.len());
            let detail = json!({ "current": size, "total": size });
            answer.line(&json!({ "status": "Downloading", "progressDetail": detail, "id": id }))?;
            answer.line(&json!({ "status": "Pull complete", "progressDetail": {}, "id": id }))?;
        }
        answer.line(&json!({ "status": format!("Digest: {digest}") }))?;
        let mut image = Image { config, layers, ..Image::default() };
        image.digests.insert(format!("{repository}@{digest}"));
        if !tag.is_empty() {
            image.tags.insert(name);
        }
        self.state().keep(image);
        answer.line(&json!({ "status": "Status: Downloaded newer image" }))?;
        answer.end()
    }

    /// Refuses in the midst of the stream, as engines do.
    fn push(&self, name: &str, asked: &Asked, answer: &mut Answer<'_>) -> io::Result<()> {
        answer.begin("application/json")?;
        let tag = asked.query("tag");
        answer.line(&json!({ "status": format!("The push refers to repository [{name}]") }))?;
        let failure = |why: &str| json!({ "errorDetail": { "message": why }, "error": why });
        let image = self.state().image(&format!("{name}:{tag}")).cloned();
        match (image, &self.registry) {
            (None, _) => answer.line(&failure(&format!("tag does not exist: {tag}")))?,
            (_, None) => answer.line(&failure("dial tcp: connect: connection refused"))?,
            (Some(mut image), Some(registry)) => {
                match registry.take(
                    name,
                    tag,
                    (&image.config, &image.layers),
                    asked.header("x-registry-auth"),
                ) {
                    Ok(digest) => {
                        image.digests.insert(format!("{name}@{digest}"));
                        self.state().keep(image);
                        answer.line(&json!({ "status": format!("{tag}: digest: {digest} size: 527") }))?;
                        let aux = json!({ "Tag": tag, "Digest": digest, "Size": 527 });
                        answer.line(&json!({ "progressDetail": {}, "aux": aux }))?;
                    }
                    Err(Denied::Nobody) => answer.line(&failure("no basic auth credentials"))?,
                    Err(_) => answer.line(&failure("unauthorized: authentication required"))?,
                }
            }
        }
        answer.end()
    }

    pub(super) fn distribution(&self, rest: &str, asked: &Asked, answer: &mut Answer<'_>) -> io::Result<()> {
        let name = rest.strip_suffix("/json").unwrap_or(rest);
        let found =
            self.registry.as_ref().map(|registry| registry.image(name, asked.header("x-registry-auth")));
        let Some(Ok((_, _, digest))) = found else { return answer.refuse(404, "manifest unknown") };
        let media = "application/vnd.docker.distribution.manifest.v2+json";
        let descriptor = json!({ "mediaType": media, "digest": digest, "size": 527 });
        answer.json(200, &json!({ "Descriptor": descriptor, "Platforms": [] }))
    }
}

fn inspect(image: &Image) -> Value {
    let config = image.json();
    let size: usize = image.layers.iter().map(Vec::len).sum();
    json!({
        "Id": image.id(),
        "RepoTags": image.tags,
        "RepoDigests": image.digests,
        "Created": config["created"],
        "Size": size,
        "Os": config["os"],
        "Architecture": config["architecture"],
        "Config": config["config"],
        "RootFS": { "Type": "layers", "Layers": config["rootfs"]["diff_ids"] },
    })
}

/// As `docker save` writes it.
fn archive(image: &Image) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut add = |path: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, bytes).unwrap();
    };
    let layers: Vec<String> = (0..image.layers.len()).map(|number| format!("{number}/layer.tar")).collect();
    for (path, layer) in layers.iter().zip(&image.layers) {
        add(path, layer);
    }
    add("config.json", &image.config);
    let manifest = json!([{ "Config": "config.json", "RepoTags": image.tags, "Layers": layers }]);
    add("manifest.json", manifest.to_string().as_bytes());
    archive.into_inner().unwrap()
}

/// The images of an archive; none when it is none.
fn loaded(bytes: &[u8]) -> Option<Vec<Image>> {
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(bytes).entries().ok()? {
        let mut entry = entry.ok()?;
        let path = entry.path().ok()?.display().to_string();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).ok()?;
        files.insert(path, content);
    }
    let manifest: Value = serde_json::from_slice(files.get("manifest.json")?).ok()?;
    let file = |name: &Value| files.get(name.as_str()?).cloned();
    let image = |told: &Value| {
        let layers = told["Layers"].as_array()?.iter().map(file).collect::<Option<_>>()?;
        let tags = told["RepoTags"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let tags = tags.map(ToOwned::to_owned).collect();
        Some(Image { config: file(&told["Config"])?, layers, tags, ..Image::default() })
    };
    manifest.as_array()?.iter().map(image).collect()
}
