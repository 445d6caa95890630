//! A glob over ids, packages and files.

use std::fmt;

use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};

/// An id or name, or a glob over them, such as `CVE-2099-*`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(with = "String"))]
#[serde(try_from = "String", into = "String")]
pub struct Glob(GlobMatcher);

impl Glob {
    /// Whether it matches: `*` stops at `/`, `**` does not.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.0.glob() == other.0.glob()
    }
}

impl Eq for Glob {}

impl TryFrom<String> for Glob {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.trim().is_empty() {
            return Err("an empty glob matches nothing".to_owned());
        }
        // What matches everything accepts everything, also what nobody has looked at yet.
        if text.bytes().all(|byte| matches!(byte, b'*' | b'?' | b'/')) {
            return Err("this matches everything: name what is accepted".to_owned());
        }
        let glob = GlobBuilder::new(&text).literal_separator(true).backslash_escape(true).build();
        glob.map(|glob| Self(glob.compile_matcher())).map_err(|error| format!("not a glob: {}", error.kind()))
    }
}

impl From<Glob> for String {
    fn from(glob: Glob) -> Self {
        glob.to_string()
    }
}

impl fmt::Debug for Glob {
    /// As it was written: what it is compiled to fills pages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Glob({:?})", self.0.glob().glob())
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.glob().glob())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_paths_match() {
        let matches = |glob: &str, text: &str| Glob::try_from(glob.to_owned()).unwrap().is_match(text);
        assert!(matches("CVE-2099-*", "CVE-2099-0001") && !matches("CVE-2099-0001", "CVE-2099-00011"));
        assert!(matches("deploy/**", "deploy/a/Dockerfile") && !matches("deploy/*", "deploy/a/Dockerfile"));
    }

    #[test]
    fn what_matches_nothing_or_everything_is_refused() {
        for bad in ["", " ", "*", "**", "**/*", "?*", "a[", "{a"] {
            assert!(Glob::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
