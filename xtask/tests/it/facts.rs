//! What tests ask of a run record: the verdict, the counts, and the facts of each test.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Workspace, in_ci};

/// Runs a verb, checks exit code and decision, and gives the record.
#[track_caller]
pub(crate) fn judged(workspace: &Workspace, args: &[&str], code: i32, decision: &str) -> Value {
    let run = workspace.run(args).exits(code);
    let record = workspace.record();
    assert_eq!(record["verdict"]["decision"], decision, "stderr:\n{}", run.stderr);
    assert_eq!(record["verdict"]["exit_code"], code, "the record knows the exit code");
    record
}

/// `PASSED passed, FAILED failed, SKIPPED skipped`, for tests and then for doctests.
pub(crate) fn counts(record: &Value) -> [String; 2] {
    ["tests", "doctests"].map(|kind| {
        let totals = &record["tests"][kind];
        format!("{} passed, {} failed, {} skipped", totals["passed"], totals["failed"], totals["skipped"])
    })
}

/// `BINARY NAME: OUTCOME` for each test, sorted.
pub(crate) fn outcomes(record: &Value) -> Vec<String> {
    sorted(record, |case| {
        format!("{} {}: {}", word(&case["binary"]), word(&case["name"]), word(&case["outcome"]))
    })
}

/// Each test with all that has to be the same whichever runner ran it, sorted. Nextest is not told why a test is
/// ignored.
pub(crate) fn cases(record: &Value) -> Vec<String> {
    sorted(record, |case| {
        let earlier = case["earlier"].as_array().unwrap();
        let attempts: Vec<String> =
            earlier.iter().map(|attempt| format!("{} {}", attempt["outcome"], attempt["message"])).collect();
        format!(
            "{} | {} | {} | {} | {} | {} | earlier: {attempts:?}",
            word(&case["package"]),
            word(&case["binary"]),
            word(&case["name"]),
            word(&case["kind"]),
            word(&case["outcome"]),
            if case["outcome"] == "skipped" { &Value::Null } else { &case["message"] },
        )
    })
}

/// The facts of the test with this name.
#[track_caller]
pub(crate) fn case<'a>(record: &'a Value, name: &str) -> &'a Value {
    let cases = record["tests"]["cases"].as_array().unwrap();
    let found = cases.iter().find(|case| case["name"] == name);
    found.unwrap_or_else(|| panic!("no test {name} among {:?}", outcomes(record)))
}

/// The gate with this id.
#[track_caller]
pub(crate) fn gate<'a>(record: &'a Value, id: &str) -> &'a Value {
    let gates = record["gates"].as_array().unwrap();
    gates.iter().find(|gate| gate["id"] == id).unwrap_or_else(|| panic!("no gate {id} in {gates:?}"))
}

/// The step with this id.
#[track_caller]
pub(crate) fn step<'a>(record: &'a Value, id: &str) -> &'a Value {
    let steps = record["steps"].as_array().unwrap();
    steps.iter().find(|step| step["id"] == id).unwrap_or_else(|| panic!("no step {id} in {steps:?}"))
}

/// `STEP PATH` of each finding, each once, sorted.
pub(crate) fn finding_places(record: &Value) -> Vec<String> {
    let findings = record["findings"].as_array().unwrap();
    let place =
        |finding: &Value| format!("{} {}", word(&finding["step"]), word(&finding["location"]["path"]));
    let mut places: Vec<String> = findings.iter().map(place).collect();
    places.sort();
    places.dedup();
    places
}

/// Holds `junit.xml` against its schema, by `xmllint` (Debian: libxml2-utils); a machine without it says so, and CI must have it.
#[track_caller]
pub(crate) fn is_valid_junit(workspace: &Workspace) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/junit.xsd");
    let report = workspace.path().join("reports/junit.xml");
    match Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(schema).arg(report).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            assert!(!in_ci(), "xmllint is needed in CI (apt-get install libxml2-utils): {error}");
            println!("skipped: xmllint is not installed (apt-get install libxml2-utils)");
        }
    }
}

fn sorted(record: &Value, line: impl Fn(&Value) -> String) -> Vec<String> {
    let mut lines: Vec<String> = record["tests"]["cases"].as_array().unwrap().iter().map(line).collect();
    lines.sort();
    lines
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}
