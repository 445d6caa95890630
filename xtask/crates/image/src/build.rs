//! From a program to an image, without an engine. What changes often lies above what changes seldom: libraries, users and
//! certificates, files, and the program alone in the highest layer, so that a new build packs and pushes little more than it.

mod assembly;
mod config;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::base::{self, User};
use crate::blobs::{PathError, at};
use crate::elf::{Closure, Elf, ElfError, Host};
use crate::layer::cache::Cache;
use crate::layer::{Contents, Data, Item, LayerError, Level, file_item};
use crate::layout::{Image, Layout, LayoutError};
use crate::loader::{self, Problem};
use crate::oci::{Healthcheck, Platform};
use crate::view::{View, ViewError};

use assembly::Assembly;

/// How hard layers are packed: on Rust and Go programs of 16 and 21 MB, 2 gives 6 to 7 % more bytes than 6 in half its time, and
/// 1 gives 27 to 30 % more.
pub const LEVEL: u32 = 2;

/// What an image is made of.
#[derive(Clone, Debug)]
pub struct Recipe<'a> {
    /// The program on this machine.
    pub binary: PathBuf,
    /// Its absolute path in the image.
    pub program: String,
    /// What it stands on.
    pub base: Base<'a>,
    /// Who runs it.
    pub user: User,
    /// The program and its first arguments; the program alone when not given.
    pub entrypoint: Option<Vec<String>>,
    /// Arguments that whoever runs it may replace.
    pub cmd: Vec<String>,
    /// Its variables; those of the base are kept.
    pub env: BTreeMap<String, String>,
    /// `8080/tcp`; those of the base are kept.
    pub ports: Vec<String>,
    /// Its labels; those of the base are kept.
    pub labels: BTreeMap<String, String>,
    /// Annotations of the manifest.
    pub annotations: BTreeMap<String, String>,
    /// How an engine asks whether it is well; the base's when not given.
    pub healthcheck: Option<Healthcheck>,
    /// The folder that it starts in; the base's when not given.
    pub workdir: Option<String>,
    /// The signal that asks it to stop; the base's when not given.
    pub stop_signal: Option<String>,
    /// More files.
    pub files: Vec<Extra>,
    /// The time of the image, seconds since 1970. Files have none of their own: theirs is 1970.
    pub epoch: u64,
    /// What it runs on.
    pub platform: Platform,
    /// How hard to pack; [`LEVEL`] as a rule.
    pub level: Level,
}

/// What a program stands on.
#[derive(Clone, Debug)]
pub enum Base<'a> {
    /// Nothing but its libraries, a user, and these certificates.
    Scratch {
        /// A file of this machine.
        certificates: Option<PathBuf>,
    },
    /// An image that was fetched.
    Image {
        /// Where it lies.
        layout: &'a Layout,
        /// The image.
        image: &'a Image,
    },
}

/// A file or folder of this machine that goes into the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extra {
    /// On this machine. Of a folder, all that is in it; links stay links.
    pub from: PathBuf,
    /// In the image.
    pub to: String,
}

/// An image that was made.
#[derive(Clone, Debug)]
pub struct Built {
    /// The image, as it lies in the layout.
    pub image: Image,
    /// Its files.
    pub view: View,
    /// What would keep its program from starting.
    pub problems: Vec<Problem>,
}

/// An image that could not be made.
#[derive(Debug)]
pub enum BuildError {
    /// A file could not be read or written.
    Path(PathError),
    /// The program is no ELF file.
    NoProgram(PathBuf),
    /// The program is broken.
    Broken(PathBuf, ElfError),
    /// The path of the program in the image does not begin at its root.
    Relative(String),
    /// The base is for another platform.
    Platform {
        /// The base's.
        base: String,
        /// The recipe's.
        wanted: String,
    },
    /// A time beyond what dates can say.
    Epoch(u64),
    /// A layer.
    Layer(LayerError),
    /// The layout.
    Layout(LayoutError),
    /// The files of the base, or of the image.
    View(ViewError),
}

/// Makes the image of a recipe in a layout, under a name. The same recipe over the same files gives the same digest, whatever the
/// machine's processors, folders and times.
///
/// # Errors
/// When a file cannot be read, the base not used, or the layout not written. That the program could not start is no error but
/// among [`Built::problems`].
pub fn build(
    recipe: &Recipe<'_>,
    layout: &Layout,
    name: &str,
    cache: Option<&Cache>,
) -> Result<Built, BuildError> {
    if !recipe.program.starts_with('/') {
        return Err(BuildError::Relative(recipe.program.clone()));
    }
    let mut assembly = Assembly::begin(recipe, layout, cache)?;
    // It is read once: what is looked at is what is packed.
    let bytes = fs::read(&recipe.binary).map_err(at("read", &recipe.binary))?;
    if let Base::Scratch { certificates } = &recipe.base {
        let closure = closure(&recipe.binary, &bytes)?;
        assembly.add(&base::libraries(&Host::new(), &closure)?, "libraries")?;
        let is_glibc = closure.library("libc.so.6").is_some();
        let system = base::system(recipe.user, certificates.as_deref(), is_glibc)?;
        assembly.add(&system, "certificates and users")?;
    }
    let mut files = Contents::default();
    for extra in &recipe.files {
        add_files(&mut files, &extra.from, &extra.to)?;
    }
    assembly.add(&files, "files")?;
    let mut program = Contents::default();
    program.add(&recipe.program, Item::new(bytes.into()).mode(0o755))?;
    assembly.add(&program, "program")?;
    let (image, view) = assembly.finish(recipe, name)?;
    let problems = loader::check(&view, &recipe.program, &recipe.platform.architecture);
    Ok(Built { image, view, problems })
}

/// What the program of this machine needs of its libraries.
fn closure(binary: &Path, bytes: &[u8]) -> Result<Closure, BuildError> {
    let elf = Elf::parse(bytes).map_err(|error| BuildError::Broken(binary.to_owned(), error))?;
    let elf = elf.ok_or_else(|| BuildError::NoProgram(binary.to_owned()))?;
    // `$ORIGIN` is a whole path.
    let path = fs::canonicalize(binary).map_err(at("read", binary))?;
    Ok(Closure::of(&Host::new(), &path.to_string_lossy(), &elf))
}

fn add_files(contents: &mut Contents, from: &Path, to: &str) -> Result<(), BuildError> {
    let facts = fs::symlink_metadata(from).map_err(at("read", from))?;
    if facts.is_symlink() {
        let target = fs::read_link(from).map_err(at("read", from))?;
        contents.add(to, Item::new(Data::Link(target.to_string_lossy().into_owned())))?;
    } else if facts.is_dir() {
        contents.add(to, Item::new(Data::Folder))?;
        for entry in fs::read_dir(from).map_err(at("read", from))? {
            let entry = entry.map_err(at("read", from))?;
            let name = entry.file_name();
            add_files(contents, &entry.path(), &format!("{to}/{}", name.to_string_lossy()))?;
        }
    } else {
        contents.add(to, file_item(from)?)?;
    }
    Ok(())
}

/// The same error by another name.
macro_rules! from {
    ($($error:ident => $variant:ident),*) => {$(
        impl From<$error> for BuildError {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        }
    )*};
}

from!(PathError => Path, LayerError => Layer, LayoutError => Layout, ViewError => View);

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(error) => error.fmt(f),
            Self::NoProgram(path) => write!(
                f,
                "{} is no program for Linux: build it for a Linux target, such as x86_64-unknown-linux-musl",
                path.display()
            ),
            Self::Broken(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Relative(path) => {
                write!(f, "`{}` is no place for the program: it must begin with `/`", path.escape_debug())
            }
            Self::Platform { base, wanted } => {
                write!(f, "the base is for {base}, the image shall be for {wanted}")
            }
            Self::Epoch(epoch) => write!(f, "{epoch} seconds since 1970 is no date"),
            Self::Layer(error) => error.fmt(f),
            Self::Layout(error) => error.fmt(f),
            Self::View(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Path(error) => error.source(),
            Self::Broken(_, error) => Some(error),
            Self::Layer(error) => error.source(),
            Self::Layout(error) => error.source(),
            Self::View(error) => error.source(),
            Self::NoProgram(_) | Self::Relative(_) | Self::Platform { .. } | Self::Epoch(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
