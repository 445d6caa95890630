use std::io::Write as _;
use std::path::Path;

use super::*;
use crate::blobs::Blobs;
use crate::inspect::Facts;
use crate::oci::{Descriptor, Manifest, Names, media};
use crate::view::{Scan, read_layer};

fn recipe(binary: &Path) -> Recipe<'static> {
    Recipe {
        binary: binary.to_owned(),
        program: "/usr/local/bin/app".to_owned(),
        base: Base::Scratch { certificates: None },
        user: User::default(),
        entrypoint: None,
        cmd: vec!["serve".to_owned()],
        env: [("PORT".to_owned(), "80".to_owned())].into(),
        ports: vec!["80/tcp".to_owned()],
        labels: [("a".to_owned(), "b".to_owned())].into(),
        annotations: [("c".to_owned(), "d".to_owned())].into(),
        healthcheck: None,
        workdir: Some("/".to_owned()),
        stop_signal: Some("SIGTERM".to_owned()),
        files: Vec::new(),
        epoch: 1_700_000_000,
        platform: Platform::native(),
        level: Level::new(1),
    }
}

/// A program of this machine with a few libraries.
fn binary() -> PathBuf {
    ["/bin/cat", "/usr/bin/cat"].map(PathBuf::from).into_iter().find(|path| path.is_file()).unwrap()
}

fn layout(folder: &Path, name: &str) -> Layout {
    Layout::create(&folder.join(name)).unwrap()
}

#[test]
fn the_same_source_gives_the_same_digest_twice_and_on_two_paths() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let make = |folder: &Path, name: &str, cache: Option<&Cache>| {
        let program = folder.join("program");
        fs::copy(binary(), &program).unwrap();
        fs::create_dir_all(folder.join("data/deep")).unwrap();
        fs::write(folder.join("data/deep/x"), b"x").unwrap();
        let files = vec![Extra { from: folder.join("data"), to: "/srv/data".to_owned() }];
        let recipe = Recipe { files, ..recipe(&program) };
        build(&recipe, &layout(folder, name), "app:1", cache).unwrap().image
    };
    let first = make(here.path(), "one", None);
    assert_eq!(first, make(there.path(), "one", None));
    let cache = Cache::new(&here.path().join("cache"));
    assert_eq!(first, make(here.path(), "two", Some(&cache)));
    assert_eq!(first, make(here.path(), "three", Some(&cache)), "from the cache");
}

#[test]
fn a_program_stands_on_its_libraries_alone() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = folder.path().join("bundle");
    fs::write(&certificates, b"-----BEGIN CERTIFICATE-----").unwrap();
    let recipe = Recipe { base: Base::Scratch { certificates: Some(certificates) }, ..recipe(&binary()) };
    let layout = layout(folder.path(), "image");
    let Built { image, view, problems } = build(&recipe, &layout, "app:1", None).unwrap();
    assert_eq!(problems, []);
    assert_eq!(image, layout.image(Some("app:1"), &Platform::native()).unwrap());
    assert_eq!(view.nodes().count(), View::open(layout.blobs(), &image, None).unwrap().nodes().count());
    let run = &image.config.config;
    assert_eq!(run.user.as_deref(), Some("1000:1000"));
    assert_eq!(run.entrypoint.as_deref(), Some(&["/usr/local/bin/app".to_owned()][..]));
    assert_eq!(run.env.as_ref().unwrap()[1], "PORT=80");
    assert_eq!(image.config.created.as_deref(), Some("2023-11-14T22:13:20Z"));
    assert_eq!(image.config.history.len(), image.manifest.layers.len());
    assert!(view.get(base::CERTIFICATES).is_some() && view.get("/etc/passwd").is_some());

    let facts = Facts::of(&image, &view);
    assert!(!facts.is_root());
    assert_eq!(
        (facts.env.as_slice(), facts.ports.as_slice()),
        (&["PATH".to_owned(), "PORT".to_owned()][..], &["80/tcp".to_owned()][..])
    );
    assert!(facts.setuid.is_empty() && facts.shells.is_empty() && facts.world_writable.is_empty());
    assert_eq!(
        (facts.wasted, facts.layers.last().unwrap().created_by.as_deref()),
        (0, Some("slipway: program"))
    );
    assert!(facts.packed < facts.unpacked);
}

/// A base with a merged `/usr`, a shell, and something that is overwritten.
fn base(layout: &Layout) -> Image {
    let mut contents = Contents::default();
    let text = |text: &str| Item::new(text.as_bytes().to_vec().into());
    contents.add("usr/bin/dash", text("#!/usr/bin/dash").mode(0o4755)).unwrap();
    contents.add("usr/bin/sh", Item::new(Data::Link("dash".to_owned()))).unwrap();
    contents.add("bin", Item::new(Data::Link("usr/bin".to_owned()))).unwrap();
    contents.add("usr", Item::new(Data::Folder).mode(0o700)).unwrap();
    contents.add("srv/open", text("12345").mode(0o666)).unwrap();
    contents.add_parents(|_| false);
    let layer = contents.pack(0, Level::new(1), layout.blobs()).unwrap();
    let mut config = config::begin(&recipe(&binary()), "2020-01-01T00:00:00Z").unwrap();
    config.config.env = Some(vec!["PATH=/base".to_owned(), "PORT=1".to_owned(), "LANG=C".to_owned()]);
    config.config.volumes = Some(Names(["/data".to_owned()].into()));
    config.rootfs.diff_ids.push(layer.diff_id);
    let manifest = Manifest {
        schema_version: 2,
        media_type: Some(media::DOCKER_MANIFEST.to_owned()),
        config: layout.put_json(media::DOCKER_CONFIG, &config).unwrap(),
        layers: vec![Descriptor { media_type: media::DOCKER_LAYER_GZIP.to_owned(), ..layer.descriptor }],
        annotations: [].into(),
    };
    layout.image_of(layout.put_json(media::DOCKER_MANIFEST, &manifest).unwrap()).unwrap()
}

#[test]
fn a_base_is_built_upon() {
    let folder = tempfile::tempdir().unwrap();
    let from = layout(folder.path(), "base");
    let base_image = base(&from);
    let file = folder.path().join("new");
    fs::write(&file, b"new").unwrap();
    let recipe = Recipe {
        base: Base::Image { layout: &from, image: &base_image },
        program: "/bin/app".to_owned(),
        files: vec![Extra { from: file, to: "/srv/open".to_owned() }],
        ..recipe(&binary())
    };
    let layout = layout(folder.path(), "image");
    let cache = Cache::new(&folder.path().join("cache"));
    let Built { image, view, problems } = build(&recipe, &layout, "app:1", Some(&cache)).unwrap();
    assert_eq!(view.get("/usr/bin/app").unwrap().entry.mode, 0o755, "the link of the merged folder stays");
    assert_eq!(view.get("/usr").unwrap().entry.mode, 0o700, "its folders too");
    assert_eq!(image.config.config.env.as_ref().unwrap(), &["PATH=/base", "LANG=C", "PORT=80"]);
    assert!(image.config.config.volumes.is_some());
    assert_eq!(image.manifest.layers[0].media_type, media::LAYER_GZIP);
    let sentence = problems[0].to_string();
    assert!(sentence.starts_with("/usr/bin/app is started by /") && problems.len() == 1, "{problems:?}");

    let facts = Facts::of(&image, &view);
    assert_eq!(facts.setuid, ["/usr/bin/dash"]);
    assert_eq!(facts.shells, ["/usr/bin/dash", "/usr/bin/sh"]);
    assert_eq!((facts.wasted, facts.waste[0].path.as_str()), (5, "srv/open"));
    let made_by: Vec<Option<&str>> = facts.layers.iter().map(|layer| layer.created_by.as_deref()).collect();
    assert_eq!(made_by.first(), Some(&None), "the base says nothing of its layer");
    assert_eq!(made_by.last(), Some(&Some("slipway: program")), "{made_by:?}");
    let again = build(&recipe, &layout, "app:1", Some(&cache)).unwrap().image;
    assert_eq!(again, image);

    let arm = Platform { architecture: "s390x".to_owned(), ..Platform::native() };
    let error = build(&Recipe { platform: arm, ..recipe }, &layout, "app:1", None).unwrap_err().to_string();
    assert!(
        error.starts_with("the base is for linux/") && error.ends_with("the image shall be for linux/s390x"),
        "{error}"
    );
}

#[test]
fn a_file_that_is_replaced_while_it_is_packed_does_not_spoil_what_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, fs::read(binary()).unwrap()).unwrap();
    let mut contents = Contents::default();
    contents.add("app", file_item(&file).unwrap()).unwrap();
    contents.hold().unwrap();
    fs::write(&file, b"#!/bin/sh").unwrap();

    let (blobs, cache) = (Blobs::below(folder.path()), Cache::new(&folder.path().join("cache")));
    let layer = cache.pack(&contents, 0, Level::new(1), &blobs).unwrap();
    let made = Scan::of_made(&contents, &layer.diff_id, layer.unpacked, Some(&cache)).unwrap();
    let read = |cache| read_layer(&blobs, &layer.descriptor, &layer.diff_id, cache).unwrap();
    assert_eq!(made, read(None), "it is what was packed");
    assert_eq!(made, read(Some(&cache)), "so is what the cache knows");
    assert_eq!(made.entries[0].size, fs::metadata(binary()).unwrap().len());
}

#[test]
fn files_that_are_too_large_to_hold_are_known_as_they_were_packed() {
    let folder = tempfile::tempdir().unwrap();
    let (large, small) = (folder.path().join("large"), folder.path().join("small"));
    fs::File::create(&large).unwrap().set_len(2 << 20).unwrap();
    fs::write(&small, b"#!/bin/sh").unwrap();
    let extra = |from: &Path, to: &str| Extra { from: from.to_owned(), to: to.to_owned() };
    let recipe =
        Recipe { files: vec![extra(&large, "/large"), extra(&small, "/small")], ..recipe(&binary()) };
    let cache = Cache::new(&folder.path().join("cache"));
    let built = build(&recipe, &layout(folder.path(), "one"), "a", Some(&cache)).unwrap();
    assert_eq!(built.view.get("large").unwrap().entry.size, 2 << 20);
    let again = build(&recipe, &layout(folder.path(), "two"), "a", None).unwrap();
    assert_eq!((built.image, again.view.get("small")), (again.image, built.view.get("small")));
}

#[test]
fn a_later_commit_changes_no_layer() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = recipe(&binary());
    let first = build(&recipe, &layout(folder.path(), "one"), "a", None).unwrap().image;
    let later = Recipe { epoch: recipe.epoch + 60, ..recipe };
    let second = build(&later, &layout(folder.path(), "two"), "a", None).unwrap().image;
    assert_eq!(first.manifest.layers, second.manifest.layers);
    assert_ne!(first.config.created, second.config.created);
}

#[test]
fn what_cannot_be_built_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let layout = layout(folder.path(), "image");
    let error = |recipe: &Recipe<'_>| build(recipe, &layout, "a", None).unwrap_err().to_string();
    assert!(error(&recipe(Path::new("/nonexistent/app"))).starts_with("cannot read /nonexistent/app"));
    let mut script = tempfile::NamedTempFile::new().unwrap();
    script.write_all(b"#!/bin/sh").unwrap();
    assert!(error(&recipe(script.path())).contains("is no program for Linux"));
    let relative = Recipe { program: "app".to_owned(), ..recipe(&binary()) };
    assert_eq!(error(&relative), "`app` is no place for the program: it must begin with `/`");
    let late = Recipe { epoch: u64::MAX, ..recipe(&binary()) };
    assert_eq!(error(&late), format!("{} seconds since 1970 is no date", u64::MAX));
    let gone = Recipe {
        files: vec![Extra { from: "/nonexistent".into(), to: "/x".to_owned() }],
        ..recipe(&binary())
    };
    assert!(error(&gone).starts_with("cannot read /nonexistent"));
    let outside = Recipe { program: "/../app".to_owned(), ..recipe(&binary()) };
    assert_eq!(error(&outside), "the path `/../app` leads out of the image");
}
