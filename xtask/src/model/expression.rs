//! Regular expressions of settings: checked when they are read, so that a wrong one is told where it was written.

use std::fmt;

use regex_automata::meta::{BuildError, Config, Regex};
use serde::{Deserialize, Serialize};

/// The most memory of a compiled expression, in bytes.
const LARGEST: usize = 10 << 20;

/// A regular expression, in the syntax of the Rust crate `regex`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(with = "String"))]
#[serde(try_from = "String", into = "String")]
pub struct Expression {
    text: String,
    compiled: Regex,
}

impl Expression {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether something in this text matches it.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

impl TryFrom<String> for Expression {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let config = Config::new().nfa_size_limit(Some(LARGEST));
        match Regex::builder().configure(config).build(&text) {
            Ok(compiled) => Ok(Self { text, compiled }),
            Err(error) => Err(why(&error)),
        }
    }
}

/// In one line: what was written is shown anyway.
fn why(error: &BuildError) -> String {
    let told = error.syntax_error().map_or_else(|| error.to_string(), ToString::to_string);
    let last = told.lines().last().unwrap_or_default().trim();
    format!("not a regular expression: {}", last.strip_prefix("error: ").unwrap_or(last))
}

impl From<Expression> for String {
    fn from(expression: Expression) -> Self {
        expression.text
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Expression {}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.text).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expression(text: &str) -> Result<Expression, String> {
        Expression::try_from(text.to_owned())
    }

    #[test]
    fn finds_what_it_says() {
        let found = expression(r"^listening on \d+$").unwrap();
        assert!(!found.matches("up\nlistening on 80"));
        assert!(expression(r"(?m)^listening on \d+$").unwrap().matches("up\nlistening on 80\n"));
    }

    #[test]
    fn what_is_none_is_told_in_one_line() {
        assert_eq!(expression("a(").unwrap_err(), "not a regular expression: unclosed group");
        let huge = expression("(?:a{1000}){1000}").unwrap_err();
        assert!(huge.starts_with("not a regular expression: ") && !huge.contains('\n'), "{huge}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>(), read in any::<String>()) {
            let _ = expression(&text).map(|expression| expression.matches(&read));
        }
    }
}
