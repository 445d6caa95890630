//! Findings, a group for each step: the new ones first where somebody knows which are, and then the worst.

use std::fmt::Write as _;

use super::detail::Detail;
use crate::kit::text::thousands;
use crate::model::against::Base;
use crate::model::finding::Finding;
use crate::model::record::RunRecord;
use crate::report::{pick, words};

/// The findings of each step. The items of the detail are shared out by order: groups with new ones first, then the worst.
pub(super) fn findings(record: &RunRecord, base: Option<&Base>, detail: Detail) -> String {
    let Some(counts) = words::findings(&record.findings) else { return String::new() };
    let is_new = |place: usize| base.and_then(|base| base.is_new(place)) == Some(true);
    let new = (0..record.findings.len()).filter(|place| is_new(*place)).count();
    let new = if new == 0 { String::new() } else { format!(", {} new", thousands(new)) };
    let mut text = format!("### {counts}{new}\n\n");
    let mut room = detail.items;
    let mut groups = pick::findings_by_step(record);
    for (_, group) in &mut groups {
        group.sort_by_key(|(place, _)| !is_new(*place));
    }
    groups.sort_by_key(|(_, group)| !group.iter().any(|(place, _)| is_new(*place)));
    for (step, group) in groups {
        if room == 0 {
            break;
        }
        let counts = words::findings(group.iter().map(|(_, finding)| *finding)).unwrap_or_default();
        let _ = writeln!(text, "**{}**, {counts}\n", detail.code(step));
        for (place, finding) in group.iter().take(room) {
            text.push_str(if is_new(*place) { "- **new** " } else { "- " });
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
    format!("{level} {rule}{}: {message}\n", place.unwrap_or_default())
}
