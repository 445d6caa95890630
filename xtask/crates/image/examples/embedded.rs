//! Makes an image of a program without an engine, and says how long each part took.
//!
//! `cargo run --release -p slipway-image --example embedded -- BINARY FOLDER [--base LAYOUT] [--level 0..9] [--no-cache]
//! [--push REPOSITORY]` writes the layout `FOLDER/image`, the archive `FOLDER/image.tar` for `docker load`, and the cache
//! `FOLDER/cache`, and pushes the image without credentials.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write, stdout};
use std::path::{Path, PathBuf};
use std::time::Instant;

use slipway_image::base::{User, certificates};
use slipway_image::build::{Base, LEVEL, Recipe, build};
use slipway_image::inspect::Facts;
use slipway_image::layer::Level;
use slipway_image::layer::cache::Cache;
use slipway_image::layout::{Archived, Image, Layout};
use slipway_image::oci::Platform;
use slipway_image::registry::{Credentials, Options, Push, Pushed, Registry, RegistryError};
use slipway_image::{Repository, Tag};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| words.iter().position(|word| word == name).and_then(|at| words.get(at + 1));
    let [binary, folder, ..] = words.as_slice() else {
        return Err(
            "usage: embedded BINARY FOLDER [--base LAYOUT] [--level 0..9] [--no-cache] [--push REPOSITORY]"
                .into(),
        );
    };
    let (binary, folder) = (PathBuf::from(binary), Path::new(folder));
    let from = option("--base").map(|path| Layout::open(Path::new(path))).transpose()?;
    let image = from.as_ref().map(|layout| layout.image(None, &Platform::native())).transpose()?;
    let base = match (&from, &image) {
        (Some(layout), Some(image)) => Base::Image { layout, image },
        _ => Base::Scratch { certificates: certificates(std::env::var("SSL_CERT_FILE").ok().as_deref()) },
    };
    let name =
        binary.file_name().map_or_else(|| "app".to_owned(), |name| name.to_string_lossy().to_lowercase());
    let recipe = Recipe {
        program: format!("/usr/local/bin/{name}"),
        binary,
        base,
        user: User::default(),
        entrypoint: None,
        cmd: Vec::new(),
        env: [].into(),
        ports: Vec::new(),
        labels: [].into(),
        annotations: [].into(),
        healthcheck: None,
        workdir: None,
        stop_signal: None,
        files: Vec::new(),
        epoch: 0,
        platform: Platform::native(),
        level: Level::new(option("--level").map_or(Ok(LEVEL), |text| text.parse())?),
    };
    let cache = Cache::new(&folder.join("cache"));
    let cache = (!words.iter().any(|word| word == "--no-cache")).then_some(&cache);
    let mut out = stdout().lock();

    let start = Instant::now();
    let layout = Layout::create(&folder.join("image"))?;
    let built = build(&recipe, &layout, "latest", cache)?;
    writeln!(out, "build    {:>8.1} ms", start.elapsed().as_secs_f64() * 1000.0)?;
    if let Some(repository) = option("--push") {
        let start = Instant::now();
        let pushed = push(&built.image, &layout, &repository.parse()?)?;
        let spent = start.elapsed().as_secs_f64() * 1000.0;
        writeln!(out, "push     {spent:>8.1} ms, {} requests, {} bytes", pushed.requests, pushed.bytes)?;
    }
    let start = Instant::now();
    let names = [format!("{name}:embedded")];
    let archive = BufWriter::new(File::create(folder.join("image.tar"))?);
    layout.archive(&[Archived { image: &built.image, names: &names }], archive)?;
    writeln!(out, "archive  {:>8.1} ms", start.elapsed().as_secs_f64() * 1000.0)?;
    for problem in &built.problems {
        writeln!(out, "problem: {problem}")?;
    }
    writeln!(out, "{}", serde_json::to_string_pretty(&Facts::of(&built.image, &built.view))?)?;
    Ok(())
}

fn push(image: &Image, layout: &Layout, to: &Repository) -> Result<Pushed, RegistryError> {
    let registry = Registry::new(to.registry(), Credentials::anonymous(), Options::default())?;
    let tags: Vec<Tag> = "embedded".parse().into_iter().collect();
    let push = Push { root: &image.descriptor, blobs: layout.blobs(), to, tags: &tags, mount_from: &[] };
    registry.push(&push)
}
