//! `version`: manifests, tag, labels of the images and files of the deployment say the same version.

use std::path::Path;

use slipway_image::tags::{RELEASE, VERSION};

use super::plan;
use super::world::World;
use crate::kit::failure::Failure;
use crate::model::release::{Claim, Standing, holds, in_file};
use crate::pipeline::image::Shelf;
use crate::tools::{files, git};

pub(super) fn look(world: &mut World<'_>) -> Result<Standing, Failure> {
    let mut told = Vec::new();
    let mut claims: Vec<Claim> = plan::packages(world.session)?
        .into_iter()
        .map(|package| claim(format!("Cargo.toml of {}", package.name), &package.about.version))
        .collect();
    for (kept, digest) in world.found()? {
        let labels = Shelf::open(world.session, &kept.home)?.labels(digest)?;
        for name in [VERSION, RELEASE] {
            let Some(value) = labels.get(name).filter(|value| !value.is_empty()) else { continue };
            if value.parse::<semver::Version>().is_ok() {
                claims.push(claim(format!("the label {name} of {}", kept.name), value));
            } else {
                told.push(format!("the label {name} of {} says {value}, which is no version", kept.name));
            }
        }
    }
    committed(world)?;
    let mut wrong: Vec<String> = holds(&world.version, &claims).iter().map(ToString::to_string).collect();
    wrong.extend(in_files(world, &mut told)?);
    wrong.extend(super::tag::elsewhere(world)?);
    super::files::are_there(world)?;
    // What writes the notes may fail, and does so before anybody sees anything.
    super::draft::wanted(world)?;
    if !wrong.is_empty() {
        return Err(Failure::usage(format!("not everything says {}: {}", world.version, wrong.join("; ")))
            .hint("make them agree in one commit, let CI pass, and release that"));
    }
    told.splice(..0, claims.into_iter().map(|claim| format!("{} says {}", claim.source, claim.says)));
    if world.session.context.checkout.dirty {
        told.push("note: there are changes that are not committed, and no part of the release".to_owned());
    }
    Ok(Standing::Done(told))
}

/// What is compared lies in the working tree, and what is released is a commit.
fn committed(world: &World<'_>) -> Result<(), Failure> {
    let session = world.session;
    let manifest = |folder: &Path| session.workspace.relative(&folder.join("Cargo.toml"));
    let mut compared = vec!["Cargo.toml".to_owned()];
    compared.extend(plan::packages(session)?.into_iter().map(|package| manifest(&package.folder)));
    compared.extend(session.settings().release.files.iter().map(|file| file.as_str().to_owned()));
    let changed = git::changed(&session.supervisor, &compared).map_err(plan::unknown)?;
    if changed.is_empty() {
        return Ok(());
    }
    let told = format!("not as the commit {} has it: {}", world.planned.commit, changed.join(", "));
    Err(Failure::usage(told)
        .hint("commit it, let CI pass, and release that; or take it back: `git restore FILE`"))
}

fn claim(source: String, says: &str) -> Claim {
    Claim { source, says: says.to_owned() }
}

/// Files that name neither the version nor a digest of the images.
fn in_files(world: &World<'_>, told: &mut Vec<String>) -> Result<Vec<String>, Failure> {
    let mut wrong = Vec::new();
    let version = world.version.to_string();
    for file in &world.session.settings().release.files {
        let path = world.session.workspace.root.join(file.as_str());
        let text = files::read_if_there(&path)
            .map_err(|error| Failure::usage(error.to_string()))?
            .ok_or_else(|| {
                Failure::usage(format!("release.files: there is no {}", file.as_str()))
                    .hint("name files of the repository")
            })?;
        let digest = world.digests.values().find(|digest| text.contains(digest.as_str()));
        match digest {
            _ if in_file(&text, &version) => told.push(format!("{} names {version}", file.as_str())),
            Some(digest) => told.push(format!("{} names {digest}", file.as_str())),
            None => wrong.push(format!("{} names neither {version} nor an image's digest", file.as_str())),
        }
    }
    Ok(wrong)
}
