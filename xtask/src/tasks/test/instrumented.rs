//! Tests that are measured while they run: how cargo is told, and where the profiles go.
//!
//! What is built for measuring has a target directory of its own, as tests may look for executables beside
//! themselves, and a plain build must not find ours there.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use crate::model::command::CommandLine;
use crate::pipeline::Session;
use crate::tools::files::{self, FileError};
use crate::tools::rustc_wrapper;

/// A run that is measured.
#[derive(Clone, Debug)]
pub(super) struct Instrumented {
    folder: PathBuf,
    /// The workspace wrapper that the user has.
    inner: Option<String>,
    /// The variable with flags for rustdoc that the user has set: its name, its value, and what goes between flags.
    rustdocflags: Option<(&'static str, String, char)>,
    /// Such flags in the configuration of the workspace, when they are one text and no list.
    rustdoc_text: Option<String>,
    profiles: Arc<Profiles>,
    /// What doctests were linked with.
    libraries: Arc<Mutex<Vec<PathBuf>>>,
    /// When measuring was prepared, or why it could not be.
    prepared: Arc<OnceLock<Result<SystemTime, String>>>,
    /// The folders that cargo runs tests in.
    packages: Vec<PathBuf>,
}

/// The raw profiles of a run; they go with the last one who holds this.
#[derive(Debug)]
struct Profiles {
    folder: PathBuf,
    /// Somebody else wants to read them.
    kept: bool,
    /// Held while this run measures; without it the folder is another run's.
    lock: OnceLock<File>,
}

impl Drop for Profiles {
    fn drop(&mut self) {
        if !self.kept && self.lock.get().is_some() {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

impl Instrumented {
    /// For this session; nothing is touched yet.
    pub(super) fn new(session: &Session) -> Self {
        let folder = session.workspace.target_directory.join("slipway").join("coverage");
        let kept = session.settings().coverage.keep_profiles || session.request.dry_run;
        let profiles = Arc::new(Profiles { folder: folder.join("profiles"), kept, lock: OnceLock::new() });
        let env = &session.supervisor.env;
        let inner = env.get("RUSTC_WORKSPACE_WRAPPER").cloned();
        let flags = [("CARGO_ENCODED_RUSTDOCFLAGS", '\u{1f}'), ("RUSTDOCFLAGS", ' ')];
        let rustdocflags =
            flags.into_iter().find_map(|(name, separator)| Some((name, env.get(name)?.clone(), separator)));
        let (libraries, prepared) = (Arc::default(), Arc::default());
        let rustdoc_text = rustdoc_text(&session.workspace.root);
        let packages = session.workspace.packages.iter().map(|package| package.folder.clone()).collect();
        let instrumented =
            Self { folder, inner, rustdocflags, rustdoc_text, profiles, libraries, prepared, packages };
        if session.request.dry_run {
            // The commands that are shown must work when they are pasted; where they cannot, cargo says why.
            let _ = rustc_wrapper::install(&instrumented.folder);
        }
        instrumented
    }

    /// The flags of cargo.
    pub(super) fn flags(&self) -> Vec<String> {
        let wrapper = toml::Value::String(self.wrapper().to_string_lossy().into_owned());
        vec![
            format!("--target-dir={}", self.folder.join("target").display()),
            format!("--config=build.rustc-workspace-wrapper={wrapper}"),
        ]
    }

    /// A command of cargo with the environment that it needs for measuring.
    pub(super) fn measuring(&self, line: CommandLine) -> CommandLine {
        let line = line.env("LLVM_PROFILE_FILE", self.profiles.folder.join("%4m.profraw").to_string_lossy());
        match &self.inner {
            // The variable goes before cargo's configuration.
            Some(inner) => line
                .env("RUSTC_WORKSPACE_WRAPPER", self.wrapper().to_string_lossy())
                .env(rustc_wrapper::INNER, inner),
            None => line,
        }
    }

    /// The same for the command that compiles and runs examples in documentation, which rustdoc does.
    pub(super) fn measuring_doctests(&self, line: CommandLine) -> CommandLine {
        const FLAG: &str = "-Cinstrument-coverage";
        // Doctests are many small programs, which would be taken for each other in files that they share.
        let own = self.profiles.folder.join("%p-%m.profraw");
        let line = self.measuring(line).env("LLVM_PROFILE_FILE", own.to_string_lossy());
        let line = line.arg("--message-format=json-render-diagnostics");
        // A variable goes before cargo's configuration; both of them are added to, none is replaced.
        if let Some((name, set, separator)) = &self.rustdocflags {
            return line.env(*name, format!("{set}{separator}{FLAG}"));
        }
        // Cargo joins lists of several places, and refuses a list beside a text.
        let flags = match &self.rustdoc_text {
            Some(text) => toml::Value::String(format!("{text} {FLAG}")),
            None => toml::Value::Array(vec![FLAG.into()]),
        };
        line.arg(format!("--config=build.rustdocflags={flags}"))
    }

    /// Makes the wrapper, and takes away what an earlier run has left: once, by whichever step comes first.
    ///
    /// # Errors
    /// When the folder cannot be written, in a sentence.
    pub(super) fn prepare(&self) -> Result<(), String> {
        let prepared = self.prepared.get_or_init(|| {
            let now = SystemTime::now();
            self.take_place()?;
            self.start_anew().map(|()| now).map_err(|error| error.to_string())
        });
        prepared.clone().map(|_| ())
    }

    /// Two runs at once would take each other's profiles away.
    fn take_place(&self) -> Result<(), String> {
        files::create_folder(&self.folder).map_err(|error| error.to_string())?;
        let path = self.folder.join("lock");
        let cannot = |error: &dyn std::fmt::Display| format!("cannot lock {}: {error}", path.display());
        let lock = File::create(&path).map_err(|error| cannot(&error))?;
        match lock.try_lock() {
            Ok(()) => {}
            // A file system that knows no locks: then nobody can be told.
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {}
            Err(TryLockError::WouldBlock) => {
                let told =
                    "another run measures coverage in this workspace; wait for its end, or use --no-coverage";
                return Err(told.to_owned());
            }
            Err(TryLockError::Error(error)) => return Err(cannot(&error)),
        }
        let _ = self.profiles.lock.set(lock);
        Ok(())
    }

    fn start_anew(&self) -> Result<(), FileError> {
        files::remove_folder(&self.profiles.folder)?;
        files::create_folder(&self.profiles.folder)?;
        files::create_folder(&self.expansions())?;
        rustc_wrapper::install(&self.folder).map(|_| ())
    }

    /// The profiles of what ran. Those of programs that tests started without the variable, beside the tests, are taken
    /// in.
    pub(super) fn profiles(&self) -> Vec<PathBuf> {
        for (number, stray) in self.strays().into_iter().enumerate() {
            // One that cannot be moved stays where it is, and does not count.
            let _ = std::fs::rename(&stray, self.profiles.folder.join(format!("stray-{number}.profraw")));
        }
        let raw = |folder: &Path| {
            let names = files::walk(folder, &[]).into_iter().filter(|name| name.ends_with(".profraw"));
            names.map(|name| folder.join(name)).collect::<Vec<_>>()
        };
        raw(&self.profiles.folder)
    }

    /// Profiles of procedural macros from when the crates of this build were compiled; `messages` is what cargo says of
    /// it. Those of other builds, with other features or of sources that are gone, do not count.
    pub(super) fn expansions_of(&self, messages: &str) -> Vec<PathBuf> {
        let folder = self.expansions();
        let is_built = |name: &String| {
            let unit = name.split('.').next().unwrap_or_default();
            ["\"", "."].iter().any(|end| messages.contains(&format!("{unit}{end}")))
        };
        files::walk(&folder, &[]).into_iter().filter(is_built).map(|name| folder.join(name)).collect()
    }

    /// Profiles of this run that carry the name which a program without the variable gives them.
    fn strays(&self) -> Vec<PathBuf> {
        let Some(Ok(since)) = self.prepared.get() else { return Vec::new() };
        let entries =
            self.packages.iter().flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten().flatten());
        let is_ours = |entry: &std::fs::DirEntry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let changed = entry.metadata().and_then(|file| file.modified());
            name.starts_with("default_") && name.ends_with(".profraw") && changed.is_ok_and(|at| at >= *since)
        };
        entries.filter(is_ours).map(|entry| entry.path()).collect()
    }

    /// Remembers the libraries that doctests are linked with. Their executables are gone when they have run.
    pub(super) fn remember(&self, libraries: Vec<PathBuf>) {
        self.libraries.lock().unwrap_or_else(PoisonError::into_inner).extend(libraries);
    }

    /// The libraries that doctests were linked with.
    pub(super) fn libraries(&self) -> Vec<PathBuf> {
        self.libraries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where files on the way may lie.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn wrapper(&self) -> PathBuf {
        self.folder.join(format!("{}{}", rustc_wrapper::NAME, std::env::consts::EXE_SUFFIX))
    }

    fn expansions(&self) -> PathBuf {
        self.folder.join(rustc_wrapper::EXPANSIONS)
    }
}

/// `build.rustdocflags` of the workspace's own `.cargo/config.toml`, when it is a text.
fn rustdoc_text(root: &Path) -> Option<String> {
    let config = files::read_if_there(&root.join(".cargo/config.toml")).ok()??;
    let config: toml::Table = config.parse().ok()?;
    config.get("build")?.get("rustdocflags")?.as_str().map(ToOwned::to_owned)
}
