//! Names of images. Sources: OCI distribution specification, "Pulling manifests"; the grammar of
//! <https://pkg.go.dev/github.com/distribution/reference>, which is what engines and registries check.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, DigestError};

/// Docker Hub's registry, which names without a registry mean.
const HUB: &str = "docker.io";

/// The most bytes that a tag may have.
pub const TAG_BYTES: usize = 128;

/// The most bytes of a repository, its registry included.
const REPOSITORY_BYTES: usize = 255;

/// Where images of one name are kept: `ghcr.io/owner/name`. Always lower-case and well-formed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Repository {
    registry: String,
    path: String,
}

/// A tag: 1 to 128 of `A-Z a-z 0-9 . _ -`, the first neither `.` nor `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tag(String);

/// An image: a repository, and the tag or digest or both that pick one of its images.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference {
    /// Where it is kept.
    pub repository: Repository,
    /// Its tag.
    pub tag: Option<Tag>,
    /// Its digest, which wins over the tag.
    pub digest: Option<Digest>,
}

/// A text that names no image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReferenceError {
    /// A repository with upper-case letters; this is the same in lower case.
    UpperCase(String),
    /// A repository that breaks the grammar.
    Repository(String),
    /// A repository of more than 255 bytes.
    TooLong(String),
    /// A tag that breaks the grammar.
    Tag(String),
    /// A digest that is none.
    Digest(DigestError),
}

impl Repository {
    /// The host, with its port where it has one: `ghcr.io`, `127.0.0.1:5000`.
    #[must_use]
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The path below the host: `owner/name`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The image of this tag.
    #[must_use]
    pub fn tagged(&self, tag: &Tag) -> Reference {
        Reference { repository: self.clone(), tag: Some(tag.clone()), digest: None }
    }

    /// The image of this digest.
    #[must_use]
    pub fn at(&self, digest: &Digest) -> Reference {
        Reference { repository: self.clone(), tag: None, digest: Some(digest.clone()) }
    }
}

impl FromStr for Repository {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (registry, path) = match text.split_once('/') {
            Some((host, path)) if is_host(host) => (host.to_ascii_lowercase(), path.to_owned()),
            _ => (HUB.to_owned(), text.to_owned()),
        };
        let path = if registry == HUB && !path.contains('/') { format!("library/{path}") } else { path };
        if path.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(ReferenceError::UpperCase(text.to_ascii_lowercase()));
        }
        if !is_domain(&registry) || !path.split('/').all(is_component) {
            return Err(ReferenceError::Repository(text.to_owned()));
        }
        let repository = Self { registry, path };
        if repository.registry.len() + 1 + repository.path.len() > REPOSITORY_BYTES {
            return Err(ReferenceError::TooLong(text.to_owned()));
        }
        Ok(repository)
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.path)
    }
}

impl Tag {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Tag {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_rest = |byte: u8| is_word(byte) || matches!(byte, b'.' | b'-');
        let starts = text.bytes().next().is_some_and(is_word);
        if starts && text.len() <= TAG_BYTES && text.bytes().all(is_rest) {
            return Ok(Self(text.to_owned()));
        }
        Err(ReferenceError::Tag(text.to_owned()))
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.parse().map_err(ReferenceError::Digest)?)),
            None => (text, None),
        };
        // A colon before the last slash belongs to a port.
        let (repository, tag) = match rest.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag.parse()?)),
            _ => (rest, None),
        };
        Ok(Self { repository: repository.parse()?, tag, digest })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// Both ways between text and type, for serde.
macro_rules! as_text {
    ($($name:ty),*) => {$(
        impl TryFrom<String> for $name {
            type Error = ReferenceError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    )*};
}

as_text!(Repository, Tag, Reference);

/// Whether the first part of a name is a registry: it has a dot or a port, or is `localhost`, or cannot be a path.
fn is_host(text: &str) -> bool {
    text.contains(['.', ':']) || text == "localhost" || text.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn is_domain(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_port =
        |port: &str| (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_label = |label: &str| {
        let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(is_inner)
    };
    let is_v6 = |host: &str| {
        let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        inner.is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok())
    };
    port.is_none_or(is_port) && (is_v6(host) || host.split('.').all(is_label))
}

/// `[a-z0-9]+` with `.`, `_`, `__` or any number of `-` between.
fn is_component(text: &str) -> bool {
    let mut rest = text;
    loop {
        let word = rest.bytes().take_while(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()).count();
        rest = rest.get(word..).unwrap_or_default();
        if word == 0 {
            return false;
        }
        if rest.is_empty() {
            return true;
        }
        let dashes = rest.bytes().take_while(|byte| *byte == b'-').count();
        let separator = match rest.as_bytes() {
            [b'_', b'_', ..] => 2,
            [b'.' | b'_', ..] => 1,
            _ => dashes,
        };
        rest = rest.get(separator..).unwrap_or_default();
        if separator == 0 {
            return false;
        }
    }
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UpperCase(lower) => {
                write!(f, "names of images are lower-case: write `{}`", lower.escape_debug())
            }
            Self::Repository(text) => write!(
                f,
                "`{}` names no image: parts of `a-z 0-9`, with `.`, `_`, `__` or `-` between, behind a registry such as \
                 `ghcr.io/`",
                text.escape_debug()
            ),
            Self::TooLong(text) => {
                write!(f, "`{}` is longer than {REPOSITORY_BYTES} bytes", text.escape_debug())
            }
            Self::Tag(text) => write!(
                f,
                "`{}` is no tag: 1 to {TAG_BYTES} of `A-Z a-z 0-9 . _ -`, the first neither `.` nor `-`",
                text.escape_debug()
            ),
            Self::Digest(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReferenceError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_stands_for_what() {
        let of = |text: &str| text.parse::<Reference>().unwrap().to_string();
        assert_eq!(of("debian"), "docker.io/library/debian");
        assert_eq!(of("debian:12"), "docker.io/library/debian:12");
        assert_eq!(of("owner/name"), "docker.io/owner/name");
        assert_eq!(of("127.0.0.1:5000/a/b"), "127.0.0.1:5000/a/b");
        assert_eq!(of("localhost/a:b"), "localhost/a:b");
        assert_eq!(of("GHCR.io/a__b/c--d:X"), "ghcr.io/a__b/c--d:X");
        assert_eq!(of("[::1]:5000/a"), "[::1]:5000/a");
        let digest = Digest::of(b"");
        assert_eq!(of(&format!("ghcr.io/a:1@{digest}")), format!("ghcr.io/a:1@{digest}"));
    }

    #[test]
    fn what_names_no_image_is_refused() {
        for text in [
            "",
            ":",
            "@",
            "a:",
            "a@",
            "/a",
            "a/",
            "a//b",
            "a.",
            "-a",
            "a___b",
            "a:.b",
            "a:-b",
            "a b",
            "a:b c",
            "é",
            "ghcr.io:port/a",
            "ghcr.io:123456/a",
            "-x.io/a",
            "a@sha256:12",
        ] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
        assert!(format!("a:{}", "b".repeat(129)).parse::<Reference>().is_err());
        assert!("a".repeat(256).parse::<Repository>().is_err());
    }

    #[test]
    fn upper_case_is_refused_with_what_to_write() {
        let error = "ghcr.io/Owner/Name".parse::<Repository>().unwrap_err();
        assert_eq!(error.to_string(), "names of images are lower-case: write `ghcr.io/owner/name`");
    }

    proptest! {
        #[test]
        fn whatever_is_taken_reads_back_as_itself(text in "\\PC{0,40}|[a-z0-9._/:@-]{0,40}") {
            if let Ok(reference) = text.parse::<Reference>() {
                let shown = reference.to_string();
                prop_assert_eq!(shown.parse::<Reference>().unwrap(), reference);
                prop_assert_eq!(shown.rsplit('/').next().unwrap().is_empty(), false);
            }
        }
    }
}
