//! Progress as JSON, one object a line, on standard output.

use std::io::Write as _;

use crate::kit::text::workflow_json;
use crate::model::progress::{Progress, Sink};

/// Writes each event as it comes.
pub(super) struct Json;

impl Sink for Json {
    fn tell(&self, progress: &Progress) {
        if let Ok(line) = serde_json::to_string(progress) {
            let _ = writeln!(std::io::stdout().lock(), "{}", workflow_json(&line));
        }
    }
}
