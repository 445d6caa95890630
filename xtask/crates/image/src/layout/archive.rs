//! A layout as one tar file that `docker load` takes. Engines from 25.0 on read it as an OCI layout; older ones, Podman and
//! others read `manifest.json`, which names the same blobs.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::Serialize;
use tar::{Builder, EntryType, Header};

use super::{Image, Layout, LayoutError, REF_NAME};
use crate::blobs::at;
use crate::oci::{Descriptor, Index, media};
use crate::tarball::Exact;

pub(super) const OCI_LAYOUT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

/// The annotation by which containerd, and engines that use it, name an image.
const CONTAINERD_NAME: &str = "io.containerd.image.name";

/// An image of an archive.
#[derive(Clone, Copy, Debug)]
pub struct Archived<'a> {
    /// The image.
    pub image: &'a Image,
    /// Its full names with tags: `ghcr.io/owner/name:tag`.
    pub names: &'a [String],
}

/// An image in `manifest.json`. Source: the Docker image specification 1.2, "Combined Image JSON + Filesystem Changeset Format".
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    config: String,
    repo_tags: Vec<String>,
    layers: Vec<String>,
}

impl Layout {
    /// Writes these images as an archive; the same images give the same bytes.
    ///
    /// # Errors
    /// When a blob is missing, or `out` cannot be written.
    pub fn archive(&self, images: &[Archived<'_>], out: impl Write) -> Result<(), LayoutError> {
        let broken = |error| LayoutError::Path(at("archive", &self.root)(error));
        let json = |error| LayoutError::Json(self.root.clone(), error);
        let index = serde_json::to_vec(&index(images)).map_err(json)?;
        let manifest = serde_json::to_vec(&images.iter().map(entry).collect::<Vec<_>>()).map_err(json)?;
        let mut builder = Builder::new(out);
        let mut file =
            |name: &str, bytes: &[u8]| builder.append_data(&mut header(bytes.len() as u64), name, bytes);
        file("oci-layout", OCI_LAYOUT).map_err(broken)?;
        file("index.json", &index).map_err(broken)?;
        file("manifest.json", &manifest).map_err(broken)?;
        for folder in ["blobs/", "blobs/sha256/"] {
            let mut header = header(0);
            header.set_entry_type(EntryType::Directory);
            header.set_mode(0o755);
            builder.append_data(&mut header, folder, io::empty()).map_err(broken)?;
        }
        for (digest, size) in blobs(images) {
            let content = Exact::new(self.blobs.open(digest)?, size);
            builder.append_data(&mut header(size), blob_path(digest), content).map_err(broken)?;
        }
        builder.into_inner().and_then(|mut out| out.flush()).map_err(broken)
    }
}

/// Each blob once: layers are shared between images.
fn blobs<'a>(images: &[Archived<'a>]) -> BTreeSet<(&'a crate::Digest, u64)> {
    let of = |archived: &Archived<'a>| {
        let Image { descriptor, manifest, .. } = archived.image;
        let all = manifest.layers.iter().chain([descriptor, &manifest.config]);
        all.map(|blob| (&blob.digest, blob.size)).collect::<Vec<_>>()
    };
    images.iter().flat_map(of).collect()
}

fn index(images: &[Archived<'_>]) -> Index {
    let of = |archived: &Archived<'_>| {
        let plain = Descriptor { annotations: [].into(), ..archived.image.descriptor.clone() };
        let named = |name: &String| {
            let tag = name.rsplit_once(':').map_or(name.as_str(), |(_, tag)| tag).to_owned();
            let annotations = [(CONTAINERD_NAME.to_owned(), name.clone()), (REF_NAME.to_owned(), tag)].into();
            Descriptor { annotations, ..plain.clone() }
        };
        let all: Vec<_> = archived.names.iter().map(named).collect();
        if all.is_empty() { vec![plain] } else { all }
    };
    let manifests = images.iter().flat_map(of).collect();
    Index { schema_version: 2, media_type: Some(media::INDEX.to_owned()), manifests, annotations: [].into() }
}

fn entry(archived: &Archived<'_>) -> Entry {
    let manifest = &archived.image.manifest;
    Entry {
        config: blob_path(&manifest.config.digest),
        repo_tags: archived.names.to_vec(),
        layers: manifest.layers.iter().map(|layer| blob_path(&layer.digest)).collect(),
    }
}

fn blob_path(digest: &crate::Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

fn header(size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(size);
    header
}
