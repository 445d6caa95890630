//! The name of a step, which is also part of file names and of the command line.

use serde::{Deserialize, Serialize};

/// More would not fit into a table of steps.
const LONGEST: usize = 64;

/// A name of letters, digits, `-` and `_`, such as `smoke-test`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("pattern" = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")))]
#[serde(try_from = "String", into = "String")]
pub struct StepName(String);

impl StepName {
    /// One of our own, which is known to be one.
    pub(super) fn known(name: &'static str) -> Self {
        debug_assert!(Self::try_from(name.to_owned()).is_ok());
        Self(name.to_owned())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for StepName {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err("a name begins with a letter or a digit");
        }
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
            return Err("a name has only letters, digits, `-` and `_`");
        }
        if name.len() > LONGEST {
            return Err("a name has at most 64 characters");
        }
        Ok(Self(name))
    }
}

impl From<StepName> for String {
    fn from(name: StepName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_a_file_name_and_the_command_line() {
        for good in ["deploy", "smoke-test", "e2e_1", "9", &"x".repeat(64)] {
            assert!(StepName::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["", "-x", "_x", "a b", "a/b", "a.b", "ä", &"x".repeat(65)] {
            assert!(StepName::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
