//! Each rule of the standard that findings depend on, with a log in which it matters.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::tools::reading::tests::{places, recorded, workspace};

/// The findings of one run with these parts added to it.
fn of(run: &Value) -> Result<Vec<Finding>, ReadError> {
    let mut whole = json!({"tool": {"driver": {"name": "tool", "rules": [
        {"id": "strict", "helpUri": "https://example.com/strict", "defaultConfiguration": {"level": "error"},
         "shortDescription": {"text": "be strict"},
         "messageStrings": {"default": {"text": "{0} is not {1}, {{0}} {9}"}}},
        {"id": "plain"},
    ]}}});
    for (key, value) in run.as_object().unwrap() {
        whole[key] = value.clone();
    }
    read(&json!({"version": "2.1.0", "runs": [whole]}).to_string(), "step.scan", &workspace())
}

fn one(result: &Value) -> Finding {
    let mut findings = of(&json!({"results": [result]})).unwrap();
    assert_eq!(findings.len(), 1);
    findings.remove(0)
}

fn place_of(location: &Value) -> String {
    let result = json!({"message": {"text": "m"}, "locations": [{"physicalLocation": location}]});
    let extra = json!({
        "results": [result],
        "originalUriBaseIds": {"SUB": {"uri": "file:///repo/sub/"}, "%SRCROOT%": {"uri": "file:///repo/"}},
        "artifacts": [{"location": {"uri": "listed.rs", "uriBaseId": "SUB"}}],
    });
    of(&extra).unwrap()[0].place()
}

#[test]
fn the_level_comes_from_the_result_then_the_rule_then_the_standard() {
    let level = |result: Value| one(&result).level;
    assert_eq!(level(json!({"ruleId": "strict", "level": "note"})), Level::Note);
    assert_eq!(level(json!({"ruleId": "strict"})), Level::Error);
    assert_eq!(level(json!({"ruleIndex": 0})), Level::Error);
    assert_eq!(level(json!({"ruleId": "strict/sub"})), Level::Error);
    assert_eq!(level(json!({"rule": {"id": "strict"}, "ruleIndex": -1})), Level::Error);
    assert_eq!(level(json!({"ruleId": "plain"})), Level::Warning);
    assert_eq!(level(json!({"ruleId": "unknown", "level": "none"})), Level::Note);
    assert_eq!(level(json!({"ruleId": "strict", "kind": "review"})), Level::Note);
}

#[test]
fn what_passed_or_is_excused_is_no_finding() {
    for result in [
        json!({"ruleId": "strict", "kind": "pass"}),
        json!({"ruleId": "strict", "kind": "notApplicable", "level": "none"}),
        json!({"ruleId": "strict", "suppressions": [{"kind": "inSource"}]}),
        json!({"ruleId": "strict", "suppressions": [{"kind": "external", "status": "accepted"}]}),
        json!({"ruleId": "strict", "baselineState": "absent"}),
    ] {
        assert_eq!(of(&json!({"results": [result]})), Ok(Vec::new()), "{result}");
    }
}

#[test]
fn an_excuse_that_was_not_accepted_excuses_nothing() {
    for status in ["rejected", "underReview"] {
        let suppressions = json!([{"kind": "inSource"}, {"kind": "external", "status": status}]);
        assert_eq!(one(&json!({"ruleId": "strict", "suppressions": suppressions})).rule, "strict");
    }
    assert_eq!(one(&json!({"ruleId": "strict", "suppressions": []})).rule, "strict");
}

#[test]
fn rule_and_page_are_told() {
    let finding = one(&json!({"ruleIndex": 0, "message": {"text": "m"}}));
    assert_eq!(
        (finding.rule.as_str(), finding.url.as_deref()),
        ("strict", Some("https://example.com/strict"))
    );
    assert_eq!(one(&json!({"message": {"text": "m"}})).rule, "tool");
}

#[test]
fn rules_of_an_extension_are_its_own() {
    let tool = json!({"driver": {"name": "t", "rules": [{"id": "a"}]}, "extensions": [
        {"name": "e", "rules": [{"id": "b", "defaultConfiguration": {"level": "error"}}]}]});
    let result = json!({"rule": {"index": 0, "toolComponent": {"index": 0}}});
    let findings = of(&json!({"tool": tool, "results": [result]})).unwrap();
    assert_eq!((findings[0].rule.as_str(), findings[0].level), ("b", Level::Error));
}

#[test]
fn a_message_is_found_wherever_it_stands() {
    let message = |message: Value| one(&json!({"ruleId": "strict", "message": message})).message;
    assert_eq!(message(json!({"text": "plain", "markdown": "**x**"})), "plain");
    assert_eq!(message(json!({"markdown": "`x`"})), "`x`");
    assert_eq!(message(json!({"id": "default", "arguments": ["{1}", "b"]})), "{1} is not b, {0} {9}");
    assert_eq!(message(json!({})), "be strict");
}

#[test]
fn every_kind_of_uri_leads_to_the_file() {
    let uri = |location: Value| place_of(&json!({"artifactLocation": location}));
    assert_eq!(uri(json!({"uri": "./src/a%20b.rs"})), "src/a b.rs:1:1");
    assert_eq!(uri(json!({"uri": "file:///repo/src/caf%C3%A9.rs"})), "src/café.rs:1:1");
    assert_eq!(uri(json!({"uri": "file:///elsewhere/a.rs"})), "/elsewhere/a.rs:1:1");
    assert_eq!(uri(json!({"uri": "a.rs", "uriBaseId": "%SRCROOT%"})), "a.rs:1:1");
    assert_eq!(uri(json!({"uri": "a.rs", "uriBaseId": "SUB"})), "sub/a.rs:1:1");
    assert_eq!(uri(json!({"uri": "a.rs", "uriBaseId": "UNKNOWN"})), "a.rs:1:1");
    assert_eq!(uri(json!({"index": 0})), "sub/listed.rs:1:1");
    assert_eq!(uri(json!({"uri": "https://example.com/a.rs"})), "-");
    assert_eq!(uri(json!({"index": 7})), "-");
}

#[test]
fn regions_may_be_partly_or_wholly_missing() {
    let region = |region: Value| place_of(&json!({"artifactLocation": {"uri": "a.rs"}, "region": region}));
    assert_eq!(region(json!({"startLine": 3, "startColumn": 5})), "a.rs:3:5");
    assert_eq!(region(json!({"startLine": 3})), "a.rs:3:1");
    assert_eq!(region(json!({"charOffset": 9})), "a.rs:1:1");
    assert_eq!(region(json!({"startLine": -4, "endLine": 99_999_999_999_i64})), "a.rs:1:1");
    assert_eq!(place_of(&json!({"region": {"startLine": 3}})), "-");
}

#[test]
fn what_was_not_measured_is_not_green() {
    for (text, part) in [
        ("", "not SARIF"),
        ("{\"version\":\"2.1.0\"}", "no run"),
        ("{\"version\":\"2.1.0\",\"runs\":[]}", "no run"),
        ("{\"version\":\"1.0.0\",\"runs\":[]}", "SARIF `1.0.0`"),
        ("{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"t\"}}}]}", "no results"),
    ] {
        let error = read(text, "step.scan", &workspace()).unwrap_err();
        assert!(error.reason.contains(part), "{text}: {error}");
    }
}

#[test]
fn a_run_that_failed_keeps_what_it_found() {
    let run = json!({"results": [{"ruleId": "strict"}], "invocations": [{"executionSuccessful": false}]});
    let error = of(&run).unwrap_err();
    assert!(error.reason.contains("did not run well"));
    assert_eq!(places(&error.findings), ["- strict"]);
}

#[test]
fn a_byte_order_mark_is_no_obstacle() {
    let text = format!("\u{feff}{}", recorded("zizmor/clean", 0).stdout);
    assert_eq!(read(&text, "step.scan", &workspace()), Ok(Vec::new()));
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in any::<String>()) {
        let _ = read(&text, "step.scan", &workspace());
    }

    #[test]
    fn any_message_is_filled(text in "[{}0-9a-é]{0,20}", argument in any::<String>()) {
        let _ = fill(&text, &[argument]);
    }
}
