//! The run against the last good one of the branch that the change is for.

use std::cmp::Ordering;
use std::fmt::Write as _;

use super::detail::Detail;
use crate::kit::text::{bytes, code, markdown, millis, plural, shorten, terminal, thousands};
use crate::model::against::{Amount, Base, Changes, Incomparable, LinesChange, SizeChange, TestsChange};
use crate::model::record::RunRecord;
use crate::report::words;

/// A line for each thing that both runs measured, or why there is none; empty when nobody asked.
pub(super) fn against(_: &RunRecord, base: Option<&Base>, detail: Detail) -> String {
    match base {
        None => String::new(),
        Some(Base::Unknown { branch, why }) => {
            format!("Not compared with {}: {}.\n", detail.code(branch), sentence(why, detail))
        }
        Some(Base::Known { branch, commit, url, changes }) => {
            let commit: String = commit.chars().take(10).collect();
            let commit = detail.linked(&commit, Some(url));
            format!("### Against {} ({commit})\n\n{}", detail.code(branch), told(changes, detail))
        }
    }
}

/// A sentence of ours, with the names in it as code where they are marked so.
fn sentence(why: &str, detail: Detail) -> String {
    let short = shorten(&terminal(why).replace(['\n', '\t'], " "), detail.text);
    let parts: Vec<&str> = short.split('`').collect();
    let is_name = |place: usize| place % 2 == 1;
    let is_plain = |(place, part): (usize, &&str)| !is_name(place) || !part.trim().is_empty();
    if parts.len().is_multiple_of(2) || !parts.iter().enumerate().all(is_plain) {
        return detail.text(why);
    }
    let shown = |(place, part): (usize, &&str)| if is_name(place) { code(part) } else { markdown(part) };
    parts.iter().enumerate().map(shown).collect()
}

fn told(changes: &Changes, detail: Detail) -> String {
    let mut text = changes.tests.as_ref().map(|change| tests(change, detail)).unwrap_or_default();
    text += &findings(changes, detail);
    text += &changes.lines.as_ref().map(lines).unwrap_or_default();
    for image in changes.images.iter().take(detail.items) {
        text += &size(image, detail);
    }
    if changes.images.len() > detail.items {
        let _ = writeln!(text, "- {}", plural(changes.images.len() - detail.items, "more image"));
    }
    let Amount { now, before } = changes.duration;
    let change = change((now, before), ["longer", "shorter"], "as long", millis);
    let _ = writeln!(text, "- time: {}, {change}", millis(now));
    text
}

/// `1.2 MB more`, `as large`.
fn change(amounts: (u64, u64), words: [&str; 2], same: &str, told: fn(u64) -> String) -> String {
    let (now, before) = amounts;
    let [more, less] = words;
    match now.cmp(&before) {
        Ordering::Equal => same.to_owned(),
        Ordering::Greater => format!("{} {more}", told(now - before)),
        Ordering::Less => format!("{} {less}", told(before - now)),
    }
}

fn tests(change: &TestsChange, detail: Detail) -> String {
    let counts = [
        (change.newly_failing.len(), "newly failing"),
        (change.newly_skipped.len(), "newly skipped"),
        (change.added, "added"),
        (change.removed, "removed"),
    ];
    let mut text = format!("- tests: {}\n", counted(&counts, "the same"));
    let failing = change.newly_failing.iter().map(|name| (name, "fails"));
    let named = failing.chain(change.newly_skipped.iter().map(|name| (name, "is skipped")));
    for (name, word) in named.clone().take(detail.items) {
        let _ = writeln!(text, "  - {} {word}", detail.code(name));
    }
    let left = named.count().saturating_sub(detail.items);
    if left > 0 && detail.items > 0 {
        let _ = writeln!(text, "  - {}", words::more(left));
    }
    text
}

fn findings(changes: &Changes, detail: Detail) -> String {
    // No step needs more.
    let detail = Detail { text: detail.text.min(80), ..detail };
    let change = &changes.findings;
    let counts = [(change.new.len(), "new"), (change.gone, "gone")];
    let mut text = format!("- findings: {}", counted(&counts, "none is new, none is gone"));
    if !change.not_compared.is_empty() {
        let named: Vec<String> =
            change.not_compared.iter().take(detail.items).map(|step| detail.code(step)).collect();
        let (all, named) = (plural(change.not_compared.len(), "step"), named.join(", "));
        let named = if named.is_empty() { named } else { format!(" ({named})") };
        let _ = write!(text, "; those of {all}{named} are not compared: not ended in both runs");
    }
    text + "\n"
}

/// `3 new, 1 gone`; this text when all are 0.
fn counted(counts: &[(usize, &str)], nothing: &str) -> String {
    let told: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", thousands(*count)))
        .collect();
    if told.is_empty() { nothing.to_owned() } else { told.join(", ") }
}

fn lines(change: &LinesChange) -> String {
    let told = match (change.before, change.difference()) {
        (Err(Incomparable::OtherBackend), _) => "not compared: measured there in another way".to_owned(),
        (Err(Incomparable::NotMeasured), _) | (Ok(_), None) => "not measured there".to_owned(),
        (Ok(_), Some((Ordering::Equal, _))) => "the same".to_owned(),
        (Ok(before), Some((order, points))) => {
            let word = if order == Ordering::Greater { "more" } else { "less" };
            let points = if points.is_none() {
                "less than 0.01 percentage points".to_owned()
            } else {
                points.points()
            };
            format!("{points} {word} than {}", before.told())
        }
    };
    format!("- lines that ran: {}, {told}\n", change.now.told())
}

fn size(image: &SizeChange, detail: Detail) -> String {
    let told = match image.before {
        None => "not built there".to_owned(),
        Some(before) => change((image.now, before), ["more", "less"], "the same", bytes),
    };
    format!("- image {}: {}, {told}\n", detail.code(&image.name), bytes(image.now))
}

#[cfg(test)]
mod tests;
