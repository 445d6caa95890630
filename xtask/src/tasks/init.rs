//! `init`: makes a repository ready for this pipeline. It shows what it does as a difference, changes nothing that is there,
//! and doing it twice does nothing the second time.

mod look_around;
mod toolkit;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use self::look_around::{FOLLOWED, Found, look_around};
use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::kit::text::{terminal, workflow_json, workflow_text};
use crate::model::diff::unified;
use crate::model::scaffold::address::Address;
use crate::model::scaffold::draft::{Change, Draft};
use crate::model::scaffold::drafts;
use crate::pipeline::Session;
use crate::pipeline::publish::{data, say};
use crate::settings::{self, File, Sources};
use crate::tools::files::FileError;
use crate::tools::inside;

/// Where the toolkit comes from.
#[derive(Clone, Debug, clap::Args)]
pub struct Asked {
    /// Where the repository gets the toolkit from, with a commit or tag behind `#` [default: where this one comes from].
    #[arg(long, value_name = "URL")]
    pub toolkit: Option<Address>,
}

/// A draft beside the file that is there.
struct Item {
    draft: Draft,
    there: Option<String>,
    change: Change,
}

/// Looks around, shows the difference, writes what is missing.
///
/// # Errors
/// When the repository cannot be used, or a file is a link or cannot be written. Everything is looked at before anything is written.
pub fn run(session: &Session, asked: &Asked, look: Look) -> Result<Exit, Failure> {
    let root = &session.workspace.root;
    let Found { project, mut notes } = look_around(session, asked.toolkit.as_ref())?;
    let items = drafts(&project)
        .into_iter()
        .map(|draft| {
            let there = inside::read(root, &draft.path).map_err(|error| refused(&error))?;
            let change = draft.change(there.as_deref());
            Ok(Item { draft, there, change })
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    check_settings(&items)?;
    if !session.request.dry_run {
        write(root, &items)?;
    }
    notes.extend(items.iter().filter_map(advice));
    if look.is_for_programs() {
        for item in &items {
            let event = json!({ "event": "file", "path": item.draft.path, "change": item.change.word() });
            data(&(workflow_json(&event.to_string()) + "\n"));
        }
    } else {
        let differences: String = items.iter().map(difference).collect();
        data(&if look.actions { workflow_text(&differences) } else { differences });
        tell(session, &items, &notes);
    }
    let is_open = items.iter().any(|item| item.change.is_open());
    Ok(if is_open { Exit::Verdict } else { Exit::Pass })
}

/// What is written has to be what we read; anything else would be a mistake of ours.
fn check_settings(items: &[Item]) -> Result<(), Failure> {
    let new = items.iter().find(|item| item.draft.path == "slipway.toml").and_then(|item| item.change.text());
    let Some(text) = new else { return Ok(()) };
    let file = File { path: "slipway.toml", text };
    settings::load(&Sources { file: Some(file), env: &BTreeMap::new(), flags: &[] }).map(drop)
}

fn write(root: &Path, items: &[Item]) -> Result<(), Failure> {
    for item in items {
        if let Some(text) = item.change.text() {
            inside::write(root, &item.draft.path, text).map_err(|error| {
                Failure::environment(error.to_string())
                    .hint("mend that and run it again: it goes on with what is missing")
            })?;
        }
    }
    Ok(())
}

fn refused(error: &FileError) -> Failure {
    Failure::usage(error.to_string()).hint("nothing was written; put a plain file or folder there, or none")
}

/// How to get from what is there to what should be.
fn difference(item: &Item) -> String {
    let wanted = item.change.wanted();
    let text = wanted.map(|wanted| unified(&item.draft.path, item.there.as_deref(), wanted));
    terminal(&text.unwrap_or_default())
}

fn tell(session: &Session, items: &[Item], notes: &[String]) {
    let is_dry = session.request.dry_run;
    for item in items {
        let word = match &item.change {
            Change::New(_) if is_dry => "would write",
            Change::New(_) => "wrote",
            Change::Extended(_) if is_dry => "would add to",
            Change::Extended(_) => "added to",
            Change::Same => "is there",
            Change::Own => "stays yours",
            Change::Differs(_) => "differs",
            Change::Unfit(_) => "cannot add to",
        };
        say(&format!("{word:<13}  {}", item.draft.path));
    }
    for note in notes {
        say(&format!("note: {}", terminal(note)));
    }
}

fn advice(item: &Item) -> Option<String> {
    let path = &item.draft.path;
    match &item.change {
        Change::Differs(_) if path == ".github/workflows/ci.yml" => Some(format!(
            "{path} was changed and stays as it is; cd.yml follows the workflow named {FOLLOWED} and reads its artifact run-stable, \
             the run.json of a pipeline: without both it tells nothing. The difference above leads to them, and `git apply` follows it"
        )),
        Change::Differs(_) => Some(format!(
            "{path} was changed and stays as it is; the difference above leads to what belongs there, and `git apply` follows it"
        )),
        Change::Unfit(error) => Some(format!("{path}: {error}")),
        _ => None,
    }
}
