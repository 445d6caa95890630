//! What git waits for: the quick linters on what is staged, or the tests that a push may break.

use std::collections::BTreeSet;
use std::path::Path;

use super::verbs::Verbs;
use crate::console::{Detail, Look};
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::kit::text::{plural, terminal};
use crate::model::affected::{Affected, affected};
use crate::model::hooks::{Hook, SKIP};
use crate::pipeline::publish::say;
use crate::pipeline::session::{Scope, first_supervisor, root_of};
use crate::pipeline::{Request, Session};
use crate::tools::files::TemporaryFolder;
use crate::tools::git::hooks::{LOCAL_VARIABLES, Place};
use crate::tools::git::{pushed, staged};

/// They build the workspace, or ask the network.
const SLOW: [&str; 3] = ["clippy", "rustdoc", "deny"];

pub(super) fn run(
    request: Request,
    hook: Hook,
    arguments: &[String],
    verbs: Verbs<'_>,
    look: Look,
) -> Result<Exit, Failure> {
    if request.env.get(SKIP).is_some_and(|skip| !skip.is_empty() && skip != "0") {
        return Ok(Exit::Pass);
    }
    let look = if look.detail == Detail::Verbose { look } else { Look { detail: Detail::Quiet, ..look } };
    let exit = match hook {
        Hook::PreCommit => pre_commit(request, verbs, look)?,
        Hook::PrePush => pre_push(request, arguments, verbs, look)?,
    };
    if exit != Exit::Pass {
        say(&format!("slipway: {hook} stops this; --no-verify or SLIPWAY_SKIP_HOOKS=1 goes by it"));
    }
    Ok(exit)
}

fn pre_commit(request: Request, verbs: Verbs<'_>, look: Look) -> Result<Exit, Failure> {
    let unknown =
        |reason: String| Failure::environment(format!("what is staged is not known: {}", terminal(&reason)));
    let supervisor = first_supervisor(&request);
    let place =
        Place::look(&supervisor).map_err(|error| Failure::usage(error.to_string()).hint(error.hint()))?;
    let files = staged::files(&supervisor).map_err(unknown)?;
    if files.is_empty() {
        return Ok(Exit::Pass);
    }
    let root = root_of(&Request { env: without_git(&request), ..request.clone() })?;
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let below = real(&root).strip_prefix(real(&place.top)).map(Path::to_owned).unwrap_or_default();
    let copy = TemporaryFolder::new()
        .map_err(|error| Failure::environment("there is no room for what is staged").because(error))?;
    let top = real(copy.path());
    staged::export(&supervisor, &place.top, &top).map_err(unknown)?;
    let prefix = below.to_string_lossy().replace('\\', "/");
    let in_workspace = |file: &String| {
        let below =
            if prefix.is_empty() { Some(file.as_str()) } else { file.strip_prefix(&format!("{prefix}/")) };
        below.map(ToOwned::to_owned)
    };
    let files: BTreeSet<String> = files.iter().filter_map(in_workspace).collect();
    let mut selection = request.selection.clone();
    selection.skip.extend(SLOW.map(ToOwned::to_owned));
    let env = without_git(&request);
    let mut session = Session::open(Request { folder: top.join(below), env, selection, ..request })?;
    // The copy is no repository, and nobody needs to hear that.
    session.git.note = None;
    // rustfmt takes longest, and has nothing to say of packages whose code stays.
    let is_changed = |folder: &Path| {
        files
            .iter()
            .any(|file| file.ends_with(".rs") && session.workspace.root.join(file).starts_with(folder))
    };
    session.workspace.packages.retain(|package| is_changed(&package.folder));
    session.scope = Scope::Staged(files);
    (verbs.lint)(&session, look)
}

fn pre_push(request: Request, arguments: &[String], verbs: Verbs<'_>, look: Look) -> Result<Exit, Failure> {
    let told = pushed::told();
    let env = without_git(&request);
    let mut session = Session::open(Request { env, ..request })?;
    let pushed = pushed::pushed(&session.supervisor, arguments.first().map(String::as_str), &told);
    for name in &pushed.elsewhere {
        say(&format!("slipway: {} is not what is checked out: it was not tested", terminal(name)));
    }
    let all =
        || session.workspace.packages.iter().map(|package| package.name.clone()).collect::<BTreeSet<_>>();
    let packages =
        match pushed.files.map(|files| affected(&session.workspace, files.iter().map(String::as_str))) {
            Ok(Affected::Packages(names)) if names.is_empty() => return Ok(Exit::Pass),
            Ok(Affected::Packages(names)) => names,
            Ok(Affected::All(reason)) | Err(reason) => {
                say(&format!("slipway: all packages are tested: {}", terminal(&reason)));
                all()
            }
        };
    let excluded: Vec<String> = all().difference(&packages).cloned().collect();
    if session.git.checkout.dirty {
        say("slipway: the working tree has changes that are not pushed: the tests run with them");
    }
    let names: Vec<&str> = packages.iter().map(String::as_str).take(5).collect();
    let more = if packages.len() > 5 { ", …" } else { "" };
    say(&format!("slipway: testing {}: {}{more}", plural(packages.len(), "package"), names.join(", ")));
    let settings = &mut session.loaded.settings;
    settings.cargo.exclude.extend(excluded);
    settings.coverage.enabled = false;
    session.reports = session.workspace.root.join("target/slipway/hooks").join(Hook::PrePush.name());
    session.scope = Scope::Pushed;
    (verbs.test)(&session, look)
}

/// Git tells its hooks which repository they are for; what they start may be about another one.
fn without_git(request: &Request) -> crate::tools::variables::Variables {
    let mut env = request.env.clone();
    env.retain(|name, _| !LOCAL_VARIABLES.contains(&name.as_str()));
    env
}
