//! Before a push: the tests of the packages that it may break.

use std::collections::BTreeSet;

use super::verbs::Verbs;
use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::kit::text::{plural, terminal};
use crate::model::affected::{Affected, affected};
use crate::model::hooks::Hook;
use crate::model::workspace::Workspace;
use crate::pipeline::publish::say;
use crate::pipeline::session::Scope;
use crate::pipeline::{Request, Session};
use crate::tools::git::hooks::without_local_variables;
use crate::tools::git::pushed::{self, Pushed};

/// So many packages are named; of more it is said how many there are.
const NAMED: usize = 5;

pub(super) fn run(
    mut request: Request,
    arguments: &[String],
    verbs: Verbs<'_>,
    look: Look,
) -> Result<Exit, Failure> {
    let told = pushed::told();
    request.env = without_local_variables(&request.env);
    let mut session = Session::open(request)?;
    let pushed = pushed::pushed(&session.supervisor, arguments.first().map(String::as_str), &told);
    for name in &pushed.elsewhere {
        say(&format!("slipway: {} is not what is checked out: it was not tested", terminal(name)));
    }
    let packages = packages(&session.workspace, pushed);
    if packages.is_empty() {
        return Ok(Exit::Pass);
    }
    if session.git.checkout.dirty {
        say("slipway: the working tree has changes that are not pushed: the tests run with them");
    }
    let names: Vec<&str> = packages.iter().map(String::as_str).take(NAMED).collect();
    let more = if packages.len() > NAMED { ", …" } else { "" };
    say(&format!("slipway: testing {}: {}{more}", plural(packages.len(), "package"), names.join(", ")));
    narrow(&mut session, &packages);
    (verbs.test)(&session, look)
}

/// The packages that a push may break; when that is not known, all of them, and it is said.
fn packages(workspace: &Workspace, pushed: Pushed) -> BTreeSet<String> {
    let reason = match pushed.files.map(|files| affected(workspace, files.iter().map(String::as_str))) {
        Ok(Affected::Packages(names)) => return names,
        Ok(Affected::All(reason)) | Err(reason) => reason,
    };
    say(&format!("slipway: all packages are tested: {}", terminal(&reason)));
    all(workspace)
}

fn all(workspace: &Workspace) -> BTreeSet<String> {
    workspace.packages.iter().map(|package| package.name.clone()).collect()
}

/// Leaves out what need not be tested, and leaves the reports of the last run alone.
fn narrow(session: &mut Session, packages: &BTreeSet<String>) {
    let others = all(&session.workspace);
    let settings = &mut session.loaded.settings;
    settings.cargo.exclude.extend(others.difference(packages).cloned());
    settings.coverage.enabled = false;
    session.reports = session.workspace.root.join("target/slipway/hooks").join(Hook::PrePush.name());
    session.scope = Scope::Pushed;
}
