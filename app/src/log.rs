//! Log lines of the service: one per event of its life, on stderr. Failures are not logged; they are told once,
//! by the door of the library.

use std::str::FromStr;

use crate::failure::Invalid;

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// `2026-01-01T00:00:00.000000Z  INFO listening address=127.0.0.1:8080`
    Text,
    /// `{"timestamp":"…","level":"INFO","message":"listening","address":"127.0.0.1:8080"}`
    Json,
}

impl FromStr for LogFormat {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(Invalid::new("no such format", "give text or json as --log-format or APP_LOG_FORMAT")),
        }
    }
}

/// Sends all log lines of this process to stderr. Only the first call has an effect.
pub fn start(format: LogFormat) {
    let lines = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_target(false)
        // It would be written to stderr too, and panic when stderr is closed.
        .log_internal_errors(false);
    let _already_started = match format {
        LogFormat::Text => tracing::subscriber::set_global_default(lines.finish()),
        LogFormat::Json => tracing::subscriber::set_global_default(lines.json().flatten_event(true).finish()),
    };
}
