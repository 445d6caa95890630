//! The only code that touches the world: processes, cargo, git, files, the environment.
//! Gives facts of `model`; a library's types do not leave this floor.

#[cfg(feature = "github")]
pub mod archive;
#[cfg(feature = "docker")]
pub mod bundle;
pub mod cargo;
pub mod cargo_audit;
pub mod compile_errors;
pub mod coverage;
pub mod docker;
pub mod environment;
pub mod files;
pub mod git;
pub mod git_cliff;
#[cfg(feature = "github")]
pub mod github;
#[cfg(feature = "docker")]
pub mod http;
pub mod inside;
pub mod interrupt;
pub mod junit;
pub mod libtest;
pub mod linter;
pub mod nextest;
pub mod orphans;
pub mod process;
pub mod programs;
pub mod reading;
#[cfg(feature = "docker")]
pub mod registry;
pub mod runtime;
pub mod rustc_wrapper;
pub mod rustsec;
#[cfg(target_os = "linux")]
pub mod sandbox;
pub mod sarif;
pub mod scanner;
pub mod test_output;
pub mod toolkit;
pub mod trivy;
pub mod variables;

use crate::model::command::CommandLine;

/// A command written with `xshell::cmd!`, as data. Its folder is the supervisor's, not xshell's.
#[must_use]
pub fn process_line(command: xshell::Cmd<'_>) -> CommandLine {
    let command = std::process::Command::from(command);
    let text = |part: &std::ffi::OsStr| part.to_string_lossy().into_owned();
    CommandLine::new(text(command.get_program())).args(command.get_args().map(text))
}
