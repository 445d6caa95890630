//! A command as data: shown before it runs, repeated when it fails, and the same both times; and what it gave.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::kit::secret::is_withheld;
use crate::kit::text::{duration, last_lines, shell_word};

/// A program with its arguments; its `Display` can be pasted into a POSIX shell in the workspace root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    program: String,
    args: Vec<String>,
    env: BTreeMap<String, String>,
    cwd: Option<PathBuf>,
    stdout: Option<PathBuf>,
    secrets: Vec<String>,
}

impl CommandLine {
    /// A command without arguments.
    pub fn new(program: impl Into<String>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            env: BTreeMap::new(),
            cwd: None,
            stdout: None,
            secrets: Vec::new(),
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: Into<String>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets a variable of the command's environment.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// Sets the folder that the command runs in, absolute or relative to the workspace root, which it is without one.
    #[must_use]
    pub fn cwd(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cwd = Some(folder.into());
        self
    }

    /// Sends what the command prints to a file instead of showing it; its errors are still shown.
    #[must_use]
    pub fn into_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.stdout = Some(file.into());
        self
    }

    /// Hands on these variables of ours, which are kept from commands otherwise: tokens and passwords. They are named
    /// and never shown.
    #[must_use]
    pub fn secrets<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.secrets.extend(names.into_iter().map(Into::into));
        self
    }

    /// Whether the command may have this one of our variables.
    #[must_use]
    pub fn may_have(&self, variable: &str) -> bool {
        !is_withheld(variable) || self.secrets.iter().any(|name| name == variable)
    }

    /// The program: a name to look up, or a path.
    #[must_use]
    pub fn program(&self) -> &str {
        &self.program
    }

    /// The arguments, in order.
    #[must_use]
    pub fn arguments(&self) -> &[String] {
        &self.args
    }

    /// The variables that are set for this command alone.
    #[must_use]
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    /// The file that takes what the command prints, where one does.
    #[must_use]
    pub fn output_file(&self) -> Option<&Path> {
        self.stdout.as_deref()
    }

    /// The folder that the command runs in, when it is not the workspace root.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.cwd.as_deref()
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In a shell of its own, so that what is pasted next starts at the root again.
        if let Some(folder) = &self.cwd {
            write!(f, "(cd {} && ", shell_word(&folder.to_string_lossy()))?;
        }
        for (name, value) in &self.env {
            write!(f, "{name}={} ", shell_word(value))?;
        }
        write!(f, "{}", shell_word(&self.program))?;
        for arg in &self.args {
            write!(f, " {}", shell_word(arg))?;
        }
        if let Some(file) = &self.stdout {
            write!(f, " >{}", shell_word(&file.to_string_lossy()))?;
        }
        f.write_str(if self.cwd.is_some() { ")" } else { "" })
    }
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this code.
    Exited(i32),
    /// By this signal, which was not ours.
    Signalled(i32),
    /// We ended it, as it ran longer than this.
    TimedOut(Duration),
    /// We ended it, as the run was interrupted.
    Cancelled,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "exit code {code}"),
            Self::Signalled(signal) => write!(f, "ended by signal {signal}"),
            Self::TimedOut(limit) => write!(f, "timed out after {}", duration(*limit)),
            Self::Cancelled => f.write_str("interrupted"),
        }
    }
}

/// What a command printed, without secrets and as UTF-8, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandOutput {
    /// How it ended.
    pub end: End,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// How long it ran.
    pub duration: Duration,
}

impl CommandOutput {
    /// Whether it ended by itself with code 0.
    #[must_use]
    pub fn success(&self) -> bool {
        self.end == End::Exited(0)
    }

    /// The last lines of what it said: of standard error, or of standard output when that is empty.
    #[must_use]
    pub fn tail(&self, lines: usize) -> String {
        let said = if self.stderr.trim().is_empty() { &self.stdout } else { &self.stderr };
        last_lines(said, lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_a_shell_reads_it() {
        let line = CommandLine::new("cargo").args(["test", "--", "it's"]).env("RUST_LOG", "a b");
        assert_eq!(line.to_string(), r"RUST_LOG='a b' cargo test -- 'it'\''s'");
        assert_eq!(CommandLine::new("ls").into_file("a b").to_string(), "ls >'a b'");
        assert_eq!(CommandLine::new("make").cwd("sub dir").to_string(), "(cd 'sub dir' && make)");
    }
}
