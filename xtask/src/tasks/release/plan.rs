//! `release plan`: which version comes next, why, and its notes.

use serde_json::json;

use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::kit::text::{plural, terminal, workflow_json, workflow_text};
use crate::model::release::Bump;
use crate::pipeline::Session;
use crate::pipeline::publish::{data, say};
use crate::pipeline::release::{Planned, plan};

/// Prints it.
pub(super) fn run(session: &Session, pre: Option<&str>, look: Look) -> Result<Exit, Failure> {
    let planned = plan(session, pre)?;
    let notes = match &planned.next {
        Some(next) => Some(planned.notes(session, next, &[])?),
        None => None,
    };
    if look.is_for_programs() {
        let event = json!({
            "event": "release-plan",
            "commit": planned.commit,
            "last": planned.last.stable.as_ref().map(|last| &last.tag),
            "manifest": planned.manifest,
            "next": planned.next,
            "changes": planned.changes.len(),
            "notes": notes.as_ref().map(|(text, _)| text),
            "notes_by": notes.as_ref().map(|(_, writer)| writer),
        });
        data(&(workflow_json(&event.to_string()) + "\n"));
        return Ok(Exit::Pass);
    }
    let safe = |text: &str| {
        let text = terminal(text);
        if look.actions { workflow_text(&text) } else { text }
    };
    say(&safe(&told(&planned)));
    if let Some((text, _)) = notes {
        data(&safe(&text));
    }
    Ok(Exit::Pass)
}

fn told(planned: &Planned) -> String {
    let since = match &planned.last.stable {
        Some(last) => format!("{} since {}", plural(planned.changes.len(), "change"), last.tag),
        None => format!("{} and no release yet", plural(planned.changes.len(), "change")),
    };
    let Some(next) = &planned.next else {
        return format!("nothing to release: {since}, and none of them asks for it");
    };
    let why = match planned.bump {
        Bump::Major => "users have to change something",
        Bump::Minor => "something is new",
        Bump::Patch => "something was mended",
        Bump::Nothing if planned.last.stable.is_some() => "nothing asks for it but Cargo.toml",
        Bump::Nothing => "the first one",
    };
    let manifest = &planned.manifest;
    let todo = if manifest == next {
        "Cargo.toml says so already: `cargo xtask release run` makes it once CI has passed".to_owned()
    } else {
        format!("Cargo.toml says {manifest}: set {next} there, and let CI pass")
    };
    format!("next: {next} ({since}; {why})\n{todo}\n")
}
