//! The files of a build as a tar archive, which is what the classic builder takes. It is made while it is sent, by a
//! thread of its own.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::io::{self, Write};
use std::mem;

use futures_util::stream::{self, Stream};
use tar::{Builder, EntryType, Header};
use tokio::sync::mpsc;

use crate::tools::docker::context::{Context, Kind};

/// How much is sent at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// What the builder is told besides the archive.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The path of the Dockerfile in the archive.
    pub(super) dockerfile: String,
}

/// The archive in pieces, and what the builder must know of it. The thread ends when nobody reads on.
pub(super) fn stream<Bytes: From<Vec<u8>> + Send + 'static>(
    context: &Context,
    epoch: Option<i64>,
) -> (Named, impl Stream<Item = io::Result<Bytes>> + Send + 'static) {
    let (pieces, sent) = mpsc::channel(8);
    let named = Named { dockerfile: dockerfile_name(context) };
    let (context, dockerfile) = (context.clone(), named.dockerfile.clone());
    std::thread::spawn(move || {
        let mut pieces = Pieces { sender: pieces, rest: Vec::new() };
        let done = write(&context, &dockerfile, epoch, &mut pieces).and_then(|()| pieces.flush());
        if let Err(error) = done {
            let _ = pieces.sender.blocking_send(Err(error));
        }
    });
    let stream = stream::unfold(sent, |mut sent: mpsc::Receiver<io::Result<Vec<u8>>>| async {
        sent.recv().await.map(|piece| (piece.map(Bytes::from), sent))
    });
    (named, stream)
}

/// A name of its own for a Dockerfile that is not among the files.
fn dockerfile_name(context: &Context) -> String {
    context.dockerfile_entry().map_or_else(
        || {
            let mut hasher = DefaultHasher::new();
            context.dockerfile_text.hash(&mut hasher);
            format!(".dockerfile.{:016x}", hasher.finish())
        },
        ToOwned::to_owned,
    )
}

fn write(context: &Context, dockerfile: &str, epoch: Option<i64>, to: &mut impl Write) -> io::Result<()> {
    let mut archive = Builder::new(to);
    let time = |seconds: i64| u64::try_from(epoch.unwrap_or(seconds)).unwrap_or_default();
    let is_extra = context.dockerfile_entry().is_none();
    for entry in &context.entries {
        let mut header = Header::new_gnu();
        header.set_mode(entry.mode);
        header.set_mtime(time(entry.modified.0));
        header.set_size(0);
        match &entry.kind {
            Kind::Folder => {
                header.set_entry_type(EntryType::Directory);
                archive.append_data(&mut header, format!("{}/", entry.path), io::empty())?;
            }
            Kind::Link(target) => {
                header.set_entry_type(EntryType::Symlink);
                archive.append_link(&mut header, &entry.path, target)?;
            }
            // The builder removes files that its `.dockerignore` names, which is how the extra one goes away again.
            Kind::File(_) if is_extra && entry.path == ".dockerignore" => {
                let rules = std::fs::read_to_string(context.place(entry))?;
                append(&mut archive, header, &entry.path, format!("{rules}\n{dockerfile}\n").as_bytes())?;
            }
            Kind::File(size) => {
                let place = context.place(entry);
                let file = std::fs::File::open(&place).map_err(|error| {
                    io::Error::new(error.kind(), format!("cannot read {}: {error}", place.display()))
                })?;
                header.set_size(*size);
                // A file that grows meanwhile is cut, and one that shrinks is filled up: an archive cannot be taken back.
                archive.append_data(&mut header, &entry.path, Exactly { file, left: *size })?;
            }
        }
    }
    if is_extra {
        let mut header = Header::new_gnu();
        header.set_mode(0o644);
        append(&mut archive, header.clone(), dockerfile, context.dockerfile_text.as_bytes())?;
        if !context.entries.iter().any(|entry| entry.path == ".dockerignore") {
            append(
                &mut archive,
                header,
                ".dockerignore",
                format!("{dockerfile}\n.dockerignore\n").as_bytes(),
            )?;
        }
    }
    archive.finish()
}

fn append(archive: &mut Builder<impl Write>, mut header: Header, path: &str, bytes: &[u8]) -> io::Result<()> {
    header.set_size(bytes.len() as u64);
    archive.append_data(&mut header, path, bytes)
}

/// As many bytes as the header says, whatever has become of the file.
struct Exactly {
    file: std::fs::File,
    left: u64,
}

impl io::Read for Exactly {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..most).filter(|buffer| !buffer.is_empty()) else { return Ok(0) };
        let read = match self.file.read(buffer)? {
            0 => {
                buffer.fill(0);
                buffer.len()
            }
            read => read,
        };
        self.left -= read as u64;
        Ok(read)
    }
}

/// Sends what is written to it, in pieces of a fair size.
struct Pieces {
    sender: mpsc::Sender<io::Result<Vec<u8>>>,
    rest: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.rest.extend_from_slice(bytes);
        if self.rest.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.rest.is_empty() {
            return Ok(());
        }
        let piece = mem::take(&mut self.rest);
        self.sender.blocking_send(Ok(piece)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::tools::files;

    fn archived(context: &Context, epoch: Option<i64>) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(context, &dockerfile_name(context), epoch, &mut bytes).unwrap();
        bytes
    }

    fn paths(bytes: &[u8]) -> Vec<String> {
        let mut archive = tar::Archive::new(bytes);
        let entries = archive.entries().unwrap();
        entries.map(|entry| entry.unwrap().path().unwrap().display().to_string()).collect()
    }

    #[test]
    fn the_same_files_give_the_same_bytes() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let contexts = folders.each_ref().map(|folder| {
            files::write(&folder.path().join("b/x"), "1").unwrap();
            files::write(&folder.path().join("Dockerfile"), "FROM scratch\n").unwrap();
            std::os::unix::fs::symlink("b/x", folder.path().join("c")).unwrap();
            Context::list(folder.path(), Path::new("Dockerfile")).unwrap()
        });
        let [one, two] = contexts.each_ref().map(|context| archived(context, Some(5)));
        assert!(one == two);
        assert_eq!(paths(&one), ["Dockerfile", "b/", "b/x", "c"]);
    }

    #[test]
    fn a_dockerfile_that_is_left_out_is_sent_under_another_name() {
        let folder = tempfile::tempdir().unwrap();
        files::write(&folder.path().join("Dockerfile"), "FROM scratch\n").unwrap();
        files::write(&folder.path().join(".dockerignore"), "Dockerfile\n.dockerignore\n").unwrap();
        let context = Context::list(folder.path(), Path::new("Dockerfile")).unwrap();
        let name = dockerfile_name(&context);
        assert!(name.starts_with(".dockerfile."));
        assert_eq!(paths(&archived(&context, None)), [name.as_str(), ".dockerignore"]);
    }

    #[test]
    fn a_file_that_shrinks_leaves_the_archive_whole() {
        let folder = tempfile::tempdir().unwrap();
        files::write(&folder.path().join("Dockerfile"), "FROM scratch\n").unwrap();
        files::write(&folder.path().join("z"), "long text").unwrap();
        let context = Context::list(folder.path(), Path::new("Dockerfile")).unwrap();
        files::write(&folder.path().join("z"), "short").unwrap();
        let bytes = archived(&context, None);
        assert_eq!(paths(&bytes), ["Dockerfile", "z"]);
    }
}
