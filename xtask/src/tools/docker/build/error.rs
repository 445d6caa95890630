//! A build that failed, as a person wants to be told: where in the Dockerfile, what it printed last, why.

use std::fmt;
use std::path::{Path, PathBuf};

use super::dockerfile::Instruction;
use crate::tools::docker::error::{Cause, EngineError};

/// A build that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError {
    /// The Dockerfile.
    pub dockerfile: PathBuf,
    /// The line of the instruction that failed, from 1; none when it was none, or cannot be told.
    pub line: Option<usize>,
    /// The step that failed, as the builder calls it.
    pub step: Option<String>,
    /// The last lines that the step printed, at most 20.
    pub log: Vec<String>,
    /// Why.
    pub cause: Cause,
}

impl BuildError {
    /// One that no step is to blame for.
    pub(super) fn before(dockerfile: &Path, cause: Cause) -> Self {
        let line = match &cause {
            Cause::Failed(words) | Cause::Refused { words, .. } => parse_line(words),
            _ => None,
        };
        Self { dockerfile: dockerfile.to_owned(), line, step: None, log: Vec::new(), cause }
    }

    /// A failure in a step.
    pub(super) fn of_step(
        dockerfile: &Path,
        step: String,
        instruction: Option<&Instruction>,
        log: Vec<String>,
        cause: Cause,
    ) -> Self {
        let cause = match &cause {
            Cause::Failed(words) => Cause::Failed(exit_code(words).unwrap_or(words).trim().to_owned()),
            _ => cause,
        };
        let line = instruction.map(|instruction| instruction.line);
        Self { dockerfile: dockerfile.to_owned(), line, step: Some(step), log, cause }
    }

    /// Somebody asked to stop.
    #[must_use]
    pub fn is_interrupt(&self) -> bool {
        self.cause == Cause::Interrupted
    }

    /// What to do, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        EngineError::new("", "", self.cause.clone()).hint()
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot build the image: ")?;
        if let Some(line) = self.line {
            write!(f, "{}:{line}: ", self.dockerfile.display())?;
        }
        if let Some(step) = &self.step {
            write!(f, "{step}: ")?;
        }
        write!(f, "{}", self.cause)?;
        for line in &self.log {
            write!(f, "\n  | {line}")?;
        }
        Ok(())
    }
}

impl std::error::Error for BuildError {}

/// The end of "executor failed running […]: exit code: 7" and of "process "…" did not complete successfully: exit code: 7",
/// both of which repeat the step; and of the classic "The command '…' returned a non-zero code: 7".
fn exit_code(words: &str) -> Option<&str> {
    ["exit code: ", "non-zero code: "].into_iter().find_map(|sign| {
        let start = words.rfind(sign)?;
        words[start + sign.len()..].trim().parse::<u32>().ok()?;
        Some(&words[start..])
    })
}

/// The line in "dockerfile parse error line 3: …" and "dockerfile parse error on line 3: …".
fn parse_line(words: &str) -> Option<usize> {
    let rest = &words[words.to_ascii_lowercase().find("parse error")?..];
    let (_, rest) = rest.split_once("line ")?;
    let digits = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_told_with_its_line_and_its_last_words() {
        let instruction = Instruction { line: 7, stage: 0, text: "RUN make".to_owned() };
        let error = BuildError::of_step(
            Path::new("Dockerfile"),
            "[2/2] RUN make".to_owned(),
            Some(&instruction),
            vec!["no rule".to_owned()],
            Cause::Failed("executor failed running [/bin/sh -c make]: exit code: 2".to_owned()),
        );
        let expected = "cannot build the image: Dockerfile:7: [2/2] RUN make: exit code: 2\n  | no rule";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn the_line_of_a_parse_error_is_read() {
        for (words, line) in [
            (
                "failed to solve with frontend dockerfile.v0: dockerfile parse error line 3: unknown instruction: FOO",
                Some(3),
            ),
            ("dockerfile parse error on line 12: COPY requires at least two arguments", Some(12)),
            ("Dockerfile parse error line 2: unknown instruction: RUNN", Some(2)),
            ("target stage line 3 could not be found", None),
        ] {
            assert_eq!(parse_line(words), line, "{words}");
        }
    }

    #[test]
    fn other_words_are_kept() {
        assert_eq!(exit_code("failed to compute cache key: \"/x\" not found"), None);
        assert_eq!(
            exit_code("The command '/bin/sh -c false' returned a non-zero code: 1"),
            Some("non-zero code: 1")
        );
    }
}
