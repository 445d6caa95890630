//! What goes to a registry and comes back, and what is told where it does not.

use serde_json::Value;

use super::fixture::{APP, image, sandboxed, set, shop, step};
use super::registry::fake::{Access, Fake, What};
use crate::support::{Run, Workspace};

/// Up to where the image is back here.
const BACK: [&str; 4] = ["image", "push", "--only", "image.pull"];

/// Settings of an image that is kept in this registry, and says hello.
pub(crate) fn home(fake: &Fake) -> String {
    format!("{APP}repository = '{}/team/app'\nargs = ['print', 'hello']\n", fake.host())
}

const GREETS: &str = "[[smoke]]\nname = 'greets'\nstdout = ['hello']\n";

/// The digest that a tag of the registry names.
fn tagged(fake: &Fake, tag: &str) -> Option<String> {
    fake.store(|store| store.tags.get(&("team/app".to_owned(), tag.to_owned())).cloned())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// What explains how a step ended.
fn excerpt(workspace: &Workspace, id: &str) -> String {
    let record = workspace.record();
    let steps = record["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["id"] == id).unwrap();
    step["excerpt"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn what_is_pushed_comes_back_is_run_and_gets_its_tags() {
    let fake = Fake::start();
    let workspace = shop(&format!("{}{GREETS}", home(&fake)));
    let Some(run) = sandboxed(&workspace, &["image", "push"]) else { return };
    run.exits(0);
    let image = image(&workspace);
    let digest = text(&image["digest"]);
    let commit = text(&image["labels"]["org.opencontainers.image.revision"]);
    assert_eq!((text(&image["pushed"]["digest"]), text(&image["pulled"]["digest"])), (digest, digest));
    assert_eq!(text(&image["smoke"][0]["reference"]), format!("{}/team/app@{digest}", fake.host()));
    for tag in ["latest", "branch-main", &format!("sha-{commit}")] {
        assert_eq!(tagged(&fake, tag).as_deref(), Some(digest), "{tag}");
        let reference = Value::from(format!("{}/team/app:{tag}", fake.host()));
        assert!(image["pushed"]["references"].as_array().unwrap().contains(&reference), "{image:#}");
    }

    fake.log();
    workspace.run(&["image", "push"]).exits(0);
    let again = super::fixture::image(&workspace);
    assert_eq!((&again["pushed"]["uploaded"], &again["pushed"]["bytes"]), (&0.into(), &0.into()));
    assert!(fake.log().iter().all(|line| !line.starts_with("PUT ")), "nothing was new");

    // Who deploys it knows a commit, or a tag, and gets the same bytes.
    let reference = format!("{}/team/app:latest", fake.host());
    for asked in [["cd", "--sha", commit], ["cd", "--image", &reference]] {
        workspace.run(&asked).exits(0);
        let deployed = super::fixture::image(&workspace);
        assert_eq!(text(&deployed["digest"]), digest);
        assert_eq!(deployed["smoke"][0]["passed"], deployed["smoke"][0]["total"]);
        assert_eq!(step(&workspace, "image.smoke").0, "passed");
    }
}

#[test]
fn an_image_of_a_registry_is_looked_at_where_the_settings_know_nothing_of_it() {
    let fake = Fake::start();
    let reference = format!("{}/team/app:latest", fake.host());
    let first = shop(&home(&fake));
    first.run(&BACK).exits(0);
    let commit = text(&first.record()["context"]["head_sha"]).to_owned();
    let digest = text(&image(&first)["digest"]).to_owned();
    let reference = reference.replace(":latest", &format!(":sha-{commit}"));

    let other = shop("");
    other.run(&["image", "pull", &reference]).exits(0);
    let pulled = image(&other);
    assert_eq!((text(&pulled["name"]), text(&pulled["digest"])), ("app", digest.as_str()));
    assert_eq!(pulled["labels"]["org.opencontainers.image.revision"], commit.as_str());

    let told = other.run(&["image", "inspect", &reference]).exits(0).stdout;
    assert!(told.starts_with(&format!("{reference}\n")) && told.contains(&digest), "{told}");
    let json = other.run(&["image", "inspect", &reference, "--message-format", "json"]).exits(0).stdout;
    let facts: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(text(&facts["digest"]), digest);

    other.run(&["image", "sbom", &reference]).exits(0);
    let bill: Value = serde_json::from_str(&other.report("sbom/app.cdx.json")).unwrap();
    assert_eq!(bill["bomFormat"], "CycloneDX");
    let notes = other.record()["notes"].to_string();
    assert!(notes.contains("does not list its crates, so its bill of materials has none"), "{notes}");
}

#[test]
fn a_tag_that_another_branch_has_stays_where_it_is() {
    let fake = Fake::start();
    let workspace = shop(&format!("{}{GREETS}", home(&fake)));
    workspace.git(&["checkout", "--quiet", "-b", "a/b"]);
    let Some(run) = sandboxed(&workspace, &["image", "push"]) else { return };
    run.exits(0);
    let theirs = tagged(&fake, "branch-a-b").unwrap();
    workspace.git(&["checkout", "--quiet", "-b", "a-b"]).git(&[
        "commit",
        "--quiet",
        "--allow-empty",
        "--message=mine",
    ]);
    workspace.run(&["image", "push"]).exits(1).says("image.tag");
    let (status, reason) = step(&workspace, "image.tag");
    assert_eq!(status, "failed");
    assert!(reason.contains("branch-a-b") && reason.contains("refs/heads/a/b"), "{reason}");
    assert_eq!(tagged(&fake, "branch-a-b"), Some(theirs));
    let commit = text(&workspace.record()["context"]["head_sha"]).to_owned();
    assert_eq!(tagged(&fake, &format!("sha-{commit}")).as_deref(), image(&workspace)["digest"].as_str());
}

#[test]
fn a_registry_wants_to_know_who_asks() {
    let fake = Fake::with(Access::Basic("ada", "hunter22"));
    let workspace = shop(&home(&fake));
    let push = |variables: &[(&str, &str)]| {
        let output = workspace.command(&BACK).envs(variables.iter().copied()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(said).unwrap())
    };
    let (user, password) = ("SLIPWAY_REGISTRY_USERNAME", "SLIPWAY_REGISTRY_PASSWORD");

    let (code, said) = push(&[]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("a client without credentials may not push to"), "{said}");
    assert!(excerpt(&workspace, "image.push").contains("hint: give credentials"), "{said}");

    let (code, said) = push(&[(user, "ada"), (password, "wrong-word")]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("`ada` may not push to") && !said.contains("wrong-word"), "{said}");

    let (code, said) = push(&[(user, "ada")]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains(&format!("{user} is set and {password} is not: set both")), "{said}");

    let (code, said) = push(&[(user, "ada"), (password, "hunter22\n")]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("ends in a line break"), "{said}");

    let (code, said) = push(&[(user, "ada"), (password, "hunter22")]);
    assert_eq!(code, 0, "{said}");
    let log = workspace.report("logs/image.push.log");
    assert!(log.contains(&format!("{user} and {password}")), "{log}");
    assert!(!log.contains("hunter22") && !said.contains("hunter22"), "{log}");
}

#[test]
fn what_docker_login_wrote_opens_the_registry() {
    let fake = Fake::with(Access::Basic("ada", "hunter22"));
    let workspace = shop(&home(&fake));
    // ada:hunter22
    let config = format!(r#"{{"auths":{{"{}":{{"auth":"YWRhOmh1bnRlcjIy"}}}}}}"#, fake.host());
    let workspace = workspace.file("docker/config.json", &config);
    workspace.run(&BACK).exits(0);
    let log = workspace.report("logs/image.push.log");
    assert!(log.contains("docker/config.json"), "{log}");

    let reference = format!("{}/team/app@{}", fake.host(), text(&image(&workspace)["digest"]));
    workspace.run(&["image", "inspect", &reference]).exits(0);
    let helper = format!(r#"{{"credHelpers":{{"{}":"broken"}}}}"#, fake.host());
    let workspace = workspace.file("docker/config.json", &helper);
    super::fixture::stand_in(
        &workspace,
        "docker-credential-broken",
        "cat > /dev/null; echo the-secret; echo locked >&2; exit 1",
    );
    let run = workspace.run(&["image", "inspect", &reference]).exits(3).says("locked");
    assert!(!run.stderr.contains("the-secret"), "{}", run.stderr);
    workspace.run(&BACK).exits(3).says("docker-credential-broken failed for");
}

/// A registry of its own.
fn new_registry(workspace: &Workspace) -> Fake {
    let fake = Fake::start();
    set(workspace, &home(&fake));
    fake
}

/// A push to a registry where this goes wrong.
fn with_fault(
    workspace: &Workspace,
    fake: &Fake,
    method: &'static str,
    path: &'static str,
    what: What,
) -> Run {
    fake.fault(method, path, 9, what);
    let run = workspace.run(&BACK);
    assert!(fake.faults_left() < 9, "{method} {path} was never asked");
    run
}

#[test]
fn a_registry_that_refuses_or_fails_is_told_with_what_to_do() {
    let workspace = shop(APP);
    let no_name = r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}"#;
    let denied = r#"{"errors":[{"code":"DENIED","message":"permission_denied: write_package"}]}"#;
    let at_once = || vec!["Retry-After: 0".to_owned()];
    for (answer, says, hint) in [
        (What::Answer(403, vec![], denied), "403 Forbidden: DENIED: permission_denied", "give credentials"),
        (
            What::Answer(404, vec![], no_name),
            "404 Not Found: NAME_UNKNOWN",
            "made by hand before the first push",
        ),
        (What::Answer(429, at_once(), ""), "429 Too Many Requests", "log in, which raises the limit"),
        (What::Answer(507, vec![], ""), "507 Insufficient Storage", "the registry's disk is full"),
    ] {
        with_fault(&workspace, &new_registry(&workspace), "POST", "/blobs/uploads/", answer)
            .exits(3)
            .says(says);
        let (status, _) = step(&workspace, "image.push");
        assert_eq!(status, "inconclusive", "{says}");
        let excerpt = excerpt(&workspace, "image.push");
        assert!(excerpt.contains("hint: ") && excerpt.contains(hint), "{says}: {excerpt}");
        assert_eq!(step(&workspace, "image.pull").1, "needs image.push, which did not pass", "{says}");
    }
    let fake = new_registry(&workspace);
    fake.fault("POST", "/blobs/uploads/", 1, What::Answer(500, vec![], ""));
    workspace.run(&[&BACK[..], &["--verbose"]].concat()).exits(0).says("attempt 1: ");
    assert_eq!(fake.faults_left(), 0);
}

#[test]
fn bytes_that_are_not_those_of_their_digest_fail_the_run() {
    let workspace = shop(APP);
    let other = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    let changed = || What::Body(b"{\"schemaVersion\":2}".to_vec());
    for (path, what) in
        [("/manifests/", changed()), ("/manifests/", What::Header("docker-content-digest", other.to_owned()))]
    {
        let fake = new_registry(&workspace);
        workspace.run(&BACK).exits(0);
        with_fault(&workspace, &fake, "GET", path, what).exits(1);
        let (status, reason) = step(&workspace, "image.pull");
        assert_eq!(status, "failed", "{reason}");
        assert!(reason.contains("sha256:"), "{reason}");
        assert!(excerpt(&workspace, "image.pull").contains("nothing of it is used"), "{reason}");
    }
}

#[test]
fn a_pull_request_from_a_fork_never_pushes() {
    let fork = include_str!("../../fixtures/github/pull_request_fork.json");
    never_pushed(fork, "a pull request from a fork never pushes");
}

#[test]
fn what_dependabot_proposes_is_never_pushed() {
    let fork = include_str!("../../fixtures/github/pull_request_fork.json");
    let mut payload: Value = serde_json::from_str(fork).unwrap();
    let here = payload["pull_request"]["base"]["repo"].clone();
    payload["pull_request"]["head"]["repo"] = here;
    payload["pull_request"]["head"]["ref"] = "dependabot/cargo/serde-2.0.0".into();
    never_pushed(&payload.to_string(), "what Dependabot proposes is never pushed");
}

/// On a pull request with this payload nothing is pushed, for this reason, whatever the settings and the rights are.
fn never_pushed(payload: &str, why: &str) {
    let fake = Fake::start();
    let event = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(event.path(), payload).unwrap();
    let payload = event.path().to_str().unwrap().to_owned();
    let workspace = shop(&format!("image.push = 'always'\n{}", home(&fake)))
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_EVENT_NAME", "pull_request")
        .env("GITHUB_EVENT_PATH", &payload)
        .env("GITHUB_REF", "refs/pull/2/merge")
        .env("GITHUB_SHA", "0123456789abcdef0123456789abcdef01234567")
        .env("GITHUB_REPOSITORY", "Codertocat/Hello-World")
        .env("SLIPWAY_REGISTRY_USERNAME", "ada")
        .env("SLIPWAY_REGISTRY_PASSWORD", "hunter22");
    for asked in [&BACK[..], &["ci", "--only", "image.pull"]] {
        let run = workspace.run(asked);
        let (status, reason) = step(&workspace, "image.push");
        assert_eq!((status.as_str(), reason.as_str()), ("skipped", why));
        assert!(
            !format!("{}{}", run.stdout, run.stderr)
                .lines()
                .any(|line| { !line.starts_with("::add-mask::") && line.contains("hunter22") })
        );
    }
    assert_eq!(fake.log(), [""; 0], "the registry was not even asked");
    assert_eq!(step(&workspace, "image.build").0, "passed");
}

#[test]
fn on_a_persons_machine_nothing_is_pushed_unless_asked_for() {
    let fake = Fake::start();
    let workspace = shop(&home(&fake));
    let reason = |settings: &str| {
        set(&workspace, settings);
        workspace.run(&["ci", "--only", "image.pull", "--skip", "test"]);
        assert_eq!(step(&workspace, "image.build").0, "passed");
        step(&workspace, "image.push").1
    };
    assert!(reason(&home(&fake)).contains("image.push is auto"));
    assert!(!reason(&format!("image.push = 'never'\n{}", home(&fake))).is_empty());
    assert_eq!(fake.log(), [""; 0]);
    set(&workspace, APP);
    workspace.run(&BACK).exits(1).says("nobody says which repository it is kept in");
    assert!(excerpt(&workspace, "image.push").contains("hint: name one with `repository`"));
}

#[test]
fn an_image_may_grow_by_so_much_over_the_last_one() {
    let fake = Fake::start();
    let settings = |most: &str| format!("image.size.growth-max = '{most}'\n{}{GREETS}", home(&fake));
    let workspace = shop(&settings("1kB"));
    let Some(run) = sandboxed(&workspace, &["image", "push"]) else { return };
    run.exits(0);
    assert_eq!(image(&workspace)["contents"]["before"], Value::Null, "there was none before");
    // Bytes that no packer makes smaller.
    let noise: Vec<u8> = (0..40_000_u32)
        .flat_map(|number| slipway_image::Digest::of(&number.to_le_bytes()).hex().as_bytes()[..2].to_vec())
        .collect();
    std::fs::write(workspace.path().join("noise"), noise).unwrap();
    let with_noise = |most: &str| settings(most).replace("args =", "files = ['noise']\nargs =");
    set(&workspace, &with_noise("1kB"));
    workspace.run(&["image", "build"]).exits(1);
    assert!(image(&workspace)["contents"]["before"].as_u64().unwrap() > 0);
    let broken = super::fixture::broken(&workspace);
    assert!(broken.len() == 1 && broken[0].contains("1 kB"), "{broken:#?}");
    set(&workspace, &with_noise("1MB"));
    workspace.run(&["image", "build"]).exits(0);
}

#[test]
fn what_was_checked_stays_when_the_last_image_cannot_be_asked_for() {
    let fake = Fake::start();
    let settings = |mode: &str| {
        format!("image.size = {{ growth-max = '1kB', mode = '{mode}' }}\n{}{GREETS}", home(&fake))
    };
    let workspace = shop(&settings("block"));
    fake.fault("HEAD", "/manifests/", 99, What::Answer(403, vec![], ""));
    fake.fault("GET", "/manifests/", 99, What::Answer(403, vec![], ""));
    workspace.run(&["image", "build"]).exits(3).says("403 Forbidden");
    assert!(image(&workspace)["contents"]["size"].as_u64().unwrap() > 0, "what was seen is told");
    set(&workspace, &settings("report-only"));
    workspace.run(&["image", "build"]).exits(0).says("growth was not judged: ");
}

#[test]
fn a_deployment_names_one_image_that_is_there() {
    let fake = Fake::start();
    let workspace = shop(&home(&fake));
    let commit = "0123456789abcdef0123456789abcdef01234567";
    workspace.run(&["cd", "--sha", "0123456"]).exits(2).says("`0123456` is no full commit");
    workspace.run(&["cd", "--sha", commit]).exits(3).says("404 Not Found");
    assert_eq!(step(&workspace, "image.smoke").1, "needs image.pull, which did not pass");
    let unknown = format!("{}/team/other:latest", fake.host());
    workspace.run(&["image", "inspect", &unknown]).exits(3).says("404 Not Found");
    set(&workspace, APP);
    workspace.run(&["cd", "--sha", commit]).exits(2).says("nobody says which repository");
    let both = format!("{}[[images]]\nname = 'b'\nrepository = '{}/b'\n", home(&fake), fake.host());
    set(&workspace, &both);
    workspace.run(&["cd", "--sha", commit]).exits(2).says("there are several images: ");
    workspace.run(&["cd", "--image", &unknown]).exits(2).says("is none of the images app, b");
    workspace.run(&["cd"]).exits(2);
    let twice = format!("{}[[images]]\nname = 'b'\nrepository = '{}/team/app'\n", home(&fake), fake.host());
    set(&workspace, &twice);
    workspace.run(&["image", "build"]).exits(2).says("are both kept in");
}
