//! Trivy: what is run, and how its JSON is read. What it finds is taken from its report alone; its exit code, and settings that
//! would make it keep something back, decide nothing.

mod command;
mod report;
mod version;

pub use command::{Options, Source, Wanted, fs, image, sbom, version};
pub use report::{Looked, read};
pub use version::{Version, age, read_version};

use crate::kit::text::{last_lines, shorten, terminal};
use crate::model::command::CommandOutput;

/// The program.
pub const PROGRAM: &str = "trivy";

/// Why Trivy wrote no report, in one line, and what to do about it.
#[must_use]
pub fn trouble(output: &CommandOutput) -> (String, Option<&'static str>) {
    let said = terminal(&output.stderr);
    let fatal = said.lines().find_map(|line| line.split_once("FATAL").map(|(_, rest)| rest.trim()));
    // Each part of the chain of causes repeats what the program is doing; the last one says what is wrong.
    let fatal =
        fatal.map(|line| line.trim_start_matches("Fatal error").trim().trim_start_matches("run error: "));
    let last = last_lines(&said, 1);
    let reason = fatal.filter(|line| !line.is_empty()).unwrap_or(last.as_str());
    let reason = if reason.is_empty() { output.end.to_string() } else { shorten(reason, 300) };
    let remedy = if said.contains("cannot be specified on the first run") {
        Some(
            "there is no vulnerability database: run `trivy image --download-db-only` where there is a network, or set scan.offline to false",
        )
    } else if said.contains("failed to download vulnerability DB") {
        Some(
            "the vulnerability database could not be fetched: name a mirror in scan.database, or bring a database and set scan.offline",
        )
    } else {
        None
    };
    (reason, remedy)
}

#[cfg(test)]
mod tests;
