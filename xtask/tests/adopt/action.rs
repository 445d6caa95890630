//! The action, step by step, on repositories of others.

use std::process::Command;

use serde_json::json;

use crate::fake::Fake;
use crate::repository::Repository;
use crate::runner::{Job, root};

const MANIFEST: (&str, &str) =
    ("Cargo.toml", "[package]\nname = \"parcels\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
const FAILING: (&str, &str) = ("src/lib.rs", "#[test]\nfn fails() {\n    assert_eq!(1, 2);\n}\n");

const RELEASED: &str = "Look for a released toolkit";
const KEPT: &str = "Look for a built toolkit";
const BUILT: &str = "Try the built toolkit, or build it";
const SAVED: &str = "Keep the built toolkit";
const SEALED: &str = "Take the checksum of the toolkit";
const RUN: &str = "Run the pipeline";
const TOLD: &str = "Tell the pull request";

fn failing() -> Repository {
    Repository::of(&[MANIFEST, FAILING])
}

/// The whole pipeline on what somebody else wrote.
#[track_caller]
fn whole_pipeline(name: &str, mode: &str) {
    let Some(repository) = Repository::of_package(name) else { return };
    let done = Job::new(&repository).run(&[("mode", mode)]);
    let outputs = &done.outputs;
    assert_eq!((done.failed, outputs["verdict"].as_str()), (false, "pass"), "{}", done.log());
    assert_eq!(done.names(), [RELEASED, KEPT, BUILT, SEALED, RUN]);
    let coverage: f64 = outputs["coverage"].parse().unwrap();
    assert!(coverage > 50.0, "{coverage}");
    assert_eq!((outputs["digest"].as_str(), outputs["tags"].as_str()), ("", ""), "it has no image");
    assert!(std::fs::read_to_string(&outputs["report"]).unwrap().contains("<html"));
    assert!(done.summary.starts_with("## Passed"), "{}", done.summary);
}

#[test]
fn semver_passes() {
    whole_pipeline("semver", "report_only");
}

#[test]
fn itoa_passes() {
    whole_pipeline("itoa", "block");
}

#[test]
fn only_block_lets_a_failure_through() {
    let repository = failing();
    for (mode, fails) in [("report_only", false), ("report-only", false), ("block", true)] {
        let done = Job::new(&repository).run(&[("mode", mode), ("steps", "test")]);
        assert_eq!(
            (done.failed, done.outputs["verdict"].as_str()),
            (fails, "fail"),
            "{mode}: {}",
            done.log()
        );
        assert_eq!(done.steps.last().unwrap().1.code, i32::from(fails), "{mode}");
        assert!(!done.log().contains("there is no verdict"), "{mode}: {}", done.log());
    }
    let done = Job::new(&repository).run(&[("steps", "test")]);
    assert!(!done.failed, "who says nothing wants to be told only");
}

#[test]
fn a_run_without_a_verdict_is_told() {
    let repository = failing();
    let wrong = ("config", "missing.toml");
    let done = Job::new(&repository).run(&[wrong]);
    assert_eq!((done.failed, done.outputs["verdict"].as_str()), (false, ""), "{}", done.log());
    assert!(
        done.log()
            .contains("::warning title=Slipway::there is no verdict, the pipeline ended early, exit code 2")
    );
    assert!(done.log().contains("there is no settings file missing.toml"), "{}", done.log());
    let done = Job::new(&repository).run(&[wrong, ("mode", "block")]);
    assert_eq!(done.steps.last().unwrap().1.code, 2);
    let done = Job::new(&repository).run(&[("mode", "bloc")]);
    assert!(
        done.failed && done.log().contains("bloc"),
        "an unknown mode passes nothing over: {}",
        done.log()
    );
}

#[test]
fn inputs_reach_the_pipeline() {
    let repository = Repository::of(&[
        ("rust/Cargo.toml", MANIFEST.1),
        ("rust/src/lib.rs", "fn  unformatted() {}\n"),
        ("rust/ci/own.toml", "[reports]\nfolder = \"told\"\n"),
    ]);
    let done = Job::new(&repository).run(&[
        ("working-directory", "rust"),
        ("config", "ci/own.toml"),
        ("steps", "fmt"),
        ("mode", "block"),
    ]);
    assert_eq!((done.failed, done.outputs["verdict"].as_str()), (true, "fail"), "{}", done.log());
    let report = repository.path().join("rust/told/index.html");
    assert_eq!(done.outputs["report"], report.canonicalize().unwrap().to_str().unwrap());
    assert!(!done.log().contains("lint.clippy"), "only what was asked for: {}", done.log());
}

#[test]
fn no_input_becomes_code() {
    let repository = failing();
    let pwned = repository.path().join("pwned");
    let touch = format!("touch {}", pwned.display());
    for text in
        [format!("$({touch})"), format!("`{touch}`"), format!("\"; {touch}; \""), format!("'; {touch} #")]
    {
        for name in ["config", "steps", "mode"] {
            let done = Job::new(&repository).run(&[(name, &text), ("mode", "block")]);
            assert!(done.failed, "{name}: {}", done.log());
            assert_eq!(done.outputs["verdict"], "", "{name}");
        }
    }
    let done = Job::new(&repository).run(&[("steps", "--help")]);
    assert_eq!(done.outputs["verdict"], "", "{}", done.log());
    assert!(!pwned.exists());
}

/// The event of the first pull request, whose head is this commit.
fn pull_request(head: &str) -> serde_json::Value {
    let side = |branch: &str| json!({ "ref": branch, "sha": head, "repo": { "full_name": "ada/parcels" } });
    json!({
        "action": "synchronize", "number": 1, "repository": { "default_branch": "trunk" },
        "pull_request": { "head": side("fix/a b"), "base": side("trunk") },
    })
}

#[test]
fn the_pull_request_is_told_even_of_a_failure() {
    let repository = failing();
    let head = repository.git(&["rev-parse", "HEAD"]);
    let fake = Fake::start();
    fake.state(|state| state.pulls.get_mut(&1).unwrap().head_sha.clone_from(&head));
    let payload = pull_request(&head);
    let job = || {
        let job = Job::new(&repository).on("pull_request", "refs/pull/1/merge", &head, &payload);
        job.env("GITHUB_API_URL", &fake.address()).env("GITHUB_RUN_ID", "7").env("GITHUB_RUN_ATTEMPT", "1")
    };
    let inputs = [("mode", "block"), ("steps", "test"), ("token", "ghs_bot")];
    let done = job().run(&inputs);
    assert!(done.failed, "{}", done.log());
    assert_eq!(*done.names().last().unwrap(), TOLD);
    let bodies: Vec<String> =
        fake.state(|state| state.comments.values().map(|one| one.body.clone()).collect());
    assert_eq!(bodies.len(), 1, "{}", done.log());
    assert!(bodies[0].contains("## Failed"), "{}", bodies[0]);
    let done = job().run(&[("steps", "test"), ("token", "ghs_fork")]);
    assert!(!done.failed && done.log().contains("::notice title=No comment::"), "{}", done.log());
}

#[test]
fn another_repository_is_judged_by_its_own_commit() {
    let repository = failing();
    let head = repository.git(&["rev-parse", "HEAD"]);
    let fake = Fake::start();
    fake.state(|state| state.pulls.get_mut(&1).unwrap().head_sha.clone_from(&head));
    let payload = json!({ "ref": "refs/heads/main", "repository": { "full_name": "eve/audits", "default_branch": "main" } });
    let job = Job::new(&repository).on("push", "refs/heads/main", &"f".repeat(40), &payload);
    let job = job.env("GITHUB_REPOSITORY", "eve/audits").env("GITHUB_API_URL", &fake.address());
    let job = job.env("GITHUB_RUN_ID", "7").env("GITHUB_RUN_ATTEMPT", "1");
    let done = job.run(&[("steps", "test"), ("repo", "ada/parcels"), ("pr", "1"), ("token", "ghs_bot")]);
    assert_eq!((done.failed, done.outputs["verdict"].as_str()), (false, "fail"), "{}", done.log());
    let bodies: Vec<String> =
        fake.state(|state| state.comments.values().map(|one| one.body.clone()).collect());
    assert_eq!(bodies.len(), 1, "{}", done.log());
    assert!(bodies[0].contains(&format!("head={head}")), "{}", bodies[0]);
    assert!(fake.log().iter().all(|asked| !asked.contains("eve/")), "{}", done.log());
}

#[test]
fn without_a_commit_only_block_fails() {
    for (mode, fails) in [("report_only", false), ("block", true)] {
        let repository = failing();
        let payload = json!({ "ref": "refs/heads/main", "repository": { "full_name": "eve/audits", "default_branch": "main" } });
        let job = Job::new(&repository).on("push", "refs/heads/main", &"f".repeat(40), &payload);
        std::fs::remove_dir_all(repository.path().join(".git")).unwrap();
        let job = job.env("GITHUB_REPOSITORY", "eve/audits");
        let done = job.run(&[("steps", "test"), ("repo", "ada/parcels"), ("mode", mode)]);
        assert_eq!((done.failed, done.outputs["verdict"].as_str()), (fails, ""), "{}", done.log());
        assert!(done.log().contains("not a git repository"), "{}", done.log());
    }
}

#[test]
fn nobody_is_told_who_was_not_named() {
    let repository = failing();
    let head = repository.git(&["rev-parse", "HEAD"]);
    let job = || Job::new(&repository).on("pull_request", "refs/pull/1/merge", &head, &pull_request(&head));
    let done = job().run(&[("steps", "fmt"), ("repo", "eve/audits")]);
    assert_eq!(*done.names().last().unwrap(), RUN, "number 1 there is another one: {}", done.log());
    let fake = Fake::start();
    let own = job().env("GITHUB_API_URL", &fake.address());
    let done = own.run(&[("steps", "fmt"), ("repo", "Ada/Parcels")]);
    assert_eq!(*done.names().last().unwrap(), TOLD, "{}", done.log());
    let record: serde_json::Value = serde_json::from_str(&repository.read("reports/run.json")).unwrap();
    let kind = record["context"]["event"]["kind"].as_str();
    assert_eq!(kind, Some("pull-request"), "the same repository by another spelling");
}

/// The program that stands for cargo when the toolkit is built, and is cargo otherwise.
fn cargo() -> String {
    let real = Command::new("sh").args(["-c", "command -v cargo"]).output().unwrap();
    let real = String::from_utf8(real.stdout).unwrap();
    let toolkit = env!("CARGO_BIN_EXE_xtask");
    format!(
        "#!/bin/sh\nif [ \"$1\" != install ]; then exec {} \"$@\"; fi\necho \"$PWD: cargo $*\"\n\
         while [ \"$1\" != --root ]; do shift; done\nmkdir -p \"$2/bin\" && install '{toolkit}' \"$2/bin/xtask\"\n",
        real.trim()
    )
}

#[test]
fn without_a_cache_the_toolkit_is_built_from_this_very_commit() {
    let repository = failing();
    let mut job = Job::new(&repository).at("v0");
    job.cached = None;
    job.programs = vec![("cargo", cargo()), ("curl", "#!/bin/sh\nexit 22\n".to_owned())];
    let done = job.run(&[("steps", "test")]);
    assert_eq!(done.outputs["verdict"], "fail", "{}", done.log());
    assert_eq!(done.names(), [RELEASED, KEPT, BUILT, SAVED, SEALED, RUN]);
    let built = format!(
        "{}: cargo install --quiet --locked --force --profile xtask --path xtask --root ",
        root().display()
    );
    assert!(done.steps[2].1.stdout.starts_with(&built), "{}", done.log());
}

#[test]
fn a_kept_toolkit_that_does_not_run_here_is_built_anew() {
    let repository = failing();
    repository.write("broken", "no program at all");
    let mut job = Job::new(&repository);
    job.cached = Some(repository.path().join("broken"));
    job.programs = vec![("cargo", cargo())];
    let done = job.run(&[("steps", "test")]);
    assert_eq!(done.outputs["verdict"], "fail", "{}", done.log());
    assert_eq!(done.names(), [RELEASED, KEPT, BUILT, SEALED, RUN], "the key is taken already");
    assert!(done.log().contains("::notice title=Slipway::the toolkit that was kept does not run"));
}

#[test]
fn without_a_toolkit_only_block_fails() {
    let repository = failing();
    for (mode, failed) in [("report_only", false), ("block", true)] {
        let mut job = Job::new(&repository);
        job.cached = None;
        job.programs = vec![("cargo", "#!/bin/sh\nexit 101\n".to_owned())];
        let done = job.run(&[("mode", mode)]);
        assert_eq!(
            (done.failed, done.outputs["verdict"].as_str(), done.saved.is_some()),
            (failed, "", false),
            "{}",
            done.log()
        );
        assert_eq!(done.names(), [RELEASED, KEPT, BUILT], "{}", done.log());
        assert_eq!(!failed, done.log().contains("::warning title=Slipway::the toolkit could not be built"));
    }
}

/// Code under test runs as the same user, and may write where the toolkit is.
#[test]
fn what_the_pipeline_ran_cannot_become_the_toolkit() {
    let tampering = r##"#[test]
fn passes() {
    use std::os::unix::fs::PermissionsExt as _;
    let program = std::path::PathBuf::from(std::env::var("RUNNER_TEMP").unwrap()).join("slipway/bin/xtask");
    std::fs::remove_file(&program).unwrap();
    std::fs::write(&program, "#!/bin/sh\necho taken over\n").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
}
"##;
    let repository = Repository::of(&[MANIFEST, ("src/lib.rs", tampering)]);
    let head = repository.git(&["rev-parse", "HEAD"]);
    for mode in ["report_only", "block"] {
        let mut job =
            Job::new(&repository).on("pull_request", "refs/pull/1/merge", &head, &pull_request(&head));
        job.cached = None;
        job.programs = vec![("cargo", cargo())];
        let done = job.run(&[("mode", mode), ("steps", "test")]);
        let built = std::fs::read(env!("CARGO_BIN_EXE_xtask")).unwrap();
        assert!(done.saved.as_ref().is_some_and(|saved| *saved == built), "{:?}", done.names());
        assert_eq!((done.outputs["verdict"].as_str(), done.failed), ("pass", true), "{}", done.log());
        assert_eq!(*done.names().last().unwrap(), TOLD);
        assert!(done.log().contains("::error title=Slipway::the toolkit was changed"), "{}", done.log());
        assert!(!done.log().contains("taken over"), "{}", done.log());
    }
}

/// The program that stands for curl: it has a release at one address, with this line of checksums.
fn curl(sums: &str) -> String {
    let toolkit = env!("CARGO_BIN_EXE_xtask");
    let release = concat!("https://github.com/ada/slipway/releases/download/v", env!("CARGO_PKG_VERSION"));
    format!(
        "#!/bin/bash\nset -e\nfor word; do case $word in\n\
         {release}/SHA256SUMS) cat >SHA256SUMS <<'END'\n{sums}\nEND\n;;\n\
         {release}/slipway-x86_64-unknown-linux-gnu) cp '{toolkit}' slipway-x86_64-unknown-linux-gnu ;;\n\
         http*) exit 22 ;;\nesac; done\n"
    )
}

#[test]
fn a_released_program_is_run_when_its_checksum_is_right() {
    let repository = failing();
    let sum = Command::new("sha256sum").arg(env!("CARGO_BIN_EXE_xtask")).output().unwrap();
    let sum = String::from_utf8(sum.stdout).unwrap()[..64].to_owned();
    let sums = format!("{}  other\n{sum}  slipway-x86_64-unknown-linux-gnu", "0".repeat(64));
    let done = |reference: &str, sums: &str, mode: &str| {
        let mut job = Job::new(&repository).at(reference);
        job.programs = vec![("curl", curl(sums))];
        job.run(&[("steps", "test"), ("mode", mode)])
    };
    let run = done("v0", &sums, "report_only");
    assert_eq!(run.names(), [RELEASED, SEALED, RUN], "{}", run.log());
    assert_eq!(run.outputs["verdict"], "fail");
    let run = done("0123456789abcdef0123456789abcdef01234567", &sums, "report_only");
    assert_eq!(run.names()[1], KEPT, "a release cannot stand in for a commit");
    let wrong = sums.replace(&sum, &"1".repeat(64));
    let missing = format!("{sum}  other");
    for (sums, mode) in
        [(&wrong, "block"), (&missing, "block"), (&String::new(), "block"), (&wrong, "report_only")]
    {
        let run = done("v0", sums, mode);
        assert_eq!((run.failed, run.outputs["verdict"].as_str()), (mode == "block", ""), "{}", run.log());
        assert_eq!(run.names(), [RELEASED], "{}", run.log());
        assert!(run.log().contains("::error title=Slipway::the checksum of slipway-x86_64"), "{}", run.log());
    }
}

/// The real build, which takes minutes: `cargo test -p xtask --test adopt -- --ignored`.
#[test]
#[ignore = "it builds the toolkit anew"]
fn the_toolkit_is_really_built() {
    let Some(repository) = Repository::of_package("itoa") else { return };
    let mut job = Job::new(&repository);
    job.cached = None;
    let done = job.run(&[("mode", "block")]);
    assert_eq!((done.failed, done.outputs["verdict"].as_str()), (false, "pass"), "{}", done.log());
    assert_eq!(done.names()[2..4], [BUILT, SAVED]);
}

#[test]
fn every_flag_of_the_scripts_is_known() {
    for (script, verb) in [("run", "ci"), ("tell", "comment")] {
        let text = std::fs::read_to_string(root().join("action").join(script)).unwrap();
        assert!(text.contains(&format!("arguments=({verb}")), "{script}");
        let help = Command::new(env!("CARGO_BIN_EXE_xtask")).args([verb, "--help"]).output().unwrap();
        let help = String::from_utf8(help.stdout).unwrap();
        let words = text.split(|c: char| c.is_whitespace() || "()\"".contains(c));
        for flag in words.filter(|word| word.starts_with("--")) {
            assert!(help.contains(&format!("{flag} ")), "{script}: `cargo xtask {verb}` has no {flag}");
        }
    }
}

/// Source: GitHub's documentation, "Publishing actions in GitHub Marketplace", "Metadata syntax".
#[test]
fn the_marketplace_takes_it() {
    let text = std::fs::read_to_string(root().join("action.yml")).unwrap();
    let action: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
    assert!(action["description"].as_str().unwrap().len() < 125);
    for key in ["name", "author"] {
        assert!(!action[key].as_str().unwrap().is_empty());
    }
    assert!(["anchor"].contains(&action["branding"]["icon"].as_str().unwrap()));
    assert!(
        ["blue", "gray-dark", "green", "orange", "purple", "red", "white", "yellow"]
            .contains(&action["branding"]["color"].as_str().unwrap())
    );
    let names = |key: &str| -> Vec<String> { action[key].as_object().unwrap().keys().cloned().collect() };
    assert_eq!(names("inputs"), ["config", "mode", "pr", "repo", "steps", "token", "working-directory"]);
    assert_eq!(names("outputs"), ["coverage", "digest", "report", "tags", "verdict"]);
    let page = std::fs::read_to_string(root().join("docs/action.md")).unwrap();
    for name in [names("inputs"), names("outputs")].concat() {
        assert!(page.contains(&format!("| `{name}` |")), "docs/action.md does not tell of {name}");
    }
}
