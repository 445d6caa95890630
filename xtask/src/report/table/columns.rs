//! The columns of the closing table: step, result, time, why.

use console::{Alignment, Style, measure_text_width, pad_str, truncate_str};

use super::look::{Look, of_status, one_line, paint};
use crate::model::record::{RunRecord, StepRecord};
use crate::report::words;

const GAP: usize = 2;
const RESULT: usize = 12;
const TIME: usize = 11;

/// One line a step under a head line; empty without steps.
pub(super) fn columns(record: &RunRecord, look: Look) -> String {
    let steps: Vec<&StepRecord> = record.steps.iter().filter(|step| !words::is_unasked(step)).collect();
    if steps.is_empty() {
        return String::new();
    }
    let ids: Vec<String> = steps.iter().map(|step| one_line(&step.id)).collect();
    let widest = ids.iter().map(|id| measure_text_width(id)).max().unwrap_or_default();
    let step_width = widest.clamp(4, look.width - RESULT - TIME - 3 * GAP);
    let mut text = line(look, step_width, ["step", "result", "time", "why"], &Style::new().dim(), true);
    for (step, id) in steps.into_iter().zip(&ids) {
        let (time, why) = (words::step_time(step), one_line(&words::why(step)));
        let cells = [id.as_str(), step.status.word(), &time, &why];
        text.push_str(&line(look, step_width, cells, &of_status(step.status), false));
    }
    text
}

/// A line; the head is painted whole, elsewhere the result alone carries colour.
fn line(look: Look, step_width: usize, cells: [&str; 4], style: &Style, whole: bool) -> String {
    let [step, result, time, why] = cells;
    let gap = " ".repeat(GAP);
    let step = pad_str(step, step_width, Alignment::Left, Some("…")).into_owned();
    let result = pad_str(result, RESULT, Alignment::Left, Some("…")).into_owned();
    let time = pad_str(time, TIME, Alignment::Right, Some("…")).into_owned();
    let room = look.width.saturating_sub(step_width + RESULT + TIME + 3 * GAP);
    let why = if room < 2 { String::new() } else { truncate_str(why, room, "…").into_owned() };
    let text = if whole {
        paint(format!("{step}{gap}{result}{gap}{time}{gap}{why}").trim_end(), style, look)
    } else {
        let result = paint(&result, style, look);
        format!("{step}{gap}{result}{gap}{time}{gap}{why}").trim_end().to_owned()
    };
    text + "\n"
}
