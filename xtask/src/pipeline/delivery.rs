//! Delivery after a run that succeeded: what the run pushed is pulled by its digest, looked at and run, and the commit and its pull
//! request say so. GitHub names the run; its record names the digests; the registry says whether they are those of the commit.

use slipway_image::{Reference, Repository, Tag};

use super::forge::{failed, is_after_another, proposals};
use super::image::{Ask, Attested, Named, SBOM, SCAN, jobs, repositories};
use super::provenance::{Known, Told};
use super::statuses::{self, CD};
use super::{Job, Session, comment, handover};
use crate::kit::failure::Failure;
use crate::model::comment::{Mine, Outcome, Page, Part};
use crate::model::forge::{self, PullRequest, State, WorkflowRun};
use crate::model::gate::Decision;
use crate::model::record::RunRecord;
use crate::model::step::Skip;
use crate::report;
use crate::settings::Attestations;
use crate::tools::github::{GitHub, GitHubError};
use crate::tools::programs;

/// The most bytes of what the comment tells of it.
const PART: usize = 7_900;

/// Where the comment about a delivery went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Commented {
    /// No pull request proposes the commit.
    Nowhere,
    /// Several do, and none of them was told.
    Several(Vec<u64>),
    /// On this one, with what came of it.
    On(u64, Outcome),
}

/// A run whose images are to be delivered.
#[derive(Debug)]
pub struct Delivery {
    run: WorkflowRun,
    told: Told,
    images: Vec<Reference>,
    /// Somebody has attested all of them; none when that is not known.
    attested: Option<bool>,
}

impl Delivery {
    /// Asks GitHub for a run and for the record that it left. None when the run has pushed nothing.
    ///
    /// # Errors
    /// When the run is not one that is delivered, or its record is not one that is believed.
    pub fn of(session: &Session, github: &GitHub, id: u64) -> Result<Option<Self>, Failure> {
        let run = github.workflow_run(id).map_err(|error| failed(&error))?;
        accept(&run, github.repository())?;
        let record = handover::record(github, run.id, run.began, &session.settings().github.artifact)?;
        let told = Told::of(session, record, Some(Known::of_run(&run)))?;
        told.is_of(github.repository())?;
        if told.record.verdict.exit_code != 0 {
            return Err(Failure::usage(format!(
                "run {id} succeeded, and its record says that it did not: nothing is delivered"
            ))
            .hint("the job that leaves the record has to fail when its run fails"));
        }
        let decision = told.record.verdict.decision;
        if decision != Decision::Pass {
            return Err(Failure::usage(format!(
                "run {id} only reports, and its verdict is {}: nothing is delivered",
                decision.word()
            ))
            .hint("only what passed is delivered: mend what its report names"));
        }
        let images = images(session, &told.record)?;
        if images.is_empty() {
            return Ok(None);
        }
        let attested = match session.settings().github.attestations {
            Attestations::Auto => are_attested(github, &images).map_err(|error| failed(&error))?,
            Attestations::Require | Attestations::Never => None,
        };
        Ok(Some(Self { run, told, images, attested }))
    }

    /// The steps.
    ///
    /// # Errors
    /// When the commit makes no tag, or the settings name an image that cannot be.
    pub fn jobs<'a>(
        &self,
        session: &'a Session,
        repository: &forge::Repository,
    ) -> Result<Vec<Job<'a>>, Failure> {
        let tag: Tag = format!("sha-{}", self.run.head_sha)
            .parse()
            .map_err(|error| Failure::usage("the commit of the run makes no tag").because(error))?;
        let attested = Attested {
            repository: repository.to_string(),
            commit: self.built(),
            skip: self.unattested(session),
        };
        let named = Named { references: self.images.clone(), tag: Some(tag), attested: Some(attested) };
        let mut jobs = jobs(session, Ask::Images(named))?;
        // What is in it was told and judged before.
        jobs.retain(|job| ![SBOM, SCAN].contains(&job.step.id.as_str()));
        Ok(jobs)
    }

    /// The commit that the images were built from, as an attestation names it. For a pull request that is a merge that GitHub made up, and
    /// which one it was only the record says.
    fn built(&self) -> Option<String> {
        let is_of_head = !self.run.event.starts_with("pull_request");
        is_of_head.then(|| self.run.head_sha.clone())
    }

    /// Why nobody is asked who built the images.
    fn unattested(&self, session: &Session) -> Option<Skip> {
        let has_gh = programs::find(&session.supervisor.env, "gh").is_some();
        match session.settings().github.attestations {
            Attestations::Never => Some(Skip::Disabled),
            Attestations::Auto if self.attested == Some(false) => {
                Some(Skip::NothingToDo("nobody has attested who built it".to_owned()))
            }
            Attestations::Auto if self.attested.is_none() => Some(Skip::Condition(
                "the token may not ask who has attested it: the job needs `attestations: read`".to_owned(),
            )),
            Attestations::Auto if !has_gh => Some(Skip::MissingTool {
                program: "gh".to_owned(),
                install: "https://cli.github.com".to_owned(),
            }),
            Attestations::Auto | Attestations::Require => None,
        }
    }

    /// Says on the commit how it stands with the delivery. Whether the token may.
    ///
    /// # Errors
    /// See [`GitHubError`]. After another workflow a token that may not is one, too.
    pub fn set_status(
        &self,
        session: &Session,
        github: &GitHub,
        state: State,
        line: &str,
    ) -> Result<bool, GitHubError> {
        match statuses::set(session, github, &self.run.head_sha, (CD, state), line) {
            Ok(()) => Ok(true),
            Err(error) if error.is_read_only() && !is_after_another(session) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Adds to the comment on the pull request what came of it.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn comment(
        &self,
        session: &Session,
        github: &GitHub,
        record: &RunRecord,
    ) -> Result<Commented, GitHubError> {
        let found = proposals(session, github, &self.run.head_sha, Known::of_run(&self.run).origin())?;
        let number = match found.as_slice() {
            [] => return Ok(Commented::Nowhere),
            [PullRequest { number, .. }] => *number,
            several => return Ok(Commented::Several(several.iter().map(|one| one.number).collect())),
        };
        let page = statuses::page(session, github.repository());
        let text = report::summary::delivery(record, page.as_deref(), PART);
        let page = Page::with(self.told.marker.clone(), Part::Delivery, &text);
        comment::upsert(github, number, Mine::of(&page)).map(|outcome| Commented::On(number, outcome))
    }
}

/// Whether somebody has attested all images; none when the token may not ask.
fn are_attested(github: &GitHub, images: &[Reference]) -> Result<Option<bool>, GitHubError> {
    for digest in images.iter().filter_map(|image| image.digest.as_ref()) {
        match github.attestations(&digest.to_string()) {
            Ok(0) => return Ok(Some(false)),
            Ok(_) => {}
            Err(error) if error.status() == Some(403) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(true))
}

/// Only what has succeeded here is delivered.
fn accept(run: &WorkflowRun, repository: &forge::Repository) -> Result<(), Failure> {
    let id = run.id;
    if !repository.is(&run.repository) {
        return Err(Failure::usage(format!(
            "run {id} is one of {}, and this is {repository}",
            run.repository
        ))
        .hint("name a run of this repository"));
    }
    if run.is_fork() {
        return Err(Failure::usage(format!(
            "run {id} was for a commit of {}: nothing of a fork is delivered",
            run.head_repository.as_deref().unwrap_or("a repository that is gone")
        ))
        .hint("merge it first, and deliver what the run of the merge pushes"));
    }
    match run.conclusion.as_deref() {
        Some("success") => Ok(()),
        None => Err(Failure::usage(format!("run {id} has not ended: nothing is delivered yet"))
            .hint("wait for its end, or run it on workflow_run")),
        Some(end) => Err(Failure::usage(format!("run {id} ended with {end}: nothing is delivered"))
            .hint("only a run that succeeded is delivered: mend what failed")),
    }
}

/// What the run pushed, by digest, which may be nothing. The record does not choose the place: only the repositories of the settings count.
fn images(session: &Session, record: &RunRecord) -> Result<Vec<Reference>, Failure> {
    let homes = repositories(session)?;
    let mut images: Vec<Reference> = Vec::new();
    for image in record.images.iter().filter(|image| image.pushed.is_some()) {
        let told = image.pinned().unwrap_or_default();
        let reference: Reference = told.parse().map_err(|error| {
            Failure::usage(format!("the record names an image that cannot be: {told:?}")).because(error)
        })?;
        if !homes.contains(&reference.repository) {
            let names: Vec<String> = homes.iter().map(Repository::to_string).collect();
            return Err(Failure::usage(format!(
                "the record names an image in {}, and the settings keep them in {}",
                reference.repository,
                if names.is_empty() { "no place".to_owned() } else { names.join(", ") }
            ))
            .hint("`repository` in its [[images]] table says where an image is kept"));
        }
        if images.iter().any(|other| other.repository == reference.repository) {
            return Err(Failure::usage(format!("the record names two images in {}", reference.repository)));
        }
        images.push(reference);
    }
    Ok(images)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(repository: &str, head: Option<&str>, conclusion: Option<&str>) -> WorkflowRun {
        WorkflowRun {
            id: 7,
            workflow: None,
            attempt: 1,
            began: 0,
            event: "push".to_owned(),
            conclusion: conclusion.map(str::to_owned),
            head_branch: None,
            head_sha: "c0ffee00".repeat(5),
            head_repository: head.map(str::to_owned),
            repository: repository.to_owned(),
            url: String::new(),
        }
    }

    #[test]
    fn only_what_has_succeeded_here_is_delivered() {
        let ours = "ada/parcels".parse().unwrap();
        let refused = |run: &WorkflowRun| accept(run, &ours).unwrap_err().to_string();
        let here = Some("Ada/Parcels");
        assert!(accept(&run("ada/parcels", here, Some("success")), &ours).is_ok());
        for (run, told) in [
            (run("eve/parcels", Some("eve/parcels"), Some("success")), "is one of eve/parcels"),
            (run("ada/parcels", Some("eve/parcels"), Some("success")), "nothing of a fork"),
            (run("ada/parcels", None, Some("success")), "a repository that is gone"),
            (run("ada/parcels", here, None), "has not ended"),
            (run("ada/parcels", here, Some("failure")), "ended with failure"),
            (run("ada/parcels", here, Some("skipped")), "ended with skipped"),
        ] {
            assert!(refused(&run).contains(told), "{told}: {}", refused(&run));
        }
    }
}
