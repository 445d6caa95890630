//! What an engine keeps.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use slipway_image::Digest;

use super::containers::Container;

/// All of it, by id or name.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) images: Vec<Image>,
    pub(crate) containers: BTreeMap<String, Container>,
    /// By id: the name and the labels.
    pub(crate) networks: BTreeMap<String, (String, Value)>,
    /// By name: the labels.
    pub(crate) volumes: BTreeMap<String, Value>,
    /// It is Podman, as far as it says.
    pub(crate) is_podman: bool,
    number: u64,
}

/// An image.
#[derive(Clone, Default)]
pub(crate) struct Image {
    /// Its configuration, as the OCI's image specification has it.
    pub(crate) config: Vec<u8>,
    pub(crate) layers: Vec<Vec<u8>>,
    pub(crate) tags: BTreeSet<String>,
    pub(crate) digests: BTreeSet<String>,
}

impl Image {
    /// One without files, with these members of `config` and under this name.
    pub(crate) fn named(name: &str, config: &Value) -> Self {
        let layer = tar::Builder::new(Vec::new()).into_inner().unwrap();
        Self { tags: [name.to_owned()].into(), ..Self::of(config, vec![layer]) }
    }

    pub(crate) fn of(config: &Value, layers: Vec<Vec<u8>>) -> Self {
        let digests: Vec<String> = layers.iter().map(|layer| Digest::of(layer).to_string()).collect();
        let config = json!({
            "architecture": "amd64",
            "os": "linux",
            "created": "2026-01-02T03:04:05Z",
            "config": config,
            "rootfs": { "type": "layers", "diff_ids": digests },
        });
        Self { config: config.to_string().into_bytes(), layers, ..Self::default() }
    }

    pub(crate) fn id(&self) -> String {
        Digest::of(&self.config).to_string()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.config).unwrap_or_default()
    }

    fn is_called(&self, name: &str) -> bool {
        let id = self.id();
        let with_tag = format!("{name}:latest");
        self.tags.contains(name)
            || self.tags.contains(&with_tag)
            || self.digests.contains(name)
            || id == name
            || (name.len() >= 12 && id.strip_prefix("sha256:").is_some_and(|hex| hex.starts_with(name)))
    }
}

impl State {
    pub(crate) fn image(&self, name: &str) -> Option<&Image> {
        self.images.iter().find(|image| image.is_called(name))
    }

    pub(crate) fn image_mut(&mut self, name: &str) -> Option<&mut Image> {
        self.images.iter_mut().find(|image| image.is_called(name))
    }

    /// Takes an image, whose names others lose; one of the same content is the same image.
    pub(crate) fn keep(&mut self, image: Image) {
        let id = image.id();
        for other in &mut self.images {
            other.tags.retain(|tag| !image.tags.contains(tag));
        }
        if let Some(same) = self.images.iter_mut().find(|other| other.id() == id) {
            same.tags.extend(image.tags);
            same.digests.extend(image.digests);
        } else {
            self.images.push(image);
        }
    }

    /// An id that nothing else has.
    pub(crate) fn next_id(&mut self) -> String {
        self.number += 1;
        Digest::of(self.number.to_string().as_bytes()).as_str().trim_start_matches("sha256:").to_owned()
    }

    pub(crate) fn things(&self) -> Vec<String> {
        let images = self.images.iter().map(|image| {
            let names: Vec<&str> = image.tags.iter().chain(&image.digests).map(String::as_str).collect();
            if names.is_empty() {
                format!("image {}", image.id())
            } else {
                format!("image {}", names.join(" "))
            }
        });
        let containers = self.containers.values().map(|it| format!("container of {}", it.image));
        let networks = self.networks.values().map(|(name, _)| format!("network {name}"));
        let volumes = self.volumes.keys().map(|name| format!("volume {name}"));
        images.chain(containers).chain(networks).chain(volumes).collect()
    }
}
