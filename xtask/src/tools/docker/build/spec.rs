//! What is to be built, and what is told of it meanwhile.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use slipway_image::Reference;

use crate::kit::secret::Secret;
use crate::tools::docker::engine::Limits;
use crate::tools::docker::transfer::Credentials;

/// An image to be built.
#[derive(Clone, Debug)]
pub struct BuildSpec {
    /// The folder whose files the build may use.
    pub root: PathBuf,
    /// The Dockerfile: relative to `root`, or absolute.
    pub dockerfile: PathBuf,
    /// The stage to build; the last one without.
    pub target: Option<String>,
    /// Values for `ARG`.
    pub args: BTreeMap<String, String>,
    /// Secrets for `RUN --mount=type=secret,id=…`, by id. They never touch a disk of ours.
    pub secrets: BTreeMap<String, Secret>,
    /// Who we are to registries of base images, by registry: `ghcr.io`, `docker.io`, `127.0.0.1:5000`.
    pub credentials: BTreeMap<String, Credentials>,
    /// `linux/amd64` and so on; the engine's own without.
    pub platform: Option<String>,
    /// Labels of the image.
    pub labels: BTreeMap<String, String>,
    /// Names that the image gets.
    pub tags: Vec<Reference>,
    /// Whether steps of earlier builds are taken over.
    pub cache: Cache,
    /// Images whose steps are taken over too, where they were built to allow that.
    pub cache_from: Vec<Reference>,
    /// The time of everything in the image, in seconds since 1970: the build argument `SOURCE_DATE_EPOCH`, and the time of
    /// all files that are sent.
    pub source_date_epoch: Option<i64>,
    /// Who builds.
    pub builder: Builder,
    /// When to give up.
    pub limits: Limits,
}

/// Whether steps of earlier builds are taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cache {
    /// Those whose inputs are the same.
    Use,
    /// None.
    Ignore,
}

/// Who builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builder {
    /// BuildKit where the engine has it, else the classic builder.
    Auto,
    /// The classic builder.
    Classic,
}

impl BuildSpec {
    /// The `Dockerfile` of a folder, with nothing special, for at most half an hour.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            dockerfile: PathBuf::from("Dockerfile"),
            target: None,
            args: BTreeMap::new(),
            secrets: BTreeMap::new(),
            credentials: BTreeMap::new(),
            platform: None,
            labels: BTreeMap::new(),
            tags: Vec::new(),
            cache: Cache::Use,
            cache_from: Vec::new(),
            source_date_epoch: None,
            builder: Builder::Auto,
            limits: Limits::within(Duration::from_mins(30)),
        }
    }

    /// The values for `ARG`, the time among them.
    pub(super) fn all_args(&self) -> BTreeMap<String, String> {
        let mut args = self.args.clone();
        if let Some(epoch) = self.source_date_epoch {
            args.entry("SOURCE_DATE_EPOCH".to_owned()).or_insert_with(|| epoch.to_string());
        }
        args
    }
}

/// An image that was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// Its id.
    pub id: String,
}

/// What happens in a build. Steps are numbered from 0 in the order in which they first show up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A step began: its number and name.
    Started(usize, String),
    /// A step was taken over from an earlier build: its number and name.
    Cached(usize, String),
    /// A step printed a line.
    Log(usize, String),
    /// A part of a step, such as a layer that is pulled, has come so far: number, part, bytes done, bytes in all or 0.
    Progress(usize, String, u64, u64),
    /// A step went well: its number and name.
    Finished(usize, String),
    /// A step went wrong: its number and name.
    Failed(usize, String),
    /// Something that a person should know.
    Notice(String),
}
