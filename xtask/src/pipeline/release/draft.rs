//! `draft`: the release on GitHub with its notes, as a draft, which only those see who may write.

use super::stop::Stop;
use super::world::{Kept, World};
use crate::kit::failure::Failure;
use crate::model::forge::ForgeRelease;
use crate::model::release::Standing;
use crate::pipeline::forge;
use crate::tools::github::NewRelease;

pub(super) fn look(world: &mut World<'_>) -> Result<Standing, Failure> {
    let tag = world.tag.clone();
    let wanted = wanted(world)?;
    let standing = match world.ask_release()? {
        None => Standing::Todo(vec![format!("make a draft of the release {tag}")]),
        // Somebody may have made it by hand, and its words are theirs.
        Some(release) if !release.is_draft => {
            Standing::Done(vec![format!("{} is published, and its notes stay", release.url)])
        }
        Some(release) if says(release, &wanted) => {
            Standing::Done(vec![format!("there is a draft with the notes: {}", release.url)])
        }
        Some(release) => Standing::Todo(vec![format!("put the notes into the draft {}", release.url)]),
    };
    Ok(standing)
}

pub(super) fn act(world: &mut World<'_>) -> Result<(), Stop> {
    let wanted = wanted(world)?;
    let made = match world.release.as_ref().map(|release| release.id) {
        None => world.github.create_draft(&wanted),
        Some(id) => world.github.update_release(id, &wanted),
    };
    world.release = Some(made.map_err(|error| forge::failed(&error))?);
    Ok(())
}

/// What the release says.
pub(super) fn wanted(world: &World<'_>) -> Result<NewRelease, Failure> {
    let version = &world.version;
    let image = |(kept, digest): (&Kept, &slipway_image::Digest)| format!("{}:{version}@{digest}", kept.home);
    let images: Vec<String> = world.found()?.into_iter().map(image).collect();
    let (body, _) = world.planned.notes(world.session, version, &images)?;
    Ok(NewRelease {
        tag: world.tag.clone(),
        commit: world.planned.commit.clone(),
        name: version.to_string(),
        body,
        is_prerelease: !version.pre.is_empty(),
    })
}

/// GitHub may keep other line ends, and no blanks at the end.
fn says(release: &ForgeRelease, wanted: &NewRelease) -> bool {
    let lines = |text: &str| text.trim().lines().map(str::trim_end).map(str::to_owned).collect::<Vec<_>>();
    release.name == wanted.name
        && release.is_prerelease == wanted.is_prerelease
        && lines(&release.body) == lines(&wanted.body)
}
