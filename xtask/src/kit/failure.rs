//! The one failure type of the edge: what happened, with what, why, and what to do next.
//! Modules below have small typed errors of their own; they become a [`Failure`] where a person will read them.

use std::fmt;

use super::exit::Exit;

/// What kind of thing went wrong; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The command line, the settings or the workspace is not usable as given.
    Usage,
    /// The machine could not do it: missing tool, full disk, no network.
    Environment,
    /// Somebody ended the run before it began.
    Interrupted,
}

/// A failure as it is told to a person, once.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    message: String,
    excerpt: Option<String>,
    cause: Option<anyhow::Error>,
    hints: Vec<String>,
}

impl Failure {
    /// A usage or settings error (exit code 2).
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// A failure of the environment (exit code 3).
    pub fn environment(message: impl Into<String>) -> Self {
        Self::new(Kind::Environment, message)
    }

    /// An end that somebody asked for before anything was run (exit code 130).
    #[must_use]
    pub fn interrupted() -> Self {
        Self::new(Kind::Interrupted, "interrupted before anything was run")
    }

    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), excerpt: None, cause: None, hints: Vec::new() }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds the chain of causes.
    #[must_use]
    pub fn because(mut self, cause: impl Into<anyhow::Error>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Adds an excerpt of a file, rendered as rustc does; it then stands in place of the message.
    #[must_use]
    pub fn excerpt(mut self, excerpt: impl Into<String>) -> Self {
        self.excerpt = Some(excerpt.into());
        self
    }

    /// What happened, in a sentence without causes and hints.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// How the process ends after this failure.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self.kind {
            Kind::Usage => Exit::Usage,
            Kind::Environment => Exit::Environment,
            Kind::Interrupted => Exit::Interrupted,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.excerpt {
            Some(excerpt) => write!(f, "{}", excerpt.trim_end())?,
            None => write!(f, "error: {}", self.message)?,
        }
        for cause in self.cause.iter().flat_map(anyhow::Error::chain) {
            write!(f, "\n  because: {cause}")?;
        }
        if !self.hints.is_empty() {
            writeln!(f)?;
        }
        for hint in &self.hints {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_why_and_what_next() {
        let failure = Failure::environment("cannot write reports/run.json")
            .because(std::io::Error::other("no space left on device"))
            .hint("free some space, then run it again");
        assert_eq!(
            failure.to_string(),
            "error: cannot write reports/run.json\n  because: no space left on device\n\n\
             hint: free some space, then run it again"
        );
        assert_eq!(failure.exit().code(), 3);
    }
}
