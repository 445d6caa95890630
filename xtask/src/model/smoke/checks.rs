//! The assertions of a run, each a test case of its own.

use std::time::Duration;

use crate::model::test::{TestCase, TestKind, TestOutcome};

/// The assertions of one run so far.
#[derive(Clone, Debug)]
pub struct Checks {
    image: String,
    run: String,
    cases: Vec<TestCase>,
}

impl Checks {
    /// None yet.
    pub fn new(image: impl Into<String>, run: impl Into<String>) -> Self {
        Self { image: image.into(), run: run.into(), cases: Vec::new() }
    }

    /// Keeps what came of an assertion; gives whether it held.
    pub fn keep(&mut self, name: impl Into<String>, took: Duration, found: Result<(), String>) -> bool {
        let outcome = if found.is_ok() { TestOutcome::Passed } else { TestOutcome::Failed };
        self.push(name.into(), Some(took), outcome, found.err())
    }

    /// Keeps an assertion that was over its time.
    pub fn too_late(&mut self, name: impl Into<String>, took: Duration, message: impl Into<String>) {
        self.push(name.into(), Some(took), TestOutcome::TimedOut, Some(message.into()));
    }

    /// Keeps an assertion that could not be looked at, and why.
    pub fn skip(&mut self, name: impl Into<String>, why: impl Into<String>) {
        self.push(name.into(), None, TestOutcome::Skipped, Some(why.into()));
    }

    /// Those that held, and all.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        let passed = self.cases.iter().filter(|case| case.outcome == TestOutcome::Passed).count();
        (passed as u64, self.cases.len() as u64)
    }

    /// Those that did not hold.
    pub fn failed(&self) -> impl Iterator<Item = &TestCase> {
        self.cases.iter().filter(|case| case.outcome.is_bad())
    }

    /// All, each failed one with this output.
    #[must_use]
    pub fn into_cases(mut self, output: Option<&str>) -> Vec<TestCase> {
        for case in self.cases.iter_mut().filter(|case| case.outcome.is_bad()) {
            output.unwrap_or_default().clone_into(&mut case.output);
        }
        self.cases
    }

    fn push(
        &mut self,
        name: String,
        took: Option<Duration>,
        outcome: TestOutcome,
        message: Option<String>,
    ) -> bool {
        // The same may be asked twice; a test case has a name of its own.
        let times =
            self.cases.iter().filter(|case| case.name == name || case.name.starts_with(&format!("{name} #")));
        let name = match times.count() {
            0 => name,
            before => format!("{name} #{}", before + 1),
        };
        self.cases.push(TestCase {
            name,
            package: self.image.clone(),
            binary: format!("image {} smoke {}", self.image, self.run),
            kind: TestKind::Check,
            outcome,
            duration_ms: took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
            message,
            output: String::new(),
            earlier: Vec::new(),
        });
        outcome == TestOutcome::Passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_assertion_is_a_case_of_its_own() {
        let mut checks = Checks::new("app", "up");
        assert!(checks.keep("starts", Duration::from_millis(3), Ok(())));
        assert!(!checks.keep("exits with 0", Duration::ZERO, Err("exit code 1".to_owned())));
        checks.keep("starts", Duration::ZERO, Ok(()));
        checks.too_late("becomes ready within 1.0 s", Duration::from_secs(1), "refused");
        checks.skip("GET / answers 200", "it was not ready");
        assert_eq!((checks.counts(), checks.failed().count()), ((2, 5), 2));
        let cases = checks.into_cases(Some("log"));
        assert_eq!(cases[0].full_name(), "image app smoke up starts");
        assert_eq!((cases[0].duration_ms, cases[0].output.as_str()), (Some(3), ""));
        assert_eq!((cases[1].message.as_deref(), cases[1].output.as_str()), (Some("exit code 1"), "log"));
        assert_eq!(cases[2].name, "starts #2");
        assert_eq!(cases[4].outcome, TestOutcome::Skipped);
    }
}
