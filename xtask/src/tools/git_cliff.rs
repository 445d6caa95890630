//! `git-cliff`: notes of a release as the repository's own configuration of it says.

use std::path::Path;

use super::process::Supervisor;
use super::programs;
use crate::model::command::{CommandLine, CommandOutput};

/// Where a configuration may lie, below the root. Source: git-cliff's documentation, "Configuration".
const PLACES: [&str; 4] = ["cliff.toml", ".cliff.toml", ".config/cliff.toml", "cliff.yaml"];

/// The command that writes the notes of a version; none without the program or without a configuration for it.
#[must_use]
pub fn command(supervisor: &Supervisor, range: &str, tag: &str) -> Option<CommandLine> {
    let is_there = |place: &&&str| supervisor.root.join(Path::new(place)).is_file();
    let place = PLACES.iter().find(is_there)?;
    programs::find(&supervisor.env, "git-cliff")?;
    let line = CommandLine::new("git-cliff").args(["--config", place, "--tag", tag, "--strip", "header"]);
    Some(line.arg("--").arg(range))
}

/// What it writes.
///
/// # Errors
/// In one sentence, when it fails or writes nothing.
pub fn notes(supervisor: &Supervisor, line: &CommandLine) -> Result<String, String> {
    let output = supervisor.ask(line).map_err(|error| error.to_string())?;
    let told = |output: &CommandOutput| output.tail(5);
    if !output.success() {
        return Err(format!("`{line}` failed: {}", told(&output).trim()));
    }
    match output.stdout.trim() {
        "" => Err(format!("`{line}` writes nothing")),
        notes => Ok(notes.to_owned() + "\n"),
    }
}
