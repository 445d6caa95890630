//! Images over the engine's API: loaded, looked at, named, saved, pulled, pushed, removed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use slipway_image::{Reference, Repository, Tag};
use tempfile::TempDir;
use xtask::kit::secret::Secret;
use xtask::tools::docker::{Credentials, Engine};

use crate::fake::state::Image;
use crate::fake::{Fake, Fault};
use crate::registry::Registry;
use crate::support::{IMAGE, engine, interrupted, limits, with_image};

fn saved(engine: &Engine, folder: &Path) -> PathBuf {
    let archive = folder.join("image.tar");
    engine.save(IMAGE, &archive, &limits()).unwrap();
    archive
}

#[test]
fn what_is_saved_is_what_is_loaded() {
    let (fake, engine) = with_image();
    let image = engine.inspect(IMAGE).unwrap();
    assert_eq!((image.os.as_str(), image.architecture.as_str()), ("linux", "amd64"));
    assert_eq!((image.user.as_str(), image.entrypoint.join(" ").as_str()), ("1000", "/app/server"));
    assert_eq!(
        (image.command.join(" "), image.env.join(" ")),
        ("serve 8080".to_owned(), "LANG=C".to_owned())
    );
    assert_eq!((image.ports.join(" ").as_str(), image.labels["a"].as_str()), ("8080/tcp", "b"));
    assert_eq!(image.health_check[0], "CMD");
    assert_eq!(image.created.as_deref(), Some("2026-01-02T03:04:05+00:00"));

    let folder = TempDir::new().unwrap();
    let archive = saved(&engine, folder.path());
    engine.remove_image(IMAGE).unwrap();
    engine.remove_image(IMAGE).unwrap();
    let error = engine.inspect(IMAGE).unwrap_err();
    assert_eq!(error.to_string(), "cannot inspect image app:1: No such image: app:1");
    assert_eq!(fake.things(), Vec::<String>::new());
    assert_eq!(engine.load(&archive, &limits()).unwrap(), [IMAGE]);
    assert_eq!(engine.inspect(IMAGE).unwrap(), image);
    assert_eq!(engine.inspect(&image.id).unwrap(), image);
}

#[test]
fn loads_and_saves_that_fail_leave_nothing() {
    let (fake, engine) = with_image();
    let folder = TempDir::new().unwrap();
    let archive = saved(&engine, folder.path());
    let rubbish = folder.path().join("rubbish");
    std::fs::write(&rubbish, "no archive").unwrap();
    let told = engine.load(&rubbish, &limits()).unwrap_err().to_string();
    assert!(told.ends_with("repositories: no such file or directory"), "{told}");
    let none = folder.path().join("none.tar");
    let told = engine.load(&none, &limits()).unwrap_err().to_string();
    assert!(told.contains("none.tar"), "{told}");

    for (fault, words) in [
        (
            Fault::Lines(&[r#"{"errorDetail":{"message":"write /layer: no space left on device"}}"#]),
            "no space left on device",
        ),
        (Fault::NoAnswer, "the engine went away ("),
        (Fault::Cut(7), "the engine went away ("),
    ] {
        fake.fault("POST /images/load", 1, fault);
        let error = engine.load(&archive, &limits()).unwrap_err();
        assert!(error.to_string().contains(words) && error.hint().is_some(), "{error}");
    }
    let other = folder.path().join("other.tar");
    for (fault, words) in [
        (Fault::Cut(2000), "the engine went away ("),
        (Fault::Refused(500, "layer does not exist"), "layer does not exist"),
    ] {
        fake.fault("GET /images/*/get", 1, fault);
        let error = engine.save(IMAGE, &other, &limits()).unwrap_err();
        assert!(error.to_string().starts_with("cannot save image app:1: "), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    fake.fault("GET /images/*/get", 1, Fault::Stall(100));
    assert!(engine.save(IMAGE, &other, &interrupted()).unwrap_err().is_interrupt());
    let error = engine.save(IMAGE, &folder.path().join("no/such/place.tar"), &limits()).unwrap_err();
    assert!(error.to_string().contains("cannot write "), "{error}");
    let mut names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["image.tar", "rubbish"]);
}

#[test]
fn an_image_in_use_stays() {
    let (fake, engine) = with_image();
    let words =
        "conflict: unable to delete app:1 (cannot be forced) - image is being used by running container 0123";
    fake.fault("DELETE /images/*", 1, Fault::Refused(409, words));
    let error = engine.remove_image(IMAGE).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot remove image app:1: {words}"));
}

const USER: (&str, &str) = ("alice", "a~?>hunter22");

fn me(password: &str) -> Credentials {
    Credentials::Password { user: USER.0.to_owned(), password: Secret::new(password) }
}

/// An engine beside a registry with a password, which has an image of this name.
fn beside_registry() -> (Fake, Engine, Repository, Tag) {
    let registry = Registry::behind(USER);
    let fake = Fake::beside(&registry);
    let repository: Repository = registry.repository("team/app").parse().unwrap();
    let tag: Tag = "1.0".parse().unwrap();
    let config = json!({ "User": "1000" });
    fake.state(|state| state.keep(Image::named(&repository.tagged(&tag).to_string(), &config)));
    let engine = engine(&fake);
    (fake, engine, repository, tag)
}

#[test]
fn what_is_pushed_is_what_is_pulled() {
    let (fake, engine, repository, tag) = beside_registry();
    let name = repository.tagged(&tag).to_string();
    let before = engine.inspect(&name).unwrap();
    let digest = engine.push((&repository, &tag), Some(&me(USER.1)), &limits(), &mut |_| {}).unwrap();
    let other: Tag = "2.0".parse().unwrap();
    engine.tag(&before.id, &repository, &other).unwrap();
    assert_eq!(
        engine.push((&repository, &other), Some(&me(USER.1)), &limits(), &mut |_| {}).unwrap(),
        digest
    );
    engine.remove_image(&before.id).unwrap();
    assert!(engine.inspect(&name).unwrap_err().is_not_found());

    let pinned = repository.at(&digest);
    let mut seen = Vec::new();
    // A line may come in as many pieces as it has bytes.
    fake.fault("POST /images/create", 1, Fault::Drip(Duration::from_micros(10)));
    let pulled = engine.pull(&pinned, Some(&me(USER.1)), &limits(), &mut |it| seen.push(it)).unwrap();
    assert_eq!((&pulled.id, &pulled.layers), (&before.id, &before.layers));
    assert_eq!(pulled.digests, [pinned]);
    let loading = seen.iter().find(|transfer| transfer.status == "Downloading").unwrap();
    assert_eq!((loading.done, loading.total, loading.layer.len()), (1024, 1024, 12));
    // A tag that nobody named is `latest`.
    let error = engine
        .pull(
            &repository.to_string().parse::<Reference>().unwrap(),
            Some(&me(USER.1)),
            &limits(),
            &mut |_| {},
        )
        .unwrap_err();
    assert!(error.to_string().contains(":latest not found: manifest unknown"), "{error}");
}

#[test]
fn a_refused_pull_is_told_with_what_to_do() {
    let (fake, engine, repository, tag) = beside_registry();
    let reference = repository.tagged(&tag);
    let pull = |who: Option<&Credentials>| engine.pull(&reference, who, &limits(), &mut |_| {}).unwrap_err();
    let hint = |who: Option<&Credentials>| pull(who).hint().unwrap();
    assert!(hint(None).contains("docker login"));
    assert!(hint(Some(&me("wrong-password"))).contains("log in anew"));
    assert!(!pull(Some(&me("wrong-password"))).to_string().contains("wrong-password"));
    for (fault, words, hint) in [
        (Fault::Refused(404, "pull access denied"), "pull access denied", "the credentials lack the right"),
        (
            Fault::Refused(500, "toomanyrequests: You have reached your pull rate limit."),
            "toomanyrequests",
            "use a mirror",
        ),
        (
            Fault::Refused(500, "Get: x509: certificate signed by unknown authority"),
            "x509",
            "put its CA into",
        ),
        (Fault::Refused(500, "dial tcp: lookup r: no such host"), "no such host", "the engine's DNS"),
        (
            Fault::Lines(&[
                r#"{"status":"Pulling from team/app","id":"1.0"}"#,
                r#"{"errorDetail":{"message":"write /blob: no space left on device"},"error":"write"}"#,
            ]),
            "no space left on device",
            "docker system prune",
        ),
        (Fault::Cut(40), "the engine went away (", "still running"),
        (Fault::NoAnswer, "the engine went away (", "still running"),
    ] {
        fake.fault("POST /images/create", 1, fault);
        let error = pull(None);
        assert!(error.to_string().starts_with(&format!("cannot pull image {reference}: ")), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.hint().unwrap_or_default().contains(hint), "{error}");
    }
    assert_eq!(fake.faults_left(), Vec::<&str>::new());
}

#[test]
fn what_came_with_another_digest_is_refused() {
    let (fake, engine, repository, tag) = beside_registry();
    let digest = slipway_image::Digest::of(b"another");
    let pinned = repository.at(&digest);
    let name = repository.tagged(&tag).to_string();
    // An engine that says that it is well, and has something else under the name.
    fake.fault("POST /images/create", 1, Fault::Lines(&[r#"{"status":"Status: Image is up to date"}"#]));
    fake.state(|state| state.image_mut(&name).unwrap().tags.insert(pinned.to_string()));
    let error = engine.pull(&pinned, None, &limits(), &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("what came does not have this digest"), "{error}");
}

#[test]
fn a_push_that_is_refused_in_the_midst_is_told() {
    let (fake, engine, repository, tag) = beside_registry();
    let push = |who: Option<&Credentials>| engine.push((&repository, &tag), who, &limits(), &mut |_| {});
    for (who, words, hint) in [
        (None, "no basic auth credentials", "docker login"),
        (Some(me("wrong-password")), "unauthorized", "log in anew"),
    ] {
        let error = push(who.as_ref()).unwrap_err();
        assert!(error.to_string().contains(words) && error.hint().unwrap().contains(hint), "{error}");
    }
    for (fault, words) in [
        (
            Fault::Lines(&[r#"{"errorDetail":{"message":"denied: installation not allowed to Write"}}"#]),
            "denied: ",
        ),
        (Fault::Cut(60), "the engine went away ("),
        (Fault::Drip(Duration::from_micros(10)), "no basic auth credentials"),
    ] {
        fake.fault("POST /images/*/push", 1, fault);
        let error = push(None).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    // It is done, and the registry does not have it.
    let me = me(USER.1);
    fake.fault("GET /distribution/*", 1, Fault::Refused(404, "manifest unknown"));
    let error = push(Some(&me)).unwrap_err();
    assert!(error.to_string().starts_with("cannot read back image "), "{error}");
    let other = r#"{"Descriptor":{"mediaType":"m","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":1},"Platforms":[]}"#;
    fake.fault("GET /distribution/*", 1, Fault::Lines(Box::leak(Box::new([other]))));
    let error = push(Some(&me)).unwrap_err();
    assert!(error.to_string().contains("but the registry has sha256:e3b0"), "{error}");
    // It names no digest, and the image has none of there: nothing is believed.
    fake.state(|state| state.images.iter_mut().for_each(|image| image.digests.clear()));
    fake.fault("POST /images/*/push", 1, Fault::Lines(&[r#"{"status":"done"}"#]));
    let error = push(Some(&me)).unwrap_err();
    assert!(error.to_string().contains("it names no digest after the push"), "{error}");
}
