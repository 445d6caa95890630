//! What a run came to beside the code: a check with remarks, and findings for code scanning.

use super::{Session, statuses};
use crate::kit::text::plural;
use crate::model::comment::Order;
use crate::model::forge::{Analysis, CheckRun, Conclusion, Processed, State};
use crate::model::gate::Decision;
use crate::model::record::RunRecord;
use crate::report::{annotations, sarif, status, summary};
use crate::tools::github::{GitHub, GitHubError};

/// The name of the check, as rules of branches name it.
const NAME: &str = "slipway";

/// The most bytes of its page: GitHub takes 65,535 characters.
const PAGE: usize = 60_000;

/// Makes the check of a run on a commit. Gives how many remarks stand beside the code.
///
/// # Errors
/// See [`GitHubError`].
pub fn check(
    session: &Session,
    github: &GitHub,
    record: &RunRecord,
    (sha, order): (&str, Order),
) -> Result<usize, GitHubError> {
    let conclusion = match statuses::state(&record.verdict) {
        State::Success if record.verdict.decision == Decision::Pass => Conclusion::Success,
        State::Success => Conclusion::Neutral,
        _ => Conclusion::Failure,
    };
    github.put_check(&CheckRun {
        name: NAME.to_owned(),
        head_sha: sha.to_owned(),
        external_id: order.to_string(),
        details_url: statuses::page(session, github.repository()),
        conclusion,
        title: status::line(record),
        summary: summary::summary(record, PAGE),
        annotations: annotations::ranked(record),
    })
}

/// Hands the findings of all steps to code scanning. Gives sentences on what became of them.
///
/// # Errors
/// See [`GitHubError`]; that there is no code scanning, or no right to it, is none.
pub fn scan(
    session: &Session,
    github: &GitHub,
    record: &RunRecord,
    sha: &str,
) -> Result<Vec<String>, GitHubError> {
    let steps = sarif::steps(record);
    let stays = "the SARIF files stay in the artifact";
    let Some(git_ref) = session.context.full_ref() else {
        let told = format!(
            "findings were not sent to code scanning, which knows branches, tags and pull requests alone; {stays}"
        );
        return Ok(vec![told]);
    };
    // What cannot be written as JSON was not written as a file either, and was told then.
    let texts = steps.iter().filter_map(|step| Some((*step, sarif::sarif(record, step).ok()?)));
    let texts: Vec<(&str, String)> = texts.collect();
    let analyses: Vec<Analysis<'_>> =
        texts.iter().map(|(_, text)| Analysis { commit: sha, git_ref: &git_ref, sarif: text }).collect();
    let all = match github.scan(&analyses) {
        Err(error) if matches!(error.status(), Some(403 | 404)) => {
            let hint = error.hint().unwrap_or_default();
            return Ok(vec![format!(
                "code scanning is not available here, or the token may not use it: {stays} ({error}). {hint}"
            )]);
        }
        all => all?,
    };
    let (mut taken, mut told) = (0, Vec::new());
    for ((step, _), processed) in texts.iter().zip(all) {
        match processed {
            Processed::Complete => taken += 1,
            Processed::Pending => told.push(format!("code scanning still looks at the findings of {step}")),
            Processed::Failed(why) => {
                told.push(format!(
                    "code scanning refuses the findings of {step}: {}; {stays}",
                    why.join("; ")
                ));
            }
        }
    }
    if taken > 0 {
        told.insert(0, format!("code scanning has taken the findings of {}", plural(taken, "step")));
    }
    Ok(told)
}
