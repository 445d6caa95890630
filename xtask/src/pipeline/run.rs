//! One run: the plan is checked and carried out, the facts are recorded and judged, the reports are written.

use std::collections::BTreeMap;

use super::gating::{Interrupted, ending, judge};
use super::session::Scope;
use super::{Job, Session, dry_run, publish, recording};
use crate::console::{Console, Format, Look};
use crate::engine::{Engine, Finished, Work};
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::model::plan::{Plan, PlanError};
use crate::model::record::RunRecord;
use crate::model::step::Skip;
use crate::model::verdict;
use crate::tools::files::TemporaryFolder;
use crate::tools::{files, orphans};

/// Runs jobs to a verdict and gives the exit code.
///
/// # Errors
/// When the plan cannot be carried out at all, or the reports have nowhere to go: then nothing has been run.
pub fn run(session: &Session, jobs: Vec<Job<'_>>, look: Look) -> Result<Exit, Failure> {
    let recorded = recorded(session, jobs, look)?;
    Ok(recorded.map_or(Exit::Pass, |record| exit_of(&record)))
}

/// Runs jobs to a verdict and gives the record, whose reports are written; none when only the plan was asked for, or
/// when a commit holds nothing that could be judged.
///
/// # Errors
/// As [`run`], and when the reports could not be written where they belong.
pub fn recorded(session: &Session, jobs: Vec<Job<'_>>, look: Look) -> Result<Option<RunRecord>, Failure> {
    let mut work: BTreeMap<String, Work<'_>> = BTreeMap::new();
    let mut plan = Plan::default();
    for job in jobs {
        if let Some(task) = job.work {
            work.insert(job.step.id.clone(), task);
        }
        plan.steps.push(job.step);
    }
    let plan = plan
        .check()
        .and_then(|plan| plan.select(&session.request.selection))
        .map_err(|error| cannot(&error))?;
    if session.request.dry_run {
        publish::data(&match look.format {
            Format::Json => dry_run::json(&plan),
            Format::Human => dry_run::render(&plan, &session.workspace.root),
        });
        return Ok(None);
    }
    files::probe(&session.reports).map_err(|error| {
        Failure::usage("the reports have nowhere to go: nothing was run")
            .because(error)
            .hint("make the folder writable, free some space, or name another one: SLIPWAY_REPORTS_FOLDER=…")
    })?;
    publish::clear(session)?;
    publish::mask_secrets(session, look);
    let (finished, versions) = std::thread::scope(|scope| {
        let versions = scope.spawn(|| recording::versions(session));
        (carry_out(session, &plan, work, look), versions.join().unwrap_or_default())
    });
    let interrupted =
        if session.supervisor.interrupt.is_raised() { Interrupted::Yes } else { Interrupted::No };
    let gates = judge(&finished, session.settings());
    if gates.is_empty() && interrupted == Interrupted::No && matches!(session.scope, Scope::Staged(_)) {
        // A commit may well change nothing that a quick linter looks at.
        tell_missing(&finished);
        return Ok(None);
    }
    let verdict = verdict::judge(&gates, session.settings().mode, &ending(&finished, interrupted));
    let about = recording::About { plan: recording::digest(&plan), versions };
    let record = recording::record(session, &about, &finished, gates, verdict);
    let written = publish::reports(session, &record);
    publish::for_ci(session, &record, look);
    publish::closing(session, &record, look);
    written.map(|()| Some(record))
}

/// Nothing was judged: that must not pass for a good judgement where it is for want of tools.
fn tell_missing(finished: &[Finished]) {
    let missing = finished.iter().filter_map(|finished| match &finished.step.skip {
        Some(skip @ Skip::MissingTool { .. }) => Some(skip.reason()),
        _ => None,
    });
    let missing: Vec<String> = missing.collect();
    if !missing.is_empty() {
        publish::say(&format!("slipway: nothing was looked at: {}", missing.join(", ")));
    }
}

fn carry_out(session: &Session, plan: &Plan, work: BTreeMap<String, Work<'_>>, look: Look) -> Vec<Finished> {
    orphans::adopt();
    let console = Console::new(look);
    // Tools that are ended leave their temporary files lying about, such as rustdoc's tests; with a folder of its
    // own the run takes them along. Without one it goes on in the usual place.
    let temporary = TemporaryFolder::new().ok();
    let supervisor = session.supervisor.with_temporary(temporary.as_ref().map(TemporaryFolder::path));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let engine = Engine {
        supervisor: &supervisor,
        sink: &console,
        logs: &session.reports.join("logs"),
        jobs: match session.settings().run.jobs {
            0 => cores.max(2),
            jobs => jobs.into(),
        },
        started: session.request.started,
    };
    let finished = engine.carry_out(plan, work);
    orphans::end_all(&std::collections::BTreeSet::new());
    finished
}

/// The exit code that the record holds.
#[must_use]
pub fn exit_of(record: &RunRecord) -> Exit {
    Exit::of(record.verdict.exit_code)
}

fn cannot(error: &PlanError) -> Failure {
    let hint = match error {
        PlanError::UnknownStep { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`?"),
        PlanError::UnknownStep { .. } => "`--dry-run` shows all steps".to_owned(),
        PlanError::Twice(_) => "give one of them another name in slipway.toml".to_owned(),
        PlanError::Ring(_) => "take one of these out of `needs` in slipway.toml".to_owned(),
    };
    Failure::usage(error.to_string()).hint(hint)
}
