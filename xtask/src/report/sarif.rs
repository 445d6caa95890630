//! `sarif/STEP.sarif`: the findings of one step for code scanning, as SARIF 2.1.0.
//!
//! GitHub keeps an alert open by its fingerprint and closes it by its category, so both are steady: the category
//! is the step, and the fingerprint holds no line number.
//! Source: GitHub docs, "SARIF support for code scanning"; OASIS, SARIF 2.1.0.

mod place;

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::RenderError;
use super::pick::is_web_address;
use crate::kit::text::{plural, terminal, thousands};
use crate::model::finding::{Finding, Fingerprints};
use crate::model::record::{RunRecord, StepRecord};
use crate::model::severity::Severity;
use crate::model::step::Status;

/// GitHub shows this many results of a run and drops the rest without a word.
pub const MOST_RESULTS: usize = 5_000;

/// The steps that have a SARIF file: linters and scans that ran, and any other step that found something.
#[must_use]
pub fn steps(record: &RunRecord) -> Vec<&str> {
    let ran = |step: &StepRecord| !matches!(step.status, Status::Skipped | Status::Cancelled);
    let found = |step: &StepRecord| record.findings.iter().any(|finding| finding.step == step.id);
    let looks = |step: &StepRecord| step.id.starts_with("lint.") || step.id == "image.scan";
    let has_file = |step: &&StepRecord| (looks(step) && ran(step)) || found(step);
    record.steps.iter().filter(has_file).map(|step| step.id.as_str()).collect()
}

/// The findings of one step as a SARIF log. A step without findings gives an empty run, which closes its alerts.
///
/// # Errors
/// When the JSON cannot be written.
pub fn sarif(record: &RunRecord, step_id: &str) -> Result<String, RenderError> {
    let mut findings: Vec<&Finding> =
        record.findings.iter().filter(|finding| finding.step == step_id).collect();
    findings.sort_by_key(|finding| Reverse(finding.level));
    let cut = findings.len().saturating_sub(MOST_RESULTS);
    findings.truncate(MOST_RESULTS);
    let rules = rules(&findings);
    let mut fingerprints = Fingerprints::default();
    let results: Vec<Value> =
        findings.iter().map(|finding| result(finding, &rules, &fingerprints.next(finding))).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver(record, step_id, &rules) },
            "automationDetails": { "id": format!("slipway/{step_id}/") },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {
                "%SRCROOT%": { "description": { "text": "The root of the repository." } }
            },
            "invocations": [invocation(record, step_id, cut)],
            "results": results,
        }],
    });
    let text = serde_json::to_string_pretty(&log).map_err(|cause| RenderError::new("SARIF", cause))?;
    Ok(text + "\n")
}

/// The first finding of each rule, in order of appearance.
fn rules<'a>(findings: &[&'a Finding]) -> Vec<&'a Finding> {
    let mut rules: Vec<&Finding> = Vec::new();
    for finding in findings {
        if !rules.iter().any(|known| known.rule == finding.rule) {
            rules.push(finding);
        }
    }
    rules
}

fn driver(record: &RunRecord, step_id: &str, rules: &[&Finding]) -> Value {
    let name = step_id.split_once('.').map_or(step_id, |(_, name)| name);
    let mut driver = json!({
        "name": format!("Slipway {name}"),
        "organization": "Slipway",
        "rules": rules.iter().map(|first| rule(first)).collect::<Vec<_>>(),
        "version": record.tool.version,
    });
    if record.tool.version.parse::<semver::Version>().is_ok() {
        driver["semanticVersion"] = record.tool.version.clone().into();
    }
    if let Some(uri) = home(name) {
        driver["informationUri"] = uri.into();
    }
    driver
}

/// The page of a linter that Slipway runs by itself.
fn home(name: &str) -> Option<&'static str> {
    let uri = match name {
        "clippy" => "https://doc.rust-lang.org/clippy/",
        "fmt" => "https://github.com/rust-lang/rustfmt",
        "docs" | "doc" => "https://doc.rust-lang.org/rustdoc/",
        "deny" => "https://embarkstudios.github.io/cargo-deny/",
        "typos" => "https://github.com/crate-ci/typos",
        "shellcheck" => "https://www.shellcheck.net/",
        "hadolint" => "https://github.com/hadolint/hadolint",
        "actionlint" => "https://github.com/rhysd/actionlint",
        "zizmor" => "https://docs.zizmor.sh/",
        "taplo" => "https://taplo.tamasfe.dev/",
        _ => return None,
    };
    Some(uri)
}

fn rule(first: &Finding) -> Value {
    let id = terminal(&first.rule);
    let mut rule = json!({
        "id": id,
        "shortDescription": { "text": id },
        "defaultConfiguration": { "level": first.level.word() },
    });
    if let Some(url) = first.url.as_deref().filter(|url| is_web_address(url)) {
        rule["helpUri"] = url.into();
    }
    if let Some(flaw) = &first.flaw {
        rule["properties"] = json!({ "tags": ["security"], "security-severity": score(flaw.severity) });
    }
    rule
}

/// GitHub takes severities as scores: the middle of what each word stands for. Source: GitHub docs, "SARIF support for code
/// scanning", `security-severity`.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Unknown => "0.0",
    }
}

fn result(finding: &Finding, rules: &[&Finding], fingerprint: &str) -> Value {
    let (place, outside) = place::physical(finding);
    let outside = outside.map(|path| format!("{path}: ")).unwrap_or_default();
    let index = rules.iter().position(|rule| rule.rule == finding.rule).unwrap_or_default();
    let mut result = json!({
        "ruleId": terminal(&finding.rule),
        "ruleIndex": index,
        "level": finding.level.word(),
        "message": { "text": terminal(&format!("{outside}{}", finding.message)) },
        "locations": [{ "physicalLocation": place }],
        "partialFingerprints": { "slipwayFingerprint/v1": fingerprint },
    });
    // Accepted in the settings, which is outside the code that has the flaw (3.35.2).
    if let Some(waived) = finding.flaw.as_ref().and_then(|flaw| flaw.waived.as_ref()) {
        result["suppressions"] = json!([{ "kind": "external", "justification": terminal(waived) }]);
    }
    result
}

/// Whether the linter came to its end, and what GitHub would not show.
fn invocation(record: &RunRecord, step_id: &str, cut: usize) -> Value {
    let ended = |step: &StepRecord| matches!(step.status, Status::Passed | Status::Failed);
    let successful = record.steps.iter().any(|step| step.id == step_id && ended(step));
    let mut invocation = json!({ "executionSuccessful": successful });
    if cut > 0 {
        let text = format!(
            "{} left out: a run holds at most {}. The worst are kept; run.json has all.",
            plural(cut, "finding"),
            thousands(MOST_RESULTS)
        );
        invocation["toolExecutionNotifications"] =
            json!([{ "level": "warning", "message": { "text": text } }]);
    }
    invocation
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::Level;
    use crate::model::scan::tests::vulnerability;
    use crate::report::sample::sample;

    fn log(record: &RunRecord, step: &str) -> Value {
        serde_json::from_str(&sarif(record, step).unwrap()).unwrap()
    }

    /// By the schema of OASIS, as the crate serde-sarif 0.8 ships it.
    fn validator() -> jsonschema::Validator {
        let schema = include_str!("../../tests/fixtures/sarif-schema-2.1.0.json");
        let mut schema: Value = serde_json::from_str(schema).unwrap();
        // This pattern is no regular expression: the schema's own mistake, in a field that is not written here.
        for definition in ["run", "toolComponent"] {
            let language = &mut schema["definitions"][definition]["properties"]["language"];
            language.as_object_mut().unwrap().remove("pattern").unwrap();
        }
        jsonschema::validator_for(&schema).unwrap()
    }

    #[test]
    fn every_log_is_of_the_published_schema() {
        let record = sample();
        for step in steps(&record) {
            validator().validate(&log(&record, step)).map_err(|error| error.to_string()).unwrap();
        }
    }

    #[test]
    fn the_schema_would_notice() {
        let mut wrong = log(&sample(), "lint.clippy");
        wrong["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0.into();
        assert!(!validator().is_valid(&wrong));
    }

    #[test]
    fn linters_that_ran_have_a_file_and_others_when_they_found_something() {
        let mut record = sample();
        assert_eq!(steps(&record), ["lint.fmt", "lint.clippy", "lint.typos", "lint.docs", "image.scan"]);
        record.findings.push(Finding::new("image.build", "r", Level::Note, "m"));
        assert!(steps(&record).contains(&"image.build"));
    }

    #[test]
    fn rules_are_listed_once_and_pointed_at() {
        let log = log(&sample(), "lint.clippy");
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), 3);
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
        }
        assert_eq!(run["automationDetails"]["id"], "slipway/lint.clippy/");
        assert_eq!(run["results"][0]["level"], "error");
        assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    }

    #[test]
    fn a_linter_that_broke_says_so() {
        let log = log(&sample(), "lint.typos");
        assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
        assert_eq!(log["runs"][0]["results"], json!([]));
    }

    #[test]
    fn text_from_outside_is_cleaned_and_never_a_snippet() {
        let text = sarif(&sample(), "lint.clippy").unwrap();
        assert!(!text.contains("\\u001b") && !text.contains("snippet"));
    }

    #[test]
    fn flaws_carry_a_score_and_what_is_waived_is_suppressed() {
        let mut record = sample();
        let mut finding = vulnerability("0001", "itoa", Severity::Critical);
        finding.step = "lint.clippy".to_owned();
        finding.flaw.as_mut().unwrap().waived = Some("never called (ada, until 2099-12-31)".to_owned());
        record.findings = vec![finding];
        let log = log(&record, "lint.clippy");
        validator().validate(&log).map_err(|error| error.to_string()).unwrap();
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"][0]["properties"]["security-severity"], "9.5");
        assert_eq!(run["results"][0]["suppressions"][0]["kind"], "external");
    }

    #[test]
    fn what_github_would_drop_is_said() {
        let mut record = sample();
        record.findings = (0..MOST_RESULTS + 7)
            .map(|number| Finding::new("lint.clippy", "r", Level::Warning, format!("m{number}")))
            .collect();
        record.findings.push(Finding::new("lint.clippy", "worst", Level::Error, "m"));
        let log = log(&record, "lint.clippy");
        let run = &log["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), MOST_RESULTS);
        assert_eq!(run["results"][0]["ruleId"], "worst");
        let told = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
        assert!(told.as_str().unwrap().starts_with("8 findings left out"));
    }
}
