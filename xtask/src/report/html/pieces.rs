//! What all parts of the page are made of: cleaned text, and words with a sign and a tone.

use serde::Serialize;

use crate::kit::text::terminal;
use crate::model::gate::Decision;
use crate::model::step::Status;

/// A word with a sign and a tone: readable without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Badge {
    pub(super) word: &'static str,
    pub(super) sign: &'static str,
    /// `good`, `bad`, `unsure`, `idle`.
    pub(super) tone: &'static str,
}

/// Text from outside without anything that hides or reorders it; the template escapes what HTML would obey.
pub(super) fn clean(text: &str) -> String {
    terminal(text).trim_end().to_owned()
}

pub(super) fn of_decision(decision: Decision) -> Badge {
    match decision {
        Decision::Pass => Badge { word: decision.word(), sign: "✓", tone: "good" },
        Decision::Inconclusive => Badge { word: decision.word(), sign: "?", tone: "unsure" },
        Decision::Fail => Badge { word: decision.word(), sign: "✕", tone: "bad" },
    }
}

pub(super) fn of_status(status: Status) -> Badge {
    let (sign, tone) = match status {
        Status::Passed => ("✓", "good"),
        Status::Failed => ("✕", "bad"),
        Status::Inconclusive => ("?", "unsure"),
        Status::Skipped => ("–", "idle"),
        Status::Cancelled => ("⊘", "idle"),
    };
    Badge { word: status.word(), sign, tone }
}

/// A part of a whole in hundredths of a percent, at most all of it.
pub(super) fn share(part: u64, whole: u64) -> u64 {
    let share = u128::from(part) * 10_000 / u128::from(whole.max(1));
    u64::try_from(share).unwrap_or(10_000).min(10_000)
}

/// Hundredths of a percent as an attribute of an SVG element takes it.
pub(super) fn percent(hundredths: u64) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}
