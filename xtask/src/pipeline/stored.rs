//! The record of a run, out of a folder of reports.

use std::path::Path;

use super::Session;
use super::forge::is_after_another;
use super::handover::LARGEST;
use crate::kit::failure::Failure;
use crate::model::record::RunRecord;
use crate::report::json;
use crate::tools::files;

/// The record in a folder, else in the reports folder; none when there is none. What somebody else has put there, or a fork, is
/// read as a stranger's.
///
/// # Errors
/// When it is there and cannot be read.
pub fn record(session: &Session, from: Option<&Path>) -> Result<Option<RunRecord>, Failure> {
    let path = session.request.folder.join(from.unwrap_or(&session.reports)).join("run.json");
    let is_strange = from.is_some() || is_after_another(session) || session.context.is_fork();
    let text = if is_strange { files::read_plain(&path, LARGEST) } else { files::read_if_there(&path) };
    let text = text.map_err(|error| Failure::usage(error.to_string()).hint("make it readable"))?;
    let read = |text: &str| if is_strange { json::read_strictly(text) } else { json::read(text) };
    text.map(|text| read(&text)).transpose().map_err(|error| {
        Failure::usage(format!("{} cannot be read", path.display()))
            .because(error)
            .hint("make one with `cargo xtask ci`, or name the folder where it is with --from")
    })
}

/// What is told where there is none.
#[must_use]
pub fn missing(session: &Session, from: Option<&Path>) -> Failure {
    let path = session.request.folder.join(from.unwrap_or(&session.reports)).join("run.json");
    Failure::usage(format!("there is no {}", path.display()))
        .hint("make one with `cargo xtask ci`, or name the folder where it is with --from")
}
