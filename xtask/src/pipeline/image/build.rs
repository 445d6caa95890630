//! `image.build`: from a program, or from a Dockerfile, to images in the layout of the reports. What follows is the same for
//! both: one digest, known before any registry has seen the image.

use std::time::Instant;

use slipway_image::inspect::Facts;
use slipway_image::layout::{Archived, Image, Layout};
use slipway_image::loader;
use slipway_image::view::View;

use super::fresh::Fresh;
use super::stock::{Built, Stock};
use super::trouble::{Done, Trouble};
use super::{Naming, Target, Wanted, contents, embedded, engine, naming};
use crate::engine::Bench;
use crate::model::image::{BuilderRecord, ImageRecord, TagRecord};
use crate::model::step::Outcome;
use crate::settings::Builder;
use crate::tools::files;

/// What builds an image, and why that.
enum Chosen {
    /// The engine.
    Engine(String),
    /// The builder that is built in.
    Embedded(String),
}

/// Builds all images.
pub(super) fn run(stock: &Stock<'_>, bench: &Bench<'_>) -> Outcome {
    stock.each(|target| {
        let mut record = ImageRecord::named(target.name());
        match build(stock, target, bench, &mut record) {
            Ok(notes) => Done::well(record).noting(notes),
            Err(trouble) => Done::badly(record, trouble),
        }
    })
}

fn build(
    stock: &Stock<'_>,
    target: &Target<'_>,
    bench: &Bench<'_>,
    record: &mut ImageRecord,
) -> Result<Vec<String>, Trouble> {
    let started = Instant::now();
    let naming = naming(stock.session, Some(target), &Wanted::default())?;
    record.repository = target.repository.as_ref().map(ToString::to_string);
    record.tags = tags(&naming);
    record.labels.clone_from(&naming.labels);
    let layout = Layout::create(&stock.layout()).map_err(|error| Trouble::environment(error.to_string()))?;
    let chosen = choose(stock, target)?;
    let (fresh, reason) = match chosen {
        Chosen::Engine(reason) => (engine::build(stock, target, &naming, &layout, bench)?, reason),
        Chosen::Embedded(reason) => (embedded::build(stock, target, &naming, &layout, bench)?, reason),
    };
    let Fresh { image, builder, duration_ms, mut problems, notes } = fresh;
    record.digest = Some(image.descriptor.digest.to_string());
    record.id = Some(image.manifest.config.digest.to_string());
    record.platform = Some(format!("{}/{}", image.config.os, image.config.architecture));
    record.builder = Some(BuilderRecord { name: builder, reason, duration_ms });
    let view = contents::view(stock, &layout, &image)?;
    record.contents = Some(contents::record(&Facts::of(&image, &view)));
    let more = entrypoint(&image, &view).into_iter().filter(|problem| !problems.contains(problem));
    problems.extend(more.collect::<Vec<_>>());
    record.files = archive(stock, target, &naming, &layout, &image)?;
    let digest = &image.descriptor.digest;
    bench.say(&format!(
        "{} is {digest}, after {}",
        target.name(),
        crate::kit::text::duration(started.elapsed())
    ));
    stock.keep(
        target.name(),
        Built { naming: Some(naming), layout: stock.layout(), image, pushed: None, pulled: None },
    );
    match problems.as_slice() {
        [] => Ok(notes),
        [first, rest @ ..] => Err(Trouble::failed(first.clone()).with_excerpt(rest.join("\n"))),
    }
}

/// What would keep the program that an image starts from starting: the settings or the Dockerfile may name another one than
/// was put into it.
fn entrypoint(image: &Image, view: &View) -> Vec<String> {
    let run = &image.config.config;
    let first = |list: &Option<Vec<String>>| list.as_ref().and_then(|list| list.first().cloned());
    let program = first(&run.entrypoint).or_else(|| first(&run.cmd));
    // A name alone is looked up when it runs.
    let Some(program) = program.filter(|program| program.starts_with('/')) else { return Vec::new() };
    loader::check(view, &program, &image.config.architecture).iter().map(ToString::to_string).collect()
}

fn tags(naming: &Naming) -> Vec<TagRecord> {
    let record = |named: &slipway_image::tags::Named| TagRecord {
        tag: named.tag.to_string(),
        reason: named.reason.clone(),
    };
    naming.tags.tags.iter().map(record).collect()
}

fn choose(stock: &Stock<'_>, target: &Target<'_>) -> Result<Chosen, Trouble> {
    let dockerfile = target.settings.dockerfile.as_ref();
    match (stock.session.settings().image.builder, dockerfile) {
        (Builder::Embedded, _) => Ok(Chosen::Embedded("the settings say so".to_owned())),
        (Builder::Auto, None) => Ok(Chosen::Embedded("the image names no Dockerfile".to_owned())),
        (Builder::Engine, None) => {
            let trouble = Trouble::failed("an engine builds from a Dockerfile, and the image names none");
            Err(trouble.hint(["name one with `dockerfile`, or let image.builder be `embedded`".to_owned()]))
        }
        (wanted, Some(_)) => match (stock.engine(), wanted) {
            (Ok(engine), _) => Ok(Chosen::Engine(format!("an engine answers at {}", engine.endpoint()))),
            (Err(_), Builder::Auto) => Ok(Chosen::Embedded("no engine answers".to_owned())),
            (Err(none), _) => Err(Trouble::environment(none.to_string()).hint([none.hint().to_owned()])),
        },
    }
}

/// The archive that engines load, beside the layout.
fn archive(
    stock: &Stock<'_>,
    target: &Target<'_>,
    naming: &Naming,
    layout: &Layout,
    image: &Image,
) -> Result<Vec<String>, Trouble> {
    let home = target.repository.clone().or_else(|| target.local());
    let names: Vec<String> = home
        .iter()
        .flat_map(|home| naming.tags.tags.iter().map(|named| home.tagged(&named.tag).to_string()))
        .collect();
    let path = stock.layout().join(format!("{}.tar", target.name()));
    files::write_with(&path, |out| {
        layout.archive(&[Archived { image, names: &names }], out).map_err(std::io::Error::other)
    })
    .map_err(|error| Trouble::environment(error.to_string()))?;
    let shown = |path: &std::path::Path| {
        let relative = path.strip_prefix(&stock.session.workspace.root).unwrap_or(path);
        relative.to_string_lossy().replace('\\', "/")
    };
    Ok(vec![shown(&stock.layout()), shown(&path)])
}
