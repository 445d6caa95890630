//! `image.smoke`: images are run as the settings say: by the engine where one answers, otherwise as processes of this machine.
//! What was pulled is run; what was not pushed is run as it was built.

use slipway_image::layout::{Archived, Layout};

use super::engine::{limits, of_engine};
use super::stock::{Built, Pulled, Stock};
use super::trouble::{Done, Trouble};
use super::{Target, contents};
use crate::engine::Bench;
use crate::model::facts::Facts;
use crate::model::image::ImageRecord;
use crate::model::step::{Outcome, Status};
use crate::pipeline::smoke::{Smoked, Subject, smoke};
use crate::tools::files::{self, TemporaryFolder};
use crate::tools::runtime::engine::InEngine;
use crate::tools::runtime::{Packaged, RuntimeError};
#[cfg(target_os = "linux")]
use crate::tools::sandbox::Sandbox;

/// Runs all images.
pub(super) fn run(stock: &Stock<'_>, bench: &Bench<'_>) -> Outcome {
    stock.each_built(|target, built| {
        let record = ImageRecord::named(target.name());
        match smoked(stock, target, built, bench) {
            Ok(smoked) => done(record, smoked),
            Err(trouble) => Done::badly(record, trouble),
        }
    })
}

fn done(mut record: ImageRecord, smoked: Smoked) -> Done {
    let Smoked { records, cases, notes, status, reason, environment } = smoked;
    record.smoke = records;
    let excerpt = cases.iter().find(|case| case.outcome.is_bad()).map(|case| {
        let message = case.message.clone().unwrap_or_default();
        format!("{}: {message}\n{}", case.full_name(), case.output)
    });
    let name = record.name.clone();
    let reason = reason.unwrap_or_else(|| status.word().to_owned());
    let trouble = match status {
        Status::Passed | Status::Skipped => None,
        Status::Cancelled => Some(Trouble::cancelled()),
        Status::Failed => Some(Trouble::failed(reason)),
        Status::Inconclusive if environment => Some(Trouble::environment(reason)),
        Status::Inconclusive => Some(Trouble::inconclusive(reason)),
    };
    let trouble = trouble.map(|trouble| trouble.with_excerpt(excerpt.unwrap_or_default()));
    Done { name, facts: Facts { tests: cases, notes, ..Facts::of_images(vec![record]) }, trouble }
}

fn smoked(
    stock: &Stock<'_>,
    target: &Target<'_>,
    built: &Built,
    bench: &Bench<'_>,
) -> Result<Smoked, Trouble> {
    let packaged = Packaged::from(&built.image.config.config);
    match stock.engine() {
        Ok(_) => by_engine(stock, target, built, &packaged, bench),
        Err(_) => by_sandbox(stock, target, built, &packaged, bench),
    }
}

fn by_engine(
    stock: &Stock<'_>,
    target: &Target<'_>,
    built: &Built,
    packaged: &Packaged,
    bench: &Bench<'_>,
) -> Result<Smoked, Trouble> {
    let engine = stock.engine().map_err(|none| Trouble::environment(none.to_string()))?;
    let image = match &built.pulled {
        Some(Pulled::Engine(name)) => name.clone(),
        _ => load(stock, target, built, bench)?,
    };
    let owner = stock.owner();
    let runtime = InEngine {
        engine,
        owner: &owner,
        image: image.clone(),
        interrupt: stock.session.supervisor.interrupt.clone(),
    };
    let subject = Subject { image: target.name(), reference: &image, packaged };
    Ok(smoke(subject, &stock.session.settings().smoke, &runtime, bench))
}

/// Gives the image to the engine, for this run only, and gives the name that it has there.
fn load(stock: &Stock<'_>, target: &Target<'_>, built: &Built, bench: &Bench<'_>) -> Result<String, Trouble> {
    let engine = stock.engine().map_err(|none| Trouble::environment(none.to_string()))?;
    let layout = Layout::open(&built.layout).map_err(|error| Trouble::failed(error.to_string()))?;
    let digest = &built.image.descriptor.digest;
    // A name of this run alone: nobody's tag is taken away, nor that of another run of the same commit.
    let name = stock.owner().image(target.name(), digest.short());
    let folder = TemporaryFolder::new().map_err(|error| Trouble::environment(error.to_string()))?;
    let archive = folder.path().join("image.tar");
    let archived = Archived { image: &built.image, names: std::slice::from_ref(&name) };
    files::write_with(&archive, |out| layout.archive(&[archived], out).map_err(std::io::Error::other))
        .map_err(|error| Trouble::environment(error.to_string()))?;
    stock.borrow_image(&name);
    engine.load(&archive, &limits(stock, bench)).map_err(|error| of_engine(&error))?;
    Ok(name)
}

#[cfg(target_os = "linux")]
fn by_sandbox(
    stock: &Stock<'_>,
    target: &Target<'_>,
    built: &Built,
    packaged: &Packaged,
    bench: &Bench<'_>,
) -> Result<Smoked, Trouble> {
    let folder = match &built.pulled {
        Some(Pulled::Layout(folder)) => folder.clone(),
        _ => built.layout.clone(),
    };
    let layout = Layout::open(&folder).map_err(|error| Trouble::failed(error.to_string()))?;
    let view = contents::view(stock, &layout, &built.image)?;
    let place = TemporaryFolder::new().map_err(|error| Trouble::environment(error.to_string()))?;
    let root = place.path().join("root");
    view.unpack(&root).map_err(|error| Trouble::environment(error.to_string()))?;
    let runtime =
        Sandbox::new(bench.supervisor(), &root, packaged.clone()).map_err(|error| of_runtime(&error))?;
    let reference = match (&built.pulled, &built.pushed) {
        (Some(_), Some((home, root))) => home.at(root).to_string(),
        _ => built.image.descriptor.digest.to_string(),
    };
    let subject = Subject { image: target.name(), reference: &reference, packaged };
    Ok(smoke(subject, &stock.session.settings().smoke, &runtime, bench))
}

#[cfg(not(target_os = "linux"))]
fn by_sandbox(
    _: &Stock<'_>,
    _: &Target<'_>,
    _: &Built,
    _: &Packaged,
    _: &Bench<'_>,
) -> Result<Smoked, Trouble> {
    let trouble = Trouble::environment("no engine answers, and images can be run without one on Linux only");
    Err(trouble.hint(["start a container engine".to_owned()]))
}

#[cfg(target_os = "linux")]
fn of_runtime(error: &RuntimeError) -> Trouble {
    Trouble::environment(error.to_string())
}
