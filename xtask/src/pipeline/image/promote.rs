//! Tags of a release: the bytes that were tested get further names. Which tags may move is for `slipway-image` to say; here the
//! registry is asked what they name now, and asked again afterwards.

use std::collections::BTreeMap;

use slipway_image::oci::{ImageConfig, Manifest};
use slipway_image::registry::{Registry, RegistryError};
use slipway_image::tags::{self, Flavor, Follows, Inputs, Move, Named, Provenance, Rule, Source, may_move};
use slipway_image::{Digest, Repository, Tag};

use super::{registry, tag};
use crate::kit::failure::Failure;
use crate::pipeline::Session;

/// The rules of a project that has none of its own: the widest come last.
const USUAL: &str = "\
type=semver,pattern={{version}}
type=semver,pattern={{major}}.{{minor}}
type=semver,pattern={{major}}
type=raw,value=latest
type=raw,value=prod
";

/// A repository of images, outside of any step.
pub struct Shelf {
    registry: Registry,
    home: Repository,
}

/// What a release is, as far as its tags go by it.
#[derive(Clone, Debug)]
pub struct Release<'a> {
    /// Its version.
    pub version: &'a semver::Version,
    /// Its git tag.
    pub tag: &'a str,
    /// Its commit.
    pub commit: &'a str,
    /// Rules for tags; empty for the usual ones.
    pub rules: &'a [String],
}

/// How a tag stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It names the image.
    There,
    /// It may be moved there; a sentence says where it is now, when that should be known.
    Moves(Option<String>),
    /// It stays where it is, and that is well, for this reason.
    Stays(String),
    /// It must not be moved there: why, and what to do.
    Refused(String, String),
}

/// The tags of a release, in the order in which they are put.
///
/// # Errors
/// When a rule cannot be read, or makes no tag of the version itself.
pub fn tags_of(release: &Release<'_>) -> Result<Vec<Named>, Failure> {
    let bad = |error: tags::TagError| {
        Failure::usage(format!("release.tags: {error}")).hint("docs/tags.md has the language of rules")
    };
    let own = release.rules.join("\n");
    let rules = Rule::all(if release.rules.is_empty() { USUAL } else { &own }).map_err(bad)?;
    let source = Source::Tag(format!("v{}", release.version));
    let inputs = Inputs::new(source, release.commit, chrono::DateTime::UNIX_EPOCH);
    // `latest` is what the rules say, in its place.
    let flavor: Flavor = "latest=false".parse().map_err(bad)?;
    let mut tags = tags::evaluate(&rules, &flavor, &inputs).map_err(bad)?.tags;
    let own = release.version.to_string();
    tags.retain(|named| {
        named.tag.as_str() != "0" && (release.version.pre.is_empty() || named.tag.as_str() == own)
    });
    for named in &mut tags {
        // What the settings name, such as `prod`, is where releases are: no older one takes it back.
        if named.follows == Follows::Settings {
            named.follows = Follows::Latest;
        }
    }
    if !tags.iter().any(|named| named.tag.as_str() == own) {
        return Err(Failure::usage(format!(
            "release.tags makes no tag `{own}`, so nothing would name the release for good"
        ))
        .hint("add the rule \"type=semver,pattern={{version}}\""));
    }
    tags.dedup_by(|one, other| one.tag == other.tag);
    Ok(tags)
}

impl Shelf {
    /// The repository of these images; nothing is asked yet.
    ///
    /// # Errors
    /// When nobody knows who we are there.
    pub fn open(session: &Session, home: &Repository) -> Result<Self, Failure> {
        Ok(Self { registry: registry::outside(session, home.registry())?, home: home.clone() })
    }

    /// The image that a tag names; none when there is no such tag.
    ///
    /// # Errors
    /// When the registry fails.
    pub fn digest(&self, tag: &Tag) -> Result<Option<Digest>, Failure> {
        match self.registry.resolve(&self.home.tagged(tag)) {
            Err(error) if error.is_not_found() => Ok(None),
            found => found.map(|found| Some(found.digest)).map_err(|error| registry::failed(&error)),
        }
    }

    /// The image that a reference names.
    ///
    /// # Errors
    /// When there is no such image, or the registry fails.
    pub fn find(&self, reference: &slipway_image::Reference) -> Result<Digest, Failure> {
        match self.registry.resolve(reference) {
            Err(error) if error.is_not_found() => Err(Failure::usage(format!("there is no {reference}"))
                .hint("`cargo xtask image push` puts images there, or CI does")),
            found => found.map(|found| found.digest).map_err(|error| registry::failed(&error)),
        }
    }

    /// The labels of an image; an index has none.
    ///
    /// # Errors
    /// When there is no such image, or the registry fails.
    pub fn labels(&self, digest: &Digest) -> Result<BTreeMap<String, String>, Failure> {
        let labels = || -> Result<_, RegistryError> {
            let manifest = self.registry.manifest(&self.home.at(digest))?;
            let Ok(manifest) = serde_json::from_slice::<Manifest>(&manifest.bytes) else {
                return Ok(BTreeMap::new());
            };
            let config = self.registry.blob(&self.home, &manifest.config)?;
            let config = serde_json::from_slice::<ImageConfig>(&config).ok();
            Ok(config.and_then(|config| config.config.labels).unwrap_or_default())
        };
        labels().map_err(|error| registry::failed(&error))
    }

    /// The stable versions that have a tag here and are higher than this one, the lowest first.
    ///
    /// # Errors
    /// When the registry fails, or lists no tags.
    pub fn above(&self, version: &semver::Version) -> Result<Vec<semver::Version>, Failure> {
        let tags = self.registry.tags(&self.home).map_err(|error| registry::failed(&error))?;
        let versions = tags.iter().filter_map(|tag| tag.as_str().parse::<semver::Version>().ok());
        let mut above: Vec<_> = versions.filter(|one| one.pre.is_empty() && one > version).collect();
        above.sort();
        Ok(above)
    }

    /// How a tag of a release stands.
    ///
    /// # Errors
    /// When the registry fails.
    pub fn standing(
        &self,
        named: &Named,
        digest: &Digest,
        release: &Release<'_>,
    ) -> Result<Standing, Failure> {
        let there = self.digest(&named.tag)?;
        if there.as_ref() == Some(digest) {
            return Ok(Standing::There);
        }
        // In whichever spelling: `v1.2.3` names this version and no other, too.
        if let Some(other) = there.filter(|_| named.tag.as_str().contains(&release.version.to_string())) {
            let told = format!("the tag `{}` names {other}, and this release is {digest}", named.tag);
            let hint = "a version is released once: release the next one, or delete the tag from the registry if it was never used";
            return Ok(Standing::Refused(told, hint.to_owned()));
        }
        let holder =
            tag::holder(&self.registry, &self.home, named).map_err(|error| registry::failed(&error))?;
        let ours = Provenance {
            reference: Some(format!("refs/tags/{}", release.tag)),
            revision: Some(release.commit.to_owned()),
            committed: None,
            release: release.version.to_string().parse().ok(),
        };
        Ok(match may_move(named, holder.as_ref(), &ours) {
            Ok(Move::Shared(theirs)) => Standing::Moves(Some(format!("it was of {theirs}"))),
            Ok(_) => {
                Standing::Moves(holder.and_then(|it| it.release).map(|release| format!("from {release}")))
            }
            Err(refusal) if refusal.is_benign() => Standing::Stays(refusal.to_string()),
            Err(refusal) => Standing::Refused(refusal.to_string(), refusal.hint()),
        })
    }

    /// Puts tags on an image, one after the other, and reads each back.
    ///
    /// # Errors
    /// When there is no such image, or the registry fails or refuses; the failure says how far it came.
    pub fn put(&self, digest: &Digest, tags: &[Tag]) -> Result<(), Failure> {
        self.registry.retag(&self.home, digest, tags).map(drop).map_err(|stopped| {
            let failure = registry::failed(&stopped.error);
            match stopped.tagged.as_slice() {
                [] => failure,
                done => {
                    let names: Vec<&str> = done.iter().map(Tag::as_str).collect();
                    failure.hint(format!("these tags name the image by now: {}", names.join(", ")))
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(version: &str, rules: &[&str]) -> Result<Vec<String>, String> {
        let rules: Vec<String> = rules.iter().map(ToString::to_string).collect();
        let version = version.parse().unwrap();
        let release = Release { version: &version, tag: "v", commit: "c0ffee", rules: &rules };
        let told = |named: Named| format!("{} {:?}", named.tag, named.follows);
        tags_of(&release)
            .map(|tags| tags.into_iter().map(told).collect())
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_release_has_its_lines_and_a_candidate_only_itself() {
        let all = ["1.2.3 Version", "1.2 Version", "1 Version", "latest Latest", "prod Latest"];
        assert_eq!(names("1.2.3", &[]).unwrap(), all);
        assert_eq!(names("1.2.3-rc.1", &[]).unwrap(), ["1.2.3-rc.1 Version"]);
        assert!(names("0.2.3", &[]).unwrap().iter().all(|tag| !tag.starts_with("0 ")), "0 is no line");
    }

    #[test]
    fn rules_that_do_not_name_the_version_are_refused() {
        let lines = ["type=semver,pattern={{major}}"];
        assert!(names("1.2.3", &lines).unwrap_err().contains("release.tags makes no tag `1.2.3`"));
        assert!(names("1.2.3", &["type=semver"]).unwrap_err().contains("release.tags: "));
    }
}
