//! Cargo: the workspace as facts, and the commands that build it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cargo_metadata::{Message, Metadata, Target, TargetKind};
use xshell::{Shell, cmd};

mod manifest;

use manifest::Manifest;

use super::process::Supervisor;
use super::{files, git};
use crate::kit::failure::Failure;
use crate::kit::text::last_lines;
use crate::model::command::{CommandLine, End};
use crate::model::workspace::{About, Gated, Package, Workspace};

/// Reads the workspace that the supervisor's root belongs to.
///
/// # Errors
/// When there is none, its manifests are wrong, or cargo is missing.
pub fn workspace(supervisor: &Supervisor) -> Result<Workspace, Failure> {
    let query =
        metadata_command().map_err(|error| Failure::environment("cannot prepare cargo").because(error))?;
    let output = supervisor.ask(&query).map_err(|error| {
        Failure::environment(error.to_string())
            .hint("install Rust from https://rustup.rs, then open a new shell")
    })?;
    if output.end == End::Cancelled {
        return Err(Failure::interrupted());
    }
    if !output.success() {
        return Err(not_a_workspace(&supervisor.root, &output.stderr));
    }
    let metadata: Metadata = serde_json::from_str(&output.stdout)
        .map_err(|error| Failure::environment("cannot read what `cargo metadata` prints").because(error))?;
    let root = metadata.workspace_root.clone().into_std_path_buf();
    Ok(Workspace {
        target_directory: metadata.target_directory.clone().into_std_path_buf(),
        packages: packages(&metadata),
        files: Vec::new(),
        root,
    })
}

/// Adds the files of the repository: those that git knows, or all below the root.
#[must_use]
pub fn with_files(workspace: Workspace, git: &git::GitState) -> Workspace {
    let files = match &git.files {
        Some(files) => files.iter().filter(|file| workspace.root.join(file).is_file()).cloned().collect(),
        None => files::walk(&workspace.root, &["target", ".git", "node_modules"]),
    };
    Workspace { files, ..workspace }
}

/// An executable with tests, as `cargo test` made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestBinary {
    /// Its file name: `demo-0123456789abcdef`.
    pub file: String,
    /// The package that it belongs to.
    pub package: String,
    /// Its name, as nextest gives it: `package`, `package::bin/name`, `package::test_target`.
    pub name: String,
    /// The flags of cargo that select it alone.
    pub select: Vec<String>,
    /// It has a `main` of its own (`harness = false`).
    pub custom_harness: bool,
}

/// The test executables among the JSON messages of a build. Source: nextest's documentation, "Binary IDs".
#[must_use]
pub fn test_binaries(workspace: &Workspace, messages: &str) -> Vec<TestBinary> {
    let mut binaries = Vec::new();
    let mut manifests: BTreeMap<&str, Manifest> = BTreeMap::new();
    for message in Message::parse_stream(messages.as_bytes()).map_while(Result::ok) {
        let Message::CompilerArtifact(artifact) = message else { continue };
        let Some(file) = artifact.executable.as_ref().and_then(|path| path.file_name()) else { continue };
        let package = workspace.packages.iter().find(|package| package.id == artifact.package_id.repr);
        let (Some(package), true) = (package, artifact.profile.test) else { continue };
        let (name, target) = (&package.name, &artifact.target.name);
        let kind = artifact.target.kind.first();
        let (id, flags) = match kind {
            Some(TargetKind::Bin) => (format!("{name}::bin/{target}"), vec!["--bin", target]),
            Some(TargetKind::Example) => (format!("{name}::example/{target}"), vec!["--example", target]),
            Some(TargetKind::Bench) => (format!("{name}::bench/{target}"), vec!["--bench", target]),
            Some(TargetKind::Test) => (format!("{name}::{target}"), vec!["--test", target]),
            _ => (name.clone(), vec!["--lib"]),
        };
        let select = ["--package", name].into_iter().chain(flags).map(ToOwned::to_owned).collect();
        let manifest = manifests
            .entry(&package.id)
            .or_insert_with(|| Manifest::read(&package.folder.join("Cargo.toml")));
        let custom_harness = manifest.has_custom_harness(&artifact.target);
        binaries.push(TestBinary {
            file: file.to_owned(),
            package: name.clone(),
            name: id,
            select,
            custom_harness,
        });
    }
    binaries
}

/// The program of this name among the JSON messages of a build.
#[must_use]
pub fn program(messages: &str, name: &str) -> Option<PathBuf> {
    let mut artifacts = Message::parse_stream(messages.as_bytes()).map_while(Result::ok);
    artifacts.find_map(|message| match message {
        Message::CompilerArtifact(artifact) if artifact.target.is_bin() && artifact.target.name == name => {
            artifact.executable.map(cargo_metadata::camino::Utf8PathBuf::into_std_path_buf)
        }
        _ => None,
    })
}

/// Whether this line is the message by which cargo says that the build is over, and that no other message follows.
#[must_use]
pub fn ends_the_build(line: &str) -> bool {
    // Every line of a build comes by here: only those that may be it are parsed.
    let maybe = line.starts_with('{') && line.contains("build-finished");
    let message = maybe.then(|| serde_json::from_str(line));
    matches!(message, Some(Ok(Message::BuildFinished(_))))
}

fn metadata_command() -> xshell::Result<CommandLine> {
    let shell = Shell::new()?;
    Ok(super::process_line(cmd!(shell, "cargo metadata --format-version 1 --no-deps")))
}

fn not_a_workspace(folder: &Path, stderr: &str) -> Failure {
    let said = last_lines(stderr, 12);
    if stderr.contains("could not find `Cargo.toml`") {
        return Failure::usage(format!("no Cargo project in {} or above", folder.display()))
            .hint("go to a folder with a Cargo.toml, or name one with -C DIR");
    }
    if stderr.contains("is not installed") && stderr.contains("toolchain") {
        return Failure::environment("the toolchain that this workspace names is not installed")
            .because(anyhow::Error::msg(said))
            .hint("install it with `rustup toolchain install`, or choose another one with RUSTUP_TOOLCHAIN");
    }
    Failure::usage(format!("cargo cannot read the workspace in {}", folder.display()))
        .because(anyhow::Error::msg(said))
        .hint("mend the manifest that cargo names; `cargo metadata` shows the same")
}

fn packages(metadata: &Metadata) -> Vec<Package> {
    let documented = [
        TargetKind::Lib,
        TargetKind::RLib,
        TargetKind::DyLib,
        TargetKind::CDyLib,
        TargetKind::StaticLib,
        TargetKind::ProcMacro,
        TargetKind::Bin,
    ];
    let mut packages: Vec<Package> = metadata
        .workspace_packages()
        .into_iter()
        .map(|package| {
            let custom = custom(package);
            Package {
                name: package.name.to_string(),
                id: package.id.repr.clone(),
                folder: package
                    .manifest_path
                    .parent()
                    .map(|folder| folder.as_std_path().to_owned())
                    .unwrap_or_default(),
                library: package
                    .targets
                    .iter()
                    .find(|target| {
                        target.kind.iter().any(|kind| kind != &TargetKind::Bin && documented.contains(kind))
                    })
                    .map(|target| target.name.replace('-', "_")),
                gated: gated(package),
                features: package.features.clone().into_iter().collect(),
                has_custom_harness: custom.iter().any(|target| target.test),
                own_mains: own_mains(&custom),
                has_doctests: package.targets.iter().any(|target| {
                    target.doctest
                        && target
                            .kind
                            .iter()
                            .any(|kind| kind != &TargetKind::Bin && documented.contains(kind))
                }),
                has_docs: package
                    .targets
                    .iter()
                    .any(|target| target.doc && target.kind.iter().any(|kind| documented.contains(kind))),
                programs: programs(package),
                depends_on: package.dependencies.iter().map(|dependency| dependency.name.clone()).collect(),
                about: about(package),
            }
        })
        .collect();
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    packages
}

fn programs(package: &cargo_metadata::Package) -> Vec<String> {
    package.targets.iter().filter(|target| target.is_bin()).map(|target| target.name.clone()).collect()
}

fn about(package: &cargo_metadata::Package) -> About {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    About {
        version: package.version.to_string(),
        description: text(&package.description),
        license: text(&package.license),
        homepage: text(&package.homepage),
        repository: text(&package.repository),
        rust_version: package.rust_version.as_ref().map(release).unwrap_or_default(),
    }
}

/// Cargo fills `1.94` up to `1.94.0`, and the toolchain of that name would be without later repairs.
fn release(version: &semver::Version) -> String {
    let text = version.to_string();
    text.strip_suffix(".0").map(ToOwned::to_owned).unwrap_or(text)
}

fn gated(package: &cargo_metadata::Package) -> Vec<Gated> {
    let tests = package.targets.iter().filter(|target| target.test && !target.required_features.is_empty());
    tests
        .map(|target| Gated { target: target.name.clone(), features: target.required_features.clone() })
        .collect()
}

/// Test targets that need no feature and have a `main` of their own.
fn own_mains(custom: &[&Target]) -> Vec<String> {
    let tests = custom.iter().filter(|target| target.test && target.is_test());
    tests.filter(|target| target.required_features.is_empty()).map(|target| target.name.clone()).collect()
}

/// Targets with a `main` of their own.
fn custom(package: &cargo_metadata::Package) -> Vec<&Target> {
    let manifest = Manifest::read(package.manifest_path.as_std_path());
    package.targets.iter().filter(|target| manifest.has_custom_harness(target)).collect()
}
