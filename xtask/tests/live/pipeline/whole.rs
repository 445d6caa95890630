//! From a commit to proven tags, on each way: the digest is one from the build to the tag, and other tools say the same.

use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use xtask::tools::docker::Engine;

use super::project::{BRIEF, NOWHERE, Project, USER, WELL, digest_by_skopeo, docker};
use crate::peer::Registry;
use crate::support::on_path;

const EMBEDDED: (&str, &str) = ("SLIPWAY_IMAGE_BUILDER", "embedded");

/// Looks at the structure of images; a program of somebody else.
const JUDGE: &str = "container-structure-test";

/// Who builds, and who runs what came back.
struct Expected {
    builder: &'static str,
    reason: &'static str,
    runtime: &'static str,
}

pub(crate) fn by_an_engine(_: &Engine) {
    let registry = Registry::start(&[USER]);
    let project = Project::new(Some(&registry), WELL);
    proves(
        &registry,
        &project,
        &Expected { builder: "engine", reason: "an engine answers at ", runtime: "engine" },
    );
}

pub(crate) fn embedded(_: &Engine) {
    let registry = Registry::start(&[USER]);
    let project = Project::new(Some(&registry), WELL).env(EMBEDDED);
    proves(
        &registry,
        &project,
        &Expected { builder: "embedded", reason: "the settings say so", runtime: "engine" },
    );
}

pub(crate) fn without_an_engine(_: &Engine) {
    let registry = Registry::start(&[USER]);
    let project = Project::new(Some(&registry), WELL).env(NOWHERE);
    let runtime = "process sandbox, no engine";
    proves(&registry, &project, &Expected { builder: "embedded", reason: "no engine answers", runtime });
}

/// Runs the whole pipeline, and holds all that is said of the digest against each other.
fn proves(registry: &Registry, project: &Project, expected: &Expected) {
    project.run(&["ci", "--skip", "lint"]).exits(0).never_says(USER.1);
    let record = project.record();
    let image = &record["images"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let digest = text(&image["digest"]);
    assert!(digest.starts_with("sha256:"), "{image:#}");
    assert!(text(&image["builder"]["name"]).starts_with(expected.builder), "{image:#}");
    assert!(text(&image["builder"]["reason"]).starts_with(expected.reason), "{image:#}");

    let home = registry.repository("team/app");
    let pinned = format!("{home}@{digest}");
    assert_eq!(text(&image["pushed"]["digest"]), digest);
    assert_eq!(
        (text(&image["pulled"]["digest"]), text(&image["pulled"]["reference"])),
        (digest.clone(), pinned.clone())
    );
    let runs = image["smoke"].as_array().unwrap();
    assert_eq!(runs.len(), 2, "{image:#}");
    for run in runs {
        assert_eq!(
            (text(&run["reference"]), text(&run["runtime"])),
            (pinned.clone(), expected.runtime.to_owned())
        );
        assert!(run["passed"] == run["total"] && run["total"].as_u64() > Some(3), "{run:#}");
    }
    assert_eq!(record["verdict"]["decision"], "pass", "{:#}", record["verdict"]);
    for id in ["build", "check", "push", "pull", "smoke", "sbom", "tag"] {
        assert_eq!(project.step(&format!("image.{id}"))["status"], "passed", "{id}");
    }

    let tags: Vec<String> = image["tags"].as_array().unwrap().iter().map(|tag| text(&tag["tag"])).collect();
    assert!(tags.contains(&"latest".to_owned()) && tags.contains(&"branch-main".to_owned()), "{tags:?}");
    for tag in &tags {
        assert_eq!(digest_by_skopeo(&format!("{home}:{tag}")).as_ref(), Ok(&digest), "{tag}");
    }
    let here = docker(&["images", "--quiet", "--filter", &format!("reference={home}")]);
    assert_eq!(here, "", "the engine got it for the run alone");
}

/// The names that an engine gives to what was built, until it is dropped.
struct Loaded(Vec<String>);

impl Loaded {
    fn of(project: &Project) -> Self {
        let archive = project.path().join("reports/image/app.tar");
        let loaded = docker(&["load", "--input", archive.to_str().unwrap()]);
        let names = loaded.lines().filter_map(|line| line.strip_prefix("Loaded image: "));
        Self(names.map(ToOwned::to_owned).collect())
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        for name in &self.0 {
            let _ = Command::new("docker").args(["image", "rm", name]).output();
        }
    }
}

pub(crate) fn an_engine_takes_what_was_built_without_one(_: &Engine) {
    let registry = Registry::start(&[USER]);
    let project = Project::new(Some(&registry), WELL).env(NOWHERE);
    project.run(&["image", "build"]).exits(0);
    let loaded = Loaded::of(&project);
    assert_eq!(loaded.0.len(), project.image()["tags"].as_array().unwrap().len());
    let printed = docker(&["run", "--rm", "--network=none", "--read-only", &loaded.0[0], "--version"]);
    assert_eq!(printed, "service 1.0.0\n");
    let id = docker(&["inspect", "--format={{.Id}} {{.Config.User}}", &loaded.0[0]]);
    assert_eq!(id.trim(), format!("{} 1000:1000", project.image()["id"].as_str().unwrap()));
}

pub(crate) fn two_runs_of_one_commit_are_apart(_: &Engine) {
    let project = Project::new(None, BRIEF);
    let reference = |project: &Project| {
        let clone = project.cloned().env(EMBEDDED);
        clone.run(&["image", "smoke"]).exits(0);
        clone.image()["smoke"][0]["reference"].as_str().unwrap().to_owned()
    };
    let [one, other] = [(); 2].map(|()| reference(&project));
    assert_ne!(one, other);
    let digest = |reference: &str| reference.split_once('.').unwrap().0.to_owned();
    assert_eq!(digest(&one), digest(&other));
    assert_eq!(docker(&["images", "--quiet", &one]), "");
}

pub(crate) fn two_clones_give_one_digest(_: &Engine) {
    let project = Project::new(None, WELL).env(NOWHERE);
    let digest = |project: &Project| {
        project.run(&["image", "build"]).exits(0);
        project.image()["digest"].as_str().unwrap().to_owned()
    };
    let [one, other] = [(); 2].map(|()| project.cloned().env(NOWHERE));
    assert_ne!(one.path(), other.path());
    assert_eq!(digest(&one), digest(&other));
    // It is not one because nothing went into it.
    project.git(&["commit", "--quiet", "--allow-empty", "--date=2001-01-01T00:00:00Z", "--message", "later"]);
    assert_ne!(digest(&project.cloned().env(NOWHERE)), digest(&one));
}

/// What our own settings require, in the words of container-structure-test.
fn structure(port: u16, file: &str) -> String {
    format!(
        "schemaVersion: 2.0.0\nmetadataTest:\n  user: '1000:1000'\n  workdir: /app\n  exposedPorts: ['{port}']\n  \
         entrypoint: [/app/service]\n  cmd: [serve, '{port}']\nfileExistenceTests:\n- {{name: it, path: {file}, \
         shouldExist: true}}\n- {{name: shell, path: /bin/sh, shouldExist: false}}\n"
    )
}

pub(crate) fn another_judge_agrees(_: &Engine) {
    if on_path(JUDGE).is_none() {
        return eprintln!("skipped: {JUDGE} is not installed");
    }
    for env in [("SLIPWAY_IMAGE_BUILDER", "engine"), NOWHERE] {
        for (file, code) in [("/app/service", 0), ("/app/missing", 1)] {
            let required = format!("must-have = ['{file}']\nmust-not-have = ['/bin/sh']");
            let project = Project::new(None, WELL).env(env).set("name = 'app'", &required);
            project.run(&["image", "build"]).exits(code);
            let check = if code == 0 { "passed" } else { "failed" };
            assert_eq!(project.step("image.check")["status"], check, "{env:?}");
            let (theirs, told) = judged(&Loaded::of(&project).0[0], &structure(project.port(), file));
            assert_eq!(theirs, code == 0, "{env:?}: {told}");
        }
    }
}

fn judged(image: &str, wanted: &str) -> (bool, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("structure.yaml");
    fs::write(&path, wanted).unwrap();
    let args = ["test", "--image", image, "--config", path.to_str().unwrap()];
    let output = Command::new(JUDGE).args(args).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}
