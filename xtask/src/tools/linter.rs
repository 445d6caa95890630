//! The linters, as a table. A new one is a file with a [`Linter`] and a row here.
//! Nothing here runs anything: a linter says what to run and reads what came of it.

mod actionlint;
mod cargo_messages;
mod clippy;
mod deny;
mod descriptor;
mod files;
mod fmt;
mod hadolint;
mod rustdoc;
mod shellcheck;
mod taplo;
mod typos;
mod zizmor;

pub use descriptor::{Linter, Options};

/// All linters, in the order in which they are shown: what every Rust project has first.
static ALL: [Linter; 10] = [
    fmt::LINTER,
    clippy::LINTER,
    rustdoc::LINTER,
    deny::LINTER,
    typos::LINTER,
    taplo::LINTER,
    hadolint::LINTER,
    shellcheck::LINTER,
    actionlint::LINTER,
    zizmor::LINTER,
];

/// All linters.
#[must_use]
pub fn all() -> &'static [Linter] {
    &ALL
}

#[cfg(test)]
mod tests;
