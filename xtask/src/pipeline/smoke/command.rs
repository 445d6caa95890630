//! A run of a command: it ends by itself, in time, and as it should.

use std::time::Instant;

use super::contract::Contract;
use super::words::span;
use crate::tools::runtime::{Running, RuntimeError};

pub(super) fn follow(contract: &mut Contract<'_>, running: &dyn Running) -> Result<(), RuntimeError> {
    let timeout = contract.smoke.timeout.get();
    let name = format!("ends within {}", span(timeout));
    let begun = Instant::now();
    contract.end = running.wait(timeout)?;
    if let Some(end) = contract.end {
        contract.checks.keep(name, begun.elapsed(), Ok(()));
        contract.exits_right(end);
    } else {
        let why = "it still ran, and was killed; give it more time with `timeout`, or say with `port` that it is a service";
        contract.checks.too_late(name, begun.elapsed(), why);
        contract.checks.skip(contract.exits_with(), "it did not end by itself");
    }
    Ok(())
}
