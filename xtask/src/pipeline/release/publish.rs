//! `publish`: the draft becomes the release that everybody sees. It is the last step.

use super::stop::Stop;
use super::world::World;
use crate::kit::failure::Failure;
use crate::model::release::Standing;
use crate::pipeline::forge;
use crate::tools::github::Latest;

pub(super) fn look(world: &mut World<'_>) -> Result<Standing, Failure> {
    let is_latest = is_latest(world) == Latest::Yes;
    Ok(match world.ask_release()? {
        Some(release) if !release.is_draft => Standing::Done(vec![release.url.clone()]),
        _ => Standing::Todo(vec![format!("publish it{}", if is_latest { " as the latest" } else { "" })]),
    })
}

pub(super) fn act(world: &mut World<'_>) -> Result<(), Stop> {
    let release =
        world.release.as_ref().ok_or_else(|| Failure::environment("there is no draft to publish"))?;
    let published = world.github.publish(release.id, is_latest(world));
    world.release = Some(published.map_err(|error| forge::failed(&error))?);
    Ok(())
}

/// A release of an older line, and a pre-release, leave another one the latest. Releases of lines that this commit does not follow
/// are known by their tags in this clone only.
fn is_latest(world: &World<'_>) -> Latest {
    let is_stable = world.version.pre.is_empty();
    if is_stable && world.highest.as_ref().is_none_or(|highest| *highest <= world.version) {
        Latest::Yes
    } else {
        Latest::No
    }
}
