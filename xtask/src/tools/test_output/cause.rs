//! The one line that tells why a test failed, found in what it printed.

use crate::kit::text::shorten;

/// Longest cause, in characters.
const LIMIT: usize = 300;

/// The cause of the failure of the test `name`, or none when it printed nothing.
///
/// In this order: what libtest notes about a panic that was expected, the panic of the test's own thread, the
/// last panic of another thread, `Error: …` of a test that returns a result, a crash of the run time, a compiler
/// error (of a doctest), the first line at all.
#[must_use]
pub fn of(name: &str, output: &str) -> Option<String> {
    let found = note(output)
        .or_else(|| panic_message(name, output))
        .or_else(|| line_starting(output, "Error: "))
        .or_else(|| output.lines().find(|line| line.contains("has overflowed its stack")).map(str::to_owned))
        .or_else(|| line_starting(output, "fatal runtime error: "))
        .or_else(|| line_starting(output, "error"))
        .or_else(|| output.lines().find(|line| !line.trim().is_empty()).map(str::to_owned))?;
    Some(shorten(found.trim(), LIMIT))
}

/// What libtest adds to the output of a test whose panic was not as expected.
#[must_use]
pub fn note(output: &str) -> Option<String> {
    let notes = ["note: test did not panic as expected", "note: panic did not contain expected string"];
    let line = output.lines().find(|line| notes.iter().any(|note| line.starts_with(note)))?;
    line.strip_prefix("note: ").map(str::to_owned)
}

fn line_starting(output: &str, start: &str) -> Option<String> {
    output.lines().find(|line| line.starts_with(start)).map(str::to_owned)
}

/// `thread 'NAME' (ID) panicked at FILE:L:C:` and the message on the lines below it.
fn panic_message(name: &str, output: &str) -> Option<String> {
    let mut last = None;
    let mut lines = output.lines();
    while let Some(line) = lines.next() {
        let Some((thread, place)) = panic_head(line) else { continue };
        // Before Rust 1.73 the message stood on the line itself.
        let message = if place.ends_with(':') { message(lines.clone()) } else { place.to_owned() };
        if thread == name || thread == "main" {
            return Some(message);
        }
        last = Some(message);
    }
    last
}

/// The thread and the place of a line that tells of a panic.
#[must_use]
pub fn panic_head(line: &str) -> Option<(&str, &str)> {
    let (head, place) = line.strip_prefix("thread '")?.split_once(" panicked at ")?;
    let thread = head.rfind('\'').map(|end| &head[..end])?;
    Some((thread, place))
}

/// The first line of a message, and the two sides of a failed `assert_eq!`.
fn message<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut lines = lines.skip_while(|line| line.trim().is_empty());
    let first = lines.next().unwrap_or_default().to_owned();
    if !first.starts_with("assertion `") {
        return first;
    }
    let side = |line: &&str| line.starts_with("  left: ") || line.starts_with(" right: ");
    let sides: Vec<&str> = lines.take(20).filter(side).take(2).map(str::trim).collect();
    if sides.is_empty() { first } else { format!("{first} ({})", sides.join(", ")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_sides_of_an_assertion_are_told() {
        let output = "before\n\nthread 'a::b' (12) panicked at src/lib.rs:3:5:\nassertion `left == right` failed: sums\n  left: 2\n right: 3\nnote: run with";
        assert_eq!(of("a::b", output).unwrap(), "assertion `left == right` failed: sums (left: 2, right: 3)");
    }

    #[test]
    fn the_tests_own_thread_comes_before_others() {
        let output = "thread '<unnamed>' (1) panicked at a.rs:1:1:\nhelper\n\nthread 't' (2) panicked at a.rs:2:1:\nown\n\nthread 'x' (3) panicked at a.rs:2:1:\nlate";
        assert_eq!(of("t", output).unwrap(), "own");
        assert_eq!(of("other", output).unwrap(), "late");
    }

    #[test]
    fn other_causes() {
        let cases = [
            ("Error: \"no luck\"\n", "Error: \"no luck\""),
            (
                "thread 't' (1) panicked at a.rs:1:1:\nleft\nnote: panic did not contain expected string\n",
                "panic did not contain expected string",
            ),
            (
                "note: test did not panic as expected at a.rs:1:2",
                "test did not panic as expected at a.rs:1:2",
            ),
            ("thread 't' panicked at 'old', src/lib.rs:1:2", "'old', src/lib.rs:1:2"),
            (
                "\nthread 't' (1) has overflowed its stack\nfatal runtime error: stack overflow, aborting",
                "thread 't' (1) has overflowed its stack",
            ),
            ("\nerror[E0308]: mismatched types\n", "error[E0308]: mismatched types"),
            ("\n\nsomething\nelse", "something"),
        ];
        for (output, cause) in cases {
            assert_eq!(of("t", output).as_deref(), Some(cause));
        }
        assert_eq!(of("t", " \n"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(name in any::<String>(), output in "(thread '|' panicked at |:\n|\n|assertion `|  left: |[^a])*") {
            let cause = of(&name, &output);
            prop_assert!(cause.is_none_or(|cause| cause.chars().count() <= LIMIT));
        }
    }
}
