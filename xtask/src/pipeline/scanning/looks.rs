//! Trivy, look by look: each is one command with a report of its own, and one that goes wrong does not keep the others from
//! being read.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::conclusion::{Conclusion, Problem, Subject};
use super::target::{GoesOn, Target};
use crate::engine::Bench;
use crate::kit::text;
use crate::model::command::{CommandLine, CommandOutput, End};
use crate::pipeline::Session;
use crate::tools::files;
use crate::tools::scanner::Seen;
use crate::tools::trivy::{self, Looked, Options, Wanted};

/// The lock file of a workspace.
pub(super) const LOCK: &str = "Cargo.lock";

/// Folders that are made, and that nobody ships.
const MADE: [&str; 2] = ["target", "node_modules"];

/// One command, and what it looks at.
pub(super) struct Look {
    pub(super) command: CommandLine,
    subject: Subject,
    /// As reports name it.
    target: String,
    /// The folder or file of the workspace that is looked at; none for images.
    below: Option<&'static str>,
    report: PathBuf,
}

/// All looks, in order.
pub(super) fn looks(session: &Session, targets: &[Target]) -> Vec<Look> {
    let scan = &session.settings().scan;
    let options = Options {
        offline: scan.offline,
        database: Some(scan.database.clone()).filter(|database| !database.is_empty()),
        timeout: scan.timeout.get().as_secs().max(1),
    };
    let report = |name: &str| session.reports.join("scan").join(format!("{name}.json"));
    let shown = |path: &PathBuf| session.workspace.relative(path);
    let mut looks = Vec::new();
    for (number, target) in targets.iter().enumerate() {
        let name = &target.image;
        if let Some(source) = &target.source {
            let report = report(&format!("{name}.image"));
            let command = trivy::image(&options, source, scan.secrets, &shown(&report));
            let (subject, target) = (Subject::Image(number), format!("image {name}"));
            looks.push(Look { command, subject, target, below: None, report });
        }
        if let Some(sbom) = &target.sbom {
            let report = report(&format!("{name}.sbom"));
            let command = trivy::sbom(&options, sbom, &shown(&report));
            let (subject, target) = (Subject::Bill(number), format!("SBOM of {name}"));
            looks.push(Look { command, subject, target, below: None, report });
        }
    }
    if session.workspace.root.join(LOCK).is_file() {
        let report = report(LOCK);
        let wanted = Wanted { vulnerabilities: true, secrets: false, misconfiguration: false };
        let command = trivy::fs(&options, wanted, LOCK, &[], &shown(&report));
        looks.push(Look {
            command,
            subject: Subject::Lock,
            target: LOCK.to_owned(),
            below: Some(LOCK),
            report,
        });
    }
    if scan.secrets || scan.misconfiguration {
        let report = report("sources");
        let wanted =
            Wanted { vulnerabilities: false, secrets: scan.secrets, misconfiguration: scan.misconfiguration };
        let made = session.workspace.relative(&session.workspace.target_directory);
        let reports = session.workspace.relative(&session.reports);
        let mut skip = [MADE[0], MADE[1], made.as_str(), reports.as_str()].to_vec();
        skip.sort_unstable();
        skip.dedup();
        let command = trivy::fs(&options, wanted, ".", &skip, &shown(&report));
        let target = "sources".to_owned();
        looks.push(Look { command, subject: Subject::Sources, target, below: Some("."), report });
    }
    looks
}

/// Carries all looks out.
pub(super) fn carry_out(
    session: &Session,
    bench: &Bench<'_>,
    targets: &[Target],
    now: DateTime<Utc>,
    conclusion: &mut Conclusion,
) -> GoesOn {
    if let Err(error) = files::create_folder(&session.reports.join("scan")) {
        conclusion.problems.push(Problem::of_machine(error.to_string()));
        return GoesOn::Yes;
    }
    for look in looks(session, targets) {
        // What an earlier run left there would be taken for this one's.
        let _ = std::fs::remove_file(&look.report);
        let output = match bench.run(&look.command) {
            Ok(output) => output,
            Err(error) => {
                conclusion.problems.push(Problem::of_machine(error.to_string()));
                continue;
            }
        };
        if output.end == End::Cancelled {
            return GoesOn::No;
        }
        match seen(session, &look, &output) {
            Ok(seen) => conclusion.saw(look.subject, look.target, seen),
            Err(problem) => conclusion.problem(problem, &output),
        }
        if look.report.is_file() {
            conclusion.artifacts.push(session.workspace.relative(&look.report));
        }
    }
    for file in [".trivyignore", ".trivyignore.yaml", "trivy.yaml", "trivy-secret.yaml"] {
        if session.workspace.root.join(file).is_file() {
            conclusion
                .notes
                .push(format!("{file} is not read: what is accepted stands in [[waivers]] of slipway.toml"));
        }
    }
    age(session, bench, now, conclusion)
}

fn seen(session: &Session, look: &Look, output: &CommandOutput) -> Result<Seen, Problem> {
    if !matches!(output.end, End::Exited(_)) {
        return Err(Problem::inconclusive(format!("{}: trivy: {}", look.target, output.end)));
    }
    let looked = Looked { target: &look.target, below: look.below, workspace: &session.workspace };
    let report = files::read(&look.report).unwrap_or_default();
    if report.trim().is_empty() {
        let (reason, remedy) = trivy::trouble(output);
        let reason = format!("trivy wrote no report on {}: {reason}", look.target);
        return Err(Problem::of_machine(reason).with_remedy(remedy));
    }
    trivy::read(&report, looked)
        .map_err(|error| Problem::inconclusive(format!("{}: {}", look.target, error.reason)))
}

/// Which Trivy it was, and whether its database is young enough to tell anything.
fn age(session: &Session, bench: &Bench<'_>, now: DateTime<Utc>, conclusion: &mut Conclusion) -> GoesOn {
    let output = match bench.run(&trivy::version()) {
        Ok(output) if output.end == End::Cancelled => return GoesOn::No,
        Ok(output) => output.stdout,
        Err(error) => error.to_string(),
    };
    let Some(version) = trivy::read_version(&output) else {
        conclusion.problems.push(Problem::inconclusive("trivy does not say how old its database is"));
        return GoesOn::Yes;
    };
    conclusion.scanner = format!("trivy {}", version.program);
    let Some(made) = version.database else {
        // That there is none is why the looks went wrong; where all went well there is one somewhere.
        if conclusion.problems.is_empty() {
            conclusion.problems.push(Problem::inconclusive("trivy does not say how old its database is"));
        }
        return GoesOn::Yes;
    };
    conclusion.database = Some(made.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    conclusion.problems.extend(too_old("trivy", made, now, session.settings().scan.database_age.get()));
    GoesOn::Yes
}

/// The problem with a database that is older than it may be.
pub(super) fn too_old(
    scanner: &str,
    made: DateTime<Utc>,
    now: DateTime<Utc>,
    most: std::time::Duration,
) -> Option<Problem> {
    let age = trivy::age(made, now);
    let day = std::time::Duration::from_hours(24);
    let days = |time: std::time::Duration| {
        let days = usize::try_from(time.as_secs() / day.as_secs()).unwrap_or(usize::MAX);
        if days == 0 { text::duration(time) } else { text::plural(days, "day") }
    };
    (age > most).then(|| {
        let reason =
            format!("{scanner}'s database is {} old; at most {} tell anything", days(age), days(most));
        Problem::of_machine(reason).with_remedy(Some(
            "let it be fetched (scan.offline), name a mirror (scan.database), or raise scan.database-age",
        ))
    })
}
