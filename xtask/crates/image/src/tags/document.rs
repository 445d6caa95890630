//! All of it as one object, with the names that the `json` output of docker/metadata-action has.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::csv;
use super::error::{Problem, Shown as _, TagError};
use super::evaluate::Tags;
use super::flavor::truth;
use super::rule::lines;
use crate::reference::{Repository, Tag};

/// What an image is called and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
    /// The first tag.
    pub version: Option<Tag>,
    /// Full names, those of the first repository first; bare tags where no repository is given.
    pub tags: Vec<String>,
    /// Bare tags.
    #[serde(rename = "tag-names")]
    pub tag_names: Vec<Tag>,
    /// Labels of the configuration.
    pub labels: BTreeMap<String, String>,
    /// Annotations, `LEVEL:NAME=VALUE`, as `docker buildx build --annotation` takes them.
    pub annotations: Vec<String>,
}

/// What an annotation stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The image of one platform.
    Manifest,
    /// The list of images.
    Index,
    /// The entry of an image in a list.
    ManifestDescriptor,
    /// The entry of a list in a layout.
    IndexDescriptor,
}

/// A text that is no level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelError(String);

impl Document {
    /// The object of these tags in these repositories.
    #[must_use]
    pub fn new(
        tags: &Tags,
        repositories: &[Repository],
        labels: BTreeMap<String, String>,
        annotations: (&[Level], &BTreeMap<String, String>),
    ) -> Self {
        let tag_names: Vec<Tag> = tags.tags.iter().map(|named| named.tag.clone()).collect();
        let full = |repository: &Repository| -> Vec<String> {
            tag_names.iter().map(|tag| repository.tagged(tag).to_string()).collect()
        };
        let names = if repositories.is_empty() {
            tag_names.iter().map(ToString::to_string).collect()
        } else {
            repositories.iter().flat_map(full).collect()
        };
        let (levels, annotations) = annotations;
        let annotated = |level: &Level| -> Vec<String> {
            annotations.iter().map(|(name, value)| format!("{level}:{name}={value}")).collect()
        };
        Self {
            version: tags.version.clone(),
            tags: names,
            tag_names,
            labels,
            annotations: levels.iter().flat_map(annotated).collect(),
        }
    }
}

impl Level {
    /// Reads levels between commas, as `DOCKER_METADATA_ANNOTATIONS_LEVELS` has them.
    ///
    /// # Errors
    /// The first word that is no level.
    pub fn all(text: &str) -> Result<Vec<Self>, LevelError> {
        text.split(',').map(|word| word.trim().parse()).collect()
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Index => "index",
            Self::ManifestDescriptor => "manifest-descriptor",
            Self::IndexDescriptor => "index-descriptor",
        }
    }
}

impl FromStr for Level {
    type Err = LevelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Manifest, Self::Index, Self::ManifestDescriptor, Self::IndexDescriptor];
        all.into_iter().find(|level| level.name() == text).ok_or_else(|| LevelError(text.to_owned()))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for LevelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no level of annotations; there are `manifest`, `index`, `manifest-descriptor` and `index-descriptor`",
            self.0.shown()
        )
    }
}

impl std::error::Error for LevelError {}

/// The repositories of an `images` input: names between commas in one line, or lines such as `name=ghcr.io/a/b,enable=true`.
/// Upper case becomes lower case: names of GitHub's owners have it, and no registry takes it.
///
/// # Errors
/// A line that names no repository.
pub fn images(text: &str) -> Result<Vec<Repository>, TagError> {
    let all: Vec<&str> = lines(text).collect();
    let mut repositories = Vec::new();
    for line in &all {
        repositories.extend(image(line, all.len()).map_err(|problem| problem.at(line))?);
    }
    Ok(repositories)
}

/// The repositories of one of so many lines: one line may have several bare names.
fn image(line: &str, count: usize) -> Result<Vec<Repository>, Problem> {
    const LEGAL: [&str; 2] = ["name", "enable"];
    let (mut names, mut enabled) = (Vec::new(), true);
    for field in csv::fields(line)? {
        let (key, value) = csv::attribute(&field);
        match key.as_deref() {
            None | Some("name") => {
                names.push(value.to_lowercase().parse().map_err(Problem::Image)?);
            }
            Some("enable") => enabled = truth("enable", value)?,
            Some(key) => {
                return Err(Problem::Unknown {
                    what: "attribute of an image",
                    found: key.to_owned(),
                    legal: &LEGAL,
                });
            }
        }
    }
    match names.len() {
        0 => Err(Problem::Missing("name")),
        1 => Ok(if enabled { names } else { Vec::new() }),
        _ if count == 1 && enabled => Ok(names),
        _ => Err(Problem::Value { name: "name", found: line.to_owned(), takes: "one repository a line" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<String> {
        images(text).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn images_are_read_as_people_write_them() {
        assert_eq!(named("user/app,ghcr.io/Acme/App"), ["docker.io/user/app", "ghcr.io/acme/app"]);
        assert_eq!(named("name=ghcr.io/a/b\nname=ghcr.io/a/c,enable=false\n# x"), ["ghcr.io/a/b"]);
        for text in ["enable=true", "name=", "a/b,enable=maybe", "nme=a/b", "a b", "a,b\nc"] {
            assert!(images(text).is_err(), "{text}");
        }
    }

    #[test]
    fn levels_are_four() {
        let all = "manifest,index, manifest-descriptor,index-descriptor";
        assert_eq!(Level::all(all).unwrap().len(), 4);
        assert!(Level::all("manifest,indx").unwrap_err().to_string().starts_with("`indx` is no level"));
    }
}
