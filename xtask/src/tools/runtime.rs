//! A thing that runs an image: a container engine, or the process sandbox where there is none. What is true of a run is
//! told in types of ours, so that the smoke contract does not know which of them it was.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::model::smoke::End;

#[cfg(feature = "docker")]
pub mod engine;
pub mod kept;
pub mod packaged;

pub use packaged::Packaged;

/// How an image is to be run, beside what it says itself. Its files are read-only, and it has no capabilities, always.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunSpec {
    /// In place of the image's entrypoint.
    pub entrypoint: Option<Vec<String>>,
    /// In place of the image's arguments.
    pub args: Option<Vec<String>>,
    /// Added to the image's variables.
    pub env: BTreeMap<String, String>,
    /// The most memory, in bytes; none for no limit.
    pub memory: Option<u64>,
    /// The most processes and threads.
    pub pids: u16,
    /// Folders that it can write to, absolute, each empty at the start.
    pub writable: Vec<String>,
    /// The TCP port that it listens on.
    pub port: Option<u16>,
}

/// What runs an image.
pub trait Runtime {
    /// `engine`, or `process sandbox, no engine`.
    fn name(&self) -> &'static str;

    /// Sentences about what it does not limit or keep apart; a reader of the report should know them.
    fn notes(&self) -> Vec<String>;

    /// Starts the image and gives it back once its program runs.
    ///
    /// # Errors
    /// When the image cannot be started, or the runtime does not work.
    fn start(&self, spec: &RunSpec) -> Result<Box<dyn Running + '_>, RuntimeError>;
}

/// An image that was started. Dropping it ends and removes it, whatever it does.
pub trait Running {
    /// Where its port can be reached from here: host and port.
    ///
    /// # Errors
    /// When the runtime does not say.
    fn address(&self) -> Result<(String, u16), RuntimeError>;

    /// Who it runs as: `1000:1000`, `app`, or empty for root.
    ///
    /// # Errors
    /// When the runtime does not say.
    fn user(&self) -> Result<String, RuntimeError>;

    /// How it ended; none while it runs.
    ///
    /// # Errors
    /// When the runtime does not say.
    fn end(&self) -> Result<Option<End>, RuntimeError>;

    /// What its own health check says.
    ///
    /// # Errors
    /// When the runtime does not say.
    fn health(&self) -> Result<Health, RuntimeError>;

    /// What it has printed so far.
    ///
    /// # Errors
    /// When the runtime does not say.
    fn output(&self) -> Result<Output, RuntimeError>;

    /// Sends SIGTERM to its first process.
    ///
    /// # Errors
    /// When the runtime refuses.
    fn ask_to_stop(&self) -> Result<(), RuntimeError>;

    /// Waits until it has ended, for so long at most; none when it still runs then.
    ///
    /// # Errors
    /// When the runtime does not say, and when the run is interrupted.
    fn wait(&self, limit: Duration) -> Result<Option<End>, RuntimeError>;

    /// Ends it if need be, and removes all that was made for it.
    ///
    /// # Errors
    /// When something of it is left.
    fn remove(self: Box<Self>) -> Result<(), RuntimeError>;
}

/// What a health check says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// The image has none.
    None,
    /// The last time it was asked it was not well; with what the check printed.
    NotYet(String),
    /// It is well.
    Healthy,
}

/// What an image printed: of each stream the last few MiB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// To standard output.
    pub stdout: String,
    /// To standard error.
    pub stderr: String,
}

/// Whose fault it is that something did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The image's: it cannot be started.
    Image,
    /// The machine's: nothing is known about the image.
    Machine,
    /// Nobody's: the run was interrupted.
    Interrupted,
}

/// Why an image could not be run, or what became of it could not be learnt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeError {
    /// Whose fault it is.
    pub fault: Fault,
    /// What happened.
    pub message: String,
    /// What to do, where that is known.
    pub hint: Option<String>,
}

impl RuntimeError {
    /// The image cannot be started.
    pub fn of_image(message: impl Into<String>) -> Self {
        Self { fault: Fault::Image, message: message.into(), hint: None }
    }

    /// The machine does not let us.
    pub fn of_machine(message: impl Into<String>) -> Self {
        Self { fault: Fault::Machine, message: message.into(), hint: None }
    }

    /// Somebody asked to stop.
    #[must_use]
    pub fn interrupted() -> Self {
        Self { fault: Fault::Interrupted, message: "interrupted".to_owned(), hint: None }
    }

    /// The same with what to do.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl fmt::Display for RuntimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, " (hint: {hint})"))
    }
}

impl std::error::Error for RuntimeError {}
