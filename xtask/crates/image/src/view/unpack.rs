//! Writing the files of an image into a folder, for running them without an engine. Nothing can be written outside of it: the
//! paths are those of the merged view, in which every folder is a folder, and links are made last, so no write goes through one.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::{Kind, Node, View, ViewError, scan};
use crate::blobs::{PathError, at};
use crate::tarball::TarError;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unpacked {
    /// Files, second names included.
    pub files: usize,
    /// Bytes of files.
    pub bytes: u64,
    /// Devices, pipes and sockets, which are left out.
    pub left_out: usize,
}

/// The paths that have the content of one entry, and what that entry is.
type Wanted<'view> = BTreeMap<usize, Vec<&'view Node>>;

impl View {
    /// Writes all files into `folder`, which is made, or is empty. Owners are the caller's, setuid and setgid are left off, and
    /// folders can be written by their owner so that they can be removed again.
    ///
    /// # Errors
    /// When the folder is not empty or cannot be written, or a layer not read.
    pub fn unpack(&self, folder: &Path) -> Result<Unpacked, ViewError> {
        fs::create_dir_all(folder).map_err(at("make the folder", folder))?;
        if fs::read_dir(folder).map_err(at("read", folder))?.next().is_some() {
            return Err(ViewError::NotEmpty(folder.to_owned()));
        }
        let mut wanted: Vec<Wanted<'_>> = vec![Wanted::new(); self.layers.len()];
        let mut done = Unpacked::default();
        for node in self.nodes() {
            let path = folder.join(&node.entry.path);
            match node.entry.kind {
                Kind::Folder => fs::create_dir(&path).map_err(at("make the folder", &path))?,
                Kind::Special => done.left_out += 1,
                Kind::File => {
                    let (layer, number) = node.content;
                    wanted
                        .get_mut(layer)
                        .into_iter()
                        .for_each(|wanted| wanted.entry(number).or_default().push(node));
                }
                Kind::Symlink(_) | Kind::Hardlink(_) => {}
            }
        }
        for ((layer, diff_id), wanted) in
            self.layers.iter().zip(&wanted).filter(|(_, wanted)| !wanted.is_empty())
        {
            let mut number = 0;
            scan::each(&self.blobs, layer, diff_id, |header, content| {
                if let Some(nodes) = wanted.get(&number) {
                    let is_same = |node: &&&Node| node.entry.size == header.size;
                    let changed = || TarError::Read(io::Error::other("the layer changed while it was read"));
                    nodes.first().filter(is_same).ok_or_else(changed)?;
                    done.files += nodes.len();
                    done.bytes += header.size;
                    write(folder, nodes, content)?;
                }
                number += 1;
                Ok(())
            })?;
        }
        self.links(folder)?;
        self.folder_modes(folder)?;
        Ok(done)
    }

    fn links(&self, folder: &Path) -> Result<(), PathError> {
        for node in self.nodes() {
            if let Kind::Symlink(target) = &node.entry.kind {
                let path = folder.join(&node.entry.path);
                link(target, &path).map_err(at("make the link", &path))?;
            }
        }
        Ok(())
    }

    fn folder_modes(&self, folder: &Path) -> Result<(), PathError> {
        for node in self.nodes().filter(|node| node.entry.kind == Kind::Folder) {
            let path = folder.join(&node.entry.path);
            set_mode(&path, node.entry.mode & 0o1777 | 0o700).map_err(at("set the permissions of", &path))?;
        }
        Ok(())
    }
}

/// Writes the first of these, and makes the others its second names.
fn write(folder: &Path, nodes: &[&Node], content: &mut dyn io::Read) -> Result<(), scan::Stop> {
    let Some((first, others)) = nodes.split_first() else {
        return Ok(());
    };
    let path = folder.join(&first.entry.path);
    let mut file = File::create_new(&path).map_err(at("write", &path))?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        // Apart from each other, so that a full disk and a broken layer are told apart.
        let read = content.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        let bytes = buffer.get(..read).unwrap_or_default();
        io::Write::write_all(&mut file, bytes).map_err(at("write", &path))?;
    }
    set_mode(&path, first.entry.mode & 0o777).map_err(at("set the permissions of", &path))?;
    for other in others {
        let other = folder.join(&other.entry.path);
        fs::hard_link(&path, &other)
            .or_else(|_| fs::copy(&path, &other).map(drop))
            .map_err(at("write", &other))?;
    }
    Ok(())
}

#[cfg(unix)]
fn link(target: &str, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn link(_: &str, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}
