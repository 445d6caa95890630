//! A glob that matches files of the repository.

use globset::{Glob, GlobBuilder};
use serde::{Deserialize, Serialize};

use super::folder::stays_inside;

/// A glob below the root of the repository, such as `src/**/*.rs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Pattern(Glob);

impl Pattern {
    /// The glob, checked: `*` stops at `/`, `**` does not.
    #[must_use]
    pub fn glob(&self) -> &Glob {
        &self.0
    }

    /// The glob as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.glob()
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() {
            return Err("an empty glob matches nothing".to_owned());
        }
        // `\` escapes in a glob; it separates nothing.
        stays_inside(&text.replace('\\', ""))?;
        let glob = GlobBuilder::new(&text).literal_separator(true).backslash_escape(true).build();
        glob.map(Self).map_err(|error| format!("not a glob: {}", error.kind()))
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stops_at_a_folder() {
        let matches = |glob: &str, path: &str| {
            Pattern::try_from(glob.to_owned()).unwrap().glob().compile_matcher().is_match(path)
        };
        assert!(matches("src/*.rs", "src/lib.rs"));
        assert!(!matches("src/*.rs", "src/kit/text.rs"));
        assert!(matches("src/**/*.rs", "src/kit/text.rs"));
    }

    #[test]
    fn what_is_no_glob_is_refused() {
        for bad in ["", "a[", "{a", "/etc/*", "../*", "a/\\../b"] {
            assert!(Pattern::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
