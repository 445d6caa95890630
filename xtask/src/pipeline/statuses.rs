//! How a commit stands, as one line below a pull request.

use super::Session;
use super::forge::home;
use crate::kit::text::terminal;
use crate::model::comment::Order;
use crate::model::forge::{CommitStatus, Repository, State};
use crate::model::gate::Decision;
use crate::model::verdict::Verdict;
use crate::tools::github::{GitHub, GitHubError};

/// What the line about a run is called.
pub const CI: &str = "slipway/ci";

/// What the line about a delivery is called.
pub const CD: &str = "slipway/cd";

/// What a verdict makes of a commit: a verdict that only reports is no failure.
#[must_use]
pub fn state(verdict: &Verdict) -> State {
    match (verdict.exit_code, verdict.decision) {
        (0, _) => State::Success,
        (_, Decision::Fail) => State::Failure,
        _ => State::Error,
    }
}

/// Sets a status that leads to the page of this run.
///
/// # Errors
/// See [`GitHubError`]; with [`GitHubError::is_read_only`] the token may not.
pub fn set(
    session: &Session,
    github: &GitHub,
    sha: &str,
    (context, state): (&str, State),
    description: &str,
) -> Result<(), GitHubError> {
    let status = CommitStatus {
        context: context.to_owned(),
        state,
        description: terminal(description).replace('\n', " "),
        target_url: page(session, github.repository()),
    };
    github.set_status(sha, &status)
}

/// The page of the run that we are; none outside of GitHub Actions.
#[must_use]
pub fn page(session: &Session, repository: &Repository) -> Option<String> {
    let id: u64 = session.request.env.get("GITHUB_RUN_ID")?.parse().ok()?;
    session.context.is_ci().then(|| format!("{}/actions/runs/{id}", home(session, repository)))
}

/// The run and attempt that we are; none outside of GitHub Actions.
#[must_use]
pub fn order(session: &Session) -> Option<Order> {
    let number = |name: &str| session.request.env.get(name)?.parse::<u64>().ok();
    let run = number("GITHUB_RUN_ID").filter(|_| session.context.is_ci())?;
    let attempt = number("GITHUB_RUN_ATTEMPT").and_then(|attempt| u32::try_from(attempt).ok());
    Some(Order::of_ci(run, attempt.unwrap_or(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::tests::record;

    #[test]
    fn what_does_not_fail_the_run_does_not_fail_the_commit() {
        let verdict = |exit_code, decision| Verdict { decision, exit_code, ..record().verdict };
        assert_eq!(state(&verdict(0, Decision::Pass)), State::Success);
        assert_eq!(state(&verdict(0, Decision::Fail)), State::Success, "report-only");
        assert_eq!(state(&verdict(1, Decision::Fail)), State::Failure);
        assert_eq!(state(&verdict(1, Decision::Inconclusive)), State::Error);
        assert_eq!(state(&verdict(130, Decision::Pass)), State::Error);
    }
}
