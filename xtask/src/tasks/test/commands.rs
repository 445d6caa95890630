//! The commands of `cargo test`, and what the reader of their output has to know beforehand.

use super::threads::is_named;
use super::watch::{Limits, limits};
use super::wish::Wish;
use crate::model::command::CommandLine;
use crate::tools::cargo::TestBinary;
use crate::tools::libtest::targets::{Target, Targets};

/// The commands of a run.
pub(super) struct Commands {
    /// Builds all tests, says which executables they are, and lists their tests unless one of them has a `main` of
    /// its own: that would run.
    pub(super) build: CommandLine,
    /// Whether `build` lists.
    pub(super) lists: bool,
    /// What both begin with.
    cargo: CommandLine,
    base: Vec<String>,
    /// What each run of them is bounded by.
    pub(super) limits: Limits,
}

impl Commands {
    /// The commands for a wish.
    pub(super) fn new(wish: &Wish<'_>) -> Self {
        let mut base = wish.flags.clone();
        base.extend(wish.session.settings().test.args.iter().cloned());
        let cargo = wish.dressed(cargo());
        let build = cargo
            .clone()
            .args(["test", "--workspace", "--tests", "--message-format=json-render-diagnostics"])
            .args(base.iter().cloned());
        let lists = !wish.session.workspace.packages.iter().any(|package| package.has_custom_harness);
        let build = if lists {
            let list = ["--no-fail-fast", "--", "--list", "--format=terse"];
            build.args(list).args(wish.filters.iter().cloned())
        } else {
            build.arg("--no-run")
        };
        Self { build, lists, cargo, base, limits: limits(wish) }
    }

    /// Runs these targets, or all, with these arguments for libtest.
    pub(super) fn run(&self, targets: &[String], arguments: &[String]) -> CommandLine {
        let everything = ["--workspace".to_owned(), "--tests".to_owned()];
        // `--exclude` goes with `--workspace` alone.
        let base = self.base.iter().filter(|flag| targets.is_empty() || !flag.starts_with("--exclude"));
        let threads = self.limits.threads;
        let threads =
            (threads.told && !is_named(arguments)).then(|| format!("--test-threads={}", threads.number));
        self.cargo
            .clone()
            .arg("test")
            .args(if targets.is_empty() { everything.to_vec() } else { targets.to_vec() })
            .arg("--no-fail-fast")
            .args(base.cloned())
            .arg("--")
            .args(threads)
            .args(arguments.iter().cloned())
    }
}

/// What the reader has to know of what was built.
pub(super) fn targets(binaries: &[TestBinary]) -> Targets {
    let mut targets = Targets::new();
    for binary in binaries {
        let target = Target::new(binary.package.clone(), binary.name.clone());
        targets.executable(binary.file.clone(), if binary.custom_harness { target.custom() } else { target });
    }
    targets
}

/// Cargo, which must print its headers and libtest's lines even where the settings of the user say `quiet`.
pub(super) fn cargo() -> CommandLine {
    CommandLine::new("cargo").env("CARGO_TERM_QUIET", "false")
}
