//! The steps of the page, each with its bar on a common axis of time.

use serde::Serialize;

use super::pieces::{Badge, clean, of_status, percent, share};
use crate::kit::text::last_lines;
use crate::model::record::{RunRecord, StepRecord};
use crate::model::step::Status;
use crate::report::words;

/// Lines of an excerpt.
const EXCERPT: usize = 200;

/// Distances of marks on the axis, in milliseconds.
const DISTANCES: [u64; 22] = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000,
    300_000, 600_000, 1_200_000, 1_800_000, 3_600_000,
];

/// At most so many marks stand on the axis.
const MARKS: u64 = 6;

#[derive(Serialize)]
pub(super) struct Timeline {
    marks: Vec<Mark>,
    rows: Vec<Row>,
}

/// A mark on the axis; `at` is a share of the width such as `12.50%`.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Mark {
    at: String,
    label: String,
}

#[derive(Serialize)]
struct Row {
    id: String,
    title: String,
    badge: Badge,
    time: String,
    why: String,
    bar: Option<Bar>,
    excerpt: Option<String>,
    commands: Option<String>,
    log: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Bar {
    at: String,
    width: String,
}

pub(super) fn timeline(record: &RunRecord) -> Timeline {
    let end = |step: &StepRecord| step.started_ms.unwrap_or(0).saturating_add(step.duration_ms);
    let total = record.steps.iter().map(end).max().unwrap_or(0).max(1);
    Timeline { marks: marks(total), rows: record.steps.iter().map(|step| row(step, total)).collect() }
}

fn row(step: &StepRecord, total: u64) -> Row {
    let troubled = matches!(step.status, Status::Failed | Status::Inconclusive);
    Row {
        id: clean(&step.id),
        title: clean(&step.title),
        badge: of_status(step.status),
        time: words::step_time(step),
        why: clean(&words::why(step)),
        bar: step.started_ms.map(|start| bar(start, step.duration_ms, total)),
        excerpt: step.excerpt.as_ref().map(|excerpt| clean(&last_lines(excerpt, EXCERPT))),
        commands: (troubled && !step.commands.is_empty()).then(|| clean(&step.commands.join("\n"))),
        log: step.log.as_deref().filter(|log| is_log(log)).map(ToOwned::to_owned),
    }
}

/// A log of ours, so that the page links to nothing else: `logs/STEP.log`.
fn is_log(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    path.strip_prefix("logs/").is_some_and(|name| name.chars().all(plain))
}

/// Wide enough to be seen, and never over the end.
fn bar(start: u64, duration: u64, total: u64) -> Bar {
    let (at, width) = (share(start, total).min(9_960), share(duration, total));
    Bar { at: percent(at), width: percent(width.clamp(40, 10_000 - at)) }
}

fn marks(total: u64) -> Vec<Mark> {
    let coarse = total.div_ceil(MARKS);
    let fits = DISTANCES.into_iter().find(|distance| *distance >= coarse);
    let distance = fits.unwrap_or_else(|| coarse.next_multiple_of(3_600_000));
    let count = total / distance;
    (0..=count)
        .map(|number| Mark {
            at: percent(share(number * distance, total)),
            label: label(number * distance, distance),
        })
        // The last one would stand outside.
        .filter(|mark| mark.at != "100.00%")
        .collect()
}

fn label(at: u64, distance: u64) -> String {
    match distance {
        _ if at == 0 => "0".to_owned(),
        1..=999 => format!("{at} ms"),
        1_000..=59_999 => format!("{} s", at / 1_000),
        60_000..=3_599_999 => format!("{} min", at / 60_000),
        _ => format!("{} h", at / 3_600_000),
    }
}

#[cfg(test)]
mod checks {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_axis_has_a_few_round_marks() {
        let labels = |total| marks(total).into_iter().map(|mark| mark.label).collect::<Vec<_>>();
        assert_eq!(labels(93_400), ["0", "20 s", "40 s", "60 s", "80 s"]);
        assert_eq!(labels(1), ["0"]);
        assert_eq!(labels(20 * 60_000), ["0", "5 min", "10 min", "15 min"]);
    }

    #[test]
    fn a_bar_stands_where_the_step_ran() {
        assert_eq!(bar(25, 50, 100), Bar { at: "25.00%".to_owned(), width: "50.00%".to_owned() });
        assert_eq!(bar(100, 0, 100), Bar { at: "99.60%".to_owned(), width: "0.40%".to_owned() });
    }

    #[test]
    fn only_our_own_logs_are_linked() {
        assert!(is_log("logs/lint.clippy.log"));
        assert!(!is_log("logs/../../x") && !is_log("https://evil.example") && !is_log("logs/a b"));
    }

    proptest! {
        #[test]
        fn any_times_stay_on_the_axis(start: u64, duration: u64, total: u64) {
            let bar = bar(start, duration, total);
            let number = |text: &str| text.trim_end_matches('%').parse::<f64>().unwrap();
            prop_assert!(number(&bar.at) + number(&bar.width) <= 100.001);
            prop_assert!(marks(total.max(1)).len() <= 7);
        }
    }
}
