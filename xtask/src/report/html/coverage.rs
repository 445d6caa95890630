//! Coverage on the page: what ran in all, the changed lines that did not with their code, and the worst files.

use serde::Serialize;

use super::pieces::clean;
use crate::kit::text::plural;
use crate::model::coverage::{PatchFile, UncoveredLines};
use crate::model::record::RunRecord;
use crate::report::covered;

/// Files with a row; the coverage pages have all.
const FILES: usize = 25;

/// Files with changed lines that are shown.
const CHANGED: usize = 100;

#[derive(Serialize)]
pub(super) struct Coverage {
    headline: String,
    measured_by: Option<String>,
    pages: &'static str,
    rows: Vec<Row>,
    changed: Vec<Changed>,
    more_changed: Option<String>,
    not_measured: Vec<String>,
    worst: Vec<File>,
    more_files: Option<String>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    what: &'static str,
    share: String,
    counts: String,
}

#[derive(Serialize)]
struct Changed {
    path: String,
    told: String,
    places: Vec<Place>,
}

#[derive(Serialize)]
struct Place {
    lines: String,
    code: Option<String>,
}

#[derive(Serialize)]
struct File {
    path: String,
    package: Option<String>,
    share: String,
    missed: String,
}

/// None when nothing was measured.
pub(super) fn coverage(record: &RunRecord) -> Option<Coverage> {
    let coverage = record.coverage.as_ref()?;
    let rows = covered::rows(coverage).into_iter();
    let (uncovered, worst) = (covered::uncovered(coverage), covered::worst(coverage));
    let more = |all: usize, shown: usize, noun: &str| {
        let left = all.saturating_sub(shown);
        (left > 0).then(|| format!("{} more on the coverage pages", plural(left, noun)))
    };
    Some(Coverage {
        headline: covered::headline(coverage),
        measured_by: covered::measured_by(coverage).map(|told| clean(&told)),
        pages: covered::PAGES,
        rows: rows.map(|row| Row { what: row.what, share: row.share, counts: clean(&row.counts) }).collect(),
        more_changed: more(uncovered.len(), CHANGED, "file"),
        changed: uncovered.into_iter().take(CHANGED).map(changed).collect(),
        not_measured: coverage
            .patch
            .iter()
            .flat_map(|patch| &patch.not_measured)
            .map(|path| clean(path))
            .collect(),
        more_files: more(worst.len(), FILES, "file"),
        worst: worst
            .into_iter()
            .take(FILES)
            .map(|file| File {
                path: clean(&file.path),
                package: file.package.as_deref().map(clean),
                share: file.totals.lines.told(),
                missed: covered::missed(file.totals.lines),
            })
            .collect(),
        notes: coverage.notes.iter().map(|note| clean(note)).collect(),
    })
}

fn changed(file: &PatchFile) -> Changed {
    let place =
        |lines: &UncoveredLines| Place { lines: lines.lines(), code: lines.code.as_deref().map(clean) };
    Changed {
        path: clean(&file.path),
        told: format!("{} of {}", file.share.missed(), file.share.total),
        places: file.uncovered.iter().map(place).collect(),
    }
}
