//! `coverage`: what tracefiles from elsewhere hold, and what earlier runs covered, kept to compare with.

use std::path::PathBuf;

use slipway_coverage::baseline::{Baseline, Baselines, KEEP};
use slipway_coverage::paths::PrefixMap;

use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::kit::text::plural;
use crate::model::coverage::Backend;
use crate::model::gate::Decision;
use crate::model::record::RunRecord;
use crate::model::step::{Outcome, Resource, Status, Step};
use crate::pipeline::publish::{data, say};
use crate::pipeline::{Job, Session, covered};
use crate::report;
use crate::tools::coverage::profiles::Read;
use crate::tools::coverage::tracefiles::{self, Tracefiles};
use crate::tools::files;

mod listing;

/// What to read, when no subcommand is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct From {
    /// Read these tracefiles of lcov, add them up, write the reports and judge.
    #[arg(long = "from", value_name = "FILE", num_args = 1.., required = true)]
    pub files: Vec<PathBuf>,
    /// Take paths below one folder for paths below another; an empty TO is the workspace root.
    #[arg(long = "map", value_name = "FROM=TO", value_parser = prefix_map)]
    pub maps: Vec<PrefixMap>,
    /// The tracefiles are the shards of one run, and there are so many of them.
    #[arg(long, value_name = "COUNT")]
    pub shards: Option<usize>,
}

fn prefix_map(text: &str) -> Result<PrefixMap, String> {
    PrefixMap::parse(text).ok_or_else(|| "write it as FROM=TO, such as /builds/demo=".to_owned())
}

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
pub fn run(
    session: &Session,
    from: Option<From>,
    question: Option<Question>,
    look: Look,
) -> Result<Exit, Failure> {
    match question {
        Some(Question::Baseline { question: BaselineQuestion::Save }) => save(session),
        Some(Question::Baseline { question: BaselineQuestion::Show }) => show(session, look),
        None => crate::pipeline::run::run(session, vec![job(session, from.unwrap_or_default())], look),
    }
}

/// The job that reads tracefiles.
fn job(session: &Session, from: From) -> Job<'_> {
    let step = Step {
        id: covered::ID.to_owned(),
        title: "what tracefiles hold".to_owned(),
        needs: Vec::new(),
        after: Vec::new(),
        resource: Resource::Shared,
        timeout: session.settings().run.timeout.get(),
        commands: Vec::new(),
        skip: None,
    };
    Job { step, work: Some(Box::new(move |_| read_tracefiles(session, &from))) }
}

fn read_tracefiles(session: &Session, from: &From) -> Outcome {
    let inconclusive = |reason: String| Outcome::because(Status::Inconclusive, reason);
    let scope = match covered::scope(session, &from.maps) {
        Ok(scope) => scope,
        Err(error) => return inconclusive(error),
    };
    let here = std::env::current_dir().unwrap_or_default();
    let paths: Vec<PathBuf> = from.files.iter().map(|file| here.join(file)).collect();
    match tracefiles::read(&paths, from.shards, &scope, &session.workspace) {
        Ok(Tracefiles { coverage, notes }) => {
            let reason = format!("read from {}", plural(paths.len(), "tracefile"));
            let backend = Backend { name: "tracefile".to_owned(), reason };
            covered::outcome(session, Read { coverage, backend, notes }, &scope)
        }
        Err(reason) => inconclusive(reason),
    }
}

fn save(session: &Session) -> Result<Exit, Failure> {
    let run = of_run(&last_run(session)?)?;
    let mut baselines = read(session)?.unwrap_or_default();
    let short = |commit: &String| format!("commit {}", commit.chars().take(10).collect::<String>());
    let told = run.commit.as_ref().map_or_else(|| "a commit that is not known".to_owned(), short);
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
    let verdict = |id: &str| record.gates.iter().find(|gate| gate.id == id).map(|gate| gate.verdict);
    // Where coverage was read from tracefiles, nothing is known of tests.
    let judged = verdict("test.failed").or_else(|| verdict("coverage.measured"));
    if judged != Some(Decision::Pass) {
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
        failed.gates = vec![Gate::pass("coverage.measured", Mode::Block, "measured lines", "3 lines")];
        assert_eq!(of_run(&failed).unwrap().files.len(), 2, "read from tracefiles");
        failed.gates.clear();
        assert!(of_run(&failed).unwrap_err().to_string().contains("did not pass"));
        let mut without = measured();
        without.coverage = Some(covered(&[]));
        assert!(of_run(&without).unwrap_err().to_string().contains("measured no coverage"));
    }
}
