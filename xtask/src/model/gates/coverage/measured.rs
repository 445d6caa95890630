//! The gate on there being something to judge: where coverage alone is asked for, no file is no pass.

use super::{Known, gate, measure, unknown};
use crate::model::gate::{Gate, Mode};

/// Judges whether any line was measured.
#[must_use]
pub fn judge(known: Known<'_>, mode: Mode) -> Gate {
    let mut gate = gate("coverage.measured", mode, "measured lines");
    "at least 1".clone_into(&mut gate.required);
    match known {
        Known::Missing(reason) => unknown(gate, reason),
        Known::Measured(record) if record.totals.lines.total == 0 => unknown(gate, "no line was measured"),
        Known::Measured(record) => {
            let lines = record.totals.lines;
            Gate { reason: format!("{} of lines ran", lines.told()), measured: measure(lines), ..gate }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::coverage::tests::record;
    use crate::model::gate::Decision;

    #[test]
    fn only_something_measured_passes() {
        let verdict = |total| {
            let record = record(&[("a/src/lib.rs", 0, total)]);
            judge(Known::Measured(&record), Mode::Block).verdict
        };
        assert_eq!((verdict(3), verdict(0)), (Decision::Pass, Decision::Inconclusive));
        let nothing = judge(Known::Missing("the tracefile holds no source file"), Mode::Block);
        assert_eq!(nothing.verdict, Decision::Inconclusive);
    }
}
