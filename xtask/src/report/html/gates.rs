//! The gates of the page, the worst first.

use serde::Serialize;

use super::pieces::{Badge, clean, of_decision};
use crate::model::gate::{Decision, Gate};
use crate::model::record::RunRecord;
use crate::report::{pick, words};

#[derive(Serialize)]
pub(super) struct Row {
    id: String,
    badge: Badge,
    mode: &'static str,
    metric: String,
    measured: String,
    required: String,
    gap: Option<String>,
    reason: String,
    /// It does not pass: the rest is shown too.
    open: bool,
    remedy: Option<String>,
    worst: Vec<String>,
    reproduce: Option<String>,
}

pub(super) fn rows(record: &RunRecord) -> Vec<Row> {
    pick::gates(record).into_iter().map(row).collect()
}

fn row(gate: &Gate) -> Row {
    let cleaned = |text: &Option<String>| text.as_deref().map(clean);
    let (measured, metric) = words::measured(gate);
    Row {
        id: clean(&gate.id),
        badge: of_decision(gate.verdict),
        mode: gate.mode.word(),
        metric: clean(metric),
        measured: clean(&measured),
        required: clean(&gate.required),
        gap: cleaned(&gate.gap),
        reason: clean(&gate.reason),
        open: gate.verdict != Decision::Pass,
        remedy: cleaned(&gate.remedy),
        worst: gate.worst.iter().map(|place| clean(place)).collect(),
        reproduce: cleaned(&gate.reproduce),
    }
}
