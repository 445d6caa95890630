//! When the names of the tests would add nothing to what was read.

use super::*;

const NAMES: [&str; 5] = ["a", "b", "c::d", "c::e", "f"];
const HEADER: &str = "     Running unittests src/lib.rs (target/debug/deps/demo-0123456789abcdef)";

/// A run of all tests, of which those in `failing` fail, with these lines printed at these places.
fn run(failing: &[usize], printed: &[(usize, String)]) -> Vec<String> {
    let is_bad = |place: &usize| failing.contains(place);
    let result = |place: usize| if is_bad(&place) { "FAILED" } else { "ok" };
    let mut lines = vec![String::new(), "running 5 tests".to_owned()];
    lines.extend((0..5).map(|place| format!("test {} ... {}", NAMES[place], result(place))));
    let bad: Vec<usize> = (0..5).filter(is_bad).collect();
    if !bad.is_empty() {
        lines.extend(["", "failures:", ""].map(str::to_owned));
        for place in &bad {
            lines.extend([format!("---- {} stdout ----", NAMES[*place]), "boom".to_owned(), String::new()]);
        }
        lines.push("failures:".to_owned());
        lines.extend(bad.iter().map(|place| format!("    {}", NAMES[*place])));
    }
    let word = if bad.is_empty() { "ok" } else { "FAILED" };
    let (passed, failed) = (5 - bad.len(), bad.len());
    let counts = format!("{passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out");
    lines.extend([String::new(), format!("test result: {word}. {counts}; finished in 0.00s"), String::new()]);
    for (place, line) in printed {
        lines.insert((*place).min(lines.len()), line.clone());
    }
    lines.insert(0, HEADER.to_owned());
    if !bad.is_empty() {
        lines.push("error: test failed, to rerun pass `--lib`".to_owned());
    }
    lines
}

fn demo() -> Targets {
    let mut targets = Targets::new();
    targets.executable("demo-0123456789abcdef", Target::new("demo", "demo"));
    targets
}

fn listed() -> Targets {
    let mut targets = demo();
    targets.listing(&format!("{HEADER}\n{}", NAMES.map(|name| format!("{name}: test")).join("\n")));
    targets
}

fn read_lines(targets: Targets, lines: &[String]) -> Reading {
    let mut reader = Reader::new(targets, 2);
    for (number, line) in lines.iter().enumerate() {
        reader.line(ms(10 * number as u64), line);
    }
    let end = if lines.last().is_some_and(|line| line.starts_with("error: ")) { 101 } else { 0 };
    reader.finish(ms(1000), End::Exited(end))
}

#[test]
fn a_run_of_nothing_but_results_is_clear() {
    for failing in [&[][..], &[1], &[0, 1, 2, 3, 4]] {
        let reading = read_lines(demo(), &run(failing, &[]));
        assert!(!reading.unclear && reading.cases.len() == 5, "{reading:#?}");
        assert_eq!(reading, read_lines(listed(), &run(failing, &[])));
    }
}

#[test]
fn output_of_tests_that_never_ended_and_false_counts_are_not() {
    let unclear = |lines: &[String]| read_lines(demo(), lines).unclear;
    for printed in ["hello", "test g ... ok", "test a ... ok", "running 5 tests"] {
        assert!(unclear(&run(&[], &[(3, printed.to_owned())])), "{printed}");
    }
    let whole = run(&[], &[]);
    assert!(unclear(&whole[..5]));
    assert!(unclear(&whole[..1]));
    let torn: Vec<String> =
        whole.iter().map(|line| line.replace("test b ... ok", "test b ... hmok")).collect();
    assert!(unclear(&torn));
    let counted: Vec<String> = whole.iter().map(|line| line.replace("5 passed", "4 passed")).collect();
    assert!(unclear(&counted));
    let hidden: Vec<String> = whole.iter().map(|line| line.replace("test b ", "test a ")).collect();
    assert!(unclear(&hidden));
}

proptest! {
    /// Whatever tests print and whatever of it is lost: where the reading is clear, the names change nothing.
    #[test]
    fn what_is_clear_reads_the_same_with_the_names(
        failing in prop::collection::vec(0_usize..5, 0..3),
        printed in prop::collection::vec((0_usize..30, "(test (a|b|g) \\.\\.\\. (ok|FAILED|ignored)?|failures:|    b|---- b stdout ----|running 5 tests|test result: ok\\. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out|thread 'a' panicked at |test a has been running for over 60 seconds| )?"), 0..4),
        kept in 0_usize..30,
    ) {
        let mut lines = run(&failing, &printed);
        if kept > 20 {
            lines.truncate(kept - 10);
        }
        let reading = read_lines(demo(), &lines);
        if !reading.unclear {
            prop_assert_eq!(reading, read_lines(listed(), &lines));
        }
    }
}
