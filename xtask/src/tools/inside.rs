//! Files below a folder that may be a stranger's: no link leads out of it, and nothing is written over a link.

use std::io;
use std::path::{Path, PathBuf};

use super::files::{self, FileError};

/// The most bytes of a file that is read: what is written here has a few thousand.
const LARGEST: u64 = 1 << 20;

/// The text of a file; none where there is none.
///
/// # Errors
/// When it or a folder above it is a link, it is no file, too large or no text.
pub fn read(root: &Path, path: &str) -> Result<Option<String>, FileError> {
    let place = place(root, path)?;
    let failed =
        |told: &str| FileError { action: "read", path: place.clone(), error: io::Error::other(told) };
    match files::read_plain(&place, LARGEST)? {
        Some(text) if text.contains(char::REPLACEMENT_CHARACTER) => Err(failed("it is no text in UTF-8")),
        text => Ok(text),
    }
}

/// Writes a file whole or not at all.
///
/// # Errors
/// When it or a folder above it is a link, or it cannot be written.
pub fn write(root: &Path, path: &str, text: &str) -> Result<(), FileError> {
    files::write(&place(root, path)?, text)
}

/// Where the file is, when everything on the way is what it seems.
fn place(root: &Path, path: &str) -> Result<PathBuf, FileError> {
    let mut place = root.to_owned();
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        place.push(part);
        let refused =
            |told| Err(FileError { action: "use", path: place.clone(), error: io::Error::other(told) });
        if part.is_empty() || part == "." || part == ".." || Path::new(part).is_absolute() {
            return refused("it is not below the folder");
        }
        match place.symlink_metadata() {
            Ok(kind) if kind.is_symlink() => return refused("it is a link, and may lead anywhere"),
            Ok(kind) if parts.peek().is_some() && !kind.is_dir() => return refused("it is no folder"),
            Ok(kind) if parts.peek().is_none() && !kind.is_file() => return refused("it is no file"),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(FileError { action: "look at", path: place.clone(), error }),
        }
    }
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_and_read_below_its_folder() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(read(root.path(), "a/b.toml").unwrap(), None);
        write(root.path(), "a/b.toml", "x = 1\n").unwrap();
        assert_eq!(read(root.path(), "a/b.toml").unwrap().as_deref(), Some("x = 1\n"));
        assert_eq!(files::walk(root.path(), &[]), ["a/b.toml"]);
    }

    #[test]
    fn nothing_leads_out_of_the_folder() {
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(outside.path().join("x"), "theirs").unwrap();
        std::os::unix::fs::symlink(outside.path(), root.path().join("link")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("x"), root.path().join("file")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("new"), root.path().join("dangling")).unwrap();
        for path in ["link/x", "file", "dangling", "../x", "a/../../x", "", "/x", "a//x", "./x"] {
            let told = |error: FileError| error.to_string();
            let error = write(root.path(), path, "ours").map_err(told).unwrap_err();
            assert!(error.contains("it is a link") || error.contains("not below"), "{path}: {error}");
            assert!(read(root.path(), path).is_err(), "{path}");
        }
        assert_eq!(std::fs::read_to_string(outside.path().join("x")).unwrap(), "theirs");
        assert_eq!(files::walk(outside.path(), &[]), ["x"]);
    }

    #[test]
    fn what_is_no_file_of_text_is_told() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("folder")).unwrap();
        std::fs::write(root.path().join("bytes"), b"\xff\xfe").unwrap();
        std::fs::write(root.path().join("large"), vec![b'x'; 2 << 20]).unwrap();
        let told = |path: &str| read(root.path(), path).unwrap_err().to_string();
        assert!(told("folder").ends_with("it is no file"));
        assert!(told("bytes").ends_with("it is no text in UTF-8"));
        assert!(told("large").ends_with("bytes"));
        assert!(told("bytes/x").ends_with("it is no folder"));
    }
}
