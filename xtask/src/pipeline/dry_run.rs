//! The plan as text: what would run, in which order, with commands that can be pasted into a shell.

use std::fmt::Write as _;

use serde_json::json;

use crate::kit::text::plural;
use crate::model::plan::Plan;
use crate::model::step::Skip;

/// Renders a plan.
#[must_use]
pub fn render(plan: &Plan, root: &std::path::Path) -> String {
    let mut text = format!("# {}\n", root.display());
    let (skipped, run): (Vec<_>, Vec<_>) = plan.steps.iter().partition(|step| step.skip.is_some());
    for step in &run {
        let said = |word: &str, ids: &[String]| match ids {
            [] => String::new(),
            ids => format!("; {word} {}", ids.join(", ")),
        };
        let (needs, after) = (said("needs", &step.needs), said("after", &step.after));
        let _ = writeln!(text, "\n# {}: {}{needs}{after}", step.id, step.title);
        for command in &step.commands {
            let _ = writeln!(text, "{command}");
        }
    }
    if !skipped.is_empty() {
        let _ = writeln!(text, "\n# {} skipped", plural(skipped.len(), "step"));
    }
    for step in skipped {
        let reason = step.skip.as_ref().map(Skip::reason).unwrap_or_default();
        let _ = writeln!(text, "# {}: {reason}", step.id);
    }
    text
}

/// The same for programs: one JSON object.
#[must_use]
pub fn json(plan: &Plan) -> String {
    let steps = plan.steps.iter().map(|step| {
        json!({
            "id": step.id,
            "title": step.title,
            "needs": step.needs,
            "after": step.after,
            "resource": step.resource,
            "timeout_ms": u64::try_from(step.timeout.as_millis()).unwrap_or(u64::MAX),
            "commands": step.commands.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "skip": step.skip.as_ref().map(Skip::reason),
        })
    });
    format!("{}\n", json!({"event": "plan", "steps": steps.collect::<Vec<_>>()}))
}
