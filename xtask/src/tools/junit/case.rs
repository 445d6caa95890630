//! What a `<testcase>` says, and the test case that it comes to.

use super::{Naming, value};
use crate::kit::text;
use crate::model::test::{Attempt, TestCase, TestKind, TestOutcome};
use crate::tools::test_output::cause;
use crate::tools::test_output::tail::Tail;

/// Which element tells of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// `<failure>` or `<error>`: the first attempt, where there are later ones.
    Bad,
    /// `<skipped>`.
    Skipped,
    /// `<flakyFailure>` or `<flakyError>`: an attempt before one that passed.
    Flaky,
    /// `<rerunFailure>` or `<rerunError>`: a later attempt.
    Rerun,
}

impl Status {
    /// The status that an element of this name tells.
    #[must_use]
    pub fn of(element: &[u8]) -> Option<Self> {
        Some(match element {
            b"failure" | b"error" => Self::Bad,
            b"skipped" => Self::Skipped,
            b"flakyFailure" | b"flakyError" => Self::Flaky,
            b"rerunFailure" | b"rerunError" => Self::Rerun,
            _ => return None,
        })
    }
}

/// What is printed in an element, in the three places where it can stand.
#[derive(Clone, Debug, Default)]
pub struct Printed {
    /// The text of the element itself, and of a `<stackTrace>`.
    pub text: Tail,
    /// `<system-out>`.
    pub out: Tail,
    /// `<system-err>`.
    pub err: Tail,
}

/// An element inside a case that tells how it ended.
#[derive(Clone, Debug)]
pub struct Element {
    /// Which.
    pub status: Status,
    /// `message`.
    pub message: Option<String>,
    /// `type`.
    pub kind: Option<String>,
    /// `time`.
    pub time: Option<String>,
    /// What stands in it.
    pub printed: Printed,
}

/// A `<testcase>` as it stands in the file.
#[derive(Clone, Debug, Default)]
pub struct RawCase {
    /// The innermost suite that has a name.
    pub suite: Option<String>,
    /// `name`.
    pub name: String,
    /// `classname`.
    pub class: Option<String>,
    /// `time`.
    pub time: Option<String>,
    /// Its elements, in order.
    pub elements: Vec<Element>,
    /// What was printed.
    pub printed: Printed,
}

/// The type that nextest gives to a test that it ended, in `junit.rs` of its reporter.
const TIMEOUT: &str = "test timeout";
/// The prefix of suites that are scripts which nextest runs before tests.
const SCRIPT: &str = "@setup-script:";

impl RawCase {
    /// The test case, unless it is none.
    #[must_use]
    pub fn finish(self, naming: &Naming) -> Option<TestCase> {
        let (package, binary, name) = self.names(naming);
        let bad = self.elements.iter().any(|element| element.status == Status::Bad);
        let skipped = self.elements.iter().any(|element| element.status == Status::Skipped);
        if *naming == Naming::Nextest && binary.starts_with(SCRIPT) && !bad {
            return None;
        }
        let time = self.time.as_deref().and_then(value::milliseconds);
        let case = TestCase {
            name,
            package,
            binary,
            kind: TestKind::Test,
            outcome: TestOutcome::Passed,
            duration_ms: time,
            message: None,
            output: String::new(),
            earlier: Vec::new(),
        };
        Some(match (bad, skipped) {
            (true, _) => self.bad(case),
            (false, true) => {
                let skip = self.elements.into_iter().find(|element| element.status == Status::Skipped);
                TestCase {
                    outcome: TestOutcome::Skipped,
                    duration_ms: None,
                    message: skip.and_then(reason),
                    ..case
                }
            }
            (false, false) => {
                let earlier = self.elements.into_iter().map(|element| attempt(&case.name, element)).collect();
                TestCase { earlier, ..case }
            }
        })
    }

    /// Package, binary and name.
    fn names(&self, naming: &Naming) -> (String, String, String) {
        match naming {
            Naming::Nextest => {
                let binary = self.suite.clone().or_else(|| self.class.clone()).unwrap_or_default();
                let package = binary.split("::").next().unwrap_or_default().to_owned();
                (package, binary, self.name.clone())
            }
            Naming::Foreign { package } => {
                let binary = self.suite.clone().unwrap_or_else(|| package.clone());
                let class = self
                    .class
                    .as_deref()
                    .filter(|class| !class.is_empty() && **class != binary && !self.name.starts_with(class));
                let name = class.map_or_else(|| self.name.clone(), |class| format!("{class}::{}", self.name));
                (package.clone(), binary, name)
            }
        }
    }

    /// A case that failed on its last attempt. The failure itself is the first attempt; the reruns came after it.
    /// Flaky attempts came before it: nextest can be told to fail a test that passed at last.
    fn bad(self, case: TestCase) -> TestCase {
        let mut before = Vec::new();
        let mut first: Option<Element> = None;
        let mut after = Vec::new();
        for element in self.elements {
            match element.status {
                Status::Flaky => before.push(attempt(&case.name, element)),
                Status::Rerun => after.push(attempt(&case.name, element)),
                Status::Bad if first.is_none() => first = Some(element),
                // A second failure of the same attempt adds what it says.
                Status::Bad => {
                    if let Some(first) = &mut first {
                        first.printed.text.push_line("");
                        first.printed.text.push(element.printed.text.kept());
                        if element.kind.as_deref() == Some(TIMEOUT) {
                            first.kind = element.kind;
                        }
                    }
                }
                Status::Skipped => {}
            }
        }
        let Some(mut first) = first else { return case };
        first.printed.out = self.printed.out;
        first.printed.err = self.printed.err;
        let first = Attempt { duration_ms: case.duration_ms, ..attempt(&case.name, first) };
        let mut attempts = before;
        attempts.push(first);
        attempts.extend(after);
        let Some(last) = attempts.pop() else { return case };
        let Attempt { outcome, duration_ms, message, output } = last;
        TestCase { outcome, duration_ms, message, output, earlier: attempts, ..case }
    }
}

/// The reason of a skip. Nextest writes the same for each ignored test, as it is not told the reason: none then.
fn reason(skip: Element) -> Option<String> {
    let text = skip.printed.text.finish();
    let reason = skip.message.filter(|message| !message.trim().is_empty()).or(Some(text))?;
    match reason.trim() {
        "" | "Skipped: test does not match the run-ignored option" => None,
        reason => Some(reason.to_owned()),
    }
}

/// A failed attempt.
fn attempt(name: &str, element: Element) -> Attempt {
    let duration_ms = element.time.as_deref().and_then(value::milliseconds);
    let outcome = match element.kind.as_deref() {
        Some(TIMEOUT) => TestOutcome::TimedOut,
        _ => TestOutcome::Failed,
    };
    let told = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let text = element.printed.text.finish();
    let (out, err) = (element.printed.out.finish(), element.printed.err.finish());
    let message = match outcome {
        TestOutcome::TimedOut => told(element.message).or_else(|| {
            Some(duration_ms.map_or_else(
                || "it ran longer than it may".to_owned(),
                |ran| format!("it was ended after {}", text::millis(ran)),
            ))
        }),
        // Of a panic that was not as expected nextest tells the panic, and libtest what was expected.
        _ if cause::note(&out).is_some() => cause::note(&out),
        // A message of nextest's names the place of a panic; the text below it holds the cause.
        _ if cause::panic_head(text.trim_start()).is_some() => cause::of(name, &text),
        _ => told(element.message).or_else(|| cause::of(name, &text)).or_else(|| told(element.kind)),
    };
    let message = message.map(|message| one_line(&message));
    let mut output = Tail::default();
    let out = without_frame(&out, name);
    for part in [&text, &out, &err] {
        // Nextest repeats what it found in the output as the text of the failure.
        let repeated = std::ptr::eq(part, &raw const text)
            && (out.contains(part.as_str()) || err.contains(part.as_str()));
        if !part.is_empty() && !repeated {
            output.push_line(part);
        }
    }
    Attempt { outcome, duration_ms, message, output: output.finish() }
}

fn one_line(message: &str) -> String {
    let line = message.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    text::shorten(line.trim(), 300)
}
/// Without the lines that libtest prints around a single failed test: they say nothing that the case does not say.
fn without_frame(out: &str, name: &str) -> String {
    let verdict = format!("test {name} ... FAILED");
    let listed = format!("    {name}");
    let is_frame = |line: &str| {
        ["running 1 test", "failures:", &verdict, &listed].contains(&line)
            || line.starts_with("test result: FAILED. 0 passed; 1 failed; ")
    };
    if !out.lines().any(|line| line == verdict) {
        return out.to_owned();
    }
    let kept: Vec<&str> = out.lines().filter(|line| !is_frame(line)).collect();
    let kept = kept.join("\n");
    if kept.trim().is_empty() { String::new() } else { kept.trim_matches('\n').to_owned() + "\n" }
}
