//! Short questions to programs: a version, a branch. They have little time and nobody watches them.

use std::time::Duration;

use super::{Pipes, SpawnError, Supervisor, Unwatched};
use crate::model::command::{CommandLine, CommandOutput};

/// More than any of them needs, also on a cold disk.
const LIMIT: Duration = Duration::from_mins(1);

impl Supervisor {
    /// Runs a short command and gives what it printed.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn ask(&self, line: &CommandLine) -> Result<CommandOutput, SpawnError> {
        self.run(line, Pipes::Apart, LIMIT, &mut Unwatched)
    }

    /// The first line that a command prints; none when it fails or prints nothing.
    #[must_use]
    pub fn first_line(&self, line: &CommandLine) -> Option<String> {
        let output = self.ask(line).ok().filter(CommandOutput::success)?;
        let first =
            output.stdout.lines().chain(output.stderr.lines()).find(|line| !line.trim().is_empty())?;
        Some(first.trim().to_owned())
    }
}
