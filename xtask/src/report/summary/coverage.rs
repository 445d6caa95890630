//! Coverage: what ran in all, the changed lines that did not, and the files with the most of them.

use std::fmt::Write as _;

use super::detail::Detail;
use crate::kit::text::code_block;
use crate::model::coverage::{CoverageRecord, PatchFile, UncoveredLines};
use crate::model::record::RunRecord;
use crate::report::covered;

/// How many of the worst files are told.
const WORST: usize = 10;

/// Totals, changed lines that never ran with their code, and the worst files; empty when nothing was measured.
pub(super) fn coverage(record: &RunRecord, detail: Detail) -> String {
    let Some(coverage) = &record.coverage else { return String::new() };
    let mut text = format!("### Coverage: {}\n\n", covered::headline(coverage));
    if detail.items == 0 {
        return text;
    }
    text.push_str("| | share | covered |\n|---|--:|---|\n");
    for row in covered::rows(coverage) {
        let _ = writeln!(text, "| {} | {} | {} |", row.what, row.share, detail.text(&row.counts));
    }
    let told: Vec<String> =
        covered::measured_by(coverage).into_iter().chain(coverage.notes.iter().cloned()).collect();
    text.push('\n');
    for told in told.iter().take(detail.items) {
        let _ = writeln!(text, "- {}", detail.text(told));
    }
    text + &changed(coverage, detail) + &worst(coverage, detail)
}

fn changed(coverage: &CoverageRecord, detail: Detail) -> String {
    let files = covered::uncovered(coverage);
    let places: Vec<(&PatchFile, &UncoveredLines)> =
        files.iter().flat_map(|file| file.uncovered.iter().map(|lines| (*file, lines))).collect();
    if places.is_empty() {
        return String::new();
    }
    let mut text = "\n**Changed lines that never ran**\n\n".to_owned();
    for (file, lines) in places.iter().take(detail.items) {
        let _ = writeln!(text, "- {}", detail.code(&format!("{}:{}", file.path, lines.lines())));
        let fits = |code: &&String| code.lines().count() <= detail.lines && code.len() <= detail.output;
        if let Some(code) = lines.code.as_ref().filter(fits) {
            let _ = write!(text, "\n{}\n", code_block(code));
        }
    }
    detail.rest(places.len(), text)
}

fn worst(coverage: &CoverageRecord, detail: Detail) -> String {
    let files = covered::worst(coverage);
    if files.is_empty() {
        return String::new();
    }
    let mut text = "\n| file | lines | |\n|---|--:|---|\n".to_owned();
    for file in files.iter().take(WORST.min(detail.items)) {
        let lines = file.totals.lines;
        let _ =
            writeln!(text, "| {} | {} | {} |", detail.code(&file.path), lines.told(), covered::missed(lines));
    }
    text
}
