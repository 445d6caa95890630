//! `publish`: the draft becomes the release that everybody sees. It is the last step.

use super::stop::Stop;
use super::world::World;
use crate::kit::failure::Failure;
use crate::model::release::Standing;
use crate::pipeline::forge;
use crate::tools::github::Latest;

pub(super) fn look(world: &mut World<'_>) -> Result<Standing, Failure> {
    if let Some(release) = world.ask_release()?.filter(|release| !release.is_draft) {
        return Ok(Standing::Done(vec![release.url.clone()]));
    }
    let latest = if is_latest(world) == Latest::Yes { " as the latest" } else { "" };
    Ok(Standing::Todo(vec![format!("publish it{latest}")]))
}

pub(super) fn act(world: &mut World<'_>) -> Result<(), Stop> {
    let release =
        world.release.as_ref().ok_or_else(|| Failure::environment("there is no draft to publish"))?;
    let published = world.github.publish(release.id, is_latest(world));
    world.release = Some(published.map_err(|error| forge::failed(&error))?);
    Ok(())
}

/// A release of an older line, and a pre-release, leave another one the latest, whether or not this clone knows of it.
fn is_latest(world: &World<'_>) -> Latest {
    let is_stable = world.version.pre.is_empty();
    if is_stable && world.highest.as_ref().is_none_or(|highest| *highest <= world.version) {
        Latest::Yes
    } else {
        Latest::No
    }
}
