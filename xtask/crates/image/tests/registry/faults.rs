//! Everything that goes wrong between a client and a registry, once.

use std::sync::Arc;
use std::time::Duration;

use slipway_image::oci::media;
use slipway_image::registry::{Cause, Credentials, Options, Push, RegistryError};

use super::fake::{Fake, Memory, What};
use super::scene::Scene;
use super::support::{add, bytes, client, descriptor, reference, repository, tags, told};

fn answer(status: u16) -> What {
    What::Answer(status, vec![], "")
}

#[test]
fn a_registry_that_is_ill_for_a_while() {
    for status in [500, 502, 503, 504, 429, 408] {
        let scene = Scene::new(&[1000]).fault("HEAD", "/manifests/", 3, answer(status));
        scene.works();
        assert_eq!(scene.pauses(), [500, 1000, 2000], "{status}");
    }
}

#[test]
fn a_registry_that_stays_ill() {
    let scene = Scene::new(&[1000]).fault("POST", "/uploads/", 99, What::Answer(503, vec![], "no backend"));
    let text = scene.fails();
    assert!(
        text.contains("/v2/app/blobs/uploads/ was answered 503 Service Unavailable: no backend (5 attempts)"),
        "{text}"
    );
    assert!(text.contains("hint: the registry itself is ill"), "{text}");
    assert_eq!(scene.pauses(), [500, 1000, 2000, 4000]);
    scene.fake.forget_faults();
    assert!(scene.push().is_ok(), "nothing of it is in the way of the next push");
}

#[test]
fn too_many_requests() {
    let asks = |header: &str| {
        let date = "Date: Wed, 21 Oct 2026 07:28:00 GMT".to_owned();
        let what = What::Answer(429, vec![date, format!("Retry-After: {header}")], "");
        let scene = Scene::new(&[1000]).fault("HEAD", "/manifests/", 1, what);
        scene.works();
        scene.pauses()
    };
    assert_eq!(asks("7"), [7000]);
    assert_eq!(asks("0"), [500]);
    assert_eq!(asks("86400"), [60_000]);
    assert_eq!(asks("Wed, 21 Oct 2026 07:28:20 GMT"), [20_000]);
    assert_eq!(asks("soon"), [500]);
    let scene = Scene::new(&[1000]).fault("HEAD", "/manifests/", 99, answer(429));
    assert!(scene.fails().contains("hint: log in, which raises the limit"));
}

#[test]
fn what_will_not_change_is_not_tried_again() {
    for (status, code, hint) in [
        (400, "NAME_INVALID", ""),
        (404, "NAME_UNKNOWN", "hint: the registry has no repository of this name"),
        (405, "UNSUPPORTED", ""),
        (507, "STORAGE", "hint: the registry's disk is full"),
    ] {
        let body: &'static str =
            Box::leak(format!(r#"{{"errors":[{{"code":"{code}","message":"m"}}]}}"#).into_boxed_str());
        let scene = Scene::new(&[1000]).fault("POST", "/uploads/", 99, What::Answer(status, vec![], body));
        let text = scene.fails();
        assert!(text.contains(&format!("{code}: m")) && text.contains(hint), "{text}");
        assert!(scene.pauses().is_empty(), "{status}");
        assert_eq!(scene.fake.log().iter().filter(|line| line.starts_with("POST")).count(), 1);
    }
}

#[test]
fn an_upload_that_is_cut_goes_on_where_it_was() {
    let scene = Scene::new(&[2500]).with(|options| options.chunk = 1000).fault(
        "PATCH",
        "/uploads/",
        1,
        What::CutUpload(300),
    );
    scene.works();
    assert_eq!(scene.ranges(), ["0-999", "300-1299", "1300-2299", "2300-2499"]);
    assert_eq!(scene.pauses(), [500]);
}

#[test]
fn an_upload_in_one_request_that_is_cut_goes_on_where_it_was() {
    // One after the other, so that the layer is the first upload.
    let scene = Scene::new(&[2500]).with(|options| options.parallel = 1).fault(
        "PUT",
        "upload-1",
        1,
        What::CutUpload(300),
    );
    scene.works();
    assert_eq!(scene.ranges(), ["300-2499"]);
}

#[test]
fn an_answer_that_is_lost_is_not_needed() {
    // The last answer: the blob is there after all. Then one in the middle, of a manifest, of a tag.
    let scene = Scene::new(&[2500]).fault("PUT", "upload-2", 1, What::NoAnswer);
    scene.works();
    assert!(scene.ranges().is_empty());
    let scene = Scene::new(&[2500]).with(|options| options.chunk = 2000).fault(
        "PATCH",
        "/uploads/",
        1,
        What::NoAnswer,
    );
    scene.works();
    assert_eq!(scene.ranges(), ["0-1999", "2000-2499"]);
    Scene::new(&[10]).fault("PUT", "/manifests/", 2, What::NoAnswer).works();
}

#[test]
fn a_cut_before_anything_was_asked() {
    Scene::new(&[10]).fault("POST", "/uploads/", 2, What::NoAnswer).works();
    Scene::new(&[10]).fault("HEAD", "/blobs/", 2, What::NoAnswer).works();
    let text = Scene::new(&[10]).fault("HEAD", "/blobs/", 99, What::NoAnswer).fails();
    assert!(text.contains("the registry closed the connection too early (5 attempts)"), "{text}");
}

#[test]
fn an_upload_that_the_registry_forgot_is_begun_anew() {
    let unknown = r#"{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"gone"}]}"#;
    let invalid = r#"{"errors":[{"code":"BLOB_UPLOAD_INVALID","message":"wrong offset"}]}"#;
    for (status, body) in [(404, unknown), (400, invalid)] {
        let scene = Scene::new(&[2500]).with(|options| options.chunk = 1000).fault(
            "PATCH",
            "/uploads/",
            1,
            What::Answer(status, vec![], body),
        );
        scene.works();
        assert_eq!(scene.fake.log().iter().filter(|line| line.starts_with("POST")).count(), 3);
    }
    // Also one that never remembers.
    let scene = Scene::new(&[2500]).with(|options| options.chunk = 1000).fault(
        "PATCH",
        "/uploads/",
        99,
        What::Answer(404, vec![], unknown),
    );
    assert!(scene.fails().contains("404 Not Found: BLOB_UPLOAD_UNKNOWN: gone (5 attempts)"));
}

#[test]
fn an_upload_that_is_forgotten_after_each_good_piece_has_an_end() {
    let gone = "404 Not Found: BLOB_UPLOAD_UNKNOWN: blob upload unknown to registry (5 attempts)";
    for (memory, last) in
        [(Memory::Nothing, gone), (Memory::Upload, "416 Range Not Satisfiable (5 attempts)")]
    {
        let scene = Scene::new(&[2500]).with(|options| options.chunk = 1000);
        scene.fake.store(|store| store.memory = memory);
        let text = scene.fails();
        assert!(text.contains(last), "{text}");
        assert_eq!(
            scene.ranges(),
            ["0-999", "1000-1999"].repeat(5),
            "a good piece and a bad one, five times"
        );
    }
}

#[test]
fn a_blob_that_the_registry_only_says_it_has() {
    let begun = What::Answer(201, vec![], "");
    let text = Scene::new(&[10]).fault("POST", "/uploads/", 99, begun).fails();
    assert!(text.contains("the registry says that it has a blob, which it has not"), "{text}");
}

#[test]
fn a_piece_that_does_not_follow() {
    let scene =
        Scene::new(&[2500]).with(|options| options.chunk = 1000).fault("PATCH", "/uploads/", 1, answer(416));
    scene.works();
    let scene =
        Scene::new(&[2500]).with(|options| options.chunk = 1000).fault("PATCH", "/uploads/", 99, answer(416));
    assert!(scene.fails().contains("416 Range Not Satisfiable (5 attempts)"));
}

#[test]
fn a_registry_that_counts_wrongly() {
    for range in ["0-5000", "0-0"] {
        let scene = Scene::new(&[2500]).with(|options| options.chunk = 1000).fault(
            "PATCH",
            "/uploads/",
            1,
            What::Header("range", range.to_owned()),
        );
        let text = scene.fails();
        assert!(text.contains("sent were the bytes 0 to 1000, the registry says it has"), "{text}");
    }
}

#[test]
fn a_proxy_that_takes_only_small_requests() {
    const SIZE: usize = 8 << 20;
    let scene = |most: usize| {
        let limited = |scene: Scene, method| scene.fault(method, "/uploads/", 99, What::TooLarge(most));
        limited(limited(Scene::new(&[SIZE]), "PUT"), "PATCH")
    };
    // Smaller pieces are taken.
    let works = scene(3 << 20);
    assert_eq!(works.push().unwrap().uploaded.len(), 2);
    let pieces: Vec<usize> = works
        .fake
        .requests()
        .iter()
        .filter(|asked| asked.method == "PATCH")
        .map(|asked| asked.body.len())
        .collect();
    assert_eq!(pieces.iter().sum::<usize>(), SIZE);
    // Not even small ones are.
    let text = scene(1000).fails();
    assert!(
        text.contains("413 ") && text.contains("hint: a proxy before the registry limits the size"),
        "{text}"
    );
}

#[test]
fn a_slow_registry() {
    let slow = || What::Late(Duration::from_millis(400));
    Scene::new(&[10]).fault("POST", "/uploads/", 1, slow()).works();
    let scene = Scene::new(&[10]).with(|options| options.idle = Duration::from_millis(100)).fault(
        "HEAD",
        "/blobs/",
        1,
        slow(),
    );
    scene.works();
    assert_eq!(scene.pauses(), [500]);
    let scene = Scene::new(&[10])
        .with(|options| (options.idle, options.attempts) = (Duration::from_millis(100), 2))
        .fault("HEAD", "/blobs/", 99, slow());
    let text = scene.fails();
    assert!(
        text.contains(
            "failed: the registry was silent for too long (2 attempts)\nhint: the registry answers too slowly"
        ),
        "{text}"
    );
}

#[test]
fn the_time_is_up() {
    let scene = Scene::new(&[10]).with(|options| options.total = Duration::from_secs(2)).fault(
        "HEAD",
        "/blobs/",
        99,
        What::Answer(503, vec![], "no backend"),
    );
    let text = scene.fails();
    assert!(text.starts_with("the registry took longer than 2 s in all; last: HEAD http://"), "{text}");
    assert!(text.contains("503 Service Unavailable\nhint: allow it more time"), "{text}");
}

/// An answer that never pauses for long, and takes 6 seconds in all.
fn drip(status: u16) -> What {
    What::Drip(status, 300, Duration::from_millis(20))
}

#[test]
fn a_registry_that_drips_does_not_hold_us_past_the_time() {
    let options = Options { total: Duration::from_millis(200), ..Options::default() };
    let dripping = |status: u16| {
        let fake = Fake::start();
        fake.fault("GET", "/", 99, drip(status));
        let registry = client(&fake, Credentials::anonymous(), options.clone());
        (registry, repository(&fake, "app"), reference(&fake, "app:1"))
    };
    let started = std::time::Instant::now();
    let (registry, to, reference) = dripping(200);
    assert!(matches!(registry.tags(&to), Err(RegistryError::Deadline { .. })));
    assert!(matches!(registry.manifest(&reference), Err(RegistryError::Deadline { .. })));
    // What a refusal has said by then is enough.
    let (registry, to, _) = dripping(403);
    assert_eq!(registry.tags(&to).unwrap_err().status(), Some(403));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn whoever_watches_ends_a_drip() {
    let scene = Scene::new(&[10]);
    scene.fake.fault("GET", "/tags/list", 1, drip(200));
    let registry = client(&scene.fake, Credentials::anonymous(), scene.options.clone());
    let clock = Arc::clone(&scene.clock);
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        clock.is_cancelled.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    assert!(matches!(registry.tags(&repository(&scene.fake, "app")), Err(RegistryError::Cancelled)));
    stopper.join().unwrap();
}

#[test]
fn whoever_watches_ends_it_in_mid_blob() {
    let scene = Scene::new(&[3 << 20]);
    *scene.clock.cancel_at.lock().unwrap() = Some(1 << 20);
    assert_eq!(scene.fails(), "cancelled");
    let most = scene.clock.sent.lock().unwrap().iter().copied().max().unwrap();
    assert!(most < 2 << 20, "{most}");
}

#[test]
fn a_lying_registry_is_found_out_when_it_is_read_back() {
    let wrong = format!("sha256:{}", "0".repeat(64));
    let other = String::from_utf8(bytes(1, 40)).unwrap_or_else(|_| "{}".to_owned());
    for (method, what) in [
        ("PUT", What::Header("docker-content-digest", wrong.clone())),
        ("GET", What::Body(other.into_bytes())),
        ("GET", What::Header("docker-content-digest", wrong)),
    ] {
        let text = Scene::new(&[10]).fault(method, "/manifests/", 1, what).fails();
        assert!(text.contains("promised was sha256:"), "{text}");
        assert!(text.contains("hint: nothing of it is used"), "{text}");
    }
    // A tag that somebody else moves right after us.
    let scene = Scene::new(&[10]);
    let elsewhere = format!("sha256:{}", "1".repeat(64));
    scene.fake.fault("HEAD", "/manifests/1", 2, What::Header("docker-content-digest", elsewhere));
    assert!(scene.fails().contains("app:1, which was put just now: promised was"));
}

/// Tags that a registry was told to move, in the order in which it was.
fn put_tags(scene: &Scene) -> Vec<String> {
    let log = scene.fake.log();
    let put = log.iter().filter_map(|line| line.strip_prefix("PUT /v2/app/manifests/"));
    put.filter(|name| !name.starts_with("sha256:")).map(ToOwned::to_owned).collect()
}

#[test]
fn tags_before_one_that_fails_have_moved_and_those_after_it_have_not() {
    // Four threads would move four at once.
    let scene = Scene::new(&[10]).with(|options| options.parallel = 4);
    scene.works();
    scene.fake.log();
    let registry = client(&scene.fake, Credentials::anonymous(), scene.options.clone());
    let (to, digest) = (repository(&scene.fake, "app"), &scene.image.root.digest);
    let all = tags(&["1.2.3", "1.2", "0-odd", "1", "latest"]);
    let denied = || What::Answer(403, vec![], r#"{"errors":[{"code":"DENIED","message":"protected"}]}"#);
    scene.fake.fault("PUT", "/manifests/0-odd", 1, denied());
    let error = registry.retag(&to, digest, &all).unwrap_err();
    assert!(error.to_string().contains("DENIED: protected"), "{error}");
    // `1` was there already; order is that of the list, not that of the alphabet.
    assert_eq!(error.tagged, tags(&["1.2.3", "1.2"]));
    assert_eq!(put_tags(&scene), ["1.2.3", "1.2", "0-odd"]);

    assert_eq!(registry.retag(&to, digest, &all).unwrap(), all);
    assert_eq!(put_tags(&scene), ["0-odd", "latest"]);

    let nowhere = slipway_image::Digest::of(b"no image");
    assert_eq!(registry.retag(&to, &nowhere, &all).unwrap_err().tagged, []);
}

#[test]
fn a_push_moves_its_tags_in_their_order() {
    let scene = Scene::new(&[10]).with(|options| options.parallel = 4);
    let registry = client(&scene.fake, Credentials::anonymous(), scene.options.clone());
    let (to, all) = (repository(&scene.fake, "app"), tags(&["9.1", "9", "a", "latest", "9"]));
    let image = &scene.image;
    let push = Push { root: &image.root, blobs: &image.folder, to: &to, tags: &all, mount_from: &[] };
    assert_eq!(registry.push(&push).unwrap().moved, all[..4]);
    assert_eq!(put_tags(&scene), ["9.1", "9", "a", "latest"]);
}

#[test]
fn an_image_that_is_broken_on_this_machine() {
    let scene = Scene::new(&[1000]);
    let path = scene.image.folder.path(&scene.image.layers[0].digest);
    std::fs::write(&path, bytes(0, 600)).unwrap();
    let digest = &scene.image.layers[0].digest;
    let sentence = format!("{digest} could not be read: it has 600 bytes where the manifest says 1000");
    assert_eq!(scene.fails(), sentence);
    std::fs::write(&path, bytes(5, 1000)).unwrap();
    assert!(
        scene
            .fails()
            .contains("400 Bad Request: DIGEST_INVALID: provided digest did not match uploaded content")
    );
    std::fs::remove_file(&path).unwrap();
    assert!(scene.fails().contains("could not be read: "));
    std::fs::write(scene.image.folder.path(&scene.image.root.digest), b"{}").unwrap();
    assert!(scene.fails().starts_with("the manifest of the image that is pushed: promised was"));
    assert!(scene.image.place.path().exists());
}

#[test]
fn what_is_no_image_is_not_pushed() {
    let mut scene = Scene::new(&[10]);
    scene.image.root = add(&scene.image.folder, media::MANIFEST, b"[]");
    assert!(scene.fails().contains("is no application/vnd.oci.image.manifest.v1+json"));
    scene.image.root = descriptor("application/zip", b"{}");
    add(&scene.image.folder, "application/zip", b"{}");
    assert!(scene.fails().contains("is a `application/zip`, which is no image"));
    scene.image.root.size = 1 << 40;
    assert!(scene.fails().contains("is larger than 4194304 bytes"));
}

#[test]
fn nothing_listens() {
    let scene = Scene::new(&[10]);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let registry = slipway_image::registry::Registry::new(
        &free.to_string(),
        Credentials::anonymous(),
        scene.options.clone(),
    );
    let error = registry.unwrap().ping().unwrap_err();
    let text = told(&error);
    assert!(text.contains("failed: nothing listens there (connection refused) (5 attempts)"), "{text}");
    assert!(matches!(error, RegistryError::Failed(failed) if failed.cause == Cause::Connection));
}

#[test]
fn tags_that_are_none() {
    let list = |body: &'static str, headers: Vec<String>| {
        let fake = Fake::start();
        fake.fault("GET", "/tags/list", 9999, What::Answer(200, headers, body));
        client(&fake, Credentials::anonymous(), Options::default()).tags(&repository(&fake, "app"))
    };
    assert_eq!(list(r#"{"name":"app","tags":null}"#, vec![]).unwrap(), []);
    assert!(list("<html>", vec![]).unwrap_err().to_string().contains("this is no list of tags"));
    assert!(list(r#"{"tags":["a b"]}"#, vec![]).unwrap_err().to_string().contains("`a b` is no tag"));
    let link = |target: &str| vec![format!("Link: <{target}>; rel=\"next\"")];
    let away = list(r#"{"tags":[]}"#, link("https://evil.example/v2/app/tags/list")).unwrap_err().to_string();
    assert!(away.contains("the next page would be https://evil.example/"), "{away}");
    let circle = list(r#"{"tags":[]}"#, link("/v2/app/tags/list?last=x")).unwrap_err().to_string();
    assert!(circle.contains("the next page would be"), "{circle}");
    assert!(
        told(
            &client(&Fake::start(), Credentials::anonymous(), Options::default())
                .manifest(&reference(&Fake::start(), "a"))
                .unwrap_err()
        )
        .contains("is not kept at")
    );
}
