//! The gate on measuring itself: where thresholds are set, coverage is known. It stands for all gates that could not be
//! judged for the same reason, so that the reason is told once.

use super::{gate, measure, unknown};
use crate::model::coverage::CoverageRecord;
use crate::model::gate::{Gate, Mode};

/// Judges whether any line was measured, where coverage alone is asked for: no file is no pass. The error says why
/// there is no record.
#[must_use]
pub fn judge(record: Result<&CoverageRecord, &String>, mode: Mode) -> Gate {
    let mut gate = gate("coverage.measured", mode, "measured lines");
    "at least 1".clone_into(&mut gate.required);
    match record.map(|record| record.totals.lines) {
        Err(reason) => unknown(gate, reason),
        Ok(lines) if lines.total == 0 => unknown(gate, "no line was measured"),
        Ok(lines) => {
            Gate { reason: format!("{} of lines ran", lines.told()), measured: measure(lines), ..gate }
        }
    }
}

/// A run without coverage, in place of the gates that `waiting` would be; none when nothing is required.
#[must_use]
pub fn missing(waiting: &[Gate], reason: &str) -> Option<Gate> {
    let mode = waiting.iter().map(|gate| gate.mode).max()?;
    let ids: Vec<&str> = waiting.iter().map(|gate| gate.id.as_str()).collect();
    let gate = gate("coverage.measured", mode, "coverage");
    let required = format!("measured, for {}", ids.join(", "));
    Some(unknown(Gate { required, ..gate }, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::coverage::tests::record;
    use crate::model::gate::Decision;

    #[test]
    fn only_something_measured_passes() {
        let verdict = |total| judge(Ok(&record(&[("a/src/lib.rs", 0, total)])), Mode::Block).verdict;
        assert_eq!((verdict(3), verdict(0)), (Decision::Pass, Decision::Inconclusive));
        let nothing = judge(Err(&"the tracefile holds no source file".to_owned()), Mode::Block);
        assert_eq!(nothing.verdict, Decision::Inconclusive);
    }

    #[test]
    fn one_gate_stands_for_all_and_blocks_when_one_of_them_would() {
        let waiting =
            |mode| [gate("coverage.lines", Mode::ReportOnly, "m"), gate("coverage.patch", mode, "m")];
        let judged = |mode| missing(&waiting(mode), "the tests do not compile").unwrap();
        let gate = judged(Mode::Block);
        assert_eq!((gate.verdict, gate.mode), (Decision::Inconclusive, Mode::Block));
        assert_eq!(gate.required, "measured, for coverage.lines, coverage.patch");
        assert_eq!(gate.reason, "the tests do not compile");
        assert_eq!(judged(Mode::ReportOnly).mode, Mode::ReportOnly);
    }

    #[test]
    fn nothing_required_is_no_gate() {
        assert_eq!(missing(&[], "the tests do not compile"), None);
    }
}
