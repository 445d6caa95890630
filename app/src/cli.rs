//! The command line and the environment variables that stand for its flags. This is the only file that knows
//! clap; it starts nothing and prints nothing.

use std::error::Error as _;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::time::Duration;

use clap::error::{ContextKind, ErrorKind};
use clap::{Args, Parser, Subcommand, value_parser};

use crate::failure::{Exit, Failure, Invalid};
use crate::log::LogFormat;
use crate::probe_url::ProbeUrl;
use crate::serve::Settings;

const DEFAULT_LISTEN: &str = "127.0.0.1:8080";

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Request {
    /// Help or the version, to be written to stdout.
    Show(String),
    Run(Command),
}

#[derive(Debug, Parser)]
#[command(name = "app", version, about, arg_required_else_help = false)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve HTTP until SIGTERM or SIGINT
    #[command(after_help = "Example:\n  app serve --listen 0.0.0.0:8080 --grace 30")]
    Serve(ServeArguments),
    /// Ask a running service whether it is ready; exit 0 if it is, 1 if not
    #[command(after_help = "Example:\n  app healthcheck --url http://127.0.0.1:8080/health/ready")]
    Healthcheck(HealthcheckArguments),
}

#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// Listen on this IP address and port; port 0 takes a free one, which the first log line names
    #[arg(long, env = "APP_LISTEN", value_name = "ADDR", default_value = DEFAULT_LISTEN)]
    #[arg(value_parser = listen_address)]
    listen: SocketAddr,
    /// Answer requests in flight for up to this long after a stop signal, then exit with 4
    #[arg(long, env = "APP_GRACE_SECONDS", value_name = "SECONDS", default_value_t = 10)]
    #[arg(value_parser = value_parser!(u64).range(0..=3600))]
    grace: u64,
    /// Keep accepting for this long after a stop signal, while readiness says 503; the grace time follows
    #[arg(long, env = "APP_DRAIN_SECONDS", value_name = "SECONDS", default_value_t = 0)]
    #[arg(value_parser = value_parser!(u64).range(0..=3600))]
    drain: u64,
    /// Write log lines as text or json
    #[arg(long, env = "APP_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
}

impl ServeArguments {
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            listen: self.listen,
            drain: Duration::from_secs(self.drain),
            grace: Duration::from_secs(self.grace),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct HealthcheckArguments {
    /// Ask the service that listens on this IP address and port, as given to `app serve`
    #[arg(long, env = "APP_LISTEN", value_name = "ADDR", default_value = DEFAULT_LISTEN)]
    #[arg(value_parser = listen_address)]
    listen: SocketAddr,
    /// Ask this plain http URL instead of /health/ready on the address of --listen
    #[arg(long, env = "APP_HEALTHCHECK_URL")]
    url: Option<ProbeUrl>,
    /// Give up after this long
    #[arg(long, value_name = "SECONDS", default_value_t = 3, value_parser = value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

impl HealthcheckArguments {
    pub(crate) fn probe_url(&self) -> Result<ProbeUrl, Failure> {
        if let Some(url) = &self.url {
            return Ok(url.clone());
        }
        let listen = self.listen;
        ProbeUrl::of_listener(listen).map_err(|invalid| {
            Failure::new(
                Exit::BadInput,
                format!("cannot tell what to ask on {listen}: {invalid}"),
                invalid.hint(),
            )
        })
    }

    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

fn listen_address(text: &str) -> Result<SocketAddr, Invalid> {
    text.parse().map_err(|_| {
        let hint = "give both as --listen or APP_LISTEN, for example 127.0.0.1:8080 or [::1]:8080";
        Invalid::new("not an IP address with a port", hint)
    })
}

/// Reads arguments, of which the first is the program's name.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Request, Failure> {
    match CommandLine::try_parse_from(arguments) {
        Ok(line) => Ok(Request::Run(line.command)),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            Ok(Request::Show(error.to_string()))
        }
        Err(error) => Err(bad_input(&error)),
    }
}

/// clap's own text repeats the usage; its first paragraph says what is wrong.
fn bad_input(error: &clap::Error) -> Failure {
    let text = error.to_string();
    let paragraph = text.split("\n\n").next().unwrap_or_default().trim_end();
    let message = paragraph.strip_prefix("error: ").unwrap_or(paragraph);
    Failure::new(Exit::BadInput, message, hint(error))
}

fn hint(error: &clap::Error) -> String {
    if let Some(invalid) = error.source().and_then(|source| source.downcast_ref::<Invalid>()) {
        return invalid.hint().to_owned();
    }
    [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue]
        .into_iter()
        .find_map(|kind| error.get(kind))
        .map_or_else(
            || "`app --help` shows the commands, `app serve --help` the flags of one".to_owned(),
            |suggestion| format!("did you mean {suggestion}?"),
        )
}

#[cfg(test)]
mod tests;
