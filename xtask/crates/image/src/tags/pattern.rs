//! Regular expressions as users of the other tool write them: JavaScript's, bare or as `/pattern/flags`. What takes
//! unbounded time there, look-around and back-references, is refused.

use regex::{Regex, RegexBuilder};

use super::error::{Problem, Shown as _};

/// A regular expression of a rule.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    regex: Regex,
    source: String,
    /// `g`: groups are counted over all matches, as JavaScript's `match` has it.
    all: bool,
}

/// What a pattern finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The pattern does not match.
    Nothing,
    /// It matches, and there is no such group, or no text in it.
    NoGroup,
    /// The text of the group.
    Text(String),
}

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let slashed = text.strip_prefix('/').and_then(|rest| rest.rsplit_once('/'));
        let (pattern, flags) = slashed.filter(|(pattern, _)| !pattern.is_empty()).unwrap_or((text, ""));
        let mut builder = RegexBuilder::new(pattern);
        for flag in flags.chars() {
            match flag {
                'i' => builder.case_insensitive(true),
                'm' => builder.multi_line(true),
                's' => builder.dot_matches_new_line(true),
                'g' | 'u' | 'v' | 'd' => &mut builder,
                _ => {
                    let flag = flag.to_string().shown();
                    return Err(Problem::Pattern(format!(
                        "`{flag}` is no flag of a pattern; there are `i`, `m`, `s` and `g`"
                    )));
                }
            };
        }
        let regex = builder.build().map_err(|error| Problem::Pattern(told(&error)))?;
        Ok(Self { regex, source: text.to_owned(), all: flags.contains('g') })
    }

    /// Looks for the pattern, and for the text of a group of it.
    pub(super) fn find(&self, text: &str, group: usize) -> Found {
        let Some(captures) = self.regex.captures(text) else { return Found::Nothing };
        let group = if self.all { self.regex.find_iter(text).nth(group) } else { captures.get(group) };
        group.map_or(Found::NoGroup, |found| Found::Text(found.as_str().to_owned()))
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Pattern {}

/// The last line of the library's message; those above draw the pattern.
fn told(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
    format!("the pattern is no regular expression: {last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(pattern: &str, text: &str, group: usize) -> Found {
        Pattern::parse(pattern).unwrap().find(text, group)
    }

    #[test]
    fn groups_are_those_of_javascript() {
        let some = |text: &str| Found::Text(text.to_owned());
        assert_eq!(find("v(.*)", "v1.2", 1), some("1.2"));
        assert_eq!(find("/^V(.*)$/i", "v1.2", 1), some("1.2"));
        assert_eq!(find("/(\\d)/g", "v1.2", 1), some("2"));
        assert_eq!(find("p/v(\\d)", "p/v1", 1), some("1"));
        assert_eq!(find("/", "a/b", 0), some("/"));
        assert_eq!(find("(x)?v", "v1", 1), Found::NoGroup);
        assert_eq!(find("v", "v1", 7), Found::NoGroup);
        assert_eq!(find("x", "v1", 0), Found::Nothing);
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        let wrong = |text: &str| Pattern::parse(text).unwrap_err().to_string();
        assert!(wrong("(").contains("unclosed group"), "{}", wrong("("));
        assert!(wrong("v(?=1)").contains("look-around"), "{}", wrong("v(?=1)"));
        assert!(wrong("/v/y").contains("`y` is no flag"));
    }
}
