//! Repositories in temporary folders, which no setting of this machine reaches.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Formatted.
pub(crate) const GOOD: &str = "pub fn one() -> i32 {\n    1\n}\n";
/// Not formatted.
pub(crate) const BAD: &str = "pub fn one()->i32{1}\n";

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) success: bool,
    pub(crate) told: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { success: output.status.success(), told: text(&output.stdout) + &text(&output.stderr) }
    }

    pub(crate) fn is_fine(&self) {
        assert!(self.success, "{}", self.told);
    }

    /// It was refused, and said all of this.
    pub(crate) fn is_refused(&self, words: &[&str]) {
        assert!(!self.success, "{}", self.told);
        self.says(words);
    }

    pub(crate) fn says(&self, words: &[&str]) {
        for word in words {
            assert!(self.told.contains(word), "{word} is missing: {}", self.told);
        }
    }
}

/// A repository with a package.
pub(crate) struct Repository {
    /// All that there is, other repositories too.
    area: TempDir,
    /// The top of the working tree.
    top: PathBuf,
    /// The workspace below it.
    workspace: &'static str,
}

impl Repository {
    /// One commit with a package in `top`, whose findings count.
    pub(crate) fn new() -> Self {
        Self::at("repository", "")
    }

    /// A repository of this name with a workspace below it, which is its top when that is empty.
    pub(crate) fn at(name: &str, workspace: &'static str) -> Self {
        let area = tempfile::tempdir().unwrap();
        let top = area.path().join(name);
        std::fs::create_dir_all(top.join(workspace)).unwrap();
        let repository = Self { area, top, workspace };
        repository.git(&["init", "-q"]).is_fine();
        let manifest = "[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n";
        repository
            .file("Cargo.toml", manifest)
            .file("Cargo.lock", "version = 4\n\n[[package]]\nname = \"one\"\nversion = \"0.1.0\"\n")
            .file("src/lib.rs", GOOD)
            .file("slipway.toml", "mode = \"block\"\n")
            .file(".gitignore", "/target\n");
        repository.git(&["add", "."]).is_fine();
        repository.git(&["commit", "-qm", "first"]).is_fine();
        repository
    }

    pub(crate) fn area(&self) -> &Path {
        self.area.path()
    }

    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    /// A file of the workspace.
    pub(crate) fn file(&self, path: &str, text: &str) -> &Self {
        write(&self.top.join(self.workspace).join(path), text);
        self
    }

    pub(crate) fn hook(&self, name: &str) -> PathBuf {
        self.top.join(".git/hooks").join(name)
    }

    /// Puts a hook there that somebody else made.
    pub(crate) fn their_hook(&self, name: &str, text: &str) {
        program(&self.hook(name), text);
    }

    pub(crate) fn git(&self, args: &[&str]) -> Ran {
        git(&self.top, args, &[])
    }

    pub(crate) fn hooks(&self, args: &[&str]) -> Ran {
        hooks(Path::new(env!("CARGO_BIN_EXE_xtask")), &self.top.join(self.workspace), args)
    }

    pub(crate) fn installed(self) -> Self {
        self.hooks(&["install"]).is_fine();
        self
    }

    /// Stages these files and commits what is staged.
    pub(crate) fn commit(&self, files: &[&str]) -> Ran {
        for file in files {
            self.git(&["add", &format!("{}{file}", self.prefix())]).is_fine();
        }
        self.git(&["commit", "-qm", "more"])
    }

    pub(crate) fn prefix(&self) -> String {
        if self.workspace.is_empty() { String::new() } else { format!("{}/", self.workspace) }
    }

    /// All that lies in the folder of the hooks: kind, rights, and bytes or target.
    pub(crate) fn listing(&self) -> BTreeMap<String, (u32, Vec<u8>)> {
        let entries = std::fs::read_dir(self.top.join(".git/hooks")).unwrap().map(|entry| entry.unwrap());
        let told = |path: PathBuf| match std::fs::read_link(&path) {
            Ok(target) => (0, target.to_str().unwrap().as_bytes().to_vec()),
            Err(_) => (path.metadata().unwrap().permissions().mode(), std::fs::read(&path).unwrap()),
        };
        entries.map(|entry| (entry.file_name().into_string().unwrap(), told(entry.path()))).collect()
    }
}

pub(crate) fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

pub(crate) fn program(path: &Path, text: &str) {
    write(path, text);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

pub(crate) fn git(folder: &Path, args: &[&str], env: &[(&str, &str)]) -> Ran {
    let settings = [
        ("user.name", "a"),
        ("user.email", "a@example.com"),
        ("init.defaultBranch", "main"),
        ("protocol.file.allow", "always"),
    ];
    let settings = settings.map(|(name, value)| format!("{name}={value}"));
    let mut command = Command::new("git");
    command.args(settings.iter().flat_map(|setting| ["-c", setting])).args(args).current_dir(folder);
    command.env_clear().envs(variables()).envs(env.iter().copied());
    Ran::of(&command.output().unwrap())
}

pub(crate) fn hooks(program: &Path, folder: &Path, args: &[&str]) -> Ran {
    let mut command = Command::new(program);
    command.arg("hooks").args(args).current_dir(folder).env_clear().envs(variables());
    Ran::of(&command.stdin(std::process::Stdio::null()).output().unwrap())
}

fn variables() -> BTreeMap<String, String> {
    let kept = ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "LLVM_PROFILE_FILE"];
    let kept = kept.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)));
    let fixed =
        ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"].map(|name| (name.to_owned(), "/dev/null".to_owned()));
    kept.chain(fixed).collect()
}
