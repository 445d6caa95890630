//! `promote`: the tags that people follow name the image: the same bytes under further names, read back.

use slipway_image::Tag;

use super::stop::Stop;
use super::world::World;
use crate::kit::failure::Failure;
use crate::model::release;
use crate::pipeline::image::{Shelf, Standing, tags_of};

pub(super) fn look(world: &mut World<'_>) -> Result<release::Standing, Failure> {
    if world.images.is_empty() {
        return Ok(release::Standing::Skipped("no [[images]] in slipway.toml".to_owned()));
    }
    let (mut done, mut todo) = (Vec::new(), Vec::new());
    let named = tags_of(&world.named())?;
    for (kept, digest) in world.found()? {
        let shelf = Shelf::open(world.session, &kept.home)?;
        for named in &named {
            let name = kept.home.tagged(&named.tag);
            match shelf.standing(named, digest, &world.named())? {
                Standing::There => done.push(format!("{name} is {digest}")),
                Standing::Stays(why) => done.push(format!("{name} stays where it is: {why}")),
                Standing::Moves(None) => todo.push(format!("put {name} on {digest}")),
                Standing::Moves(Some(from)) => todo.push(format!("move {name} to {digest}, {from}")),
                Standing::Refused(why, hint) => {
                    return Err(Failure::usage(format!("{}: {why}", kept.home)).hint(hint));
                }
            }
        }
    }
    Ok(if todo.is_empty() { release::Standing::Done(done) } else { release::Standing::Todo(todo) })
}

pub(super) fn act(world: &mut World<'_>) -> Result<(), Stop> {
    let named = tags_of(&world.named())?;
    for (kept, digest) in world.found()? {
        let shelf = Shelf::open(world.session, &kept.home)?;
        let mut tags: Vec<Tag> = Vec::new();
        for named in &named {
            if let Standing::Moves(_) = shelf.standing(named, digest, &world.named())? {
                tags.push(named.tag.clone());
            }
        }
        shelf.put(digest, &tags)?;
    }
    Ok(())
}
