//! `image.push`: what was built goes to its registry, by digest and under the tags that name its commit for good. Tags that
//! people follow move later, once the image has proven itself: see `image.tag`.

use std::time::Instant;

use slipway_image::layout::Layout;
use slipway_image::registry::Push;

use super::stock::{Built, Stock};
use super::trouble::{Done, Trouble};
use super::{Target, registry};
use crate::engine::Bench;
use crate::model::image::{ImageRecord, Pushed};
use crate::model::step::Outcome;
use crate::tools::registry::Whose;

/// Pushes all images.
pub(super) fn run(stock: &Stock<'_>, bench: &Bench<'_>) -> Outcome {
    stock.each_built(|target, built| {
        let mut record = ImageRecord::named(target.name());
        match push(stock, target, built, bench) {
            Ok(pushed) => {
                record.pushed = Some(pushed);
                Done::well(record)
            }
            Err(trouble) => Done::badly(record, trouble),
        }
    })
}

fn push(stock: &Stock<'_>, target: &Target<'_>, built: &Built, bench: &Bench<'_>) -> Result<Pushed, Trouble> {
    let home = target.repository.as_ref().ok_or_else(|| {
        let hint = "name one with `repository` in its [[images]] table, such as \"ghcr.io/owner/name\"";
        Trouble::inconclusive("nobody says which repository it is kept in").hint([hint.to_owned()])
    })?;
    let started = Instant::now();
    let layout = Layout::open(&built.layout).map_err(|error| Trouble::failed(error.to_string()))?;
    let open = registry::open(stock, home.registry(), Whose::Ours, bench)?;
    let (fixed, _) = built.tags();
    let root = &built.image.descriptor;
    let push = Push { root, blobs: layout.blobs(), to: home, tags: &fixed, mount_from: &[] };
    let pushed = open.registry.push(&push);
    open.tell(bench);
    let pushed = pushed.map_err(|error| registry::of(&error))?;
    bench.say(&format!("pushed {}", home.at(&pushed.digest)));
    stock.update(target.name(), |built| built.pushed = Some((home.clone(), pushed.digest.clone())));
    let references = fixed.iter().map(|tag| home.tagged(tag).to_string());
    Ok(Pushed {
        references: references.collect(),
        digest: pushed.digest.to_string(),
        uploaded: pushed.uploaded.len() as u64,
        skipped: (pushed.skipped.len() + pushed.mounted.len()) as u64,
        bytes: Some(pushed.bytes),
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}
