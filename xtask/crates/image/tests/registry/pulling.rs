//! What a pull brings, and what it refuses.

use std::fs;
use std::io::{self, Write};

use slipway_image::blobs::Blobs;
use slipway_image::oci::{Descriptor, Platform};
use slipway_image::registry::{Credentials, Incoming, Options, Pull, Pulled, Registry, RegistryError, Sink};

use super::fake::{Fake, What};
use super::pushing::push;
use super::support::{Image, amd64, client, image, index, reference, repository, tags, told};

/// A registry with an image, and a client of it.
fn with(image: &Image) -> (Fake, Registry) {
    let fake = Fake::start();
    let registry = client(&fake, Credentials::anonymous(), Options::default());
    push(&registry, image, &repository(&fake, "app"), &tags(&["1"]));
    fake.log();
    (fake, registry)
}

fn pull(fake: &Fake, registry: &Registry, name: &str, sink: &dyn Sink) -> Result<Pulled, RegistryError> {
    registry.pull(&Pull { reference: &reference(fake, name), platform: &amd64(), sink })
}

#[test]
fn all_of_an_image_arrives_and_is_not_fetched_twice() {
    let image = image(&[1000, 2000]);
    let (fake, registry) = with(&image);
    let place = tempfile::tempdir().unwrap();
    let folder = Blobs::below(place.path());
    let pulled = pull(&fake, &registry, &format!("app@{}", image.root.digest), &folder).unwrap();
    assert_eq!(pulled.root.descriptor.digest, image.root.digest);
    assert_eq!((pulled.fetched.len(), pulled.present.len(), pulled.requests), (3, 0, 4));
    for blob in image.layers.iter().chain([&image.root]) {
        assert_eq!(
            fs::read(folder.path(&blob.digest)).unwrap(),
            fs::read(image.folder.path(&blob.digest)).unwrap()
        );
    }
    let again = pull(&fake, &registry, "app:1", &folder).unwrap();
    assert_eq!((again.fetched.len(), again.present.len(), again.requests), (0, 3, 1));
}

#[test]
fn of_an_index_one_platform_is_pulled() {
    let index = index();
    let (fake, registry) = with(&index);
    let place = tempfile::tempdir().unwrap();
    let folder = Blobs::below(place.path());
    let pulled = pull(&fake, &registry, "app:1", &folder).unwrap();
    assert_eq!(pulled.root.descriptor.digest, index.root.digest);
    assert_eq!(pulled.image.descriptor.digest, index.layers[0].digest);
    assert!(folder.path(&index.root.digest).is_file() && folder.path(&index.layers[0].digest).is_file());

    let of = |architecture: &str, variant: Option<&str>| {
        let variant = variant.map(ToOwned::to_owned);
        let platform = Platform { architecture: architecture.to_owned(), os: "linux".to_owned(), variant };
        registry.pull(&Pull { reference: &reference(&fake, "app:1"), platform: &platform, sink: &folder })
    };
    assert_eq!(of("arm64", None).unwrap().image.descriptor.digest, index.layers[1].digest);
    assert_eq!(of("arm64", Some("v8")).unwrap().image.descriptor.digest, index.layers[1].digest);
    let name = reference(&fake, "app:1");
    let sentence = format!("{name} is not for linux/arm64/v7; it is for linux/amd64, linux/arm64/v8");
    assert_eq!(of("arm64", Some("v7")).unwrap_err().to_string(), sentence);
    assert!(of("riscv64", None).is_err());
}

#[test]
fn a_cut_download_goes_on_where_it_was() {
    for knows_ranges in [true, false] {
        let image = image(&[100_000]);
        let (fake, registry) = with(&image);
        let blob = "/blobs/".to_owned() + image.layers[0].digest.as_str();
        let path: &'static str = Box::leak(blob.into_boxed_str());
        fake.fault("GET", path, 1, What::CutDownload(60_000));
        if !knows_ranges {
            fake.fault("GET", path, 1, What::NoRanges);
        }
        let place = tempfile::tempdir().unwrap();
        pull(&fake, &registry, "app:1", &Blobs::below(place.path())).unwrap();
        let asked: Vec<_> = fake.requests().into_iter().filter(|asked| asked.path.contains(path)).collect();
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[1].header("range"), Some("bytes=60000-"));
        assert_eq!(fake.faults_left(), 0);
    }
}

#[test]
fn a_store_elsewhere_never_sees_who_asks() {
    let image = image(&[1000]);
    let (fake, _) = with(&image);
    let elsewhere = Fake::start();
    let bytes = fs::read(image.folder.path(&image.layers[0].digest)).unwrap();
    elsewhere.store(|store| store.put("app", &bytes));
    fake.access(|access| *access = super::fake::Access::Basic("alice", "hunter22"));
    let registry = client(&fake, super::support::user("alice", "hunter22"), Options::default());
    let blob = format!("/v2/app/blobs/{}", image.layers[0].digest);
    let location = format!("location: http://{}{blob}?X-Signature=s3cret", elsewhere.host());
    let path: &'static str = Box::leak(blob.into_boxed_str());
    // The first one is asked without a password, and refused.
    registry.ping().unwrap();
    fake.fault("GET", path, 1, What::Answer(307, vec![location], ""));
    let place = tempfile::tempdir().unwrap();
    pull(&fake, &registry, "app:1", &Blobs::below(place.path())).unwrap();
    let asked = elsewhere.requests();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].header("authorization"), None);
    assert!(
        fake.requests().iter().all(|asked| asked.path == "/v2/" || asked.header("authorization").is_some())
    );
}

#[test]
fn a_signature_in_an_address_is_not_told() {
    let image = image(&[1000]);
    let (fake, registry) = with(&image);
    let location = "location: /v2/none/blobs/x?X-Signature=s3cret".to_owned();
    // For both blobs, which are asked for at once.
    fake.fault("GET", "/blobs/", 99, What::Answer(307, vec![location], ""));
    let place = tempfile::tempdir().unwrap();
    let error = told(&pull(&fake, &registry, "app:1", &Blobs::below(place.path())).unwrap_err());
    assert!(error.contains("more than 5 redirects") && !error.contains("s3cret"), "{error}");
}

#[test]
fn what_is_not_what_was_promised_is_refused_and_leaves_nothing() {
    let image = image(&[1000]);
    let layer: &'static str = Box::leak(format!("/blobs/{}", image.layers[0].digest).into_boxed_str());
    let wrong = "sha256:".to_owned() + &"0".repeat(64);
    let other = super::support::bytes(99, 1000);
    let cases = [
        ("GET", layer, What::Body(other), "promised was"),
        ("GET", layer, What::Body(vec![0; 999]), "the registry has 999 bytes where the manifest says 1000"),
        (
            "GET",
            layer,
            What::Header("content-length", "5000000000000".to_owned()),
            "has 5000000000000 bytes where",
        ),
        ("GET", "/manifests/", What::Header("Docker-Content-Digest", wrong), "promised was sha256:0000"),
        ("GET", "/manifests/", What::Header("Docker-Content-Digest", "md5:1".to_owned()), "is no digest"),
        ("GET", "/manifests/", What::Body(b"{}".to_vec()), "promised was"),
        ("GET", "/manifests/", What::Body(vec![b' '; 5 << 20]), "is larger than 4194304 bytes"),
        (
            "GET",
            "/manifests/",
            What::Header("content-type", "text/html".to_owned()),
            "`text/html`, which is no image",
        ),
    ];
    for (method, path, what, sentence) in cases {
        let (fake, registry) = with(&image);
        fake.fault(method, path, 1, what);
        let place = tempfile::tempdir().unwrap();
        let error =
            pull(&fake, &registry, &format!("app@{}", image.root.digest), &Blobs::below(place.path()))
                .unwrap_err();
        assert!(told(&error).contains(sentence), "{sentence}: {}", told(&error));
        let folder = place.path().join("blobs/sha256");
        let left = fs::read_dir(folder).map_or(0, |entries| {
            entries.flatten().filter(|entry| entry.file_name().to_str().unwrap().starts_with('.')).count()
        });
        assert_eq!(left, 0, "{sentence}");
        assert!(!Blobs::below(place.path()).path(&image.layers[0].digest).exists(), "{sentence}");
        assert_eq!(fake.faults_left(), 0, "{sentence}");
    }
}

#[test]
fn an_image_that_is_too_large_is_not_begun() {
    let image = image(&[1000, 2000]);
    let (fake, _) = with(&image);
    let options = Options { largest_image: 3000, ..Options::default() };
    let registry = client(&fake, Credentials::anonymous(), options);
    let place = tempfile::tempdir().unwrap();
    let error = pull(&fake, &registry, "app:1", &Blobs::below(place.path())).unwrap_err().to_string();
    assert!(error.ends_with("has 3078 bytes; 3000 are allowed"), "{error}");
    assert!(!fake.log().iter().any(|line| line.contains("/blobs/")));
}

/// A disk with room for so many bytes.
struct Full(usize);

struct Writing(usize);

impl Sink for Full {
    fn has(&self, _blob: &Descriptor) -> io::Result<bool> {
        Ok(false)
    }

    fn create(&self, _blob: &Descriptor) -> io::Result<Box<dyn Incoming + '_>> {
        Ok(Box::new(Writing(self.0)))
    }
}

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Incoming for Writing {
    fn commit(self: Box<Self>) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_said_as_such() {
    let image = image(&[100_000]);
    let (fake, registry) = with(&image);
    let error = told(&pull(&fake, &registry, "app:1", &Full(50_000)).unwrap_err());
    let digest = &image.layers[0].digest;
    let sentence = format!(
        "the disk is full: {digest} (100000 bytes) could not be written\nhint: make room for 100000 bytes, or use another folder"
    );
    assert_eq!(error, sentence);
}
