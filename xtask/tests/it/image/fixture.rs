//! A workspace whose program has every fault on demand, on a machine without an engine.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Run, Workspace, in_ci, manifest};

/// One image, of the only program.
pub(crate) const APP: &str = "[[images]]\nname = 'app'\n";

/// The program of the tests of smoke runs.
const PROGRAM: &str = include_str!("../../fixtures/smoke/service.rs");

/// Packed and linked as fast as can be: what the program does is all that matters.
const PROFILE: &str = "[profile.release]\nopt-level = 0\nstrip = true\n";

/// A committed workspace with the program, and these settings.
pub(crate) fn shop(settings: &str) -> Workspace {
    let workspace = Workspace::empty()
        .file("Cargo.toml", &format!("{}{PROFILE}", manifest("app")))
        .file("src/main.rs", PROGRAM)
        .file(".gitignore", "/target\n/reports\n/tools\n/docker\n")
        .file("slipway.toml", settings);
    workspace.git(&["init", "--quiet"]).git(&["add", "."]).git(&["commit", "--quiet", "--message=first"]);
    without_engine(workspace)
}

/// The same folder on a machine without an engine, and without credentials for any registry.
pub(crate) fn without_engine(workspace: Workspace) -> Workspace {
    let docker = workspace.path().join("docker").display().to_string();
    let path = format!("{}:{}", workspace.path().join("tools").display(), workspace.variables()["PATH"]);
    // The sandbox is made by it; where it is missing the sandbox says so.
    let unshare = ["/usr/bin/unshare", "/bin/unshare"].into_iter().find(|place| Path::new(place).is_file());
    std::fs::create_dir_all(workspace.path().join("tools")).unwrap();
    if let Some(unshare) = unshare {
        std::os::unix::fs::symlink(unshare, workspace.path().join("tools/unshare")).unwrap();
    }
    workspace
        .env("PATH", &path)
        .env("DOCKER_CONFIG", &docker)
        .env("DOCKER_HOST", "unix:///no/engine")
        .env("SLIPWAY_IMAGE_BUILDER", "embedded")
}

/// Other settings from now on.
pub(crate) fn set(workspace: &Workspace, settings: &str) {
    std::fs::write(workspace.path().join("slipway.toml"), settings).unwrap();
}

/// A program of this name that only this workspace's runs find: a script.
pub(crate) fn stand_in(workspace: &Workspace, name: &str, script: &str) {
    let path = workspace.path().join("tools").join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
}

/// A fixture of a scanner.
pub(crate) fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/scanners").join(name)
}

/// A run that starts images. None where the kernel refuses a sandbox, which is told; with `CI=true` it is a failure.
pub(crate) fn sandboxed(workspace: &Workspace, args: &[&str]) -> Option<Run> {
    let run = workspace.run(args);
    let refusals = ["this machine does not allow a process sandbox", "unshare is not installed"];
    let refused = |line: &&str| refusals.iter().any(|refusal| line.contains(refusal));
    let Some(refusal) = run.stderr.lines().find(refused).map(ToOwned::to_owned) else { return Some(run) };
    assert!(!in_ci(), "{refusal}");
    eprintln!("not looked at: {refusal}");
    None
}

/// The record of the only image.
pub(crate) fn image(workspace: &Workspace) -> Value {
    let record = workspace.record();
    let images = record["images"].as_array().unwrap();
    assert_eq!(images.len(), 1, "{images:#?}");
    images[0].clone()
}

/// How a step ended, and why.
pub(crate) fn step(workspace: &Workspace, id: &str) -> (String, String) {
    let record = workspace.record();
    let steps = record["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["id"] == id).unwrap_or_else(|| panic!("{id}: {steps:#?}"));
    let text = |key: &str| step[key].as_str().unwrap_or_default().to_owned();
    (text("status"), text("reason"))
}

/// The checks of an image that are not well, each in a line: its name, and why.
pub(crate) fn broken(workspace: &Workspace) -> Vec<String> {
    let record = workspace.record();
    let cases = record["tests"]["cases"].as_array().unwrap();
    let bad = cases.iter().filter(|case| case["outcome"] != "passed");
    let line = |case: &Value| {
        format!("{}: {}", case["name"].as_str().unwrap(), case["message"].as_str().unwrap_or_default())
    };
    bad.map(line).collect()
}
