//! The headline: the verdict, what ran, and the counts.

use std::fmt::Write as _;

use super::detail::Detail;
use crate::kit::text::millis;
use crate::model::record::RunRecord;
use crate::report::{pick, words};

/// The verdict, what and where, the counts, and what stands against a pass beside the gates.
pub(super) fn head(record: &RunRecord, detail: Detail) -> String {
    let place: Vec<String> = words::place(record).iter().map(|piece| detail.text(piece)).collect();
    let mut text = format!("## {}\n\n{}\n", words::headline(record), place.join(" · "));
    let url = record.run.url.as_deref().filter(|url| pick::is_web_address(url) && url.len() <= 160);
    let run = url.map(|url| format!(" · [the run]({url})")).unwrap_or_default();
    let spent = millis(record.run.duration_ms);
    let _ = writeln!(text, "\nVerdict: {}, after {spent}{run}\n", words::consequence(record));
    let counts = [words::tests(record), words::findings(&record.findings), Some(words::steps(record))];
    for count in counts.into_iter().flatten() {
        let _ = writeln!(text, "- {count}");
    }
    let reasons = words::other_reasons(record);
    for reason in reasons.iter().take(detail.items) {
        let _ = writeln!(text, "- {}", detail.text(reason));
    }
    if reasons.len() > detail.items {
        let _ = writeln!(text, "- {}", words::more(reasons.len() - detail.items));
    }
    text
}
