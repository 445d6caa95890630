//! What several reports say of coverage, so that all of them say the same. Nothing here is escaped: each renderer
//! escapes for its own target.

use crate::kit::text::plural;
use crate::model::coverage::{CoverageRecord, FileCoverage, Metric, PatchFile, PatchRecord, Share};

/// The pages with every line, relative to the reports folder.
pub(crate) const PAGES: &str = "htmlcov/index.html";

/// A line of the table of coverage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// What is covered: `lines`, `changed lines`.
    pub(crate) what: &'static str,
    /// Its share: `91.2 %`, `not measured`.
    pub(crate) share: String,
    /// The counts, or why there are none.
    pub(crate) counts: String,
}

/// `measured by embedded: no LLVM tool is needed`; none when the record does not say.
pub(crate) fn measured_by(coverage: &CoverageRecord) -> Option<String> {
    match (coverage.backend.name.as_str(), coverage.backend.reason.as_str()) {
        ("", _) => None,
        (name, "") => Some(format!("measured by {name}")),
        (name, reason) => Some(format!("measured by {name}: {reason}")),
    }
}

/// `91.2 % of 1,000 lines ran`.
pub(crate) fn headline(coverage: &CoverageRecord) -> String {
    let lines = coverage.totals.lines;
    match lines.total {
        0 => format!("no lines were measured: {}", Metric::Lines.absence()),
        total => format!("{} of {} ran", lines.told(), Metric::Lines.count(total)),
    }
}

/// Everything that was measured, the changed lines and the run before included.
pub(crate) fn rows(coverage: &CoverageRecord) -> Vec<Row> {
    let total = |metric: Metric| {
        let share = coverage.totals.of(metric);
        let counts = if share.total == 0 { metric.absence().to_owned() } else { counts(share) };
        Row { what: metric.noun(), share: share.told(), counts }
    };
    let mut rows: Vec<Row> = Metric::ALL.map(total).into();
    rows.extend(coverage.patch.as_ref().map(changed));
    rows.extend(coverage.baseline.as_ref().map(|baseline| {
        let commit = baseline.commit.iter().map(|commit| commit.chars().take(10).collect::<String>());
        let of = commit.map(|commit| format!("{} at {commit}", counts(baseline.lines))).next();
        let counts = baseline.problem.clone().or(of).unwrap_or_else(|| counts(baseline.lines));
        Row { what: "lines before", share: baseline.lines.told(), counts }
    }));
    rows
}

fn changed(patch: &PatchRecord) -> Row {
    let base = patch.base.as_ref().map(|base| format!(", compared with {base}")).unwrap_or_default();
    let counts = match (&patch.problem, patch.share.total, patch.not_measured.len()) {
        (Some(problem), ..) => problem.clone(),
        (None, 0, 0) => format!("no changed line holds code{base}"),
        (None, 0, files) => format!("{} with changes not measured{base}", plural(files, "file")),
        (None, _, 0) => format!("{}{base}", counts(patch.share)),
        (None, _, files) => {
            format!("{}, {} not measured{base}", counts(patch.share), plural(files, "file"))
        }
    };
    let nothing = patch.problem.is_none() && patch.share.total == 0 && patch.not_measured.is_empty();
    let share = if nothing { "none".to_owned() } else { patch.share.told() };
    Row { what: "changed lines", share, counts }
}

/// `912 of 1,000`.
fn counts(share: Share) -> String {
    let number = |count: u64| crate::kit::text::thousands(usize::try_from(count).unwrap_or(usize::MAX));
    format!("{} of {}", number(share.covered), number(share.total))
}

/// Files with changed lines that never ran, the worst first.
pub(crate) fn uncovered(coverage: &CoverageRecord) -> Vec<&PatchFile> {
    let files = coverage.patch.iter().flat_map(|patch| &patch.files);
    files.filter(|file| !file.uncovered.is_empty()).collect()
}

/// The files with the most lines that never ran, the worst first.
pub(crate) fn worst(coverage: &CoverageRecord) -> Vec<&FileCoverage> {
    coverage.worst(Metric::Lines)
}

/// `12 of 40 lines never ran`.
pub(crate) fn missed(share: Share) -> String {
    let missed = crate::kit::text::thousands(usize::try_from(share.missed()).unwrap_or(usize::MAX));
    format!("{missed} of {} never ran", Metric::Lines.count(share.total))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::sample;

    fn told(coverage: &CoverageRecord) -> Vec<String> {
        rows(coverage).into_iter().map(|row| format!("{}: {}, {}", row.what, row.share, row.counts)).collect()
    }

    #[test]
    fn the_sample_is_told_in_rows() {
        let coverage = sample().coverage.unwrap();
        assert_eq!(headline(&coverage), "83.4 % of 1,200 lines ran");
        let expected = [
            "lines: 83.4 %, 1,001 of 1,200",
            "functions: 90.0 %, 90 of 100",
            "regions: 80.0 %, 1,600 of 2,000",
            "branches: not measured, the stable compiler emits no branches",
            "changed lines: 70.0 %, 14 of 20, 1 file not measured, compared with main at aaaaaaaaaa",
            "lines before: 84.0 %, 1,008 of 1,200 at bbbbbbbbbb",
        ];
        assert_eq!(told(&coverage), expected);
    }

    #[test]
    fn what_is_not_known_is_no_number() {
        let mut coverage = sample().coverage.unwrap();
        let problem = Some("the clone is shallow".to_owned());
        coverage.patch = Some(PatchRecord { problem, ..PatchRecord::default() });
        assert!(told(&coverage).contains(&"changed lines: not measured, the clone is shallow".to_owned()));
        coverage.patch = Some(PatchRecord::default());
        assert!(told(&coverage).contains(&"changed lines: none, no changed line holds code".to_owned()));
        assert_eq!(
            headline(&CoverageRecord::default()),
            "no lines were measured: no measured file holds code"
        );
    }
}
