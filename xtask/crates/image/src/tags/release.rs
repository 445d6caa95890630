//! Versions that releases have: Semantic Versioning 2.0.0, and PEP 440 for what is not of that form.

use super::error::Shown as _;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::pep440::Pep440;

/// The version of a release, in the form that can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release(Scheme);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Scheme {
    Semver(semver::Version),
    Pep440(Pep440),
}

/// A text that is no version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseError(String);

impl Release {
    pub(super) fn semver(version: semver::Version) -> Self {
        Self(Scheme::Semver(version))
    }

    pub(super) fn pep440(version: Pep440) -> Self {
        Self(Scheme::Pep440(version))
    }

    /// Whether it is no pre-release.
    #[must_use]
    pub fn is_stable(&self) -> bool {
        match &self.0 {
            Scheme::Semver(version) => version.pre.is_empty(),
            Scheme::Pep440(version) => !version.is_prerelease(),
        }
    }

    /// Which of the two is the later one. None when there is no saying: one is a Semantic Version and the other is of
    /// PEP 440, and not both can be read as the latter.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (&self.0, &other.0) {
            // Build metadata is no part of the order.
            (Scheme::Semver(one), Scheme::Semver(other)) => Some(one.cmp_precedence(other)),
            (Scheme::Pep440(one), Scheme::Pep440(other)) => Some(one.cmp(other)),
            (Scheme::Semver(one), Scheme::Pep440(other)) => {
                Some(one.to_string().parse::<Pep440>().ok()?.cmp(other))
            }
            (Scheme::Pep440(one), Scheme::Semver(other)) => {
                Some(one.cmp(&other.to_string().parse::<Pep440>().ok()?))
            }
        }
    }
}

/// A Semantic Version, with or without `v` in front, as git tags have them. Numbers beyond 64 bits are none.
pub(super) fn semver(text: &str) -> Option<semver::Version> {
    let text = text.trim();
    text.strip_prefix('v').unwrap_or(text).parse().ok()
}

impl FromStr for Release {
    type Err = ReleaseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(version) = semver(text) {
            return Ok(Self::semver(version));
        }
        let python = text.trim().parse::<Pep440>().map_err(|()| ReleaseError(text.to_owned()))?;
        Ok(Self::pep440(python))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Scheme::Semver(version) => version.fmt(f),
            Scheme::Pep440(version) => version.fmt(f),
        }
    }
}

impl fmt::Display for ReleaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no version", self.0.shown())
    }
}

impl std::error::Error for ReleaseError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Release {
        text.parse().unwrap()
    }

    #[test]
    fn releases_are_in_order() {
        assert_eq!(of("v1.10.0").compare(&of("1.9.0")), Some(Ordering::Greater));
        assert_eq!(of("1.0.0-rc.1").compare(&of("1.0.0")), Some(Ordering::Less));
        assert_eq!(of("1.0.0+a").compare(&of("1.0.0+b")), Some(Ordering::Equal));
        assert_eq!(of("1.2.post1").compare(&of("1.2.0")), Some(Ordering::Greater));
        assert_eq!(of("1.2.0").compare(&of("1.2.post1")), Some(Ordering::Less));
        assert_eq!(of("1.0.0-x.7").compare(&of("1.2.post1")), None);
    }

    #[test]
    fn candidates_are_not_stable() {
        for (text, stable) in [("1.0.0", true), ("1.0.0-rc.1", false), ("1.0rc1", false), ("1.0.post1", true)]
        {
            assert_eq!(of(text).is_stable(), stable, "{text}");
        }
        assert_eq!("main".parse::<Release>(), Err(ReleaseError("main".to_owned())));
    }
}
