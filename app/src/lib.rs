//! The service that is shipped with Slipway: it answers health checks, stops gracefully, and can probe itself,
//! so that an image without a shell needs no other program.
//!
//! [`run`] is the one door for the executable. The modules are open for tests and for services built on this
//! one.

pub mod failure;
pub mod health;
pub mod healthcheck;
pub mod log;
pub mod probe_url;
pub mod router;
pub mod serve;

mod cli;
mod problem;
mod stop;

use std::ffi::OsString;
use std::future::Future;
use std::io::Write as _;
use std::process::ExitCode;

use cli::{Command, Request};
use failure::{Exit, Failure};

/// Does what the command line says, tells a failure on stderr, and gives the exit code: 0 or one of
/// [`failure::Exit`].
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    match cli::parse(arguments).and_then(perform) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // With stderr closed, the exit code is all that is left to tell.
            let _ = writeln!(std::io::stderr(), "{failure}");
            failure.exit().into()
        }
    }
}

fn perform(request: Request) -> Result<(), Failure> {
    match request {
        Request::Show(text) => show(&text),
        Request::Run(Command::Serve(arguments)) => {
            log::start(arguments.log_format);
            block_on(serve::serve(arguments.settings()))
        }
        Request::Run(Command::Healthcheck(arguments)) => {
            block_on(healthcheck::check(arguments.probe_url()?, arguments.timeout()))
        }
    }
}

fn show(text: &str) -> Result<(), Failure> {
    std::io::stdout().write_all(text.as_bytes()).map_err(|error| {
        Failure::new(Exit::Failed, format!("cannot write to stdout: {error}"), "check where stdout leads")
    })
}

fn block_on(task: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| {
        let hint = "check the limits on threads and open files";
        Failure::new(Exit::Failed, format!("cannot start the run time: {error}"), hint)
    })?;
    let result = runtime.block_on(task);
    // A look-up of a name cannot be cancelled; dropping the runtime would wait for it beyond every timeout.
    runtime.shutdown_background();
    result
}
