//! What the page shows, ready to be written: all text cleaned, all numbers in words, all lists cut to their limits.

use serde::Serialize;

use super::pieces::{Badge, clean, of_decision};
use super::{coverage, failures, findings, gates, images, steps, tests};
use crate::kit::text::{millis, thousands};
use crate::model::coverage::CoverageRecord;
use crate::model::finding::Level;
use crate::model::gate::Decision;
use crate::model::record::RunRecord;
use crate::report::{covered, pick, words};

#[derive(Serialize)]
pub(super) struct Page {
    title: String,
    headline: String,
    verdict: Badge,
    consequence: String,
    place: Vec<String>,
    url: Option<String>,
    started: String,
    when: String,
    cards: Vec<Card>,
    reasons: Vec<String>,
    gates: Vec<gates::Row>,
    timeline: steps::Timeline,
    failures: failures::Failures,
    coverage: Option<coverage::Coverage>,
    images: Option<images::Images>,
    findings: findings::Findings,
    flaky: Vec<tests::Flaky>,
    tests: tests::Tests,
    notes: Vec<String>,
    facts: Vec<Fact>,
}

/// A number that matters, and where it leads.
#[derive(Serialize)]
struct Card {
    label: &'static str,
    value: String,
    detail: String,
    tone: &'static str,
    target: &'static str,
}

#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

pub(super) fn page(record: &RunRecord) -> Page {
    let what = record.context.repository.as_deref().unwrap_or(&record.tool.name);
    Page {
        title: clean(&format!("{}: {what}", words::verdict(record))),
        headline: words::headline(record),
        verdict: of_decision(record.verdict.decision),
        consequence: words::consequence(record),
        place: words::place(record).iter().map(|piece| clean(piece)).collect(),
        url: record.run.url.clone().filter(|url| pick::is_web_address(url)),
        started: clean(&record.run.started),
        when: clean(&when(&record.run.started)),
        cards: cards(record),
        reasons: words::other_reasons(record).into_iter().map(clean).collect(),
        gates: gates::rows(record),
        timeline: steps::timeline(record),
        failures: failures::failures(record),
        coverage: coverage::coverage(record),
        images: images::images(record),
        findings: findings::findings(record),
        flaky: tests::flaky(record),
        tests: tests::tests(record),
        notes: record.notes.iter().map(|note| clean(note)).collect(),
        facts: facts(record),
    }
}

/// `2026-01-02 03:04 UTC` of `2026-01-02T03:04:05Z`; another form stays as it is.
fn when(started: &str) -> String {
    let parts = started.strip_suffix('Z').and_then(|told| told.split_once('T'));
    let minutes = parts.and_then(|(day, time)| time.get(..5).map(|time| format!("{day} {time} UTC")));
    minutes.unwrap_or_else(|| started.to_owned())
}

fn cards(record: &RunRecord) -> Vec<Card> {
    let (tests, doctests) = (&record.tests.tests, &record.tests.doctests);
    let failed = tests.failed + doctests.failed;
    let after_colon = |told: String| told.split_once(": ").map_or(String::new(), |(_, rest)| rest.to_owned());
    let errors = pick::count(record, Level::Error);
    let tone = |bad: bool, none: bool| match (bad, none) {
        (true, _) => "bad",
        (false, true) => "idle",
        (false, false) => "good",
    };
    let open = pick::open_gates(record);
    let ran = tests.run + doctests.run;
    let mut cards = vec![
        Card {
            label: "gates pass",
            value: share(record.gates.len() - open.len(), record.gates.len()),
            detail: words::consequence(record),
            tone: of_decision(record.verdict.decision).tone,
            target: "gates",
        },
        Card {
            label: "tests pass",
            value: share(tests.passed + doctests.passed, ran),
            detail: words::own_tests(record).unwrap_or_else(|| "no test was seen".to_owned()),
            tone: tone(failed > 0, ran == 0),
            target: if failed > 0 { "failures" } else { "tests" },
        },
        Card {
            label: if record.findings.len() == 1 { "finding" } else { "findings" },
            value: thousands(record.findings.len()),
            detail: words::findings(&record.findings).map(after_colon).unwrap_or_default(),
            tone: if errors > 0 { "bad" } else { tone(false, record.findings.is_empty()) },
            target: "findings",
        },
        Card {
            label: "in all",
            value: millis(record.run.duration_ms),
            detail: words::steps(record),
            tone: "idle",
            target: "steps",
        },
    ];
    if let Some(coverage) = &record.coverage {
        cards.insert(2, covered_lines(record, coverage));
    }
    let before_last = cards.len() - 1;
    if let Some((value, detail)) = images::card(record) {
        cards.insert(before_last, of_images(record, value, detail));
    }
    cards
}

fn of_images(record: &RunRecord, value: String, detail: String) -> Card {
    let open = pick::open_gates(record);
    let worst = open.iter().filter(|gate| gate.id.starts_with("image.")).map(|gate| gate.verdict).max();
    Card {
        label: if record.images.len() == 1 { "image" } else { "images" },
        value,
        detail,
        tone: of_decision(worst.unwrap_or(Decision::Pass)).tone,
        target: "images",
    }
}

fn covered_lines(record: &RunRecord, coverage: &CoverageRecord) -> Card {
    let open = pick::open_gates(record).into_iter().any(|gate| gate.id.starts_with("coverage."));
    let changed = covered::rows(coverage).into_iter().find(|row| row.what == "changed lines");
    let measured = coverage.totals.lines.total > 0;
    Card {
        label: "of lines",
        value: coverage.totals.lines.told(),
        detail: changed.map(|row| clean(&format!("changed lines: {}", row.share))).unwrap_or_default(),
        tone: match (open, measured) {
            (true, _) => "unsure",
            (false, true) => "good",
            (false, false) => "idle",
        },
        target: "coverage",
    }
}

fn share(part: usize, whole: usize) -> String {
    if whole == 0 { "none".to_owned() } else { format!("{}/{}", thousands(part), thousands(whole)) }
}

fn facts(record: &RunRecord) -> Vec<Fact> {
    let host = &record.run.host;
    let mut facts = vec![
        ("Run", format!("{}, attempt {}", record.run.id, record.run.attempt)),
        ("Started", record.run.started.clone()),
        ("Event", record.context.event.name().to_owned()),
        ("Commit", record.context.head_sha.clone().unwrap_or_else(|| "unknown".to_owned())),
        ("Machine", format!("{} {}, {} processors", host.os, host.arch, host.cpus)),
        ("Toolkit", format!("{} {}", record.tool.name, record.tool.version)),
    ];
    facts.extend(host.rustc.clone().map(|version| ("Compiler", version)));
    facts.push((
        "Settings",
        format!("{} ({})", record.settings.layers.join(", "), short(&record.settings.digest)),
    ));
    facts.push(("Plan", short(&record.plan.digest)));
    facts.into_iter().map(|(name, value)| Fact { name, value: clean(&value) }).collect()
}

fn short(digest: &str) -> String {
    digest.chars().take(12).collect()
}
