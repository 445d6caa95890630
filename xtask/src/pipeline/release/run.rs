//! One step after the other: what is there is left alone, what is missing is done and looked at again.

use serde_json::json;

use super::steps::{STEPS, Step};
use super::stop::Stop;
use super::world::World;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::kit::text::{terminal, workflow_json, workflow_text};
use crate::model::release::{Standing, State, StepId};
use crate::pipeline::publish::{data, say};

/// Releases.
///
/// # Errors
/// When something must not be as it is, or cannot be done; what was done by then stays, and a resumed run goes on from there.
pub fn run(world: &mut World<'_>) -> Result<Exit, Failure> {
    world.say(&format!(
        "release {} of {} at {}",
        world.version,
        world.github.repository(),
        world.planned.commit
    ));
    world.write()?;
    for step in &STEPS {
        if world.session.request.interrupt.is_raised() {
            return Ok(Exit::Interrupted);
        }
        match one(world, step) {
            Ok(()) => {}
            Err(Stop::Told(exit)) => return Ok(exit),
            Err(Stop::Failure(failure)) => return Err(world.explained(failure)),
        }
    }
    let url = world.release.as_ref().map_or("", |release| release.url.as_str());
    world.say(&format!("released {}: {url}", world.version));
    Ok(Exit::Pass)
}

fn one(world: &mut World<'_>, step: &Step) -> Result<(), Stop> {
    let seen = (step.look)(world)?;
    if let Standing::Todo(lines) = &seen {
        world.keep(step.id, State::Begun)?;
        world.tell(step.id, "to do", lines);
        (step.act)(world)?;
        match (step.look)(world)? {
            // It was done, and the world says something else.
            Standing::Todo(left) => {
                let told = format!("`{}` was done, and does not show: {}", step.id.name(), left.join("; "));
                return Err(Failure::environment(told)
                    .hint("somebody else may be at work there; look, and resume")
                    .into());
            }
            Standing::Done(lines) => world.tell(step.id, "done", &lines),
            Standing::Skipped(reason) => world.tell(step.id, "skipped", &[reason]),
        }
    }
    match &seen {
        Standing::Done(lines) => world.tell(step.id, "there", lines),
        Standing::Skipped(reason) => world.tell(step.id, "skipped", std::slice::from_ref(reason)),
        Standing::Todo(_) => {}
    }
    let is_skipped = matches!(seen, Standing::Skipped(_));
    Ok(world.keep(step.id, if is_skipped { State::Skipped } else { State::Done })?)
}

/// Shows how each step stands, and does none.
///
/// # Errors
/// Never but for an end that somebody asked for: what is wrong is part of what is shown.
pub fn show(world: &mut World<'_>) -> Result<Exit, Failure> {
    let mut exit = Exit::Pass;
    let mut is_blocked = false;
    for step in &STEPS {
        if world.session.request.interrupt.is_raised() {
            return Ok(Exit::Interrupted);
        }
        let seen = (step.look)(world);
        let (state, lines) = match seen {
            Err(_) if is_blocked => ("after", vec!["it depends on the steps before it".to_owned()]),
            Ok(Standing::Done(lines)) => ("there", lines),
            Ok(Standing::Todo(lines)) => ("to do", lines),
            Ok(Standing::Skipped(reason)) => ("skipped", vec![reason]),
            Err(failure) => {
                is_blocked = true;
                exit = failure.exit();
                (
                    "blocked",
                    failure.to_string().lines().filter(|line| !line.is_empty()).map(str::to_owned).collect(),
                )
            }
        };
        if world.look.is_for_programs() {
            world.tell(step.id, state, &lines);
            continue;
        }
        let lines: Vec<String> = lines.iter().map(|line| format!("    {line}\n")).collect();
        let text = format!("{:8} {:8} {}\n{}", state, step.id.name(), step.id.title(), lines.concat());
        data(&world.safe(&text));
    }
    Ok(exit)
}

impl World<'_> {
    fn keep(&mut self, id: StepId, state: State) -> Result<(), Failure> {
        self.journal.steps.insert(id, state);
        self.write()
    }

    fn safe(&self, text: &str) -> String {
        let text = terminal(text);
        if self.look.actions { workflow_text(&text) } else { text }
    }

    fn say(&self, text: &str) {
        if !self.look.is_for_programs() {
            say(&self.safe(text));
        }
    }

    fn tell(&self, id: StepId, word: &str, lines: &[String]) {
        if self.look.is_for_programs() {
            let event = json!({ "event": "release", "step": id, "state": word, "told": lines });
            data(&(workflow_json(&event.to_string()) + "\n"));
        }
        for line in lines {
            self.say(&format!("  {:8} {word}: {line}", id.name()));
        }
    }

    /// With the way on.
    fn explained(&self, failure: Failure) -> Failure {
        if !self.journal.is_public() {
            return failure.hint("nothing was changed, and nobody has seen anything");
        }
        failure.hint(format!(
            "when that is mended, `cargo xtask release resume {}` goes on from here",
            self.version
        ))
    }
}
