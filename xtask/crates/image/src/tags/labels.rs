//! What an image says about itself. Source: OCI image specification, "Pre-Defined Annotation Keys".

use std::collections::BTreeMap;

use chrono::SecondsFormat;

use super::error::{Problem, TagError};
use super::evaluate::Tags;
use super::inputs::Inputs;
use super::rule::lines;
use super::template::{NoParts, Scope, Template};

/// The label of the version.
pub const VERSION: &str = "org.opencontainers.image.version";

/// The label of the commit.
pub const REVISION: &str = "org.opencontainers.image.revision";

/// The label of the time: that of the commit.
pub(crate) const CREATED: &str = "org.opencontainers.image.created";

/// The label of the git reference, in full, that an image was made of: it tells whose a tag is.
pub const REF: &str = "slipway.ref";

/// The label of the release, as a whole version: tags such as `1` and `latest` only move up by it.
pub const RELEASE: &str = "slipway.release";

/// What is said of a program, wherever it is built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Its name.
    pub title: Option<String>,
    /// What it is, in one sentence.
    pub description: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// Where its source is. GHCR links a package to the repository that this names.
    pub source: Option<String>,
    /// Its licences, as an SPDX expression: `MIT OR Apache-2.0`.
    pub licenses: Option<String>,
}

/// The labels of an image, and its annotations: those that OCI defines, the time of the commit for the time of making,
/// and our own two. What is not known has no label.
#[must_use]
pub fn labels(about: &About, tags: &Tags, inputs: &Inputs) -> BTreeMap<String, String> {
    let created = inputs.committed.to_rfc3339_opts(SecondsFormat::Secs, true);
    let all = [
        ("org.opencontainers.image.title", about.title.clone()),
        ("org.opencontainers.image.description", about.description.clone()),
        ("org.opencontainers.image.url", about.url.clone()),
        ("org.opencontainers.image.source", about.source.clone()),
        ("org.opencontainers.image.licenses", about.licenses.clone()),
        (CREATED, Some(created)),
        (VERSION, tags.version.as_ref().map(ToString::to_string)),
        (REVISION, Some(inputs.commit.clone())),
        (REF, inputs.source.git_ref()),
        (RELEASE, tags.release.as_ref().map(ToString::to_string)),
    ];
    let known =
        all.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)));
    known.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The labels of an image that may stand on another one: what tells whose a tag is says so, or nothing, but never what the
/// base was.
#[must_use]
pub fn stamped(labels: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut stamped = labels.clone();
    for name in [VERSION, REVISION, REF, RELEASE] {
        stamped.entry(name.to_owned()).or_default();
    }
    stamped
}

/// Labels that somebody wrote, one `NAME=VALUE` a line, with the expressions that tags may have.
///
/// # Errors
/// A line without `=`, or with an expression that means nothing.
pub fn written(text: &str, inputs: &Inputs) -> Result<BTreeMap<String, String>, TagError> {
    let read = |line: &str| {
        let text = Template::parse(line, Scope::Everywhere)?.render(inputs, &NoParts).text;
        let (name, value) =
            text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or(Problem::NoEquals)?;
        Ok((name.to_owned(), value.to_owned()))
    };
    lines(text).map(|line| read(line).map_err(|problem: Problem| problem.at(line))).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_not_known_hides_what_the_base_says() {
        let stamped = stamped(&BTreeMap::from([(REVISION.to_owned(), "c0ffee".to_owned())]));
        assert_eq!(stamped.get(REVISION).map(String::as_str), Some("c0ffee"));
        assert!([VERSION, REF, RELEASE].iter().all(|name| stamped[*name].is_empty()));
    }

    use chrono::DateTime;

    use super::*;
    use crate::tags::{Flavor, Rule, evaluate};

    fn inputs() -> Inputs {
        Inputs::new("refs/tags/v1.2.3".parse().unwrap(), "0123abcd", DateTime::UNIX_EPOCH)
    }

    #[test]
    fn labels_say_what_is_known_and_nothing_else() {
        let inputs = inputs();
        let tags =
            evaluate(&Rule::all("type=semver,pattern={{major}}").unwrap(), &Flavor::default(), &inputs)
                .unwrap();
        let about =
            About { title: Some("app".to_owned()), description: Some(String::new()), ..About::default() };
        let labels = labels(&about, &tags, &inputs);
        let shown: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            shown,
            [
                "org.opencontainers.image.created=1970-01-01T00:00:00Z",
                "org.opencontainers.image.revision=0123abcd",
                "org.opencontainers.image.title=app",
                "org.opencontainers.image.version=1",
                "slipway.ref=refs/tags/v1.2.3",
                "slipway.release=1.2.3",
            ]
        );
    }

    #[test]
    fn written_labels_have_expressions() {
        let labels = written("# no\na={{tag}}\nb=c=d\n", &inputs()).unwrap();
        assert_eq!(labels, [("a", "v1.2.3"), ("b", "c=d")].map(|(a, b)| (a.to_owned(), b.to_owned())).into());
        let error = written("flag", &inputs()).unwrap_err().to_string();
        assert_eq!(error, "`flag`: there is no `=` between a name and its value");
        assert!(written("a={{x}}", &inputs()).is_err());
    }
}
