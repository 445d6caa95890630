//! Releases by their git tags.

use semver::Version;

/// A release that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// Its version.
    pub version: Version,
    /// Its git tag.
    pub tag: String,
}

/// The version that a tag names behind this prefix, such as 1.2.3 of `v1.2.3`; none of a tag that is about something else.
#[must_use]
pub fn version_of(tag: &str, prefix: &str) -> Option<Version> {
    tag.strip_prefix(prefix)?.parse().ok()
}

impl Released {
    /// Those among these tags, the lowest version first.
    #[must_use]
    pub fn all(tags: &[String], prefix: &str) -> Vec<Self> {
        let released = |tag: &String| Some(Self { version: version_of(tag, prefix)?, tag: tag.clone() });
        let mut all: Vec<Self> = tags.iter().filter_map(released).collect();
        all.sort_by(|one, other| one.version.cmp(&other.version));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_in_the_order_of_their_versions() {
        let tags = ["v1.10.0", "v1.9.0", "v2", "1.0.0", "vendor-1.2.3", "v1.10.0-rc.1"].map(str::to_owned);
        let all: Vec<String> =
            Released::all(&tags, "v").into_iter().map(|one| one.version.to_string()).collect();
        assert_eq!(all, ["1.9.0", "1.10.0-rc.1", "1.10.0"]);
        assert_eq!(version_of("1.0.0", ""), Some(Version::new(1, 0, 0)));
    }
}
