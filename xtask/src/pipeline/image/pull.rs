//! `image.pull`: what was pushed comes back, by its digest, as whoever deploys it would get it. What is here already does not
//! count: an engine forgets the image first, and without an engine it goes to an empty folder.

use std::time::Instant;

use slipway_image::layout::Layout;
use slipway_image::{Reference, Repository};

use super::engine::{limits, of_engine};
use super::stock::{Built, Pulled, Stock};
use super::trouble::{Done, Trouble};
use super::{Target, registry};
use crate::engine::Bench;
use crate::model::image::{self, ImageRecord};
use crate::model::step::Outcome;
use crate::tools::files;
use crate::tools::registry::find;

/// Pulls all images that were pushed.
pub(super) fn run(stock: &Stock<'_>, bench: &Bench<'_>) -> Outcome {
    stock.each_built(|target, built| {
        let mut record = ImageRecord::named(target.name());
        let pulled = match &built.pushed {
            Some((repository, digest)) => pull(stock, target.name(), &repository.at(digest), bench),
            None => Err(Trouble::inconclusive("the image was not pushed")),
        };
        match pulled {
            Ok((from, pulled)) => {
                stock.update(target.name(), |built| built.pulled = Some(pulled));
                record.pulled = Some(from);
                Done::well(record)
            }
            Err(trouble) => Done::badly(record, trouble),
        }
    })
}

/// Pulls one.
pub(super) fn pull(
    stock: &Stock<'_>,
    name: &str,
    reference: &Reference,
    bench: &Bench<'_>,
) -> Result<(image::Pulled, Pulled), Trouble> {
    let started = Instant::now();
    let (digest, pulled) = match stock.engine() {
        Ok(_) => by_engine(stock, reference, bench)?,
        Err(_) => by_client(stock, name, reference, bench)?,
    };
    bench.say(&format!("pulled {reference}"));
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok((image::Pulled { reference: reference.to_string(), digest, duration_ms }, pulled))
}

fn by_engine(
    stock: &Stock<'_>,
    reference: &Reference,
    bench: &Bench<'_>,
) -> Result<(String, Pulled), Trouble> {
    let engine = stock.engine().map_err(|none| Trouble::environment(none.to_string()))?;
    let name = reference.to_string();
    let was_there = engine.inspect(&name).is_ok();
    match engine.remove_image(&name) {
        Err(error) if !error.is_not_found() => return Err(of_engine(&error)),
        _ => {}
    }
    let host = reference.repository.registry();
    let login = find(&stock.session.request.env, host, registry::whose(stock.session, host));
    let login = login.map_err(|error| Trouble::environment(error.to_string()))?;
    let image = engine
        .pull(reference, login.credentials.as_ref(), &limits(stock, bench), &mut |_| {})
        .map_err(|error| of_engine(&error))?;
    if !was_there {
        stock.borrow_image(&name);
    }
    let digest = digest_in(&image.digests, &reference.repository)
        .or_else(|| Some(reference.digest.as_ref()?.to_string()));
    Ok((digest.unwrap_or_default(), Pulled::Engine(name)))
}

/// The digest under which an engine has an image of a repository.
fn digest_in(digests: &[Reference], repository: &Repository) -> Option<String> {
    let ours = digests.iter().find(|reference| reference.repository == *repository)?;
    ours.digest.as_ref().map(ToString::to_string)
}

fn by_client(
    stock: &Stock<'_>,
    name: &str,
    reference: &Reference,
    bench: &Bench<'_>,
) -> Result<(String, Pulled), Trouble> {
    let folder = stock.folder("pulled").join(name);
    files::remove_folder(&folder).map_err(|error| Trouble::environment(error.to_string()))?;
    let layout = Layout::create(&folder).map_err(|error| Trouble::environment(error.to_string()))?;
    let whose = registry::whose(stock.session, reference.repository.registry());
    let (_, digest) = registry::pull(stock, reference, &layout, whose, bench)?;
    Ok((digest.to_string(), Pulled::Layout(folder)))
}

/// Pulls the image that somebody asked for: it is looked at as a registry has it, and run as whoever deploys it would.
pub(super) fn fetch(stock: &Stock<'_>, bench: &Bench<'_>) -> Outcome {
    stock.each(|target| {
        let mut record = ImageRecord::named(target.name());
        match fetch_one(stock, target, bench, &mut record) {
            Ok(()) => Done::well(record),
            Err(trouble) => Done::badly(record, trouble),
        }
    })
}

fn fetch_one(
    stock: &Stock<'_>,
    target: &Target<'_>,
    bench: &Bench<'_>,
    record: &mut ImageRecord,
) -> Result<(), Trouble> {
    let name = target.name();
    let reference = stock.reference(target).ok_or_else(|| Trouble::failed("nobody named an image"))?;
    record.repository = Some(reference.repository.to_string());
    let started = Instant::now();
    let folder = stock.folder("pulled").join(name);
    files::remove_folder(&folder).map_err(|error| Trouble::environment(error.to_string()))?;
    let layout = Layout::create(&folder).map_err(|error| Trouble::environment(error.to_string()))?;
    let whose = registry::whose(stock.session, reference.repository.registry());
    let (image, root) = registry::pull(stock, reference, &layout, whose, bench)?;
    let pinned = reference.repository.at(&root);
    bench.say(&format!("{reference} is {root}"));
    let pulled = match stock.engine() {
        Ok(_) => by_engine(stock, &pinned, bench)?.1,
        Err(_) => Pulled::Layout(folder.clone()),
    };
    record.digest = Some(root.to_string());
    record.id = Some(image.manifest.config.digest.to_string());
    record.platform = Some(format!("{}/{}", image.config.os, image.config.architecture));
    record.labels = image.config.config.labels.clone().unwrap_or_default();
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    record.pulled =
        Some(image::Pulled { reference: pinned.to_string(), digest: root.to_string(), duration_ms });
    let pushed = Some((reference.repository.clone(), root));
    stock.keep(name, Built { naming: None, layout: folder, image, pushed, pulled: Some(pulled) });
    Ok(())
}
