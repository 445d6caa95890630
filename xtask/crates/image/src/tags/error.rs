//! What is wrong with a rule, and what would be right.

use std::fmt;

use super::suggest::nearest;
use crate::reference::ReferenceError;

/// A line that is no rule, or a rule that cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagError {
    /// The line, as it was written.
    pub line: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Quotes that do not fit; what about them.
    Quotes(&'static str),
    /// A word that is not in a closed list.
    Unknown {
        /// What the word would be: `type`, `attribute`.
        what: &'static str,
        /// The word.
        found: String,
        /// The words that are.
        legal: &'static [&'static str],
    },
    /// An attribute that has to be there.
    Missing(&'static str),
    /// An attribute whose value means nothing.
    Value {
        /// The attribute.
        name: &'static str,
        /// Its value.
        found: String,
        /// What it takes.
        takes: &'static str,
    },
    /// Something between `{{` and `}}` that means nothing.
    Expression(String),
    /// A regular expression that is none here.
    Pattern(String),
    /// A label or an annotation without `=`.
    NoEquals,
    /// A name of an image that is none.
    Image(ReferenceError),
}

impl Problem {
    pub(super) fn at(self, line: &str) -> TagError {
        TagError { line: line.to_owned(), problem: self }
    }
}

impl fmt::Display for TagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.line.shown(), self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quotes(what) => {
                write!(
                    f,
                    "{what}; quotes go around a whole attribute, as in `type=match,\"pattern=a{{1,2}}\"`"
                )
            }
            Self::Unknown { what, found, legal } => {
                write!(f, "`{}` is no {what}", found.shown())?;
                match nearest(found, legal) {
                    Some(meant) => write!(f, "; did you mean `{meant}`?"),
                    None => write!(f, "; there are {}", words(legal)),
                }
            }
            Self::Missing(name) => write!(f, "the attribute `{name}` is missing"),
            Self::Value { name, found, takes } => {
                write!(f, "`{name}` is `{}`, and takes {takes}", found.shown())
            }
            Self::Expression(what) | Self::Pattern(what) => f.write_str(what),
            Self::Image(error) => error.fmt(f),
            Self::NoEquals => f.write_str("there is no `=` between a name and its value"),
        }
    }
}

impl std::error::Error for TagError {}

/// Text from outside, for people.
pub(super) trait Shown {
    /// The text with what a terminal would obey or hide written out. Quotes and backslashes stay: rules are full of them.
    fn shown(&self) -> String;
}

impl Shown for str {
    fn shown(&self) -> String {
        if self.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return self.to_owned();
        }
        let plain = |letter: char| matches!(letter, '\'' | '"' | '\\');
        self.chars().fold(String::with_capacity(self.len()), |mut text, letter| {
            if plain(letter) {
                text.push(letter);
            } else {
                text.extend(letter.escape_debug());
            }
            text
        })
    }
}

/// `a`, `b` and `c`, each as code.
pub(super) fn words(list: &[&str]) -> String {
    let quoted: Vec<String> = list.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((end, [])) => end.clone(),
        Some((end, before)) => format!("{} and {end}", before.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        assert_eq!("a'\"\\d\u{1b}[1m\n\u{202e}".shown(), "a'\"\\d\\u{1b}[1m\\n\\u{202e}");
    }
}
