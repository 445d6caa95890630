//! The closing table on a terminal: what every step came to, what does not pass and how to see it again, and the
//! verdict last, where the eye ends.

mod columns;
mod coverage;
mod gate;
mod images;
mod look;
mod wrap;

pub use self::look::{Look, NARROWEST};

use self::columns::columns;
use self::look::{of_decision, one_line, paint};
use self::wrap::wrap;
use super::{pick, words};
use crate::kit::text::millis;
use crate::model::record::RunRecord;

/// The closing table. No line is wider than the terminal, save for a single word of a command or of an address
/// that is itself wider: cut, it could not be copied.
#[must_use]
pub fn table(record: &RunRecord, look: Look) -> String {
    let look = Look { width: look.width.max(NARROWEST), ..look };
    let mut blocks = vec![columns(record, look)];
    blocks.extend(pick::open_gates(record).into_iter().map(|gate| gate::told(gate, look)));
    blocks.push(coverage::coverage(record, look));
    blocks.extend(images::blocks(record, look));
    blocks.push(closing(record, look));
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n")
}

fn closing(record: &RunRecord, look: Look) -> String {
    let mut lines: Vec<String> =
        record.notes.iter().map(|note| format!("note: {}", one_line(note))).collect();
    lines.extend(words::other_reasons(record).into_iter().map(one_line));
    lines.extend(words::tests(record));
    lines.extend(words::findings(&record.findings));
    lines.push(words::steps(record));
    let mut text: String = lines.iter().map(|line| wrap(line, look.width, "  ")).collect();
    let verdict =
        wrap(&format!("{} ({})", words::headline(record), words::consequence(record)), look.width, "  ");
    text.push_str(&paint(verdict.trim_end(), &of_decision(record.verdict.decision).bold(), look));
    text.push('\n');
    text
}

/// How a run ended, in one line.
#[must_use]
pub fn last_line(record: &RunRecord) -> String {
    one_line(&format!("{} in {}", words::headline(record), millis(record.run.duration_ms)))
}

#[cfg(test)]
mod tests {
    use console::{measure_text_width, strip_ansi_codes};
    use proptest::prelude::*;

    use super::*;
    use crate::model::record::tests::record;
    use crate::report::sample::sample;

    fn plain(record: &RunRecord, width: usize) -> String {
        table(record, Look { width, colour: false })
    }

    #[test]
    fn steps_stand_in_columns() {
        let text = plain(&sample(), 100);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "step             result               time  why");
        assert_eq!(lines[1], "lint.fmt         passed             0.04 s  unchanged since it last passed");
        assert_eq!(lines[2], "lint.clippy      failed             21.3 s  4 findings");
        assert_eq!(
            lines[5],
            "lint.shellcheck  skipped                 -  shellcheck is not installed (apt-get install shellcheck)"
        );
    }

    #[test]
    fn a_gate_that_does_not_pass_is_told_in_full() {
        let text = plain(&sample(), 100);
        for told in [
            "lint.clippy fails: 4 findings",
            "  findings: 4; required: 0 of level warning or above; 4 too many",
            "  worst      widgets/src/größe.rs:3:1 E0308",
            "  next       mend them, or say at the place why it is right as it is",
            "  reproduce  cargo clippy --workspace --all-targets --locked -- -D warnings",
            "test.flaky fails (report-only): 1 flaky test",
        ] {
            assert!(text.contains(&format!("{told}\n")), "{told}\n---\n{text}");
        }
        assert!(!text.contains("step.audit"), "a gate that passes is not told");
    }

    #[test]
    fn coverage_is_told_with_its_worst_places() {
        let text = plain(&sample(), 100);
        for told in [
            "coverage              share  covered",
            "lines                83.4 %  1,001 of 1,200",
            "branches       not measured  the stable compiler emits no branches",
            "changed lines        70.0 %  14 of 20, 1 file not measured, compared with main at aaaaaaaaaa",
            "changed lines that never ran:",
            "  widgets/src/render.rs:7,40-42",
            "measured by embedded: no LLVM tool is needed",
            "worst files:",
            "  widgets/src/render.rs: 159 of 440 lines never ran",
        ] {
            assert!(text.contains(&format!("{told}\n")), "{told}\n---\n{text}");
        }
    }

    #[test]
    fn an_image_is_told_in_a_few_lines() {
        let text = plain(&sample(), 100);
        let lines = text.lines().skip_while(|line| !line.starts_with("image widgets:")).take(10);
        let told = [
            "image widgets: ghcr.io/acme/widgets@sha256:0123456789ab",
            "  tags       pr-12, sha-c0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ff",
            "  built      by engine (BuildKit) for linux/amd64 in 12.0 s: the image has a Dockerfile, and docker",
            "             answers",
            "  size       17.3 MB in 3 layers, 41.2 MB unpacked, 40 kB wasted, 1.2 MB more than before",
            "  pushed     1 blob uploaded (15 MB), 2 were there, in 1.9 s",
            "  pulled     the same digest came back, in 0.90 s",
            "  smoke      serve: 11 of 12 checks held, ready in 0.13 s, signal 9 (engine)",
            "             version: 3 of 3 checks held, exit code 0 (engine)",
            "  scan       trivy 0.76.0 saw 214 packages in image, Cargo.lock, database of 2025-12-30, 1 finding",
        ];
        assert_eq!(lines.collect::<Vec<_>>(), told);
        assert!(text.contains("\nimage worker: sha256:fedcba987654\n"), "{text}");
    }

    #[test]
    fn the_verdict_comes_last() {
        let text = plain(&sample(), 100);
        assert!(text.ends_with("\nFailed: 6 of 10 gates do not pass (mode block, exit code 1)\n"), "{text}");
    }

    #[test]
    fn colour_is_as_asked_and_changes_no_word() {
        let sample = sample();
        let coloured = table(&sample, Look { width: 100, colour: true });
        assert!(coloured.contains("\u{1b}[31m"));
        assert_eq!(strip_ansi_codes(&coloured), plain(&sample, 100));
        assert!(!plain(&sample, 100).contains('\u{1b}'));
    }

    #[test]
    fn a_run_without_steps_is_told_too() {
        assert_eq!(plain(&record(), 80), "no steps\nPassed: nothing was judged (mode block, exit code 0)\n");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_terminal(width in 0_usize..140, text in "(\\PC|\\s|\u{1b}\\[31m){0,80}", colour: bool) {
            let mut record = sample();
            record.notes = vec![text.clone()];
            record.steps[1].id.clone_from(&text);
            record.steps[1].reason = Some(text.clone());
            record.gates[1].reason.clone_from(&text);
            let image = &mut record.images[0];
            image.name.clone_from(&text);
            image.tags[0].tag.clone_from(&text);
            image.repository = Some(text.clone());
            image.smoke[0].end = Some(text.clone());
            let coverage = record.coverage.as_mut().unwrap();
            coverage.files[1].path.clone_from(&text);
            let patch = coverage.patch.as_mut().unwrap();
            patch.base = Some(text.clone());
            patch.files[0].path.clone_from(&text);
            record.gates[1].worst = vec![text];
            record.gates[1].reproduce = Some("cargo test --workspace --all-targets --locked".to_owned());
            let table = table(&record, Look { width, colour });
            for line in table.lines() {
                prop_assert!(measure_text_width(line) <= width.max(NARROWEST), "{line:?} at {width}");
            }
        }
    }
}
