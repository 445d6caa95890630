//! What was built for measuring: the files that hold the coverage maps.

use std::path::PathBuf;

use cargo_metadata::{Artifact, Message, TargetKind};

use crate::model::workspace::Workspace;

/// The files with coverage maps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Objects {
    /// Executables, and libraries that are loaded while something runs, procedural macros among them.
    pub linked: Vec<PathBuf>,
    /// Libraries for Rust. The executables of doctests are gone when they have run, and these hold the same maps.
    pub libraries: Vec<PathBuf>,
}

/// The artifacts of the workspace among the JSON messages of a build. Build scripts are not measured.
#[must_use]
pub fn objects(workspace: &Workspace, messages: &str) -> Objects {
    let mut objects = Objects::default();
    for message in Message::parse_stream(messages.as_bytes()).map_while(Result::ok) {
        let Message::CompilerArtifact(artifact) = message else { continue };
        let is_member = workspace.packages.iter().any(|package| package.id == artifact.package_id.repr);
        if is_member && !artifact.target.kind.contains(&TargetKind::CustomBuild) {
            add(&mut objects, artifact);
        }
    }
    for list in [&mut objects.linked, &mut objects.libraries] {
        list.sort();
        list.dedup();
    }
    objects
}

fn add(objects: &mut Objects, artifact: Artifact) {
    objects.linked.extend(artifact.executable.map(PathBuf::from));
    for file in artifact.filenames {
        match file.extension() {
            Some("so" | "dylib" | "dll") => objects.linked.push(file.into()),
            Some("rlib") => objects.libraries.push(file.into()),
            _ => {}
        }
    }
}
