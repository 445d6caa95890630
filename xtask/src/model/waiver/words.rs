//! Text that says something.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Some words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(with = "String", extend("minLength" = 1)))]
#[serde(try_from = "String", into = "String")]
pub struct Words(String);

impl TryFrom<String> for Words {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.trim().is_empty() { Err("this says nothing") } else { Ok(Self(text.trim().to_owned())) }
    }
}

impl From<Words> for String {
    fn from(words: Words) -> Self {
        words.0
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_say_nothing() {
        for blank in ["", " ", "\n\t"] {
            assert!(Words::try_from(blank.to_owned()).is_err());
        }
        assert_eq!(Words::try_from(" why ".to_owned()).unwrap().to_string(), "why");
    }
}
