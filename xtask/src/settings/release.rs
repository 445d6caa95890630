//! `[release]`: what a release is called, what has to agree with it, and what comes with it.

use serde::{Deserialize, Serialize};

use super::file_path::FilePath;

/// What a release is called, what has to agree with it, and what comes with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Release {
    /// What stands before the version in git tags.
    pub tag_prefix: String,
    /// The packages that are released, whose versions have to be the same; empty for those of the images, without images for
    /// all that have programs, and without those for all.
    pub packages: Vec<String>,
    /// Files of the repository that have to name the version or the image's digest, such as manifests of a deployment.
    pub files: Vec<FilePath>,
    /// Rules for the tags that images get, in the language of docker/metadata-action; empty for `1.2.3`, `1.2`, `1`,
    /// `latest` and `prod`. A pre-release gets that of its version only; the others move up and never back.
    pub tags: Vec<String>,
    /// Files that come with the release, such as `target/release/app`; they have to be there when it is run.
    pub assets: Vec<FilePath>,
    /// Arguments by which a program of an image prints its version; empty to ask none.
    pub version_args: Vec<String>,
    /// The commit status that has to say success; empty to ask for none.
    pub status: String,
}
