//! What runs leave: also when they fail, each under a name of its own, and found missing when it is.

use std::collections::BTreeSet;

use super::super::tree::{Findings, Tree};
use super::Workflow;

const UPLOAD: &str = "actions/upload-artifact";

/// What each run of the workflow hands over.
const WANTED: [(&str, &str, &str); 4] = [
    ("ci.yml", "reports-${{ matrix.leg }}", "reports/"),
    ("ci.yml", "run-${{ matrix.leg }}", "reports/run.json"),
    ("cd.yml", "reports-cd", "reports/"),
    ("release.yml", "reports-release", "target/slipway/release/"),
];

pub(super) fn kept(_: &Tree, workflows: &[Workflow<'_>]) -> Findings {
    let mut findings = Findings::new();
    for workflow in workflows {
        let mut names = BTreeSet::new();
        let mut found = BTreeSet::new();
        for step in workflow.steps().filter(|step| step.action() == Some(UPLOAD)) {
            let with = &step.yaml["with"];
            let name = with["name"].as_str().unwrap_or("artifact");
            found.insert((name, with["path"].as_str().unwrap_or_default()));
            if step.yaml["if"].as_str() != Some("always()") {
                findings.push(step.says("a run that failed leaves nothing: no `if: always()`"));
            }
            if with["if-no-files-found"].is_null() {
                findings.push(
                    step.says("nobody says what it means when there is nothing: no `if-no-files-found`"),
                );
            }
            let is_matrix = !step.job.yaml["strategy"].is_null();
            if !names.insert(name) || (is_matrix && !name.contains("${{ matrix.")) {
                findings.push(step.says(&format!("two artifacts are called {name}")));
            }
        }
        let wanted = WANTED.iter().filter(|(file, ..)| workflow.is_named(file));
        let missing = wanted.filter(|(_, name, path)| !found.contains(&(*name, *path)));
        findings
            .extend(missing.map(|(_, name, path)| workflow.says(&format!("nobody keeps {path} as {name}"))));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::finds;
    use super::*;

    #[test]
    fn reports_that_are_lost_are_found() {
        let finds = |file, from, to, expected| finds(kept, file, from, to, &[expected]);
        let failed = "job deliver: step 4: a run that failed";
        finds("cd.yml", "      - if: always()\n", "      - if: success()\n", failed);
        finds("cd.yml", ", if-no-files-found: warn", "", "job deliver: step 4: nobody says");
        let release = "nobody keeps target/slipway/release/ as reports-release";
        finds("release.yml", "name: reports-release", "name: release", release);
        finds("ci.yml", "path: reports/run.json", "path: reports/", "nobody keeps reports/run.json");
    }

    #[test]
    fn two_artifacts_of_one_name_are_found() {
        let expected =
            ["two artifacts are called reports", "nobody keeps reports/ as reports-${{ matrix.leg }}"];
        finds(kept, "ci.yml", "reports-${{ matrix.leg }}", "reports", &expected);
        let expected = ["two artifacts are called reports-${{", "nobody keeps reports/run.json as run-"];
        finds(kept, "ci.yml", "run-${{ matrix.leg }}", "reports-${{ matrix.leg }}", &expected);
    }
}
