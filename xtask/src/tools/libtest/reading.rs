//! What a run of `cargo test` came to.

use crate::model::test::TestCase;

/// A test that has no result, and did nothing to be blamed for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unfinished {
    /// The binary, as nextest names it.
    pub binary: String,
    /// The test; none when names are not known, or when none of the binary's tests ran.
    pub name: Option<String>,
}

/// Tests that were running when their process ended: at least one of them ended it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspects {
    /// The binary, as nextest names it.
    pub binary: String,
    /// The tests, each with a case that says it failed.
    pub names: Vec<String>,
}

/// The facts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Tests with a result, in the order of the binaries.
    pub cases: Vec<TestCase>,
    /// Tests without one; each can be run again with `--exact`.
    pub unfinished: Vec<Unfinished>,
    /// Of the cases: tests of which some may be innocent; each alone tells.
    pub suspects: Vec<Suspects>,
    /// The first errors of the compiler, when it was not built.
    pub did_not_compile: Option<String>,
    /// More was read than whole lines of libtest's own, or not all that it announced: where the names of the tests were
    /// not known beforehand, they may tell more. Otherwise they would add nothing.
    pub unclear: bool,
    /// What a reader of the report should know.
    pub notes: Vec<String>,
    /// Something does not agree, so that the cases cannot be taken for the whole truth: the run is inconclusive,
    /// unless a case failed.
    pub doubtful: bool,
    /// One of the doubts would stay if all that is unfinished had a result.
    pub lasting: bool,
}

impl Reading {
    /// Notes something that does not agree.
    pub fn doubt(&mut self, note: String) {
        self.doubt_until_finished(note);
        self.lasting = true;
    }

    /// Notes something that agrees as soon as all that is unfinished has a result.
    pub fn doubt_until_finished(&mut self, note: String) {
        self.notes.push(note);
        self.doubtful = true;
    }
}
