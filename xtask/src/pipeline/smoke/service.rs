//! A run of a service: it comes up, is well, answers, and stops when asked.

use std::time::{Duration, Instant};

use super::contract::{Contract, matched, shown};
use super::words::span;
use crate::model::smoke::{Answer, End};
use crate::settings::Http;
use crate::tools::http;
use crate::tools::runtime::{Health, Running, RuntimeError};

/// Between two questions of a service that is not ready.
const PAUSE: Duration = Duration::from_millis(20);

/// The most that one question may take.
const ANSWER: Duration = Duration::from_secs(10);

pub(super) fn follow(
    contract: &mut Contract<'_>,
    running: &dyn Running,
    begun: Instant,
) -> Result<(), RuntimeError> {
    let unready = become_ready(contract, running, begun)?;
    if unready.is_none() {
        contract.ready = Some(begun.elapsed());
        become_healthy(contract, running, begun)?;
    }
    for wanted in &contract.smoke.http {
        match &unready {
            None => ask(contract, running, wanted)?,
            Some(why) => skip(contract, wanted, why),
        }
    }
    stop(contract, running)
}

/// Why it is not ready; none when it is.
fn become_ready(
    contract: &mut Contract<'_>,
    running: &dyn Running,
    begun: Instant,
) -> Result<Option<String>, RuntimeError> {
    let within = contract.smoke.within.get();
    let name = format!("becomes ready within {}", span(within));
    let mut last = None;
    loop {
        if let Some(end) = running.end()? {
            contract.end = Some(end);
            let why = match end {
                End::OutOfMemory => contract.out_of_memory(),
                end => format!("it ended with {end} before it was ready"),
            };
            contract.checks.keep(name, begun.elapsed(), Err(why.clone()));
            return Ok(Some(why));
        }
        let left = within.saturating_sub(begun.elapsed());
        if left.is_zero() {
            contract.checks.too_late(
                name,
                begun.elapsed(),
                format!("the last time: {}", last.as_deref().unwrap_or("nothing was asked")),
            );
            return Ok(Some("it was not ready".to_owned()));
        }
        match knock(contract, running, left.min(ANSWER)) {
            Ok(Ok(())) => {
                contract.checks.keep(name, begun.elapsed(), Ok(()));
                return Ok(None);
            }
            // A question that the end of the time cut short tells less than the one before.
            Ok(Err(why)) if last.is_none() || begun.elapsed() < within => last = Some(why),
            // It has just ended, and has no address any more: the next look tells how.
            Err(error) if running.end()?.is_none() => return Err(error),
            _ => {}
        }
        if contract.around.interrupt.is_raised() {
            return Err(RuntimeError::interrupted());
        }
        std::thread::sleep(PAUSE);
    }
}

fn knock(
    contract: &Contract<'_>,
    running: &dyn Running,
    limit: Duration,
) -> Result<Result<(), String>, RuntimeError> {
    let (host, port) = running.address()?;
    Ok(match contract.smoke.http.first() {
        Some(first) => {
            http::get(&host, port, &first.path, limit).and_then(|answer| answer.has_status(first.status))
        }
        None => http::knock(&host, port, limit),
    })
}

fn become_healthy(
    contract: &mut Contract<'_>,
    running: &dyn Running,
    begun: Instant,
) -> Result<(), RuntimeError> {
    let within = contract.smoke.within.get();
    let name = format!("is well by its own health check within {}", span(within));
    loop {
        match running.health()? {
            Health::None => return Ok(()),
            Health::Healthy => {
                contract.checks.keep(name, begun.elapsed(), Ok(()));
                return Ok(());
            }
            Health::NotYet(said) => {
                if begun.elapsed() >= within || running.end()?.is_some() {
                    let said = if said.is_empty() { "nothing".to_owned() } else { said };
                    contract.checks.too_late(name, begun.elapsed(), format!("the last time it said: {said}"));
                    return Ok(());
                }
            }
        }
        if contract.around.interrupt.is_raised() {
            return Err(RuntimeError::interrupted());
        }
        std::thread::sleep(PAUSE);
    }
}

type Check<'a> = dyn Fn(&Answer) -> Result<(), String> + 'a;

/// One thing that an answer has to be: in words, and whether it is.
struct Expectation<'a> {
    name: String,
    holds: Box<Check<'a>>,
}

fn expectations(wanted: &Http) -> Vec<Expectation<'_>> {
    let question = format!("GET {} answers", wanted.path);
    let mut all = vec![Expectation {
        name: format!("{question} {}", wanted.status),
        holds: Box::new(|answer| answer.has_status(wanted.status)),
    }];
    all.extend(wanted.json.iter().map(|(place, value)| Expectation {
        name: format!("{question} {place} = {value:?}"),
        holds: Box::new(move |answer| answer.has_value(place, value)),
    }));
    all.extend(wanted.body.iter().map(|expression| Expectation {
        name: format!("{question} {}", shown(expression)),
        holds: Box::new(move |answer| {
            matched(expression, &answer.body, "the answer")
                .map_err(|why| format!("{why}: {}", answer.shown()))
        }),
    }));
    all
}

fn ask(contract: &mut Contract<'_>, running: &dyn Running, wanted: &Http) -> Result<(), RuntimeError> {
    let begun = Instant::now();
    let answer = if let Some(end) = running.end()? {
        Err(format!("it had ended with {end}"))
    } else {
        let (host, port) = running.address()?;
        http::get(&host, port, &wanted.path, ANSWER)
    };
    let took = begun.elapsed();
    for Expectation { name, holds } in expectations(wanted) {
        let found = answer.as_ref().map_err(Clone::clone).and_then(holds);
        let redacted = found.map_err(|why| contract.around.redactor.redact(&why));
        contract.checks.keep(name, took, redacted);
    }
    Ok(())
}

fn skip(contract: &mut Contract<'_>, wanted: &Http, why: &str) {
    for Expectation { name, .. } in expectations(wanted) {
        contract.checks.skip(name, why);
    }
}

fn stop(contract: &mut Contract<'_>, running: &dyn Running) -> Result<(), RuntimeError> {
    let grace = contract.smoke.grace.get();
    let name = format!("stops on SIGTERM within {}", span(grace));
    if let Some(end) = running.end()? {
        contract.end = Some(end);
        let why = match end {
            End::OutOfMemory => contract.out_of_memory(),
            end => format!("it had ended by itself: {end}"),
        };
        contract.checks.keep(name, Duration::ZERO, Err(why));
        contract.checks.skip(contract.exits_with(), "it was not there to be stopped");
        return Ok(());
    }
    let begun = Instant::now();
    running.ask_to_stop()?;
    contract.end = running.wait(grace)?;
    if let Some(end) = contract.end {
        contract.checks.keep(name, begun.elapsed(), Ok(()));
        contract.exits_right(end);
    } else {
        let why = "it still ran, and was killed: the first process of a container has to handle SIGTERM itself, \
                       as without a handler the kernel ignores it";
        contract.checks.too_late(name, begun.elapsed(), why);
        contract.checks.skip(contract.exits_with(), "it did not stop when asked");
    }
    Ok(())
}
