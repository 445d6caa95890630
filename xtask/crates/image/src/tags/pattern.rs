//! Regular expressions as users of the other tool write them: JavaScript's, bare or as `/pattern/flags`. What takes
//! unbounded time there, look-around and back-references, is refused.

use regex::{Regex, RegexBuilder};

use super::error::Problem;

/// A regular expression of a rule.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    regex: Regex,
    source: String,
    /// `g`: groups are counted over all matches, as JavaScript's `match` has it.
    all: bool,
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
                    let flag = flag.escape_debug();
                    return Err(Problem::Pattern(format!(
                        "`{flag}` is no flag of a pattern; there are `i`, `m`, `s` and `g`"
                    )));
                }
            };
        }
        let regex = builder.build().map_err(|error| Problem::Pattern(told(&error)))?;
        Ok(Self { regex, source: text.to_owned(), all: flags.contains('g') })
    }

    /// The text of a group: `None` when nothing matches, `Some(None)` when the group has no text.
    pub(super) fn group(&self, text: &str, group: usize) -> Option<Option<String>> {
        let found = self.regex.captures(text)?;
        let found = match group {
            _ if self.all => self.regex.find_iter(text).nth(group),
            _ => found.get(group),
        };
        Some(found.map(|found| found.as_str().to_owned()))
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

    fn group(pattern: &str, text: &str, group: usize) -> Option<Option<String>> {
        Pattern::parse(pattern).unwrap().group(text, group)
    }

    #[test]
    fn groups_are_those_of_javascript() {
        let some = |text: &str| Some(Some(text.to_owned()));
        assert_eq!(group("v(.*)", "v1.2", 1), some("1.2"));
        assert_eq!(group("/^V(.*)$/i", "v1.2", 1), some("1.2"));
        assert_eq!(group("/(\\d)/g", "v1.2", 1), some("2"));
        assert_eq!(group("p/v(\\d)", "p/v1", 1), some("1"));
        assert_eq!(group("/", "a/b", 0), some("/"));
        assert_eq!(group("(x)?v", "v1", 1), Some(None));
        assert_eq!(group("v", "v1", 7), Some(None));
        assert_eq!(group("x", "v1", 0), None);
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        let wrong = |text: &str| Pattern::parse(text).unwrap_err().to_string();
        assert!(wrong("(").contains("unclosed group"), "{}", wrong("("));
        assert!(wrong("v(?=1)").contains("look-around"), "{}", wrong("v(?=1)"));
        assert!(wrong("/v/y").contains("`y` is no flag"));
    }
}
