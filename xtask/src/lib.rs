//! Slipway: a CI/CD pipeline toolkit as one Rust binary.
//!
//! An import points down only, never up and never sideways between floors of the same height that are not
//! listed together. A test reads this table and every `use` in the tree.
//!
//! | floor | module | is for | must not |
//! |---|---|---|---|
//! | 0 | `kit` | failures, text, secrets | know any other module |
//! | 1 | `model` | pure facts and rules | do input or output, read environment or clock |
//! | 2 | `settings` | slipway.toml, its layers, the origin of each value | run anything |
//! | 2 | `report` | pure renderers of the run record | do input or output, decide |
//! | 2 | `console` | showing progress to people and CI services | decide success |
//! | 3 | `tools` | the only code that touches the world | know settings or console |
//! | 4 | `engine` | carrying out a plan | know what a step means |
//! | 5 | `pipeline` | what the verbs share: session, steps, gates, record, reports | know a verb |
//! | 6 | `tasks` | one verb a file | import another task (`ci` may) |
//! | 7 | `cli` | the command line | work |

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser as _;

pub mod cli;
pub mod console;
pub mod engine;
pub mod kit;
pub mod model;
pub mod pipeline;
pub mod report;
pub mod settings;
pub mod tasks;
pub mod tools;

use cli::{Arguments, Start, dispatch};
use kit::exit::Exit;

/// The whole program: what `main` of this package does, and of the package that `init` gives to other repositories.
///
/// Cargo runs it by another name as a wrapper of rustc, and it runs itself by another one as a sandbox.
#[must_use]
pub fn start() -> ExitCode {
    let name = std::env::args_os().next();
    if name.as_ref().is_some_and(|program| tools::rustc_wrapper::is_called(program)) {
        return tools::rustc_wrapper::run(std::env::args_os());
    }
    #[cfg(target_os = "linux")]
    if name.as_ref().is_some_and(|program| tools::sandbox::is_called(program)) {
        return tools::sandbox::called(std::env::args_os());
    }
    let env = std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .collect();
    run(std::env::args_os(), env, std::io::stderr().is_terminal())
}

/// The door: does what the arguments say and gives the exit code (README, "Exit codes").
///
/// Data goes to standard output, everything for people to standard error; `stderr_is_terminal` decides how.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    env: BTreeMap<String, String>,
    stderr_is_terminal: bool,
) -> ExitCode {
    let actions = env.get("GITHUB_ACTIONS").is_some_and(|value| value == "true");
    let start = Start { env, stderr_is_terminal, at: Instant::now() };
    let arguments = match Arguments::try_parse_from(args) {
        Ok(arguments) => arguments,
        Err(message) => {
            let _ = message.print();
            return if message.use_stderr() { Exit::Usage.into() } else { Exit::Pass.into() };
        }
    };
    match dispatch(arguments, start) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            // What it repeats may come from a stranger's manifest or record.
            let told = kit::text::terminal(&failure.to_string());
            let told = if actions { kit::text::workflow_text(&told) } else { told };
            let _ = writeln!(std::io::stderr().lock(), "{told}");
            failure.exit().into()
        }
    }
}
