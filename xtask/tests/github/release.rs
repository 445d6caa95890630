//! `cargo xtask release` as people and workflows run it: the real executable, a registry and GitHub in this process, which go wrong
//! in the midst of what they are asked.

mod faults;
mod kills;
mod plan;
mod project;
mod promote;
mod real;
mod whole;

/// The registry of the client's own tests.
#[path = "../../crates/image/tests/registry"]
#[expect(dead_code, unused_imports, reason = "the tests of the client look at more of it")]
mod registry {
    pub(crate) mod fake;
}
