//! `promote`: the tags that people follow name the image: the same bytes under further names, read back.

use slipway_image::Tag;

use super::stop::Stop;
use super::world::{Kept, World};
use crate::kit::failure::Failure;
use crate::model::release;
use crate::pipeline::image::{Release, Shelf, Standing, tags_of};

pub(super) fn look(world: &mut World<'_>) -> Result<release::Standing, Failure> {
    if world.images.is_empty() {
        return Ok(release::Standing::Skipped("no [[images]] in slipway.toml".to_owned()));
    }
    let (mut done, mut todo) = (Vec::new(), Vec::new());
    let named = tags_of(&world.named())?;
    for (kept, digest) in world.found()? {
        let shelf = Shelf::open(world.session, &kept.home)?;
        let mut there: Vec<&Tag> = Vec::new();
        for named in &named {
            let name = kept.home.tagged(&named.tag);
            match shelf.standing(named, digest, &world.named())? {
                Standing::There => {
                    done.push(format!("{name} is {digest}"));
                    there.push(&named.tag);
                }
                Standing::Stays(why) => done.push(format!("{name} stays where it is: {why}")),
                Standing::Moves(None) => todo.push(format!("put {name} on {digest}")),
                Standing::Moves(Some(from)) => todo.push(format!("move {name} to {digest}, {from}")),
                Standing::Refused(why, hint) => {
                    return Err(Failure::usage(format!("{}: {why}", kept.home)).hint(hint));
                }
            }
        }
        done.extend(overtaken(world, kept, &shelf, &there)?);
    }
    Ok(if todo.is_empty() { release::Standing::Done(done) } else { release::Standing::Todo(todo) })
}

/// A registry puts a tag whatever it names, so of two releases at once the one that is slower may take a tag from a higher one.
/// Which tags a higher one should have is told.
fn overtaken(
    world: &World<'_>,
    kept: &Kept,
    shelf: &Shelf,
    there: &[&Tag],
) -> Result<Option<String>, Failure> {
    let own = world.version.to_string();
    let ours: Vec<&Tag> = there.iter().copied().filter(|tag| tag.as_str() != own).collect();
    if ours.is_empty() {
        return Ok(None);
    }
    let Ok(above) = shelf.above(&world.version) else {
        return Ok(Some(format!(
            "note: {} lists no tags, so whether it has a higher version is not known",
            kept.home
        )));
    };
    for version in above.into_iter().rev() {
        let theirs = tags_of(&Release { version: &version, ..world.named() })?;
        let is_theirs = |tag: &&&Tag| theirs.iter().any(|named| named.tag == ***tag);
        let lost: Vec<&str> = ours.iter().filter(is_theirs).map(|tag| tag.as_str()).collect();
        if !lost.is_empty() {
            return Ok(Some(format!(
                "note: there is {version}, which is higher, and it may have lost tags to this release: cargo xtask release promote --from {}:{version} --to {}",
                kept.home,
                lost.join(" ")
            )));
        }
    }
    Ok(None)
}

/// How a tag stands is asked again directly before it is put: another release may be on its way.
pub(super) fn act(world: &mut World<'_>) -> Result<(), Stop> {
    let named = tags_of(&world.named())?;
    for (kept, digest) in world.found()? {
        let shelf = Shelf::open(world.session, &kept.home)?;
        let mut put: Vec<&str> = Vec::new();
        for named in &named {
            match shelf.standing(named, digest, &world.named())? {
                Standing::Moves(_) => {}
                Standing::There | Standing::Stays(_) => continue,
                Standing::Refused(why, hint) => {
                    return Err(Failure::usage(format!("{}: {why}", kept.home)).hint(hint).into());
                }
            }
            shelf.put(digest, std::slice::from_ref(&named.tag)).map_err(|failure| match put.as_slice() {
                [] => failure,
                put => failure.hint(format!("these tags name the image by now: {}", put.join(", "))),
            })?;
            put.push(named.tag.as_str());
        }
    }
    Ok(())
}
