//! The gate on everything together: enough lines, functions, regions or branches ran.

use super::{COVER, Threshold, gate, measure, place, unknown};
use crate::model::coverage::{CoverageRecord, Metric};
use crate::model::gate::Gate;

/// Judges the total of one metric; none when nothing is required of it.
#[must_use]
pub fn judge(record: &CoverageRecord, metric: Metric, threshold: Threshold) -> Option<Gate> {
    let Threshold { min, mode } = threshold;
    if min.is_none() {
        return None;
    }
    let noun = metric.noun();
    let mut gate = gate(&format!("coverage.{noun}"), mode, format!("covered {noun}"));
    gate.required = format!("at least {min}");
    let share = record.totals.of(metric);
    if share.total == 0 {
        let gate = unknown(gate, format!("no {noun} were measured: {}", metric.absence()));
        return Some(gate.inconclusive(format!("measure them, or require nothing: coverage.{noun}.min = 0")));
    }
    let reason = format!("{} of {noun} ran", share.told());
    let gate = Gate { reason, measured: measure(share), ..gate };
    let worst = record.worst(metric).into_iter().map(|file| place(file, metric));
    Some(match min.missing(share.covered, share.total) {
        0 => gate,
        missing => gate.worst(worst).fail(format!("{} more", metric.count(missing)), COVER),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::coverage::tests::record;
    use crate::model::gate::{Decision, Measure};
    use crate::model::gates::coverage::tests::at_least;

    #[test]
    fn one_line_too_few_fails_and_says_how_many_are_missing() {
        let record = record(&[("a/src/lib.rs", 40, 40), ("a/src/x.rs", 49, 60)]);
        let judged = |percent| judge(&record, Metric::Lines, at_least(percent)).unwrap();
        assert_eq!(judged(89.0).verdict, Decision::Pass);
        let gate = judged(90.0);
        assert_eq!((gate.verdict, gate.gap.as_deref()), (Decision::Fail, Some("1 line more")));
        assert_eq!(gate.measured, Measure::Share { part: 89, whole: 100 });
        assert_eq!((gate.id.as_str(), gate.required.as_str()), ("coverage.lines", "at least 90 %"));
        assert_eq!(gate.reason, "89.0 % of lines ran");
        assert_eq!(gate.worst, ["a/src/x.rs: 11 of 60 lines never ran"]);
    }

    #[test]
    fn what_was_not_measured_is_inconclusive_and_says_why() {
        let record = record(&[("a/src/lib.rs", 1, 1)]);
        let gate = judge(&record, Metric::Branches, at_least(50.0)).unwrap();
        assert_eq!((gate.verdict, gate.measured), (Decision::Inconclusive, Measure::Nothing));
        assert_eq!(gate.reason, "no branches were measured: the stable compiler emits no branches");
    }

    #[test]
    fn nothing_required_is_no_gate() {
        assert_eq!(judge(&CoverageRecord::default(), Metric::Lines, at_least(0.0)), None);
    }
}
