//! Where the results of a run go: files, the CI service, the terminal. Reports are written whatever the verdict.

mod clearing;

pub use self::clearing::clear;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::Session;
use super::session::Scope;
use crate::console::Look;
use crate::kit::failure::Failure;
use crate::kit::text::{workflow_data, workflow_json, workflow_property, workflow_text};
use crate::model::gate::Decision;
use crate::model::record::RunRecord;
use crate::report;
use crate::tools::files::{self, FileError, TemporaryFolder};

/// GitHub drops a summary of more than 1 MiB whole; a step may have more than one writer.
const SUMMARY_BYTES: usize = 900 << 10;

/// All files of a report, relative to its folder.
///
/// # Errors
/// When the record cannot be rendered, which would be a mistake of ours.
fn render(record: &RunRecord) -> Result<Vec<(PathBuf, String)>, Failure> {
    let failed = |name: &str| {
        let message = format!("cannot render {name}");
        move |error: report::RenderError| Failure::environment(message).because(error)
    };
    let mut files = vec![
        (PathBuf::from("run.json"), report::json::run_json(record).map_err(failed("run.json"))?),
        (PathBuf::from("summary.md"), report::summary::summary(record, SUMMARY_BYTES)),
        (PathBuf::from("index.html"), report::html::html(record).map_err(failed("index.html"))?),
    ];
    if !record.tests.cases.is_empty() {
        files.push((PathBuf::from("junit.xml"), report::junit::junit(record).map_err(failed("junit.xml"))?));
    }
    if !record.images.is_empty() {
        files.push((
            PathBuf::from("image.json"),
            report::json::image_json(record).map_err(failed("image.json"))?,
        ));
    }
    for step in report::sarif::steps(record) {
        let sarif = report::sarif::sarif(record, step).map_err(failed("sarif"))?;
        files.push((Path::new("sarif").join(format!("{step}.sarif")), sarif));
    }
    Ok(files)
}

/// Writes all reports. When the folder fails in the middle, they are kept in a temporary folder and it is said.
///
/// # Errors
/// When they could not be written where they belong.
pub fn reports(session: &Session, record: &RunRecord) -> Result<(), Failure> {
    let files = render(record)?;
    let Err(error) = write_all(&session.reports, &files) else { return Ok(()) };
    let failure = Failure::environment("the reports could not be written where they belong").because(error);
    let rescued = TemporaryFolder::new().ok().and_then(|rescue| {
        write_all(rescue.path(), &files).ok()?;
        Some(rescue.keep())
    });
    Err(match rescued {
        Some(rescue) => {
            failure.hint(format!("they are in {}; free some space and run it again", rescue.display()))
        }
        None => failure.hint("free some space and run it again; the verdict above is all that is kept"),
    })
}

fn write_all(folder: &Path, files: &[(PathBuf, String)]) -> Result<(), FileError> {
    files.iter().try_for_each(|(path, text)| files::write(&folder.join(path), text))
}

/// Tells the CI service which values it must never show.
pub fn mask_secrets(session: &Session, look: Look) {
    if look.actions && session.context.is_ci() {
        for secret in session.supervisor.redactor.values() {
            say(&format!("::add-mask::{}", workflow_data(secret.expose())));
        }
    }
}

/// Hands the CI service what it shows itself: annotations, the summary, outputs.
pub fn for_ci(session: &Session, record: &RunRecord, look: Look) {
    if !look.actions {
        return;
    }
    for annotation in report::annotations::annotations(record) {
        say(&annotation);
    }
    add_to_summary(session, &report::summary::summary(record, SUMMARY_BYTES));
    if let Some(path) = session.request.env.get("GITHUB_OUTPUT") {
        let folder = session.settings().reports.folder.as_str();
        let page = session.reports.join("index.html");
        for (name, value) in report::outputs::outputs(record, folder, &page.to_string_lossy()) {
            // Nobody who made the value can have known it.
            let delimiter = random();
            if let Some(text) = report::outputs::heredoc(name, &value, &delimiter) {
                append(path, &text);
            }
        }
    }
}

/// Adds to the summary that the CI service shows. Whether it tells it now.
pub fn add_to_summary(session: &Session, text: &str) -> bool {
    let path = session.request.env.get("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
    path.is_some_and(|path| append(path, text))
}

/// 128 random bits from the operating system, in hexadecimal.
fn random() -> String {
    let mut bytes = [0; 16];
    // Without randomness there is no safe delimiter, and an empty one is refused.
    if getrandom::fill(&mut bytes).is_err() {
        return String::new();
    }
    format!("{:032x}", u128::from_be_bytes(bytes))
}

fn append(path: &str, text: &str) -> bool {
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(path);
    let written = opened.and_then(|mut file| file.write_all(text.as_bytes()));
    if let Err(error) = &written {
        say(&format!("note: cannot write {path}: {error}"));
    }
    written.is_ok()
}

/// The last words: the table and where the reports are, or one JSON object.
pub fn closing(session: &Session, record: &RunRecord, look: Look) {
    let page = session.reports.join("index.html");
    if look.is_for_programs() {
        let run_json = session.reports.join("run.json");
        let judged = json!({"event": "judged", "verdict": record.verdict, "record": run_json});
        data(&(workflow_json(&judged.to_string()) + "\n"));
        return;
    }
    if session.scope != Scope::Whole && record.verdict.decision == Decision::Pass {
        let line = report::table::last_line(record);
        say(&if look.actions { workflow_text(&line) } else { line });
        return;
    }
    let table = report::table::table(record, table_look(look));
    say(&if look.actions { workflow_text(&table) } else { table });
    if matches!(session.scope, Scope::Staged(_)) {
        return;
    }
    let here = std::env::current_dir().unwrap_or_default();
    let shown = page.strip_prefix(here).unwrap_or(&page);
    say(&format!("reports: {}", shown.display()));
}

/// How wide the table may be, and whether it is coloured.
#[must_use]
pub fn table_look(look: Look) -> report::table::Look {
    let width = console::Term::stderr().size_checked().map_or(100, |(_, columns)| usize::from(columns));
    report::table::Look { width: width.clamp(60, 140), colour: look.colour }
}

/// Tells a person something that is no failure, and that should be seen all the same.
pub fn notice(look: Look, title: &str, told: &str) {
    if look.actions && !look.is_for_programs() {
        say(&format!("::notice title={}::{}", workflow_property(title), workflow_data(told)));
    } else {
        say(told);
    }
}

/// Writes data to standard output.
pub fn data(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Tells a person something.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
