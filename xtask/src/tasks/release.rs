//! `release`: what comes next, and making it: version, image, git tag and release on GitHub, step by step.

use semver::Version;

use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::model::release::version_of;
use crate::pipeline::Session;
use crate::pipeline::release::{self, Asked, Status, World, unfinished};

mod plan;
mod promote;

pub use promote::PromoteAsked;

/// What to do.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Question {
    /// Say which version comes next by what has changed, and print its notes.
    #[command(after_help = "Example: cargo xtask release plan --pre rc")]
    Plan(PlanAsked),
    /// Make a release of the image that this commit was tested with; what is done already is left alone.
    #[command(after_help = "Example: cargo xtask release run --dry-run")]
    Run(RunAsked),
    /// Go on with a release that was begun here.
    #[command(after_help = "Example: cargo xtask release resume 1.2.3")]
    Resume(RunAsked),
    /// Put further tags on an image, the very same bytes, and read them back.
    #[command(after_help = "Example: cargo xtask release promote --from ghcr.io/ada/parcels:1.2.3 --to prod")]
    Promote(PromoteAsked),
}

/// What comes next.
#[derive(Clone, Debug, clap::Args)]
pub struct PlanAsked {
    /// A pre-release of it: `rc` for `1.3.0-rc.1`.
    #[arg(long, value_name = "WORD")]
    pub pre: Option<String>,
}

/// Which release.
#[derive(Clone, Debug, clap::Args)]
pub struct RunAsked {
    /// The version, or its git tag [default: that of the tag that was pushed, else that of the manifests].
    #[arg(value_name = "VERSION")]
    pub version: Option<String>,
    /// Do not ask whether the commit has passed [setting: release.status].
    #[arg(long)]
    pub without_status: bool,
}

/// Does it.
///
/// # Errors
/// When something must not be as it is, or cannot be done.
pub fn run(session: &Session, question: Question, look: Look) -> Result<Exit, Failure> {
    match question {
        Question::Plan(asked) => plan::run(session, asked.pre.as_deref(), look),
        Question::Run(asked) => steps(session, &asked.of(session, false)?, look),
        Question::Resume(asked) => resume(session, asked, look),
        Question::Promote(asked) => promote::run(session, &asked, look),
    }
}

impl RunAsked {
    fn of(self, session: &Session, is_resumed: bool) -> Result<Asked, Failure> {
        let status = if self.without_status { Status::Waived } else { Status::Needed };
        let prefix = &session.settings().release.tag_prefix;
        let read = |text: String| -> Result<Version, Failure> {
            text.parse().or_else(|error: semver::Error| {
                let told = || Failure::usage(format!("`{text}` is no version")).because(error);
                version_of(&text, prefix).ok_or_else(|| told().hint("write it as 1.2.3, or 1.3.0-rc.1"))
            })
        };
        Ok(Asked { version: self.version.map(read).transpose()?, status, is_resumed })
    }
}

fn steps(session: &Session, asked: &Asked, look: Look) -> Result<Exit, Failure> {
    let mut world = World::open(session, asked, look)?;
    if session.request.dry_run { release::show(&mut world) } else { release::run(&mut world) }
}

/// The only release that was begun and is not finished, unless somebody names one.
fn resume(session: &Session, asked: RunAsked, look: Look) -> Result<Exit, Failure> {
    let mut asked = asked.of(session, true)?;
    if asked.version.is_none() {
        asked.version = match unfinished(session)?.as_slice() {
            [version] => Some(version.clone()),
            [] => {
                return Err(Failure::usage("no release was begun here that is not finished")
                    .hint("`cargo xtask release run VERSION` does what is missing, wherever it was begun"));
            }
            several => {
                let names: Vec<String> = several.iter().map(ToString::to_string).collect();
                let told = format!("several releases were begun here: {}", names.join(", "));
                return Err(Failure::usage(told).hint("name the one that is meant"));
            }
        };
    }
    steps(session, &asked, look)
}
