//! What the steps run: verbs of the toolkit, and no line of a shell beside them.

use super::super::commands::refused;
use super::super::tree::{Findings, Tree};
use super::Workflow;

/// More would be logic that belongs into the toolkit.
const MOST_LINES: usize = 100;

pub(super) fn short(_: &Tree, workflows: &[Workflow<'_>]) -> Findings {
    let lines = |workflow: &Workflow<'_>| workflow.text.lines().count();
    let long = workflows.iter().filter(|workflow| lines(workflow) >= MOST_LINES);
    long.map(|workflow| {
        workflow.says(&format!("{} lines, fewer than {MOST_LINES} are allowed", lines(workflow)))
    })
    .collect()
}

/// Nothing but plain words, and variables in quotes, so that no value can become code.
fn is_plain(word: &str) -> bool {
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let variable = word.strip_prefix("\"$").and_then(|word| word.strip_suffix('"'));
    let is_word = |word: &str| {
        word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ',' | '='))
    };
    variable.map_or_else(|| is_word(word), is_name)
}

pub(super) fn thin(_: &Tree, workflows: &[Workflow<'_>]) -> Findings {
    let mut findings = Findings::new();
    for step in workflows.iter().flat_map(Workflow::steps) {
        let Some(run) = step.run() else { continue };
        let is_verb = run.starts_with("cargo xtask ") && !run.contains('\n') && run.split(' ').all(is_plain);
        if !is_verb {
            findings.push(step.says(&format!("`{}` is not one `cargo xtask VERB`", run.escape_debug())));
        }
        for key in ["shell", "working-directory"] {
            if !step.yaml[key].is_null() {
                findings.push(step.says(&format!("`{key}` changes what is run")));
            }
        }
    }
    let defaults = workflows.iter().filter(|workflow| !workflow.yaml["defaults"].is_null());
    findings.extend(defaults.map(|workflow| workflow.says("`defaults` change what is run")));
    findings
}

pub(super) fn known(_: &Tree, workflows: &[Workflow<'_>]) -> Findings {
    let steps = workflows.iter().flat_map(Workflow::steps);
    let runs = steps.filter_map(|step| Some((step, step.run()?.strip_prefix("cargo xtask ")?)));
    runs.filter_map(|(step, args)| {
        // A variable is some value.
        let args = args.replace("\"$", "").replace('"', "");
        refused(&args).map(|error| step.says(&error))
    })
    .collect()
}

pub(super) fn end(_: &Tree, workflows: &[Workflow<'_>]) -> Findings {
    let endless = workflows.iter().flat_map(Workflow::jobs).filter(|job| {
        let minutes = job.yaml["timeout-minutes"].as_u64();
        !minutes.is_some_and(|minutes| (1..=60).contains(&minutes))
    });
    endless.map(|job| job.says("no timeout-minutes of at most an hour")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::finds;
    use super::*;

    #[test]
    fn a_long_workflow_is_found() {
        let more = format!("\npermissions: {{}}\n{}", "# why\n".repeat(60));
        finds(short, "cd.yml", "\npermissions: {}\n", &more, &["cd.yml: 1"]);
    }

    #[test]
    fn logic_in_a_workflow_is_found() {
        for run in [
            "cargo test",
            "cargo xtask ci && echo done",
            "cargo xtask ci; true",
            "cargo xtask ci || true",
            "cargo xtask ci | tee log",
            "cargo xtask ci > log",
            "cargo xtask ci --only $(cat steps)",
            "cargo xtask ci --only `cat steps`",
            "cargo xtask ci --only $STEPS",
            "cargo xtask ci --only ${{ github.head_ref }}",
            "|\n          cargo xtask ci\n          true",
            "\"cargo xtask ci\\ntrue\"",
        ] {
            let run = format!("run: {run}\n");
            finds(thin, "ci.yml", "run: cargo xtask ci\n", &run, &["job test: step 4: `"]);
        }
        let shell = "run: cargo xtask ci\n        shell: python\n";
        finds(thin, "ci.yml", "run: cargo xtask ci\n", shell, &["step 4: `shell` changes"]);
        let defaults = "\ndefaults: { run: { shell: \"sh -c\" } }\npermissions: {}\n";
        finds(thin, "cd.yml", "\npermissions: {}\n", defaults, &["cd.yml: `defaults` change"]);
    }

    #[test]
    fn a_verb_or_flag_that_is_none_is_found() {
        let from = "run: cargo xtask ci\n";
        finds(
            known,
            "ci.yml",
            from,
            "run: cargo xtask cy\n",
            &["step 4: error: unrecognized subcommand 'cy'"],
        );
        finds(known, "ci.yml", from, "run: cargo xtask ci --fast\n", &["step 4: error: unexpected argument"]);
    }

    #[test]
    fn a_job_without_an_end_is_found() {
        finds(end, "release.yml", "    timeout-minutes: 60\n", "", &["job release: no timeout"]);
        finds(end, "cd.yml", "timeout-minutes: 20", "timeout-minutes: 360", &["job comment: no timeout"]);
    }
}
