//! A small workspace that is built and run with instrumentation.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be built fails its test")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// A workspace that ran.
pub(crate) struct Fixture {
    folder: TempDir,
    pub(crate) profiles: Vec<PathBuf>,
    pub(crate) objects: Vec<PathBuf>,
}

impl Fixture {
    /// Builds and tests the workspace below `tests/fixtures/` of this name, with flags for the compiler.
    pub(crate) fn run(name: &str, flags: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let root = folder.path().canonicalize().unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name), &root.join("work"));
        let cargo = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO"));
            command.arg("test").arg("--offline").args(arguments).current_dir(root.join("work"));
            command.env("RUSTFLAGS", format!("-Cinstrument-coverage {flags}"));
            command.env("RUSTC_BOOTSTRAP", "1");
            command.env("CARGO_TARGET_DIR", root.join("target"));
            command.env("LLVM_PROFILE_FILE", root.join("profiles/%p-%m.profraw"));
            command.env_remove("RUSTC_WRAPPER").env_remove("RUSTC_WORKSPACE_WRAPPER");
            command.env_remove("CARGO_ENCODED_RUSTFLAGS").stderr(Stdio::piped());
            let output = command.output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        let messages = cargo(&["--no-run", "--workspace", "--message-format=json"]);
        let objects = messages.lines().flat_map(objects).collect();
        cargo(&["--workspace"]);
        let entries = fs::read_dir(root.join("profiles")).unwrap().map(|entry| entry.unwrap().path());
        let mut profiles: Vec<_> = entries.collect();
        profiles.sort();
        Self { folder, profiles, objects }
    }

    /// Where the sources are.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("work")
    }

    /// A folder for what tools leave.
    pub(crate) fn scratch(&self) -> &Path {
        self.folder.path()
    }
}

/// The executables and libraries that a message of cargo names.
fn objects(message: &str) -> Vec<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(message).unwrap();
    let executable = message["executable"].as_str();
    let files = message["filenames"].as_array().into_iter().flatten().filter_map(|file| file.as_str());
    let loaded = files.filter(|file| file.contains(std::env::consts::DLL_SUFFIX));
    executable.into_iter().chain(loaded).map(PathBuf::from).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
