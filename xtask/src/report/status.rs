//! A verdict in one line, for places that have no room for more.

use super::words;
use crate::kit::text::shorten;
use crate::model::gate::{Decision, Mode};
use crate::model::record::RunRecord;

/// As long as the status of a commit may be.
const LONGEST: usize = 140;

/// `Failed: 2 of 7 gates do not pass; the job `beta` failed`. Nothing is escaped.
#[must_use]
pub fn line(record: &RunRecord) -> String {
    let open = record.verdict.decision != Decision::Pass;
    let mode = match record.verdict.mode {
        Mode::ReportOnly if open => Some("report-only".to_owned()),
        _ => None,
    };
    let others = words::other_reasons(record).into_iter().map(str::to_owned);
    let all: Vec<String> = [words::headline(record)].into_iter().chain(mode).chain(others).collect();
    shorten(&all.join("; "), LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::tests::record;
    use crate::report::sample::sample;

    #[test]
    fn the_headline_comes_first_and_then_what_else_is_against_it() {
        assert!(line(&sample()).starts_with("Failed: 6 of 10 gates do not pass"));
        let mut record = record();
        assert_eq!(line(&record), "Passed: nothing was judged");
        record.verdict.decision = Decision::Fail;
        record.verdict.mode = Mode::ReportOnly;
        record.verdict.reasons = vec!["the job `beta` failed".to_owned()];
        assert_eq!(line(&record), "Failed: nothing was judged; report-only; the job `beta` failed");
        record.verdict.reasons = vec!["x".repeat(999)];
        assert_eq!(line(&record).chars().count(), LONGEST);
    }
}
