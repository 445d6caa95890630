//! `tag`: git has the tag, on the commit that was tested. It is made when it is not there, and never moved.

use super::stop::Stop;
use super::world::World;
use crate::kit::failure::Failure;
use crate::model::release::Standing;
use crate::pipeline::forge;

pub(super) fn look(world: &mut World<'_>) -> Result<Standing, Failure> {
    if let Some(wrong) = elsewhere(world)? {
        return Err(Failure::usage(wrong).hint("a tag is never moved: release a higher version"));
    }
    let (tag, commit) = (&world.tag, &world.planned.commit);
    Ok(match world.github.tag(tag).map_err(|error| forge::failed(&error))? {
        Some(_) => Standing::Done(vec![format!("{tag} names {commit}")]),
        None => Standing::Todo(vec![format!("make the tag {tag} on {commit}")]),
    })
}

/// What is wrong when the tag is there and names something else.
pub(super) fn elsewhere(world: &World<'_>) -> Result<Option<String>, Failure> {
    let found = world.github.tag(&world.tag).map_err(|error| forge::failed(&error))?;
    let other = found.filter(|found| found.commit != world.planned.commit);
    Ok(other.map(|found| {
        format!(
            "the tag {} names {}, and the release is of {}",
            world.tag, found.commit, world.planned.commit
        )
    }))
}

pub(super) fn act(world: &mut World<'_>) -> Result<(), Stop> {
    let (tag, commit) = (&world.tag, &world.planned.commit);
    let message = format!("{} {}", world.github.repository().name(), world.version);
    let made = world.github.create_tag(tag, commit, &message);
    made.map(drop).map_err(|error| {
        let failure = forge::failed(&error);
        // Rules of a repository answer 403 or 422, and so does a right that is missing.
        if matches!(error.status(), Some(403 | 422)) {
            let by_hand = format!("or by somebody who may: git tag -a {tag} {commit} -m '{message}' && git push origin {tag}");
            let allow = "the job needs `contents: write`, and no rule for tags (Settings, Rules) may keep it from making this one";
            return failure.hint(allow).hint(by_hand).into();
        }
        failure.into()
    })
}
