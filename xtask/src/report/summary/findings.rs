//! Findings, a group for each step, the worst first.

use std::fmt::Write as _;

use super::detail::Detail;
use crate::model::finding::Finding;
use crate::model::record::RunRecord;
use crate::report::{pick, words};

/// The findings of each step. The items of the detail are shared out by order: the worst groups first.
pub(super) fn findings(record: &RunRecord, detail: Detail) -> String {
    let Some(counts) = words::findings(&record.findings) else { return String::new() };
    let mut text = format!("### {counts}\n\n");
    let mut room = detail.items;
    for (step, group) in pick::findings_by_step(record) {
        if room == 0 {
            break;
        }
        let counts = words::findings(group.iter().copied()).unwrap_or_default();
        let _ = writeln!(text, "**{}**, {counts}\n", detail.code(step));
        for finding in group.iter().take(room) {
            text.push_str(&item(finding, detail));
        }
        text.push('\n');
        room = room.saturating_sub(group.len());
    }
    detail.rest(record.findings.len(), text)
}

fn item(finding: &Finding, detail: Detail) -> String {
    let rule = detail.linked(&finding.rule, finding.url.as_deref());
    let place = finding.location.as_ref().map(|_| format!(" at {}", detail.code(&finding.place())));
    let (level, message) = (finding.level.word(), detail.text(&finding.message));
    format!("- {level} {rule}{}: {message}\n", place.unwrap_or_default())
}
