//! Pushes and pulls, with a real registry that wants a password.

use std::time::{SystemTime, UNIX_EPOCH};

use slipway_image::{Digest, Repository, Tag};
use tempfile::TempDir;
use xtask::kit::secret::Secret;
use xtask::tools::docker::{BuildSpec, Builder, Cache, Credentials, Engine};

use super::peer::Registry;
use super::support::{Test, archive, limits};

pub(crate) const TESTS: &[(&str, Test)] = &[
    ("registries::what_is_pushed_is_what_is_pulled", what_is_pushed_is_what_is_pulled),
    ("registries::any_password_arrives", any_password_arrives),
    ("registries::a_refusal_is_told_with_what_to_do", a_refusal_is_told_with_what_to_do),
    ("registries::a_base_image_behind_a_password_is_used", a_base_image_behind_a_password_is_used),
];

fn credentials(user: &str, password: &str) -> Credentials {
    Credentials::Password { user: user.to_owned(), password: Secret::new(password) }
}

/// An image of its own, under a name in the registry.
fn image(engine: &Engine, repository: &Repository, tag: &Tag) {
    let folder = TempDir::new().unwrap();
    engine.load(&archive(folder.path(), &repository.tagged(tag).to_string()), &limits()).unwrap();
}

fn push(engine: &Engine, name: (&Repository, &Tag), who: Option<&Credentials>) -> Result<Digest, String> {
    let pushed = engine.push(name, who, &limits(), &mut |_| {});
    pushed.map_err(|error| format!("{error}; {}", error.hint().unwrap_or_default()))
}

fn what_is_pushed_is_what_is_pulled(engine: &Engine) {
    let registry = Registry::start(&[("me", "secret")]);
    let (repository, tag) = (registry.repository("a/b"), "1.0".parse().unwrap());
    image(engine, &repository, &tag);
    let before = engine.inspect(&repository.tagged(&tag).to_string()).unwrap();
    let me = credentials("me", "secret");
    let digest = push(engine, (&repository, &tag), Some(&me)).unwrap();
    let other: Tag = "2.0".parse().unwrap();
    engine.tag(&before.id, &repository, &other).unwrap();
    assert_eq!(push(engine, (&repository, &other), Some(&me)).unwrap(), digest);
    for tag in [&tag, &other] {
        engine.remove_image(&repository.tagged(tag).to_string()).unwrap();
    }

    let name = repository.at(&digest);
    let mut seen = Vec::new();
    let pulled =
        engine.pull(&name, Some(&me), &limits(), &mut |transfer| seen.push(transfer.status)).unwrap();
    assert_eq!((&pulled.id, &pulled.layers), (&before.id, &before.layers));
    assert!(pulled.digests.contains(&name) && pulled.tags.is_empty(), "{pulled:?}");
    assert!(seen.iter().any(|status| status.contains(digest.as_str())), "{seen:?}");
    engine.remove_image(&name.to_string()).unwrap();
    let by_tag = engine.pull(&repository.tagged(&tag), Some(&me), &limits(), &mut |_| {}).unwrap();
    assert_eq!(by_tag.id, before.id);
    engine.remove_image(&repository.tagged(&tag).to_string()).unwrap();
    assert!(engine.inspect(&before.id).unwrap_err().is_not_found());
}

fn any_password_arrives(engine: &Engine) {
    // Each falls on `+` or `/` of the common alphabet of base64 at one of the three places.
    let passwords = [
        "a~",
        "aa~",
        "aaa~",
        "a?b>c~",
        ">>>",
        "???",
        "~~~",
        "p\u{e4}ss\u{2192}w\u{f6}rd",
        "\u{10ffff}",
        "+/=\"\\",
    ];
    let users: Vec<String> = (0..passwords.len()).map(|number| format!("user{number}")).collect();
    let both: Vec<(&str, &str)> = users.iter().map(String::as_str).zip(passwords).collect();
    let registry = Registry::start(&both);
    let tag = "1".parse().unwrap();
    let repository = registry.repository("any");
    image(engine, &repository, &tag);
    for (user, password) in both {
        let pushed = push(engine, (&repository, &tag), Some(&credentials(user, password)));
        assert!(pushed.is_ok(), "{password}: {pushed:?}");
    }
    engine.remove_image(&repository.tagged(&tag).to_string()).unwrap();
}

fn a_refusal_is_told_with_what_to_do(engine: &Engine) {
    let registry = Registry::start(&[("me", "secret")]);
    let (repository, tag) = (registry.repository("no"), "1".parse().unwrap());
    image(engine, &repository, &tag);
    let error = push(engine, (&repository, &tag), None).unwrap_err();
    assert!(error.contains("no basic auth credentials") && error.contains("docker login"), "{error}");
    let wrong = credentials("me", "wrong-password");
    let error = push(engine, (&repository, &tag), Some(&wrong)).unwrap_err();
    assert!(error.contains("unauthorized") && error.contains("log in anew"), "{error}");
    assert!(!error.contains("wrong-password"));
    let name = repository.tagged(&tag);
    engine.remove_image(&name.to_string()).unwrap();
    let error = engine.pull(&name, Some(&wrong), &limits(), &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("unauthorized"), "{error}");
    let me = credentials("me", "secret");
    let error = engine.pull(&name, Some(&me), &limits(), &mut |_| {}).unwrap_err();
    assert!(
        error.to_string().contains("manifest unknown") || error.to_string().contains("not found"),
        "{error}"
    );
    let error = push(engine, (&repository, &tag), Some(&me)).unwrap_err();
    assert!(error.contains("does not exist"), "{error}");
}

fn a_base_image_behind_a_password_is_used(engine: &Engine) {
    let registry = Registry::start(&[("me", "secret~?>")]);
    // BuildKit asks nobody for what it has met before, by digest: the image has to be a new one.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    let (repository, tag) = (registry.repository(&format!("base-{now}")), "1".parse().unwrap());
    let me = credentials("me", "secret~?>");
    image(engine, &repository, &tag);
    let digest = push(engine, (&repository, &tag), Some(&me)).unwrap();
    engine.remove_image(&repository.tagged(&tag).to_string()).unwrap();

    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("Dockerfile"), format!("FROM {}\nLABEL x=y\n", repository.at(&digest)))
        .unwrap();
    let mut spec = BuildSpec { limits: limits(), cache: Cache::Ignore, ..BuildSpec::new(folder.path()) };
    for builder in [Builder::Auto, Builder::Classic] {
        spec.builder = builder;
        spec.credentials.clear();
        let error = engine.build(&spec, &mut |_| {}).unwrap_err().to_string();
        assert!(
            error.contains("401")
                || error.contains("no basic auth")
                || error.contains("authorization failed"),
            "{error}"
        );
        spec.credentials.insert(registry.host.clone(), me.clone());
        let built = engine.build(&spec, &mut |_| {}).unwrap();
        engine.remove_image(&built.id).unwrap();
        engine.remove_image(&repository.at(&digest).to_string()).unwrap();
    }
}
