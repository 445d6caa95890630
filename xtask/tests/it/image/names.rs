//! `image tags`: what images are called here and now, and why.

use serde_json::Value;

use super::fixture::{APP, set, shop};

#[test]
fn tags_are_printed_as_lines_as_json_and_with_their_reasons() {
    let workspace = shop(&format!("{APP}repository = 'ghcr.io/ada/parcels'\n"));
    let lines = workspace.run(&["image", "tags"]).exits(0).stdout;
    assert!(lines.lines().any(|line| line == "ghcr.io/ada/parcels:branch-main"), "{lines}");
    assert!(lines.lines().any(|line| line == "ghcr.io/ada/parcels:latest"), "{lines}");

    for asked in [&["image", "tags", "--json"][..], &["image", "tags", "--message-format", "json"]] {
        let document: Value = serde_json::from_str(&workspace.run(asked).exits(0).stdout).unwrap();
        let tags: Vec<&str> = document["tags"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(tags, lines.lines().collect::<Vec<_>>());
        assert_eq!(document["labels"]["org.opencontainers.image.title"], "app");
    }

    let told = workspace.run(&["image", "tags", "--explain"]).exits(0).stdout;
    assert!(told.starts_with("app: "), "{told}");
    assert!(told.contains("branch-main") && told.contains("the branch is `main`"), "{told}");
    assert!(told.contains("\n  type=ref,event=pr: it is the branch `main`, and no pull request"), "{told}");
}

#[test]
fn rules_and_names_of_the_command_line_win() {
    let workspace = shop(APP);
    let asked = ["image", "tags", "--image", "ghcr.io/Ada/Parcels", "--image", "docker.io/ada/parcels"];
    let rules = ["--tag", "type=raw,value=edge", "--flavor", "suffix=-slim"];
    let lines = workspace.run(&[&asked[..], &rules].concat()).exits(0).stdout;
    assert!(lines.contains("/parcels:edge-slim\n") && lines.lines().count() == 2, "{lines}");

    let run = workspace.run(&["image", "tags", "--tag", "type=ref,event=tag"]).exits(0);
    assert_eq!(run.stdout, "");
    run.says("no rule makes a tag here; `--explain` says why");
}

#[test]
fn what_cannot_be_read_is_a_fault_of_its_usage() {
    let workspace = shop(APP);
    let says = |asked: &[&str], text: &str| {
        workspace.run(&[&["image", "tags"], asked].concat()).exits(2).says(text).says("hint: ");
    };
    says(&["--tag", "type=semvre,pattern={{version}}"], "semvre");
    says(&["--flavor", "latest=perhaps"], "perhaps");
    says(&["--image", "ghcr.io//x"], "ghcr.io//x");
    set(&workspace, &format!("image.tags = ['type=nothing']\n{APP}"));
    says(&[], "type=nothing");
    set(&workspace, &format!("{APP}package = 'other'\n"));
    says(&[], "there is no package `other`");
}

#[test]
fn without_a_commit_no_image_has_a_name() {
    let workspace = super::fixture::without_engine(
        crate::support::Workspace::library("").file("slipway.toml", "[[images]]\nname = 'app'\n"),
    );
    workspace.run(&["image", "tags", "--image", "ghcr.io/ada/x"]).exits(2).says("no commit is known here");
}

#[test]
fn a_plan_shows_the_commands_and_runs_none() {
    let workspace = shop(APP);
    let plan = workspace.run(&["ci", "--only", "image.build", "--dry-run"]).exits(0).stdout;
    assert!(plan.contains("cargo build --profile release --package app --bin app"), "{plan}");
    assert!(!workspace.path().join("target/slipway/image").exists());
    let nothing = shop("");
    nothing.run(&["image", "build"]);
    let plan = nothing.run(&["ci", "--dry-run"]).exits(0).stdout;
    assert!(
        plan.contains("# image.build: no [[images]] in slipway.toml") && !plan.contains("image.push"),
        "{plan}"
    );
}
