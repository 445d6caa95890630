//! Images in a folder, as the OCI image layout specification 1.1 has it: `oci-layout`, `index.json` and blobs. One layout may hold
//! several images, each under a name; one program writes it at a time.

mod archive;
mod import;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::blobs::{Blobs, PathError, at, write_whole};
use crate::digest::Digest;
use crate::oci::{Descriptor, ImageConfig, Index, Manifest, Platform, media};

pub use archive::Archived;

/// The annotation of an index that names an image.
pub const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// The most bytes of a manifest, a configuration or an index; registries take no manifest above 4 MiB.
const JSON_BYTES: u64 = 8 << 20;

/// How deep an index may point to another index.
const INDEXES: usize = 4;

/// A folder of images.
#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
    blobs: Blobs,
}

/// An image of a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Its manifest: media type, digest, size.
    pub descriptor: Descriptor,
    /// The manifest, byte by byte.
    pub manifest_bytes: Vec<u8>,
    /// The manifest.
    pub manifest: Manifest,
    /// The configuration.
    pub config: ImageConfig,
}

/// A layout that cannot be used.
#[derive(Debug)]
pub enum LayoutError {
    /// A file could not be read or written.
    Path(PathError),
    /// The folder is no layout.
    NoLayout(PathBuf),
    /// A file of another shape than the specification says.
    Json(PathBuf, serde_json::Error),
    /// A manifest, configuration or index of more bytes than any in use.
    TooLarge(PathBuf),
    /// Bytes that are not those of their digest or size.
    Damaged(PathBuf),
    /// No such image.
    NoImage {
        /// The folder of the layout.
        layout: PathBuf,
        /// The name or platform.
        wanted: String,
        /// The names or platforms that are there.
        known: Vec<String>,
    },
    /// An archive that is not what engines write.
    Archive(PathBuf, String),
    /// More layers than digests of unpacked layers, or fewer.
    Uneven {
        /// Layers of the manifest.
        layers: usize,
        /// Digests of the configuration.
        diff_ids: usize,
    },
}

impl Layout {
    /// The layout in this folder, which is made where there is none.
    ///
    /// # Errors
    /// When it cannot be written, or holds a layout that cannot be read.
    pub fn create(root: &Path) -> Result<Self, LayoutError> {
        if root.join("oci-layout").exists() {
            return Self::open(root);
        }
        fs::create_dir_all(root).map_err(at("make the folder", root))?;
        let layout = Self { root: root.to_owned(), blobs: Blobs::below(root) };
        let empty = Index {
            schema_version: 2,
            media_type: Some(media::INDEX.to_owned()),
            manifests: Vec::new(),
            annotations: BTreeMap::new(),
        };
        layout.write_index(&empty)?;
        write_whole(&root.join("oci-layout"), archive::OCI_LAYOUT)?;
        Ok(layout)
    }

    /// The layout in this folder.
    ///
    /// # Errors
    /// When there is none.
    pub fn open(root: &Path) -> Result<Self, LayoutError> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Marker {
            image_layout_version: String,
        }
        let path = root.join("oci-layout");
        if !path.is_file() {
            return Err(LayoutError::NoLayout(root.to_owned()));
        }
        let marker: Marker = parse(&path, &read(&path)?)?;
        if !marker.image_layout_version.starts_with("1.") {
            return Err(LayoutError::NoLayout(root.to_owned()));
        }
        Ok(Self { root: root.to_owned(), blobs: Blobs::below(root) })
    }

    /// Its folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Its blobs.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// All that it lists.
    ///
    /// # Errors
    /// When `index.json` cannot be read.
    pub fn index(&self) -> Result<Index, LayoutError> {
        let path = self.root.join("index.json");
        parse(&path, &read(&path)?)
    }

    /// Lists a manifest, which is among the blobs, under this name; what had the name has it no more.
    ///
    /// # Errors
    /// When `index.json` cannot be read or written.
    pub fn name(&self, name: &str, mut manifest: Descriptor) -> Result<(), LayoutError> {
        let mut index = self.index()?;
        index.manifests.retain(|listed| listed.annotations.get(REF_NAME).is_none_or(|other| other != name));
        manifest.annotations.insert(REF_NAME.to_owned(), name.to_owned());
        index.manifests.push(manifest);
        index
            .manifests
            .sort_by(|one, other| one.annotations.get(REF_NAME).cmp(&other.annotations.get(REF_NAME)));
        self.write_index(&index)
    }

    /// The image of this name, or the only one; of a list of images the one for this platform.
    ///
    /// # Errors
    /// When there is none, or what belongs to it is missing or damaged.
    pub fn image(&self, name: Option<&str>, platform: &Platform) -> Result<Image, LayoutError> {
        let listed = self.index()?.manifests;
        let known = || listed.iter().filter_map(|item| item.annotations.get(REF_NAME).cloned()).collect();
        let is_named = |item: &&Descriptor| item.annotations.get(REF_NAME).map(String::as_str) == name;
        let found = match (name, listed.as_slice()) {
            (None, [only]) => Some(only),
            (None, several) => several.iter().find(|item| runs_on(item, platform)).filter(|_| {
                // Without a name, images of different names are different images.
                several
                    .iter()
                    .all(|item| item.annotations.get(REF_NAME) == several[0].annotations.get(REF_NAME))
            }),
            (Some(_), several) => several
                .iter()
                .filter(is_named)
                .find(|item| runs_on(item, platform))
                .or_else(|| several.iter().find(is_named)),
        };
        let wanted =
            || name.map_or_else(|| "the only image".to_owned(), |name| format!("`{}`", name.escape_debug()));
        let missing = || LayoutError::NoImage { layout: self.root.clone(), wanted: wanted(), known: known() };
        let mut descriptor = found.cloned().ok_or_else(missing)?;
        for _ in 0..INDEXES {
            if !matches!(descriptor.media_type.as_str(), media::INDEX | media::DOCKER_INDEX) {
                break;
            }
            let index: Index = self.json(&descriptor)?.1;
            let known =
                index.manifests.iter().filter_map(|item| item.platform.as_ref().map(platform_name)).collect();
            let missing =
                || LayoutError::NoImage { layout: self.root.clone(), wanted: platform_name(platform), known };
            descriptor =
                index.manifests.into_iter().find(|item| runs_on(item, platform)).ok_or_else(missing)?;
        }
        // They are the index's words, not the image's.
        descriptor.annotations.clear();
        self.image_of(descriptor)
    }

    /// The image of this manifest.
    ///
    /// # Errors
    /// When it is missing or damaged.
    pub fn image_of(&self, descriptor: Descriptor) -> Result<Image, LayoutError> {
        let (manifest_bytes, manifest): (_, Manifest) = self.json(&descriptor)?;
        let (_, config): (_, ImageConfig) = self.json(&manifest.config)?;
        let (layers, diff_ids) = (manifest.layers.len(), config.rootfs.diff_ids.len());
        if layers != diff_ids {
            return Err(LayoutError::Uneven { layers, diff_ids });
        }
        Ok(Image { descriptor, manifest_bytes, manifest, config })
    }

    /// Writes a value as a blob: its media type, digest and size.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_json(&self, media_type: &str, value: &impl Serialize) -> Result<Descriptor, LayoutError> {
        let bytes = serde_json::to_vec(value).map_err(|error| LayoutError::Json(self.root.clone(), error))?;
        let digest = self.blobs.put(&bytes)?;
        let media_type = media_type.to_owned();
        Ok(Descriptor {
            media_type,
            digest,
            size: bytes.len() as u64,
            annotations: BTreeMap::new(),
            platform: None,
        })
    }

    /// Removes the blobs that no image of the index needs, and what interrupted writers left.
    ///
    /// # Errors
    /// When an image cannot be read: then nothing is removed.
    pub fn prune(&self) -> Result<(), LayoutError> {
        let mut needed = Vec::new();
        let mut open = self.index()?.manifests;
        while let Some(descriptor) = open.pop() {
            if matches!(descriptor.media_type.as_str(), media::INDEX | media::DOCKER_INDEX) {
                let index: Index = self.json(&descriptor)?.1;
                // A layout may hold the images of some platforms only.
                open.extend(
                    index.manifests.into_iter().filter(|item| self.blobs.size(&item.digest).is_some()),
                );
            } else {
                let manifest: Manifest = self.json(&descriptor)?.1;
                needed
                    .extend(manifest.layers.iter().chain([&manifest.config]).map(|item| item.digest.clone()));
            }
            needed.push(descriptor.digest);
        }
        self.blobs.keep_only(&needed)?;
        Ok(())
    }

    fn json<T: DeserializeOwned>(&self, descriptor: &Descriptor) -> Result<(Vec<u8>, T), LayoutError> {
        let path = self.blobs.path(&descriptor.digest);
        let bytes = read(&path)?;
        if bytes.len() as u64 != descriptor.size || Digest::of(&bytes) != descriptor.digest {
            return Err(LayoutError::Damaged(path));
        }
        let value = parse(&path, &bytes)?;
        Ok((bytes, value))
    }

    fn write_index(&self, index: &Index) -> Result<(), LayoutError> {
        let path = self.root.join("index.json");
        let bytes = serde_json::to_vec(index).map_err(|error| LayoutError::Json(path.clone(), error))?;
        Ok(write_whole(&path, &bytes)?)
    }
}

/// Whether an item of an index is for this platform. Docker's attestations say `unknown`.
fn runs_on(item: &Descriptor, wanted: &Platform) -> bool {
    item.platform.as_ref().is_some_and(|platform| {
        let is_variant = wanted.variant.is_none() || platform.variant == wanted.variant;
        platform.os == wanted.os && platform.architecture == wanted.architecture && is_variant
    })
}

fn platform_name(platform: &Platform) -> String {
    let Platform { architecture, os, variant } = platform;
    variant
        .as_ref()
        .map_or_else(|| format!("{os}/{architecture}"), |variant| format!("{os}/{architecture}/{variant}"))
}

fn read(path: &Path) -> Result<Vec<u8>, LayoutError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(at("read", path))?;
    file.take(JSON_BYTES + 1).read_to_end(&mut bytes).map_err(at("read", path))?;
    if bytes.len() as u64 > JSON_BYTES {
        return Err(LayoutError::TooLarge(path.to_owned()));
    }
    Ok(bytes)
}

fn parse<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, LayoutError> {
    serde_json::from_slice(bytes).map_err(|error| LayoutError::Json(path.to_owned(), error))
}

impl From<PathError> for LayoutError {
    fn from(error: PathError) -> Self {
        Self::Path(error)
    }
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(error) => error.fmt(f),
            Self::NoLayout(path) => {
                write!(f, "{} is no OCI image layout: it has no `oci-layout` of version 1", path.display())
            }
            Self::Json(path, error) => write!(f, "{}: {error}", path.display()),
            Self::TooLarge(path) => write!(f, "{} is larger than {} MiB", path.display(), JSON_BYTES >> 20),
            Self::Damaged(path) => {
                write!(f, "{} is damaged: its bytes are not those of its digest", path.display())
            }
            Self::NoImage { layout, wanted, known } => {
                let known = if known.is_empty() { "nothing".to_owned() } else { known.join(", ") };
                write!(f, "{} does not hold {wanted}; it has {known}", layout.display())
            }
            Self::Archive(path, what) => write!(f, "{} is no archive of an image: {what}", path.display()),
            Self::Uneven { layers, diff_ids } => {
                write!(
                    f,
                    "the manifest lists {layers} layers and the configuration {diff_ids}: they must be equal"
                )
            }
        }
    }
}

impl std::error::Error for LayoutError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Path(error) => error.source(),
            Self::Json(_, error) => Some(error),
            _ => None,
        }
    }
}

impl From<LayoutError> for io::Error {
    fn from(error: LayoutError) -> Self {
        Self::other(error)
    }
}

#[cfg(test)]
mod tests;
