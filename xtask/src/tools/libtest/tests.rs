//! The reader against recorded runs of real crates, and against text that nobody would print.

mod clear;
mod hangs;

use std::fmt::Write as _;
use std::time::Instant;

use proptest::prelude::*;

use super::*;
use crate::model::test::{TestCase, TestOutcome};

const ALPHA: &str = include_str!("../../../tests/fixtures/libtest/alpha-2-threads.txt");
const BETA: &str = include_str!("../../../tests/fixtures/libtest/beta-2-threads.txt");
const ONE_THREAD: &str = include_str!("../../../tests/fixtures/libtest/one-thread.txt");
const UI_1: &str = include_str!("../../../tests/fixtures/libtest/ui-1-thread.txt");
const UI_2: &str = include_str!("../../../tests/fixtures/libtest/ui-2-threads.txt");
const LIST: &str = include_str!("../../../tests/fixtures/libtest/list.txt");
const NOT_COMPILED: &str = include_str!("../../../tests/fixtures/libtest/nocompile.txt");

fn ms(number: u64) -> Duration {
    Duration::from_millis(number)
}

/// The lines of a recording with the milliseconds at which they arrived.
fn recorded(text: &str) -> impl Iterator<Item = (Duration, &str)> {
    text.lines().map(|line| {
        let (at, line) = line.split_once('\t').unwrap();
        (ms(at.parse().unwrap()), line)
    })
}

fn read(targets: Targets, threads: usize, text: &str, end: End) -> Reading {
    let mut reader = Reader::new(targets, threads);
    let mut last = Duration::ZERO;
    for (at, line) in recorded(text) {
        reader.line(at, line);
        last = at;
    }
    reader.finish(last, end)
}

/// The targets of the recorded workspace, as cargo's messages would give them.
fn targets(files: &[(&str, &str, &str)]) -> Targets {
    let mut targets = Targets::new();
    for (file, package, binary) in files {
        let target = Target::new(*package, *binary);
        let custom = binary.contains("custom");
        targets.executable(*file, if custom { target.custom() } else { target });
    }
    for (library, package) in [("alpha", "alpha"), ("beta", "beta"), ("gamma_macros", "gamma-macros")] {
        targets.library(library, package);
    }
    targets
}

fn alpha() -> Targets {
    targets(&[
        ("alpha-e62994b938fd5803", "alpha", "alpha"),
        ("empty-24a76d4b0833a08c", "alpha", "alpha::empty"),
        ("it-f8d07b311ad491a6", "alpha", "alpha::it"),
    ])
}

fn beta() -> Targets {
    targets(&[
        ("beta-04b5d311d386c8df", "beta", "beta"),
        ("beta-3c493d5c67469a28", "beta", "beta::bin/beta"),
        ("aborts-bd6e85499b5d7663", "beta", "beta::aborts"),
        ("custom_fail-1b35d74d8f95dcad", "beta", "beta::custom_fail"),
        ("custom_ok-f9102bdd2f2a919c", "beta", "beta::custom_ok"),
        ("exits-184f2af394f30051", "beta", "beta::exits"),
        ("floods-2c9d46a231019f89", "beta", "beta::floods"),
        ("forges-6cebe858d23258a8", "beta", "beta::forges"),
        ("overflows-2c95a7367b3423ef", "beta", "beta::overflows"),
        ("gamma_macros-5a305abe0429b5ce", "gamma-macros", "gamma-macros"),
    ])
}

fn listed(mut targets: Targets) -> Targets {
    targets.listing(LIST);
    targets
}

fn find<'a>(reading: &'a Reading, binary: &str, name: &str) -> &'a TestCase {
    let found = reading.cases.iter().find(|case| case.binary == binary && case.name == name);
    found.unwrap_or_else(|| panic!("{binary} {name} in {:#?}", names(reading)))
}

fn names(reading: &Reading) -> Vec<String> {
    reading.cases.iter().map(|case| format!("{} {}", case.full_name(), case.outcome.word())).collect()
}

fn unfinished(reading: &Reading) -> Vec<String> {
    let name = |left: &Unfinished| format!("{} {}", left.binary, left.name.as_deref().unwrap_or("?"));
    reading.unfinished.iter().map(name).collect()
}

#[test]
fn failures_carry_their_cause_and_output() {
    let reading = read(alpha(), 2, ALPHA, End::Exited(101));
    assert!(!reading.doubtful, "{:?}", reading.notes);
    assert_eq!(reading.cases.len(), 15 + 2 + 6);
    let causes = [
        ("tests::panics", "assertion `left == right` failed: sums (left: 2, right: 3)"),
        ("tests::panics_plainly", "plain cause"),
        ("tests::result_err", "Error: \"no luck\""),
        ("tests::should_panic_not_at_all", "test did not panic as expected at alpha/src/lib.rs:47:8"),
        ("tests::should_panic_wrong", "panic did not contain expected string"),
        ("tests::thread_panics", "called `Result::unwrap()` on an `Err` value: Any { .. }"),
        ("tests::unwrap_none", "called `Option::unwrap()` on a `None` value"),
    ];
    for (name, cause) in causes {
        let case = find(&reading, "alpha", name);
        assert_eq!((case.outcome, case.message.as_deref()), (TestOutcome::Failed, Some(cause)));
    }
    let output = &find(&reading, "alpha", "tests::panics").output;
    assert!(output.starts_with("before\nthe panic\n") && output.ends_with("display a backtrace"), "{output}");
    let last = &find(&reading, "alpha", "tests::unwrap_none").output;
    assert!(last.ends_with("on a `None` value"), "the list of failures is no output: {last}");
}

#[test]
fn skips_odd_names_and_raw_output_are_read() {
    let reading = read(alpha(), 2, ALPHA, End::Exited(101));
    let skipped = find(&reading, "alpha", "tests::ignored_with_reason");
    assert_eq!(
        (skipped.outcome, skipped.message.as_deref()),
        (TestOutcome::Skipped, Some("needs a, network"))
    );
    assert_eq!(skipped.duration_ms, None);
    assert_eq!(find(&reading, "alpha", "tests::größe_名前").outcome, TestOutcome::Passed);
    assert_eq!(find(&reading, "alpha", "tests::raw_without_newline").outcome, TestOutcome::Passed);
    assert_eq!(find(&reading, "alpha", "tests::should_panic_right").outcome, TestOutcome::Passed);
    assert_eq!(find(&reading, "alpha::it", "deep::passes").package, "alpha");
}

#[test]
fn times_come_from_the_schedule() {
    let reading = read(alpha(), 2, ALPHA, End::Exited(101));
    let time = |name| find(&reading, "alpha", name).duration_ms.unwrap();
    assert!((200..215).contains(&time("tests::slow_200")));
    assert!((400..415).contains(&time("tests::slow_400")));
    assert!(time("tests::passes") < 10 && time("tests::unwrap_none") < 10);
    let reading = read(listed(alpha()), 2, ALPHA, End::Exited(101));
    assert!((400..415).contains(&find(&reading, "alpha", "tests::slow_400").duration_ms.unwrap()));
}

#[test]
fn doctests_are_cases_of_their_own() {
    let reading = read(alpha(), 2, ALPHA, End::Exited(101));
    let failed = find(&reading, "alpha (doctests)", "alpha/src/lib.rs - one (line 9)");
    assert_eq!(
        (failed.kind, failed.outcome, failed.package.as_str()),
        (TestKind::Doctest, TestOutcome::Failed, "alpha")
    );
    assert_eq!(failed.message.as_deref(), Some("assertion `left == right` failed (left: 1, right: 2)"));
    assert!(failed.duration_ms.is_some());
    let compile_fail = find(&reading, "alpha (doctests)", "alpha/src/lib.rs - one (line 13)");
    assert_eq!(compile_fail.outcome, TestOutcome::Passed);
    assert_eq!(
        find(&reading, "alpha (doctests)", "alpha/src/lib.rs - one (line 21)").outcome,
        TestOutcome::Skipped
    );
}

#[test]
fn merged_doctests_have_no_times() {
    let reading = read(beta(), 2, BETA, End::Exited(101));
    let doctests: Vec<_> = reading.cases.iter().filter(|case| case.binary == "beta (doctests)").collect();
    assert_eq!(doctests.len(), 7);
    assert!(doctests.iter().all(|case| case.duration_ms.is_none()));
    assert_eq!(doctests.iter().filter(|case| case.outcome == TestOutcome::Failed).count(), 1);
    assert_eq!(
        find(&reading, "gamma-macros (doctests)", "gamma/src/lib.rs - nothing (line 1)").package,
        "gamma-macros"
    );
}

#[test]
fn a_main_of_its_own_is_one_case() {
    let reading = read(beta(), 2, BETA, End::Exited(101));
    let failed = find(&reading, "beta::custom_fail", "custom_fail");
    assert_eq!(failed.outcome, TestOutcome::Failed);
    assert_eq!(failed.message.as_deref(), Some("the process failed (exit status: 3), and no test of it did"));
    assert_eq!(failed.output, "custom: something broke\ncause: disk");
    assert_eq!(find(&reading, "beta::custom_ok", "custom_ok").outcome, TestOutcome::Passed);
}

#[test]
fn an_abort_is_blamed_on_what_was_running() {
    let reading = read(listed(beta()), 2, BETA, End::Exited(101));
    let aborted = find(&reading, "beta::aborts", "b_aborts");
    let message = "the test process ended before this test did (signal: 6, SIGABRT: process abort signal)";
    assert_eq!((aborted.outcome, aborted.message.as_deref()), (TestOutcome::Failed, Some(message)));
    assert!((50..60).contains(&aborted.duration_ms.unwrap()));
    assert_eq!(find(&reading, "beta::aborts", "c_slow").outcome, TestOutcome::Failed);
    let suspects = reading.suspects.iter().find(|suspects| suspects.binary == "beta::aborts").unwrap();
    assert_eq!(suspects.names, ["b_aborts", "c_slow"]);
    let left = unfinished(&reading);
    assert!(
        left.contains(&"beta::aborts d_never".to_owned())
            && left.contains(&"beta::aborts e_never".to_owned())
    );
}

#[test]
fn a_stack_overflow_names_the_guilty() {
    for targets in [beta(), listed(beta())] {
        let reading = read(targets, 2, BETA, End::Exited(101));
        assert_eq!(find(&reading, "beta::overflows", "a_overflows").outcome, TestOutcome::Failed);
        assert!(!names(&reading).iter().any(|name| name.contains("b_never")));
        assert!(unfinished(&reading).iter().any(|left| left.starts_with("beta::overflows")));
    }
}

#[test]
fn a_process_that_leaves_early_and_quietly_has_failed() {
    let reading = read(listed(beta()), 2, BETA, End::Exited(101));
    let left = find(&reading, "beta::exits", "b_exits");
    assert_eq!(left.message.as_deref(), Some("the test process ended before this test did (exit status: 0)"));
    assert_eq!(unfinished(&reading).iter().filter(|left| left.starts_with("beta::exits")).count(), 1);
    // Without names the process itself is the case.
    let reading = read(beta(), 2, BETA, End::Exited(101));
    let process = find(&reading, "beta::exits", "exits");
    assert_eq!(
        process.message.as_deref(),
        Some("the process ended with 3 tests unfinished (exit status: 0)")
    );
    assert!(unfinished(&reading).contains(&"beta::exits ?".to_owned()));
}

#[test]
fn a_forged_line_does_not_turn_a_failed_test_green() {
    let reading = read(listed(beta()), 2, BETA, End::Exited(101));
    assert_eq!(find(&reading, "beta::forges", "b_fails").message.as_deref(), Some("truth"));
    assert!(!reading.notes.iter().any(|note| note.starts_with("beta::forges")), "{:?}", reading.notes);
    assert!(!names(&reading).iter().any(|name| name.contains("z_never_was")));
    // Without names the extra test cannot be told from a true one: the counts disagree, and that is said.
    let reading = read(beta(), 2, BETA, End::Exited(101));
    assert_eq!(find(&reading, "beta::forges", "b_fails").outcome, TestOutcome::Failed);
    assert!(
        reading.doubtful
            && reading.notes.iter().any(|note| note.starts_with("beta::forges: libtest announced"))
    );
}

#[test]
fn doctests_are_not_announced_where_only_executables_run() {
    let text = "1\t     Running unittests src/lib.rs (target/debug/deps/a-0123456789abcdef)\n1\t\n1\trunning 2 tests\n\
                2\t   Doc-tests a\n2\ttest b ... ok\n2\ttest a ... ok\n3\ttest b ... FAILED\n3\t\n3\tfailures:\n3\t    b\n3\t\n\
                3\ttest result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
    let mut only = Targets::new();
    only.executable("a-0123456789abcdef", Target::new("a", "a"));
    let reading = read(only, 2, text, End::Exited(101));
    assert_eq!((find(&reading, "a", "b").outcome, reading.cases.len()), (TestOutcome::Failed, 2));
}

#[test]
fn floods_and_torn_lines_do_not_confuse() {
    for (text, threads) in [(BETA, 2), (ONE_THREAD, 1)] {
        let mut targets = beta();
        if threads == 1 {
            for (file, target) in alpha().executables() {
                targets.executable(file, target.clone());
            }
        }
        let reading = read(targets, threads, text, End::Exited(101));
        assert!(!reading.notes.iter().any(|note| note.starts_with("beta::floods")), "{:?}", reading.notes);
        let floods: Vec<_> = reading.cases.iter().filter(|case| case.binary == "beta::floods").collect();
        assert_eq!(floods.len(), 4);
        let failed = find(&reading, "beta::floods", "c_fails");
        assert_eq!(failed.message.as_deref(), Some("with"));
        assert!(failed.output.contains("---- a_floods stdout ----\nforged"));
    }
}

#[test]
fn one_thread_gives_times_where_no_output_tore_a_line() {
    let mut targets = alpha();
    for (file, target) in beta().executables() {
        targets.executable(file, target.clone());
    }
    let reading = read(targets, 1, ONE_THREAD, End::Exited(101));
    let time = |name| find(&reading, "alpha", name).duration_ms;
    assert!((200..215).contains(&time("tests::slow_200").unwrap()));
    assert!((400..415).contains(&time("tests::slow_400").unwrap()));
    assert_eq!(time("tests::raw_without_newline"), None);
    assert_eq!(find(&reading, "beta::aborts", "b_aborts").outcome, TestOutcome::Failed);
    assert_eq!(find(&reading, "beta::exits", "b_exits").outcome, TestOutcome::Failed);
    assert!(unfinished(&reading).contains(&"gamma-macros ?".to_owned()), "it was not part of that run");
}

#[test]
fn results_of_other_harnesses_inside_a_test_are_no_tests() {
    for (text, threads) in [(UI_1, 1), (UI_2, 2)] {
        let targets = targets(&[("ui-445527e72f1ee264", "ui", "ui")]);
        let reading = read(targets, threads, text, End::Exited(0));
        assert!(!reading.doubtful, "{:?}", reading.notes);
        assert_eq!(reading.cases.len(), 2, "{:?}", names(&reading));
        assert!((80..90).contains(&find(&reading, "ui", "other").duration_ms.unwrap()));
    }
}

#[test]
fn what_does_not_compile_says_so() {
    let mut reader = Reader::new(Targets::new(), 2);
    NOT_COMPILED.lines().for_each(|line| reader.line(ms(1), line));
    let reading = reader.finish(ms(2), End::Exited(101));
    assert!(reading.did_not_compile.unwrap().starts_with("error[E0308]: mismatched types"));
    assert!(reading.doubtful && reading.lasting && reading.cases.is_empty());
}

#[test]
fn cargos_end_is_held_against_the_lines() {
    let text = "1\t     Running unittests src/lib.rs (target/debug/deps/a-0123456789abcdef)\n1\t\n1\trunning 1 test\n\
                2\ttest a ... ok\n2\t\n2\ttest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
    assert!(!read(Targets::new(), 2, text, End::Exited(0)).doubtful);
    assert!(read(Targets::new(), 2, text, End::Exited(101)).doubtful);
    let failed = text.replace("... ok", "... FAILED");
    assert!(read(Targets::new(), 2, &failed, End::Exited(0)).doubtful);
    let fewer = text.replace("1 passed", "2 passed");
    assert!(read(Targets::new(), 2, &fewer, End::Exited(0)).doubtful);
    let mut more = targets(&[("b-0123456789abcdef", "b", "b"), ("a-0123456789abcdef", "a", "a")]);
    more.library("a", "a");
    assert_eq!(unfinished(&read(more, 2, text, End::Exited(0))), ["b ?"]);
}

#[test]
fn chance_in_the_order_takes_the_times_away() {
    let text = ALPHA.replacen("running 15 tests", "running 15 tests (shuffle seed: 7)", 1);
    let reading = read(alpha(), 2, &text, End::Exited(101));
    assert_eq!(find(&reading, "alpha", "tests::slow_400").duration_ms, None);
    assert!(!reading.doubtful);
    // More threads than there were: the model may not notice, but fewer are noticed.
    let fewer = read(alpha(), 1, ALPHA, End::Exited(101));
    assert_eq!(fewer.cases.len(), 23);
}

#[test]
fn thousands_of_tests_are_read_quickly() {
    let odd = || (1..5000).step_by(2);
    let mut text = String::from("0\t     Running unittests src/lib.rs (t/deps/a-0123456789abcdef)\n");
    text += "0\trunning 5000 tests\n";
    for number in 0..5000 {
        let result = if number % 2 == 0 { "ok" } else { "FAILED" };
        writeln!(text, "{number}\ttest module::test_{number:04} ... {result}").unwrap();
    }
    text += "5000\t\n5000\tfailures:\n5000\t\n";
    for number in odd() {
        writeln!(text, "5000\t---- module::test_{number:04} stdout ----\n5000\tboom\n5000\t").unwrap();
    }
    text += "5000\t\n5000\tfailures:\n";
    for number in odd() {
        writeln!(text, "5000\t    module::test_{number:04}").unwrap();
    }
    text += "5000\t\n5000\ttest result: FAILED. 2500 passed; 2500 failed; 0 ignored; 0 measured; \
             0 filtered out; finished in 5.00s\n";
    let begin = Instant::now();
    let reading = read(Targets::new(), 2, &text, End::Exited(101));
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    assert_eq!((reading.cases.len(), reading.doubtful), (5000, false), "{:?}", reading.notes);
    assert_eq!(find(&reading, "a", "module::test_4999").output, "boom");
}

proptest! {
    /// Whatever is cut out of a real run, a failed test never turns green: it is failed, unfinished or doubted.
    #[test]
    fn a_failure_is_never_lost(dropped in prop::collection::vec(0_usize..125, 0..20), threads in 1_usize..4) {
        let lines: Vec<&str> = ALPHA.lines().enumerate()
            .filter(|(number, _)| !dropped.contains(number)).map(|(_, line)| line).collect();
        let reading = read(alpha(), threads, &lines.join("\n"), End::Exited(101));
        let green = reading.cases.iter().any(|case| case.name == "tests::panics" && case.outcome == TestOutcome::Passed);
        prop_assert!(!green || reading.doubtful);
        prop_assert!(reading.doubtful || reading.cases.iter().any(|case| case.outcome.is_bad()));
    }

    #[test]
    fn any_text_is_survived(
        lines in prop::collection::vec("(running |test |1|2| tests?|a|b| \\.\\.\\. |ok|FAILED|ignored|failures:|    |---- | stdout ----|test result: ok\\. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out|     Running x \\(a\\)|   Doc-tests a|error: test failed, to rerun pass `a`|thread 'a' panicked at |ä|\u{1b}\\[0m){0,6}", 0..40),
        threads in 0_usize..4,
    ) {
        let mut reader = Reader::new(Targets::new(), threads);
        for (number, line) in lines.iter().enumerate() {
            reader.line(ms(number as u64), line);
            let _ = reader.overdue(ms(100), ms(1));
        }
        let _ = reader.finish(ms(100), End::Exited(101));
    }
}
