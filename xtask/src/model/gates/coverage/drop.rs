//! The gate on a drop: lines are covered as well as in earlier runs, but for what differs without any change.

use super::{COVER, gate, measure, place, unknown};
use crate::model::coverage::{CoverageRecord, Metric};
use crate::model::gate::{Gate, Mode};
use crate::model::percent::Percent;

/// What is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// How many percentage points below the newest run of the baseline lines may be; all of them for any.
    pub drop: Percent,
    /// Whether the best run of the baseline is what is required.
    pub ratchet: Ratchet,
    /// Whether the gate fails the run.
    pub mode: Mode,
}

/// Whether coverage may only rise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ratchet {
    /// It may only rise.
    On,
    /// It may fall by what is allowed.
    Off,
}

/// Judges lines against the baseline; none when any drop is allowed.
///
/// Required is what the newest run of the baseline had less the allowed drop, and with the ratchet what the best one
/// had: the higher of the two, less the noise.
#[must_use]
pub fn judge(record: &CoverageRecord, allowed: Allowed) -> Option<Gate> {
    let Allowed { drop, ratchet, mode } = allowed;
    if drop == Percent::ALL && ratchet == Ratchet::Off {
        return None;
    }
    let mut gate = gate("coverage.drop", mode, "covered lines");
    gate.required = match ratchet {
        Ratchet::On => "no less than the best earlier run".to_owned(),
        Ratchet::Off => format!("at most {} below the earlier run", drop.points()),
    };
    let save = "keep one of the default branch: cargo xtask coverage baseline save";
    let Some(baseline) = &record.baseline else {
        return Some(unknown(gate, "there is no baseline to compare with").inconclusive(save));
    };
    if let Some(problem) = &baseline.problem {
        return Some(unknown(gate, problem.as_str()).inconclusive(save));
    }
    let Some(newest) = baseline.lines.percent() else {
        return Some(unknown(gate, "the baseline holds no measured line").inconclusive(save));
    };
    let lines = record.totals.lines;
    if lines.total == 0 {
        let reason = format!("no lines were measured: {}", Metric::Lines.absence());
        return Some(unknown(gate, reason));
    }
    let best = baseline.best.filter(|_| ratchet == Ratchet::On).unwrap_or(Percent::NONE);
    let required = newest.less(drop).max(best).less(baseline.noise);
    gate.required = format!("at least {required}");
    let reason = format!("{} of lines ran, {} before", lines.told(), baseline.lines.told());
    let gate = Gate { reason, measured: measure(lines), ..gate };
    let worst = record.worst(Metric::Lines).into_iter().map(|file| place(file, Metric::Lines));
    Some(match required.missing(lines.covered, lines.total) {
        0 => gate,
        missing => gate.worst(worst).fail(format!("{} more", Metric::Lines.count(missing)), COVER),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::coverage::tests::record;
    use crate::model::coverage::{BaselineRecord, Share};
    use crate::model::gate::Decision;

    fn percent(number: f64) -> Percent {
        Percent::try_from(number).unwrap()
    }

    fn allowed(drop: f64, ratchet: Ratchet) -> Allowed {
        Allowed { drop: percent(drop), ratchet, mode: Mode::Block }
    }

    /// A run with 890 of 1,000 lines after one with 900, and one with 920 before that.
    fn fallen(noise: f64) -> CoverageRecord {
        let baseline = BaselineRecord {
            path: "coverage-baseline.json".to_owned(),
            commit: None,
            entries: 5,
            lines: Share { covered: 900, total: 1000 },
            best: Some(percent(92.0)),
            noise: percent(noise),
            problem: None,
        };
        CoverageRecord { baseline: Some(baseline), ..record(&[("a/src/lib.rs", 890, 1000)]) }
    }

    fn judged(record: &CoverageRecord, allowed: Allowed) -> Option<Gate> {
        judge(record, allowed)
    }

    #[test]
    fn a_drop_beyond_what_is_allowed_fails() {
        let gate = judged(&fallen(0.0), allowed(0.5, Ratchet::Off)).unwrap();
        assert_eq!((gate.verdict, gate.gap.as_deref()), (Decision::Fail, Some("5 lines more")));
        assert_eq!(
            (gate.required.as_str(), gate.reason.as_str()),
            ("at least 89.5 %", "89.0 % of lines ran, 90.0 % before")
        );
        assert_eq!(judged(&fallen(0.0), allowed(1.0, Ratchet::Off)).unwrap().verdict, Decision::Pass);
    }

    #[test]
    fn what_differs_without_a_change_is_no_drop() {
        assert_eq!(judged(&fallen(0.5), allowed(0.5, Ratchet::Off)).unwrap().verdict, Decision::Pass);
        assert_eq!(judged(&fallen(0.499), allowed(0.5, Ratchet::Off)).unwrap().verdict, Decision::Fail);
    }

    #[test]
    fn the_ratchet_holds_to_the_best_run() {
        let gate = judged(&fallen(1.0), allowed(100.0, Ratchet::On)).unwrap();
        assert_eq!((gate.verdict, gate.required.as_str()), (Decision::Fail, "at least 91 %"));
        assert_eq!(judged(&fallen(3.0), allowed(100.0, Ratchet::On)).unwrap().verdict, Decision::Pass);
    }

    #[test]
    fn without_a_baseline_it_is_inconclusive() {
        let alone = record(&[("a/src/lib.rs", 1, 2)]);
        let gate = judged(&alone, allowed(0.0, Ratchet::Off)).unwrap();
        assert_eq!(
            (gate.verdict, gate.reason.as_str()),
            (Decision::Inconclusive, "there is no baseline to compare with")
        );
        let mut broken = fallen(0.0);
        broken.baseline.as_mut().unwrap().problem = Some("coverage-baseline.json is no JSON".to_owned());
        assert_eq!(judged(&broken, allowed(0.0, Ratchet::Off)).unwrap().verdict, Decision::Inconclusive);
    }

    #[test]
    fn any_drop_allowed_is_no_gate() {
        assert_eq!(judged(&fallen(0.0), allowed(100.0, Ratchet::Off)), None);
    }
}
