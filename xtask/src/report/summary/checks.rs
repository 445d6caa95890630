//! The summary against hostile text and small limits: within its bytes, balanced, and with nothing alive in it.

use proptest::prelude::*;

use super::*;
use crate::model::record::TestsRecord;
use crate::model::record::tests::record;
use crate::report::sample::{HOSTILE, large, sample};

const KIB_900: usize = 900 * 1024;

/// The text without fenced blocks; fails when a fence or a `<details>` is left open.
fn outside_fences(text: &str) -> Result<String, String> {
    let (mut outside, mut fence, mut open) = (String::new(), None::<usize>, 0_i32);
    for line in text.lines() {
        let ticks = line.chars().take_while(|c| *c == '`').count();
        match fence {
            Some(length) if ticks >= length && line.len() == ticks => fence = None,
            Some(_) => {}
            None if ticks >= 3 && line.ends_with("`text") => fence = Some(ticks),
            None => {
                open += i32::from(line.starts_with("<details>")) - i32::from(line == "</details>");
                if !(0..=1).contains(&open) {
                    return Err(format!("details are not balanced at {line:?}"));
                }
                outside.push_str(line);
                outside.push('\n');
            }
        }
    }
    if fence.is_some() || open != 0 { Err("left open".to_owned()) } else { Ok(outside) }
}

/// The text without inline code, as `CommonMark` reads it.
fn outside_code(text: &str) -> String {
    let (mut outside, mut rest) = (String::new(), text);
    while let Some(c) = rest.chars().next() {
        let ticks = rest.chars().take_while(|c| *c == '`').count();
        if c == '\\' {
            let escaped = rest.chars().take(2).map(char::len_utf8).sum();
            rest = &rest[escaped..];
        } else if ticks > 0 {
            let inside = &rest[ticks..];
            let end = closing(inside, ticks).unwrap_or(0);
            rest = &inside[end..];
        } else {
            outside.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    outside
}

/// Behind the next run of exactly so many backticks.
fn closing(text: &str, ticks: usize) -> Option<usize> {
    let mut place = 0;
    while let Some(found) = text[place..].find('`') {
        let start = place + found;
        let run = text[start..].chars().take_while(|c| *c == '`').count();
        place = start + run;
        if run == ticks {
            return Some(place);
        }
    }
    None
}

/// What a reader on GitHub could be harmed by.
pub(in crate::report) fn alive(text: &str) -> Result<(), String> {
    let visible = outside_code(&outside_fences(text)?);
    let ours = ["<details><summary>Output</summary>", "<details><summary>Output, its end</summary>"]
        .into_iter()
        .chain(["<details><summary>Last lines of its output</summary>"])
        .chain(["<details><summary>Last lines of its output, its end</summary>", "</details>"]);
    let visible = ours.fold(visible, |text, ours| text.replace(ours, ""));
    let mention = visible.split('@').skip(1).any(|after| after.starts_with(|c: char| c.is_alphanumeric()));
    // `&#58;` is a character.
    let numbered = visible
        .replace("&#", "&")
        .split('#')
        .skip(1)
        .any(|after| after.starts_with(|c: char| c.is_ascii_digit()));
    let issue = numbered || visible.to_ascii_lowercase().contains("gh-");
    // Links of ours are written as such.
    let is_bare = |(place, _): (usize, &str)| {
        let before = visible[..place].trim_end_matches(|c: char| c.is_ascii_alphabetic());
        !before.ends_with("](")
    };
    let bare = visible.match_indices("://").any(is_bare) || visible.to_ascii_lowercase().contains("www.");
    match () {
        () if issue => Err(format!("an issue in {visible}")),
        () if bare => Err(format!("a bare link in {visible}")),
        () if visible.contains('<') => Err(format!("HTML in {visible}")),
        () if mention => Err(format!("a mention in {visible}")),
        () => Ok(()),
    }
}

#[test]
fn everything_is_told_where_there_is_room() {
    let text = summary(&sample(), KIB_900);
    assert!(text.starts_with("## Failed: 6 of 10 gates do not pass\n"));
    for told in [
        "pull request 12 \\(fork\\) to main · acme/widgets · commit c0ffeec0ff · attempt 2",
        "Verdict: mode block, exit code 1, after 1 min 33 s · [the run](https://github.com/acme/widgets",
        "- the disk of the runner is nearly full",
        "| `lint.clippy` | 4 findings | 0 of level warning or above | **fail** | block |",
        "**`widgets render::escapes`** failed after 0.12 s at `widgets/src/render.rs:31:9`: assertion",
        "### 6 steps did not pass",
        "- measured by embedded&#58; no LLVM tool is needed",
        "### 2 images\n\n**`widgets`** `ghcr.io/acme/widgets@sha256:0123456789ab`\n\n```text\ndocker pull ghcr.io/acme",
        "| tags | `pr-12` `sha-c0ffee",
        "| size | 17.3 MB in 3 layers, 41.2 MB unpacked, 40 kB wasted, 1.2 MB more than before |",
        "| smoke | serve&#58; 11 of 12 checks held, ready in 0.13 s, signal 9 \\(engine\\) |",
        "### 4 failed tests and 2 failed checks",
        "### Coverage: 83.4 % of 1,200 lines ran",
        "| changed lines | 70.0 % | 14 of 20, 1 file not measured, compared with main at aaaaaaaaaa |",
        "- `widgets/src/render.rs:40-42`\n\n````text\nif x < 3 {",
        "| `widgets/src/render.rs` | 63.8 % | 159 of 440 lines never ran |",
        "### 6 findings: 2 errors, 3 warnings, 1 note",
        "- warning [`clippy::needless_return`](https://rust-lang",
        "- `widgets::it reconnects` passed at attempt 2; at first: connection refused",
        "| `widgets::it serves_forever` | 1 min 00 s |",
        "| `lint.shellcheck` | skipped | - | shellcheck is not installed",
    ] {
        assert!(text.contains(told), "{told}\n---\n{text}");
    }
    alive(&text).unwrap();
}

#[test]
fn the_smallest_limit_keeps_the_headline_and_the_gates() {
    let mut record = large(3_000);
    record.notes = vec![HOSTILE.repeat(40); 400];
    record.gates = record.gates.iter().cycle().take(70).cloned().collect();
    let text = summary(&record, 0);
    assert!(text.len() <= SMALLEST_LIMIT, "{} bytes", text.len());
    assert!(text.starts_with("## Failed: 42 of 70 gates do not pass\n"));
    assert!(text.contains("| gate | measured |") && text.contains("| **fail** | block |"));
    assert!(text.contains("more, see the report"));
    alive(&text).unwrap();
}

#[test]
fn what_matters_least_shrinks_first() {
    let mut record = sample();
    record.notes = vec!["a note that is long enough to matter".to_owned(); 3_000];
    let text = summary(&record, 40_000);
    assert!(text.contains("\n### 3,000 notes\n") && text.contains("more, see the report"));
    assert!(text.contains("panicked at widgets/src/render.rs"), "the output of a failed test stays");
}

#[test]
fn an_empty_run_is_a_short_page() {
    let text = summary(&record(), KIB_900);
    assert!(text.len() < 300, "{text}");
    assert!(!text.contains("###"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_text_stays_within_the_limit_balanced_and_dead(
        limit in SMALLEST_LIMIT..40_000,
        pieces in proptest::collection::vec(
            prop_oneof![any::<String>(), Just(HOSTILE.to_owned()), "[`@<>|\\\\:\\[\\]()\n #a-]{0,60}"], 12),
        copies in 1_usize..30,
    ) {
        let piece = |place: usize| pieces[place % pieces.len()].clone();
        let mut record = sample();
        record.context.repository = Some(piece(0));
        record.notes = pieces.clone();
        record.verdict.reasons = pieces.clone();
        for (place, gate) in record.gates.iter_mut().enumerate() {
            gate.id = piece(place);
            gate.metric = piece(place + 1);
            gate.required = piece(place + 2);
            gate.reason = piece(place + 3);
            gate.remedy = Some(piece(place + 4));
            gate.worst = pieces.clone();
            gate.reproduce = Some(piece(place + 5));
        }
        for (place, step) in record.steps.iter_mut().enumerate() {
            step.id = piece(place);
            step.reason = Some(piece(place + 1));
            step.excerpt = Some(piece(place + 2));
            step.commands = vec![piece(place + 3)];
        }
        for (place, finding) in record.findings.iter_mut().enumerate() {
            finding.step = piece(place);
            finding.rule = piece(place + 1);
            finding.message = piece(place + 2);
            finding.url = Some(piece(place + 3));
        }
        for image in &mut record.images {
            image.name = piece(0);
            image.repository = Some(piece(1));
            image.tags[0].tag = piece(2);
            image.smoke = image.smoke.iter().cycle().take(copies).cloned().collect();
            image.smoke.iter_mut().for_each(|run| (run.name, run.output) = (piece(3), Some(piece(4).repeat(20))));
        }
        record.images = record.images.iter().cycle().take(copies).cloned().collect();
        let coverage = record.coverage.as_mut().unwrap();
        coverage.notes.clone_from(&pieces);
        coverage.files[0].path = piece(0);
        let patch = coverage.patch.as_mut().unwrap();
        patch.base = Some(piece(1));
        for (place, file) in patch.files.iter_mut().enumerate() {
            file.path = piece(place);
            file.uncovered[0].code = Some(piece(place + 1).repeat(5));
        }
        let mut cases = Vec::new();
        for copy in 0..copies {
            for (place, mut case) in record.tests.cases.clone().into_iter().enumerate() {
                case.name = piece(copy + place);
                case.message = Some(piece(copy + place + 1));
                case.output = piece(copy + place + 2).repeat(20);
                cases.push(case);
            }
        }
        record.tests = TestsRecord::of(cases);
        let text = summary(&record, limit);
        prop_assert!(text.len() <= limit, "{} bytes of {limit}", text.len());
        prop_assert!(text.starts_with("## Failed: "));
        if let Err(why) = alive(&text) {
            prop_assert!(false, "{why}");
        }
    }
}
