//! The tests.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use slipway_image::blobs::Blobs;
use slipway_image::oci::Platform;
use slipway_image::registry::{
    Copy, Credentials, Event, Options, Pull, Push, Pushed, Registry, Scheme, Watch,
};
use slipway_image::{Reference, Repository, Tag};

use super::PING;
use super::images::{Image, image};
use super::issuer::Issuer;
use super::peer::{PASSWORD, Peer, USER, certificate, client, run};
use super::scissors::{Way, wire};

fn repository(host: &str, path: &str) -> Repository {
    format!("{host}/{path}").parse().unwrap()
}

fn reference(host: &str, rest: &str) -> Reference {
    format!("{host}/{rest}").parse().unwrap()
}

fn tag(name: &str) -> Vec<Tag> {
    vec![name.parse().unwrap()]
}

fn push(registry: &Registry, image: &Image, path: &str) -> Pushed {
    let to = repository(registry.host(), path);
    let tags = tag("1");
    registry
        .push(&Push { root: &image.root, blobs: &image.blobs, to: &to, tags: &tags, mount_from: &[] })
        .unwrap()
}

/// Pulls, and compares every byte.
fn pull(registry: &Registry, image: &Image, name: &str) {
    let place = tempfile::tempdir().unwrap();
    let folder = Blobs::below(place.path());
    let reference = reference(registry.host(), name);
    let platform = Platform { architecture: "amd64".to_owned(), os: "linux".to_owned(), variant: None };
    let pulled = registry.pull(&Pull { reference: &reference, platform: &platform, sink: &folder }).unwrap();
    assert_eq!(pulled.root.descriptor.digest, image.root.digest);
    for blob in image.layers.iter().chain([&image.root]) {
        let here = fs::read(folder.path(&blob.digest)).unwrap();
        assert!(here == fs::read(image.blobs.path(&blob.digest)).unwrap(), "{}", blob.digest);
    }
}

/// Push, push again, look, pull, retag.
fn round(registry: &Registry) {
    let image = image(&[200_000, 3_000_000, 10, 0]);
    let first = push(registry, &image, "team/app");
    assert_eq!((first.uploaded.len(), first.skipped.len()), (5, 0));
    let again = push(registry, &image, "team/app");
    // Five blobs, a manifest, a tag; the client knows by now how to ask.
    assert_eq!((again.uploaded.len(), again.skipped.len(), again.requests), (0, 5, 7));
    pull(registry, &image, "team/app:1");
    pull(registry, &image, &format!("team/app@{}", image.root.digest));
    let to = repository(registry.host(), "team/app");
    registry.retag(&to, &image.root.digest, &tag("stable")).unwrap();
    assert_eq!(registry.tags(&to).unwrap(), [tag("1"), tag("stable")].concat());
    let resolved = registry.resolve(&reference(registry.host(), "team/app:stable")).unwrap();
    assert_eq!((resolved.digest, resolved.size), (image.root.digest.clone(), image.root.size));
    assert!(registry.resolve(&reference(registry.host(), "team/app:none")).unwrap_err().is_not_found());
    assert!(registry.tags(&repository(registry.host(), "none/at-all")).unwrap_err().is_not_found());
}

pub(crate) fn passwords() {
    let peer = Peer::with_password();
    peer.client().ping().unwrap();
    round(&peer.client());
    let error = client(&peer.host, "wrong", Options::default()).ping().unwrap_err();
    assert_eq!(error.status(), Some(401));
    let nobody = Registry::new(&peer.host, Credentials::anonymous(), Options::default()).unwrap();
    let error = nobody.resolve(&reference(&peer.host, "team/app:1")).unwrap_err().to_string();
    assert!(error.starts_with("a client without credentials may not pull from 127.0.0.1:"), "{error}");
}

pub(crate) fn tokens() {
    let issuer = Issuer::new();
    let auth = format!(
        "auth: {{token: {{realm: 'http://{}/token', service: test-registry, issuer: test-issuer, rootcertbundle: PLACE/cert.pem}}}}",
        issuer.host
    );
    let peer = Peer::start(&auth, "", certificate);
    issuer.serve(peer.place.path());
    round(&peer.client());
    let scopes = issuer.scopes.lock().unwrap().clone();
    // One token to push; one to pull; one for the repository that is not there.
    let expected =
        ["repository:team/app:pull,push", "repository:team/app:pull", "repository:none/at-all:pull"];
    assert_eq!(scopes, expected);
    let error = client(&peer.host, "wrong", Options::default())
        .resolve(&reference(&peer.host, "team/app:1"))
        .unwrap_err();
    assert!(
        error.to_string().ends_with("was answered 401 Unauthorized: incorrect username or password"),
        "{error}"
    );
}

pub(crate) fn tls() {
    let http = ", tls: {certificate: PLACE/cert.pem, key: PLACE/key.pem}";
    let peer = Peer::start("", http, certificate);
    let ask = |certificates: &Path| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env(PING, &peer.host).env("SSL_CERT_FILE", certificates).output().unwrap()
    };
    let good = ask(&peer.place.path().join("cert.pem"));
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    let other = tempfile::tempdir().unwrap();
    certificate(other.path());
    let bad = ask(&other.path().join("cert.pem"));
    let told = String::from_utf8_lossy(&bad.stderr).into_owned();
    assert!(
        !bad.status.success() && told.contains("certificate") && told.contains("SSL_CERT_FILE"),
        "{told}"
    );
    assert!(!told.contains("attempts"), "{told}");
    // Plain HTTP, as it is for loopback: the registry says what is wrong.
    let plain =
        Registry::new(&peer.host, Credentials::anonymous(), Options::default()).unwrap().ping().unwrap_err();
    assert_eq!(plain.hints(), ["this registry speaks TLS only; do not ask it in plain HTTP"], "{plain}");
}

/// What this program does as a child of the test above.
#[expect(clippy::print_stderr, reason = "its parent reads it")]
pub(crate) fn ping_with_tls(host: &str) -> ExitCode {
    let options = Options { scheme: Scheme::Https, ..Options::default() };
    match Registry::new(host, Credentials::anonymous(), options).unwrap().ping() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error} {:?}", error.hints());
            ExitCode::FAILURE
        }
    }
}

pub(crate) fn pieces() {
    let peer = Peer::with_password();
    let options = Options { chunk: 1 << 20, ..Options::default() };
    let registry = client(&peer.host, PASSWORD, options);
    let image = image(&[5 << 19]);
    push(&registry, &image, "app");
    pull(&registry, &image, "app:1");
}

/// Counts pauses.
#[derive(Debug, Default)]
struct Pauses(AtomicU32);

impl Watch for Pauses {
    fn event(&self, event: &Event<'_>) {
        if matches!(event, Event::Waiting { .. }) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

pub(crate) fn cuts() {
    let peer = Peer::with_password();
    let image = image(&[4 << 20]);
    for (way, chunk) in [(Way::Up, 64 << 20), (Way::Up, 1 << 20), (Way::Down, 64 << 20)] {
        let host = wire(&peer.host, way, 3 << 19);
        let pauses = Arc::new(Pauses::default());
        let registry =
            client(&host, PASSWORD, Options { chunk, watch: pauses.clone(), ..Options::default() });
        let path = format!("cut-{chunk}-{}", u8::from(way == Way::Up));
        push(&registry, &image, &path);
        pull(&registry, &image, &format!("{path}:1"));
        assert_eq!(pauses.0.load(Ordering::SeqCst), 1);
    }
}

pub(crate) fn promotion() {
    let (dev, prod) = (Peer::with_password(), Peer::with_password());
    let image = image(&[1 << 20, 10]);
    let (from, to) = (dev.client(), prod.client());
    push(&from, &image, "dev/app");
    let source = reference(&dev.host, "dev/app:1");
    let within = repository(&dev.host, "prod/app");
    let copied = from.copy(&Copy { from: &from, source: &source, to: &within, tags: &tag("1") }).unwrap();
    assert_eq!((copied.mounted.len(), copied.uploaded.len()), (3, 0));
    pull(&from, &image, "prod/app:1");
    let beyond = repository(&prod.host, "prod/app");
    let copied = to.copy(&Copy { from: &from, source: &source, to: &beyond, tags: &tag("1") }).unwrap();
    assert_eq!((copied.digest, copied.uploaded.len()), (image.root.digest.clone(), 3));
    pull(&to, &image, "prod/app:1");
}

pub(crate) fn skopeo_reads() {
    let peer = Peer::with_password();
    let image = image(&[100_000]);
    push(&peer.client(), &image, "team/app");
    let name = format!("docker://{}/team/app:1", peer.host);
    let credentials = format!("{USER}:{PASSWORD}");
    let place = tempfile::tempdir().unwrap();
    let arguments = ["inspect", "--tls-verify=false", "--creds", &credentials, &name];
    let seen: serde_json::Value = serde_json::from_slice(&run(place.path(), "skopeo", &arguments)).unwrap();
    assert_eq!(seen["Digest"], image.root.digest.as_str());
    assert_eq!(seen["Layers"][0], image.layers[0].digest.as_str());
    let arguments = ["copy", "--src-tls-verify=false", "--src-creds", &credentials, &name, "oci:copied:1"];
    run(place.path(), "skopeo", &arguments);
    let copied = place.path().join("copied/blobs/sha256").join(image.root.digest.hex());
    assert_eq!(fs::read(copied).unwrap(), fs::read(image.blobs.path(&image.root.digest)).unwrap());
}

pub(crate) fn skopeo_writes() {
    let peer = Peer::with_password();
    let image = image(&[100_000]);
    let name = format!("docker://{}/team/app:1", peer.host);
    let credentials = format!("{USER}:{PASSWORD}");
    let arguments = ["copy", "--dest-tls-verify=false", "--dest-creds", &credentials, "oci:.", &name];
    run(image.place.path(), "skopeo", &arguments);
    pull(&peer.client(), &image, "team/app:1");
    let pushed = push(&peer.client(), &image, "team/app");
    assert_eq!((pushed.uploaded.len(), pushed.moved.len()), (0, 0));
}
