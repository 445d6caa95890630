//! The verbs and flags, as clap reads them. Their help is part of the documentation.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

#[cfg(all(feature = "docker", feature = "github"))]
use crate::tasks::release;
#[cfg(feature = "docker")]
use crate::tasks::{cd, image};
#[cfg(feature = "github")]
use crate::tasks::{comment, init, status};
use crate::tasks::{config, coverage, hooks, report};

/// Run the whole pipeline of a Cargo workspace: lint, test, judge, report.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 pass, or any verdict in report-only; 1 failing or inconclusive in block; \
                  2 usage or settings error; 3 the environment failed; 130 interrupted.\n\
                  Example: cargo xtask ci -C ../other-workspace --mode report-only"
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
    /// Flags of every verb.
    #[command(flatten)]
    pub global: Global,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Verb {
    /// Run everything: linters, tests, the repository's own steps; then judge and report.
    #[command(after_help = "Example: cargo xtask ci --skip typos")]
    Ci,
    /// Run the linters: rustfmt, clippy, rustdoc, and others that are installed.
    #[command(after_help = "Example: cargo xtask lint --only fmt,clippy")]
    Lint,
    /// Run the tests, doctests included.
    #[command(after_help = "Example: cargo xtask test --retries 2 -- parser::")]
    Test(Test),
    /// Judge coverage that was measured elsewhere, or keep a run's to compare later ones with.
    #[command(
        args_conflicts_with_subcommands = true,
        subcommand_negates_reqs = true,
        after_help = "Example: cargo xtask coverage --from shard-1.info shard-2.info --shards 2"
    )]
    Coverage {
        /// What to read.
        #[command(flatten)]
        from: Option<coverage::From>,
        /// What to do.
        #[command(subcommand)]
        question: Option<coverage::Question>,
    },
    /// Name, build, push, pull, run, scan or look into container images.
    #[cfg(feature = "docker")]
    Image {
        /// What to do.
        #[command(subcommand)]
        question: image::Question,
    },
    /// Do what a deployment does: pull an image by its digest, look at it, run it, report.
    #[cfg(feature = "docker")]
    #[command(after_help = "Example: cargo xtask cd --image ghcr.io/ada/parcels:latest")]
    Cd(cd::Asked),
    /// Say on the pull request what the last run came to, in one comment that later runs update.
    #[cfg(feature = "github")]
    #[command(after_help = "Example: cargo xtask comment --dry-run")]
    Comment(comment::Asked),
    /// Make a repository ready for this pipeline: settings, workflows, an alias; what is there stays.
    #[cfg(feature = "github")]
    #[command(
        after_help = "Exit codes: 0 all is as it should be; 1 a file that is there says something else, and stays.\n\
                            Example: cargo xtask init -C ../other-workspace --dry-run"
    )]
    Init(init::Asked),
    /// Set the status of the commit to what the last run came to, together with other jobs; exit by that.
    #[cfg(feature = "github")]
    #[command(after_help = "Example: cargo xtask status --check --sarif")]
    Status(status::Asked),
    /// Release what was tested: its version in the registry, in git and on GitHub. Nothing is built.
    #[cfg(all(feature = "docker", feature = "github"))]
    Release {
        /// What to do.
        #[command(subcommand)]
        question: release::Question,
    },
    /// Show the reports of the last run.
    Report {
        /// What to show.
        #[command(subcommand)]
        question: report::Question,
    },
    /// Let git call the linters before a commit, and the tests before a push.
    Hooks {
        /// What to do.
        #[command(subcommand)]
        question: hooks::Question,
    },
    /// Look for tools, engine, registry and token; say how to get what is missing.
    #[command(after_help = "Example: cargo xtask doctor")]
    Doctor,
    /// Show, explain or describe the settings.
    Config {
        /// What to show.
        #[command(subcommand)]
        question: config::Question,
    },
}

/// Flags of `test`.
#[derive(Clone, Debug, Args)]
pub struct Test {
    /// Try a failing test again so many times [setting: test.retries].
    #[arg(long, value_name = "COUNT")]
    pub retries: Option<u32>,
    /// End a test that runs longer [setting: test.timeout].
    #[arg(long, value_name = "TIME")]
    pub timeout: Option<String>,
    /// Which runner to use: auto, nextest or cargo [setting: test.runner].
    #[arg(long, value_name = "RUNNER")]
    pub runner: Option<String>,
    /// Build without instrumentation and measure no coverage [setting: coverage.enabled].
    #[arg(long)]
    pub no_coverage: bool,
    /// Only tests whose names contain one of these.
    #[arg(last = true, value_name = "FILTER")]
    pub filters: Vec<String>,
}

/// Flags of every verb.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Work in this folder's workspace.
    #[arg(
        short = 'C',
        long = "directory",
        value_name = "DIR",
        global = true,
        default_value = ".",
        hide_default_value = true
    )]
    pub directory: PathBuf,
    /// Read the settings from this file [default: slipway.toml in the workspace root].
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Whether a failing verdict fails the run: report-only or block [setting: mode; env: SLIPWAY_MODE].
    #[arg(long, value_name = "MODE", global = true)]
    pub mode: Option<String>,
    /// Run only these steps or groups, and what they need.
    #[arg(long, value_name = "STEP,…", global = true, value_delimiter = ',')]
    pub only: Vec<String>,
    /// Leave out these steps or groups.
    #[arg(long, value_name = "STEP,…", global = true, value_delimiter = ',')]
    pub skip: Vec<String>,
    /// Print the plan with its commands and run nothing.
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// For people or for programs.
    #[arg(long, value_name = "FORMAT", global = true, value_enum, default_value_t = MessageFormat::Human)]
    pub message_format: MessageFormat,
    /// When to use colours [env: NO_COLOR, CLICOLOR_FORCE].
    #[arg(long, value_name = "WHEN", global = true, value_enum, default_value_t = Colour::Auto)]
    pub color: Colour,
    /// Show failures and the verdict only.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Show every line that a step prints.
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// For people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    /// Text on standard error.
    Human,
    /// JSON lines on standard output.
    Json,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, and in CI services that show them.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
