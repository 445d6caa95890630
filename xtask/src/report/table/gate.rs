//! A gate that does not pass, told in full: what was measured, how far off it is, where, and what to do.

use super::look::{Look, of_decision, one_line, paint};
use super::wrap::{wrap, wrap_command};
use crate::kit::text::terminal;
use crate::model::gate::{Decision, Gate, Measure, Mode};
use crate::report::words;

const LABEL: usize = 13;

/// A few lines about the gate.
pub(super) fn told(gate: &Gate, look: Look) -> String {
    let mode = if gate.mode == Mode::ReportOnly { " (report-only)" } else { "" };
    let says = match gate.verdict {
        Decision::Pass => "passes",
        Decision::Inconclusive => "is inconclusive",
        Decision::Fail => "fails",
    };
    let head = format!("{} {says}{mode}: {}", gate.id, gate.reason);
    let head = wrap(&one_line(&head), look.width, "  ");
    // A word that is simply another word is not off by anything.
    let gap = gate.gap.as_ref().filter(|_| !matches!(gate.measured, Measure::Word(_)));
    let gap = gap.map(|gap| format!("; {gap}")).unwrap_or_default();
    let measured = format!("{}: {}; required: {}{gap}", gate.metric, words::value(gate), gate.required);
    let mut text = paint(head.trim_end(), &of_decision(gate.verdict), look) + "\n";
    text.push_str(&wrap(&format!("  {}", one_line(&measured)), look.width, "    "));
    for (place, worst) in gate.worst.iter().enumerate() {
        text.push_str(&labelled(if place == 0 { "worst" } else { "" }, worst, look));
    }
    if let Some(remedy) = &gate.remedy {
        text.push_str(&labelled("next", remedy, look));
    }
    if let Some(command) = &gate.reproduce {
        let head = format!("  {:width$}", "reproduce", width = LABEL - 2);
        text.push_str(&wrap_command(&head, &terminal(command), look.width));
    }
    text
}

pub(super) fn labelled(label: &str, told: &str, look: Look) -> String {
    let line = format!("  {label:width$}{}", one_line(told), width = LABEL - 2);
    wrap(&line, look.width, &" ".repeat(LABEL))
}
