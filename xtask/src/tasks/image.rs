//! `image`: what becomes of container images, one step at a time or only asked about.

use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::pipeline::Session;

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
}

/// Does it.
///
/// # Errors
/// When nothing could be done at all.
pub fn run(session: &Session, question: Question, look: Look) -> Result<Exit, Failure> {
    match question {
        Question::Tags(asked) => tags::run(session, &asked, look),
    }
}
