//! Assertions about what is in an image: pure functions from what was found in it and what is required to test cases.
//! One that nobody could look at is skipped, with the reason; it is never green.

use super::test::{TestCase, TestKind, TestOutcome};

pub mod size;
pub mod structure;

/// The assertions of one kind about one image; a suite of its own in JUnit files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suite {
    image: String,
    kind: &'static str,
}

impl Suite {
    /// The assertions of this kind, such as `structure`, about the image of this name in the settings.
    #[must_use]
    pub fn new(image: &str, kind: &'static str) -> Self {
        Self { image: image.to_owned(), kind }
    }

    /// Its name: `image NAME KIND`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("image {} {}", self.image, self.kind)
    }

    /// An assertion in words, with how it went.
    #[must_use]
    pub fn check(&self, name: impl Into<String>, found: Found) -> TestCase {
        let (outcome, message, places) = match found {
            Found::Holds => (TestOutcome::Passed, None, Vec::new()),
            Found::Broken { message, places } => (TestOutcome::Failed, Some(message), places),
            Found::NotLookedAt(why) => (TestOutcome::Skipped, Some(why), Vec::new()),
        };
        TestCase {
            name: name.into(),
            package: self.image.clone(),
            binary: self.name(),
            kind: TestKind::Check,
            outcome,
            duration_ms: None,
            message,
            output: places.join("\n"),
            earlier: Vec::new(),
        }
    }
}

/// How an assertion went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It holds.
    Holds,
    /// It does not hold.
    Broken {
        /// What was measured, what is required, and how to mend it, in one line.
        message: String,
        /// The places, one a line of the output; may be empty.
        places: Vec<String>,
    },
    /// Nobody could look, and why.
    NotLookedAt(String),
}

impl Found {
    /// It does not hold, with this message.
    #[must_use]
    pub fn broken(message: impl Into<String>) -> Self {
        Self::Broken { message: message.into(), places: Vec::new() }
    }

    /// It holds when this does, and is broken with this message otherwise.
    #[must_use]
    pub fn holds_when(condition: bool, message: impl FnOnce() -> String) -> Self {
        if condition { Self::Holds } else { Self::broken(message()) }
    }
}

/// The first few of a list for one line of text: `a, b, c and 4 more`.
fn few(items: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown = items.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Names with outcomes: `+` holds, `-` is broken, `?` was not looked at.
    pub(crate) fn told(cases: &[TestCase]) -> Vec<String> {
        let sign = |case: &TestCase| match case.outcome {
            TestOutcome::Passed => '+',
            TestOutcome::Skipped => '?',
            TestOutcome::Failed | TestOutcome::TimedOut => '-',
        };
        cases.iter().map(|case| format!("{} {}", sign(case), case.name)).collect()
    }

    /// The message of the case of this name.
    pub(crate) fn message(cases: &[TestCase], name: &str) -> String {
        let case = cases.iter().find(|case| case.name == name);
        case.and_then(|case| case.message.clone()).unwrap_or_else(|| panic!("no message of {name}"))
    }

    #[test]
    fn a_check_is_a_test_of_its_own_suite() {
        let suite = Suite::new("app", "size");
        let found = Found::Broken { message: "m".into(), places: vec!["a".into(), "b".into()] };
        let case = suite.check("is small", found);
        assert_eq!(case.full_name(), "image app size is small");
        assert_eq!(
            (case.package.as_str(), case.output.as_str(), case.kind),
            ("app", "a\nb", TestKind::Check)
        );
    }

    #[test]
    fn a_long_list_is_cut_and_counted() {
        let names = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>();
        assert_eq!(few(&names(3)), "0, 1, 2");
        assert_eq!(few(&names(9)), "0, 1, 2 and 6 more");
    }
}
