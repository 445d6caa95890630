//! Names that go into files: a branch, and a release of the compiler. What could mean something else there is refused.

use std::fmt;
use std::str::FromStr;

/// A branch that means itself in YAML and among the patterns of GitHub's `branches:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch(String);

/// Why it is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotABranch;

impl fmt::Display for NotABranch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it has other characters than letters, digits, `.`, `_`, `-` and `/`, and workflows read some as patterns")
    }
}

impl std::error::Error for NotABranch {}

impl Branch {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Branch {
    type Err = NotABranch;

    fn from_str(name: &str) -> Result<Self, NotABranch> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
        let is_branch = name.chars().all(is_plain) && name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if is_branch { Ok(Self(name.to_owned())) } else { Err(NotABranch) }
    }
}

/// A release of the compiler, as `rust-version` names it: `1.94` or `1.94.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    major: u16,
    minor: u16,
    /// None for the newest.
    patch: Option<u16>,
}

/// Why it is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotARelease(String);

impl fmt::Display for NotARelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no release of the compiler, such as 1.94", self.0)
    }
}

impl std::error::Error for NotARelease {}

impl FromStr for Release {
    type Err = NotARelease;

    fn from_str(text: &str) -> Result<Self, NotARelease> {
        let wrong = || NotARelease(text.to_owned());
        // `parse` would take a sign.
        let number = |part: &str| {
            let is_plain = part.bytes().all(|byte| byte.is_ascii_digit());
            is_plain.then(|| part.parse().ok()).flatten().ok_or_else(wrong)
        };
        let parts = text.split('.').map(number).collect::<Result<Vec<u16>, _>>()?;
        match parts[..] {
            [major, minor] => Ok(Self { major, minor, patch: None }),
            [major, minor, patch] => Ok(Self { major, minor, patch: Some(patch) }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        self.patch.map_or(Ok(()), |patch| write!(f, ".{patch}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_branch_means_itself() {
        for good in ["main", "release/1.x", "a_b-c", "9"] {
            assert_eq!(good.parse::<Branch>().unwrap().as_str(), good);
        }
        for bad in ["", "-x", "/x", ".x", "a b", "v*", "a+", "!a", "\"", "a\nb", "${{ x }}", "ä"] {
            assert_eq!(bad.parse::<Branch>(), Err(NotABranch), "{bad:?}");
        }
    }

    #[test]
    fn releases_have_an_order() {
        let release = |text: &str| text.parse::<Release>().unwrap();
        assert!(release("1.9") < release("1.94"));
        assert!(release("1.94") < release("1.94.1"));
        assert!(release("1.94.9") < release("1.95"));
        for bad in ["", "1", "1.", "1.+2", "1.2.3.4", "1.x", "1.2-nightly", "1.99999999"] {
            assert!(bad.parse::<Release>().is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn what_was_read_is_written(major in any::<u16>(), minor in any::<u16>(), patch in any::<Option<u16>>()) {
            let release = Release { major, minor, patch };
            prop_assert_eq!(release.to_string().parse::<Release>(), Ok(release));
        }

        #[test]
        fn any_text_is_a_release_or_told(text in ".*") {
            if let Err(error) = text.parse::<Release>() {
                prop_assert!(error.to_string().contains("no release"));
            }
        }
    }
}
