//! An image of a small program of this machine.

use std::path::{Path, PathBuf};

use slipway_image::base::{User, certificates};
use slipway_image::build::{Base, Built, LEVEL, Recipe, build};
use slipway_image::layer::Level;
use slipway_image::layout::Layout;
use slipway_image::oci::Platform;

/// The layout in this folder, with an image of `cat` by the name `latest`.
pub(crate) fn built(folder: &Path) -> (Layout, Built) {
    let layout = Layout::create(&folder.join("image")).unwrap();
    let binary =
        ["/bin/cat", "/usr/bin/cat"].map(PathBuf::from).into_iter().find(|path| path.is_file()).unwrap();
    let recipe = Recipe {
        binary,
        program: "/usr/local/bin/cat".to_owned(),
        base: Base::Scratch { certificates: certificates(None) },
        user: User { uid: 1234, gid: 5678 },
        entrypoint: None,
        cmd: vec!["/etc/passwd".to_owned()],
        env: [("COLOR".to_owned(), "blue".to_owned())].into(),
        ports: vec!["8080/tcp".to_owned()],
        labels: [("slipway.test".to_owned(), "yes".to_owned())].into(),
        annotations: [].into(),
        healthcheck: None,
        workdir: Some("/tmp".to_owned()),
        stop_signal: Some("SIGTERM".to_owned()),
        files: Vec::new(),
        epoch: 1_700_000_000,
        platform: Platform::native(),
        level: Level::new(LEVEL),
    };
    let built = build(&recipe, &layout, "latest", None).unwrap();
    assert_eq!(built.problems, []);
    (layout, built)
}
