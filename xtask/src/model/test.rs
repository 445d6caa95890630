//! Facts of tests: the same whichever runner gave them.

use serde::{Deserialize, Serialize};

/// How a test, or one attempt at it, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TestOutcome {
    /// It passed; flaky when an earlier attempt failed.
    Passed,
    /// It failed, on every attempt.
    Failed,
    /// It ran longer than it may and was ended.
    TimedOut,
    /// It was seen and left out, such as `#[ignore]`.
    Skipped,
}

impl TestOutcome {
    /// Whether this is a failure.
    #[must_use]
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::TimedOut)
    }

    /// The word that people read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::TimedOut => "timed out",
            Self::Skipped => "skipped",
        }
    }
}

/// What kind of test it is; each is counted by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TestKind {
    /// A unit or integration test.
    Test,
    /// An example in documentation.
    Doctest,
    /// An assertion about an image.
    Check,
}

impl TestKind {
    /// What one of them is called.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Doctest => "doctest",
            Self::Check => "check",
        }
    }
}

/// A failed attempt at a test that was tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Attempt {
    /// How the attempt ended.
    pub outcome: TestOutcome,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// The cause in one line, such as the panic message.
    pub message: Option<String>,
    /// What it printed.
    pub output: String,
}

/// One test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TestCase {
    /// Path inside its binary: `module::test`; for a doctest `src/lib.rs - item (line 3)`.
    pub name: String,
    /// The package that it belongs to.
    pub package: String,
    /// The test binary, as nextest names it: `package`, `package::bin/name`, `package::test_target`.
    pub binary: String,
    /// Test or doctest.
    pub kind: TestKind,
    /// How its last attempt ended.
    pub outcome: TestOutcome,
    /// How long the last attempt took, in milliseconds; none when the runner does not tell.
    pub duration_ms: Option<u64>,
    /// The cause of a failure in one line, or the reason of a skip.
    pub message: Option<String>,
    /// What the last attempt printed, when it failed.
    pub output: String,
    /// The failed attempts before the last one.
    pub earlier: Vec<Attempt>,
}

impl TestCase {
    /// Passed, after a failed attempt.
    #[must_use]
    pub fn is_flaky(&self) -> bool {
        self.outcome == TestOutcome::Passed && !self.earlier.is_empty()
    }

    /// `binary name`, unique in a run.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.binary, self.name)
    }
}

/// Counts of a set of tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TestTotals {
    /// All that ran: passed, failed and timed out.
    pub run: usize,
    /// Passed, flaky ones included.
    pub passed: usize,
    /// Failed or timed out.
    pub failed: usize,
    /// Of the failed: timed out.
    pub timed_out: usize,
    /// Of the passed: flaky.
    pub flaky: usize,
    /// Seen and left out.
    pub skipped: usize,
}

impl TestTotals {
    /// Counts the tests of one kind.
    #[must_use]
    pub fn of(cases: &[TestCase], kind: TestKind) -> Self {
        let mut totals = Self::default();
        for case in cases.iter().filter(|case| case.kind == kind) {
            match case.outcome {
                TestOutcome::Passed => totals.passed += 1,
                TestOutcome::Failed => totals.failed += 1,
                TestOutcome::TimedOut => {
                    totals.failed += 1;
                    totals.timed_out += 1;
                }
                TestOutcome::Skipped => totals.skipped += 1,
            }
            totals.flaky += usize::from(case.is_flaky());
        }
        totals.run = totals.passed + totals.failed;
        totals
    }
}
