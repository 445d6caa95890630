//! How a run of nextest ended.

use crate::model::command::{CommandOutput, End};
use crate::model::test::TestCase;
use crate::tools::compile_errors::CompileErrors;

/// What nextest's exit code says. Source: `NextestExitCode` in `nextest-metadata`, `src/exit_codes.rs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextestEnd {
    /// 0: all tests passed, or there were none.
    Passed,
    /// 100: a test failed.
    TestsFailed,
    /// 4: there were no tests, and that was asked to be a failure.
    NoTests,
    /// 101: it was not built; the first errors.
    DidNotCompile(String),
    /// 105: a script that the repository runs before its tests failed.
    ScriptFailed(String),
    /// 92 to 96, 102 to 104 and others: nextest could not begin; what it said last.
    Setup(String),
    /// It was ended from outside.
    Stopped(End),
}

/// How many lines of what it said are kept.
const LINES: usize = 12;

/// Reads how nextest ended.
#[must_use]
pub fn read_end(output: &CommandOutput) -> NextestEnd {
    let said = || output.tail(LINES);
    match output.end {
        End::Exited(0) => NextestEnd::Passed,
        End::Exited(100) => NextestEnd::TestsFailed,
        End::Exited(4) => NextestEnd::NoTests,
        End::Exited(101) => NextestEnd::DidNotCompile(CompileErrors::of(&output.stderr).unwrap_or_else(said)),
        End::Exited(105) => NextestEnd::ScriptFailed(said()),
        End::Exited(_) => NextestEnd::Setup(said()),
        End::Signalled(_) | End::TimedOut(_) | End::Cancelled => NextestEnd::Stopped(output.end),
    }
}

impl NextestEnd {
    /// Why the cases of the report cannot be the whole truth about this end, if so. A report that stayed from an
    /// earlier run, or that was not finished, shows in this way.
    #[must_use]
    pub fn contradicted_by(&self, cases: &[TestCase]) -> Option<String> {
        let bad = cases.iter().filter(|case| case.outcome.is_bad()).count();
        match self {
            Self::Passed if bad > 0 => {
                Some(format!("nextest passed, and {bad} of its report's tests failed"))
            }
            Self::TestsFailed if bad == 0 => Some("nextest failed, and no test of its report did".to_owned()),
            Self::NoTests if !cases.is_empty() => {
                Some("nextest saw no test, and its report holds some".to_owned())
            }
            Self::Stopped(end) => Some(format!("nextest did not come to its end: {end}")),
            _ => None,
        }
    }
}

/// Whether a test ended because nextest was told to end: its failure is ours, not the code's.
#[must_use]
pub fn ended_with_the_run(case: &TestCase) -> bool {
    let by = |signal| case.message.as_deref().is_some_and(|message| message.ends_with(signal));
    case.outcome.is_bad()
        && ["signal 15 (SIGTERM)", "signal 9 (SIGKILL)", "signal 2 (SIGINT)"].into_iter().any(by)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::gates::failed::tests::case;
    use crate::model::test::{TestKind, TestOutcome};

    fn ended(end: End, stderr: &str) -> NextestEnd {
        let (stdout, stderr) = (String::new(), stderr.to_owned());
        read_end(&CommandOutput { end, stdout, stderr, duration: Duration::ZERO })
    }

    #[test]
    fn exit_codes() {
        assert_eq!(ended(End::Exited(0), ""), NextestEnd::Passed);
        assert_eq!(ended(End::Exited(100), "error: test run failed"), NextestEnd::TestsFailed);
        assert_eq!(ended(End::Exited(4), "error: no tests to run"), NextestEnd::NoTests);
        assert_eq!(ended(End::Exited(105), "a\nb"), NextestEnd::ScriptFailed("a\nb".to_owned()));
        let said = "error: profile `nope` not found (known profiles: default, default-miri)";
        assert_eq!(ended(End::Exited(96), said), NextestEnd::Setup(said.to_owned()));
        assert_eq!(ended(End::Cancelled, ""), NextestEnd::Stopped(End::Cancelled));
    }

    #[test]
    fn a_failed_build_shows_its_first_error() {
        let text = include_str!("../../../tests/fixtures/libtest/nocompile.txt");
        let NextestEnd::DidNotCompile(errors) = ended(End::Exited(101), text) else { panic!("it compiled") };
        assert!(errors.starts_with("error[E0308]: mismatched types"));
        assert_eq!(ended(End::Exited(101), "odd"), NextestEnd::DidNotCompile("odd".to_owned()));
    }

    #[test]
    fn a_test_that_ended_with_the_run_is_told_from_one_that_failed() {
        let saying = |message: &str| TestCase {
            message: Some(message.to_owned()),
            ..case("a", TestKind::Test, TestOutcome::Failed)
        };
        assert!(ended_with_the_run(&saying("process aborted with signal 15 (SIGTERM)")));
        assert!(!ended_with_the_run(&saying("process aborted with signal 11 (SIGSEGV)")));
        assert!(!ended_with_the_run(&saying("assertion failed")));
    }

    #[test]
    fn the_end_is_held_against_the_report() {
        let passed = [case("a", TestKind::Test, TestOutcome::Passed)];
        let failed = [case("a", TestKind::Test, TestOutcome::TimedOut)];
        assert_eq!(NextestEnd::Passed.contradicted_by(&passed), None);
        assert_eq!(NextestEnd::TestsFailed.contradicted_by(&failed), None);
        assert!(NextestEnd::Passed.contradicted_by(&failed).is_some());
        assert!(NextestEnd::TestsFailed.contradicted_by(&passed).is_some());
        assert!(NextestEnd::NoTests.contradicted_by(&passed).is_some());
        assert!(NextestEnd::Stopped(End::Cancelled).contradicted_by(&passed).is_some());
    }
}
