//! Actions by commit, with the version beside it for people and for bots that renew it.

use std::collections::BTreeMap;

use super::super::tree::{Findings, Tree};
use super::Workflow;

/// What comes from elsewhere, and is known: each more is somebody more who could change a release.
const KNOWN: [&str; 5] = [
    "actions/attest-build-provenance",
    "actions/checkout",
    "actions/download-artifact",
    "actions/upload-artifact",
    "Swatinem/rust-cache",
];

/// `actions/checkout@HASH # v4.2.2` as action, commit and version.
fn pin(line: &str) -> Option<(&str, &str, &str)> {
    let (action, rest) = line.split_once('@')?;
    let (commit, version) = rest.split_once(" # ")?;
    let is_commit =
        commit.len() == 40 && commit.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let numbers: Vec<&str> = version.strip_prefix('v')?.split('.').collect();
    let is_version = numbers.len() == 3 && numbers.iter().all(|number| number.parse::<u32>().is_ok());
    (is_commit && is_version).then_some((action, commit, version))
}

pub(super) fn pinned(_: &Tree, workflows: &[Workflow<'_>]) -> Findings {
    let mut findings = Findings::new();
    let mut pins: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for workflow in workflows {
        let says = |line: usize, what: &str| workflow.says(&format!("line {}: {what}", line + 1));
        for (line, text) in workflow.text.lines().enumerate() {
            let text = text.trim_start().trim_start_matches("- ");
            let Some(uses) = text.strip_prefix("uses: ").filter(|uses| !uses.starts_with("./")) else {
                continue;
            };
            let Some((action, commit, version)) = pin(uses) else {
                findings.push(says(line, &format!("`{uses}` is no OWNER/ACTION@COMMIT # vX.Y.Z")));
                continue;
            };
            if !KNOWN.contains(&action) {
                findings.push(says(line, &format!("{action} is not among the actions that are trusted")));
            }
            if *pins.entry(action).or_insert((commit, version)) != (commit, version) {
                findings.push(says(line, &format!("{action} is another one elsewhere")));
            }
        }
        // What is written in another form would be overlooked above.
        let read = workflow.steps().filter(|step| step.action().is_some()).count();
        let seen = workflow
            .text
            .lines()
            .filter(|line| line.trim_start().trim_start_matches("- ").starts_with("uses: "))
            .count();
        let called = workflow.jobs().filter(|job| !job.yaml["uses"].is_null()).count();
        if read != seen || called > 0 {
            findings.push(workflow.says("an action stands in a form that is not looked at"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::finds;
    use super::*;

    const CHECKOUT: &str = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2";

    #[test]
    fn an_action_that_can_change_is_found() {
        for to in [
            "actions/checkout@v4",
            "actions/checkout@main # v4.2.2",
            "actions/checkout@11bd719 # v4.2.2",
            "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683",
            "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4",
        ] {
            finds(pinned, "ci.yml", CHECKOUT, to, &[": `actions/checkout@"]);
        }
    }

    #[test]
    fn two_versions_of_an_action_are_found() {
        let other = CHECKOUT.replace("11bd", "22bd");
        finds(pinned, "release.yml", CHECKOUT, &other, &[": actions/checkout is another one"]);
    }

    #[test]
    fn an_action_of_somebody_else_is_found() {
        let other = CHECKOUT.replace("actions/", "acti0ns/");
        finds(pinned, "release.yml", CHECKOUT, &other, &["acti0ns/checkout is not among"]);
    }

    #[test]
    fn an_action_in_another_form_is_found() {
        let other = format!("\"uses\": {CHECKOUT}");
        finds(pinned, "release.yml", &format!("uses: {CHECKOUT}"), &other, &["is not looked at"]);
    }
}
