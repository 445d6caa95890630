//! How the client says who it is.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use slipway_image::registry::{Credentials, Options, Secret};

use super::fake::{Access, Fake, Tokens, What};
use super::pushing::push;
use super::support::{Clock, client, image, reference, repository, tags, user};

fn tokens() -> Tokens {
    Tokens { users: [("alice", "hunter22")].into(), ..Tokens::default() }
}

#[test]
fn one_token_does_for_a_whole_push() {
    let fake = Fake::with(Access::Tokens(tokens()));
    let registry = client(&fake, user("alice", "hunter22"), Options { parallel: 1, ..Options::default() });
    push(&registry, &image(&[1000]), &repository(&fake, "team/app"), &tags(&["1"]));
    let requests = fake.requests();
    let given: Vec<_> = requests.iter().filter(|asked| asked.path == "/token").collect();
    assert_eq!(given.len(), 1);
    assert_eq!(given[0].query("scope"), Some("repository:team/app:pull,push"));
    assert_eq!(
        (given[0].query("service"), given[0].query("account")),
        (Some("fake registry"), Some("alice"))
    );
    // The password goes to the token service only.
    assert!(
        requests.iter().filter(|asked| asked.path != "/token").all(|asked| {
            asked.header("authorization").is_none_or(|header| header.starts_with("Bearer "))
        })
    );
    assert_eq!(requests.iter().filter(|asked| asked.header("authorization").is_none()).count(), 1);
}

#[test]
fn a_token_that_the_registry_does_not_take_any_more_is_renewed() {
    let fake = Fake::with(Access::Tokens(Tokens { uses: Some(3), ..tokens() }));
    let registry =
        client(&fake, user("alice", "hunter22"), Options { parallel: 1, chunk: 400, ..Options::default() });
    push(&registry, &image(&[1000]), &repository(&fake, "app"), &tags(&["1"]));
    assert!(fake.log().iter().filter(|line| line.contains("/token")).count() > 3);
}

#[test]
fn a_token_is_renewed_before_its_end() {
    let fake = Fake::with(Access::Tokens(Tokens { life: Some(300), ..tokens() }));
    let clock = Arc::new(Clock::default());
    let options = Options { watch: clock.clone(), ..Options::default() };
    let registry = client(&fake, user("alice", "hunter22"), options);
    push(&registry, &image(&[10]), &repository(&fake, "app"), &tags(&["1"]));
    let look = || {
        fake.log();
        registry.resolve(&reference(&fake, "app:1")).unwrap();
        fake.log()
    };
    // The right to pull is another token than the right to push.
    assert_eq!(look().len(), 2);
    assert_eq!(look().len(), 1);
    *clock.slept.lock().unwrap() += Duration::from_secs(289);
    assert_eq!(look().len(), 1);
    *clock.slept.lock().unwrap() += Duration::from_secs(2);
    assert_eq!(look()[0], "GET /token");
}

#[test]
fn nobody_may_pull_what_is_public() {
    let fake = Fake::with(Access::Tokens(tokens()));
    let alice = client(&fake, user("alice", "hunter22"), Options::default());
    let image = image(&[10]);
    push(&alice, &image, &repository(&fake, "app"), &tags(&["1"]));
    let nobody = client(&fake, Credentials::anonymous(), Options::default());
    assert_eq!(nobody.resolve(&reference(&fake, "app:1")).unwrap().digest, image.root.digest);
}

#[test]
fn an_identity_token_is_exchanged() {
    let fake = Fake::with(Access::Tokens(Tokens { identity: Some("a~b+c&d="), ..tokens() }));
    let identity = Credentials::identity_token(Secret::new("a~b+c&d=")).unwrap();
    push(
        &client(&fake, identity, Options::default()),
        &image(&[10]),
        &repository(&fake, "app"),
        &tags(&["1"]),
    );
    assert!(fake.log().contains(&"POST /token".to_owned()));
}

#[test]
fn a_password_with_hard_characters_arrives_as_it_is() {
    const PASSWORD: &str = "a~b?c>d \u{fc}\u{20ac}\u{1f512}:/+=%\"";
    let fake = Fake::with(Access::Basic("\u{e4}lice", PASSWORD));
    let registry = client(&fake, user("\u{e4}lice", PASSWORD), Options::default());
    registry.ping().unwrap();
    let fake = Fake::with(Access::Tokens(Tokens { users: [("\u{e4}lice", PASSWORD)].into(), ..tokens() }));
    let registry = client(&fake, user("\u{e4}lice", PASSWORD), Options::default());
    push(&registry, &image(&[10]), &repository(&fake, "app"), &tags(&["1"]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_password_opens_the_registry(password in "[^\\p{Cc}]{1,30}") {
        let password: &'static str = Box::leak(password.into_boxed_str());
        let fake = Fake::with(Access::Basic("u", password));
        client(&fake, user("u", password), Options::default()).ping().unwrap();
    }
}

#[test]
fn a_token_service_that_is_not_safe_gets_no_password() {
    let fake = Fake::start();
    let challenge = r#"WWW-Authenticate: Bearer realm="http://tokens.example/token",service="x""#.to_owned();
    fake.fault("GET", "/v2/", 1, What::Answer(401, vec![challenge], ""));
    let error = client(&fake, user("alice", "hunter22"), Options::default()).ping().unwrap_err().to_string();
    assert!(
        error.contains("http://tokens.example/token speaks plain HTTP; no password is sent there"),
        "{error}"
    );
}

#[test]
fn what_a_token_service_answers_is_checked() {
    for (body, sentence) in [
        ("not json", "the answer holds no token"),
        (r#"{"token":""}"#, "the answer holds no token"),
        (r#"{"token":"a\r\nb"}"#, "the answer holds no token"),
    ] {
        let fake = Fake::with(Access::Tokens(tokens()));
        fake.fault("GET", "/token", 1, What::Answer(200, vec![], body));
        let registry = client(&fake, user("alice", "hunter22"), Options::default());
        let error = registry.resolve(&reference(&fake, "app:1")).unwrap_err().to_string();
        assert!(error.contains(sentence), "{error}");
    }
}
