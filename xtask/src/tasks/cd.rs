//! `cd`: what a deployment does: an image is pulled by its digest, looked at, and run. Nothing is built.

use slipway_image::{Reference, Repository};

use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
#[cfg(feature = "github")]
use crate::model::context::Event;
use crate::pipeline::Session;
use crate::pipeline::image::{Ask, SBOM, SCAN, jobs, repositories};

#[cfg(feature = "github")]
mod delivery;

/// Which image; after another workflow the images of its run without any of these.
#[derive(Clone, Debug, clap::Args)]
#[group(multiple = false)]
pub struct Asked {
    /// The image: `ghcr.io/owner/name:tag`, or with `@sha256:…`.
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<Reference>,
    /// The commit whose image it is: the one that has the tag `sha-COMMIT`.
    #[arg(long, value_name = "COMMIT")]
    pub sha: Option<String>,
    /// The workflow run on GitHub that pushed the images: set a status and comment, too [default: that of the event].
    #[cfg(feature = "github")]
    #[arg(long, value_name = "ID")]
    pub run_id: Option<u64>,
}

/// Pulls, looks, runs, reports.
///
/// # Errors
/// When nobody says which image, or the settings name one that cannot be.
pub fn run(session: &Session, asked: Asked, look: Look) -> Result<Exit, Failure> {
    #[cfg(feature = "github")]
    if let Some(run) = delivered(session, &asked) {
        return delivery::run(session, run, look);
    }
    let reference = match (asked.image, asked.sha) {
        (Some(image), _) => image,
        (None, Some(sha)) => of_commit(session, &sha)?,
        (None, None) => {
            return Err(Failure::usage("nobody says which image is delivered")
                .hint("name one with --image or --sha, or the run that pushed it with --run-id"));
        }
    };
    let mut jobs = jobs(session, Ask::from(reference))?;
    // What is in it was told and judged before it was released.
    jobs.retain(|job| ![SBOM, SCAN].contains(&job.step.id.as_str()));
    crate::pipeline::run::run(session, jobs, look)
}

/// The run whose images are delivered, when it is not one image that somebody named.
#[cfg(feature = "github")]
fn delivered(session: &Session, asked: &Asked) -> Option<u64> {
    match (&session.context.event, asked) {
        (_, Asked { run_id: Some(run), .. }) => Some(*run),
        (Event::WorkflowRun { run_id, .. }, Asked { image: None, sha: None, .. }) => Some(*run_id),
        _ => None,
    }
}

fn of_commit(session: &Session, sha: &str) -> Result<Reference, Failure> {
    let is_commit = sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_commit {
        return Err(Failure::usage(format!("`{sha}` is no full commit"))
            .hint("a commit has 40 hexadecimal digits: `git rev-parse HEAD` prints one"));
    }
    let homes: Vec<Repository> = repositories(session)?;
    let tag = format!("sha-{}", sha.to_ascii_lowercase());
    match (homes.as_slice(), tag.parse()) {
        ([home], Ok(tag)) => Ok(home.tagged(&tag)),
        ([], _) => Err(Failure::usage("nobody says which repository the image is kept in")
            .hint("name one with `repository` in its [[images]] table, or the image itself with --image")),
        (all, _) => {
            let names: Vec<String> = all.iter().map(ToString::to_string).collect();
            Err(Failure::usage(format!("there are several images: {}", names.join(", ")))
                .hint("name the one that is meant with --image"))
        }
    }
}
