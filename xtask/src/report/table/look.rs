//! How words look on the terminal: width, colour, and text from outside on one line.

use console::Style;

use crate::kit::text::terminal;
use crate::model::gate::Decision;
use crate::model::step::Status;

/// How the terminal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its columns; fewer than [`NARROWEST`] count as so many.
    pub width: usize,
    /// Whether it shows colour. The caller knows of `NO_COLOR`; nothing is read here.
    pub colour: bool,
}

/// Below this a table is no table.
pub const NARROWEST: usize = 40;

/// Text from outside on one line, without anything that a terminal would obey.
pub(super) fn one_line(text: &str) -> String {
    terminal(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn paint(text: &str, style: &Style, look: Look) -> String {
    style.clone().force_styling(look.colour).apply_to(text).to_string()
}

pub(super) fn of_decision(decision: Decision) -> Style {
    match decision {
        Decision::Pass => Style::new().green(),
        Decision::Inconclusive => Style::new().yellow(),
        Decision::Fail => Style::new().red(),
    }
}

pub(super) fn of_status(status: Status) -> Style {
    match status {
        Status::Passed => Style::new().green(),
        Status::Failed => Style::new().red(),
        Status::Inconclusive => Style::new().yellow(),
        Status::Skipped | Status::Cancelled => Style::new().dim(),
    }
}
