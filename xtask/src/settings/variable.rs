//! The name of an environment variable.

use serde::{Deserialize, Serialize};

/// A name of a variable: letters, digits and `_`, such as `DATABASE_URL`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("pattern" = "^[A-Za-z_][A-Za-z0-9_]*$")))]
#[serde(try_from = "String", into = "String")]
pub struct Variable(String);

impl Variable {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Variable {
    type Error = &'static str;

    /// The names that every shell can set (POSIX.1-2024, 3.216 Name).
    fn try_from(name: String) -> Result<Self, Self::Error> {
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if begins && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            Ok(Self(name))
        } else {
            Err("a variable has only letters, digits and `_`, and does not begin with a digit")
        }
    }
}

impl From<Variable> for String {
    fn from(variable: Variable) -> Self {
        variable.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_set_by_a_shell() {
        for good in ["PATH", "_x", "A1"] {
            assert!(Variable::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["", "1A", "A=B", "A B", "A\0"] {
            assert!(Variable::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
