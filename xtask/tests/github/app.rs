//! Logging in as a GitHub App: the signature is verified with the public key, the token is for one repository and few
//! rights, and it is made anew in time.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::json;
use xtask::tools::github::{Address, App, BadApp, GitHub, GitHubError, Identity};
use xtask::tools::interrupt::Interrupt;
use xtask::tools::variables::Variables;

#[cfg(feature = "docker")]
use crate::fake::Run;
use crate::fake::{APP, Fake, REPOSITORY, What};
use crate::project::{Workspace, record};
use crate::support::QUICK;

static PKCS1: LazyLock<String> = LazyLock::new(|| pem("RSA PRIVATE KEY", include_bytes!("app/pkcs1.der")));
static PKCS8: LazyLock<String> = LazyLock::new(|| pem("PRIVATE KEY", include_bytes!("app/pkcs8.der")));
static OTHER: LazyLock<String> = LazyLock::new(|| pem("RSA PRIVATE KEY", include_bytes!("app/other.der")));
static ELLIPTIC: LazyLock<String> =
    LazyLock::new(|| pem("EC PRIVATE KEY", include_bytes!("app/elliptic.der")));

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn variables(key: &str, more: &[(&str, &str)]) -> Variables {
    let own = [("SLIPWAY_GITHUB_APP_ID", APP), ("SLIPWAY_GITHUB_APP_PRIVATE_KEY", key)];
    own.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn open(fake: &Fake, env: &Variables) -> GitHub {
    let address = Variables::from([("GITHUB_API_URL".to_owned(), fake.address())]);
    let identity = Identity::App(Box::new(App::find(env).unwrap().unwrap()));
    let repository = REPOSITORY.parse().unwrap();
    GitHub::open(&Address::of(&address).unwrap(), Some(&identity), repository, QUICK, Interrupt::default())
        .unwrap()
}

fn refused(github: &GitHub) -> (String, String) {
    let error = github.comments(1).unwrap_err();
    assert!(matches!(error, GitHubError::App { .. }), "{error:?}");
    (error.to_string(), error.hint().unwrap())
}

#[test]
fn either_form_of_the_key_logs_in_for_one_repository_with_few_rights() {
    let in_one_line = PKCS1.replace('\n', "\\n");
    for key in [&*PKCS1, &PKCS8, &in_one_line] {
        let fake = Fake::below("/api/v3");
        let github = open(&fake, &variables(key, &[]));
        github.create_comment(1, (0, None), "hello").unwrap();
        assert_eq!(github.comments(1).unwrap().len(), 1);
        let wanted = json!({
            "repositories": ["parcels"],
            "permissions": { "contents": "read", "issues": "write", "pull_requests": "write", "statuses": "read" },
        });
        assert_eq!(
            fake.state(|state| state.app.wanted.clone()),
            [wanted],
            "once, and never more than was given"
        );
        let token = fake.requests().pop().unwrap();
        assert_eq!(token.header("authorization"), Some("Bearer ghs_of_the_app_1"));
    }
}

#[test]
fn a_token_is_made_anew_before_it_ends() {
    let fake = Fake::start();
    // Less than ten minutes are left of each: it is made anew for each request, and the earlier ones are refused.
    fake.state(|state| state.app.life = TimeDelta::minutes(9));
    let github = open(&fake, &variables(&PKCS1, &[]));
    for _ in 0..3 {
        github.comments(1).unwrap();
    }
    assert_eq!(fake.state(|state| state.app.wanted.len()), 3);
}

#[test]
fn an_installation_that_is_named_is_not_looked_for() {
    let fake = Fake::start();
    let all = json!({
        "actions": "read", "checks": "write", "contents": "read", "issues": "write", "pull_requests": "write",
        "security_events": "write", "statuses": "write",
    });
    fake.state(|state| state.app.granted = all.clone());
    let named = [("SLIPWAY_GITHUB_APP_INSTALLATION_ID", "42")];
    open(&fake, &variables(&PKCS1, &named)).comments(1).unwrap();
    assert_eq!(
        fake.log()[..2],
        ["GET /app/installations/42", "POST /app/installations/42/access_tokens"].map(str::to_owned)
    );
    assert_eq!(fake.state(|state| state.app.wanted[0]["permissions"].clone()), all);
    let wrong = [("SLIPWAY_GITHUB_APP_INSTALLATION_ID", "43")];
    let (told, hint) = refused(&open(&fake, &variables(&PKCS1, &wrong)));
    assert!(told.contains("it has no such installation") && hint.contains("unset"), "{told}");
    fake.state(|state| state.app.granted = json!({ "issues": "write" }));
    open(&fake, &variables(&PKCS1, &named)).comments(1).unwrap();
    let wanted = fake.state(|state| state.app.wanted.last().cloned()).unwrap();
    assert_eq!(wanted["permissions"], json!({ "issues": "write" }), "what it was not given is left out");
}

#[test]
fn rights_that_are_gone_by_then_are_told() {
    let fake = Fake::start();
    let body = r#"{"message":"The permissions requested are not granted to this installation."}"#;
    fake.fault("POST", "/access_tokens", 1, What::Answer(422, Vec::new(), body.to_owned()));
    let (told, hint) = refused(&open(&fake, &variables(&PKCS1, &[])));
    assert!(told.contains("was not given these rights") && hint.contains("docs/login.md"), "{told}");
}

#[test]
fn an_app_knows_its_own_comment() {
    let fake = Fake::start();
    let mut workspace =
        Workspace::new(&fake).env("SLIPWAY_GITHUB_APP_ID", APP).env("SLIPWAY_GITHUB_APP_PRIVATE_KEY", &PKCS8);
    for run in [7, 8] {
        workspace = workspace.with(&record(run));
        assert_eq!(workspace.run(&["comment"]).code, 0);
    }
    let written = fake
        .requests()
        .into_iter()
        .filter(|asked| asked.method == "POST" && asked.path.ends_with("/comments"));
    assert_eq!(written.count(), 1, "the second run updates it, and nobody is told of another one");
    assert_eq!(fake.state(|state| state.comments.len()), 1);
}

#[test]
fn why_an_app_cannot_log_in_is_told() {
    let fake = Fake::start();
    let (told, hint) = refused(&open(&fake, &variables(&OTHER, &[])));
    assert!(told.starts_with("GitHub App 4711 cannot log in: GitHub does not know its key (GET "), "{told}");
    assert!(hint.contains("SLIPWAY_GITHUB_APP_ID"), "{hint}");
    for minutes in [-5, 15] {
        fake.state(|state| state.clock = TimeDelta::minutes(minutes));
        let (told, hint) = refused(&open(&fake, &variables(&PKCS1, &[])));
        assert!(told.contains("GitHub's clock and this machine's differ"), "{told}");
        assert!(hint.contains("set the clock"), "{hint}");
    }
    fake.forgive();
    fake.state(|state| (state.clock, state.app.is_installed) = (TimeDelta::zero(), false));
    let (told, hint) = refused(&open(&fake, &variables(&PKCS1, &[])));
    assert!(told.contains("it is not installed in ada/parcels") && hint.contains("install it"), "{told}");
}

#[test]
fn a_key_that_cannot_be_used_is_told_without_the_key() {
    let told = |env: &Variables| {
        let error = App::find(env).unwrap_err();
        format!("{error}; {}", error.hint())
    };
    let elliptic = told(&variables(&ELLIPTIC, &[]));
    assert!(elliptic.contains("SLIPWAY_GITHUB_APP_PRIVATE_KEY, is a key on an elliptic curve"), "{elliptic}");
    let cut = told(&variables(&PKCS1[..400], &[]));
    assert!(cut.contains("is cut off") && !cut.contains(&PKCS1[60..80]), "{cut}");
    let relabelled = PKCS1.replace("RSA PRIVATE", "PRIVATE");
    assert!(told(&variables(&relabelled, &[])).contains("is no RSA key of 2048 to 4096 bits"));
    let both = [("SLIPWAY_GITHUB_APP_PRIVATE_KEY_FILE", "key.pem")];
    assert!(told(&variables(&PKCS1, &both)).contains("are both set"));
    let without = |name: &str| {
        let mut env = variables(&PKCS1, &[]);
        env.remove(name);
        App::find(&env)
    };
    let missing = BadApp::Missing("SLIPWAY_GITHUB_APP_PRIVATE_KEY");
    assert_eq!(without("SLIPWAY_GITHUB_APP_PRIVATE_KEY").unwrap_err(), missing);
    assert_eq!(without("SLIPWAY_GITHUB_APP_ID").unwrap_err(), BadApp::Missing("SLIPWAY_GITHUB_APP_ID"));
    assert!(App::find(&BTreeMap::new()).unwrap().is_none());
}

#[test]
fn the_key_may_lie_in_a_file_and_nothing_of_it_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    std::fs::write(&path, &*PKCS1).unwrap();
    let own = [
        ("SLIPWAY_GITHUB_APP_ID", "Iv1.0123456789abcdef"),
        ("SLIPWAY_GITHUB_APP_PRIVATE_KEY_FILE", path.to_str().unwrap()),
    ];
    let env: Variables = own.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let app = App::find(&env).unwrap().unwrap();
    assert_eq!(
        app.to_string(),
        "GitHub App Iv1.0123456789abcdef, key from SLIPWAY_GITHUB_APP_PRIVATE_KEY_FILE"
    );
    assert!(format!("{app:?}").contains("key: ***"), "{app:?}");
    std::fs::write(&path, vec![b'-'; 70 << 10]).unwrap();
    assert!(App::find(&env).unwrap_err().to_string().contains("which no key has"));
    std::fs::remove_file(&path).unwrap();
    assert!(App::find(&env).unwrap_err().to_string().contains("key.pem"));
}

#[test]
fn people_are_told_who_comments_and_never_with_what() {
    let fake = Fake::start();
    let workspace = Workspace::new(&fake)
        .env("SLIPWAY_GITHUB_APP_ID", APP)
        .env("SLIPWAY_GITHUB_APP_PRIVATE_KEY", &PKCS8)
        .env("GITHUB_TOKEN", "ghs_bot")
        .with(&record(7));
    let doctor = workspace.run(&["doctor"]);
    let row = doctor.stdout.lines().find(|line| line.starts_with("GitHub login")).unwrap_or_default();
    assert!(row.contains("GitHub App 4711, key from SLIPWAY_GITHUB_APP_PRIVATE_KEY"), "{}", doctor.stdout);
    assert_eq!(fake.log(), [""; 0], "doctor asks nobody");
    let ran = workspace.run(&["comment", "--verbose"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, "commented on pull request 1\n"));
    assert_eq!(fake.state(|state| state.comments.values().next().unwrap().author.clone()), "parcels[bot]");
    let broken = workspace.env("SLIPWAY_GITHUB_APP_PRIVATE_KEY", &PKCS8[..900]);
    let (doctor, ran) = (broken.run(&["doctor"]), broken.run(&["comment"]));
    assert!(doctor.stdout.contains("is cut off"), "{}", doctor.stdout);
    assert!(ran.code == 3 && ran.stderr.contains("hint: take the file that GitHub gave"), "{}", ran.stderr);
    for told in [doctor.stdout, doctor.stderr, ran.stdout, ran.stderr] {
        assert!(!PKCS8.lines().any(|line| line.len() > 40 && told.contains(line)), "{told}");
    }
}

#[cfg(feature = "docker")]
#[test]
fn a_delivery_may_ask_who_has_attested_an_image_unless_nobody_wants_to_know() {
    for (attestations, right) in [("auto", Some("read")), ("never", None)] {
        let fake = Fake::start();
        fake.state(|state| {
            state.app.granted["attestations"] = json!("read");
            state.runs.insert(7, Run { conclusion: Some("failure"), ..Run::default() });
        });
        let workspace = Workspace::new(&fake).env("SLIPWAY_GITHUB_APP_ID", APP);
        let workspace = workspace.env("SLIPWAY_GITHUB_APP_PRIVATE_KEY", &PKCS8);
        let ran = workspace.env("SLIPWAY_GITHUB_ATTESTATIONS", attestations).run(&["cd", "--run-id", "7"]);
        assert!(ran.code == 2 && ran.stderr.contains("run 7 ended with failure"), "{}", ran.stderr);
        let wanted = fake.state(|state| state.app.wanted[0]["permissions"]["attestations"].clone());
        assert_eq!(wanted.as_str(), right, "{attestations}");
    }
}
