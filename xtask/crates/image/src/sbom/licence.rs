//! Licences as SPDX expressions. Source: SPDX 2.3, annex D.

use std::fmt;

/// Under which terms something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Licence {
    /// An SPDX expression, such as `MIT OR Apache-2.0`.
    Expression(String),
    /// Words that are no such expression.
    Words(String),
}

impl Licence {
    /// Reads what a manifest says. Cargo's older `MIT/Apache-2.0` means `OR`. None when it says nothing.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let expression = text.replace('/', " OR ");
        let words: Vec<&str> = expression.split_whitespace().collect();
        let expression = words.join(" ");
        match text {
            "" => None,
            // A licence that only its own text describes would need that text in the bill.
            _ if is_expression(&expression) && !expression.contains("Ref-") => {
                Some(Self::Expression(expression))
            }
            _ => Some(Self::Words(text.to_owned())),
        }
    }
}

impl fmt::Display for Licence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expression(text) | Self::Words(text) => f.write_str(text),
        }
    }
}

/// Whether identifiers and `AND`, `OR`, `WITH` take turns and parentheses close. Which identifiers there are is not looked at:
/// the list grows, and crates.io refuses what is not on it.
fn is_expression(text: &str) -> bool {
    let mut depth = 0_usize;
    let mut wants_name = true;
    for word in text.replace('(', " ( ").replace(')', " ) ").split_whitespace() {
        let is_operator = matches!(word, "AND" | "OR" | "WITH");
        match word {
            "(" if wants_name => depth += 1,
            ")" if !wants_name && depth > 0 => depth -= 1,
            _ if is_operator && !wants_name => wants_name = true,
            _ if !is_operator && wants_name && is_identifier(word) => wants_name = false,
            _ => return false,
        }
    }
    depth == 0 && !wants_name
}

fn is_identifier(word: &str) -> bool {
    let word = word.strip_suffix('+').unwrap_or(word);
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn expressions_and_words_are_told_apart() {
        for (text, expression) in [
            ("MIT", "MIT"),
            ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
            ("(MIT  OR Apache-2.0) AND Unicode-3.0", "(MIT OR Apache-2.0) AND Unicode-3.0"),
            ("Apache-2.0 WITH LLVM-exception", "Apache-2.0 WITH LLVM-exception"),
            ("GPL-2.0+", "GPL-2.0+"),
        ] {
            assert_eq!(Licence::read(text), Some(Licence::Expression(expression.to_owned())), "{text}");
        }
        for words in
            ["see LICENSE", "MIT OR", "OR MIT", "MIT Apache-2.0", "(MIT", "MIT)", "LicenseRef-own", "ä"]
        {
            assert_eq!(Licence::read(words), Some(Licence::Words(words.to_owned())));
        }
        assert_eq!(Licence::read("  "), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in any::<String>()) {
            let _ = Licence::read(&text);
        }
    }
}
