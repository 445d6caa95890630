//! The gate on files that vanished: what earlier runs covered and is still there, this run knows too. A file that is
//! no longer compiled takes its uncovered lines along, and the total rises.

use super::gate;
use crate::kit::text::plural;
use crate::model::coverage::CoverageRecord;
use crate::model::gate::{Gate, Measure, Mode};

/// Judges against the files of the baseline, for people to look at; none without a baseline.
#[must_use]
pub fn judge(record: &CoverageRecord) -> Option<Gate> {
    record.baseline.as_ref().filter(|baseline| baseline.problem.is_none())?;
    let count = record.vanished.len();
    let gate = gate("coverage.vanished", Mode::ReportOnly, "vanished files");
    let gate = gate.measured(Measure::Count(count as u64), "0");
    if count == 0 {
        return Some(Gate { reason: "every file of the baseline is known or gone".to_owned(), ..gate });
    }
    let reason = format!("{} no longer measured, still there", plural(count, "file"));
    let remedy = "compile it into a test again, or save a new baseline";
    Some(
        Gate { reason, ..gate }
            .worst(record.vanished.iter().cloned())
            .fail(format!("{count} too many"), remedy),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::coverage::{BaselineRecord, Share};
    use crate::model::gate::Decision;
    use crate::model::percent::Percent;

    fn with_baseline(vanished: &[&str]) -> CoverageRecord {
        let baseline = BaselineRecord {
            path: "coverage-baseline.json".to_owned(),
            commit: None,
            entries: 1,
            lines: Share { covered: 1, total: 1 },
            best: None,
            noise: Percent::NONE,
            problem: None,
        };
        let vanished = vanished.iter().map(|path| (*path).to_owned()).collect();
        CoverageRecord { baseline: Some(baseline), vanished, ..CoverageRecord::default() }
    }

    #[test]
    fn a_file_that_vanished_is_named_and_does_not_fail_the_run() {
        let gate = judge(&with_baseline(&["src/gone.rs"])).unwrap();
        assert_eq!((gate.verdict, gate.mode), (Decision::Fail, Mode::ReportOnly));
        assert_eq!(gate.worst, ["src/gone.rs"]);
        assert_eq!(judge(&with_baseline(&[])).unwrap().verdict, Decision::Pass);
    }

    #[test]
    fn without_anything_to_compare_there_is_no_gate() {
        assert_eq!(judge(&CoverageRecord::default()), None);
    }
}
