//! Images out of the archive that `docker save` writes, so that what an engine built has a manifest, and with it a digest,
//! before any registry has seen it. Source: Docker image specification 1.2, "Combined Image JSON + Filesystem Changeset Format".

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use serde::Deserialize;
use tar::{Archive, EntryType};

use super::{Image, JSON_BYTES, Layout, LayoutError};
use crate::blobs::at;
use crate::digest::{Digest, Hashing};
use crate::layer::Level;
use crate::layer::gzip::Writer;
use crate::oci::{Descriptor, ImageConfig, Manifest, media};

/// How gzip and zstd begin. Sources: RFC 1952, RFC 8878.
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The most bytes of a layer, unpacked.
const UNPACKED: u64 = 64 << 30;

/// An image of `manifest.json`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    config: String,
    layers: Vec<String>,
}

impl Layout {
    /// Takes the only image of an archive that an engine wrote, and gives it a name. Its layers are packed anew: the same
    /// image gives the same digest each time. Layers that the layout has packed before are not packed again.
    ///
    /// # Errors
    /// When the archive cannot be read, holds no or several images, or is not what it says it is.
    pub fn import(&self, archive: &Path, name: &str, level: Level) -> Result<Image, LayoutError> {
        let bad = |what: &str| LayoutError::Archive(archive.to_owned(), what.to_owned());
        let places = places(archive)?;
        let entries: Vec<Entry> = json(archive, &places, "manifest.json")?;
        let [entry] =
            <[Entry; 1]>::try_from(entries).map_err(|_| bad("it does not hold exactly one image"))?;
        let config_bytes = small(archive, &places, &entry.config)?;
        let parse = |error| LayoutError::Json(archive.join(&entry.config), error);
        let config: ImageConfig = serde_json::from_slice(&config_bytes).map_err(parse)?;
        if config.rootfs.diff_ids.len() != entry.layers.len() {
            let (layers, diff_ids) = (entry.layers.len(), config.rootfs.diff_ids.len());
            return Err(LayoutError::Uneven { layers, diff_ids });
        }
        let mut layers = Vec::new();
        for (layer, diff_id) in entry.layers.iter().zip(&config.rootfs.diff_ids) {
            let place = places.get(layer.as_str()).ok_or_else(|| bad(&format!("`{layer}` is missing")))?;
            layers.push(self.pack(archive, place, diff_id, level)?);
        }
        let digest = self.blobs.put(&config_bytes)?;
        let size = config_bytes.len() as u64;
        let config = Descriptor {
            media_type: media::CONFIG.to_owned(),
            digest,
            size,
            annotations: BTreeMap::new(),
            platform: None,
        };
        let media_type = Some(media::MANIFEST.to_owned());
        let manifest =
            Manifest { schema_version: 2, media_type, config, layers, annotations: BTreeMap::new() };
        let descriptor = self.put_json(media::MANIFEST, &manifest)?;
        self.name(name, descriptor.clone())?;
        self.image_of(descriptor)
    }

    fn pack(
        &self,
        archive: &Path,
        place: &Place,
        diff_id: &Digest,
        level: Level,
    ) -> Result<Descriptor, LayoutError> {
        let broken = |error| LayoutError::Path(at("read", archive)(error));
        let mut content = place.open(archive).map_err(broken)?;
        // Engines that keep images as registries do write layers as they got them: packed.
        let start = content.fill_buf().map_err(broken)?;
        let (is_gzip, is_zstd) = (start.starts_with(&GZIP), start.starts_with(&ZSTD));
        if is_zstd {
            let what = "a layer is packed with zstd, which is not read here";
            return Err(LayoutError::Archive(archive.to_owned(), what.to_owned()));
        }
        let mut content: Box<dyn Read> =
            if is_gzip { Box::new(MultiGzDecoder::new(content)) } else { Box::new(content) };
        let mut blob = self.blobs.writer()?;
        let mut hashing = Hashing::new(Writer::new(&mut blob, level, None));
        let copied = io::copy(&mut content.by_ref().take(UNPACKED), &mut hashing).map_err(broken)?;
        if copied == UNPACKED {
            let what = format!("a layer has more than {UNPACKED} bytes");
            return Err(LayoutError::Archive(archive.to_owned(), what));
        }
        hashing.flush().map_err(broken)?;
        let (found, _, gzip) = hashing.finish();
        gzip.finish().map_err(|error| LayoutError::Path(at("write", &self.root)(error)))?;
        if found != *diff_id {
            return Err(LayoutError::Archive(
                archive.to_owned(),
                format!("a layer is {found}, not {diff_id}"),
            ));
        }
        let (digest, size) = blob.commit()?;
        let media_type = media::LAYER_GZIP.to_owned();
        Ok(Descriptor { media_type, digest, size, annotations: BTreeMap::new(), platform: None })
    }
}

/// Where the content of a file of an archive lies.
struct Place {
    offset: u64,
    size: u64,
}

impl Place {
    fn open(&self, archive: &Path) -> io::Result<impl BufRead + use<>> {
        use std::io::{Seek as _, SeekFrom};
        let mut file = File::open(archive)?;
        file.seek(SeekFrom::Start(self.offset))?;
        Ok(BufReader::with_capacity(1 << 18, file).take(self.size))
    }
}

/// The files of an archive, links followed: engines write a layer that two images share once.
fn places(archive: &Path) -> Result<BTreeMap<String, Place>, LayoutError> {
    let broken = |error| LayoutError::Path(at("read", archive)(error));
    let mut files: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut links: Vec<(String, String)> = Vec::new();
    let file = File::open(archive).map_err(broken)?;
    let mut tar = Archive::new(file);
    for entry in tar.entries_with_seek().map_err(broken)? {
        let entry = entry.map_err(broken)?;
        let path = entry.path().map_err(broken)?.to_string_lossy().into_owned();
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous => {
                files.insert(path, (entry.raw_file_position(), entry.size()));
            }
            EntryType::Symlink | EntryType::Link => {
                let target = entry.link_name().map_err(broken)?.unwrap_or_default();
                let is_relative = entry.header().entry_type() == EntryType::Symlink;
                links.push((path.clone(), resolved(&path, &target, is_relative)));
            }
            _ => {}
        }
    }
    for (path, target) in links {
        if let Some(place) = files.get(&target).copied() {
            files.insert(path, place);
        }
    }
    Ok(files.into_iter().map(|(path, (offset, size))| (path, Place { offset, size })).collect())
}

/// The path that a link of an archive leads to.
fn resolved(path: &str, target: &Path, is_relative: bool) -> String {
    let folder = Path::new(path).parent().filter(|_| is_relative).map_or_else(PathBuf::new, Path::to_owned);
    let mut parts: Vec<String> = Vec::new();
    for part in folder.join(target).components() {
        match part {
            std::path::Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            std::path::Component::ParentDir => drop(parts.pop()),
            _ => {}
        }
    }
    parts.join("/")
}

fn json<T: serde::de::DeserializeOwned>(
    archive: &Path,
    places: &BTreeMap<String, Place>,
    name: &str,
) -> Result<T, LayoutError> {
    let bytes = small(archive, places, name)?;
    serde_json::from_slice(&bytes).map_err(|error| LayoutError::Json(archive.join(name), error))
}

fn small(archive: &Path, places: &BTreeMap<String, Place>, name: &str) -> Result<Vec<u8>, LayoutError> {
    let bad = |what: String| LayoutError::Archive(archive.to_owned(), what);
    let place = places.get(name).ok_or_else(|| bad(format!("`{name}` is missing")))?;
    if place.size > JSON_BYTES {
        return Err(LayoutError::TooLarge(archive.join(name)));
    }
    let mut bytes = Vec::new();
    let read = place.open(archive).and_then(|mut file| file.read_to_end(&mut bytes));
    read.map_err(|error| LayoutError::Path(at("read", archive)(error)))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::oci::Platform;

    fn archive(folder: &Path, files: &[(&str, Vec<u8>)], links: &[(&str, &str)]) -> PathBuf {
        let path = folder.join("saved.tar");
        let mut builder = tar::Builder::new(File::create(&path).unwrap());
        for (name, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, bytes.as_slice()).unwrap();
        }
        for (name, target) in links {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(EntryType::Symlink);
            header.set_size(0);
            builder.append_link(&mut header, name, target).unwrap();
        }
        builder.finish().unwrap();
        path
    }

    fn saved(folder: &Path, layer: &[u8], diff_id: &Digest) -> PathBuf {
        let config = json!({"architecture": "amd64", "os": "linux", "config": {"User": "7"},
            "rootfs": {"type": "layers", "diff_ids": [diff_id, diff_id]}});
        let manifest =
            json!([{"Config": "c.json", "RepoTags": null, "Layers": ["a/layer.tar", "b/layer.tar"]}]);
        let files = [
            ("a/layer.tar", layer.to_vec()),
            ("c.json", config.to_string().into_bytes()),
            ("manifest.json", manifest.to_string().into_bytes()),
        ];
        archive(folder, &files, &[("b/layer.tar", "../a/layer.tar")])
    }

    #[test]
    fn what_an_engine_saved_gets_a_digest_that_is_always_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let layer = b"what stands here does not matter".repeat(1000);
        let archive = saved(folder.path(), &layer, &Digest::of(&layer));
        let import = |name: &str| {
            let layout = Layout::create(&folder.path().join(name)).unwrap();
            layout.import(&archive, "app", Level::new(2)).unwrap()
        };
        let (one, two) = (import("one"), import("two"));
        assert_eq!(one, two);
        assert_eq!(one.config.config.user.as_deref(), Some("7"));
        assert_eq!(one.manifest.layers[0], one.manifest.layers[1]);
        let layout = Layout::open(&folder.path().join("one")).unwrap();
        let platform = Platform { architecture: "amd64".to_owned(), os: "linux".to_owned(), variant: None };
        assert_eq!(layout.image(Some("app"), &platform).unwrap(), one);
    }

    #[test]
    fn a_layer_that_is_packed_already_gives_the_same_image() {
        let folder = tempfile::tempdir().unwrap();
        let layer = b"what stands here does not matter".repeat(100);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&layer).unwrap();
        let import = |bytes: &[u8]| {
            let archive = saved(folder.path(), bytes, &Digest::of(&layer));
            let layout = Layout::create(&tempfile::tempdir().unwrap().keep()).unwrap();
            let image = layout.import(&archive, "app", Level::new(2));
            std::fs::remove_dir_all(layout.root()).unwrap();
            image
        };
        assert_eq!(import(&gzip.finish().unwrap()).unwrap(), import(&layer).unwrap());
        let error = import(&ZSTD).unwrap_err().to_string();
        assert!(error.contains("packed with zstd"), "{error}");
    }

    #[test]
    fn what_is_not_what_it_says_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::create(&folder.path().join("layout")).unwrap();
        let import = |archive: &Path| layout.import(archive, "app", Level::new(1)).unwrap_err().to_string();
        let lying = saved(folder.path(), b"one", &Digest::of(b"another"));
        assert!(import(&lying).contains("a layer is sha256:"), "{}", import(&lying));
        let empty = archive(folder.path(), &[], &[]);
        assert!(import(&empty).contains("`manifest.json` is missing"));
        let none = archive(folder.path(), &[("manifest.json", b"[]".to_vec())], &[]);
        assert!(import(&none).contains("exactly one image"));
        std::fs::write(&none, b"no archive at all").unwrap();
        assert!(import(&none).contains("saved.tar"));
    }
}
