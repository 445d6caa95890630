//! Tests that take long, hang, or are cut short.

use super::*;

const SLOW: &str = include_str!("../../../../tests/fixtures/libtest/slow-2-threads.txt");

fn slow() -> Targets {
    targets(&[("hangs-28525a065ba4d32f", "beta", "beta::hangs")])
}

#[test]
fn a_hang_is_seen_at_once_when_names_are_known() {
    let mut targets = slow();
    targets.listing(
        "     Running tests/hangs.rs (target/debug/deps/hangs-28525a065ba4d32f)\n\
         a_quick: test\nb_hangs: test\nc_quick: test\n",
    );
    let mut reader = Reader::new(targets, 2);
    for (at, line) in recorded(SLOW).filter(|(at, _)| *at < ms(1000)) {
        reader.line(at, line);
    }
    assert_eq!(reader.overdue(ms(1000), ms(1000)), []);
    let hangs =
        RunningTest { binary: "beta::hangs".to_owned(), name: Some("b_hangs".to_owned()), since: ms(222) };
    assert_eq!(reader.overdue(ms(1222), ms(1000)), [hangs]);
    let reading = reader.finish(ms(1300), End::TimedOut(ms(1000)));
    let case = find(&reading, "beta::hangs", "b_hangs");
    assert_eq!((case.outcome, case.duration_ms), (TestOutcome::TimedOut, Some(1078)));
    assert_eq!((reading.cases.len(), reading.unfinished.len(), reading.doubtful), (3, 0, true));
}

#[test]
fn a_hang_without_names_is_seen_by_silence_and_named_after_a_minute() {
    let mut reader = Reader::new(slow(), 2);
    let mut lines = recorded(SLOW).peekable();
    while let Some((at, line)) = lines.next_if(|(at, _)| *at < ms(1000)) {
        reader.line(at, line);
    }
    assert_eq!(reader.overdue(ms(5222), ms(5000))[0].name, None);
    while let Some((at, line)) = lines.next_if(|(at, _)| *at < ms(61_000)) {
        reader.line(at, line);
    }
    let running = reader.overdue(ms(61_000), ms(60_000));
    assert_eq!((running[0].name.as_deref(), running[0].since), (Some("b_hangs"), ms(223)));
    let reading = reader.finish(ms(61_000), End::TimedOut(ms(60_000)));
    assert_eq!(find(&reading, "beta::hangs", "b_hangs").outcome, TestOutcome::TimedOut);
}

#[test]
fn a_slow_test_that_ends_is_no_hang() {
    let reading = read(slow(), 2, SLOW, End::Exited(0));
    assert!(!reading.doubtful);
    assert!((63_000..63_100).contains(&find(&reading, "beta::hangs", "b_hangs").duration_ms.unwrap()));
}

#[test]
fn an_interrupted_run_blames_nobody() {
    let mut reader = Reader::new(slow(), 2);
    recorded(SLOW).filter(|(at, _)| *at < ms(1000)).for_each(|(at, line)| reader.line(at, line));
    let reading = reader.finish(ms(1000), End::Cancelled);
    assert!(reading.doubtful && reading.cases.iter().all(|case| case.outcome == TestOutcome::Passed));
    assert_eq!(unfinished(&reading), ["beta::hangs ?"]);
}

#[test]
fn an_executable_that_ran_no_tests_is_no_pass() {
    let text = "0\t     Running unittests src/lib.rs (target/debug/deps/demo-0123456789abcdef)\n0\tUsage: [OPTIONS]\n";
    let reading = read(Targets::new(), 2, text, End::Exited(0));
    assert!(reading.cases.is_empty() && reading.doubtful && reading.lasting);
    assert_eq!(unfinished(&reading), ["demo ?"]);
    let own = read(Targets::own_mains(), 2, text, End::Exited(0));
    assert_eq!((names(&own).len(), own.doubtful), (1, false));
}
