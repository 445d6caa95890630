//! From raw profiles to all reports, as a run of the toolkit does it; what `benches/coverage.sh` measures.
//!
//! `cargo run --release --example reports -- PROFILES ROOT OUT OBJECT…` reads all raw profiles in the folder `PROFILES`
//! and the executables, and writes `lcov.info`, `coverage.xml` and `htmlcov/` for the sources below `ROOT` to `OUT`.

#![expect(clippy::print_stderr, reason = "an example talks to people")]

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, process};

use slipway_coverage::embedded::{self, Input};
use slipway_coverage::pages::{self, Site};
use slipway_coverage::paths::Scope;
use slipway_coverage::{Scale, cobertura, lcov};

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(folder), Some(root), Some(out)) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("usage: reports PROFILES ROOT OUT OBJECT…".into());
    };
    let objects: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    let mut profiles = Vec::new();
    for entry in fs::read_dir(&folder)? {
        profiles.push(entry?.path());
    }
    let scope = Scope::new(&root);
    let keep = |path: &str| scope.keep(path);
    let coverage = embedded::read(Input { profiles: &profiles, objects: &objects, keep: &keep })?.coverage;

    let out = Path::new(&out);
    fs::create_dir_all(out.join("htmlcov"))?;
    let mut file = BufWriter::new(File::create(out.join("lcov.info"))?);
    lcov::write(&coverage, &mut file)?;
    file.flush()?;
    let mut file = BufWriter::new(File::create(out.join("coverage.xml"))?);
    let header = cobertura::Header { root: &root, package: &|_| String::new(), time: SystemTime::now() };
    cobertura::write(&coverage, &header, &mut file)?;
    file.flush()?;
    let site = Site {
        title: "coverage",
        facts: &[],
        report: None,
        coverage: &coverage,
        source: &|path| fs::read(Path::new(&root).join(path)).ok(),
        patch: None,
        scale: Scale::default(),
    };
    pages::write(&site, &|name, bytes| fs::write(out.join("htmlcov").join(name), bytes))?;
    Ok(())
}
