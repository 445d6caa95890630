//! One run of an image, from its start to its record.

use std::time::Instant;

use super::contract::Contract;
use super::subject::{Subject, Surroundings};
use super::{command, service};
use crate::kit::text::{last_lines, millis};
use crate::model::image::SmokeRecord;
use crate::model::test::TestCase;
use crate::settings::Smoke;
use crate::tools::runtime::{Fault, Output, RunSpec, Running, Runtime, RuntimeError};

/// Lines of each stream that a report keeps of a run that failed.
const LINES: usize = 200;

/// The record, the checks, and what kept the image from being run or looked at.
pub(super) type Came = (SmokeRecord, Vec<TestCase>, Option<RuntimeError>);

/// Runs an image as an entry says.
pub(super) fn run(
    subject: Subject<'_>,
    smoke: &Smoke,
    runtime: &dyn Runtime,
    around: &Surroundings<'_>,
) -> Came {
    let Subject { image, reference, .. } = subject;
    (around.log)(&format!("smoke {}: {reference} by {}", smoke.name.as_str(), runtime.name()));
    let mut contract = Contract::new(image, smoke, around);
    let begun = Instant::now();
    let mut printed = None;
    let error = match runtime.start(&spec(smoke)) {
        Ok(running) => {
            contract.checks.keep("starts", begun.elapsed(), Ok(()));
            let followed = follow(&mut contract, running.as_ref(), begun);
            printed = running.output().ok();
            followed.and(running.remove()).err()
        }
        Err(error) if error.fault == Fault::Image => {
            contract.checks.keep("starts", begun.elapsed(), Err(error.to_string()));
            None
        }
        Err(error) => Some(error),
    };
    let printed = printed.map(|Output { stdout, stderr }| Output {
        stdout: around.redactor.redact(&stdout),
        stderr: around.redactor.redact(&stderr),
    });
    let end = contract.end.map(|end| end.to_string());
    let told = told(end.as_deref(), printed.as_ref());
    let (output, printed_well) =
        if contract.checks.failed().next().is_some() { (Some(told), None) } else { (None, Some(told)) };
    let (passed, total) = contract.checks.counts();
    let record = SmokeRecord {
        name: smoke.name.as_str().to_owned(),
        reference: reference.to_owned(),
        runtime: runtime.name().to_owned(),
        passed,
        total,
        ready_ms: contract.ready.map(|ready| u64::try_from(ready.as_millis()).unwrap_or(u64::MAX)),
        end,
        output,
        printed: printed_well,
    };
    let cases = contract.checks.into_cases(record.output.as_deref());
    log(around, printed.as_ref(), &cases, error.as_ref());
    (record, cases, error)
}

fn spec(smoke: &Smoke) -> RunSpec {
    let Smoke { args, env, memory, pids, writable, port, .. } = smoke;
    let env = env.iter().map(|(name, value)| (name.as_str().to_owned(), value.clone()));
    RunSpec {
        entrypoint: None,
        args: args.clone(),
        env: env.collect(),
        memory: memory.limit(),
        pids: *pids,
        writable: writable.clone(),
        port: *port,
    }
}

fn follow(contract: &mut Contract<'_>, running: &dyn Running, begun: Instant) -> Result<(), RuntimeError> {
    if !contract.smoke.root {
        contract.is_no_root(&running.user()?);
    }
    match contract.smoke.port {
        Some(_) => service::follow(contract, running, begun)?,
        None => command::follow(contract, running)?,
    }
    // Whoever still runs is killed by us, which is no end of its own.
    if let Some(end) = running.end()? {
        contract.end = Some(end);
    }
    contract.memory();
    contract.printed(&running.output()?);
    Ok(())
}

fn log(
    around: &Surroundings<'_>,
    printed: Option<&Output>,
    cases: &[TestCase],
    error: Option<&RuntimeError>,
) {
    let streams = printed.map(|output| [("stdout", &output.stdout), ("stderr", &output.stderr)]);
    for (stream, text) in streams.into_iter().flatten() {
        for line in text.lines() {
            (around.log)(&format!("{stream} | {line}"));
        }
    }
    for case in cases {
        let took = case.duration_ms.filter(|took| *took > 0).map(|took| format!(" ({})", millis(took)));
        let why = case.message.as_ref().map(|why| format!(": {why}"));
        let (took, why) = (took.unwrap_or_default(), why.unwrap_or_default());
        (around.log)(&format!("{}: {}{took}{why}", case.outcome.word(), case.name));
    }
    if let Some(error) = error {
        (around.log)(&error.to_string());
    }
}

/// How it ended and the last of what it printed.
fn told(end: Option<&str>, printed: Option<&Output>) -> String {
    let mut text = format!("state: {}\n", end.unwrap_or("it had not ended by itself"));
    let Some(Output { stdout, stderr }) = printed else { return text };
    for (stream, printed) in [("stdout", stdout), ("stderr", stderr)] {
        if printed.trim().is_empty() {
            text.extend(["\n", stream, ": nothing\n"]);
        } else {
            text.extend(["\n", stream, ":\n", &last_lines(printed, LINES), "\n"]);
        }
    }
    text
}
