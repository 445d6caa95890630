//! How the other jobs of a workflow ended, as GitHub tells the job that needs them: `${{ toJSON(needs) }}`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::gate::{Decision, Mode};
use super::verdict::Verdict;
use crate::kit::exit::Exit;
use crate::kit::text::beginning;

/// The variable that holds it: a fact about one run, and no setting.
pub const NEEDS: &str = "SLIPWAY_NEEDS";

/// The most characters that are told of what cannot be read.
const TOLD: usize = 60;

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobEnd {
    /// Well.
    Success,
    /// Badly.
    Failure,
    /// Somebody or something ended it.
    Cancelled,
    /// It did not run.
    Skipped,
}

/// The jobs by their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs(BTreeMap<String, JobEnd>);

/// A text that does not tell how jobs ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NeedsError {
    /// It has another shape.
    Shape(String),
    /// It names no job: then nothing would be waited for.
    Empty,
}

impl fmt::Display for NeedsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(why) => write!(f, "it is not what `toJSON(needs)` gives: {why}"),
            Self::Empty => f.write_str("it names no job"),
        }
    }
}

impl std::error::Error for NeedsError {}

#[derive(Deserialize)]
struct Wired {
    result: JobEnd,
}

impl Needs {
    /// Of the text that GitHub gives.
    ///
    /// # Errors
    /// When it is something else, tells of an end that is not known, or of no job.
    pub fn read(text: &str) -> Result<Self, NeedsError> {
        let jobs: BTreeMap<String, Wired> = serde_json::from_str(text)
            .map_err(|error| NeedsError::Shape(beginning(&error.to_string(), TOLD).into_owned()))?;
        if jobs.is_empty() {
            return Err(NeedsError::Empty);
        }
        Ok(Self(jobs.into_iter().map(|(id, job)| (id, job.result)).collect()))
    }

    /// Adds to a verdict what stands against it: a job that failed is a failure, and one that nobody knows the end of leaves
    /// it open. A report-only verdict stays one.
    pub fn join(&self, verdict: &mut Verdict) {
        for (id, end) in &self.0 {
            let (decision, told) = match end {
                JobEnd::Success => continue,
                JobEnd::Failure => (Decision::Fail, "failed"),
                JobEnd::Cancelled => (Decision::Inconclusive, "was cancelled"),
                JobEnd::Skipped => (Decision::Inconclusive, "was skipped"),
            };
            verdict.decision = verdict.decision.max(decision);
            verdict.reasons.push(format!("the job `{id}` {told}"));
            if verdict.mode == Mode::Block && verdict.exit_code == Exit::Pass.code() {
                verdict.exit_code = Exit::Verdict.code();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::record::tests::record;

    fn joined(needs: &str, mode: Mode) -> Verdict {
        let mut verdict = Verdict { mode, ..record().verdict };
        Needs::read(needs).unwrap().join(&mut verdict);
        verdict
    }

    #[test]
    fn only_success_is_a_pass() {
        for (end, decision, code) in [
            ("success", Decision::Pass, 0),
            ("failure", Decision::Fail, 1),
            ("cancelled", Decision::Inconclusive, 1),
            ("skipped", Decision::Inconclusive, 1),
        ] {
            let needs = format!(r#"{{"check": {{"result": "{end}", "outputs": {{}}}}}}"#);
            let verdict = joined(&needs, Mode::Block);
            assert_eq!((verdict.decision, verdict.exit_code), (decision, code), "{end}");
            assert_eq!(verdict.reasons.is_empty(), end == "success");
            assert_eq!(joined(&needs, Mode::ReportOnly).exit_code, 0, "{end}");
        }
    }

    #[test]
    fn the_worst_job_counts_and_each_is_named() {
        let verdict = joined(r#"{"a": {"result": "failure"}, "b": {"result": "cancelled"}}"#, Mode::Block);
        assert_eq!(verdict.decision, Decision::Fail);
        assert_eq!(verdict.reasons, ["the job `a` failed", "the job `b` was cancelled"]);
    }

    #[test]
    fn an_interrupted_run_keeps_its_code() {
        let mut verdict = Verdict { exit_code: 130, ..record().verdict };
        Needs::read(r#"{"a": {"result": "failure"}}"#).unwrap().join(&mut verdict);
        assert_eq!(verdict.exit_code, 130);
    }

    #[test]
    fn what_nobody_knows_is_no_pass_either() {
        for wrong in ["", "null", "[]", r#"{"a": "success"}"#, r#"{"a": {"result": "fine"}}"#, r#"{"a": {}}"#]
        {
            assert!(matches!(Needs::read(wrong), Err(NeedsError::Shape(_))), "{wrong}");
        }
        assert_eq!(Needs::read("{}"), Err(NeedsError::Empty));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}|[{}\":a-z, ]{0,40}") {
            let _ = Needs::read(&text);
        }
    }
}
