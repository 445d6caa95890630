//! The table of gates, and below it what to do about those that do not pass.

use std::fmt::Write as _;

use super::detail::Detail;
use crate::kit::text::code_block;
use crate::model::gate::Gate;
use crate::model::record::RunRecord;
use crate::report::{pick, words};

/// The gates, the worst first; what does not fit into the bytes for rows is counted.
pub(super) fn gates(record: &RunRecord, detail: Detail) -> String {
    let gates = pick::gates(record);
    if gates.is_empty() {
        return String::new();
    }
    let mut text = "| gate | measured | required | verdict | mode |\n|---|---|---|---|---|\n".to_owned();
    let (mut used, mut shown) = (0, 0);
    for gate in &gates {
        let row = row(gate, detail);
        if used + row.len() > detail.rows {
            break;
        }
        used += row.len();
        shown += 1;
        text.push_str(&row);
    }
    if shown < gates.len() {
        let _ = writeln!(text, "\n{}", words::more(gates.len() - shown));
    }
    for gate in pick::open_gates(record).into_iter().take(detail.items) {
        text.push_str(&remedy(gate, detail));
    }
    text
}

fn row(gate: &Gate, detail: Detail) -> String {
    // No cell needs more: the words are ours, but for ids and for the names of words measured.
    let detail = Detail { text: detail.text.min(80), ..detail };
    let (measured, metric) = words::measured(gate);
    let cells = [
        detail.code(&gate.id),
        detail.text(&format!("{measured} {metric}")),
        detail.text(&gate.required),
        format!("**{}**", gate.verdict.word()),
        gate.mode.word().to_owned(),
    ];
    format!("| {} |\n", cells.join(" | "))
}

fn remedy(gate: &Gate, detail: Detail) -> String {
    let (id, verdict) = (detail.code(&gate.id), gate.verdict.word());
    let gap = gate.gap.as_ref().map(|gap| format!(" ({})", detail.text(gap))).unwrap_or_default();
    let mut text = format!("\n**{id} {verdict}**: {}{gap}", detail.text(&gate.reason));
    if let Some(remedy) = &gate.remedy {
        let _ = write!(text, ". Next: {}", detail.text(remedy));
    }
    text.push_str("\n\n");
    for worst in gate.worst.iter().take(detail.items) {
        let _ = writeln!(text, "- {}", detail.code(worst));
    }
    let fits = |command: &&String| detail.lines > 0 && command.len() <= detail.output;
    if let Some(command) = gate.reproduce.as_ref().filter(fits) {
        let _ = write!(text, "\nTo see it again:\n\n{}", code_block(command));
    }
    text
}
