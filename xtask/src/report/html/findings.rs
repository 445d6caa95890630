//! The findings of the page, a group for each step.

use serde::Serialize;

use super::pieces::{Badge, clean};
use crate::model::finding::{Finding, Level};
use crate::model::record::RunRecord;
use crate::report::{pick, words};

/// Findings on the page; all are in run.json.
const SHOWN: usize = 1_000;

#[derive(Serialize)]
pub(super) struct Findings {
    counts: Option<String>,
    groups: Vec<Group>,
    more: Option<String>,
}

#[derive(Serialize)]
struct Group {
    step: String,
    counts: String,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    badge: Badge,
    rule: String,
    url: Option<String>,
    place: Option<String>,
    message: String,
    rendered: Option<String>,
}

pub(super) fn findings(record: &RunRecord) -> Findings {
    let mut room = SHOWN;
    let mut groups = Vec::new();
    for (step, all) in pick::findings_by_step(record) {
        let rows: Vec<Row> = all.iter().take(room).map(|(_, finding)| row(finding)).collect();
        room -= rows.len();
        if !rows.is_empty() {
            let counts = words::findings(all.iter().map(|(_, finding)| *finding)).unwrap_or_default();
            groups.push(Group { step: clean(step), counts, rows });
        }
    }
    let left = record.findings.len().saturating_sub(SHOWN);
    Findings {
        counts: words::findings(&record.findings),
        groups,
        more: (left > 0).then(|| words::more(left).replace("the report", "run.json")),
    }
}

fn row(finding: &Finding) -> Row {
    Row {
        badge: of_level(finding.level),
        rule: clean(&finding.rule),
        url: finding.url.clone().filter(|url| pick::is_web_address(url)),
        place: finding.location.as_ref().map(|_| clean(&finding.place())),
        message: clean(&finding.message),
        rendered: finding.rendered.as_deref().map(clean),
    }
}

fn of_level(level: Level) -> Badge {
    let (sign, tone) = match level {
        Level::Error => ("✕", "bad"),
        Level::Warning => ("!", "unsure"),
        Level::Note => ("i", "idle"),
    };
    Badge { word: level.word(), sign, tone }
}
