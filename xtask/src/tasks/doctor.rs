//! `doctor`: what is installed, what is wanted, and how to get it.

use std::fmt::Write as _;

use serde::Serialize;

use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::kit::text::terminal;
use crate::model::command::CommandLine;
use crate::pipeline::Session;
use crate::pipeline::publish::data;
use crate::tools::coverage::llvm::{Compiler, find};
#[cfg(feature = "github")]
use crate::tools::github::{self, Address, LoginError};
use crate::tools::linter::all;
#[cfg(feature = "docker")]
use crate::tools::registry;
use crate::tools::{docker, programs};

/// One thing that was looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Row {
    /// What.
    name: String,
    /// Its version, or how it answers; none when it is not there.
    found: Option<String>,
    /// What it is for.
    wanted: &'static str,
    /// Nothing works without it.
    needed: bool,
    /// How to get it.
    install: String,
}

/// Looks for everything and tells.
///
/// # Errors
/// Never; that something is missing is no failure but an answer.
pub fn run(session: &Session, look: Look) -> Result<Exit, Failure> {
    let rows = rows(session);
    if look.is_for_programs() {
        for row in &rows {
            data(&(serde_json::to_string(row).unwrap_or_default() + "\n"));
        }
    } else {
        data(&table(&rows, look));
    }
    let ill = rows.iter().any(|row| row.needed && row.found.is_none());
    Ok(if ill { Exit::Environment } else { Exit::Pass })
}

fn rows(session: &Session) -> Vec<Row> {
    let rustup = "https://rustup.rs";
    let mut rows = vec![
        program(session, "cargo", "builds everything", Need::Yes, rustup),
        program(session, "rustc", "compiles everything", Need::Yes, rustup),
        program(session, "git", "tells commit and branch", Need::No, "your system's package manager"),
        program(
            session,
            "cargo-nextest",
            "runs tests faster",
            Need::No,
            "cargo install cargo-nextest --locked",
        ),
    ];
    for linter in all() {
        rows.push(program(session, linter.program, linter.title, Need::No, linter.install));
    }
    rows.push(llvm(session));
    rows.push(Row {
        name: "container engine".to_owned(),
        found: docker::ping(&session.request.env).ok(),
        wanted: "for images with a Dockerfile; without it they are built and run without one",
        needed: false,
        install: "start Docker or Podman, or set DOCKER_HOST".to_owned(),
    });
    #[cfg(feature = "docker")]
    rows.push(credentials(session));
    #[cfg(feature = "github")]
    rows.push(login(session));
    rows
}

/// Who we are to GitHub.
#[cfg(feature = "github")]
fn login(session: &Session) -> Row {
    let env = &session.request.env;
    let how = "GitHub Actions gives a token by `env`; elsewhere run `gh auth login`, or export SLIPWAY_GITHUB_TOKEN";
    let identity =
        Address::of(env).map_err(|error| error.to_string()).and_then(|address| {
            match github::find(env, &address, &session.supervisor) {
                Ok(identity) => Ok(Some(identity.to_string())),
                Err(LoginError::Nowhere) => Ok(None),
                Err(error) => Err(format!("{error}: {}", error.hint())),
            }
        });
    let (found, install) = match identity {
        Ok(found) => (found, how.to_owned()),
        Err(reason) => (None, reason),
    };
    Row {
        name: "GitHub login".to_owned(),
        found,
        wanted: "for the comment on a pull request",
        needed: false,
        install,
    }
}

/// Who we are to the registry that images go to.
#[cfg(feature = "docker")]
fn credentials(session: &Session) -> Row {
    let host = session.settings().image.registry.as_str();
    let login = registry::find(&session.request.env, host, registry::Whose::Ours)
        .and_then(|login| login.for_client().map(|_| login.credentials.map(|_| login.origin)));
    let how = format!("docker login {host}, or set SLIPWAY_REGISTRY_USERNAME and SLIPWAY_REGISTRY_PASSWORD");
    let (found, install) = match login {
        Ok(origin) => (origin.map(|origin| format!("credentials from {origin}")), how),
        Err(error) => (None, format!("{how}; {error}")),
    };
    Row { name: format!("registry {host}"), found, wanted: "for pushing images", needed: false, install }
}

/// LLVM's tools, which the setting `coverage.backend = "llvm"` asks for and a new format of profiles would need.
fn llvm(session: &Session) -> Row {
    let compiler = Compiler::ask(&session.supervisor);
    let found = compiler.as_ref().and_then(|compiler| find(&session.supervisor, compiler).ok());
    let major = compiler.map_or("of rustc's version".to_owned(), |compiler| compiler.llvm.to_string());
    Row {
        name: format!("llvm-cov {major}"),
        found: found.map(|tools| tools.origin),
        wanted: "for coverage by LLVM's tools; the reader that is built in needs none",
        needed: false,
        install: format!("rustup component add llvm-tools, or the package llvm-{major} of the system"),
    }
}

/// Whether anything works without it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Yes,
    No,
}

fn program(session: &Session, name: &str, wanted: &'static str, need: Need, install: &str) -> Row {
    let there = programs::find_cargo_or_plain(&session.supervisor.env, name);
    let version = || {
        let line = match name.strip_prefix("cargo-") {
            Some(subcommand) => CommandLine::new("cargo").args([subcommand, "--version"]),
            None => CommandLine::new(name).arg("--version"),
        };
        let output = session.supervisor.ask(&line).ok()?;
        version_in(&output.stdout).or_else(|| version_in(&output.stderr))
    };
    Row {
        name: name.to_owned(),
        found: there.map(|_| version().unwrap_or_else(|| "installed".to_owned())),
        wanted,
        needed: need == Need::Yes,
        install: install.to_owned(),
    }
}

/// The first word of a text that is a version, such as `1.95.0` in `cargo 1.95.0 (f2d3ce0bd 2026-03-21)`.
fn version_in(text: &str) -> Option<String> {
    text.split_whitespace()
        .map(|word| word.trim_start_matches('v').trim_end_matches(','))
        .find(|word| semver::Version::parse(word).is_ok())
        .map(ToOwned::to_owned)
}

fn table(rows: &[Row], look: Look) -> String {
    let missing = |row: &Row| if row.needed { "MISSING" } else { "not found" }.to_owned();
    let found = |row: &Row| row.found.as_deref().map_or_else(|| missing(row), terminal);
    let width = |cell: &dyn Fn(&Row) -> usize| rows.iter().map(cell).max().unwrap_or(0);
    let name = width(&|row| row.name.len());
    let state = width(&|row| found(row).len());
    let mut text = String::new();
    for row in rows {
        let state = format!("{:<state$}", found(row));
        let state = console::style(state).force_styling(look.colour);
        let state = match (&row.found, row.needed) {
            (Some(_), _) => state.green(),
            (None, true) => state.red().bold(),
            (None, false) => state.dim(),
        };
        let how = if row.found.is_none() { format!("; get it: {}", row.install) } else { String::new() };
        let _ = writeln!(text, "{:<name$}  {state}  {}{how}", row.name, row.wanted);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_version_in_what_tools_print() {
        for (text, version) in [
            ("cargo 1.95.0 (f2d3ce0bd 2026-03-21)", "1.95.0"),
            ("typos-cli 1.52.0", "1.52.0"),
            ("ShellCheck - shell script analysis tool\nversion: 0.9.0\n", "0.9.0"),
            ("v1.7.12\ninstalled by", "1.7.12"),
        ] {
            assert_eq!(version_in(text).as_deref(), Some(version));
        }
        assert_eq!(version_in("no number"), None);
    }
}
