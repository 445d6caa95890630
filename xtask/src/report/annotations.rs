//! Annotations on GitHub: workflow commands that put the worst things beside the code. The platform shows only a
//! few, so they are ranked, and what does not fit is counted in one last notice.

use super::{covered, pick, words};
use crate::kit::text::{shorten, terminal, workflow_data, workflow_property};
use crate::model::annotation::{Annotation, Place};
use crate::model::coverage::{PatchFile, UncoveredLines};
use crate::model::finding::{Finding, Level};
use crate::model::gate::Gate;
use crate::model::record::RunRecord;
use crate::model::test::{TestCase, TestKind};

/// Annotations of one level that GitHub shows of a step.
/// Source: GitHub docs, "Troubleshooting workflows", annotation limits: 10 errors, 10 warnings, 10 notices a step,
/// 50 of a job.
const A_LEVEL: usize = 10;

/// A message is cut here: the page shows no more of it.
const LONGEST: usize = 2_000;

/// The worst first.
const LEVELS: [Level; 3] = [Level::Error, Level::Warning, Level::Note];

/// All there is to tell: failed tests first, then findings by severity, then gates that do not pass, then changed lines that
/// never ran.
#[must_use]
pub fn ranked(record: &RunRecord) -> Vec<Annotation> {
    let mut findings: Vec<&Finding> = record.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    record
        .tests
        .failed()
        .map(of_test)
        .chain(findings.into_iter().map(of_finding))
        .chain(pick::open_gates(record).into_iter().map(|gate| of_gate(record, gate)))
        .chain(uncovered(record))
        .collect()
}

/// Workflow commands, one line each, in the order of [`ranked`]; as many as the platform shows.
#[must_use]
pub fn annotations(record: &RunRecord) -> Vec<String> {
    let ranked = ranked(record);
    let of_level = |level| ranked.iter().filter(move |annotation| annotation.level == level);
    let fits = LEVELS.iter().all(|level| of_level(*level).count() <= A_LEVEL);
    let room = |level| if fits || level != Level::Note { A_LEVEL } else { A_LEVEL - 1 };
    let mut lines: Vec<String> =
        LEVELS.iter().flat_map(|level| of_level(*level).take(room(*level))).map(line).collect();
    if !fits {
        let message = words::more(ranked.len() - lines.len()).replace("the report", "the summary");
        lines.push(line(&Annotation { level: Level::Note, place: None, title: String::new(), message }));
    }
    lines
}

fn of_test(case: &TestCase) -> Annotation {
    let place = pick::panic_place(case).map(|at| Place {
        path: at.path,
        line: at.line,
        end_line: None,
        columns: Some((at.column, None)),
    });
    let noun = if case.kind == TestKind::Check { TestKind::Check.noun() } else { TestKind::Test.noun() };
    let title = format!("{noun} {}: {}", case.outcome.word(), case.name);
    let told = case.message.as_deref().unwrap_or("see its output in the report");
    Annotation { level: Level::Error, place, title, message: format!("{told}\n{}", case.full_name()) }
}

fn of_finding(finding: &Finding) -> Annotation {
    let inside = finding.location.as_ref().filter(|location| pick::is_inside(&location.path));
    let place = inside.map(|at| Place {
        path: at.path.clone(),
        line: at.line,
        end_line: Some(at.end_line),
        // GitHub takes columns only where one line is meant.
        columns: (at.line == at.end_line).then_some((at.column, Some(at.end_column))),
    });
    let outside =
        if inside.is_none() && finding.location.is_some() { finding.place() + ": " } else { String::new() };
    let title = format!("{}: {}", finding.step, finding.rule);
    Annotation { level: finding.level, place, title, message: outside + &finding.message }
}

fn of_gate(record: &RunRecord, gate: &Gate) -> Annotation {
    let level = if pick::blocks(record, gate) { Level::Error } else { Level::Warning };
    let remedy = gate.remedy.as_ref().map(|remedy| format!("\n{remedy}")).unwrap_or_default();
    let title = format!("gate {}: {}", gate.id, gate.verdict.word());
    Annotation { level, place: None, title, message: format!("{}{remedy}", gate.reason) }
}

/// Changed lines that never ran, the longest piece first: warnings where the gate on them does not pass.
fn uncovered(record: &RunRecord) -> Vec<Annotation> {
    let open = pick::open_gates(record).into_iter().any(|gate| gate.id == "coverage.patch");
    let level = if open { Level::Warning } else { Level::Note };
    let files = record.coverage.iter().flat_map(covered::uncovered);
    let inside = files.filter(|file| pick::is_inside(&file.path));
    let mut places: Vec<(&PatchFile, &UncoveredLines)> =
        inside.flat_map(|file| file.uncovered.iter().map(move |lines| (file, lines))).collect();
    places.sort_by_key(|(_, lines)| std::cmp::Reverse(lines.count()));
    let told = |(file, lines): (&PatchFile, &UncoveredLines)| Annotation {
        level,
        place: Some(Place {
            path: file.path.clone(),
            line: lines.start,
            end_line: Some(lines.end),
            columns: None,
        }),
        title: "not covered by any test".to_owned(),
        message: lines.told(),
    };
    places.into_iter().map(told).collect()
}

fn line(annotation: &Annotation) -> String {
    let word = match annotation.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let mut properties: Vec<String> = annotation
        .place
        .iter()
        .flat_map(properties)
        .chain([("title", annotation.title.clone())])
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", workflow_property(&shorten(&value, LONGEST))))
        .collect();
    if let Some(first) = properties.first_mut() {
        first.insert(0, ' ');
    }
    // Cut first: an escape that is cut in two would be shown as it is.
    let message = workflow_data(&shorten(&terminal(&annotation.message), LONGEST));
    format!("::{word}{}::{message}", properties.join(","))
}

fn properties(place: &Place) -> Vec<(&'static str, String)> {
    let mut all = vec![("file", place.path.clone()), ("line", place.line.to_string())];
    all.extend(place.end_line.map(|line| ("endLine", line.to_string())));
    if let Some((first, behind)) = place.columns {
        all.push(("col", first.to_string()));
        all.extend(behind.map(|column| ("endColumn", column.to_string())));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::gate::Mode;
    use crate::model::record::tests::record;
    use crate::report::sample::sample;

    fn of<'a>(lines: &'a [String], word: &str) -> Vec<&'a String> {
        lines
            .iter()
            .filter(|line| {
                line.starts_with(&format!("::{word} ")) || line.starts_with(&format!("::{word}::"))
            })
            .collect()
    }

    #[test]
    fn a_failed_test_points_at_its_panic() {
        let lines = annotations(&sample());
        let expected = "::error file=widgets/src/render.rs,line=31,col=9,title=test failed%3A render%3A%3Aescapes\
                        ::assertion `left == right` failed%0Awidgets render::escapes";
        assert_eq!(lines[0], expected);
    }

    #[test]
    fn a_finding_points_at_its_place_and_outside_files_are_named() {
        let lines = annotations(&sample());
        assert!(lines.iter().any(|line| line.starts_with(
            "::warning file=widgets/src/a b.rs,line=12,endLine=12,col=5,endColumn=17,title=lint.clippy%3A clippy%3A%3Aneedless_return::"
        )));
        assert!(lines.iter().any(|line| line.contains("::/usr/lib/rust/core.rs:1:1: unresolved link")));
    }

    #[test]
    fn a_report_only_gate_warns() {
        let mut sample = sample();
        // With them there are more errors than the platform shows.
        sample.tests.cases.retain(|case| case.kind != TestKind::Check);
        sample.gates.retain(|gate| gate.id != "image.structure");
        let lines = annotations(&sample);
        assert!(of(&lines, "warning").iter().any(|line| line.contains("gate test.flaky")));
        assert!(of(&lines, "error").iter().any(|line| line.contains("gate lint.typos%3A inconclusive")));
    }

    #[test]
    fn a_failed_check_is_called_one() {
        let lines = annotations(&sample());
        let check =
            "::error title=check failed%3A no file is setuid or setgid::1 setuid or setgid file: /bin/su; ";
        assert!(lines.iter().any(|line| line.starts_with(check)), "{lines:#?}");
    }

    #[test]
    fn changed_lines_that_never_ran_are_pointed_at_the_longest_piece_first() {
        let mut sample = sample();
        let of_coverage = |record: &RunRecord, word: &str| {
            let lines = annotations(record);
            let told = of(&lines, word).into_iter().filter(|line| line.contains("title=not covered"));
            told.cloned().collect::<Vec<_>>()
        };
        let place =
            "file=widgets/src/render.rs,line=40,endLine=42,title=not covered by any test::3 lines never ran";
        let notices = of_coverage(&sample, "notice");
        assert_eq!(notices[0], format!("::notice {place}"));
        assert!(
            notices.iter().any(
                |line| line.ends_with("line=7,endLine=7,title=not covered by any test::line 7 never ran")
            )
        );
        sample.gates.push(Gate::pass("coverage.patch", Mode::Block, "m", "r").inconclusive("next"));
        sample.findings.clear();
        assert_eq!(of_coverage(&sample, "warning")[0], format!("::warning {place}"));
    }

    #[test]
    fn more_than_the_platform_shows_is_counted() {
        let mut record = record();
        for (level, count) in [(Level::Error, 30), (Level::Warning, 10), (Level::Note, 10)] {
            for number in 0..count {
                record.findings.push(Finding::new("lint.x", "r", level, format!("m{number}")));
            }
        }
        let lines = annotations(&record);
        assert_eq!(
            [of(&lines, "error").len(), of(&lines, "warning").len(), of(&lines, "notice").len()],
            [10; 3]
        );
        assert_eq!(lines.last().unwrap(), "::notice::21 more, see the summary");
    }

    #[test]
    fn exactly_as_many_as_fit_need_no_last_notice() {
        let mut record = record();
        record.findings = vec![Finding::new("lint.x", "r", Level::Note, "m"); 10];
        let lines = annotations(&record);
        assert_eq!(lines.len(), 10);
        assert!(lines.iter().all(|line| line.ends_with("::m")));
    }

    #[test]
    fn text_from_outside_forges_no_command() {
        for line in annotations(&sample()) {
            assert!(!line.contains('\n') && !line.contains('\u{1b}'), "{line}");
        }
    }
}
