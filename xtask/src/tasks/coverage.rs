//! `coverage`: what earlier runs covered, kept to compare with.

use slipway_coverage::baseline::{Baseline, Baselines, KEEP};

use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::model::gate::Decision;
use crate::model::record::RunRecord;
use crate::pipeline::Session;
use crate::pipeline::publish::{data, say};
use crate::report;
use crate::tools::files;

mod listing;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Question {
    /// Keep what a run covered, to compare later runs with.
    Baseline {
        /// What to do.
        #[command(subcommand)]
        question: BaselineQuestion,
    },
}

/// What is asked of the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum BaselineQuestion {
    /// Add the coverage of the last run to the baseline [setting: coverage.baseline].
    #[command(after_help = "Example: cargo xtask test && cargo xtask coverage baseline save")]
    Save,
    /// Print the runs of the baseline, the newest first; the file itself with `--message-format json`.
    #[command(after_help = "Example: cargo xtask coverage baseline show")]
    Show,
}

/// Answers.
///
/// # Errors
/// When there is no run or no baseline, it cannot be read or written, or its tests did not pass.
pub fn run(session: &Session, question: Question, look: Look) -> Result<Exit, Failure> {
    let Question::Baseline { question } = question;
    match question {
        BaselineQuestion::Save => save(session),
        BaselineQuestion::Show => show(session, look),
    }
}

fn save(session: &Session) -> Result<Exit, Failure> {
    let run = of_run(&last_run(session)?)?;
    let mut baselines = read(session)?.unwrap_or_default();
    let told = run.commit.clone().unwrap_or_else(|| "a commit that is not known".to_owned());
    baselines.push(run, KEEP);
    let text = baselines.write().map_err(|error| cannot_write(session).because(error))?;
    let path = path(session);
    files::write(&session.workspace.root.join(path), &text)
        .map_err(|error| cannot_write(session).because(error).hint("make its folder writable"))?;
    say(&format!("saved the coverage of {told} to {path}, entry {} of {KEEP}", baselines.entries().len()));
    Ok(Exit::Pass)
}

fn show(session: &Session, look: Look) -> Result<Exit, Failure> {
    let Some(baselines) = read(session)? else {
        return Err(Failure::usage(format!("there is no baseline {}", path(session)))
            .hint("keep one with `cargo xtask coverage baseline save`"));
    };
    let shown = if look.is_for_programs() {
        baselines.write().map_err(|error| Failure::environment("cannot show the baseline").because(error))?
    } else {
        listing::listing(&baselines)
    };
    data(&shown);
    Ok(Exit::Pass)
}

fn path(session: &Session) -> &str {
    session.settings().coverage.baseline.as_str()
}

fn cannot_write(session: &Session) -> Failure {
    Failure::environment(format!("the baseline {} cannot be written", path(session)))
}

/// The baseline; none when there is no such file.
fn read(session: &Session) -> Result<Option<Baselines>, Failure> {
    let path = path(session);
    let text = files::read_if_there(&session.workspace.root.join(path))
        .map_err(|error| Failure::usage(error.to_string()).hint("make it readable"))?;
    let read = text.map(|text| Baselines::read(&text)).transpose();
    read.map_err(|error| {
        Failure::usage(format!("{path} cannot be used"))
            .because(error)
            .hint("remove it, or name another file: coverage.baseline in slipway.toml")
    })
}

fn last_run(session: &Session) -> Result<RunRecord, Failure> {
    let path = session.reports.join("run.json");
    let text = files::read_if_there(&path)
        .map_err(|error| Failure::usage(error.to_string()).hint("make it readable"))?;
    let Some(text) = text else {
        return Err(Failure::usage(format!("there is no report in {}", session.reports.display()))
            .hint("make one with `cargo xtask test`"));
    };
    report::json::read(&text).map_err(|error| {
        Failure::usage(format!("{} cannot be read", path.display()))
            .because(error)
            .hint("run `cargo xtask test` again")
    })
}

/// What a run covered, as a baseline keeps it. What failing tests covered is less than what they would have, and every
/// later run would look better than it is.
fn of_run(record: &RunRecord) -> Result<Baseline, Failure> {
    let passed = |id: &str| record.gates.iter().any(|gate| gate.id == id && gate.verdict == Decision::Pass);
    if !passed("test.failed") {
        return Err(Failure::usage("the tests of the last run did not pass: it is no baseline")
            .hint("mend them and run `cargo xtask test` again"));
    }
    let coverage = record.coverage.as_ref().filter(|coverage| coverage.totals.lines.total > 0);
    let Some(coverage) = coverage else {
        return Err(Failure::usage("the last run measured no coverage")
            .hint("set `coverage.enabled = true` and run `cargo xtask test` again"));
    };
    let files = coverage.files.iter().map(|file| (file.path.clone(), file.totals.lines.into()));
    Ok(Baseline {
        commit: record.context.head_sha.clone().or_else(|| record.context.checkout.commit.clone()),
        time: record.run.started.clone(),
        totals: coverage.totals.into(),
        files: files.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::coverage::tests::record as covered;
    use crate::model::gate::{Gate, Mode};
    use crate::model::record::tests::record;

    fn measured() -> RunRecord {
        let mut record = record();
        record.gates = vec![Gate::pass("test.failed", Mode::Block, "failed tests", "2 tests passed")];
        record.coverage = Some(covered(&[("a/src/lib.rs", 9, 10), ("b/src/lib.rs", 0, 4)]));
        record.context.checkout.commit = Some("c0ffee".to_owned());
        record
    }

    #[test]
    fn a_run_is_kept_with_its_files() {
        let baseline = of_run(&measured()).unwrap();
        assert_eq!(
            (baseline.commit.as_deref(), baseline.time.as_str()),
            (Some("c0ffee"), "2026-01-02T03:04:05Z")
        );
        assert_eq!((baseline.totals.lines.covered, baseline.totals.lines.total), (9, 14));
        assert_eq!(baseline.files.len(), 2);
    }

    #[test]
    fn a_run_whose_tests_failed_or_that_measured_nothing_is_no_baseline() {
        let mut failed = measured();
        failed.gates[0].verdict = Decision::Fail;
        assert!(of_run(&failed).unwrap_err().to_string().contains("did not pass"));
        failed.gates.clear();
        assert!(of_run(&failed).unwrap_err().to_string().contains("did not pass"));
        let mut without = measured();
        without.coverage = Some(covered(&[]));
        assert!(of_run(&without).unwrap_err().to_string().contains("measured no coverage"));
    }
}
