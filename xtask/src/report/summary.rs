//! `summary.md`: the run for people, as GitHub-flavoured Markdown, within a limit of bytes.
//!
//! It is made of sections. While the whole is too long, one section after the other is rendered with less detail,
//! the least important first; so nothing is ever cut in the middle, and the headline and the gates always stay.

mod against;
mod coverage;
mod delivery;
mod detail;
mod findings;
mod gates;
mod head;
mod images;
mod overview;
mod tests;

pub use self::delivery::delivery;

use self::detail::{Detail, LADDER};
use crate::model::against::Base;
use crate::model::record::RunRecord;

/// What a section is made of: the record alone, or also what it is compared with.
#[derive(Clone, Copy)]
enum Section {
    Of(fn(&RunRecord, Detail) -> String),
    Against(fn(&RunRecord, Option<&Base>, Detail) -> String),
}

use Section::{Against, Of};

/// In the order of the page, each with its place in the order of shrinking: 0 shrinks first.
const SECTIONS: [(Section, usize); 12] = [
    (Of(head::head), 11),
    (Of(gates::gates), 10),
    (Against(against::against), 9),
    (Of(tests::failed), 8),
    (Of(overview::troubled), 7),
    (Of(images::images), 6),
    (Against(findings::findings), 5),
    (Of(coverage::coverage), 4),
    (Of(tests::flaky), 3),
    (Of(tests::slowest), 1),
    (Of(overview::steps), 2),
    (Of(overview::notes), 0),
];

/// The smallest limit that is kept whatever the record holds.
pub const SMALLEST_LIMIT: usize = 2_000;

/// The run as Markdown of at most `limit_bytes` bytes; limits below [`SMALLEST_LIMIT`] count as that.
#[must_use]
pub fn summary(record: &RunRecord, limit_bytes: usize) -> String {
    summary_against(record, None, limit_bytes)
}

/// The same with what is known of the branch that the change is for.
#[must_use]
pub fn summary_against(record: &RunRecord, base: Option<&Base>, limit_bytes: usize) -> String {
    let limit = limit_bytes.max(SMALLEST_LIMIT);
    let render = |section: Section, detail: Detail| match section {
        Of(section) => section(record, detail),
        Against(section) => section(record, base, detail),
    };
    let mut parts: Vec<String> = SECTIONS.iter().map(|(section, _)| render(*section, LADDER[0])).collect();
    let mut shrinking: Vec<usize> = (0..SECTIONS.len()).collect();
    shrinking.sort_by_key(|place| SECTIONS[*place].1);
    for detail in &LADDER[1..] {
        for place in &shrinking {
            if length(&parts) <= limit {
                return join(parts);
            }
            parts[*place] = render(SECTIONS[*place].0, *detail);
        }
    }
    join(parts)
}

/// Of the joined sections: a blank line stands between two.
fn length(parts: &[String]) -> usize {
    parts.iter().filter(|part| !part.is_empty()).map(|part| part.len() + 1).sum()
}

fn join(mut parts: Vec<String>) -> String {
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

#[cfg(test)]
pub(super) mod checks;
