//! Tests that hang, crash, leave early or fail at first: blamed rightly, with the others unharmed, by both runners.

use crate::both::{by_both, by_both_told, library, many};
use crate::facts::{case, counts, gate, is_valid_junit, judged, outcomes};

#[test]
fn a_hanging_test_is_ended_and_the_others_keep_their_results() {
    let workspace = library(
        "#[test]\nfn a() {}\n#[test]\nfn hangs() { loop { std::thread::park(); } }\n\
         #[test]\nfn y() {}\n#[test]\nfn z() { panic!(\"own\"); }\n",
    );
    let record = by_both_told(&workspace, &["--timeout", "2s"], (1, "fail"), outcomes);
    assert_eq!(
        outcomes(&record),
        ["demo a: passed", "demo hangs: timed-out", "demo y: passed", "demo z: failed"]
    );
    assert_eq!(record["tests"]["tests"]["timed_out"], 1);
    is_valid_junit(&workspace);
}

#[test]
fn a_test_that_aborts_takes_nobody_with_it() {
    let workspace = library(
        "#[test]\nfn a() { std::thread::sleep(std::time::Duration::from_millis(300)) }\n\
         #[test]\nfn aborts() { std::process::abort() }\n\
         #[test]\nfn b() {}\n#[test]\nfn z() { panic!(\"own\"); }\n",
    );
    let record = by_both_told(&workspace, &[], (1, "fail"), outcomes);
    assert_eq!(
        outcomes(&record),
        ["demo a: passed", "demo aborts: failed", "demo b: passed", "demo z: failed"]
    );
}

#[test]
fn several_tests_that_abort_are_each_told_and_tried_again() {
    let workspace = library(
        "#[test]\nfn a() { std::thread::sleep(std::time::Duration::from_millis(100)); std::process::abort() }\n\
         #[test]\nfn b() { std::process::abort() }\n#[test]\nfn c() {}\n#[test]\nfn d() {}\n\
         #[test]\nfn e() { std::process::abort() }\n#[test]\nfn f() {}\n",
    );
    let expected = [
        "demo a: failed",
        "demo b: failed",
        "demo c: passed",
        "demo d: passed",
        "demo e: failed",
        "demo f: passed",
    ];
    let record = by_both_told(&workspace, &["--retries", "1"], (1, "fail"), outcomes);
    assert_eq!(outcomes(&record), expected);
    assert_eq!(case(&record, "e")["earlier"].as_array().unwrap().len(), 1);
}

#[test]
fn a_test_that_exits_is_not_a_pass() {
    let workspace =
        library("#[test]\nfn a() {}\n#[test]\nfn leaves() { std::process::exit(0) }\n#[test]\nfn z() {}\n");
    let record = judged(&workspace, &["test", "--runner", "cargo"], 1, "fail");
    assert_eq!(case(&record, "leaves")["outcome"], "failed");
    assert_eq!(case(&record, "z")["outcome"], "passed");
}

const FLAKY: &str = r#"
#[test]
fn steady() {}
#[test]
fn flaky() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/counter");
    let before = std::fs::read_to_string(file).unwrap_or_default();
    std::fs::write(file, format!("{before}x")).unwrap();
    assert!(before.len() >= 2, "attempt {}", before.len() + 1);
}
"#;

#[test]
fn a_flaky_test_passes_with_its_attempts() {
    let workspace = library(FLAKY);
    let record = by_both(&workspace, &["--retries", "3"], (0, "pass"));
    let flaky = case(&record, "flaky");
    assert_eq!((&flaky["outcome"], flaky["earlier"].as_array().unwrap().len()), (&"passed".into(), 2));
    assert_eq!(
        (&flaky["earlier"][0]["message"], &flaky["earlier"][1]["message"]),
        (&"attempt 1".into(), &"attempt 2".into())
    );
    assert_eq!(record["tests"]["tests"]["flaky"], 1);
    assert_eq!(gate(&record, "test.flaky")["verdict"], "fail");
    is_valid_junit(&workspace);
}

#[test]
fn without_enough_retries_a_flaky_test_fails_with_all_attempts() {
    let record = by_both(&library(FLAKY), &["--retries", "1"], (1, "fail"));
    let flaky = case(&record, "flaky");
    assert_eq!((&flaky["outcome"], &flaky["message"]), (&"failed".into(), &"attempt 2".into()));
    assert_eq!(flaky["earlier"].as_array().unwrap().len(), 1);
}

#[test]
fn a_crash_among_thousands_leaves_all_the_others_their_results() {
    let workspace = many(2000, "std::process::abort()");
    let record = judged(&workspace, &["test", "--skip", "test.doctest", "--runner", "cargo"], 1, "fail");
    assert_eq!(counts(&record)[0], "1999 passed, 1 failed, 0 skipped");
    assert_eq!(case(&record, "t1077")["outcome"], "failed");
}

/// A build script that fails from its second call on. What a test prints past libtest's capture is a reason to ask for
/// the names of all tests, which is such a call.
#[test]
fn names_that_cannot_be_had_are_done_without() {
    let workspace = library("#[test]\nfn a() { std::io::Write::write_all(&mut std::io::stdout(), b\"hello\\n\").unwrap(); }\n")
        .file(
            "build.rs",
            "fn main() {\n    let before = std::fs::read_to_string(\"calls\").unwrap_or_default();\n    \
             std::thread::sleep(std::time::Duration::from_millis(1100));\n    \
             std::fs::write(\"calls\", format!(\"{before}x\")).unwrap();\n    \
             println!(\"cargo::rerun-if-changed=missing\");\n    assert!(before.is_empty(), \"call {}\", before.len() + 1);\n}\n",
        );
    let run = workspace.run(&["test", "--skip", "test.doctest", "--runner", "cargo"]).exits(0);
    let record = workspace.record();
    assert_eq!(crate::facts::outcomes(&record), ["demo a: passed"], "{}", run.stderr);
    let log = workspace.report("logs/test.suite.log");
    assert!(log.contains("--list") && log.contains("call 2"), "{log}");
}
