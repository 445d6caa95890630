//! `hooks`: git calls us before a commit and before a push.
//!
//! What a hook finds is judged as `lint` and `test` judge it; only what they look at is smaller.

mod committing;
mod install;
mod pushing;
mod run;
mod verbs;

pub use verbs::Verbs;

use clap::{Subcommand, ValueEnum};

use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::model::hooks::Hook;
use crate::pipeline::Request;

/// What to do with hooks.
#[derive(Clone, Debug, Subcommand)]
pub enum Question {
    /// Let git call the quick linters before a commit, and the affected tests before a push.
    #[command(after_help = "Example: cargo xtask hooks install")]
    Install,
    /// Take these hooks away, and put back what was there before.
    #[command(after_help = "Example: cargo xtask hooks remove")]
    Remove,
    /// Do what a hook does; for programs that manage hooks themselves.
    #[command(
        after_help = "Set SLIPWAY_SKIP_HOOKS=1 to go by it once.\nExample: cargo xtask hooks run pre-commit"
    )]
    Run {
        /// Which hook.
        #[arg(value_name = "HOOK")]
        hook: Which,
        /// What git hands the hook: for pre-push the name and the address of the remote.
        #[arg(value_name = "ARGUMENT")]
        arguments: Vec<String>,
    },
}

/// Which hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Which {
    /// The quick linters, on what is staged.
    PreCommit,
    /// The tests of the packages that a push touches, and of those that depend on them.
    PrePush,
}

impl From<Which> for Hook {
    fn from(which: Which) -> Self {
        match which {
            Which::PreCommit => Self::PreCommit,
            Which::PrePush => Self::PrePush,
        }
    }
}

/// Installs hooks, removes them, or does what they do.
///
/// # Errors
/// When the repository's hooks are not ours to change, or a run cannot begin.
pub fn run(request: Request, question: &Question, verbs: Verbs<'_>, look: Look) -> Result<Exit, Failure> {
    match question {
        Question::Install => install::install(&request),
        Question::Remove => install::remove(&request),
        Question::Run { hook, arguments } => run::run(request, (*hook).into(), arguments, verbs, look),
    }
}
