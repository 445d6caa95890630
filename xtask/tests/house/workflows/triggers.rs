//! When workflows run, on what, beside which others, and what they leave behind for later runs.

use super::super::tree::{Findings, Tree};
use super::Workflow;

/// Only a newer commit of a pull request ends an older run.
const OF_PULL_REQUESTS: &str = "${{ github.event_name == 'pull_request' }}";

/// Only what is on a branch of ours writes what later runs read.
const ON_PUSH: &str = "${{ github.event_name == 'push' }}";

const DEFAULT_BRANCH: &str = "${{ github.event.repository.default_branch }}";

pub(super) fn concurrency(_: &Tree, workflows: &[Workflow<'_>]) -> Findings {
    let mut findings = Findings::new();
    for workflow in workflows {
        let concurrency = &workflow.yaml["concurrency"];
        let group = concurrency["group"].as_str().unwrap_or_default();
        let cancel = &concurrency["cancel-in-progress"];
        // A run that waits is ended by a third one in the same group, whatever is said of the one in progress.
        // Releases are the exception: two at a time would be worse than one that has to be begun again.
        let is_release = workflow.is_named("release.yml");
        let is_of_its_own = ["github.run_id", "workflow_run.id"].iter().any(|id| group.contains(id));
        if is_release && group != "release" {
            findings.push(workflow.says("two releases can run at a time"));
        }
        if !is_release && !is_of_its_own {
            findings.push(workflow.says("runs of a branch share a concurrency group"));
        }
        let may_cancel = cancel.as_bool() == Some(false)
            || (cancel.as_str() == Some(OF_PULL_REQUESTS)
                && group.contains("github.event.pull_request.number"));
        if !may_cancel {
            findings.push(workflow.says("something else than a pull request may be ended by a newer run"));
        }
    }
    findings
}

pub(super) fn triggers(_: &Tree, workflows: &[Workflow<'_>]) -> Findings {
    let mut findings = Findings::new();
    let names: Vec<&str> = workflows.iter().filter_map(|workflow| workflow.yaml["name"].as_str()).collect();
    for workflow in workflows {
        let on = &workflow.yaml["on"];
        let events: Vec<&str> =
            on.as_object().into_iter().flatten().map(|(event, _)| event.as_str()).collect();
        let wanted: &[&str] = match workflow {
            it if it.is_named("ci.yml") => &["merge_group", "pull_request", "push"],
            it if it.is_named("cd.yml") => &["workflow_run"],
            _ => &["push", "workflow_dispatch"],
        };
        let mut sorted = events.clone();
        sorted.sort_unstable();
        if sorted != wanted {
            findings.push(workflow.says(&format!(
                "it starts on {}, and should on {}",
                sorted.join(", "),
                wanted.join(", ")
            )));
        }
        // A tag such as `v1`, which moves from release to release, is none.
        let tags = on["push"]["tags"].as_array().into_iter().flatten().filter_map(|tag| tag.as_str());
        findings.extend(
            tags.filter(|tag| tag.split('.').count() < 3)
                .map(|tag| workflow.says(&format!("tags {tag} start it that are no version"))),
        );
        // A required check of a workflow that a filter keeps away is waited for without an end.
        let filters = events
            .iter()
            .flat_map(|event| ["paths", "paths-ignore", "branches-ignore"].map(|key| (event, key)));
        let filtered = filters.filter(|(event, key)| !on[**event][*key].is_null());
        findings.extend(
            filtered
                .map(|(event, key)| workflow.says(&format!("`{key}` keeps it away from some of {event}"))),
        );
        let after =
            on["workflow_run"]["workflows"].as_array().into_iter().flatten().filter_map(|name| name.as_str());
        let gone = after.filter(|name| !names.contains(name));
        findings.extend(gone.map(|name| workflow.says(&format!("there is no workflow {name} to follow"))));
    }
    findings
}

pub(super) fn matrix(tree: &Tree, workflows: &[Workflow<'_>]) -> Findings {
    let manifest: toml::Table = tree.text("Cargo.toml").parse().unwrap();
    let oldest = manifest["workspace"]["package"]["rust-version"].as_str().unwrap();
    let expected = [("msrv", oldest), ("stable", "stable"), ("beta", "beta")];
    let mut findings = Findings::new();
    for job in workflows.iter().flat_map(Workflow::jobs) {
        let strategy = &job.yaml["strategy"];
        if strategy.is_null() {
            continue;
        }
        let legs = strategy["matrix"]["include"].as_array().into_iter().flatten();
        let legs: Vec<_> = legs
            .map(|leg| (leg["leg"].as_str().unwrap_or("?"), leg["toolchain"].as_str().unwrap_or("?")))
            .collect();
        // The other kind has a job for each image, however many there are.
        let is_of_images = strategy["matrix"]["image"].as_str().is_some();
        if !is_of_images && legs != expected {
            findings.push(job.says(&format!("the legs are {legs:?}, and should be {expected:?}")));
        }
        if strategy["fail-fast"].as_bool() != Some(false) {
            findings.push(job.says("one leg ends the others: `fail-fast` is on"));
        }
        if !is_of_images && job.yaml["env"]["RUSTUP_TOOLCHAIN"].as_str() != Some("${{ matrix.toolchain }}") {
            findings.push(job.says("the toolchain is not that of the leg"));
        }
    }
    findings
}

pub(super) fn checkout(_: &Tree, workflows: &[Workflow<'_>]) -> Findings {
    let mut findings = Findings::new();
    for workflow in workflows {
        let is_trusted = !workflow.yaml["on"]["workflow_run"].is_null();
        for step in workflow.steps().filter(|step| step.action() == Some("actions/checkout")) {
            let with = &step.yaml["with"];
            if with["persist-credentials"].as_bool() != Some(false) {
                findings.push(step.says("the token stays in the checkout: `persist-credentials` is on"));
            }
            let wanted = is_trusted.then_some(DEFAULT_BRANCH);
            if with["ref"].as_str() != wanted || !with["repository"].is_null() {
                findings.push(
                    step.says(
                        "it checks out something else than the default branch or what the event is about",
                    ),
                );
            }
        }
    }
    findings
}

pub(super) fn caches(_: &Tree, workflows: &[Workflow<'_>]) -> Findings {
    let mut findings = Findings::new();
    for step in workflows.iter().flat_map(Workflow::steps) {
        let action = step.action().unwrap_or_default();
        let save = &step.yaml["with"]["save-if"];
        let is_saved_well = save.as_bool() == Some(false) || save.as_str() == Some(ON_PUSH);
        match action {
            "Swatinem/rust-cache" if step.job.workflow.is_named("release.yml") => {
                findings.push(step.says("a release is made without a cache"));
            }
            "Swatinem/rust-cache" if !is_saved_well => {
                findings.push(step.says("more than pushes write the cache"));
            }
            "actions/cache" => findings.push(step.says("what a pull request built would be kept")),
            _ => {}
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::finds;
    use super::*;

    #[test]
    fn a_run_that_ends_another_is_found() {
        let from = "cancel-in-progress: false";
        finds(concurrency, "release.yml", from, "cancel-in-progress: true", &["release.yml: something else"]);
        let by_name = "group: release-${{ github.ref_name }}";
        finds(concurrency, "release.yml", "group: release", by_name, &["release.yml: two releases can run"]);
        finds(concurrency, "ci.yml", OF_PULL_REQUESTS, "true", &["ci.yml: something else"]);
        finds(concurrency, "ci.yml", "github.run_id", "github.ref", &["ci.yml: runs of a branch share"]);
        finds(
            concurrency,
            "cd.yml",
            "\nconcurrency:\n",
            "\nx-concurrency:\n",
            &["share a", "something else"],
        );
    }

    #[test]
    fn a_wrong_event_is_found() {
        let finds = |file, from, to, expected| finds(triggers, file, from, to, &[expected]);
        let target = "on merge_group, pull_request_target, push";
        finds("ci.yml", "  pull_request:\n", "  pull_request_target:\n", target);
        finds("ci.yml", "  merge_group:\n", "", "it starts on pull_request, push, and should");
        let filtered = "  merge_group: { paths: [src] }\n";
        finds("ci.yml", "  merge_group:\n", filtered, "`paths` keeps it away");
        finds("cd.yml", "workflows: [CI]", "workflows: [Tests]", "no workflow Tests");
        let tags = "  push:\n    tags: [\"v*.*.*\"]\n";
        finds("release.yml", tags, "", "it starts on workflow_dispatch");
        finds("release.yml", "v*.*.*", "v*", "tags v* start it that are no version");
    }

    #[test]
    fn a_wrong_matrix_is_found() {
        let finds = |from, to, expected| finds(matrix, "ci.yml", from, to, &[expected]);
        finds("toolchain: \"1.94\"", "toolchain: stable", "the legs are");
        finds("          - { leg: beta, toolchain: beta }\n", "", "the legs are");
        finds("fail-fast: false", "fail-fast: true", "one leg ends the others");
        finds("RUSTUP_TOOLCHAIN: \"${{ matrix.toolchain }}\"", "CI: \"\"", "not that of the leg");
    }

    #[test]
    fn a_strangers_checkout_is_found() {
        let head = "${{ github.event.workflow_run.head_sha }}";
        finds(checkout, "cd.yml", DEFAULT_BRANCH, head, &["job comment: step 1: it checks out"]);
        finds(
            checkout,
            "cd.yml",
            &format!("          ref: {DEFAULT_BRANCH}\n"),
            "",
            &["job comment: step 1: it checks"],
        );
        finds(checkout, "ci.yml", "fetch-depth: 0", "ref: main", &["job test: step 1: it checks out"]);
        finds(checkout, "release.yml", "persist-credentials: false", "clean: true", &["the token stays"]);
    }

    #[test]
    fn a_cache_for_everybody_is_found() {
        finds(caches, "cd.yml", "          save-if: false\n", "", &["job comment: step 2: more than pushes"]);
        finds(caches, "ci.yml", ON_PUSH, "true", &["job test: step 2: more than pushes"]);
        finds(caches, "release.yml", "actions/checkout@", "Swatinem/rust-cache@", &["without a cache"]);
        finds(caches, "ci.yml", "Swatinem/rust-cache@", "actions/cache@", &["would be kept"]);
    }
}
