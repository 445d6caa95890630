//! What one line of `cargo test` says. Pure parsing: whether a line is believed is decided elsewhere, as a test
//! may print any line it likes.

use crate::model::test::TestOutcome;

/// A line with which cargo announces what runs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header<'a> {
    /// `     Running unittests src/lib.rs (target/debug/deps/demo-0123456789abcdef)`.
    Executable {
        /// What stood before it on the line: output of a test without a line feed.
        before: &'a str,
        /// The file name of the executable.
        file: &'a str,
    },
    /// `   Doc-tests demo`.
    Doctests {
        /// What stood before it on the line.
        before: &'a str,
        /// The name of the crate.
        library: &'a str,
    },
}

/// Reads a header.
#[must_use]
pub fn header(line: &str) -> Option<Header<'_>> {
    if let Some((before, rest)) = line.rsplit_once("     Running ") {
        let (_, path) = rest.strip_suffix(')')?.rsplit_once(" (")?;
        let file = path.rsplit(['/', '\\']).next()?;
        let file = file.strip_suffix(".exe").unwrap_or(file);
        return (!file.is_empty()).then_some(Header::Executable { before, file });
    }
    let (before, library) = line.rsplit_once("   Doc-tests ")?;
    let plain = !library.is_empty() && library.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
    plain.then_some(Header::Doctests { before, library })
}

/// The name of a target from that of its executable: `demo-0123456789abcdef` is `demo`.
#[must_use]
pub fn without_hash(file: &str) -> &str {
    match file.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => name,
        _ => file,
    }
}

/// `running 12 tests`: their number, and whether their order is shuffled.
#[must_use]
pub fn running(line: &str) -> Option<(usize, bool)> {
    let rest = line.strip_prefix("running ")?;
    let (count, rest) = rest.split_once(' ')?;
    let rest = rest.strip_prefix("tests").or_else(|| rest.strip_prefix("test"))?;
    let shuffled = rest.starts_with(" (shuffle seed: ") && rest.ends_with(')');
    (rest.is_empty() || shuffled).then_some(())?;
    Some((count.parse().ok()?, shuffled))
}

/// How a test ended, with the reason when it was ignored.
pub type Ended<'a> = (TestOutcome, Option<&'a str>);

/// What a line says about the result of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultLine<'a> {
    /// `test NAME ... ok`, whole.
    Whole(&'a str, Ended<'a>),
    /// The same behind output that did not end its line: less sure.
    Behind(&'a str, Ended<'a>),
    /// `test NAME ... ` and then something else: output of a test came between. The second part is the result
    /// when the line ends like one.
    Torn(&'a str, Option<Ended<'a>>),
}

/// Reads a line that tells a result.
#[must_use]
pub fn result(line: &str) -> Option<ResultLine<'_>> {
    if let Some((name, rest)) = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... ")) {
        let name = plain_name(name);
        return Some(match ended(rest) {
            Some(ended) => ResultLine::Whole(name, ended),
            None => ResultLine::Torn(name, torn_end(rest)),
        });
    }
    let (at, _) = line.rmatch_indices("test ").find(|(at, _)| line[*at..].contains(" ... "))?;
    let (name, rest) = line[at + "test ".len()..].split_once(" ... ")?;
    Some(ResultLine::Behind(plain_name(name), ended(rest)?))
}

/// A name without padding and without the mode that libtest appends.
#[must_use]
pub fn plain_name(name: &str) -> &str {
    let name = name.trim();
    [" - should panic", " - compile fail", " - compile"]
        .iter()
        .find_map(|mode| name.strip_suffix(mode))
        .unwrap_or(name)
}

fn ended(text: &str) -> Option<Ended<'_>> {
    match text {
        "ok" => Some((TestOutcome::Passed, None)),
        "FAILED" => Some((TestOutcome::Failed, None)),
        "FAILED (time limit exceeded)" => Some((TestOutcome::TimedOut, None)),
        "ignored" => Some((TestOutcome::Skipped, None)),
        _ if text.starts_with("bench:") => Some((TestOutcome::Passed, None)),
        _ => reason(text).map(|reason| (TestOutcome::Skipped, Some(reason))),
    }
}

/// Why a test was ignored: `ignored, REASON` by the standard harness, `ignored (REASON)` by libtest-mimic's.
fn reason(text: &str) -> Option<&str> {
    let by_mimic = || text.strip_prefix("ignored (")?.strip_suffix(')');
    text.strip_prefix("ignored, ").or_else(by_mimic)
}

/// How a torn result ends: `raw outputok`.
#[must_use]
pub fn torn_end(text: &str) -> Option<Ended<'static>> {
    let ends =
        [("ok", TestOutcome::Passed), ("FAILED", TestOutcome::Failed), ("ignored", TestOutcome::Skipped)];
    ends.iter().find(|(word, _)| text.ends_with(word)).map(|(_, outcome)| (*outcome, None))
}

/// `test NAME has been running for over 60 seconds`: the name and the seconds.
#[must_use]
pub fn running_long(line: &str) -> Option<(&str, u64)> {
    let (name, rest) = line.strip_prefix("test ")?.rsplit_once(" has been running for over ")?;
    Some((plain_name(name), rest.strip_suffix(" seconds")?.parse().ok()?))
}

/// `---- NAME stdout ----`.
#[must_use]
pub fn output_head(line: &str) -> Option<&str> {
    line.strip_prefix("---- ")?.strip_suffix(" stdout ----")
}

/// The counts of `test result: …`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Passed, measured benchmarks included.
    pub passed: usize,
    /// Failed.
    pub failed: usize,
    /// Ignored.
    pub ignored: usize,
}

/// Reads `test result: ok. 6 passed; 7 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.40s`.
#[must_use]
pub fn summary(line: &str) -> Option<Summary> {
    let rest = line.strip_prefix("test result: ")?;
    let rest = rest.strip_prefix("ok. ").or_else(|| rest.strip_prefix("FAILED. "))?;
    let mut counts = rest.split("; ");
    let mut count =
        |word: &str| -> Option<usize> { counts.next()?.strip_suffix(word)?.strip_suffix(' ')?.parse().ok() };
    let (passed, failed, ignored) = (count("passed")?, count("failed")?, count("ignored")?);
    let measured = count("measured")?;
    count("filtered out")?;
    Some(Summary { passed: passed.checked_add(measured)?, failed, ignored })
}

/// `error: test failed, to rerun pass …`, with which cargo tells that an executable or rustdoc failed: what stood
/// before it on the line.
#[must_use]
pub fn cargo_failed(line: &str) -> Option<&str> {
    let marks = ["error: test failed, to rerun pass `", "error: doctest failed, to rerun pass `"];
    let at = marks.iter().find_map(|mark| line.rfind(mark))?;
    line.ends_with('`').then(|| &line[..at])
}

/// How the process ended, from cargo's `process didn't exit successfully: … (signal: 6, SIGABRT: …)`.
#[must_use]
pub fn process_end(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("process didn't exit successfully: `")?;
    Some(rest.rsplit_once("` (")?.1.strip_suffix(')').unwrap_or(rest))
}

/// Whether this is the path of a Rust function, as every test of the standard harness is called.
#[must_use]
pub fn is_path(name: &str) -> bool {
    name.split("::").all(|part| {
        let mut chars = part.chars();
        chars.next().is_some_and(|c| c.is_alphabetic() || c == '_' || c == '{')
            && chars.all(|c| c.is_alphanumeric() || "_{}#".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn headers() {
        assert_eq!(
            header("test b ...      Running tests/floods.rs (/t/debug/deps/floods-2c9d46a231019f89)"),
            Some(Header::Executable { before: "test b ... ", file: "floods-2c9d46a231019f89" })
        );
        assert_eq!(header("   Doc-tests my_lib"), Some(Header::Doctests { before: "", library: "my_lib" }));
        assert_eq!(header("   Doc-tests are fun"), None);
        assert_eq!(without_hash("a-b-2c9d46a231019f89"), "a-b");
        assert_eq!(without_hash("a-b"), "a-b");
    }

    #[test]
    fn results() {
        let ok = (TestOutcome::Passed, None);
        assert_eq!(result("test a::b ... ok"), Some(ResultLine::Whole("a::b", ok)));
        assert_eq!(result("test a - should panic ... ok"), Some(ResultLine::Whole("a", ok)));
        assert_eq!(
            result("test pad      ... bench:   12 ns/iter (+/- 3)"),
            Some(ResultLine::Whole("pad", ok))
        );
        let reason = (TestOutcome::Skipped, Some("needs a, network"));
        assert_eq!(result("test a ... ignored, needs a, network"), Some(ResultLine::Whole("a", reason)));
        let reason = (TestOutcome::Skipped, Some("no engine (it is off)"));
        assert_eq!(
            result("test a   ... ignored (no engine (it is off))"),
            Some(ResultLine::Whole("a", reason))
        );
        assert_eq!(result("##test a ... ok"), Some(ResultLine::Behind("a", ok)));
        assert_eq!(result("test a ... rawok"), Some(ResultLine::Torn("a", Some(ok))));
        assert_eq!(result("test a ... "), Some(ResultLine::Torn("a", None)));
        assert_eq!(result("a test is running ..."), None);
    }

    #[test]
    fn counts() {
        let line = "test result: FAILED. 6 passed; 7 failed; 2 ignored; 1 measured; 3 filtered out; finished in 0.40s";
        assert_eq!(summary(line), Some(Summary { passed: 7, failed: 7, ignored: 2 }));
        assert_eq!(summary("test result: ok. 1 passed"), None);
        assert_eq!(running("running 1 test"), Some((1, false)));
        assert_eq!(running("running 12 tests (shuffle seed: 5)"), Some((12, true)));
        assert_eq!(running("running 12 testers"), None);
    }

    #[test]
    fn words_of_cargo() {
        assert_eq!(
            cargo_failed("test b ... error: test failed, to rerun pass `-p b --lib`"),
            Some("test b ... ")
        );
        let line =
            "  process didn't exit successfully: `/t/a (b)` (signal: 6, SIGABRT: process abort signal)";
        assert_eq!(process_end(line), Some("signal: 6, SIGABRT: process abort signal"));
        assert_eq!(running_long("test b has been running for over 60 seconds"), Some(("b", 60)));
    }

    #[test]
    fn paths_are_told_from_file_names() {
        assert!(is_path("tests::größe_名前") && is_path("a") && is_path("m::{closure#0}"));
        assert!(!is_path("tests/ui/a.rs") && !is_path("") && !is_path("a::") && !is_path("two words"));
    }

    proptest! {
        #[test]
        fn any_line_is_survived(line in "(test |running |test result: ok. | ... |ok|FAILED|; | passed|     Running | \\(|\\)|`|error: test failed, to rerun pass `|[ -~ä名]){0,12}") {
            let _ = (header(&line), running(&line), result(&line), summary(&line), cargo_failed(&line));
            let _ = (process_end(&line), running_long(&line), output_head(&line), is_path(&line));
        }
    }
}
