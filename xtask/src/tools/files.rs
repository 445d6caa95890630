//! Files: atomic writes, and the folder that reports go to.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file that could not be written or read, and why.
#[derive(Debug)]
pub struct FileError {
    /// What was tried: `write`, `read`, `create the folder`.
    pub action: &'static str,
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub error: io::Error,
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot {} {}: {}", self.action, self.path.display(), self.error)
    }
}

impl std::error::Error for FileError {}

/// Writes a file whole or not at all: beside its place, to the disk, then renamed.
///
/// # Errors
/// When the folder cannot be made or the file cannot be written.
pub fn write(path: &Path, text: &str) -> Result<(), FileError> {
    write_with(path, |file| file.write_all(text.as_bytes()))
}

/// The same for what is not at hand as one text: the file is filled bit by bit.
///
/// # Errors
/// When the folder cannot be made or the file cannot be written.
pub fn write_with(
    path: &Path,
    put: impl FnOnce(&mut io::BufWriter<&mut std::fs::File>) -> io::Result<()>,
) -> Result<(), FileError> {
    write_as(path, 0o644, put)
}

/// The same for a script that is to be run.
///
/// # Errors
/// When the folder cannot be made or the file cannot be written.
pub fn write_program(path: &Path, text: &str) -> Result<(), FileError> {
    write_as(path, 0o755, |file| file.write_all(text.as_bytes()))
}

fn write_as(
    path: &Path,
    mode: u32,
    put: impl FnOnce(&mut io::BufWriter<&mut std::fs::File>) -> io::Result<()>,
) -> Result<(), FileError> {
    let failed = |error| FileError { action: "write", path: path.to_owned(), error };
    let folder = path.parent().unwrap_or(Path::new("."));
    create_folder(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let mut buffer = io::BufWriter::new(file.as_file_mut());
    put(&mut buffer).and_then(|()| buffer.flush()).map_err(failed)?;
    drop(buffer);
    open_to_all(file.as_file(), mode).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Fills a folder beside its place and puts it there whole; one that was there before is gone then.
///
/// # Errors
/// When it cannot be filled or moved; then what was there before may be gone, and nothing else has come.
pub fn replace_folder(
    folder: &Path,
    fill: impl FnOnce(&Path) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let failed = |error| FileError { action: "write", path: folder.to_owned(), error };
    let parent = folder.parent().unwrap_or(Path::new("."));
    create_folder(parent)?;
    let fresh = tempfile::Builder::new().prefix(".fresh-").tempdir_in(parent).map_err(failed)?;
    fill(fresh.path())?;
    remove_folder(folder)?;
    std::fs::rename(fresh.keep(), folder).map_err(failed)?;
    #[cfg(unix)]
    std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755)).map_err(failed)?;
    Ok(())
}

/// Removes a folder with all that is in it; one that is not there is no error.
///
/// # Errors
/// When it cannot be removed.
pub fn remove_folder(folder: &Path) -> Result<(), FileError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FileError { action: "remove", path: folder.to_owned(), error })
        }
        _ => Ok(()),
    }
}

/// Temporary files are for their owner alone; a report is for everybody that may read the folder.
fn open_to_all(file: &std::fs::File, mode: u32) -> io::Result<()> {
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))?;
    #[cfg(not(unix))]
    let _ = (file, mode);
    Ok(())
}

/// Makes a folder and those above it.
///
/// # Errors
/// When it cannot be made.
pub fn create_folder(folder: &Path) -> Result<(), FileError> {
    let failed = |error| FileError { action: "create the folder", path: folder.to_owned(), error };
    std::fs::create_dir_all(folder).map_err(failed)
}

/// A folder below the system's one for temporary files, for one run; it goes with this value.
#[derive(Debug)]
pub struct TemporaryFolder(tempfile::TempDir);

impl TemporaryFolder {
    /// Makes one.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new() -> io::Result<Self> {
        tempfile::Builder::new().prefix("slipway-").tempdir().map(Self)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Where it is, from now on without us: it stays.
    #[must_use]
    pub fn keep(self) -> PathBuf {
        self.0.keep()
    }
}

/// Proves that a folder takes files, with room for a small report, before anything is run.
///
/// # Errors
/// When it does not.
pub fn probe(folder: &Path) -> Result<(), FileError> {
    const ROOM: usize = 256 << 10;
    create_folder(folder)?;
    let failed = |error| FileError { action: "write to", path: folder.to_owned(), error };
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(&vec![b'.'; ROOM]).and_then(|()| file.flush()).map_err(failed)
}

/// Reads a text file; what is not UTF-8 is replaced.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path) -> Result<String, FileError> {
    let failed = |error| FileError { action: "read", path: path.to_owned(), error };
    let bytes = refuse_pipes(path).and_then(|()| std::fs::read(path)).map_err(failed)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads a text file that a stranger may have made: no link, and of at most so many bytes.
///
/// # Errors
/// When it cannot be read, or is something else.
pub fn read_plain(path: &Path, most: u64) -> Result<Option<String>, FileError> {
    let failed = |error| FileError { action: "read", path: path.to_owned(), error };
    let kind = match path.symlink_metadata() {
        Ok(kind) => kind,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if !kind.is_file() {
        return Err(failed(io::Error::other("it is a link or no file, and nobody knows who made it")));
    }
    if kind.len() > most {
        return Err(failed(io::Error::other(format!("it has more than {most} bytes"))));
    }
    read(path).map(Some)
}

/// Opens a file to read it bit by bit.
///
/// # Errors
/// When it cannot be opened, or is something else than a file.
pub fn open(path: &Path) -> io::Result<std::fs::File> {
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    std::fs::File::open(path)
}

/// Reading a pipe waits for whoever writes to it, for ever when nobody does.
fn refuse_pipes(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let kind = path.metadata()?.file_type();
        if kind.is_fifo() || kind.is_socket() {
            return Err(io::Error::other("it is a pipe, not a file"));
        }
    }
    Ok(())
}

/// Reads a text file that need not be there.
///
/// # Errors
/// When it is there and cannot be read.
pub fn read_if_there(path: &Path) -> Result<Option<String>, FileError> {
    match read(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// All files below a folder, relative with `/`, sorted; folders of these names are left out.
#[must_use]
pub fn walk(folder: &Path, leave_out: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(here) = open.pop() {
        for entry in std::fs::read_dir(&here).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            let path = entry.path();
            if kind.is_dir() && !leave_out.iter().any(|name| entry.file_name() == *name) {
                open.push(path);
            } else if kind.is_file()
                && let Ok(relative) = path.strip_prefix(folder)
            {
                found.push(relative.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_with_its_folders() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a b/ü/x.txt");
        write(&path, "one").unwrap();
        write(&path, "two").unwrap();
        assert_eq!(read(&path).unwrap(), "two");
        assert_eq!(walk(folder.path(), &[]), ["a b/ü/x.txt"]);
        assert_eq!(walk(folder.path(), &["ü"]), Vec::<String>::new());
    }

    #[test]
    fn a_folder_is_replaced_whole_or_not_at_all() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("pages");
        let put = |name: &'static str| move |fresh: &Path| write(&fresh.join(name), "x");
        replace_folder(&folder, put("old.html")).unwrap();
        replace_folder(&folder, put("new.html")).unwrap();
        assert_eq!(walk(parent.path(), &[]), ["pages/new.html"]);
        let broken = |fresh: &Path| {
            write(&fresh.join("half.html"), "x").and_then(|()| read(Path::new("/no/such")).map(drop))
        };
        replace_folder(&folder, broken).unwrap_err();
        assert_eq!(walk(parent.path(), &[]), ["pages/new.html"]);
    }

    #[test]
    fn a_folder_that_is_a_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write(&path, "").unwrap();
        assert!(probe(&path.join("below")).unwrap_err().to_string().starts_with("cannot create the folder "));
        assert!(probe(folder.path()).is_ok());
    }
}
