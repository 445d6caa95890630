//! Reads the text of `cargo test` as it arrives, where nextest is not installed: standard output and standard error
//! on one pipe, so that cargo's headers and libtest's results keep their order. Runs nothing and reads no clock;
//! the caller tells when each line arrived.
//!
//! The text is not a format: tests can print into it. What libtest and cargo count and say at the end is held
//! against the lines, and what does not agree is told ([`reading::Reading::doubtful`]) rather than guessed.

pub mod block;
mod conclusion;
pub mod crash;
pub mod line;
pub mod reading;
pub mod schedule;
pub mod section;
pub mod settle;
pub mod targets;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

use self::line::Header;
use self::reading::{Reading, Unfinished};
use self::section::Section;
use self::targets::{Target, Targets};
use crate::kit;
use crate::model::command::End;
use crate::model::test::TestKind;
use crate::tools::compile_errors::CompileErrors;

/// A test that runs, or some test when its name is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningTest {
    /// The binary, as nextest names it.
    pub binary: String,
    /// Its name, if it is known.
    pub name: Option<String>,
    /// Since when it runs; without a name, at least since then. Measured as the times of the lines are.
    pub since: Duration,
}

/// The state of reading.
#[derive(Debug)]
pub struct Reader {
    targets: Targets,
    threads: usize,
    errors: CompileErrors,
    section: Option<Section>,
    begun: BTreeSet<String>,
    reading: Reading,
}

impl Reader {
    /// A reader for a run with `--test-threads THREADS`.
    #[must_use]
    pub fn new(targets: Targets, threads: usize) -> Self {
        let reading = Reading::default();
        Self {
            targets,
            threads,
            errors: CompileErrors::default(),
            section: None,
            begun: BTreeSet::new(),
            reading,
        }
    }

    /// Takes what is about to run, when it was not known at the start; before any of it is announced.
    pub fn expect(&mut self, targets: Targets) {
        self.targets = targets;
    }

    /// Some executable, or the doctests of some library, was announced.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        !self.begun.is_empty()
    }

    /// When the process that runs now was announced.
    #[must_use]
    pub fn process_began(&self) -> Option<Duration> {
        self.section.as_ref().map(|section| section.began)
    }

    /// Takes one line, without its line feed, and when it arrived since the start of the command.
    pub fn line(&mut self, at: Duration, text: &str) {
        let plain = text.contains('\u{1b}').then(|| kit::text::terminal(text));
        let text = plain.as_deref().unwrap_or(text).trim_end_matches('\r');
        if let Some((before, section)) = self.announced(at, text) {
            self.hand_on_rest(at, before);
            self.conclude(at, None);
            self.section = Some(section);
        } else if let Some(before) = line::cargo_failed(text).filter(|_| self.section.is_some()) {
            self.hand_on_rest(at, before);
            if let Some(section) = &mut self.section {
                section.failed = true;
                section.over = Some(at);
            }
        } else {
            self.hand_on(at, text);
        }
    }

    fn hand_on(&mut self, at: Duration, text: &str) {
        match &mut self.section {
            Some(section) => section.line(at, text, self.threads),
            None => self.errors.line(text),
        }
    }

    /// Hands on what stood before a line of cargo's, if anything did.
    fn hand_on_rest(&mut self, at: Duration, text: &str) {
        if !text.is_empty() {
            self.hand_on(at, text);
        }
    }

    /// The section that a line announces, and what stood before it on the line. A test can print such a line:
    /// when targets are known, only they can be announced.
    fn announced<'a>(&mut self, at: Duration, text: &'a str) -> Option<(&'a str, Section)> {
        let (before, key, target, kind) = match line::header(text)? {
            Header::Executable { before, file } => {
                let unknown = || {
                    let name = line::without_hash(file).to_owned();
                    let target =
                        Target { harness: self.targets.unknown(), ..Target::new(name.clone(), name) };
                    self.targets.is_empty().then_some(target)
                };
                let target = self.targets.of_executable(file).cloned().or_else(unknown)?;
                (before, file.to_owned(), target, TestKind::Test)
            }
            Header::Doctests { before, library } => {
                let unknown = self.targets.is_empty().then_some(library);
                let package = self.targets.of_library(library).or(unknown)?;
                let target = Target::new(package, format!("{package} (doctests)"));
                (before, format!("doctests of {library}"), target, TestKind::Doctest)
            }
        };
        if !self.begun.insert(key) {
            self.reading.doubt(format!("{}: announced twice; a test may print such a line", target.binary));
        }
        Some((before, Section::new(target, kind, at)))
    }

    /// The tests that have been running for `limit` or longer at `now`.
    ///
    /// Exact when the names of the tests are known ([`Targets::listing`]) and the harness is the standard one.
    /// Otherwise a test is found when libtest itself calls it slow (after 60 seconds, with more than one thread),
    /// or, without a name, when no test has ended for that long.
    #[must_use]
    pub fn overdue(&self, now: Duration, limit: Duration) -> Vec<RunningTest> {
        let Some(section) = &self.section else { return Vec::new() };
        let binary = &section.target.binary;
        let test = |(name, since)| RunningTest { binary: binary.clone(), name, since };
        section.overdue(now, limit).into_iter().map(test).collect()
    }

    /// Comes to a conclusion, at the end of the command.
    #[must_use]
    pub fn finish(mut self, at: Duration, end: End) -> Reading {
        let built = self.section.is_some();
        let cut = (!matches!(end, End::Exited(_))).then_some(end);
        self.conclude(at, cut);
        let mut reading = self.reading;
        let bad = reading.cases.iter().filter(|case| case.outcome.is_bad()).count();
        if !built && end != End::Exited(0) {
            let errors = self.errors.finish();
            if matches!(end, End::Exited(_)) {
                reading.doubt(format!("cargo ended before any test ran: {end}"));
            }
            reading.did_not_compile = errors;
        }
        match end {
            End::Exited(0) if bad > 0 => {
                reading.doubt("tests failed by their lines, and cargo ended with exit code 0".to_owned());
            }
            End::Exited(0) => {}
            End::Exited(_) if built && bad == 0 => {
                reading.doubt(format!("no test failed by its line, and cargo failed: {end}"));
            }
            End::Exited(_) => {}
            End::Signalled(_) | End::TimedOut(_) | End::Cancelled => {
                let note = format!("cargo did not come to its end: {end}");
                // A test that hangs ends cargo: its case says why, and the others are unfinished.
                let told = matches!(end, End::TimedOut(_)) && (bad > 0 || !reading.unfinished.is_empty());
                if built && told {
                    reading.doubt_until_finished(note);
                } else {
                    reading.doubt(note);
                }
            }
        }
        if built || end == End::Exited(0) {
            let left = self.targets.executables().filter(|(file, _)| !self.begun.contains(*file));
            let left: Vec<Unfinished> =
                left.map(|(_, target)| Unfinished { binary: target.binary.clone(), name: None }).collect();
            if !left.is_empty() {
                let names: Vec<&str> = left.iter().map(|left| left.binary.as_str()).collect();
                reading.doubt_until_finished(format!("never run: {}", names.join(", ")));
                reading.unfinished.extend(left);
            }
        }
        reading.unclear |= reading.doubtful || !reading.unfinished.is_empty();
        reading
    }

    fn conclude(&mut self, at: Duration, cut: Option<End>) {
        if let Some(section) = self.section.take() {
            let cut = cut.filter(|_| section.over.is_none());
            section.conclude(at, cut, &mut self.reading);
        }
    }
}
