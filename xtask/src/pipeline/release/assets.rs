//! `assets`: the files of the release. What an upload that was cut off has left is sent again.

use super::files::{make, names};
use super::stop::Stop;
use super::world::World;
use crate::kit::failure::Failure;
use crate::model::forge::Asset;
use crate::model::release::Standing;
use crate::pipeline::forge;

pub(super) fn look(world: &mut World<'_>) -> Result<Standing, Failure> {
    let names = names(world)?;
    let Some(release) = world.ask_release()?.cloned() else {
        return Ok(Standing::Todo(names.iter().map(|name| format!("send {name}")).collect()));
    };
    let assets = assets(world, release.id)?;
    let found = |name: &String| assets.iter().find(|asset| asset.name == *name);
    // What is published is not replaced, and what cannot be made here any more is taken as it is.
    let files = if release.is_draft { make(world).ok() } else { None };
    let (mut done, mut todo) = (Vec::new(), Vec::new());
    for name in &names {
        let wanted = files.iter().flatten().find(|file| file.name() == name);
        match found(name) {
            Some(asset) if asset.is_whole && wanted.is_none_or(|wanted| wanted.may_be(asset)) => {
                done.push(format!("{name} is there"));
            }
            Some(_) => todo.push(format!("send {name} again: it is not whole, or of another try")),
            None => todo.push(format!("send {name}")),
        }
    }
    Ok(if todo.is_empty() { Standing::Done(done) } else { Standing::Todo(todo) })
}

pub(super) fn act(world: &mut World<'_>) -> Result<(), Stop> {
    let release =
        world.release.clone().ok_or_else(|| Failure::environment("there is no release to send files to"))?;
    let mut kept = Vec::new();
    for wanted in make(world)? {
        let assets = assets(world, release.id)?;
        match assets.iter().find(|asset| asset.name == wanted.name()) {
            Some(asset) if wanted.is(asset) => continue,
            Some(asset) if !release.is_draft && wanted.may_be(asset) => continue,
            Some(asset) if asset.is_whole && !release.is_draft => {
                kept.push(wanted.name().to_owned());
                continue;
            }
            Some(asset) => world.github.delete_asset(asset.id).map_err(|error| forge::failed(&error))?,
            None => {}
        }
        world.github.upload(&release, &wanted.file).map_err(|error| forge::failed(&error))?;
    }
    if kept.is_empty() { Ok(()) } else { Err(published(&kept, &release.url).into()) }
}

fn assets(world: &World<'_>, release: u64) -> Result<Vec<Asset>, Failure> {
    world.github.assets(release).map_err(|error| forge::failed(&error))
}

fn published(kept: &[String], url: &str) -> Failure {
    Failure::usage(format!("{url} is published, and has other files of these names: {}", kept.join(", "))).hint(
        "what people may have fetched is not replaced: release the next version, or remove the file by hand",
    )
}
