//! Smoke runs: an image is run as `[[smoke]]` says, and each thing that has to come of it is a check of its own.
//!
//! | module | is for |
//! |---|---|
//! | `subject` | what is run, and where |
//! | `run` | one run, from its start to its record |
//! | `command`, `service` | what has to come of a command, and of a service |
//! | `contract` | what is the same of both: the user, the end, what was printed |
//! | `words` | lengths of time and sizes as the names of checks have them |
//!
//! Checks that do not hold fail the step. What the machine does not let us see is inconclusive, never green.

use crate::engine::Bench;
use crate::kit::text::plural;
use crate::model::image::SmokeRecord;
use crate::model::step::Status;
use crate::model::test::TestCase;
use crate::settings::Smoke;
use crate::tools::runtime::{Fault, Packaged, Runtime, RuntimeError};

mod command;
mod contract;
mod run;
mod service;
mod subject;
mod words;

pub use subject::{Subject, Surroundings};

/// What came of all runs of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smoked {
    /// One a run.
    pub records: Vec<SmokeRecord>,
    /// One a check.
    pub cases: Vec<TestCase>,
    /// What a reader of the report should know of how it was run.
    pub notes: Vec<String>,
    /// Whether it is well.
    pub status: Status,
    /// Why it is not.
    pub reason: Option<String>,
    /// It is the machine's fault that nothing is known.
    pub environment: bool,
}

/// Runs an image as those of the entries say that are meant for it; without any, as it says itself.
#[must_use]
pub fn smoke(subject: Subject<'_>, entries: &[Smoke], runtime: &dyn Runtime, bench: &Bench<'_>) -> Smoked {
    let supervisor = bench.supervisor();
    let log = |text: &str| bench.write(&supervisor.redactor.redact(text));
    let around = Surroundings { redactor: &supervisor.redactor, interrupt: &supervisor.interrupt, log: &log };
    smoke_in(subject, entries, runtime, &around)
}

/// The same with the surroundings by themselves.
#[must_use]
pub fn smoke_in(
    subject: Subject<'_>,
    entries: &[Smoke],
    runtime: &dyn Runtime,
    around: &Surroundings<'_>,
) -> Smoked {
    let is_meant = |smoke: &&Smoke| smoke.image.as_ref().is_none_or(|image| image.as_str() == subject.image);
    let mut runs: Vec<Smoke> = entries.iter().filter(is_meant).cloned().collect();
    let mut notes = runtime.notes();
    if runs.is_empty() {
        let Some(usual) = usual(subject.packaged) else { return nothing_to_do(subject) };
        let port = usual.port.unwrap_or_default();
        notes.push(format!(
            "{} has no [[smoke]]: it was run as a service on port {port}, as its health check and its port say",
            subject.image
        ));
        runs.push(usual);
    }
    let mut smoked = Smoked {
        records: vec![],
        cases: vec![],
        notes,
        status: Status::Passed,
        reason: None,
        environment: false,
    };
    let mut trouble = None;
    for smoke in &runs {
        let (record, cases, error) = run::run(subject, smoke, runtime, around);
        smoked.records.push(record);
        smoked.cases.extend(cases);
        let is_interrupt = error.as_ref().is_some_and(|error| error.fault == Fault::Interrupted);
        trouble = trouble.or(error);
        if is_interrupt {
            break;
        }
    }
    judge(&mut smoked, trouble);
    smoked
}

fn judge(smoked: &mut Smoked, trouble: Option<RuntimeError>) {
    let failed = smoked.cases.iter().filter(|case| case.outcome.is_bad()).count();
    let (status, reason) = match (failed, trouble) {
        (_, Some(error)) if error.fault == Fault::Interrupted => (Status::Cancelled, Some(error.message)),
        (0, None) => (Status::Passed, None),
        (0, Some(error)) => {
            smoked.environment = true;
            (Status::Inconclusive, Some(error.to_string()))
        }
        (failed, _) => {
            (Status::Failed, Some(format!("{} failed of {}", plural(failed, "check"), smoked.cases.len())))
        }
    };
    (smoked.status, smoked.reason) = (status, reason);
}

/// How an image without an entry is run: as a service, when it says how to ask it and where.
fn usual(packaged: &Packaged) -> Option<Smoke> {
    let [port] = packaged.ports[..] else { return None };
    packaged.health_command()?;
    Some(Smoke::service("default", port))
}

fn nothing_to_do(subject: Subject<'_>) -> Smoked {
    let reason = format!(
        "nothing says what has to come of running {}; describe a run of it in [[smoke]], or give it a health check and \
         one port",
        subject.image
    );
    Smoked {
        records: Vec::new(),
        cases: Vec::new(),
        notes: Vec::new(),
        status: Status::Inconclusive,
        reason: Some(reason),
        environment: false,
    }
}
