//! Carries out a plan: order, parallelism, time limits, interruption. Does not know what a step means.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

mod bench;
mod log;

pub use bench::Bench;

use crate::model::command::CommandLine;
use crate::model::facts::Facts;
use crate::model::plan::Plan;
use crate::model::progress::{Progress, Sink};
use crate::model::step::{Outcome, Resource, Status, Step};
use crate::tools::process::Supervisor;

/// The work of one step.
pub type Work<'a> = Box<dyn FnOnce(&Bench<'_>) -> Outcome + Send + 'a>;

/// What the engine works with.
#[derive(Clone, Copy)]
pub struct Engine<'a> {
    /// Starts and ends processes.
    pub supervisor: &'a Supervisor,
    /// Hears what happens.
    pub sink: &'a dyn Sink,
    /// The folder for logs, one file a step.
    pub logs: &'a std::path::Path,
    /// Steps that may run at the same time.
    pub jobs: usize,
    /// When the run started.
    pub started: Instant,
}

/// A step that is over.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The step.
    pub step: Step,
    /// What it brought back.
    pub outcome: Outcome,
    /// When it started, from the start of the run; none when it did not.
    pub started: Option<Duration>,
    /// How long it ran.
    pub duration: Duration,
    /// The file name of its log, when it has one.
    pub log: Option<String>,
}

enum State {
    Waiting,
    Running,
    Over(Box<Finished>),
}

impl Engine<'_> {
    /// Runs all steps that can run and gives all steps back, in the order of the plan. `work` holds what to do by
    /// step id; a step without work is inconclusive, as nothing was measured.
    #[must_use]
    pub fn carry_out(&self, plan: &Plan, mut work: BTreeMap<String, Work<'_>>) -> Vec<Finished> {
        let mut states: Vec<State> = plan.steps.iter().map(|_| State::Waiting).collect();
        let skipped = plan.steps.iter().filter(|step| step.skip.is_some()).count();
        self.sink.tell(&Progress::Planned { run: plan.steps.len() - skipped, skipped });
        let (sender, receiver) = channel();
        std::thread::scope(|scope| {
            loop {
                self.settle(&plan.steps, &mut states);
                while let Some(place) = self.next(&plan.steps, &states) {
                    states[place] = State::Running;
                    let step = &plan.steps[place];
                    let work = work.remove(&step.id);
                    let sender: Sender<(usize, Finished)> = sender.clone();
                    scope.spawn(move || {
                        let _ = sender.send((place, self.perform(step, work)));
                    });
                }
                if !states.iter().any(|state| matches!(state, State::Running)) {
                    break;
                }
                take(&receiver, &mut states);
            }
        });
        let over = |state| if let State::Over(finished) = state { Some(*finished) } else { None };
        states.into_iter().filter_map(over).collect()
    }

    /// Ends the waiting of every step that will not run: skipped, interrupted, or without what it needs.
    fn settle(&self, steps: &[Step], states: &mut [State]) {
        // In the order of the plan a need may come later than what needs it: repeat until nothing changes.
        loop {
            let settled = (0..steps.len()).find_map(|place| {
                matches!(states[place], State::Waiting)
                    .then(|| self.outcome_without_running(&steps[place], steps, states))
                    .flatten()
                    .map(|outcome| (place, outcome))
            });
            let Some((place, outcome)) = settled else { return };
            let step = steps[place].clone();
            self.tell_end(&step, &outcome, Duration::ZERO);
            let finished = Finished { step, outcome, started: None, duration: Duration::ZERO, log: None };
            states[place] = State::Over(Box::new(finished));
        }
    }

    fn outcome_without_running(&self, step: &Step, steps: &[Step], states: &[State]) -> Option<Outcome> {
        if let Some(skip) = &step.skip {
            return Some(Outcome::because(Status::Skipped, skip.reason()));
        }
        if self.supervisor.interrupt.is_raised() {
            return Some(Outcome::because(Status::Cancelled, "interrupted before it started"));
        }
        let broken = steps.iter().zip(states).find(|(need, state)| {
            let ended_badly =
                |finished: &Finished| !matches!(finished.outcome.status, Status::Passed | Status::Skipped);
            step.needs.contains(&need.id) && matches!(state, State::Over(finished) if ended_badly(finished))
        });
        broken.map(|(need, _)| {
            Outcome::because(Status::Cancelled, format!("needs {}, which did not pass", need.id))
        })
    }

    /// The first step in the order of the plan that can start now.
    fn next(&self, steps: &[Step], states: &[State]) -> Option<usize> {
        let running: Vec<&Step> = steps
            .iter()
            .zip(states)
            .filter(|(_, state)| matches!(state, State::Running))
            .map(|(step, _)| step)
            .collect();
        if running.len() >= self.jobs {
            return None;
        }
        let is_free =
            |resource| resource == Resource::Shared || running.iter().all(|step| step.resource != resource);
        let is_over = |id: &String| {
            steps.iter().zip(states).any(|(step, state)| &step.id == id && matches!(state, State::Over(_)))
        };
        (0..steps.len()).find(|place| {
            let step = &steps[*place];
            matches!(states[*place], State::Waiting) && is_free(step.resource) && step.earlier().all(is_over)
        })
    }

    fn perform(&self, step: &Step, work: Option<Work<'_>>) -> Finished {
        let start = Instant::now();
        let shown = |command: &CommandLine| self.supervisor.redactor.redact(&command.to_string());
        let command = step.commands.first().map(shown);
        self.sink.tell(&Progress::Started { step: step.id.clone(), title: step.title.clone(), command });
        let bench = Bench::new(step, *self, start);
        let mut outcome = match work {
            Some(work) => guarded(work, &bench),
            None => Outcome::because(Status::Inconclusive, "nothing is known of how to run it"),
        };
        let (log, fault) = bench.close();
        if let Some(fault) = fault {
            outcome.facts.notes.push(fault);
            outcome.environment = true;
        }
        let duration = start.elapsed();
        self.tell_end(step, &outcome, duration);
        Finished { step: step.clone(), outcome, started: Some(start - self.started), duration, log }
    }

    /// A reader may have decoded what was masked in its raw form only, so it is masked once more.
    fn tell_end(&self, step: &Step, outcome: &Outcome, duration: Duration) {
        let clean = |text: &String| self.supervisor.redactor.redact(text);
        self.sink.tell(&Progress::Finished {
            step: step.id.clone(),
            status: outcome.status,
            reason: outcome.reason.as_ref().map(clean),
            excerpt: outcome.excerpt.as_ref().map(clean),
            command: step.commands.last().map(|command| clean(&command.to_string())),
            duration,
        });
    }
}

/// A fault of the toolkit itself must cost one step, not the run and its reports.
fn guarded(work: Work<'_>, bench: &Bench<'_>) -> Outcome {
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(bench)));
    ended.unwrap_or_else(|_| {
        let reason = "the toolkit itself failed here; please report it with the step's log";
        Outcome::because(Status::Inconclusive, reason)
    })
}

/// Waits for the next step to end.
fn take(receiver: &Receiver<(usize, Finished)>, states: &mut [State]) {
    if let Ok((place, finished)) = receiver.recv() {
        states[place] = State::Over(Box::new(finished));
    }
}

/// All facts of a run.
#[must_use]
pub fn facts_of(finished: &[Finished]) -> Facts {
    let mut facts = Facts::default();
    for step in finished {
        facts.absorb(step.outcome.facts.clone());
    }
    facts
}

#[cfg(test)]
mod tests;
