//! Coverage of a change, and against earlier runs: measured for real, in real repositories.

use serde_json::{Value, json};

use crate::support::{Workspace, manifest};

const TESTED: &str =
    "//! Demo.\npub mod shapes;\n\n/// Adds.\npub fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n";
const SHAPES: &str = "//! Shapes.\n/// Area.\npub fn area(a: u32) -> u32 {\n    a * a\n}\n";
const TESTS: &str = "#[test]\nfn adds() {\n    assert_eq!(demo::add(1, 2), 3);\n}\n";
const KIND: &str = "\n/// Says.\npub fn kind(x: i32) -> &'static str {\n    if x > 0 {\n        \"more\"\n    } else {\n        \"less\"\n    }\n}\n";
const RUN: [&str; 5] = ["test", "--runner", "cargo", "--skip", "test.doctest"];

/// A repository with one commit on `main`.
fn repository(settings: &str) -> Workspace {
    let workspace = Workspace::library(TESTED)
        .file("Cargo.toml", &manifest("demo"))
        .file("src/shapes.rs", SHAPES)
        .file("tests/it.rs", TESTS)
        .file(".gitignore", "/target\n/reports\n")
        .file("slipway.toml", settings);
    workspace.run(&["config", "show"]).exits(0);
    workspace.git(&["init", "-q"]).git(&["add", "-A"]).git(&["commit", "-q", "-m", "one"]);
    workspace
}

fn gate(record: &Value, id: &str) -> Value {
    let gates = record["gates"].as_array().unwrap();
    gates.iter().find(|gate| gate["id"] == id).cloned().unwrap_or_else(|| panic!("no gate {id} in {gates:?}"))
}

#[test]
fn a_changed_line_that_never_ran_fails_and_is_shown() {
    let workspace = repository("coverage.patch.min = 100\n");
    workspace.git(&["switch", "-q", "-c", "topic"]);
    workspace.run(&RUN).exits(0).says("no changed line holds code");
    let tests = TESTS.replace("3);", "3);\n    assert_eq!(demo::kind(1), \"more\");");
    let workspace = workspace.file("src/lib.rs", &format!("{TESTED}{KIND}")).file("tests/it.rs", &tests);
    workspace.run(&RUN).exits(1).says("changed lines that never ran:\n  src/lib.rs:14\n");
    let record = workspace.record();
    assert_eq!(record["coverage"]["patch"]["base"], "main");
    assert_eq!(gate(&record, "coverage.patch")["gap"], "1 line more");
    let file = &record["coverage"]["patch"]["files"][0];
    assert_eq!(file["uncovered"], json!([{"start": 14, "end": 14, "code": "\"less\""}]));
    assert!(workspace.report("summary.md").contains("- `src/lib.rs:14`\n"));
    assert!(workspace.report("index.html").contains("Changed lines that never ran"));
}

#[test]
fn a_file_that_no_test_compiles_any_more_is_named() {
    let workspace = repository("coverage.drop.max = 0\n");
    workspace.run(&RUN).exits(1).says("there is no baseline to compare with");
    workspace.run(&["coverage", "baseline", "save"]).exits(0);
    workspace.run(&RUN).exits(0);
    let record = workspace.record();
    assert_eq!(gate(&record, "coverage.drop")["verdict"], "pass");
    assert_eq!(gate(&record, "coverage.vanished")["verdict"], "pass");
    let workspace = workspace.file("src/lib.rs", &TESTED.replace("pub mod shapes;\n", ""));
    workspace.run(&RUN).exits(0).says("src/shapes.rs");
    let vanished = gate(&workspace.record(), "coverage.vanished");
    assert_eq!((&vanished["verdict"], &vanished["mode"]), (&json!("fail"), &json!("report-only")));
    assert_eq!(vanished["worst"], json!(["src/shapes.rs"]));
}
