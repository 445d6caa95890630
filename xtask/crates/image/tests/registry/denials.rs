//! "Denied" is explained: who, what right, where to, what to do.

use slipway_image::registry::{Credentials, Options, Push, RegistryError, Right};

use super::fake::{Access, Fake, Tokens, What};
use super::support::{client, image, reference, repository, told, user};

fn push_error(fake: &Fake, credentials: Credentials) -> RegistryError {
    let image = image(&[1000]);
    let to = repository(fake, "team/app");
    let push = Push { root: &image.root, blobs: &image.folder, to: &to, tags: &[], mount_from: &[] };
    client(fake, credentials, Options::default()).push(&push).unwrap_err()
}

#[test]
fn a_wrong_password() {
    let fake = Fake::with(Access::Basic("alice", "hunter22"));
    let error = push_error(&fake, user("alice", "wrong-word"));
    let host = fake.host();
    let text = told(&error);
    assert!(
        text.starts_with(&format!(
            "`alice` may not push to {host}/team/app: HEAD http://{host}/v2/team/app/manifests/"
        )),
        "{text}"
    );
    assert!(text.contains("was answered 401 Unauthorized"), "{text}");
    assert!(
        text.contains(&format!(
            "hint: the password or token may be wrong or expired: log in to {host} again"
        )),
        "{text}"
    );
    assert!(!text.contains("wrong-word"), "{text}");
    // Once without, once with the password: a wrong one is not tried again, which would lock the account.
    assert_eq!(fake.log().len(), 2);
}

#[test]
fn no_password() {
    let fake = Fake::with(Access::Basic("alice", "hunter22"));
    let text = told(&push_error(&fake, Credentials::anonymous()));
    assert!(text.starts_with("a client without credentials may not push to "), "{text}");
    assert!(text.contains("hint: give credentials: `docker login 127.0.0.1:"), "{text}");
}

#[test]
fn a_token_without_the_right_to_push() {
    // Its service gives a lesser token instead of an error, as Docker's does.
    let fake = Fake::with(Access::Tokens(Tokens::default()));
    let error = push_error(&fake, Credentials::anonymous());
    assert_eq!(error.denied().unwrap().right, Right::Push);
    assert_eq!(error.status(), Some(401));
    // One renewal, not an endless row of them.
    assert_eq!(fake.log().iter().filter(|line| line.contains("/token")).count(), 2);
}

#[test]
fn the_token_service_says_no() {
    let fake = Fake::with(Access::Tokens(Tokens {
        users: [("alice", "x")].into(),
        is_closed: true,
        ..Tokens::default()
    }));
    let text = told(&push_error(&fake, user("alice", "hunter22")));
    assert!(
        text.contains("/token?… was answered 401 Unauthorized: UNAUTHORIZED: incorrect username or password"),
        "{text}"
    );
    let text = told(&push_error(&fake, Credentials::anonymous()));
    assert!(text.contains("403 Forbidden: DENIED: requested access to the resource is denied"), "{text}");
}

#[test]
fn the_registry_says_no_to_the_push_alone() {
    let fake = Fake::start();
    let body = r#"{"errors":[{"code":"DENIED","message":"permission_denied: write_package"}]}"#;
    fake.fault("POST", "/blobs/uploads/", 9, What::Answer(403, vec![], body));
    let text = told(&push_error(&fake, user("alice", "hunter22")));
    assert!(text.contains("`alice` may not push to"), "{text}");
    assert!(text.contains("403 Forbidden: DENIED: permission_denied: write_package"), "{text}");
    assert!(text.contains("hint: ask whoever runs 127.0.0.1:"), "{text}");
    // Not tried again.
    assert_eq!(fake.log().iter().filter(|line| line.starts_with("POST")).count(), 1);
}

#[test]
fn an_echo_of_the_password_is_not_told() {
    let fake = Fake::start();
    fake.fault("HEAD", "/manifests/", 1, What::Answer(400, vec![], "x"));
    fake.fault(
        "GET",
        "/manifests/",
        1,
        What::Answer(403, vec![], "bad password hunter22, or dTpodW50ZXIyMg=="),
    );
    let registry = client(&fake, user("u", "hunter22"), Options::default());
    let text = told(&registry.manifest(&reference(&fake, "app:1")).unwrap_err());
    assert!(text.contains("bad password ***, or ***"), "{text}");
}
