//! `config`: what the settings are, and why.

use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::pipeline::Request;
use crate::pipeline::publish::data;
use crate::pipeline::session::{load, root_of};
use crate::settings::schema;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Question {
    /// Print all settings with the origin of each value.
    #[command(after_help = "Example: cargo xtask config show")]
    Show,
    /// Explain a key: what it means, what it takes, and every layer that sets it.
    #[command(after_help = "Example: cargo xtask config explain test.timeout")]
    Explain {
        /// A key such as `lint.mode`, or a section such as `lint`.
        key: String,
    },
    /// Print the JSON Schema of slipway.toml, for editors.
    #[command(after_help = "Example: cargo xtask config schema > slipway.schema.json")]
    Schema,
}

/// Answers on standard output.
///
/// # Errors
/// When the settings are wrong or the key is unknown.
pub fn run(request: &Request, question: &Question) -> Result<Exit, Failure> {
    if *question == Question::Schema {
        data(schema());
        return Ok(Exit::Pass);
    }
    let loaded = load(request, Some(&root_of(request)?))?;
    match question {
        Question::Explain { key } => data(&(loaded.explain(key)?.trim_end().to_owned() + "\n")),
        Question::Show | Question::Schema => data(&loaded.show()),
    }
    Ok(Exit::Pass)
}
