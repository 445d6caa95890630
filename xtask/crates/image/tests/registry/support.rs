//! What the tests have in common: images, clients, a clock that does not wait.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use slipway_image::blobs::Blobs;
use slipway_image::oci::{Descriptor, Index, Manifest, Platform, media};
use slipway_image::registry::{
    Credentials, Event, Options, Registry, RegistryError, Secret, Sink as _, Watch,
};
use slipway_image::{Digest, Reference, Repository, Tag};
use tempfile::TempDir;

use super::fake::Fake;

/// Time that passes only while somebody sleeps.
#[derive(Debug)]
pub(crate) struct Clock {
    start: Instant,
    pub(crate) slept: Mutex<Duration>,
    pub(crate) waits: Mutex<Vec<(u32, Duration)>>,
    pub(crate) sent: Mutex<Vec<u64>>,
    pub(crate) is_cancelled: AtomicBool,
    /// Cancels when so many bytes of a blob went through.
    pub(crate) cancel_at: Mutex<Option<u64>>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            slept: Mutex::default(),
            waits: Mutex::default(),
            sent: Mutex::default(),
            is_cancelled: AtomicBool::default(),
            cancel_at: Mutex::default(),
        }
    }
}

impl Watch for Clock {
    fn now(&self) -> Instant {
        self.start + *self.slept.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) {
        *self.slept.lock().unwrap() += duration;
    }

    fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }

    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Waiting { delay, attempt, .. } => self.waits.lock().unwrap().push((*attempt, *delay)),
            Event::Sent { bytes, .. } | Event::Received { bytes, .. } => {
                self.sent.lock().unwrap().push(*bytes);
                if self.cancel_at.lock().unwrap().is_some_and(|at| *bytes >= at) {
                    self.is_cancelled.store(true, Ordering::Relaxed);
                }
            }
            Event::Present(_) | Event::Mounted(_) => {}
        }
    }
}

/// An image on this machine.
pub(crate) struct Image {
    pub(crate) folder: Blobs,
    pub(crate) root: Descriptor,
    pub(crate) layers: Vec<Descriptor>,
    pub(crate) place: TempDir,
}

pub(crate) fn descriptor(kind: &str, bytes: &[u8]) -> Descriptor {
    Descriptor {
        media_type: kind.to_owned(),
        digest: Digest::of(bytes),
        size: bytes.len() as u64,
        annotations: BTreeMap::new(),
        platform: None,
    }
}

pub(crate) fn add(folder: &Blobs, kind: &str, bytes: &[u8]) -> Descriptor {
    let blob = descriptor(kind, bytes);
    let mut arriving = folder.create(&blob).unwrap();
    arriving.write_all(bytes).unwrap();
    arriving.commit().unwrap();
    blob
}

fn add_image(folder: &Blobs, layers: &[Vec<u8>]) -> (Descriptor, Vec<Descriptor>) {
    let config = add(
        folder,
        media::CONFIG,
        br#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#,
    );
    let layers: Vec<Descriptor> = layers.iter().map(|layer| add(folder, media::LAYER, layer)).collect();
    let manifest = Manifest {
        schema_version: 2,
        media_type: Some(media::MANIFEST.to_owned()),
        config,
        layers: layers.clone(),
        annotations: BTreeMap::new(),
    };
    (add(folder, media::MANIFEST, &serde_json::to_vec(&manifest).unwrap()), layers)
}

/// Bytes that do not repeat early.
pub(crate) fn bytes(seed: u8, length: usize) -> Vec<u8> {
    let mut state = u32::from(seed) + 1;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

/// An image of layers of these sizes.
pub(crate) fn image(sizes: &[usize]) -> Image {
    let place = tempfile::tempdir().unwrap();
    let folder = Blobs::below(place.path());
    let layers: Vec<Vec<u8>> = sizes.iter().zip(0..).map(|(size, seed)| bytes(seed, *size)).collect();
    let (root, layers) = add_image(&folder, &layers);
    Image { folder, root, layers, place }
}

/// An index of two images, for amd64 and for arm64/v8, and an attestation.
pub(crate) fn index() -> Image {
    let place = tempfile::tempdir().unwrap();
    let folder = Blobs::below(place.path());
    let of = |seed: u8, os: &str, architecture: &str, variant: Option<&str>| {
        let (mut root, _) = add_image(&folder, &[bytes(seed, 100)]);
        let variant = variant.map(ToOwned::to_owned);
        root.platform = Some(Platform { architecture: architecture.to_owned(), os: os.to_owned(), variant });
        root
    };
    let manifests = vec![
        of(7, "linux", "amd64", None),
        of(8, "linux", "arm64", Some("v8")),
        of(9, "unknown", "unknown", None),
    ];
    let index = Index {
        schema_version: 2,
        media_type: Some(media::INDEX.to_owned()),
        manifests: manifests.clone(),
        annotations: BTreeMap::new(),
    };
    let root = add(&folder, media::INDEX, &serde_json::to_vec(&index).unwrap());
    Image { folder, root, layers: manifests, place }
}

pub(crate) fn amd64() -> Platform {
    Platform { architecture: "amd64".to_owned(), os: "linux".to_owned(), variant: None }
}

pub(crate) fn repository(fake: &Fake, path: &str) -> Repository {
    format!("{}/{path}", fake.host()).parse().unwrap()
}

pub(crate) fn reference(fake: &Fake, rest: &str) -> Reference {
    format!("{}/{rest}", fake.host()).parse().unwrap()
}

pub(crate) fn tags(names: &[&str]) -> Vec<Tag> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

pub(crate) fn user(name: &str, password: &str) -> Credentials {
    Credentials::password(name, Secret::new(password)).unwrap()
}

pub(crate) fn client(fake: &Fake, credentials: Credentials, options: Options) -> Registry {
    Registry::new(fake.host(), credentials, options).unwrap()
}

/// What somebody is told: the sentence, and a line for each hint.
pub(crate) fn told(error: &RegistryError) -> String {
    error.hints().into_iter().fold(error.to_string(), |told, hint| format!("{told}\nhint: {hint}"))
}
