//! `image`: what becomes of container images, one step at a time or only asked about.

use slipway_image::Reference;

use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::pipeline::image::{self, Ask, BUILD, CHECK, PULL, PUSH, SBOM, SCAN, SMOKE, TAG};
use crate::pipeline::{Job, Session};

mod inspect;
mod tags;

pub use tags::TagsAsked;

/// What to do.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Question {
    /// Print the tags that images get here and now, in the language of docker/metadata-action.
    #[command(
        after_help = "Example: cargo xtask image tags --image ghcr.io/ada/parcels --tag type=sha --explain"
    )]
    Tags(TagsAsked),
    /// Build the images of the settings, and look at what is in them.
    #[command(after_help = "Example: cargo xtask image build")]
    Build,
    /// Build, push to the registry, pull the same digest back, then move the tags that people follow.
    #[command(after_help = "Example: cargo xtask image push")]
    Push,
    /// Pull an image by its digest, and look at what is in it.
    #[command(after_help = "Example: cargo xtask image pull ghcr.io/ada/parcels:latest")]
    Pull(One),
    /// Say what an image is: how it is run, what it is made of, what it should not have.
    #[command(after_help = "Example: cargo xtask image inspect ghcr.io/ada/parcels:latest")]
    Inspect(Maybe),
    /// Run images as `[[smoke]]` says, and check what comes of it.
    #[command(after_help = "Example: cargo xtask image smoke ghcr.io/ada/parcels:latest")]
    Smoke(Maybe),
    /// Write the bills of materials of images, as CycloneDX and SPDX.
    #[command(after_help = "Example: cargo xtask image sbom")]
    Sbom(Maybe),
    /// Look for vulnerabilities, secrets and mistakes in images and in what they are made of.
    #[command(after_help = "Example: cargo xtask image scan ghcr.io/ada/parcels:latest")]
    Scan(Maybe),
}

/// An image that is in a registry; the images of the settings without one.
#[derive(Clone, Debug, clap::Args)]
pub struct Maybe {
    /// The image: `ghcr.io/owner/name:tag`, or with `@sha256:…`; those of the settings when it is left out.
    #[arg(value_name = "IMAGE")]
    pub image: Option<Reference>,
}

/// An image that is in a registry.
#[derive(Clone, Debug, clap::Args)]
pub struct One {
    /// The image: `ghcr.io/owner/name:tag`, or with `@sha256:…`.
    #[arg(value_name = "IMAGE")]
    pub image: Reference,
}

/// Does it.
///
/// # Errors
/// When nothing could be done at all.
pub fn run(session: &Session, question: Question, look: Look) -> Result<Exit, Failure> {
    match question {
        Question::Tags(asked) => tags::run(session, &asked, look),
        Question::Build => steps(session, Ask::Settings, &[BUILD, CHECK], look),
        Question::Push => {
            steps(session, Ask::Push, &[BUILD, CHECK, PUSH, PULL, SMOKE, SBOM, SCAN, TAG], look)
        }
        Question::Pull(One { image }) => steps(session, image.into(), &[PULL, CHECK], look),
        Question::Inspect(Maybe { image }) => inspect::run(session, image.as_ref(), look),
        Question::Smoke(asked) => steps(session, asked.ask(), &[SMOKE], look),
        Question::Sbom(asked) => steps(session, asked.ask(), &[SBOM], look),
        Question::Scan(asked) => steps(session, asked.ask(), &[SBOM, SCAN], look),
    }
}

impl Maybe {
    fn ask(self) -> Ask {
        self.image.map_or(Ask::Settings, Ask::from)
    }
}

/// The steps for the images of the settings, as part of the whole pipeline: only what has passed its tests is pushed.
///
/// # Errors
/// When the settings name an image that cannot be.
pub fn jobs(session: &Session) -> Result<Vec<Job<'_>>, Failure> {
    let mut jobs = image::jobs(session, Ask::Settings)?;
    for job in jobs.iter_mut().filter(|job| job.step.id == PUSH) {
        job.step.needs.push("test".to_owned());
    }
    Ok(jobs)
}

/// Carries out these steps and what they need.
fn steps(session: &Session, ask: Ask, ids: &[&str], look: Look) -> Result<Exit, Failure> {
    let mut jobs = image::jobs(session, ask)?;
    let mut wanted: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut place = 0;
    while let Some(id) = wanted.get(place).cloned() {
        let step = jobs.iter().find(|job| job.step.id == id).map(|job| &job.step);
        wanted.extend(step.into_iter().flat_map(|step| step.needs.clone()));
        place += 1;
    }
    jobs.retain(|job| wanted.contains(&job.step.id));
    for job in &mut jobs {
        job.step.after.retain(|id| wanted.contains(id));
    }
    crate::pipeline::run::run(session, jobs, look)
}
