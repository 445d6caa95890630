//! The files of a release: those that the settings name, the bills of materials and the reports of the proof, and their digests.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use slipway_image::Digest;

use super::world::World;
use crate::kit::failure::Failure;
use crate::kit::text::bytes;
use crate::model::forge::Asset;
use crate::tools::bundle;
use crate::tools::github::NewAsset;

/// The digests of all others, as `sha256sum --check` reads them.
const SUMS: &str = "SHA256SUMS";

/// The reports.
const RECORDS: &str = "run-records.tar";

/// GitHub takes less than 2 GiB.
const LARGEST: u64 = (2 << 30) - 1;

/// What of a proof goes into the bundle.
const REPORTS: [&str; 4] = ["run.json", "image.json", "summary.md", "junit.xml"];

/// A file that belongs to the release.
pub(super) struct Wanted {
    pub(super) file: NewAsset,
}

impl Wanted {
    fn new(name: &str, bytes: Vec<u8>) -> Self {
        let media_type = match Path::new(name).extension().and_then(|end| end.to_str()) {
            Some("json") => "application/json",
            Some("tar") => "application/x-tar",
            Some("gz") => "application/gzip",
            Some("zip") => "application/zip",
            None if name == SUMS => "text/plain",
            _ => "application/octet-stream",
        };
        let digest = Digest::of(&bytes).to_string();
        Self { file: NewAsset { name: name.to_owned(), media_type, bytes: Arc::from(bytes), digest } }
    }

    pub(super) fn name(&self) -> &str {
        &self.file.name
    }

    /// Whether this may be what GitHub has, which tells no digest on older servers.
    pub(super) fn may_be(&self, asset: &Asset) -> bool {
        let is_same = asset.digest.as_ref().is_none_or(|digest| *digest == self.file.digest);
        asset.is_whole && asset.size == self.file.bytes.len() as u64 && is_same
    }

    /// Whether this is what GitHub has for sure.
    pub(super) fn is(&self, asset: &Asset) -> bool {
        asset.name == self.name() && asset.is(self.file.bytes.len() as u64, &self.file.digest)
    }
}

/// The bills of materials of an image, which its proof makes.
pub(super) fn bills(world: &World<'_>, image: &str) -> [(String, PathBuf); 2] {
    ["cdx.json", "spdx.json"].map(|format| {
        let name = format!("{image}.{format}");
        (name.clone(), world.proof(image).join("sbom").join(name))
    })
}

/// Where a file lies, and what it is called in the release.
fn places(world: &World<'_>) -> Result<Vec<(String, PathBuf)>, Failure> {
    let root = &world.session.workspace.root;
    let mut places: Vec<(String, PathBuf)> = Vec::new();
    for file in &world.session.settings().release.assets {
        let name = file.as_str().rsplit('/').next().unwrap_or_default();
        places.push((name.to_owned(), root.join(file.as_str())));
    }
    for kept in &world.images {
        places.extend(bills(world, &kept.name));
    }
    for (place, (name, _)) in places.iter().enumerate() {
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c));
        if !is_plain || name.starts_with('.') {
            return Err(Failure::usage(format!("release.assets: GitHub would not keep the name {name}"))
                .hint(
                    "give the file a name of letters, digits, `.`, `-` and `_` that does not begin with `.`",
                ));
        }
        let is_taken = [SUMS, RECORDS].contains(&name.as_str())
            || places.iter().take(place).any(|(other, _)| other.eq_ignore_ascii_case(name));
        if is_taken {
            return Err(Failure::usage(format!(
                "release.assets: two files of the release would be called {name}"
            ))
            .hint("give one of them another name"));
        }
    }
    Ok(places)
}

/// What was built elsewhere has to be there before anybody sees anything.
pub(super) fn are_there(world: &World<'_>) -> Result<(), Failure> {
    places(world)?;
    for file in &world.session.settings().release.assets {
        size(&world.session.workspace.root.join(file.as_str()))?;
    }
    Ok(())
}

/// What the files are called.
pub(super) fn names(world: &World<'_>) -> Result<Vec<String>, Failure> {
    let own = places(world)?.into_iter().map(|(name, _)| name);
    Ok(own.chain([RECORDS.to_owned(), SUMS.to_owned()]).collect())
}

/// The files themselves. Made of the same parts they are the same, byte by byte.
pub(super) fn make(world: &World<'_>) -> Result<Vec<Wanted>, Failure> {
    let mut all = Vec::new();
    for (name, path) in places(world)? {
        all.push(Wanted::new(&name, read(&path)?));
    }
    all.push(Wanted::new(RECORDS, bundle(world)?));
    let mut sums = String::new();
    for wanted in &all {
        let digest = wanted.file.digest.trim_start_matches("sha256:");
        let _ = writeln!(sums, "{digest}  {}", wanted.name());
    }
    all.push(Wanted::new(SUMS, sums.into_bytes()));
    Ok(all)
}

/// The reports of all proofs, each in a folder with the image's name.
fn bundle(world: &World<'_>) -> Result<Vec<u8>, Failure> {
    let mut members = Vec::new();
    for kept in &world.images {
        for report in REPORTS {
            let path = world.proof(&kept.name).join(report);
            if path.is_file() {
                members.push((format!("{}/{report}", kept.name), read(&path)?));
            }
        }
    }
    let journal = format!(
        "{{\"version\":\"{}\",\"commit\":\"{}\",\"repository\":\"{}\"}}\n",
        world.version,
        world.planned.commit,
        world.github.repository()
    );
    members.push(("release.json".to_owned(), journal.into_bytes()));
    bundle::archive(&members)
        .map_err(|error| Failure::environment("the reports cannot be put together").because(error))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    size(path)?;
    std::fs::read(path).map_err(|error| missing(path, error))
}

fn size(path: &Path) -> Result<(), Failure> {
    let size = std::fs::metadata(path).map_err(|error| missing(path, error))?.len();
    if size > LARGEST {
        let told = format!("{} has {}, and GitHub takes less than 2 GiB", path.display(), bytes(size));
        return Err(Failure::usage(told).hint("pack it, or split it"));
    }
    Ok(())
}

fn missing(path: &Path, error: std::io::Error) -> Failure {
    Failure::usage(format!("{} is to come with the release, and cannot be read", path.display()))
        .because(error)
        .hint("build or fetch it before the release, or take it out of release.assets")
}
