//! `image.scan`: which images are looked at, and where they are.

use slipway_image::layout::{Archived, Layout};

use super::sbom;
use super::stock::{Built, Stock};
use crate::engine::Bench;
use crate::model::command::CommandLine;
use crate::model::step::Outcome;
use crate::pipeline::scanning::{self, Target};
use crate::tools::files;
use crate::tools::trivy::Source;

/// Scans all images that were built or fetched.
pub(super) fn run(stock: &Stock<'_>, bench: &Bench<'_>) -> Outcome {
    scanning::scan(stock.session, bench, &targets(stock, Presence::Now), std::time::SystemTime::now().into())
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
        let archive = stock.layout().join(format!("{name}.tar"));
        if presence == Presence::Now
            && !archive.is_file()
            && let Some(built) = stock.built(name)
        {
            // What came from a registry lies in a layout with others; scanners take an archive of one.
            let _ = pack(&built, &archive);
        }
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
