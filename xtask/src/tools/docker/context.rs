//! The files that a build may use: what `.dockerignore` leaves of a folder, in a fixed order.

use std::fmt;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use slipway_image::{DockerIgnore, DockerIgnoreError};

use crate::tools::files;

/// The files of a build. A folder stands before what is in it, and names are in the order of their bytes: the same files
/// give the same list everywhere.
#[derive(Clone, Debug)]
pub struct Context {
    /// The folder.
    pub root: PathBuf,
    /// What is sent of it.
    pub entries: Vec<Entry>,
    /// The Dockerfile, which need not be among the entries and need not be in the folder.
    pub dockerfile: PathBuf,
    /// Its text.
    pub dockerfile_text: String,
}

/// A file, folder or link of a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path below the root, with `/`.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// The permissions, at most `0o7777`.
    pub mode: u32,
    /// When it was changed: seconds since 1970, and the nanoseconds of the last one.
    pub modified: (i64, u32),
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file of this many bytes.
    File(u64),
    /// A folder.
    Folder,
    /// A symbolic link to this, wherever that is.
    Link(String),
}

/// Files of a build that cannot be listed.
#[derive(Debug)]
pub enum ContextError {
    /// A file or folder cannot be read.
    Unreadable(PathBuf, io::Error),
    /// A name that is not UTF-8, which no Dockerfile can speak of.
    Name(PathBuf),
    /// A `.dockerignore` with a pattern that means nothing.
    Ignore(PathBuf, DockerIgnoreError),
    /// There is no such Dockerfile.
    NoDockerfile(PathBuf),
}

impl fmt::Display for ContextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) => write!(f, "cannot read {}: {error}", path.display()),
            Self::Name(path) => write!(
                f,
                "the name of {} is not UTF-8; rename it, or leave it out in .dockerignore",
                path.display()
            ),
            Self::Ignore(path, error) => write!(f, "{}, {error}", path.display()),
            Self::NoDockerfile(path) => write!(f, "there is no {}", path.display()),
        }
    }
}

impl std::error::Error for ContextError {}

impl Context {
    /// Lists the files of a build in `root` with this Dockerfile, whose path is relative to `root` or absolute. What
    /// `DOCKERFILE.dockerignore` beside the Dockerfile says goes before what `.dockerignore` in `root` does. Sockets,
    /// pipes and devices are left out.
    ///
    /// # Errors
    /// When the Dockerfile is missing, when a file cannot be read, and when a pattern means nothing.
    pub fn list(root: &Path, dockerfile: &Path) -> Result<Self, ContextError> {
        let dockerfile = root.join(dockerfile);
        let dockerfile_text = match files::read_if_there(&dockerfile) {
            Ok(Some(text)) => text,
            Ok(None) => return Err(ContextError::NoDockerfile(dockerfile)),
            Err(error) => {
                return Err(ContextError::Unreadable(dockerfile, io::Error::other(error.to_string())));
            }
        };
        let ignore = ignore(root, &dockerfile)?;
        let mut context = Self { root: root.to_owned(), entries: Vec::new(), dockerfile, dockerfile_text };
        context.add_folder(root, "", &ignore)?;
        Ok(context)
    }

    /// The path below the root at which the Dockerfile is sent; none when it is not.
    #[must_use]
    pub fn dockerfile_entry(&self) -> Option<&str> {
        let path = self.dockerfile.strip_prefix(&self.root).ok()?.to_str()?;
        self.entries.iter().find(|entry| entry.path == path).map(|entry| entry.path.as_str())
    }

    /// Where an entry lies on this machine.
    #[must_use]
    pub fn place(&self, entry: &Entry) -> PathBuf {
        self.root.join(&entry.path)
    }

    /// Gives whether anything was added.
    fn add_folder(
        &mut self,
        folder: &Path,
        prefix: &str,
        ignore: &DockerIgnore,
    ) -> Result<bool, ContextError> {
        let unreadable = |error| ContextError::Unreadable(folder.to_owned(), error);
        let found = std::fs::read_dir(folder).map_err(unreadable)?;
        let mut names =
            found.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>().map_err(unreadable)?;
        names.sort();
        let before = self.entries.len();
        for name in names {
            let place = folder.join(&name);
            let path = format!("{prefix}{}", name.to_string_lossy());
            let is_ignored = ignore.is_ignored(&path);
            if is_ignored && !ignore.may_except_below(&path) {
                continue;
            }
            let Some(metadata) = metadata(&place)? else { continue };
            if is_ignored && !metadata.is_dir() {
                continue;
            }
            if name.to_str().is_none() {
                return Err(ContextError::Name(place));
            }
            let Some(kind) = kind(&place, &metadata)? else { continue };
            let is_folder = kind == Kind::Folder;
            let below = format!("{path}/");
            self.entries.push(Entry { path, kind, mode: mode(&metadata), modified: modified(&metadata) });
            // A folder that is left out is sent all the same when something in it is not.
            if is_folder && !self.add_folder(&place, &below, ignore)? && is_ignored {
                self.entries.pop();
            }
        }
        Ok(self.entries.len() > before)
    }
}

fn ignore(root: &Path, dockerfile: &Path) -> Result<DockerIgnore, ContextError> {
    let mut own = dockerfile.as_os_str().to_owned();
    own.push(".dockerignore");
    for path in [PathBuf::from(own), root.join(".dockerignore")] {
        match files::read_if_there(&path) {
            Ok(Some(text)) => {
                return DockerIgnore::parse(&text).map_err(|error| ContextError::Ignore(path, error));
            }
            Ok(None) => {}
            Err(error) => return Err(ContextError::Unreadable(path, io::Error::other(error.to_string()))),
        }
    }
    Ok(DockerIgnore::default())
}

/// None for what went away since its folder was read.
fn metadata(place: &Path) -> Result<Option<Metadata>, ContextError> {
    match place.symlink_metadata() {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ContextError::Unreadable(place.to_owned(), error)),
    }
}

/// None for what no build can use.
fn kind(place: &Path, metadata: &Metadata) -> Result<Option<Kind>, ContextError> {
    if metadata.is_dir() {
        return Ok(Some(Kind::Folder));
    }
    if metadata.is_file() {
        return Ok(Some(Kind::File(metadata.len())));
    }
    if !metadata.is_symlink() {
        return Ok(None);
    }
    let target = place.read_link().map_err(|error| ContextError::Unreadable(place.to_owned(), error))?;
    let target = target.into_os_string().into_string().map_err(|_| ContextError::Name(place.to_owned()))?;
    Ok(Some(Kind::Link(target)))
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;

    metadata.permissions().mode() & 0o7777
}

#[cfg(not(unix))]
fn mode(_metadata: &Metadata) -> u32 {
    0o755
}

fn modified(metadata: &Metadata) -> (i64, u32) {
    let since =
        metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    (i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            files::write(&folder.path().join(path), text).unwrap();
        }
        folder
    }

    fn paths(context: &Context) -> Vec<&str> {
        context.entries.iter().map(|entry| entry.path.as_str()).collect()
    }

    #[test]
    fn the_list_is_in_order_and_without_what_is_ignored() {
        let folder = folder(&[
            ("Dockerfile", "FROM scratch\n"),
            (".dockerignore", "target\nsrc\n!src/deep/kept\nDockerfile\n"),
            ("target/big", ""),
            ("src/lost", ""),
            ("src/deep/kept", "1"),
            ("src/deep/lost", ""),
            ("b/x", ""),
            ("b.txt", ""),
        ]);
        std::os::unix::fs::symlink("/nowhere", folder.path().join("link")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
        let context = Context::list(folder.path(), Path::new("Dockerfile")).unwrap();
        assert_eq!(
            paths(&context),
            [".dockerignore", "b", "b/x", "b.txt", "link", "src", "src/deep", "src/deep/kept"]
        );
        assert_eq!(context.entries[4].kind, Kind::Link("/nowhere".to_owned()));
        assert_eq!(context.entries[7].kind, Kind::File(1));
        assert_eq!(context.dockerfile_entry(), None);
    }

    #[test]
    fn an_ignored_folder_of_which_nothing_is_kept_is_not_sent() {
        let folder = folder(&[("Dockerfile", ""), (".dockerignore", "a\n!a/**/kept\n"), ("a/b/lost", "")]);
        let context = Context::list(folder.path(), Path::new("Dockerfile")).unwrap();
        assert_eq!(paths(&context), [".dockerignore", "Dockerfile"]);
        assert_eq!(context.dockerfile_entry(), Some("Dockerfile"));
    }

    #[test]
    fn the_dockerfile_s_own_rules_go_first() {
        let folder = folder(&[
            ("ci/app.Dockerfile", "FROM scratch\n"),
            ("ci/app.Dockerfile.dockerignore", "*\n!kept\n"),
            (".dockerignore", "kept\n"),
            ("kept", ""),
        ]);
        let context = Context::list(folder.path(), Path::new("ci/app.Dockerfile")).unwrap();
        assert_eq!(paths(&context), ["kept"]);
        assert_eq!(context.dockerfile_text, "FROM scratch\n");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_file() {
        use std::os::unix::ffi::OsStrExt as _;

        let empty = folder(&[]);
        let error = Context::list(empty.path(), Path::new("Dockerfile")).unwrap_err().to_string();
        assert!(error.starts_with("there is no ") && error.ends_with("/Dockerfile"), "{error}");
        let bad = folder(&[("Dockerfile", ""), (".dockerignore", "ok\n[\n")]);
        let error = Context::list(bad.path(), Path::new("Dockerfile")).unwrap_err().to_string();
        assert!(error.ends_with(".dockerignore, line 2: `[` has a `[` that is not closed"), "{error}");
        let name = std::ffi::OsStr::from_bytes(b"\xff");
        std::fs::write(empty.path().join(name), "").unwrap();
        std::fs::write(empty.path().join("Dockerfile"), "").unwrap();
        let error = Context::list(empty.path(), Path::new("Dockerfile")).unwrap_err().to_string();
        assert!(error.contains("is not UTF-8"), "{error}");
    }
}
