//! The outputs of a step on GitHub: what later jobs of a workflow can ask for (`steps.ID.outputs.NAME`).
//! The names are part of the public interface; docs/reports.md lists them.

use serde_json::json;

use super::{images, pick, words};
use crate::model::coverage::{CoverageRecord, Share};
use crate::model::finding::Level;
use crate::model::gate::Decision;
use crate::model::image::ImageRecord;
use crate::model::record::RunRecord;

/// Names and values; `folder` is where the reports are, below the workspace root, and `page` is the whole path of the page. Numbers are plain digits; `verdict` is `pass`, `fail` or `inconclusive`.
#[must_use]
pub fn outputs(record: &RunRecord, folder: &str, page: &str) -> Vec<(&'static str, String)> {
    let (tests, doctests) = (&record.tests.tests, &record.tests.doctests);
    let open = record.gates.iter().filter(|gate| gate.verdict != Decision::Pass).count();
    vec![
        ("verdict", record.verdict.decision.word().to_owned()),
        ("mode", record.verdict.mode.word().to_owned()),
        ("exit-code", record.verdict.exit_code.to_string()),
        ("headline", words::headline(record)),
        ("commit", record.context.head_sha.clone().unwrap_or_default()),
        ("duration-ms", record.run.duration_ms.to_string()),
        ("tests-run", tests.run.to_string()),
        ("tests-passed", tests.passed.to_string()),
        ("tests-failed", tests.failed.to_string()),
        ("tests-skipped", tests.skipped.to_string()),
        ("tests-flaky", tests.flaky.to_string()),
        ("doctests-run", doctests.run.to_string()),
        ("doctests-failed", doctests.failed.to_string()),
        ("coverage-lines", percent(record, |coverage| Some(coverage.totals.lines))),
        ("coverage-functions", percent(record, |coverage| Some(coverage.totals.functions))),
        ("coverage-regions", percent(record, |coverage| Some(coverage.totals.regions))),
        (
            "coverage-changed-lines",
            percent(record, |coverage| coverage.patch.as_ref().map(|patch| patch.share)),
        ),
        ("checks-run", record.tests.checks.run.to_string()),
        ("checks-failed", record.tests.checks.failed.to_string()),
        ("image", lines(record, |image| images::published(image).into_iter().collect())),
        (
            "image-name",
            lines(record, |image| {
                image.repository.iter().filter(|_| images::published(image).is_some()).cloned().collect()
            }),
        ),
        (
            "image-digest",
            lines(record, |image| {
                image.digest.iter().filter(|_| images::published(image).is_some()).cloned().collect()
            }),
        ),
        ("images", json(record)),
        (
            "image-tags",
            lines(record, |image| image.pushed.iter().flat_map(|pushed| pushed.references.clone()).collect()),
        ),
        ("findings", record.findings.len().to_string()),
        ("findings-errors", pick::count(record, Level::Error).to_string()),
        ("findings-warnings", pick::count(record, Level::Warning).to_string()),
        ("gates", record.gates.len().to_string()),
        ("gates-not-passed", open.to_string()),
        ("reports", folder.to_owned()),
        ("report", page.to_owned()),
    ]
}

/// Of each image, one a line, in the order of the settings.
fn lines(record: &RunRecord, of: impl Fn(&ImageRecord) -> Vec<String>) -> String {
    record.images.iter().flat_map(of).collect::<Vec<_>>().join("\n")
}

/// The images that were pushed as a JSON array of objects with `name` and `digest`, for the matrix of a later job; empty when there is none,
/// as GitHub refuses an empty matrix.
fn json(record: &RunRecord) -> String {
    let pushed = record.images.iter().filter(|image| images::published(image).is_some());
    let pushed: Vec<_> =
        pushed.map(|image| json!({ "name": image.repository, "digest": image.digest })).collect();
    if pushed.is_empty() { String::new() } else { serde_json::Value::from(pushed).to_string() }
}

/// In percent, with three decimal places at most; empty when it was not measured.
fn percent(record: &RunRecord, share: impl Fn(&CoverageRecord) -> Option<Share>) -> String {
    let percent = record.coverage.as_ref().and_then(share).and_then(Share::percent);
    percent.map(|percent| percent.to_string().trim_end_matches(" %").to_owned()).unwrap_or_default()
}

/// One output as `GITHUB_OUTPUT` takes it. None when the delimiter stands in the value, or when the name could
/// break the line: the caller then tries another, random delimiter.
///
/// Source: GitHub docs, "Workflow commands for GitHub Actions", multiline strings.
#[must_use]
pub fn heredoc(name: &str, value: &str, delimiter: &str) -> Option<String> {
    let word = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    let safe = word(name) && word(delimiter) && !value.contains(delimiter);
    safe.then(|| format!("{name}<<{delimiter}\n{value}\n{delimiter}\n"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::report::sample::sample;

    #[test]
    fn the_outputs_of_the_sample_are_counted() {
        let outputs: BTreeMap<_, _> =
            outputs(&sample(), "reports", "/w/reports/index.html").into_iter().collect();
        assert_eq!(outputs["verdict"], "fail");
        assert_eq!(outputs["exit-code"], "1");
        assert_eq!((outputs["tests-run"].as_str(), outputs["tests-failed"].as_str()), ("7", "3"));
        assert_eq!((outputs["tests-flaky"].as_str(), outputs["findings"].as_str()), ("1", "6"));
        assert_eq!(outputs["gates-not-passed"], "6");
        assert_eq!((outputs["checks-run"].as_str(), outputs["checks-failed"].as_str()), ("4", "2"));
    }

    #[test]
    fn later_jobs_find_the_images() {
        let mut sample = sample();
        let of = |record: &RunRecord| outputs(record, "reports", "").into_iter().collect::<BTreeMap<_, _>>();
        let digest = sample.images[0].digest.clone().unwrap();
        assert_eq!(of(&sample)["image"], format!("ghcr.io/acme/widgets@{digest}"), "only what can be pulled");
        assert_eq!(of(&sample)["image-name"], "ghcr.io/acme/widgets");
        assert_eq!(of(&sample)["image-digest"], digest, "the other one was not pushed");
        assert_eq!(
            of(&sample)["images"],
            format!(r#"[{{"digest":"{digest}","name":"ghcr.io/acme/widgets"}}]"#)
        );
        assert!(
            of(&sample)["image-tags"].starts_with("ghcr.io/acme/widgets:pr-12\nghcr.io/acme/widgets:sha-")
        );
        sample.images[0].pushed.as_mut().unwrap().references.truncate(1);
        assert_eq!(
            of(&sample)["image-tags"],
            "ghcr.io/acme/widgets:pr-12",
            "the other one stayed where it was"
        );
        let (mut second, mut third) = (sample.images[0].clone(), sample.images[0].clone());
        second.repository = Some("ghcr.io/acme/gadgets".to_owned());
        third.pushed = None;
        sample.images.extend([second, third]);
        let told = of(&sample);
        let images: serde_json::Value = serde_json::from_str(&told["images"]).unwrap();
        assert_eq!(images[1], json!({ "name": "ghcr.io/acme/gadgets", "digest": digest }));
        assert_eq!(images.as_array().unwrap().len(), 2, "{images}");
        assert_eq!(told["image-name"].lines().count(), told["image-digest"].lines().count());
        for image in &mut sample.images {
            image.pushed = None;
        }
        let told = of(&sample);
        let pushed = ["image", "image-name", "image-digest", "image-tags", "images"];
        assert_eq!(pushed.map(|name| told[name].as_str()), [""; 5], "nobody can attest what is nowhere");
        sample.images.clear();
        assert_eq!((of(&sample)["image"].as_str(), of(&sample)["image-tags"].as_str()), ("", ""));
        assert_eq!(of(&sample)["image-name"], "");
    }

    #[test]
    fn names_are_unique_and_documented() {
        let docs = include_str!("../../../docs/reports.md");
        let outputs = outputs(&sample(), "reports", "/w/reports/index.html");
        let names: BTreeMap<_, _> = outputs.iter().map(|(name, value)| (name, value)).collect();
        assert_eq!(names.len(), outputs.len());
        for (name, _) in &outputs {
            assert!(docs.contains(&format!("`{name}`")), "docs/reports.md does not tell of `{name}`");
            assert!(heredoc(name, "1", "d").is_some(), "{name}");
        }
    }

    #[test]
    fn a_value_cannot_end_its_heredoc() {
        assert_eq!(heredoc("a", "x\nEND\nverdict<<E", "END"), None);
        assert_eq!(heredoc("a", "x\ny", "END").unwrap(), "a<<END\nx\ny\nEND\n");
        assert_eq!(heredoc("a\nb", "x", "END"), None);
        assert_eq!(heredoc("a", "x", ""), None);
    }
}
