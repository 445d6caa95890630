//! `image.sbom`: what is in each image, as CycloneDX and SPDX. Crates are those that the program lists itself, or else those
//! that cargo would link; system packages are those that the image lists; of an image without such a list each file is told,
//! by the package of this machine that it was copied from.

use std::path::PathBuf;

use chrono::DateTime;
use slipway_image::Digest;
use slipway_image::elf::Host;
use slipway_image::layout::Layout;
use slipway_image::sbom::cargo::{TREE_FLAGS, Told};
use slipway_image::sbom::{
    self, Bom, Component, Kind, Made, Subject, System, auditable, debian, files as single,
};
use slipway_image::view::{self, View};

use super::stock::{Built, Stock};
use super::trouble::{Done, Trouble};
use super::{Target, contents};
use crate::engine::Bench;
use crate::model::command::CommandLine;
use crate::model::image::ImageRecord;
use crate::model::step::Outcome;
use crate::pipeline::session::cargo_flags;
use crate::tools::files;

/// What a CycloneDX file is called behind the name of the image.
pub(super) const CYCLONEDX: &str = "cdx.json";
/// What an SPDX file is called behind the name of the image.
pub(super) const SPDX: &str = "spdx.json";

/// Bytes of a program that are looked through for its own list.
const PROGRAM: u64 = 512 << 20;

/// An image without a system has few files; of one with thousands each alone says nothing.
const FILES: usize = 256;

/// Where a bill goes, below the reports.
pub(super) fn file(image: &str, format: &str) -> PathBuf {
    PathBuf::from("sbom").join(format!("{image}.{format}"))
}

/// Writes the bills of all images.
pub(super) fn run(stock: &Stock<'_>, bench: &Bench<'_>) -> Outcome {
    stock.each_built(|target, built| {
        let record = ImageRecord::named(target.name());
        match bill(stock, target, built, bench)
            .and_then(|(bom, note)| Ok((write(stock, target, &bom)?, bom, note)))
        {
            Ok((files, bom, note)) => {
                bench.say(&format!("{} has {}", target.name(), told(&bom)));
                let mut done = Done::well(ImageRecord { files: files.clone(), ..record }).noting(note);
                done.facts.artifacts = files;
                done
            }
            Err(trouble) => Done::badly(record, trouble),
        }
    })
}

/// `57 crates, 3 system packages, 5 files`.
fn told(bom: &Bom) -> String {
    use crate::kit::text::plural;
    let packages = bom.count(Kind::Debian) + bom.count(Kind::Alpine);
    let counts =
        [(bom.count(Kind::Cargo), "crate"), (packages, "system package"), (bom.count(Kind::File), "file")];
    counts.map(|(count, what)| plural(count, what)).join(", ")
}

fn bill(
    stock: &Stock<'_>,
    target: &Target<'_>,
    built: &Built,
    bench: &Bench<'_>,
) -> Result<(Bom, Option<String>), Trouble> {
    let layout = Layout::open(&built.layout).map_err(|error| Trouble::failed(error.to_string()))?;
    let view = contents::view(stock, &layout, &built.image)?;
    let mut bom = Bom::new(subject(target, built), made(stock, built));
    let from_cargo = match target.program {
        Some((package, _)) => cargo(stock, &package.name, bench)?,
        // Somebody else's image: what cargo would link here says nothing about it.
        None => Vec::new(),
    };
    let (crates, note) = match listed(built, &view)? {
        Some(listed) => (known(listed, from_cargo), None),
        None if target.program.is_none() => {
            let name = target.name();
            (
                Vec::new(),
                Some(format!(
                    "the program of the image {name} does not list its crates, so its bill of materials has none"
                )),
            )
        }
        None => {
            let name = target.name();
            let note = format!(
                "the bill of materials of {name} has the crates that cargo links; a program built by `cargo auditable` lists its own"
            );
            (from_cargo, Some(note))
        }
    };
    bom.extend(crates);
    if let Some(system) = System::read(&view) {
        bom.extend(debian::components(&view, &system));
        bom.extend(sbom::alpine::components(&view, &system));
        bom.system = Some(system);
    } else {
        let host = Host::new();
        let owned = single::components(&alone(&view, &host), &debian::Owners::read(&host));
        // Advisories of the packages that files were copied from are those of this machine's system.
        let has_packages = owned.iter().any(|component| component.kind == Kind::Debian);
        bom.system = if has_packages { System::read(&host) } else { None };
        bom.extend(owned);
    }
    Ok((bom, note))
}

fn subject(target: &Target<'_>, built: &Built) -> Subject {
    let home = target.repository.clone().or_else(|| target.local());
    let label = |naming: &super::Naming| naming.labels.get("org.opencontainers.image.version").cloned();
    Subject {
        name: home.map_or_else(|| target.name().to_owned(), |home| home.to_string()),
        version: built.naming.as_ref().and_then(label),
        digest: Some(built.image.descriptor.digest.clone()),
    }
}

/// The time of the commit, so that the same source gives the same bytes.
fn made(stock: &Stock<'_>, built: &Built) -> Made {
    let epoch = stock.session.request.env.get("SOURCE_DATE_EPOCH");
    let epoch = epoch.and_then(|text| DateTime::from_timestamp(text.trim().parse().ok()?, 0));
    let committed = built.naming.as_ref().map(|naming| naming.inputs.committed.to_utc());
    Made {
        at: epoch.or(committed).unwrap_or_default(),
        tool: "slipway".to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// The crates that cargo links into the program.
fn cargo(stock: &Stock<'_>, package: &str, bench: &Bench<'_>) -> Result<Vec<Component>, Trouble> {
    let flags = cargo_flags(&stock.session.settings().cargo);
    let flags: Vec<String> = flags.into_iter().filter(|flag| !flag.starts_with("--exclude=")).collect();
    let locked = flags.iter().filter(|flag| *flag == "--locked").cloned();
    let tree = CommandLine::new("cargo").args(["tree", "--package", package]).args(TREE_FLAGS);
    let tree = ask(bench, &tree.args(flags.clone()))?;
    let metadata = CommandLine::new("cargo").args(["metadata", "--format-version=1"]).args(locked);
    // Crates of other platforms need not be on this machine.
    let metadata = match host(bench) {
        Some(host) => metadata.arg(format!("--filter-platform={host}")),
        None => metadata,
    };
    let metadata = ask(bench, &metadata)?;
    let lock = files::read(&stock.session.workspace.root.join("Cargo.lock")).ok();
    sbom::cargo::components(Told { tree: &tree, metadata: &metadata, lock: lock.as_deref() })
        .map_err(|error| Trouble::inconclusive(error.to_string()))
}

/// The answer of a short question, of which only the command is logged.
fn ask(bench: &Bench<'_>, line: &CommandLine) -> Result<String, Trouble> {
    bench.write(&format!("$ {line}"));
    let output = bench.supervisor().ask(line).map_err(|error| Trouble::environment(error.to_string()))?;
    if output.success() {
        return Ok(output.stdout);
    }
    Err(Trouble::of_command("cargo does not tell what it links", &output))
}

/// The target that rustc builds for by itself.
fn host(bench: &Bench<'_>) -> Option<String> {
    let output = bench.supervisor().ask(&CommandLine::new("rustc").arg("-vV")).ok()?;
    output.stdout.lines().find_map(|line| line.strip_prefix("host: ")).map(ToOwned::to_owned)
}

/// The crates that the program itself lists; none when it does not.
fn listed(built: &Built, view: &View) -> Result<Option<Vec<Component>>, Trouble> {
    let config = &built.image.config.config;
    let program = config.entrypoint.iter().flatten().chain(config.cmd.iter().flatten()).next();
    let Some(bytes) = program.and_then(|program| view.read(program, PROGRAM).ok()) else { return Ok(None) };
    match auditable::components(&bytes) {
        Ok(components) => Ok(components),
        // A script that starts the program lists nothing.
        Err(auditable::AuditableError::NoProgram) => Ok(None),
        Err(error) => Err(Trouble::inconclusive(format!("{}: {error}", program.map_or("", String::as_str)))),
    }
}

/// What a program lists, with what cargo knows of the same crates.
fn known(listed: Vec<Component>, from_cargo: Vec<Component>) -> Vec<Component> {
    let ids: std::collections::BTreeSet<String> = listed.iter().map(Component::id).collect();
    let details = from_cargo.into_iter().filter(|component| ids.contains(&component.id()));
    let details: Vec<Component> = details.collect();
    listed.into_iter().chain(details).collect()
}

/// The files of an image without a system. One that this machine has at the same path, byte by byte, was copied from there.
fn alone(view: &View, host: &Host) -> Vec<single::File> {
    let is_file = |node: &&view::Node| node.entry.kind == view::Kind::File;
    let file = |node: &view::Node| {
        let path = format!("/{}", node.entry.path);
        let digest = Digest::of(&view.read(&path, PROGRAM).ok()?);
        let same = sbom::Files::read(host, &path).is_some_and(|bytes| Digest::of(&bytes) == digest);
        Some(single::File { from: same.then(|| path.clone()), path, digest })
    };
    view.nodes().filter(is_file).take(FILES).filter_map(file).collect()
}

fn write(stock: &Stock<'_>, target: &Target<'_>, bom: &Bom) -> Result<Vec<String>, Trouble> {
    let bills = [(CYCLONEDX, bom.cyclonedx()), (SPDX, bom.spdx())];
    let write = |(format, text): (&str, String)| {
        let path = stock.session.reports.join(file(target.name(), format));
        files::write(&path, &text).map_err(|error| Trouble::environment(error.to_string()))?;
        Ok(stock.session.workspace.relative(&path))
    };
    bills.into_iter().map(write).collect()
}
