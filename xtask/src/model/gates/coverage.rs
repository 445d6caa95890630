//! The gates on coverage. A threshold of nothing makes no gate; one that is set is inconclusive where nothing was
//! measured, for that is neither 0 % nor 100 %.

use crate::model::coverage::{FileCoverage, Metric, Share};
use crate::model::gate::{Gate, Measure, Mode};
use crate::model::percent::Percent;

pub mod drop;
pub mod measured;
pub mod parts;
pub mod patch;
pub mod total;
pub mod vanished;

/// What is required, and whether it fails the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// The least that is enough.
    pub min: Percent,
    /// Whether the gate fails the run.
    pub mode: Mode,
}

/// What shows the same again.
const REPRODUCE: &str = "cargo xtask test";

const COVER: &str = "test what these places do; the coverage page shows each line that never ran";

fn gate(id: &str, mode: Mode, metric: impl Into<String>) -> Gate {
    Gate::pass(id, mode, metric, "").reproduce(Some(REPRODUCE.to_owned()))
}

/// Without anything to judge by.
fn unknown(gate: Gate, reason: impl Into<String>) -> Gate {
    let gate = Gate { measured: Measure::Nothing, reason: reason.into(), ..gate };
    gate.inconclusive("see the step's log, or set `coverage.enabled = false` where it cannot be measured")
}

fn measure(share: Share) -> Measure {
    Measure::Share { part: share.covered, whole: share.total }
}

/// `src/lib.rs: 12 of 40 lines never ran`.
fn place(file: &FileCoverage, metric: Metric) -> String {
    let share = file.totals.of(metric);
    format!("{}: {} of {} never ran", file.path, share.missed(), metric.count(share.total))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn at_least(percent: f64) -> Threshold {
        Threshold { min: Percent::try_from(percent).unwrap(), mode: Mode::Block }
    }
}
