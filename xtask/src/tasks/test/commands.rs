//! The commands of `cargo test`, and what the reader of their output has to know beforehand.

use super::watch::{Limits, limits};
use super::wish::Wish;
use crate::model::command::CommandLine;
use crate::tools::cargo::TestBinary;
use crate::tools::libtest::targets::{Target, Targets};

/// The commands of a run.
pub(super) struct Commands {
    /// Builds all tests, says which executables they are, and runs them.
    pub(super) first: CommandLine,
    /// Lists the tests that `first` runs; none where one of them has a `main` of its own, which would run.
    pub(super) list: Option<CommandLine>,
    /// What all begin with.
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
        let limits = limits(wish);
        let cargo = wish.dressed(cargo());
        let everything = cargo
            .clone()
            .args(["test", "--workspace", "--tests", "--no-fail-fast"])
            .arg("--message-format=json-render-diagnostics")
            .args(base.iter().cloned())
            .arg("--");
        let runs_by_itself = wish.session.workspace.packages.iter().any(|package| package.has_custom_harness);
        let list = everything.clone().args(["--list", "--format=terse"]).args(wish.filters.iter().cloned());
        let first = everything.args(limits.flag(&wish.filters)).args(wish.filters.iter().cloned());
        Self { first, list: (!runs_by_itself).then_some(list), cargo, base, limits }
    }

    /// Runs these targets with these arguments for libtest.
    pub(super) fn run(&self, targets: &[String], arguments: &[String]) -> CommandLine {
        // `--exclude` goes with `--workspace` alone.
        let base = self.base.iter().filter(|flag| !flag.starts_with("--exclude"));
        self.cargo
            .clone()
            .arg("test")
            .args(targets.iter().cloned())
            .arg("--no-fail-fast")
            .args(base.cloned())
            .arg("--")
            .args(self.limits.flag(arguments))
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
