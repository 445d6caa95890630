//! `proof`: each image is pulled by its digest, checked, told, looked through and run; its program says the version. The reports of that
//! stand below the target directory, and come with the release.

use std::path::Path;

use slipway_image::Digest;

use super::files;
use super::stop::Stop;
use super::world::{Kept, World};
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::model::expression::Expression;
use crate::model::gate::Mode;
use crate::model::plan::Selection;
use crate::model::release::{Proven, Standing};
use crate::model::step::Skip;
use crate::pipeline::Session;
use crate::pipeline::image::{Ask, SMOKE, jobs};
use crate::pipeline::scanning::{self, Choice};
use crate::settings::{Size, Smoke};

/// What the run is called in which a program says its version.
const VERSION: &str = "release-version";

pub(super) fn look(world: &mut World<'_>) -> Result<Standing, Failure> {
    if world.images.is_empty() {
        return Ok(Standing::Skipped("no [[images]] in slipway.toml".to_owned()));
    }
    let (mut done, mut todo) = (Vec::new(), Vec::new());
    for (kept, digest) in world.found()? {
        if is_proven(world, kept, digest) {
            done.push(format!(
                "{} is proven: {}",
                kept.name,
                world.proof(&kept.name).join("run.json").display()
            ));
        } else {
            todo.push(format!(
                "pull {}, ask its version, check, tell and look through what is in it",
                kept.home.at(digest)
            ));
        }
    }
    if todo.is_empty() {
        return Ok(Standing::Done(done));
    }
    todo.extend(scanned(world.session)?);
    Ok(Standing::Todo(todo))
}

/// What is to be said of the scan. Without a scanner it would be skipped, and an image that nobody has looked through is not
/// proven, unless the settings say that it need not be.
fn scanned(session: &Session) -> Result<Option<String>, Failure> {
    let (program, install) = match scanning::choose(session.settings().scan.scanner, &session.supervisor.env)
    {
        Choice::Found(_) => return Ok(None),
        Choice::Skip(Skip::MissingTool { program, install }) => (program, install),
        Choice::Missing(tool) => (tool.program().to_owned(), tool.install().to_owned()),
        Choice::Skip(skip) => {
            return Ok(Some(format!("note: nobody looks for vulnerabilities: {}", skip.reason())));
        }
    };
    Err(Failure::environment("the image would be released without a scan: no scanner is installed")
        .hint(format!("install one: {program} ({install})"))
        .hint("to release it without: `scanner = \"none\"` below [scan] in slipway.toml"))
}

/// The same bytes were proven by the same settings, and the reports are still there.
fn is_proven(world: &World<'_>, kept: &Kept, digest: &Digest) -> bool {
    let proven = Proven { digest: digest.to_string(), settings: world.session.loaded.digest() };
    world.journal.proven.get(&kept.name) == Some(&proven)
        && world.proof(&kept.name).join("run.json").is_file()
        && files::bills(world, &kept.name).iter().all(|(_, path)| path.is_file())
}

pub(super) fn act(world: &mut World<'_>) -> Result<(), Stop> {
    let found = world.found()?.into_iter().filter(|(kept, digest)| !is_proven(world, kept, digest));
    let missing: Vec<(Kept, Digest)> = found.map(|(kept, digest)| (kept.clone(), digest.clone())).collect();
    for (kept, digest) in &missing {
        let session = session(world, kept, &world.proof(&kept.name))?;
        let mut jobs = jobs(&session, Ask::from(kept.home.at(digest)))?;
        let is_run = session.settings().smoke.iter().any(|smoke| is_meant(smoke, kept));
        // A tag can be moved, so these may be other bytes than those that were looked at before they were pushed.
        jobs.retain(|job| is_run || job.step.id != SMOKE);
        match crate::pipeline::run::run(&session, jobs, world.look)? {
            Exit::Pass => {}
            exit => return Err(Stop::Told(exit)),
        }
        let settings = world.session.loaded.digest();
        world.journal.proven.insert(kept.name.clone(), Proven { digest: digest.to_string(), settings });
        world.write()?;
    }
    Ok(())
}

fn is_meant(smoke: &Smoke, kept: &Kept) -> bool {
    smoke.image.as_ref().is_none_or(|image| image.as_str() == kept.name)
}

/// The same session, but that its reports go to a folder of their own, that one more run asks for the version, and that a
/// failing verdict is one whatever `mode` says: what is not proven is not released.
fn session(world: &World<'_>, kept: &Kept, reports: &Path) -> Result<Session, Failure> {
    let request =
        crate::pipeline::Request { selection: Selection::default(), ..world.session.request.clone() };
    let mut session = Session::open(request)?;
    reports.clone_into(&mut session.reports);
    // Which images these are is told by the repository, and on a machine of one's own no event names it.
    session.context.repository.get_or_insert_with(|| world.github.repository().to_string());
    let settings = &mut session.loaded.settings;
    settings.mode = Mode::Block;
    // How much larger it is than the one before was judged then, and that one may have its tags no more.
    settings.image.size.growth_max = Size::UNLIMITED;
    let args = settings.release.version_args.clone();
    if !args.is_empty() {
        let mut smoke = Smoke::command(VERSION, args, says(&world.version)?);
        smoke.image =
            settings.images.iter().map(|image| &image.name).find(|name| name.as_str() == kept.name).cloned();
        settings.smoke.retain(|smoke| smoke.name.as_str() != VERSION);
        settings.smoke.push(smoke);
    }
    Ok(session)
}

/// The version as a word of its own, as programs print it: `app 1.2.3`, `app v1.2.3 (c0ffee)`.
fn says(version: &semver::Version) -> Result<Expression, Failure> {
    let plain = version.to_string().replace('.', "\\.").replace('+', "\\+");
    Expression::try_from(format!(r"(?m)(^|[\s:=(])v?{plain}($|[\s,;)])"))
        .map_err(|error| Failure::usage(format!("{version} cannot be looked for: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_says_its_version_as_a_word_of_its_own() {
        let says = |version: &str| says(&version.parse().unwrap()).unwrap();
        for text in
            ["app 1.2.3", "app 1.2.3\n", "v1.2.3", "app v1.2.3 (c0ffee)", "name: app\nversion: 1.2.3, x"]
        {
            assert!(says("1.2.3").matches(text), "{text}");
        }
        for text in ["app 1.2.34", "app 11.2.3", "app 1x2.3", "app 1.2.3-rc.1", "app 1.2.3+b", ""] {
            assert!(!says("1.2.3").matches(text), "{text}");
        }
        assert!(says("1.2.3-rc.1+b").matches("app 1.2.3-rc.1+b"));
    }
}
