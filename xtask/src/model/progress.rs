//! What the engine tells while it works. The console shows it; nothing is decided by it.

use std::time::Duration;

use serde::Serialize;

use super::step::Status;

/// Something that happened just now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Progress {
    /// The plan is known.
    Planned {
        /// Steps that will run.
        run: usize,
        /// Steps that are skipped.
        skipped: usize,
    },
    /// A step begins.
    Started {
        /// The step.
        step: String,
        /// What it does.
        title: String,
        /// The command that it runs first.
        command: Option<String>,
    },
    /// A step printed a line.
    Line {
        /// The step.
        step: String,
        /// The line, as it came, without secrets.
        text: String,
    },
    /// A step ended.
    Finished {
        /// The step.
        step: String,
        /// How.
        status: Status,
        /// Why, when it did not simply pass.
        reason: Option<String>,
        /// The last lines of output, when they explain it.
        excerpt: Option<String>,
        /// The command to repeat it.
        command: Option<String>,
        /// How long it ran.
        #[serde(rename = "duration_ms", serialize_with = "as_millis")]
        duration: Duration,
    },
}

fn as_millis<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

/// Receives progress; called from several threads.
pub trait Sink: Sync {
    /// Takes note of it.
    fn tell(&self, progress: &Progress);
}
