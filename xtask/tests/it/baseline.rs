//! `coverage baseline`: what a run covered is kept, shown, and refused when it is worth nothing.

use serde_json::{Value, json};

use crate::support::{Workspace, manifest};

const TESTED: &str = "#[test]\nfn holds() {}\n";

/// A workspace whose last run covered so many of ten lines.
fn covered(workspace: &Workspace, lines: u64) {
    let none = json!({"covered": 0, "total": 0});
    let totals = json!({
        "lines": {"covered": lines, "total": 10}, "functions": none, "regions": none, "branches": none,
    });
    let mut record = workspace.record();
    record["coverage"] = json!({
        "backend": {"name": "embedded", "reason": ""}, "totals": totals, "packages": [],
        "files": [{"path": "src/lib.rs", "package": "demo", "totals": totals}],
        "patch": null, "baseline": null, "vanished": [], "notes": [],
    });
    std::fs::write(workspace.path().join("reports/run.json"), record.to_string()).unwrap();
}

fn kept(workspace: &Workspace) -> Value {
    let text = std::fs::read_to_string(workspace.path().join("coverage-baseline.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn what_runs_covered_is_kept_and_shown() {
    let workspace = Workspace::library(TESTED);
    let args = ["test", "--skip", "test.doctest", "--runner", "cargo"];
    workspace.run(&args).exits(0);
    for lines in [9, 8] {
        covered(&workspace, lines);
        workspace.run(&["coverage", "baseline", "save"]).exits(0).says("to coverage-baseline.json");
    }
    let baseline = kept(&workspace);
    assert_eq!(baseline["entries"].as_array().unwrap().len(), 2);
    assert_eq!(baseline["entries"][1]["files"], json!({"src/lib.rs": "8/10"}));
    let shown = workspace.run(&["coverage", "baseline", "show"]).exits(0).stdout;
    assert!(shown.contains("80.0 %") && shown.contains("2 runs; best 90.0 % of lines"), "{shown}");
    let json = workspace.run(&["coverage", "baseline", "show", "--message-format", "json"]).exits(0).stdout;
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), baseline);
}

#[test]
fn what_is_no_baseline_is_refused_with_a_hint() {
    let workspace = Workspace::library("#[test]\nfn fails() {\n    panic!();\n}\n");
    workspace.run(&["coverage", "baseline", "show"]).exits(2).says("hint: keep one with");
    workspace.run(&["coverage", "baseline", "save"]).exits(2).says("hint: make one with `cargo xtask test`");
    workspace.run(&["test", "--skip", "test.doctest", "--runner", "cargo"]).exits(1);
    covered(&workspace, 9);
    workspace.run(&["coverage", "baseline", "save"]).exits(2).says("the tests of the last run did not pass");
    let broken =
        workspace.file("Cargo.toml", &manifest("demo")).file("coverage-baseline.json", "{\"version\": 7}");
    let run = broken.run(&["coverage", "baseline", "show"]).exits(2);
    run.says("coverage-baseline.json cannot be used").says("of version 7, and version 1 is read");
    assert_eq!(kept(&broken), json!({"version": 7}), "a file that is not understood is left alone");
}
