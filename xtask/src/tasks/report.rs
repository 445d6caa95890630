//! `report`: shows the reports of the last run again.

use std::path::Path;

use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::model::command::CommandLine;
use crate::model::record::RunRecord;
use crate::pipeline::Session;
use crate::pipeline::publish::{data, say, table_look};
use crate::pipeline::run::exit_of;
use crate::report;
use crate::tools::{files, programs};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Question {
    /// Print the last run's table, or its record with `--message-format json`; exits as that run did.
    #[command(after_help = "Example: cargo xtask report show")]
    Show,
    /// Open the last run's page in the browser.
    #[command(after_help = "Example: cargo xtask report open")]
    Open,
}

/// Answers from the reports folder.
///
/// # Errors
/// When there is no report, it cannot be read, or no browser is found.
pub fn run(session: &Session, question: Question, look: Look) -> Result<Exit, Failure> {
    match question {
        Question::Show => show(session, look),
        Question::Open => open(session),
    }
}

fn show(session: &Session, look: Look) -> Result<Exit, Failure> {
    let path = session.reports.join("run.json");
    let text = read(session, &path)?;
    let record: RunRecord = report::json::read(&text).map_err(|error| {
        Failure::usage(format!("{} cannot be read", path.display()))
            .because(error)
            .hint("run `cargo xtask ci` again")
    })?;
    if look.is_for_programs() {
        data(&text);
    } else {
        data(&(report::table::table(&record, table_look(look)).trim_end().to_owned() + "\n"));
    }
    Ok(exit_of(&record))
}

fn open(session: &Session) -> Result<Exit, Failure> {
    let page = session.reports.join("index.html");
    read(session, &page)?;
    let opener = ["xdg-open", "open", "wslview"]
        .into_iter()
        .find(|program| programs::find(&session.supervisor.env, program).is_some());
    let Some(opener) = opener else {
        return Err(Failure::environment("no program is found that opens a page")
            .hint(format!("open it yourself: {}", page.display())));
    };
    let output = session.supervisor.ask(&CommandLine::new(opener).arg(page.to_string_lossy()));
    if output.as_ref().is_ok_and(crate::model::command::CommandOutput::success) {
        say(&format!("opened {}", page.display()));
        return Ok(Exit::Pass);
    }
    Err(Failure::environment(format!("{opener} could not open the page"))
        .hint(format!("open it yourself: {}", page.display())))
}

fn read(session: &Session, path: &Path) -> Result<String, Failure> {
    match files::read_if_there(path) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(Failure::usage(format!("there is no report in {}", session.reports.display()))
            .hint("make one with `cargo xtask ci`")),
        Err(error) => Err(Failure::usage(error.to_string()).hint("make it readable")),
    }
}
