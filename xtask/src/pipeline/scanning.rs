//! `image.scan`: vulnerabilities in images, in their bills of materials and in the lock file; secrets and mistakes in what images
//! are built from. Trivy when it is there, otherwise what there is for crates alone.
//!
//! Seeing nothing, seeing only a part and asking a database of yesteryear are no good news: each is inconclusive.

mod conclusion;
mod crates;
mod looks;
mod target;
mod tool;

use chrono::{DateTime, Utc};

pub use target::Target;
pub use tool::{Choice, Tool, choose};

use self::conclusion::{Conclusion, Rules};
use self::target::GoesOn;
use super::Session;
use crate::engine::Bench;
use crate::model::command::CommandLine;
use crate::model::day::Day;
use crate::model::scan::{Tolerance, Unfixed};
use crate::model::step::{Outcome, Skip, Status};
use crate::settings::{Scan, Settings};

/// From which findings on a scan fails, by the settings.
#[must_use]
pub fn tolerance(scan: &Scan) -> Tolerance {
    let unfixed = if scan.ignore_unfixed { Unfixed::IsShown } else { Unfixed::Counts };
    Tolerance { severity: scan.severity, unfixed }
}

/// Why nothing is scanned, when that is known beforehand.
#[must_use]
pub fn skip(session: &Session) -> Option<Skip> {
    match choose(session.settings().scan.scanner, &session.supervisor.env) {
        Choice::Skip(skip) => Some(skip),
        Choice::Found(_) | Choice::Missing(_) => None,
    }
}

/// The commands that a scan runs.
#[must_use]
pub fn commands(session: &Session, targets: &[Target]) -> Vec<CommandLine> {
    match choose(session.settings().scan.scanner, &session.supervisor.env) {
        Choice::Found(Tool::Trivy) => {
            looks::looks(session, targets).into_iter().map(|look| look.command).collect()
        }
        Choice::Found(tool) => vec![crates::command(session, tool)],
        Choice::Missing(_) | Choice::Skip(_) => Vec::new(),
    }
}

/// Scans, and says what came of it on a day: findings with their waivers applied, and for each image what was seen.
#[must_use]
pub fn scan(session: &Session, bench: &Bench<'_>, targets: &[Target], now: DateTime<Utc>) -> Outcome {
    let images: Vec<String> = targets.iter().map(|target| target.image.clone()).collect();
    let mut conclusion = Conclusion::new(images);
    let goes_on = match choose(session.settings().scan.scanner, &session.supervisor.env) {
        Choice::Skip(skip) => return Outcome::because(Status::Skipped, skip.reason()),
        Choice::Missing(tool) => {
            let reason = format!("{} is not installed ({})", tool.program(), tool.install());
            return Outcome::because(Status::Inconclusive, reason).blame_environment();
        }
        Choice::Found(Tool::Trivy) => looks::carry_out(session, bench, targets, now, &mut conclusion),
        Choice::Found(tool) => crates::carry_out(session, bench, tool, now, &mut conclusion),
    };
    if goes_on == GoesOn::No {
        return Outcome::because(Status::Cancelled, "interrupted");
    }
    conclusion.outcome(&rules(session.settings(), now))
}

fn rules(settings: &Settings, now: DateTime<Utc>) -> Rules<'_> {
    Rules {
        tolerance: tolerance(&settings.scan),
        waivers: &settings.waivers,
        today: Day::of(now),
        settings_file: super::session::SETTINGS_FILE,
    }
}
