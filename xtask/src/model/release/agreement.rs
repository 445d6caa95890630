//! Whether all places that say a version say the same.

use std::fmt;

use semver::Version;

/// What one place says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The place: `Cargo.toml of app`.
    pub source: String,
    /// What it says.
    pub says: String,
}

/// A place that says something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The place.
    pub claim: Claim,
    /// The version of the release.
    pub version: Version,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { claim: Claim { source, says }, version } = self;
        write!(f, "{source} says {says}, and the release is {version}")
    }
}

impl std::error::Error for Disagreement {}

/// Those that say something else. Build metadata counts: it is another version to who reads it.
#[must_use]
pub fn holds(version: &Version, claims: &[Claim]) -> Vec<Disagreement> {
    let differs = |claim: &&Claim| claim.says.parse::<Version>().ok().as_ref() != Some(version);
    let disagreement = |claim: &Claim| Disagreement { claim: claim.clone(), version: version.clone() };
    claims.iter().filter(differs).map(disagreement).collect()
}

/// Whether a file holds a text as a word of its own: `1.2.3` stands in `app:1.2.3` and in `v1.2.3`, and not in `1.2.34`,
/// `11.2.3` or `1.2.3-rc.1`.
#[must_use]
pub fn in_file(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '+';
    let is_whole = |start: usize| {
        let mut before = text.get(..start).unwrap_or_default().chars().rev();
        let mut after = text.get(start + word.len()..).unwrap_or_default().chars();
        let before = match (before.next(), before.next()) {
            (Some('v'), before) => before.is_none_or(|c| !c.is_ascii_alphanumeric()),
            (Some('.'), Some(c)) => !c.is_ascii_digit(),
            (Some(c), _) => !is_part(c) || c == '-',
            (None, _) => true,
        };
        let after = match (after.next(), after.next()) {
            (Some('.'), Some(c)) => !c.is_ascii_alphanumeric(),
            (Some(c), _) => !is_part(c),
            (None, _) => true,
        };
        before && after
    };
    !word.is_empty() && text.match_indices(word).any(|(start, _)| is_whole(start))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_place_that_says_something_else_is_named() {
        let claim = |source: &str, says: &str| Claim { source: source.to_owned(), says: says.to_owned() };
        let claims = [
            claim("a", "1.2.3"),
            claim("b", "1.2.4"),
            claim("c", "1.2.3+x"),
            claim("d", "v1.2.3"),
            claim("e", "main"),
        ];
        let told: Vec<String> =
            holds(&Version::new(1, 2, 3), &claims).iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 4);
        assert_eq!(told[0], "b says 1.2.4, and the release is 1.2.3");
    }

    #[test]
    fn a_version_in_a_file_is_a_word_of_its_own() {
        for text in
            ["1.2.3", "v1.2.3", "image: ghcr.io/o/app:1.2.3\n", "\"1.2.3\".", "app-1.2.3/", "=1.2.3, then"]
        {
            assert!(in_file(text, "1.2.3"), "{text}");
        }
        for text in ["", "1.2.34", "11.2.3", "0.1.2.3", "1.2.3.4", "1.2.3-rc.1", "1.2.3+b", "1.2", "dev1.2.3"]
        {
            assert!(!in_file(text, "1.2.3"), "{text}");
        }
        assert!(in_file("1.2.30 and 1.2.3", "1.2.3"), "the second one counts");
        assert!(!in_file("anything", ""));
    }

    proptest! {
        #[test]
        fn any_text_can_be_looked_through(text in "[v0-9.a\u{e9}-]{0,20}", word in "[0-9.]{0,6}") {
            let _ = in_file(&text, &word);
            if !word.is_empty() {
                let text = format!("{text} {word} {text}");
                prop_assert!(in_file(&text, &word));
            }
        }
    }
}
