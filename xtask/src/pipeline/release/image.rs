//! `image`: the commit has passed, and these are the bytes that it passed with: those of its tag `sha-COMMIT`.

use std::collections::BTreeMap;

use slipway_image::Digest;

use super::world::{Status, World};
use crate::kit::failure::Failure;
use crate::model::forge::State;
use crate::model::release::Standing;
use crate::pipeline::forge;
use crate::pipeline::image::Shelf;

pub(super) fn look(world: &mut World<'_>) -> Result<Standing, Failure> {
    let mut told = vec![passed(world)?];
    let digests = digests(world)?;
    told.extend(
        world
            .images
            .iter()
            .filter_map(|kept| Some(format!("{} is {}", kept.name, kept.home.at(digests.get(&kept.name)?)))),
    );
    if digests.is_empty() {
        told.push("no [[images]] in slipway.toml: the release has none".to_owned());
    }
    let now: BTreeMap<String, String> =
        digests.iter().map(|(name, digest)| (name.clone(), digest.to_string())).collect();
    let kept = &world.journal.images;
    if world.journal.is_public() && *kept != now {
        let changed =
            now.iter().find(|(name, digest)| kept.get(*name) != Some(digest)).map_or("", |(name, _)| name);
        return Err(Failure::usage(format!(
            "the image `{changed}` is another one than when this release was begun"
        ))
        .hint(format!(
            "find out who pushed it; to release it all the same remove {}",
            world.path.display()
        )));
    }
    world.journal.images = now;
    world.digests = digests;
    Ok(Standing::Done(told))
}

/// The commit status says success.
fn passed(world: &World<'_>) -> Result<String, Failure> {
    let context = &world.session.settings().release.status;
    let commit = &world.planned.commit;
    if context.is_empty() || world.status == Status::Waived {
        return Ok("nobody asked whether the commit has passed".to_owned());
    }
    let statuses = world.github.statuses(commit).map_err(|error| forge::failed(&error))?;
    let told = match statuses.iter().find(|status| status.context == *context).map(|status| status.state) {
        Some(State::Success) => return Ok(format!("{context} says success")),
        Some(state) => format!("{context} says {} of commit {commit}", state.word()),
        None => format!("nobody has set {context} on commit {commit}"),
    };
    Err(Failure::usage(format!("the commit has not passed: {told}"))
        .hint("let CI run on this very commit; it sets the status with `cargo xtask status`")
        .hint("another CI service has another name for it: release.status in slipway.toml")
        .hint("to release it all the same: --without-status"))
}

fn digests(world: &World<'_>) -> Result<BTreeMap<String, Digest>, Failure> {
    let commit = &world.planned.commit;
    let tag = format!("sha-{commit}").parse().map_err(|error: slipway_image::ReferenceError| {
        Failure::usage(format!("{commit} is no commit that an image is named after")).because(error)
    })?;
    let mut digests = BTreeMap::new();
    for kept in &world.images {
        let digest = Shelf::open(world.session, &kept.home)?.digest(&tag)?.ok_or_else(|| {
            Failure::usage(format!("there is no {}", kept.home.tagged(&tag)))
                .hint("a release takes the image that CI pushed for this commit; let CI run on it, with `image.push`")
        })?;
        digests.insert(kept.name.clone(), digest);
    }
    Ok(digests)
}
