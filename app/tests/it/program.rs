//! Runs of the executable that end by themselves, in an environment without its variables.

use std::process::{Command, Output};

/// The executable with nothing of the caller's settings.
pub(crate) fn app() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_app"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("APP_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs the executable to its end.
pub(crate) fn run(arguments: &[&str]) -> Finished {
    finish(app().args(arguments))
}

/// Runs a prepared executable to its end.
pub(crate) fn finish(command: &mut Command) -> Finished {
    Finished::from(command.output().expect("the executable starts"))
}

/// What is left of a run.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("stdout in UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr in UTF-8"),
        }
    }
}

impl Finished {
    /// Exit code, `error:` and `hint:` of a failure, and nothing else.
    #[track_caller]
    pub(crate) fn fails_with(&self, code: i32, error: &str, hint: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stdout, "", "stdout is for data");
        let (message, advice) = self.stderr.split_once("\n\nhint: ").expect("a hint after a blank line");
        assert!(message.starts_with("error: ") && message.contains(error), "{message}");
        assert!(advice.contains(hint) && advice.trim_end().lines().count() == 1, "{advice}");
    }
}
