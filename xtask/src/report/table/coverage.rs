//! Coverage on the terminal: what ran in all, the changed lines that did not, and the worst files.

use console::{Alignment, pad_str};

use super::look::{Look, one_line};
use super::wrap::wrap;
use crate::model::coverage::{CoverageRecord, PatchFile, UncoveredLines};
use crate::model::record::RunRecord;
use crate::report::{covered, words};

/// How many places are told.
const PLACES: usize = 5;

/// Columns of the names, and of the shares.
const NAME: usize = 15;
const SHARE: usize = 12;

/// A few lines; empty when nothing was measured.
pub(super) fn coverage(record: &RunRecord, look: Look) -> String {
    let Some(coverage) = &record.coverage else { return String::new() };
    let rows = covered::rows(coverage).into_iter().map(|row| (row.what.to_owned(), row.share, row.counts));
    let head = ("coverage".to_owned(), "share".to_owned(), "covered".to_owned());
    // On a narrow terminal there is no room for columns.
    let indent = " ".repeat(if look.width < 3 * NAME + SHARE { 4 } else { NAME + SHARE + 2 });
    let lines = [head].into_iter().chain(rows).map(|(what, share, counts)| {
        let what = pad_str(&what, NAME, Alignment::Left, None).into_owned();
        let share = pad_str(&share, SHARE, Alignment::Right, None).into_owned();
        (format!("{what}{share}  {}", one_line(&counts)), indent.as_str())
    });
    let told = covered::measured_by(coverage).into_iter().chain(coverage.notes.iter().cloned());
    let told = told.map(|told| (one_line(&told), "  "));
    let mut text: String = lines.chain(told).map(|(line, indent)| wrap(&line, look.width, indent)).collect();
    let changed: Vec<String> = covered::uncovered(coverage).into_iter().map(place).collect();
    text.push_str(&list("changed lines that never ran:", &changed, look));
    text + &list("worst files:", &worst(coverage), look)
}

fn list(head: &str, places: &[String], look: Look) -> String {
    if places.is_empty() {
        return String::new();
    }
    let mut text = wrap(head, look.width, "  ");
    for place in places.iter().take(PLACES) {
        text.push_str(&wrap(&format!("  {}", one_line(place)), look.width, "    "));
    }
    if places.len() > PLACES {
        text.push_str(&wrap(&format!("  {}", words::more(places.len() - PLACES)), look.width, "    "));
    }
    text
}

/// `src/lib.rs:7-9,12`.
fn place(file: &PatchFile) -> String {
    let lines: Vec<String> = file.uncovered.iter().map(UncoveredLines::lines).collect();
    format!("{}:{}", file.path, lines.join(","))
}

fn worst(coverage: &CoverageRecord) -> Vec<String> {
    let files = covered::worst(coverage).into_iter();
    let told = |path: &str, lines| format!("{path}: {}", covered::missed(lines));
    files.map(|file| told(&file.path, file.totals.lines)).collect()
}
