//! Rights of the jobs: none at the top, and in each job exactly those that its steps need.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::tree::{Findings, Tree};
use super::{Job, Workflow};

type Rights = BTreeMap<String, String>;

/// What a step needs that begins with these words, or uses this action.
const NEEDS: [(&str, &[(&str, &str)]); 11] = [
    ("actions/checkout", &[("contents", "read")]),
    ("actions/attest-build-provenance", &[("attestations", "write"), ("id-token", "write")]),
    ("cargo xtask ci", &[("packages", "write")]),
    ("cargo xtask test", &[]),
    ("cargo xtask comment", &[("actions", "read"), ("pull-requests", "write")]),
    (
        "cargo xtask cd",
        &[
            ("actions", "read"),
            ("attestations", "read"),
            ("packages", "read"),
            ("pull-requests", "write"),
            ("statuses", "write"),
        ],
    ),
    ("cargo xtask release run", &[("contents", "write"), ("packages", "write"), ("statuses", "read")]),
    ("cargo xtask status", &[("statuses", "write")]),
    ("--check", &[("checks", "write")]),
    ("--sarif", &[("security-events", "write")]),
    ("Swatinem/rust-cache", &[]),
];

/// Where proposals are built and images pushed: what Dependabot proposes is compiled without the right to push.
const NOT_FOR_DEPENDABOT: &str = "${{ !startsWith(github.head_ref, 'dependabot/') && github.token || '' }}";

fn needed(job: Job<'_>) -> Rights {
    let mut rights = Rights::new();
    for step in job.steps() {
        let run = step.run().unwrap_or_default();
        let is_needed = |what: &str| {
            let is_run = run == what || run.strip_prefix(what).is_some_and(|rest| rest.starts_with(' '));
            is_run || run.split(' ').any(|word| word == what) || step.action() == Some(what)
        };
        for (right, level) in NEEDS.iter().filter(|(what, _)| is_needed(what)).flat_map(|(_, rights)| *rights)
        {
            let given = rights.entry((*right).to_owned()).or_default();
            // `write` holds `read`.
            if given != "write" {
                (*level).clone_into(given);
            }
        }
    }
    rights
}

fn given(permissions: &Value) -> Option<Rights> {
    let given = permissions.as_object()?.iter();
    given.map(|(right, level)| Some((right.clone(), level.as_str()?.to_owned()))).collect()
}

pub(super) fn least(_: &Tree, workflows: &[Workflow<'_>]) -> Findings {
    let mut findings = Findings::new();
    for workflow in workflows {
        if given(&workflow.yaml["permissions"]) != Some(Rights::new()) {
            findings.push(workflow.says("the permissions at the top are not `{}`"));
        }
        for job in workflow.jobs() {
            let (given, needed) = (given(&job.yaml["permissions"]), needed(job));
            if given.as_ref() != Some(&needed) {
                findings.push(job.says(&format!("it has the rights {given:?}, and needs {needed:?}")));
            }
        }
        let secret = workflow.text.lines().position(|line| line.contains("secrets."));
        findings.extend(secret.map(|line| workflow.says(&format!("line {}: a secret is used", line + 1))));
        for job in workflow.jobs() {
            let pushes = needed(job).get("packages").is_some_and(|level| level == "write");
            let is_for_others = pushes && workflow.yaml["on"].get("pull_request").is_some();
            let right = if is_for_others { NOT_FOR_DEPENDABOT } else { "${{ github.token }}" };
            for step in job.steps().filter(|step| step.run().is_some()) {
                let token = &step.yaml["env"]["GITHUB_TOKEN"];
                if !token.is_null() && token.as_str() != Some(right) {
                    findings.push(step.says("its token is not that of the job"));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::finds;
    use super::*;

    #[test]
    fn rights_that_nobody_needs_are_found() {
        let finds = |file, from, to, expected| finds(least, file, from, to, &[expected]);
        finds("cd.yml", "\npermissions: {}\n", "\npermissions: { contents: read }\n", "at the top");
        finds("cd.yml", "\npermissions: {}\n", "\npermissions: write-all\n", "at the top");
        finds("ci.yml", "statuses: write }", "statuses: write, issues: write }", "job gate: it has");
        finds("cd.yml", "contents: read", "contents: write", "job comment: it has the rights");
        finds("cd.yml", "packages: read", "packages: write", "job deliver: it has the rights");
        finds("ci.yml", "      id-token: write\n", "", "job attest: it has the rights");
    }

    #[test]
    fn rights_that_are_missing_are_found() {
        let finds = |file, from, to, expected| finds(least, file, from, to, &[expected]);
        finds("ci.yml", "cargo xtask test --no-coverage", "cargo xtask comment", "job test: it has");
        let read = "      statuses: read # what CI said of the commit\n";
        finds("release.yml", read, "", "job release");
    }

    #[test]
    fn a_token_that_dependabots_code_could_push_with_is_found() {
        let plain = "GITHUB_TOKEN: ${{ github.token }}";
        let guarded = format!("GITHUB_TOKEN: {NOT_FOR_DEPENDABOT}");
        finds(least, "ci.yml", &guarded, plain, &["its token is not that of the job"]);
    }

    #[test]
    fn a_secret_is_found() {
        let token = "GITHUB_TOKEN: ${{ secrets.PAT }}";
        let expected = ["a secret is used", "its token is not that of the job"];
        finds(least, "release.yml", "GITHUB_TOKEN: ${{ github.token }}", token, &expected);
    }
}
