//! What a run's coverage is compared with: the lines that the change touches, and what earlier runs covered.

use std::collections::BTreeSet;
use std::path::Path;

use slipway_coverage::Coverage;
use slipway_coverage::baseline::Baselines;
use slipway_coverage::patch::{Diff, PatchCoverage, PatchFile};

use super::Session;
use crate::model::coverage::{self as model, BaselineRecord, CoverageRecord, PatchRecord, UncoveredLines};
use crate::model::percent::Percent;
use crate::tools::{files, git};

mod code;

use code::{Budget, holds_functions};

/// Adds to the record how coverage compares, and gives the change when it is known.
///
/// `counts` tells by its path whether a file is meant to be measured: a change of a test is no change that nobody tested.
pub fn compare(
    session: &Session,
    coverage: &Coverage,
    counts: &dyn Fn(&str) -> bool,
    record: &mut CoverageRecord,
) -> Option<Diff> {
    let (patch, diff) = patch(session, coverage, counts);
    record.patch = Some(patch);
    if let Some((baseline, vanished)) = baseline(session, coverage, counts) {
        record.baseline = Some(baseline);
        record.vanished = vanished;
    }
    diff
}

fn patch(
    session: &Session,
    coverage: &Coverage,
    counts: &dyn Fn(&str) -> bool,
) -> (PatchRecord, Option<Diff>) {
    let bases = session.context.bases(&session.settings().coverage.patch.base);
    let changes = git::changes(&session.supervisor, &session.git, &bases, &endings(coverage));
    let base = changes.base;
    let diff = match changes.lines {
        Ok(diff) => diff,
        Err(problem) => {
            return (PatchRecord { base, problem: Some(problem), ..PatchRecord::default() }, None);
        }
    };
    let root = &session.workspace.root;
    let mut patched = PatchCoverage::of(&diff, coverage);
    patched.not_measured.retain(|path| {
        counts(path) && files::read(&root.join(path)).is_ok_and(|text| holds_functions(&text))
    });
    let mut in_order: Vec<&PatchFile> =
        patched.files.iter().filter(|file| file.share.is_measured()).collect();
    in_order.sort_by_key(|file| std::cmp::Reverse(file.share.missed()));
    let mut budget = Budget::default();
    let record = PatchRecord {
        base,
        problem: None,
        share: patched.share().into(),
        not_coverable: patched.not_coverable(),
        files: in_order.into_iter().map(|file| told(root, file, &mut budget)).collect(),
        not_measured: patched.not_measured,
    };
    (record, Some(diff))
}

/// How the names of the files end that may hold coverage: others need not be asked for.
fn endings(coverage: &Coverage) -> BTreeSet<String> {
    let measured = coverage.files.keys().filter_map(|path| Path::new(path).extension());
    measured.map(|ending| ending.to_string_lossy().into_owned()).chain(["rs".to_owned()]).collect()
}

fn told(root: &Path, file: &PatchFile, budget: &mut Budget) -> model::PatchFile {
    let text = if file.uncovered.is_empty() { None } else { files::read(&root.join(&file.path)).ok() };
    let lines: Vec<&str> = text.iter().flat_map(|text| text.lines()).collect();
    let uncovered = file.uncovered.iter().map(|range| UncoveredLines {
        start: range.start,
        end: range.end,
        code: budget.code(&lines, *range),
    });
    model::PatchFile { path: file.path.clone(), share: file.share.into(), uncovered: uncovered.collect() }
}

/// How lines compare with the file of earlier runs, and the files that vanished; none when there is no such file.
fn baseline(
    session: &Session,
    coverage: &Coverage,
    counts: &dyn Fn(&str) -> bool,
) -> Option<(BaselineRecord, Vec<String>)> {
    let root = &session.workspace.root;
    let path = session.settings().coverage.baseline.as_str();
    let read = match files::read_if_there(&root.join(path)) {
        Ok(text) => Baselines::read(&text?).map_err(|error| format!("{path}: {error}")),
        Err(error) => Err(error.to_string()),
    };
    match read {
        Ok(baselines) => {
            let vanished = baselines.vanished(coverage, |path| counts(path) && root.join(path).is_file());
            Some((compared(path, &baselines), vanished))
        }
        Err(problem) => {
            let nothing = compared(path, &Baselines::default());
            Some((BaselineRecord { problem: Some(problem), ..nothing }, Vec::new()))
        }
    }
}

/// What a record says of a file of baselines.
fn compared(path: &str, baselines: &Baselines) -> BaselineRecord {
    let newest = baselines.newest();
    BaselineRecord {
        path: path.to_owned(),
        commit: newest.and_then(|newest| newest.commit.clone()),
        entries: baselines.entries().len() as u64,
        lines: newest.map(|newest| newest.totals.lines.into()).unwrap_or_default(),
        best: baselines.best().and_then(|best| Percent::of(best.covered, best.total)),
        noise: Percent::from_thousandths(baselines.noise().into()),
        problem: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use slipway_coverage::baseline::{Baseline, KEEP};
    use slipway_coverage::{FileCoverage, Share, Totals};

    use super::*;

    #[test]
    fn rust_is_asked_for_and_whatever_was_measured() {
        let files =
            ["src/lib.rs", "csrc/a.c", "Makefile"].map(|path| (path.to_owned(), FileCoverage::default()));
        assert_eq!(endings(&Coverage { files: files.into() }), ["c", "rs"].map(ToOwned::to_owned).into());
    }

    #[test]
    fn the_best_run_is_no_higher_than_it_was() {
        let mut baselines = Baselines::default();
        let totals = Totals { lines: Share { covered: 2, total: 3 }, ..Totals::default() };
        let time = "2026-01-02T03:04:05Z".to_owned();
        baselines.push(Baseline { commit: None, time, totals, files: BTreeMap::new() }, KEEP);
        let record = compared("b.json", &baselines);
        assert_eq!(
            record.best.unwrap().to_string(),
            "66.666 %",
            "rounded up, the same run would fail the ratchet"
        );
        assert_eq!((record.entries, record.noise), (1, Percent::NONE));
    }
}
