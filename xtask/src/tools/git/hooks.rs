//! The folder that git takes hooks from, what lies in it, and changing that so that it can be undone.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::kit::text::terminal;
use crate::model::command::CommandLine;
use crate::model::hooks::{Call, Hook, KEPT, Whose, manager, script, whose};
use crate::tools::files;
use crate::tools::process::Supervisor;
use crate::tools::variables::Variables;

/// Variables by which git tells its hooks which repository they are for. Source: `git rev-parse --local-env-vars`.
const LOCAL_VARIABLES: [&str; 15] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// The environment as it was before git called a hook. A program that a hook starts and that uses git elsewhere, as tests do,
/// would work on this repository instead.
#[must_use]
pub fn without_local_variables(env: &Variables) -> Variables {
    let mut env = env.clone();
    env.retain(|name, _| !LOCAL_VARIABLES.contains(&name.as_str()));
    env
}

/// Files by which programs that manage hooks are configured, at the top of a repository.
const CONFIGURED_BY: [(&str, &str); 9] = [
    (".pre-commit-config.yaml", "pre-commit"),
    (".husky", "husky"),
    ("lefthook.yml", "lefthook"),
    ("lefthook.yaml", "lefthook"),
    ("lefthook.toml", "lefthook"),
    (".lefthook.yml", "lefthook"),
    (".lefthook.yaml", "lefthook"),
    (".overcommit.yml", "overcommit"),
    (".cargo-husky", "cargo-husky"),
];

/// Why hooks are not touched.
#[derive(Debug)]
pub enum HooksError {
    /// There is no repository with files in a folder; git's words.
    NoRepository(String),
    /// The path of the hooks is not UTF-8.
    Unnamed,
    /// Git takes the hooks from a folder that somebody chose: it may be tracked, or serve other repositories too.
    Elsewhere(String),
    /// A program manages the hooks of this repository, and would write over ours: its name, and where that shows.
    Managed(&'static str, String),
    /// Two hooks were there before ours.
    Two(PathBuf, PathBuf),
    /// A hook of ours was changed.
    Changed(PathBuf),
    /// A file could not be written.
    File(PathBuf, io::Error),
}

impl fmt::Display for HooksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRepository(said) => {
                write!(f, "there is no git repository with a working tree here: {said}")
            }
            Self::Unnamed => f.write_str("the path of the hooks folder is not UTF-8"),
            Self::Elsewhere(place) => {
                write!(f, "git takes the hooks of this repository from {place}, which somebody chose")
            }
            Self::Managed(name, place) => {
                write!(f, "{name} manages the hooks of this repository ({place}), and would write over ours")
            }
            Self::Two(hook, kept) => {
                write!(f, "{} is not ours, and {} is there already", hook.display(), kept.display())
            }
            Self::Changed(hook) => write!(f, "{} was ours and somebody changed it", hook.display()),
            Self::File(path, error) => write!(f, "cannot change {}: {error}", path.display()),
        }
    }
}

impl std::error::Error for HooksError {}

impl HooksError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoRepository(_) => "go to a folder of a repository, or name one with -C DIR",
            Self::Unnamed => "move the repository to a folder whose name is UTF-8",
            Self::Elsewhere(_) | Self::Managed(..) => {
                "let the hooks there call `cargo xtask hooks run pre-commit` and `cargo xtask hooks run pre-push`: \
                 docs/hooks.md shows the lines"
            }
            Self::Two(..) => {
                "keep one of them: put what the other one does into it, and remove the other one"
            }
            Self::Changed(_) => "move what was added elsewhere, or remove the file by hand",
            Self::File(..) => "make the hooks folder writable",
        }
    }
}

/// What was done to a hook, or would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It was written.
    Written,
    /// It was written, and the hook that was there before runs first.
    WrittenAfter,
    /// It was there already.
    Unchanged,
    /// It was taken away, and nothing is left.
    Removed,
    /// It was taken away, and the hook that was there before is back.
    Restored,
    /// It is somebody else's, and was left alone.
    LeftAlone,
    /// There is none.
    Absent,
}

/// The hooks of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where git takes them from; shared by all worktrees.
    folder: PathBuf,
    /// The top of the working tree.
    pub top: PathBuf,
}

impl Place {
    /// The hooks of the repository that the supervisor's root lies in.
    ///
    /// # Errors
    /// When there is none, or its hooks are not ours to change.
    pub fn find(supervisor: &Supervisor) -> Result<Self, HooksError> {
        let place = Self::look(supervisor)?;
        let link = place.folder.is_symlink().then(|| format!("{}, a link", place.folder.display()));
        // Whether it is set for this repository alone or for all: the folder is not git's own.
        let chosen = path(supervisor, &["config", "--type=path", "--get", "core.hooksPath"]).ok();
        match chosen.map(|path| format!("{path} (core.hooksPath)")).or(link) {
            Some(elsewhere) => Err(HooksError::Elsewhere(terminal(&elsewhere))),
            None => Ok(place),
        }
    }

    /// The same, for looking only: whoever chose the folder.
    ///
    /// # Errors
    /// When there is no repository.
    pub fn look(supervisor: &Supervisor) -> Result<Self, HooksError> {
        let top = path(supervisor, &["rev-parse", "--show-toplevel"])?;
        let folder = path(supervisor, &["rev-parse", "--path-format=absolute", "--git-path", "hooks"])?;
        if [&top, &folder].iter().any(|path| path.contains(char::REPLACEMENT_CHARACTER)) {
            return Err(HooksError::Unnamed);
        }
        Ok(Self { folder: folder.into(), top: top.into() })
    }

    /// Says what installing a hook would do, and refuses where it would do harm. Nothing is changed.
    ///
    /// # Errors
    /// When the hook is managed by another program, or two hooks would have to be kept.
    pub fn check(&self, hook: Hook, call: &Call) -> Result<Done, HooksError> {
        let (path, kept) = self.paths(hook);
        let configured = CONFIGURED_BY.iter().find(|(file, _)| self.top.join(file).exists());
        if let Some((file, name)) = configured {
            return Err(HooksError::Managed(name, (*file).to_owned()));
        }
        let Some(text) = read(&path)? else {
            return Ok(if is_there(&kept) { Done::WrittenAfter } else { Done::Written });
        };
        match whose(&text) {
            Whose::Changed => Err(HooksError::Changed(path)),
            Whose::Ours if text == script(hook, call) => Ok(Done::Unchanged),
            Whose::Ours => Ok(if is_there(&kept) { Done::WrittenAfter } else { Done::Written }),
            Whose::Theirs => match manager(&text) {
                Some(name) => Err(HooksError::Managed(name, path.display().to_string())),
                None if is_there(&kept) => Err(HooksError::Two(path, kept)),
                None => Ok(Done::WrittenAfter),
            },
        }
    }

    /// Installs all hooks, or none: when one cannot be written, those before it are as they were.
    ///
    /// # Errors
    /// As [`Place::check`], and when the files cannot be changed.
    pub fn install_all(&self, call: &Call) -> Result<Vec<(Hook, Done)>, HooksError> {
        self.all_or_none(|hook| self.install(hook, call))
    }

    fn all_or_none(
        &self,
        install: impl Fn(Hook) -> Result<Done, HooksError>,
    ) -> Result<Vec<(Hook, Done)>, HooksError> {
        let mut done = Vec::new();
        let mut before = Vec::new();
        for hook in Hook::ALL {
            let text = read(&self.paths(hook).0)?;
            match install(hook) {
                Ok(how) => {
                    done.push((hook, how));
                    before.push(text);
                }
                Err(error) => {
                    for ((hook, how), text) in done.into_iter().zip(before) {
                        self.take_back(hook, how, text.as_deref())?;
                    }
                    return Err(error);
                }
            }
        }
        Ok(done)
    }

    /// Undoes an installation; `before` is the text that the hook had.
    fn take_back(&self, hook: Hook, how: Done, before: Option<&str>) -> Result<(), HooksError> {
        match before {
            _ if how == Done::Unchanged => Ok(()),
            // An older one of ours.
            Some(text) if whose(text) == Whose::Ours => write(&self.paths(hook).0, text),
            Some(_) => self.remove(hook).map(drop),
            // What is kept may have been there without a hook.
            None => {
                let (path, _) = self.paths(hook);
                std::fs::remove_file(&path).map_err(|error| HooksError::File(path, error))
            }
        }
    }

    /// Installs a hook. One that is there and not ours is renamed, which keeps it as it is, and called first.
    ///
    /// # Errors
    /// As [`Place::check`], and when the files cannot be changed: then they are as they were.
    fn install(&self, hook: Hook, call: &Call) -> Result<Done, HooksError> {
        let done = self.check(hook, call)?;
        if done == Done::Unchanged {
            return Ok(done);
        }
        let (path, kept) = self.paths(hook);
        let is_theirs = read(&path)?.is_some_and(|text| whose(&text) == Whose::Theirs);
        if is_theirs {
            rename(&path, &kept)?;
        }
        let written = write(&path, &script(hook, call));
        if written.is_err() && is_theirs {
            rename(&kept, &path)?;
        }
        written.map(|()| done)
    }

    /// Says what taking a hook away would do. Nothing is changed.
    ///
    /// # Errors
    /// When it is ours and somebody changed it, or it cannot be read.
    pub fn check_removal(&self, hook: Hook) -> Result<Done, HooksError> {
        let (path, kept) = self.paths(hook);
        let restored = || if is_there(&kept) { Done::Restored } else { Done::Removed };
        let Some(text) = read(&path)? else {
            return Ok(if is_there(&kept) { Done::Restored } else { Done::Absent });
        };
        match whose(&text) {
            Whose::Ours => Ok(restored()),
            Whose::Changed => Err(HooksError::Changed(path)),
            Whose::Theirs => Ok(Done::LeftAlone),
        }
    }

    /// Takes a hook of ours away, and puts back what was there before.
    ///
    /// # Errors
    /// As [`Place::check_removal`], and when the files cannot be changed.
    pub fn remove(&self, hook: Hook) -> Result<Done, HooksError> {
        let (path, kept) = self.paths(hook);
        let done = self.check_removal(hook)?;
        match done {
            Done::Restored => rename(&kept, &path)?,
            Done::Removed => std::fs::remove_file(&path).map_err(|error| HooksError::File(path, error))?,
            _ => {}
        }
        Ok(done)
    }

    fn paths(&self, hook: Hook) -> (PathBuf, PathBuf) {
        (self.folder.join(hook.name()), self.folder.join(format!("{hook}{KEPT}")))
    }
}

/// What a question to git is answered with: a path, which may hold anything but its last line feed.
fn path(supervisor: &Supervisor, args: &[&str]) -> Result<String, HooksError> {
    let line = super::quiet(CommandLine::new("git").args(args.iter().copied()));
    let output = supervisor.ask(&line).map_err(|error| HooksError::NoRepository(error.to_string()))?;
    if !output.success() {
        let said = output.stderr.lines().next().unwrap_or("git says no more");
        return Err(HooksError::NoRepository(terminal(said)));
    }
    Ok(output.stdout.strip_suffix('\n').unwrap_or(&output.stdout).to_owned())
}

fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// The text of a hook. A link is somebody else's, wherever it leads, and so is a program.
fn read(path: &Path) -> Result<Option<String>, HooksError> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(HooksError::File(path.to_owned(), error)),
        Ok(kind) if !kind.is_file() => Ok(Some(String::new())),
        Ok(_) => files::read(path).map(Some).map_err(|error| HooksError::File(error.path, error.error)),
    }
}

fn rename(from: &Path, to: &Path) -> Result<(), HooksError> {
    std::fs::rename(from, to).map_err(|error| HooksError::File(from.to_owned(), error))
}

fn write(path: &Path, text: &str) -> Result<(), HooksError> {
    files::write_program(path, text).map_err(|error| HooksError::File(error.path, error.error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::hooks::Toolkit;

    #[test]
    fn a_hook_goes_again_when_the_next_one_cannot_be_written() {
        let call = |path: &str| Call { folder: String::new(), toolkit: Toolkit::Program(path.to_owned()) };
        let folder = tempfile::tempdir().unwrap();
        let place = Place { folder: folder.path().to_owned(), top: folder.path().to_owned() };
        let first = folder.path().join("pre-commit");
        let kept = folder.path().join("pre-commit.before-slipway");
        let files = || {
            let text = |path| std::fs::read_to_string(path).ok();
            (text(&first), text(&kept))
        };
        let fails = || {
            let before = files();
            let full = || HooksError::File(place.paths(Hook::PrePush).0, io::ErrorKind::StorageFull.into());
            let ended = place.all_or_none(|hook| match hook {
                Hook::PreCommit => {
                    let done = place.install(hook, &call("/new"));
                    assert!(files().0.unwrap().contains("/new"));
                    done
                }
                Hook::PrePush => Err(full()),
            });
            assert!(matches!(ended, Err(HooksError::File(path, _)) if path.ends_with("pre-push")));
            assert_eq!(files(), before);
        };
        fails();
        write(&first, "#!/bin/sh\necho theirs\n").unwrap();
        fails();
        place.install(Hook::PreCommit, &call("/old")).unwrap();
        fails();
        std::fs::remove_file(&first).unwrap();
        fails();
    }
}
