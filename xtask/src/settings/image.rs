//! `[image]` and `[[images]]`: which images are made, how, and what is required of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::file_path::FilePath;
use super::folder::Folder;
use super::name::StepName;
use super::size::Size;
use super::time_span::TimeSpan;
use super::variable::Variable;
use crate::model::gate::Mode;

/// What holds for all images; which ones there are stands in `[[images]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Image {
    /// Whether anything that goes wrong with an image fails the run.
    pub mode: Mode,
    /// What builds.
    pub builder: Builder,
    /// When images are pushed.
    pub push: Push,
    /// The registry of images that name no `repository`: theirs is `REGISTRY/OWNER/NAME` of the repository on the
    /// forge, with the name of the image behind it when there are several.
    pub registry: String,
    /// Rules for tags, in the language of docker/metadata-action; empty for `branch-…`, `sha-…`, `pr-…`, `latest` and
    /// versions.
    pub tags: Vec<String>,
    /// Rules for all tags: `latest=auto`, `prefix=…`, `suffix=…`.
    pub flavor: Vec<String>,
    /// What the embedded builder puts the program on: `scratch`, or an image.
    pub base: String,
    /// The user that programs run as: `UID:GID`.
    pub user: String,
    /// The profile that cargo builds with.
    pub profile: String,
    /// How long building, or pushing, or pulling may take.
    pub timeout: TimeSpan,
    /// How an engine asks a container whether it is well; `healthcheck` of an image is the command.
    pub healthcheck: Healthcheck,
    /// How large images may be.
    pub size: SizeBudget,
    /// What has to be true of what is in them.
    pub structure: Structure,
}

/// What builds images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Builder {
    /// `engine` for images with a Dockerfile where an engine answers, `embedded` otherwise.
    Auto,
    /// The container engine, from the Dockerfile.
    Engine,
    /// The builder that is built in; it needs no engine.
    Embedded,
}

/// When images are pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Push {
    /// On a CI service, but never for a pull request from a fork.
    Auto,
    /// Always, but never for a pull request from a fork.
    Always,
    /// Never.
    Never,
}

/// How an engine asks a container whether it is well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Healthcheck {
    /// Between two questions.
    pub interval: TimeSpan,
    /// For one answer.
    pub timeout: TimeSpan,
    /// After the start, while failures do not count.
    pub start_period: TimeSpan,
    /// Failures in a row that make it unhealthy.
    pub retries: u16,
}

/// How large images may be, as they are pulled; `0B` for no limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SizeBudget {
    /// Whether more fails the run; `image.mode` and `mode` must say so too.
    pub mode: Mode,
    /// The whole image.
    pub max: Size,
    /// Each layer.
    pub layer_max: Size,
    /// More than the image that the default branch pushed last.
    pub growth_max: Size,
    /// Bytes of files that a later layer replaces or removes.
    pub wasted_max: Size,
}

/// What has to be true of what is in an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Structure {
    /// Whether anything else fails the run; `image.mode` and `mode` must say so too.
    pub mode: Mode,
    /// It does not run as root.
    pub non_root: bool,
    /// No file has the setuid or setgid bit.
    pub no_setuid: bool,
    /// There is no shell.
    pub no_shell: bool,
}

/// An image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OneImage {
    /// What it is called in reports. No two images have the same name.
    pub name: StepName,
    /// Where it is kept, without a tag: `ghcr.io/owner/name`; see `image.registry` for when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The package that has the program; needed when several packages have programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// The program; needed when the package has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bin: Option<String>,
    /// The Dockerfile that an engine builds it from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dockerfile: Option<FilePath>,
    /// The folder that an engine builds it in; the root of the repository when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Folder>,
    /// The stage of the Dockerfile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Arguments of the Dockerfile.
    #[serde(default)]
    pub build_args: BTreeMap<Variable, String>,
    /// Secrets of the build, by their ids: `env:NAME` for a variable, otherwise a file.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// Tag rules of its own, in place of `image.tags`.
    #[serde(default)]
    pub tags: Vec<String>,
    /// A base of its own, in place of `image.base`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// A user of its own, in place of `image.user`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Its entrypoint; the program when it is left out.
    #[serde(default)]
    pub entrypoint: Vec<String>,
    /// Arguments of the entrypoint, which whoever runs it may replace.
    #[serde(default)]
    pub args: Vec<String>,
    /// Variables of the environment that it runs in.
    #[serde(default)]
    pub env: BTreeMap<Variable, String>,
    /// Labels, beside those that the OCI specification names.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Ports that it listens on: `8080`, `53/udp`.
    #[serde(default)]
    pub ports: Vec<String>,
    /// The folder that it starts in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workdir: Option<String>,
    /// The command by which an engine asks a container whether it is well.
    #[serde(default)]
    pub healthcheck: Vec<String>,
    /// Files and folders of the repository that the embedded builder puts into it: `FROM:TO`, or a path for the same
    /// path below `/`.
    #[serde(default)]
    pub files: Vec<String>,
    /// Paths that it has to have.
    #[serde(default)]
    pub must_have: Vec<String>,
    /// Paths that it must not have.
    #[serde(default)]
    pub must_not_have: Vec<String>,
}

impl OneImage {
    /// An image of which nothing is said but its name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let letters = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        let name: String = letters.skip_while(|c| !c.is_ascii_alphanumeric()).take(64).collect();
        Self {
            name: StepName::try_from(name).unwrap_or_else(|_| StepName::known("image")),
            repository: None,
            package: None,
            bin: None,
            dockerfile: None,
            context: None,
            target: None,
            build_args: BTreeMap::new(),
            secrets: BTreeMap::new(),
            tags: Vec::new(),
            base: None,
            user: None,
            entrypoint: Vec::new(),
            args: Vec::new(),
            env: BTreeMap::new(),
            labels: BTreeMap::new(),
            ports: Vec::new(),
            workdir: None,
            healthcheck: Vec::new(),
            files: Vec::new(),
            must_have: Vec::new(),
            must_not_have: Vec::new(),
        }
    }
}
