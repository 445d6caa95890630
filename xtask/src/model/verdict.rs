//! The verdict: all gates together, and the exit code that follows.

use serde::{Deserialize, Serialize};

use super::gate::{Decision, Gate, Mode};
use crate::kit::exit::Exit;

/// How a run is judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Verdict {
    /// The worst of the blocking gates.
    pub decision: Decision,
    /// The mode of the whole run.
    pub mode: Mode,
    /// The exit code of the process (README, "Exit codes").
    pub exit_code: u8,
    /// One sentence for each thing that stands against a pass.
    pub reasons: Vec<String>,
    /// One sentence for each report-only gate that does not pass.
    pub advisories: Vec<String>,
}

/// What ended a run before its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It came to its end.
    Complete,
    /// A person or a supervisor stopped it.
    Interrupted,
    /// The machine failed in these ways.
    Environment(Vec<String>),
}

/// Judges a run. Gates that are `report-only` are heard but do not decide; no gate at all is inconclusive.
#[must_use]
pub fn judge(gates: &[Gate], mode: Mode, ending: &Ending) -> Verdict {
    let against = |wanted: Mode| {
        gates
            .iter()
            .filter(move |gate| gate.mode == wanted && gate.verdict != Decision::Pass)
            .map(|gate| format!("{} {}: {}", gate.id, gate.verdict.word(), gate.reason))
    };
    let mut reasons: Vec<String> = against(Mode::Block).collect();
    let mut decision = gates
        .iter()
        .filter(|gate| gate.mode == Mode::Block)
        .map(|gate| gate.verdict)
        .max()
        .unwrap_or(Decision::Pass);
    let mut never_green = |reason: String| {
        decision = decision.max(Decision::Inconclusive);
        reasons.push(reason);
    };
    if gates.is_empty() {
        never_green("nothing was judged: no step with a gate ran".to_owned());
    }
    match ending {
        Ending::Complete => {}
        Ending::Interrupted => never_green("the run was interrupted".to_owned()),
        Ending::Environment(faults) => {
            for fault in faults {
                never_green(fault.clone());
            }
        }
    }
    let exit = match (ending, decision, mode) {
        (Ending::Interrupted, ..) => Exit::Interrupted,
        (_, Decision::Fail, Mode::Block) => Exit::Verdict,
        (Ending::Environment(_), ..) => Exit::Environment,
        (_, Decision::Inconclusive, Mode::Block) => Exit::Verdict,
        (Ending::Complete, ..) => Exit::Pass,
    };
    Verdict {
        decision,
        mode,
        exit_code: exit.code(),
        reasons,
        advisories: against(Mode::ReportOnly).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(mode: Mode, verdict: Decision) -> Gate {
        Gate { verdict, ..Gate::pass("g", mode, "metric", "why") }
    }

    fn exit(gates: &[Gate], mode: Mode, ending: &Ending) -> (Decision, u8) {
        let verdict = judge(gates, mode, ending);
        (verdict.decision, verdict.exit_code)
    }

    #[test]
    fn the_table_of_exit_codes_holds() {
        use Decision::{Fail, Inconclusive, Pass};
        use Mode::{Block, ReportOnly};
        let broken = Ending::Environment(vec!["cargo is missing".to_owned()]);
        let table = [
            (vec![gate(Block, Pass)], Block, Ending::Complete, (Pass, 0)),
            (vec![gate(Block, Fail)], Block, Ending::Complete, (Fail, 1)),
            (vec![gate(Block, Fail)], ReportOnly, Ending::Complete, (Fail, 0)),
            (vec![gate(ReportOnly, Fail)], Block, Ending::Complete, (Pass, 0)),
            (vec![gate(Block, Inconclusive)], Block, Ending::Complete, (Inconclusive, 1)),
            (vec![gate(Block, Inconclusive)], ReportOnly, Ending::Complete, (Inconclusive, 0)),
            (vec![], Block, Ending::Complete, (Inconclusive, 1)),
            (vec![gate(Block, Pass)], Block, Ending::Interrupted, (Inconclusive, 130)),
            (vec![gate(Block, Fail)], ReportOnly, Ending::Interrupted, (Fail, 130)),
            (vec![gate(Block, Pass)], ReportOnly, broken.clone(), (Inconclusive, 3)),
            (vec![gate(Block, Fail)], Block, broken, (Fail, 1)),
        ];
        for (gates, mode, ending, expected) in table {
            assert_eq!(exit(&gates, mode, &ending), expected, "{gates:?} {mode:?} {ending:?}");
        }
    }

    #[test]
    fn a_report_only_failure_is_told_without_deciding() {
        let verdict = judge(&[gate(Mode::ReportOnly, Decision::Fail)], Mode::Block, &Ending::Complete);
        assert_eq!(verdict.advisories, ["g fail: why"]);
    }
}
