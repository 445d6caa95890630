//! Images that are pushed.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use slipway_image::Digest;
use slipway_image::blobs::Blobs;
use slipway_image::oci::{Descriptor, ImageConfig, Index, Manifest, RootFs, RunConfig, media};
use slipway_image::registry::{Incoming, Sink as _};
use tempfile::TempDir;

/// An image in an OCI layout that other programs read too.
pub(crate) struct Image {
    pub(crate) place: TempDir,
    pub(crate) blobs: Blobs,
    pub(crate) root: Descriptor,
    pub(crate) layers: Vec<Descriptor>,
}

fn descriptor(kind: &str, bytes: &[u8]) -> Descriptor {
    Descriptor {
        media_type: kind.to_owned(),
        digest: Digest::of(bytes),
        size: bytes.len() as u64,
        annotations: BTreeMap::new(),
        platform: None,
    }
}

fn add(blobs: &Blobs, kind: &str, bytes: &[u8]) -> Descriptor {
    let blob = descriptor(kind, bytes);
    let mut arriving: Box<dyn Incoming> = blobs.create(&blob).unwrap();
    arriving.write_all(bytes).unwrap();
    arriving.commit().unwrap();
    blob
}

/// A layer of one file with bytes that do not pack.
fn layer(seed: u32, size: usize) -> (Vec<u8>, Digest) {
    let mut state = seed + 1;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    let bytes: Vec<u8> = (0..size).map(|_| next()).collect();
    let mut header = tar::Header::new_gnu();
    header.set_size(size as u64);
    header.set_mode(0o644);
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_data(&mut header, format!("file-{seed}"), bytes.as_slice()).unwrap();
    let plain = archive.into_inner().unwrap();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&plain).unwrap();
    (packed.finish().unwrap(), Digest::of(&plain))
}

/// An image with layers of these sizes.
pub(crate) fn image(sizes: &[usize]) -> Image {
    let place = tempfile::tempdir().unwrap();
    let blobs = Blobs::below(place.path());
    let (packed, diff_ids): (Vec<_>, Vec<_>) =
        sizes.iter().zip(0..).map(|(size, seed)| layer(seed, *size)).unzip();
    let config = ImageConfig {
        created: None,
        architecture: "amd64".to_owned(),
        variant: None,
        os: "linux".to_owned(),
        config: RunConfig::default(),
        rootfs: RootFs { kind: "layers".to_owned(), diff_ids },
        history: Vec::new(),
    };
    let layers: Vec<Descriptor> = packed.iter().map(|layer| add(&blobs, media::LAYER_GZIP, layer)).collect();
    let manifest = Manifest {
        schema_version: 2,
        media_type: Some(media::MANIFEST.to_owned()),
        config: add(&blobs, media::CONFIG, &serde_json::to_vec(&config).unwrap()),
        layers: layers.clone(),
        annotations: BTreeMap::new(),
    };
    let root = add(&blobs, media::MANIFEST, &serde_json::to_vec(&manifest).unwrap());
    let index = Index {
        schema_version: 2,
        media_type: None,
        manifests: vec![root.clone()],
        annotations: BTreeMap::new(),
    };
    fs::write(place.path().join("index.json"), serde_json::to_vec(&index).unwrap()).unwrap();
    fs::write(place.path().join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    Image { place, blobs, root, layers }
}
