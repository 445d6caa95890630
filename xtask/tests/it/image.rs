//! Images where no engine answers: from a program to what was pushed, pulled back, run and scanned.

mod bases;
mod bills;
mod builds;
mod checks;
mod fixture;
mod names;
mod registries;
mod runs;
mod scans;

/// The registry of the client's own tests.
#[path = "../../crates/image/tests/registry"]
#[expect(dead_code, unused_imports, reason = "the tests of the client look at more of it")]
mod registry {
    pub(crate) mod fake;
}
