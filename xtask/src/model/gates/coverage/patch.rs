//! The gate on a change: enough of the lines that it touches ran.

use super::{Threshold, gate, measure, unknown};
use crate::kit::text::plural;
use crate::model::coverage::{CoverageRecord, Metric, PatchRecord, UncoveredLines};
use crate::model::gate::Gate;

/// Judges the changed lines; none when nothing is required of them.
///
/// A change without any line of code passes: there is nothing to run in it. One that only touches files with code that
/// the run does not know is inconclusive.
#[must_use]
pub fn judge(record: &CoverageRecord, threshold: Threshold) -> Option<Gate> {
    let Threshold { min, mode } = threshold;
    if min.is_none() {
        return None;
    }
    let mut gate = gate("coverage.patch", mode, "covered changed lines");
    gate.required = format!("at least {min}");
    let Some(patch) = &record.patch else { return Some(unknown(gate, "the changed lines are not known")) };
    if let Some(problem) = &patch.problem {
        let gate = unknown(gate, problem.as_str());
        return Some(gate.inconclusive("name a base that git knows: coverage.patch.base"));
    }
    let base = patch.base.as_deref().unwrap_or("the base");
    if patch.share.total == 0 {
        return Some(match patch.not_measured.as_slice() {
            [] => Gate { reason: format!("no changed line holds code, compared with {base}"), ..gate },
            files => {
                let reason = format!("{} with changes not measured", plural(files.len(), "file"));
                let gate = Gate { reason, ..gate }.worst(unmeasured(patch));
                gate.inconclusive("compile it into a test, or name it in coverage.exclude")
            }
        });
    }
    let reason = format!("{} of changed lines ran, compared with {base}", patch.share.told());
    let gate = Gate { reason, measured: measure(patch.share), ..gate };
    Some(match min.missing(patch.share.covered, patch.share.total) {
        0 => gate,
        missing => {
            let gap = format!("{} more", Metric::Lines.count(missing));
            gate.worst(places(patch).chain(unmeasured(patch))).fail(gap, "test what these lines do")
        }
    })
}

/// `src/lib.rs:7-9`, the files with the most uncovered lines first.
fn places(patch: &PatchRecord) -> impl Iterator<Item = String> + '_ {
    patch.files.iter().filter(|file| !file.uncovered.is_empty()).map(|file| {
        let lines: Vec<String> = file.uncovered.iter().take(6).map(UncoveredLines::lines).collect();
        let more = if file.uncovered.len() > lines.len() { ", …" } else { "" };
        format!("{}:{}{more}", file.path, lines.join(","))
    })
}

fn unmeasured(patch: &PatchRecord) -> impl Iterator<Item = String> + '_ {
    patch.not_measured.iter().map(|path| format!("{path}: not measured"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::coverage::{PatchFile, Share};
    use crate::model::gate::{Decision, Measure};
    use crate::model::gates::coverage::tests::at_least;

    fn patched(covered: u64, total: u64) -> PatchRecord {
        let share = Share { covered, total };
        let uncovered = UncoveredLines { start: 7, end: 9, code: None };
        let file = PatchFile { path: "src/lib.rs".to_owned(), share, uncovered: vec![uncovered] };
        PatchRecord {
            base: Some("origin/main".to_owned()),
            share,
            files: vec![file],
            ..PatchRecord::default()
        }
    }

    fn judged(patch: PatchRecord, percent: f64) -> Option<Gate> {
        let record = CoverageRecord { patch: Some(patch), ..CoverageRecord::default() };
        judge(&record, at_least(percent))
    }

    #[test]
    fn a_change_with_too_few_covered_lines_fails() {
        let gate = judged(patched(17, 20), 95.0).unwrap();
        assert_eq!((gate.verdict, gate.gap.as_deref()), (Decision::Fail, Some("2 lines more")));
        assert_eq!(gate.measured, Measure::Share { part: 17, whole: 20 });
        assert_eq!(gate.worst, ["src/lib.rs:7-9"]);
        assert_eq!(gate.reason, "85.0 % of changed lines ran, compared with origin/main");
        assert_eq!(judged(patched(17, 20), 85.0).unwrap().verdict, Decision::Pass);
    }

    #[test]
    fn a_change_without_code_passes_and_says_so() {
        let gate = judged(PatchRecord { files: Vec::new(), ..patched(0, 0) }, 95.0).unwrap();
        assert_eq!((gate.verdict, gate.measured), (Decision::Pass, Measure::Nothing));
        assert_eq!(gate.reason, "no changed line holds code, compared with origin/main");
    }

    #[test]
    fn a_change_that_nobody_measured_is_inconclusive() {
        let unknown = PatchRecord { not_measured: vec!["src/new.rs".to_owned()], ..patched(0, 0) };
        let gate = judged(unknown, 95.0).unwrap();
        assert_eq!(
            (gate.verdict, gate.worst),
            (Decision::Inconclusive, vec!["src/new.rs: not measured".to_owned()])
        );
        let shallow =
            PatchRecord { problem: Some("the clone is shallow".to_owned()), ..PatchRecord::default() };
        let gate = judged(shallow, 95.0).unwrap();
        assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Inconclusive, "the clone is shallow"));
        let nothing = CoverageRecord::default();
        assert_eq!(judge(&nothing, at_least(1.0)).unwrap().verdict, Decision::Inconclusive);
    }

    #[test]
    fn nothing_required_is_no_gate() {
        assert_eq!(judged(PatchRecord::default(), 0.0), None);
    }
}
