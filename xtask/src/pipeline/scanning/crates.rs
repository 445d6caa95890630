//! Where there is no Trivy: the crates of the lock file, by cargo-audit or cargo-deny.

use chrono::{DateTime, Utc};

use super::conclusion::{Conclusion, Problem, Subject};
use super::looks::{LOCK, too_old};
use super::target::GoesOn;
use super::tool::Tool;
use crate::engine::Bench;
use crate::model::command::{CommandLine, CommandOutput, End};
use crate::model::finding::Finding;
use crate::pipeline::Session;
use crate::tools::reading::ReadError;
use crate::tools::scanner::{STEP, Seen};
use crate::tools::{cargo_audit, linter};

/// The command.
pub(super) fn command(session: &Session, tool: Tool) -> CommandLine {
    let scan = &session.settings().scan;
    if tool == Tool::CargoAudit {
        let advisories = Some(scan.advisories.as_str()).filter(|folder| !folder.is_empty());
        return cargo_audit::command(LOCK, advisories, scan.offline);
    }
    let line =
        CommandLine::new("cargo").args(["deny", "--format=json", "--color=never", "--workspace", "check"]);
    let line = if scan.offline { line.arg("--disable-fetch") } else { line };
    line.arg("advisories")
}

/// Looks at the lock file.
pub(super) fn carry_out(
    session: &Session,
    bench: &Bench<'_>,
    tool: Tool,
    now: DateTime<Utc>,
    conclusion: &mut Conclusion,
) -> GoesOn {
    tool.program().clone_into(&mut conclusion.scanner);
    conclusion.notes.push(format!(
        "trivy is not installed: {} has looked at the crates of {LOCK}, nobody at system packages, secrets and configuration",
        tool.program()
    ));
    let output = match bench.run(&command(session, tool)) {
        Ok(output) => output,
        Err(error) => {
            conclusion.problems.push(Problem::of_machine(error.to_string()));
            return GoesOn::Yes;
        }
    };
    if output.end == End::Cancelled {
        return GoesOn::No;
    }
    match seen(session, tool, &output) {
        Ok(seen) => {
            let made = seen.database.as_deref().and_then(|time| DateTime::parse_from_rfc3339(time).ok());
            let most = session.settings().scan.database_age.get();
            let old = made.and_then(|made| too_old(tool.program(), made.to_utc(), now, most));
            conclusion.problems.extend(old);
            conclusion.database.clone_from(&seen.database);
            conclusion.saw(Subject::Lock, LOCK.to_owned(), seen);
        }
        Err(error) => conclusion.problem(Problem::of_machine(error.reason), &output),
    }
    GoesOn::Yes
}

fn seen(session: &Session, tool: Tool, output: &CommandOutput) -> Result<Seen, ReadError> {
    if !matches!(output.end, End::Exited(_)) {
        return Err(ReadError::new(format!("{}: {}", tool.program(), output.end)));
    }
    if tool == Tool::CargoAudit {
        return cargo_audit::read(&output.stdout, LOCK).map_err(|error| match output.stdout.trim() {
            "" => {
                let said = crate::tools::reading::first_error(&output.stderr);
                ReadError::new(format!(
                    "{}: {}",
                    error.reason,
                    said.unwrap_or_else(|| output.end.to_string())
                ))
            }
            _ => error,
        });
    }
    denied(session, output)
}

/// cargo-deny says what is wrong and not how much it saw, which is what the lock file lists.
fn denied(session: &Session, output: &CommandOutput) -> Result<Seen, ReadError> {
    let deny = linter::all().iter().find(|linter| linter.id == "deny");
    let findings = match deny {
        Some(deny) => deny.findings(&session.workspace, output)?,
        None => return Err(ReadError::new("nothing is known of cargo-deny")),
    };
    let lock = crate::tools::files::read(&session.workspace.root.join(LOCK)).unwrap_or_default();
    let packages = lock.lines().filter(|line| line.trim() == "[[package]]").count();
    let ours = |finding: Finding| Finding { step: STEP.to_owned(), ..finding };
    Ok(Seen {
        findings: findings.into_iter().filter(|finding| finding.flaw.is_some()).map(ours).collect(),
        packages: packages as u64,
        kinds: ["cargo".to_owned()].into(),
        ..Seen::default()
    })
}
