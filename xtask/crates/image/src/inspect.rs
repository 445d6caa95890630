//! The facts of an image that its structure and size are judged by: how it is run, what it is made of, what it should not have.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::digest::Digest;
use crate::layout::Image;
use crate::oci::Healthcheck;
use crate::view::{Kind, View, Waste};

/// Programs that take commands, by the names of their files.
const SHELLS: [&str; 12] =
    ["sh", "ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "mksh", "tcsh", "toybox", "zsh"];

/// Folders in which programs lie.
const PROGRAM_FOLDERS: [&str; 7] = ["", "bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "busybox"];

/// What an image is. Sizes are bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// The digest of the manifest.
    pub digest: Digest,
    /// `linux/amd64`.
    pub platform: String,
    /// When it was made, RFC 3339.
    pub created: Option<String>,
    /// `UID`, `UID:GID`, or names. Empty is root.
    pub user: String,
    /// The program and its first arguments.
    pub entrypoint: Vec<String>,
    /// Arguments that whoever runs it may replace.
    pub cmd: Vec<String>,
    /// The names of its variables; values may be secret.
    pub env: Vec<String>,
    /// `8080/tcp`.
    pub ports: Vec<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// How an engine asks whether it is well.
    pub healthcheck: Option<Healthcheck>,
    /// The folder that it starts in.
    pub workdir: String,
    /// The signal that asks it to stop.
    pub stop_signal: Option<String>,
    /// Its layers, the lowest first.
    pub layers: Vec<LayerFacts>,
    /// Bytes that a registry keeps: layers, configuration and manifest.
    pub packed: u64,
    /// Bytes of all layers, unpacked.
    pub unpacked: u64,
    /// Files that a container sees.
    pub files: usize,
    /// Programs that run as their owner or group, whoever starts them.
    pub setuid: Vec<String>,
    /// Programs that take commands.
    pub shells: Vec<String>,
    /// Files and folders that everybody may write. Folders with the sticky bit, as `/tmp`, are left out.
    pub world_writable: Vec<String>,
    /// Bytes in layers that no container sees.
    pub wasted: u64,
    /// Where they are, the most first.
    pub waste: Vec<Waste>,
}

/// A layer of an image. Sizes are bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LayerFacts {
    /// The digest of its packed bytes.
    pub digest: Digest,
    /// Packed.
    pub size: u64,
    /// Unpacked.
    pub unpacked: u64,
    /// The command that made it, where the image tells.
    pub created_by: Option<String>,
}

/// The most paths that are listed of a kind; the counts and sums are of all.
const WORST: usize = 20;

impl Facts {
    /// The facts of an image and its files.
    #[must_use]
    pub fn of(image: &Image, view: &View) -> Self {
        let run = &image.config.config;
        let own = |text: &Option<String>| text.clone().unwrap_or_default();
        let names =
            run.env.iter().flatten().map(|line| line.split('=').next().unwrap_or_default().to_owned());
        let layers = layers(image, view);
        let manifest = image.descriptor.size + image.manifest.config.size;
        Self {
            digest: image.descriptor.digest.clone(),
            platform: format!("{}/{}", image.config.os, image.config.architecture),
            created: image.config.created.clone(),
            user: own(&run.user),
            entrypoint: run.entrypoint.clone().unwrap_or_default(),
            cmd: run.cmd.clone().unwrap_or_default(),
            env: names.collect(),
            ports: run.exposed_ports.iter().flat_map(|ports| ports.0.iter().cloned()).collect(),
            labels: run.labels.clone().unwrap_or_default(),
            healthcheck: run.healthcheck.clone(),
            workdir: own(&run.working_dir),
            stop_signal: run.stop_signal.clone(),
            packed: layers.iter().fold(manifest, |sum, layer| sum.saturating_add(layer.size)),
            unpacked: layers.iter().fold(0, |sum, layer| layer.unpacked.saturating_add(sum)),
            layers,
            files: view.nodes().filter(|node| node.entry.kind == Kind::File).count(),
            setuid: paths(view, |path, view| is_file(view, path, 0o6000)),
            shells: paths(view, is_shell),
            world_writable: paths(view, is_world_writable),
            wasted: view.waste().iter().fold(0, |sum, waste| waste.bytes.saturating_add(sum)),
            waste: view.waste().iter().take(WORST).cloned().collect(),
        }
    }

    /// Whether it runs as root: no user, or one whose number or name is root's.
    #[must_use]
    pub fn is_root(&self) -> bool {
        let user = self.user.split(':').next().unwrap_or_default();
        user.is_empty() || user == "root" || user.parse() == Ok(0_u64)
    }
}

fn layers(image: &Image, view: &View) -> Vec<LayerFacts> {
    let history = image.config.history.iter().filter(|step| step.empty_layer != Some(true));
    let mut commands = history.map(|step| step.created_by.clone());
    let pairs = image.manifest.layers.iter().zip(view.unpacked());
    let facts = pairs.map(|(layer, unpacked)| LayerFacts {
        digest: layer.digest.clone(),
        size: layer.size,
        unpacked: *unpacked,
        created_by: commands.next().flatten(),
    });
    facts.collect()
}

fn paths(view: &View, is_one: impl Fn(&str, &View) -> bool) -> Vec<String> {
    let all = view.nodes().map(|node| node.entry.path.as_str()).filter(|path| is_one(path, view));
    all.map(|path| format!("/{path}")).collect()
}

fn is_file(view: &View, path: &str, bits: u32) -> bool {
    view.get(path).is_some_and(|node| {
        node.entry.path == path && node.entry.kind == Kind::File && node.entry.mode & bits != 0
    })
}

/// Also a link that leads to a program: `/bin/sh` often is one.
fn is_shell(path: &str, view: &View) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_program =
        || view.get(path).is_some_and(|node| node.entry.kind == Kind::File && node.entry.mode & 0o111 != 0);
    PROGRAM_FOLDERS.contains(&folder) && SHELLS.contains(&name) && is_program()
}

fn is_world_writable(path: &str, view: &View) -> bool {
    let Some(node) = view.get(path).filter(|node| node.entry.path == path) else {
        return false;
    };
    let is_open = node.entry.mode & 0o002 != 0;
    match node.entry.kind {
        Kind::File => is_open,
        Kind::Folder => is_open && node.entry.mode & 0o1000 == 0,
        Kind::Symlink(_) | Kind::Hardlink(_) | Kind::Special => false,
    }
}
