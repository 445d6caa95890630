//! What several reports pick out of the record, and in which order: the worst first, the rest as it came.

use std::cmp::Reverse;

use crate::kit::text::terminal;
use crate::model::finding::{Finding, Level};
use crate::model::gate::{Decision, Gate, Mode};
use crate::model::record::{RunRecord, StepRecord};
use crate::model::step::Status;
use crate::model::test::{TestCase, TestKind, TestOutcome};

/// The gates, the worst first: those that fail the run before those that are only reported.
pub(crate) fn gates(record: &RunRecord) -> Vec<&Gate> {
    let mut gates: Vec<&Gate> = record.gates.iter().collect();
    gates.sort_by_key(|gate| (gate.verdict == Decision::Pass, Reverse(gate.mode), Reverse(gate.verdict)));
    gates
}

/// The gates that do not pass, the worst first.
pub(crate) fn open_gates(record: &RunRecord) -> Vec<&Gate> {
    gates(record).into_iter().filter(|gate| gate.verdict != Decision::Pass).collect()
}

/// Whether this gate, as it stands, fails the run.
pub(crate) fn blocks(record: &RunRecord, gate: &Gate) -> bool {
    gate.verdict != Decision::Pass && gate.mode.and(record.verdict.mode) == Mode::Block
}

/// A finding with its place in the record.
pub(crate) type Placed<'a> = (usize, &'a Finding);

/// The findings of each step, the worst first, and the step with the worst first.
pub(crate) fn findings_by_step(record: &RunRecord) -> Vec<(&str, Vec<Placed<'_>>)> {
    let mut groups: Vec<(&str, Vec<Placed<'_>>)> = Vec::new();
    for (place, finding) in record.findings.iter().enumerate() {
        match groups.iter_mut().find(|(step, _)| *step == finding.step) {
            Some((_, group)) => group.push((place, finding)),
            None => groups.push((&finding.step, vec![(place, finding)])),
        }
    }
    for (_, group) in &mut groups {
        group.sort_by_key(|(_, finding)| Reverse(finding.level));
    }
    let worst = |group: &[Placed<'_>]| Reverse(group.first().map(|(_, finding)| finding.level));
    groups.sort_by_key(|(_, group)| worst(group));
    groups
}

/// How many findings are of this level.
pub(crate) fn count(record: &RunRecord, level: Level) -> usize {
    record.findings.iter().filter(|finding| finding.level == level).count()
}

/// The steps that ran into trouble: failed, inconclusive, cancelled, in this order.
pub(crate) fn troubled_steps(record: &RunRecord) -> Vec<&StepRecord> {
    let of_status = |status| record.steps.iter().filter(move |step| step.status == status);
    let kinds = [Status::Failed, Status::Inconclusive, Status::Cancelled];
    kinds.into_iter().flat_map(of_status).collect()
}

/// The tests that ran, the slowest first; those whose time is not known are left out, and so are assertions about
/// images, which take the time of what they wait for.
pub(crate) fn slowest(record: &RunRecord, count: usize) -> Vec<&TestCase> {
    let ran = |case: &&TestCase| {
        case.kind != TestKind::Check && case.outcome != TestOutcome::Skipped && case.duration_ms.is_some()
    };
    let mut cases: Vec<&TestCase> = record.tests.cases.iter().filter(ran).collect();
    cases.sort_by_key(|case| Reverse(case.duration_ms));
    cases.truncate(count);
    cases
}

/// Where in the source a test failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Relative to the workspace root.
    pub(crate) path: String,
    /// Counts from 1.
    pub(crate) line: u32,
    /// Counts from 1.
    pub(crate) column: u32,
}

/// Where a test panicked, when it was in a file of the workspace. Read from `panicked at src/lib.rs:3:5`, as the
/// standard library prints it since Rust 1.73, and from the older `panicked at 'why', src/lib.rs:3:5`.
pub(crate) fn panic_place(case: &TestCase) -> Option<Place> {
    terminal(&case.output).lines().filter_map(|line| line.split_once("panicked at ")).find_map(|(_, told)| {
        let told = told.trim_end().trim_end_matches(':');
        place(told).or_else(|| told.rsplit_once(", ").and_then(|(_, last)| place(last)))
    })
}

fn place(text: &str) -> Option<Place> {
    let mut parts = text.rsplitn(3, ':');
    let column = parts.next()?.parse().ok().filter(|column| *column > 0)?;
    let line = parts.next()?.parse().ok().filter(|line| *line > 0)?;
    let path = parts.next()?.replace('\\', "/");
    let inside = is_inside(&path) && path.strip_suffix(".rs").is_some() && !path.contains(['\'', '"', ' ']);
    inside.then_some(Place { path, line, column })
}

/// Whether a path stays below the workspace root: relative, and without a way up.
pub(crate) fn is_inside(path: &str) -> bool {
    let absolute = path.starts_with(['/', '\\']) || path.get(1..2) == Some(":");
    !path.is_empty() && !absolute && !path.split(['/', '\\']).any(|part| part == "..")
}

/// Whether this is an address of the web that stays one word in every place.
pub(crate) fn is_web_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/?#=&%+,:;@!".contains(c);
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()) && rest.chars().all(plain))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::gates::failed::tests::case;
    use crate::report::sample::sample;

    fn panicked(output: &str) -> Option<(String, u32, u32)> {
        let output = output.to_owned();
        let case = TestCase { output, ..case("a", TestKind::Test, TestOutcome::Failed) };
        panic_place(&case).map(|place| (place.path, place.line, place.column))
    }

    #[test]
    fn the_place_of_a_panic_is_read_in_both_forms() {
        let expected = Some(("app/src/lib.rs".to_owned(), 3, 5));
        assert_eq!(panicked("thread 'a' panicked at app/src/lib.rs:3:5:\nboom"), expected);
        assert_eq!(panicked("thread 'a' (12) panicked at 'boom, x', app/src/lib.rs:3:5"), expected);
    }

    #[test]
    fn a_panic_outside_the_workspace_has_no_place() {
        assert_eq!(panicked("panicked at /rustc/abc/library/core/src/option.rs:3:5:"), None);
        assert_eq!(panicked("panicked at ../x.rs:3:5:"), None);
        assert_eq!(panicked("panicked at src/lib.rs:0:5:"), None);
    }

    #[test]
    fn an_address_is_one_plain_word_of_the_web() {
        assert!(is_web_address("https://doc.rust-lang.org/error_codes/E0308.html#x"));
        for wrong in
            ["javascript:alert(1)", "https://", "https://a b", "https://a)[x](", "https://a\"><b>", "ftp://a"]
        {
            assert!(!is_web_address(wrong), "{wrong}");
        }
    }

    #[test]
    fn the_worst_comes_first() {
        let sample = sample();
        let ids: Vec<&str> = gates(&sample).iter().map(|gate| gate.id.as_str()).collect();
        assert_eq!(ids[0], "lint.clippy");
        assert_eq!(ids[ids.len() - 1], "lint.fmt");
        let groups = findings_by_step(&sample);
        assert_eq!(groups[0].0, "lint.clippy");
        assert_eq!(groups[0].1[0].1.level, Level::Error);
        assert_eq!(slowest(&sample, 1)[0].duration_ms, Some(60_000));
    }

    proptest! {
        #[test]
        fn any_output_is_read_without_a_panic(output in any::<String>(), tail in "panicked at [a-z/.:0-9]{0,20}") {
            let _ = panicked(&output);
            let _ = panicked(&format!("{output}{tail}"));
        }
    }
}
