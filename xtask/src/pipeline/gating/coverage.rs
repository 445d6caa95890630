//! The gates on coverage: which thresholds are set, and in which mode each of them holds.

use globset::GlobMatcher;

use crate::model::coverage::{CoverageRecord, Metric};
use crate::model::gate::{Gate, Mode};
use crate::model::gates::Measured;
use crate::model::gates::coverage::drop::{Allowed, Ratchet};
use crate::model::gates::coverage::parts::{self, Parts};
use crate::model::gates::coverage::{Threshold, drop, measured, patch, total, vanished};
use crate::model::percent::Percent;
use crate::model::step::Status;
use crate::settings::{Coverage, FileThreshold, Settings};

/// Whether tests ran beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alone {
    /// Nothing else is judged.
    Yes,
    /// Tests ran.
    No,
}

/// Judges what the step that measures brought back; nothing when it did not run.
pub(super) fn judge(suites: &[Measured<'_>], alone: Alone, settings: &Settings) -> Vec<Gate> {
    let wanted = &settings.coverage;
    if suites.is_empty() {
        return Vec::new();
    }
    let record = suites.iter().find_map(|suite| suite.outcome.facts.coverage.as_ref());
    let missing = why_missing(suites);
    if alone == Alone::Yes {
        let gate = measured::judge(record.ok_or(&missing), wanted.mode);
        return [gate]
            .into_iter()
            .chain(record.into_iter().flat_map(|record| of_record(record, wanted)))
            .collect();
    }
    if let Some(record) = record {
        return of_record(record, wanted);
    }
    // A record of nothing says which gates there would be.
    let waiting = of_record(&CoverageRecord::default(), wanted);
    measured::missing(&waiting, &missing).into_iter().collect()
}

fn of_record(record: &CoverageRecord, wanted: &Coverage) -> Vec<Gate> {
    let mode = |own: Mode| wanted.mode.and(own);
    let mut gates: Vec<Gate> = totals(wanted)
        .into_iter()
        .filter_map(|(metric, own)| total::judge(record, metric, Threshold { mode: mode(own.mode), ..own }))
        .collect();
    if !wanted.package.min.is_none() {
        let min = |_: &str| wanted.package.min;
        gates.push(parts::judge(record, Parts::Packages, mode(wanted.package.mode), &min));
    }
    if wanted.file.is_set() {
        gates.push(parts::judge(record, Parts::Files, mode(wanted.file.mode), &min_of(&wanted.file)));
    }
    gates.extend(patch::judge(record, Threshold { min: wanted.patch.min, mode: mode(wanted.patch.mode) }));
    let allowed = Allowed {
        drop: wanted.drop.max,
        ratchet: if wanted.drop.ratchet { Ratchet::On } else { Ratchet::Off },
        mode: mode(wanted.drop.mode),
    };
    gates.extend(drop::judge(record, allowed));
    gates.extend(vanished::judge(record));
    gates
}

fn totals(wanted: &Coverage) -> [(Metric, Threshold); 4] {
    Metric::ALL.map(|metric| {
        let own = match metric {
            Metric::Lines => &wanted.lines,
            Metric::Functions => &wanted.functions,
            Metric::Regions => &wanted.regions,
            Metric::Branches => &wanted.branches,
        };
        (metric, Threshold { min: own.min, mode: own.mode })
    })
}

/// What is required of a file: by the last glob that matches it, or else what is required of all.
fn min_of(wanted: &FileThreshold) -> impl Fn(&str) -> Percent {
    let globs = wanted.overrides.iter().rev();
    let globs: Vec<(GlobMatcher, Percent)> =
        globs.map(|other| (other.glob.glob().compile_matcher(), other.min)).collect();
    let usual = wanted.min;
    move |path| globs.iter().find(|(glob, _)| glob.is_match(path)).map_or(usual, |(_, min)| *min)
}

/// Why no step brought coverage back: what stopped the tests, if anything did.
fn why_missing(suites: &[Measured<'_>]) -> String {
    let stopped = suites.iter().find(|suite| suite.outcome.status != Status::Passed);
    let reason = stopped.map(|suite| format!(": {}", suite.reason())).unwrap_or_default();
    format!("coverage was not measured{reason}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::coverage::tests::record;
    use crate::model::facts::Facts;
    use crate::model::gate::Decision;
    use crate::model::gates::outcome::tests::step;
    use crate::model::step::Outcome;
    use crate::settings::{File, Sources, load};

    fn settings(text: &str) -> Settings {
        let file = Some(File { path: "slipway.toml", text });
        load(&Sources { file, env: &BTreeMap::new(), flags: &[] }).unwrap().settings
    }

    fn judged(outcome: &Outcome, text: &str) -> Vec<(String, Decision, Mode)> {
        let step = step("coverage.report");
        let suites = [Measured { step: &step, outcome, mode: Mode::Block }];
        let gates = judge(&suites, Alone::No, &settings(text));
        gates.into_iter().map(|gate| (gate.id, gate.verdict, gate.mode)).collect()
    }

    fn measured() -> Outcome {
        let coverage = Some(record(&[("a/src/lib.rs", 9, 10), ("b/src/lib.rs", 1, 2)]));
        Outcome::new(Status::Passed, Facts { coverage, ..Facts::default() })
    }

    #[test]
    fn by_default_nothing_is_required() {
        assert_eq!(judged(&measured(), ""), []);
    }

    #[test]
    fn each_threshold_is_a_gate_with_its_own_mode() {
        let text = "[coverage]\nlines.min = 90\npackage.min = 50\nfile.min = 60\nfunctions.min = 1\n\
                    patch.min = 1\ndrop.max = 1\nfile.mode = 'report-only'";
        let expected = [
            ("coverage.lines", Decision::Fail, Mode::Block),
            ("coverage.functions", Decision::Inconclusive, Mode::Block),
            ("coverage.package", Decision::Pass, Mode::Block),
            ("coverage.file", Decision::Fail, Mode::ReportOnly),
            ("coverage.patch", Decision::Inconclusive, Mode::Block),
            ("coverage.drop", Decision::Inconclusive, Mode::Block),
        ];
        assert_eq!(
            judged(&measured(), text),
            expected.map(|(id, verdict, mode)| (id.to_owned(), verdict, mode))
        );
        let lowered = judged(&measured(), &format!("{text}\nmode = 'report-only'"));
        assert!(lowered.iter().all(|(.., mode)| *mode == Mode::ReportOnly));
    }

    #[test]
    fn the_last_glob_that_matches_holds() {
        let text = "[coverage.file]\nmin = 90\n\
                    overrides = [{ glob = 'b/**', min = 0 }, { glob = 'b/src/*.rs', min = 50 }]";
        assert_eq!(judged(&measured(), text)[0].1, Decision::Pass);
        assert_eq!(judged(&measured(), &text.replace("50", "51"))[0].1, Decision::Fail);
    }

    #[test]
    fn tests_that_brought_nothing_are_inconclusive_where_something_is_required() {
        let broken = Outcome::because(Status::Failed, "the tests do not compile");
        let text = "[coverage]\nlines.min = 1\npatch.min = 1";
        let expected = ("coverage.measured".to_owned(), Decision::Inconclusive, Mode::Block);
        assert_eq!(judged(&broken, text), [expected], "one gate, as there is one reason");
        assert_eq!(judged(&broken, ""), []);
        assert_eq!(judge(&[], Alone::No, &settings("coverage.lines.min = 1")), []);
    }

    #[test]
    fn coverage_alone_must_have_measured_something() {
        let step = step("coverage.report");
        let judged = |outcome: &Outcome| {
            let suites = [Measured { step: &step, outcome, mode: Mode::Block }];
            judge(&suites, Alone::Yes, &settings("")).into_iter().map(|gate| gate.verdict).collect::<Vec<_>>()
        };
        assert_eq!(judged(&measured()), [Decision::Pass]);
        let nothing = Outcome::because(Status::Inconclusive, "the tracefile holds no source file");
        assert_eq!(judged(&nothing), [Decision::Inconclusive]);
    }
}
