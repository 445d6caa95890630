//! Steps: those in trouble with what they said last, then all of them; and the notes of the run.

use std::fmt::Write as _;

use super::detail::Detail;
use crate::kit::text::{code_block, plural};
use crate::model::record::{RunRecord, StepRecord};
use crate::model::step::Status;
use crate::report::{pick, words};

/// Each step that ran and did not pass: why, what it said last, and how to see it again.
pub(super) fn troubled(record: &RunRecord, detail: Detail) -> String {
    let ran = |step: &&StepRecord| step.status != Status::Cancelled;
    let all: Vec<&StepRecord> = pick::troubled_steps(record).into_iter().filter(ran).collect();
    detail.list(&format!("{} did not pass", plural(all.len(), "step")), &all, |step| told(step, detail))
}

fn told(step: &StepRecord, detail: Detail) -> String {
    let (id, status) = (detail.code(&step.id), step.status.word());
    let why = step.reason.as_ref().map(|reason| format!(": {}", detail.text(reason))).unwrap_or_default();
    let mut text = format!("**{id}** {status} after {}{why}\n", words::step_time(step));
    if let Some(excerpt) = &step.excerpt {
        text.push_str(&detail.output("Last lines of its output", excerpt));
    }
    let commands = step.commands.join("\n");
    if detail.lines > 0 && !commands.is_empty() && commands.len() <= detail.output {
        let _ = write!(text, "\nTo see it again:\n\n{}", code_block(&commands));
    }
    text + "\n"
}

/// All steps with their times, and why they were skipped.
pub(super) fn steps(record: &RunRecord, detail: Detail) -> String {
    let steps: Vec<&StepRecord> = record.steps.iter().filter(|step| !words::is_unasked(step)).collect();
    if steps.is_empty() {
        return String::new();
    }
    let mut text = "### Steps\n\n".to_owned();
    if detail.items > 0 {
        text.push_str("| step | result | time | why |\n|---|---|--:|---|\n");
    }
    for step in steps.iter().take(detail.items) {
        let (id, why) = (detail.code(&step.id), detail.text(&words::why(step)));
        let _ = writeln!(text, "| {id} | {} | {} | {why} |", step.status.word(), words::step_time(step));
    }
    detail.rest(steps.len(), text)
}

/// What a reader should know.
pub(super) fn notes(record: &RunRecord, detail: Detail) -> String {
    detail
        .list(&plural(record.notes.len(), "note"), &record.notes, |note| format!("- {}\n", detail.text(note)))
}
