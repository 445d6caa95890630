//! The rules that read a version: `semver`, `pep440` and `match`.

use super::value::{Follows, Outcome, Value};
use crate::tags::error::Shown as _;
use crate::tags::inputs::{Inputs, Source};
use crate::tags::made::{Made, Origin};
use crate::tags::pattern::{Found, Pattern};
use crate::tags::pep440::Pep440;
use crate::tags::release::{self, Release};
use crate::tags::rule::Versioned;
use crate::tags::template::{Name, NoParts, Parts, Template};

pub(super) fn semver(rule: &Versioned, inputs: &Inputs) -> Outcome {
    let raw = version_text(rule, inputs)?;
    let Some(version) = release::semver(&raw.text) else {
        return Err(format!("`{}` is no Semantic Version, as `1.2.3` is", raw.text.shown()));
    };
    let stable = version.pre.is_empty();
    let parts = Semver { raw: &raw.text, version: &version };
    // A candidate must never be `1.2`: whoever pulls that wants a release.
    let text = if stable || rule.pattern.is_raw() {
        rule.pattern.render(inputs, &parts).text
    } else {
        parts.part(Name::Version).unwrap_or_default()
    };
    Ok(versioned(Made::of(text, raw.origin), stable, Release::semver(version)))
}

pub(super) fn pep440(rule: &Versioned, inputs: &Inputs) -> Outcome {
    let raw = version_text(rule, inputs)?;
    let Ok(version) = raw.text.parse::<Pep440>() else {
        return Err(format!("`{}` is no version of PEP 440, as `1.2.3` is", raw.text.shown()));
    };
    let is_final = !version.is_prerelease() && !version.is_postrelease();
    let text = if is_final || rule.pattern.is_raw() {
        rule.pattern.render(inputs, &Python { raw: &raw.text, version: &version }).text
    } else {
        version.to_string()
    };
    Ok(versioned(Made::of(text, raw.origin), is_final, Release::pep440(version)))
}

pub(super) fn matching(
    pattern: &Pattern,
    group: usize,
    value: Option<&Template>,
    inputs: &Inputs,
) -> Outcome {
    let raw = source_text(value, inputs)?;
    let shown = pattern.source().shown();
    let text = match pattern.find(&raw.text, group) {
        Found::Text(text) => text,
        Found::NoGroup => {
            return Err(format!("`{shown}` has no text for group {group} in `{}`", raw.text.shown()));
        }
        Found::Nothing => return Err(format!("`{shown}` does not match `{}`", raw.text.shown())),
    };
    let release = release::semver(&text).or_else(|| release::semver(&raw.text)).map(Release::semver);
    let why = format!("`{shown}` matches `{}`", raw.text.shown());
    let follows = match release {
        Some(_) => Follows::Version,
        None if text == raw.text && raw.origin == Origin::Reference => Follows::Reference,
        // A part of a name that is no version may be the same of many names, and is meant to be.
        None => Follows::Settings,
    };
    let latest = release.as_ref().is_none_or(Release::is_stable);
    // Where the part is shared on purpose it is the settings' text.
    let origin = if follows == Follows::Settings { Origin::Base } else { raw.origin };
    Ok(Value { made: Made::of(text, origin), why, follows, latest, release })
}

fn versioned(made: Made, latest: bool, release: Release) -> Value {
    let why = format!("the version is `{release}`");
    Value { made, why, follows: Follows::Version, latest, release: Some(release) }
}

/// What a rule looks at: its own value, or the tag.
fn source_text(value: Option<&Template>, inputs: &Inputs) -> Result<Made, String> {
    match (value, &inputs.source) {
        (Some(value), _) => Ok(value.render(inputs, &NoParts)),
        (None, Source::Tag(name)) => Ok(Made::of(name, Origin::Reference)),
        (None, source) => Err(format!("it is {source}, and no tag")),
    }
}

/// The text that should be a version.
fn version_text(rule: &Versioned, inputs: &Inputs) -> Result<Made, String> {
    let Made { mut text, origin, .. } = source_text(rule.value.as_ref(), inputs)?;
    match rule.pick.as_ref().map(|pick| pick.find(&text, 1)) {
        Some(Found::Text(found)) => text = found,
        Some(Found::NoGroup) => {
            return Err(format!("`match` has no text for group 1 in `{}`", text.shown()));
        }
        // What does not match is taken whole, as users of the other tool have it.
        Some(Found::Nothing) | None => {}
    }
    Ok(Made::of(text.replace('/', "-"), origin))
}

struct Semver<'a> {
    raw: &'a str,
    version: &'a semver::Version,
}

impl Parts for Semver<'_> {
    fn part(&self, name: Name) -> Option<String> {
        let version = self.version;
        match name {
            Name::Raw => Some(self.raw.to_owned()),
            Name::Version => {
                let build = semver::BuildMetadata::EMPTY;
                Some(semver::Version { build, ..version.clone() }.to_string())
            }
            Name::Major => Some(version.major.to_string()),
            Name::Minor => Some(version.minor.to_string()),
            Name::Patch => Some(version.patch.to_string()),
            Name::Prerelease => Some(version.pre.to_string()),
            Name::Build => Some(version.build.to_string()),
            _ => None,
        }
    }
}

struct Python<'a> {
    raw: &'a str,
    version: &'a Pep440,
}

impl Parts for Python<'_> {
    fn part(&self, name: Name) -> Option<String> {
        match name {
            Name::Raw => Some(self.raw.to_owned()),
            Name::Version => Some(self.version.to_string()),
            Name::Major => Some(self.version.part(0)),
            Name::Minor => Some(self.version.part(1)),
            Name::Patch => Some(self.version.part(2)),
            _ => None,
        }
    }
}
