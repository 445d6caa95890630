//! Each check once as it holds and once as it is broken; and that what nobody saw is not green.

use super::*;
use crate::model::checks::tests::{message, told};

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn contents() -> Contents {
    Contents {
        user: "1000:1000".to_owned(),
        entrypoint: strings(&["/app/app"]),
        args: strings(&["serve"]),
        ports: strings(&["8080/tcp"]),
        files: 12,
        ..Contents::default()
    }
}

fn seen() -> Seen {
    Seen {
        uid: None,
        setuid: Some(Vec::new()),
        shells: Some(Vec::new()),
        env: BTreeMap::from([("RUST_LOG".to_owned(), "info".to_owned())]),
        workdir: "/app".to_owned(),
        paths: BTreeMap::from([("/app/app".to_owned(), true), ("/bin/sh".to_owned(), false)]),
    }
}

fn expected() -> Expected {
    Expected {
        non_root: true,
        user: Some("1000:1000".to_owned()),
        no_setuid: true,
        no_shell: true,
        entrypoint: strings(&["/app/app"]),
        args: strings(&["serve"]),
        env: BTreeMap::from([("RUST_LOG".to_owned(), "info".to_owned())]),
        ports: strings(&["8080"]),
        workdir: Some("/app".to_owned()),
        must_have: strings(&["/app/app"]),
        must_not_have: strings(&["/bin/sh"]),
    }
}

#[test]
fn an_image_that_is_as_required_passes_every_check() {
    let held = [
        "+ runs as 1000:1000, not root",
        "+ no file is setuid or setgid",
        "+ has no shell",
        r#"+ entrypoint is ["/app/app"]"#,
        r#"+ args are ["serve"]"#,
        "+ has the variable RUST_LOG=info",
        "+ declares port 8080/tcp",
        "+ starts in /app",
        "+ /app/app exists",
        "+ /bin/sh does not exist",
    ];
    assert_eq!(told(&check("app", &contents(), &seen(), &expected())), held);
    assert_eq!(check("app", &contents(), &seen(), &Expected::default()), []);
}

#[test]
fn an_image_that_is_nothing_as_required_fails_every_check() {
    let contents = Contents { files: 12, ..Contents::default() };
    let seen = Seen {
        setuid: Some(strings(&["/bin/su", "/bin/mount", "/bin/ping", "/bin/chsh"])),
        shells: Some(strings(&["/bin/sh"])),
        paths: BTreeMap::from([("/app/app".to_owned(), false), ("/bin/sh".to_owned(), true)]),
        ..Seen::default()
    };
    let cases = check("app", &contents, &seen, &expected());
    assert!(told(&cases).iter().all(|case| case.starts_with('-')), "{cases:?}");
    for (name, says) in [
        (
            "runs as 1000:1000, not root",
            "it runs as root, as no user is set, and not as 1000:1000; set `user`",
        ),
        (
            "no file is setuid or setgid",
            "4 setuid or setgid files: /bin/su, /bin/mount, /bin/ping and 1 more; take",
        ),
        ("has no shell", "1 shell: /bin/sh; take a base without one"),
        (r#"entrypoint is ["/app/app"]"#, "it has none; set `entrypoint`"),
        ("has the variable RUST_LOG=info", "it has no variable RUST_LOG; set it"),
        ("declares port 8080/tcp", "it declares no port; declare it by `ports`"),
        ("starts in /app", "it starts in no folder that is set; set `workdir`"),
        ("/app/app exists", "it is not in the image; copy it"),
        ("/bin/sh does not exist", "it is in the image; leave it out"),
    ] {
        assert!(message(&cases, name).starts_with(says), "{}", message(&cases, name));
    }
    assert_eq!(cases[1].output, "/bin/su\n/bin/mount\n/bin/ping\n/bin/chsh");
}

#[test]
fn root_is_known_under_each_of_its_names() {
    let required = Expected { non_root: true, ..Expected::default() };
    let of = |user: &str, uid| {
        let contents = Contents { user: user.to_owned(), ..contents() };
        told(&check("app", &contents, &Seen { uid, ..seen() }, &required)).concat()
    };
    for root in ["", " ", "0", "00", "0:1000", "root", "root:app"] {
        assert_eq!(of(root, None), "- does not run as root", "{root:?}");
    }
    assert_eq!(of("1000", None), "+ does not run as root");
    assert_eq!(of("app", Some(1000)), "+ does not run as root");
    assert_eq!(of("toor", Some(0)), "- does not run as root");
    assert_eq!(of("app", None), "? does not run as root");
}

#[test]
fn another_value_is_told() {
    let mut seen = seen();
    seen.env.insert("RUST_LOG".to_owned(), "debug".to_owned());
    let contents =
        Contents { entrypoint: strings(&["/bin/sh", "-c"]), ports: strings(&["8080/udp"]), ..contents() };
    let cases = check("app", &contents, &seen, &expected());
    assert!(message(&cases, r#"entrypoint is ["/app/app"]"#).starts_with(r#"it is ["/bin/sh","-c"]; "#));
    assert!(message(&cases, "has the variable RUST_LOG=info").starts_with(r#"RUST_LOG is "debug"; "#));
    assert!(message(&cases, "declares port 8080/tcp").starts_with("it declares 8080/udp; "));
}

#[test]
fn what_nobody_saw_is_not_green() {
    let required =
        Expected { no_setuid: true, no_shell: true, must_have: strings(&["/x"]), ..Expected::default() };
    let skipped = ["? no file is setuid or setgid", "? has no shell", "? /x exists"];
    assert_eq!(told(&check("app", &contents(), &Seen::default(), &required)), skipped);
    let empty = Contents { files: 0, ..contents() };
    assert_eq!(told(&check("app", &empty, &seen(), &required)), skipped);
}
