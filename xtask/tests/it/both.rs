//! Runs tests by both runners, nextest and cargo, and holds their facts against each other.

use std::process::Command;
use std::time::Instant;

use serde_json::Value;

use crate::facts::{cases, judged};
use crate::support::{Tools, Workspace, in_ci, manifest};

/// Where a test that fails at first keeps its count: away before each runner starts.
const COUNTER: &str = "counter";

/// Runs `test` by cargo and, where it is installed, by nextest; both must give these facts. What is
/// not to be compared is cut out by `told`.
#[track_caller]
pub(crate) fn by_both_told(
    workspace: &Workspace,
    flags: &[&str],
    (code, decision): (i32, &str),
    told: impl Fn(&Value) -> Vec<String>,
) -> Value {
    let by = |runner: &str| {
        let _ = std::fs::remove_file(workspace.path().join(COUNTER));
        let started = Instant::now();
        let args = [&["test", "--skip", "test.doctest", "--runner", runner], flags].concat();
        let record = judged(workspace, &args, code, decision);
        println!("{runner}: {:.1} s", started.elapsed().as_secs_f64());
        record
    };
    let cargo = by("cargo");
    if nextest_is_installed() {
        pretty_equal(&told(&by("nextest")), &told(&cargo));
    }
    cargo
}

/// The same, with all facts of each test.
#[track_caller]
pub(crate) fn by_both(workspace: &Workspace, flags: &[&str], expected: (i32, &str)) -> Value {
    by_both_told(workspace, flags, expected, cases)
}

#[track_caller]
fn pretty_equal(nextest: &[String], cargo: &[String]) {
    let only = |these: &[String], those: &[String]| {
        these.iter().filter(|line| !those.contains(line)).cloned().collect::<Vec<_>>().join("\n  ")
    };
    assert!(
        nextest == cargo,
        "only by nextest:\n  {}\nonly by cargo:\n  {}",
        only(nextest, cargo),
        only(cargo, nextest)
    );
}

/// Whether nextest is there; CI must have it.
pub(crate) fn nextest_is_installed() -> bool {
    let found = Command::new("cargo").args(["nextest", "--version"]).output();
    let found = found.is_ok_and(|output| output.status.success());
    assert!(found || !in_ci(), "CI must have cargo-nextest");
    if !found {
        println!("skipped: cargo-nextest is not installed, so only cargo's facts were checked");
    }
    found
}

/// A library in the environment of this machine, so that nextest is found.
pub(crate) fn library(source: &str) -> Workspace {
    Workspace::library(source).tools(Tools::All)
}

/// A library of so many tests, `t0` and on, of which `t1077` has this body and the others have none.
pub(crate) fn many(count: u32, body: &str) -> Workspace {
    let test = |number| format!("#[test]\nfn t{number}() {{ {} }}", if number == 1077 { body } else { "" });
    let source: Vec<String> = (0..count).map(test).collect();
    // Information for debuggers is half of the build.
    library(&source.join("\n"))
        .file("Cargo.toml", &format!("{}\n[profile.dev]\ndebug = 0\n", manifest("demo")))
}
