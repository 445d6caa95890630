//! What git waits for: one hook, unless somebody wants to go by it.

use super::verbs::Verbs;
use super::{committing, pushing};
use crate::console::{Detail, Look};
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::model::hooks::{Hook, SKIP};
use crate::pipeline::Request;
use crate::pipeline::publish::say;

pub(super) fn run(
    request: Request,
    hook: Hook,
    arguments: &[String],
    verbs: Verbs<'_>,
    look: Look,
) -> Result<Exit, Failure> {
    if request.env.get(SKIP).is_some_and(|skip| !skip.is_empty() && skip != "0") {
        return Ok(Exit::Pass);
    }
    let look = if look.detail == Detail::Verbose { look } else { Look { detail: Detail::Quiet, ..look } };
    let exit = match hook {
        Hook::PreCommit => committing::run(request, verbs, look)?,
        Hook::PrePush => pushing::run(request, arguments, verbs, look)?,
    };
    if exit != Exit::Pass {
        say(&format!("slipway: {hook} stops this; --no-verify or {SKIP}=1 goes by it"));
    }
    Ok(exit)
}
