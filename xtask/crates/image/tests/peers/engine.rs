//! A container engine: it loads our archives, runs our programs, and sees the files that we say it sees.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use slipway_image::blobs::Blobs;
use slipway_image::layer::{Contents, Data, Item, Layer, Level};
use slipway_image::layout::{Archived, Image, Layout};
use slipway_image::oci::{ImageConfig, Manifest, Platform, media};
use slipway_image::view::{Kind, View};

use crate::peer;
use crate::sample::built;

/// An image of the engine, removed at the end whatever happens.
struct Loaded(String);

impl Loaded {
    fn load(folder: &Path, layout: &Layout, image: &Image, name: &str) -> Self {
        let name = format!("slipway-peers/{name}:{}", std::process::id());
        let path = folder.join("archive.tar");
        let out = BufWriter::new(File::create(&path).unwrap());
        layout.archive(&[Archived { image, names: std::slice::from_ref(&name) }], out).unwrap();
        peer("docker", &["load", "--quiet", "--input", path.to_str().unwrap()]);
        Self(name)
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        let _ = std::process::Command::new("docker").args(["image", "rm", "--force", &self.0]).output();
    }
}

pub(crate) fn loads_and_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (layout, built) = built(folder.path());
    let loaded = Loaded::load(folder.path(), &layout, &built.image, "cat");
    let run = [
        "run",
        "--rm",
        "--network=none",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
    ];
    let passwd = peer("docker", &[&run[..], &[loaded.0.as_str()]].concat());
    assert!(String::from_utf8(passwd).unwrap().contains("app:x:1234:5678:"), "its own argument");
    let status = peer("docker", &[&run[..], &[loaded.0.as_str(), "/proc/self/status"]].concat());
    assert!(String::from_utf8(status).unwrap().contains("Uid:\t1234\t1234\t1234\t1234"));
    let seen: serde_json::Value = serde_json::from_slice(&peer("docker", &["inspect", &loaded.0])).unwrap();
    let run = &seen[0]["Config"];
    assert_eq!(
        (&run["User"], &run["WorkingDir"], &run["StopSignal"]),
        (&"1234:5678".into(), &"/tmp".into(), &"SIGTERM".into())
    );
    assert_eq!(seen[0]["Id"], built.image.manifest.config.digest.as_str());
}

/// Layers with whiteouts, links through which later layers write, and changes of kind.
fn layers(blobs: &Blobs) -> Vec<Layer> {
    let file = |text: &str| Item::new(text.as_bytes().to_vec().into());
    let link = |target: &str| Item::new(Data::Link(target.to_owned()));
    let folder = |mode| Item::new(Data::Folder).mode(mode);
    let lines: [Vec<(&str, Item)>; 3] = [
        vec![
            ("usr/lib/a", file("a")),
            ("usr/lib/deep/b", file("bb").mode(0o4755)),
            ("opt/x/1", file("1")),
            ("opt/x/2", file("2")),
            ("opt/y/1", file("1")),
            ("turns/into/file", file("x")),
            ("was-file", file("x")),
            ("lib", link("usr/lib")),
            ("tmp", folder(0o1777)),
        ],
        vec![
            ("opt/x/.wh.1", file("")),
            ("opt/y/.wh..wh..opq", file("")),
            ("opt/y/2", file("2").owner(7, 8)),
            ("opt/x", folder(0o700)),
            ("turns/into", file("now a file")),
            ("was-file/now", file("a folder")),
            (".wh.was-file", file("")),
        ],
        vec![
            // Not a whiteout of the folder itself: with one in the same layer, overlayfs shows the lower files again, which the
            // specification does not want.
            ("usr/lib/.wh..wh..opq", file("")),
            ("usr/lib/c", file("c")),
            ("dangling", link("/nowhere/../x")),
            ("opt/.wh.nothing", file("")),
        ],
    ];
    let pack = |lines: Vec<(&str, Item)>| {
        let mut contents = Contents::default();
        for (path, item) in lines {
            contents.add(path, item).unwrap();
        }
        contents.add_parents(|_| false);
        contents.pack(0, Level::new(1), blobs).unwrap()
    };
    lines.into_iter().map(pack).collect()
}

pub(crate) fn sees_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (layout, built) = built(folder.path());
    let layers = layers(layout.blobs());
    let mut config: ImageConfig = built.image.config.clone();
    config.rootfs.diff_ids = layers.iter().map(|layer| layer.diff_id.clone()).collect();
    config.history.clear();
    let manifest = Manifest {
        config: layout.put_json(media::CONFIG, &config).unwrap(),
        layers: layers.into_iter().map(|layer| layer.descriptor).collect(),
        ..built.image.manifest
    };
    layout.name("files", layout.put_json(media::MANIFEST, &manifest).unwrap()).unwrap();
    let image = layout.image(Some("files"), &Platform::native()).unwrap();
    let view = View::open(layout.blobs(), &image, None).unwrap();

    let loaded = Loaded::load(folder.path(), &layout, &image, "files");
    let container = String::from_utf8(peer("docker", &["create", &loaded.0])).unwrap();
    let export = folder.path().join("export.tar");
    let exported = std::panic::catch_unwind(|| {
        peer("docker", &["export", "-o", export.to_str().unwrap(), container.trim()])
    });
    peer("docker", &["rm", container.trim()]);
    exported.unwrap();
    assert_eq!(ours(&view), theirs(&export));
}

/// Path, permissions, owner, size, target.
type Seen = BTreeMap<String, (u32, u64, u64, u64, String)>;

fn ours(view: &View) -> Seen {
    let seen = |node: &slipway_image::view::Node| {
        let entry = &node.entry;
        let target = if let Kind::Symlink(target) = &entry.kind { target.clone() } else { String::new() };
        (entry.path.clone(), (entry.mode, entry.uid, entry.gid, entry.size, target))
    };
    view.nodes().map(seen).collect()
}

/// What the engine adds to every container is left out.
fn theirs(export: &Path) -> Seen {
    let mut seen = Seen::new();
    for entry in tar::Archive::new(File::open(export).unwrap()).entries().unwrap() {
        let entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().trim_matches('/').to_owned();
        if ["", ".dockerenv", "dev", "proc", "sys", "etc"].contains(&path.split('/').next().unwrap()) {
            continue;
        }
        let header = entry.header();
        let target = entry.link_name().unwrap().map(|target| target.to_str().unwrap().to_owned());
        let (mode, uid, gid) =
            (header.mode().unwrap() & 0o7777, header.uid().unwrap(), header.gid().unwrap());
        seen.insert(path, (mode, uid, gid, entry.size(), target.unwrap_or_default()));
    }
    seen
}
