//! From the command line to a task.

use std::time::Instant;

use super::arguments::{Arguments, Colour, Global, MessageFormat, Test, Verb};
use crate::console::{Detail, Format, Look};
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::model::plan::Selection;
use crate::pipeline::{Request, Session};
use crate::settings::Flag;
#[cfg(all(feature = "docker", feature = "github"))]
use crate::tasks::release;
#[cfg(feature = "docker")]
use crate::tasks::{cd, image};
use crate::tasks::{ci, config, coverage, doctor, hooks, lint, report, test};
#[cfg(feature = "github")]
use crate::tasks::{comment, init, status};
use crate::tools::interrupt::Interrupt;
use crate::tools::variables::Variables;

/// What the process was started with.
#[derive(Clone, Debug)]
pub struct Start {
    /// Its environment.
    pub env: Variables,
    /// Standard error is a terminal.
    pub stderr_is_terminal: bool,
    /// When it started.
    pub at: Instant,
}

/// Does what the command line says.
///
/// # Errors
/// What a person has to be told; see [`Failure::exit`].
pub fn dispatch(arguments: Arguments, start: Start) -> Result<Exit, Failure> {
    let look = look(&arguments.global, &start);
    let interrupt = Interrupt::watch()
        .map_err(|error| Failure::environment("cannot watch for signals").because(error))?;
    let request = request(arguments.global, &arguments.verb, start, interrupt);
    if let Verb::Config { question } = &arguments.verb {
        return config::run(&request, question);
    }
    if let Verb::Hooks { question } = &arguments.verb {
        let test = |session: &Session, look| test::run(session, &[], look);
        return hooks::run(request, question, hooks::Verbs { lint: &lint::run, test: &test }, look);
    }
    let session = Session::open(request)?;
    match arguments.verb {
        Verb::Ci => ci::run(&session, look),
        Verb::Lint => lint::run(&session, look),
        Verb::Test(Test { filters, .. }) => test::run(&session, &filters, look),
        Verb::Coverage { from, question } => coverage::run(&session, from, question, look),
        #[cfg(feature = "docker")]
        Verb::Cd(asked) => cd::run(&session, asked, look),
        #[cfg(feature = "docker")]
        Verb::Image { question } => image::run(&session, question, look),
        #[cfg(feature = "github")]
        Verb::Comment(asked) => comment::run(&session, &asked, look),
        #[cfg(feature = "github")]
        Verb::Init(asked) => init::run(&session, &asked, look),
        #[cfg(feature = "github")]
        Verb::Status(asked) => status::run(&session, &asked, look),
        #[cfg(all(feature = "docker", feature = "github"))]
        Verb::Release { question } => release::run(&session, question, look),
        Verb::Report { question } => report::run(&session, question, look),
        Verb::Doctor | Verb::Hooks { .. } | Verb::Config { .. } => doctor::run(&session, look),
    }
}

fn request(global: Global, verb: &Verb, start: Start, interrupt: Interrupt) -> Request {
    let start = with_repository(start, verb);
    Request {
        flags: flags(&global, verb),
        folder: std::path::absolute(&global.directory).unwrap_or(global.directory),
        config: global.config,
        selection: Selection { only: global.only, skip: global.skip },
        dry_run: global.dry_run,
        env: start.env,
        interrupt,
        started: start.at,
    }
}

/// The flag stands for the variable, which all that asks for the repository looks at.
#[cfg(feature = "github")]
fn with_repository(mut start: Start, verb: &Verb) -> Start {
    if let Verb::Comment(comment::Asked { repo: Some(repository), .. }) = verb {
        start.env.insert("GITHUB_REPOSITORY".to_owned(), repository.to_string());
    }
    start
}

#[cfg(not(feature = "github"))]
fn with_repository(start: Start, _: &Verb) -> Start {
    start
}

/// Flags that are settings: they are checked there, with all others.
fn flags(global: &Global, verb: &Verb) -> Vec<Flag> {
    let mut flags = Vec::new();
    let mut add = |key: &str, name: &str, value: Option<toml::Value>| {
        flags.extend(value.map(|value| Flag { key: key.to_owned(), value, name: name.to_owned() }));
    };
    let text = |value: &Option<String>| value.clone().map(toml::Value::String);
    add("mode", "--mode", text(&global.mode));
    if let Verb::Test(test) = verb {
        add("test.retries", "--retries", test.retries.map(|retries| toml::Value::Integer(retries.into())));
        add("test.timeout", "--timeout", text(&test.timeout));
        let off = test.no_coverage.then_some(toml::Value::Boolean(false));
        add("coverage.enabled", "--no-coverage", off);
        add("test.runner", "--runner", text(&test.runner));
    }
    flags
}

fn look(global: &Global, start: &Start) -> Look {
    let is_set = |name: &str| start.env.get(name).is_some_and(|value| !value.is_empty() && value != "0");
    let actions = start.env.get("GITHUB_ACTIONS").map(String::as_str) == Some("true");
    let dumb = start.env.get("TERM").map(String::as_str) == Some("dumb");
    let terminal = start.stderr_is_terminal && !dumb && !actions;
    let colour = match global.color {
        Colour::Always => true,
        Colour::Never => false,
        // https://no-color.org and https://bixense.com/clicolors
        Colour::Auto if start.env.get("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
        Colour::Auto => terminal || is_set("CLICOLOR_FORCE"),
    };
    Look {
        format: match global.message_format {
            MessageFormat::Human => Format::Human,
            MessageFormat::Json => Format::Json,
        },
        terminal,
        colour,
        actions,
        detail: match (global.quiet, global.verbose) {
            (true, _) => Detail::Quiet,
            (_, true) => Detail::Verbose,
            _ => Detail::Normal,
        },
    }
}
