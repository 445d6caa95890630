//! `image.scan`: which images are looked at, and where they are.

use std::path::PathBuf;

use slipway_image::layout::{Archived, Layout};

use super::sbom;
use super::stock::{Built, Stock};
use crate::engine::Bench;
use crate::model::command::CommandLine;
use crate::model::step::{Outcome, Status};
use crate::pipeline::scanning::{self, Target};
use crate::tools::files;
use crate::tools::trivy::Source;

/// Scans all images that were built or fetched.
pub(super) fn run(stock: &Stock<'_>, bench: &Bench<'_>) -> Outcome {
    // What came from a registry lies in a layout with others; scanners take an archive of one.
    for image in &stock.targets {
        let archive = archive(stock, image.name());
        if let Some(built) = stock.built(image.name()).filter(|_| !archive.is_file())
            && let Err(error) = pack(&built, &archive)
        {
            let told = format!("the image {} cannot be handed to a scanner: {error}", image.name());
            return Outcome::because(Status::Inconclusive, told).blame_environment();
        }
    }
    scanning::scan(stock.session, bench, &targets(stock, Presence::Now), std::time::SystemTime::now().into())
}

/// Where the archive of an image is.
fn archive(stock: &Stock<'_>, name: &str) -> PathBuf {
    stock.layout().join(format!("{name}.tar"))
}

/// The commands of a scan, as far as they are known before images are there.
pub(super) fn commands(stock: &Stock<'_>) -> Vec<CommandLine> {
    scanning::commands(stock.session, &targets(stock, Presence::Later))
}

/// Whether images are there already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Now,
    Later,
}

fn targets(stock: &Stock<'_>, presence: Presence) -> Vec<Target> {
    let target = |name: &str| {
        let archive = archive(stock, name);
        let bill = stock.session.reports.join(sbom::file(name, sbom::CYCLONEDX));
        let is_there = |path: &std::path::Path| presence == Presence::Later || path.is_file();
        let shown = |path: &std::path::Path| stock.session.workspace.relative(path);
        Target {
            image: name.to_owned(),
            source: is_there(&archive).then(|| Source::Path(shown(&archive))),
            sbom: is_there(&bill).then(|| shown(&bill)),
        }
    };
    stock.targets.iter().map(|image| target(image.name())).collect()
}

fn pack(built: &Built, archive: &std::path::Path) -> Result<(), String> {
    let layout = Layout::open(&built.layout).map_err(|error| error.to_string())?;
    files::write_with(archive, |out| {
        layout.archive(&[Archived { image: &built.image, names: &[] }], out).map_err(std::io::Error::other)
    })
    .map_err(|error| error.to_string())
}
