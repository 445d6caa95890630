//! What the steps of a run have learnt, before anything is judged.

use super::coverage::CoverageRecord;
use super::finding::Finding;
use super::image::ImageRecord;
use super::test::TestCase;

/// The facts of one step, or of a whole run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// What linters and scanners found.
    pub findings: Vec<Finding>,
    /// Tests that ran, or were seen and left out.
    pub tests: Vec<TestCase>,
    /// What the tests ran of the sources.
    pub coverage: Option<CoverageRecord>,
    /// Images that were built, pushed, pulled, run or scanned.
    pub images: Vec<ImageRecord>,
    /// Sentences that a reader of the report should know, such as which runner was used and why.
    pub notes: Vec<String>,
    /// Files that belong to the report, relative to the workspace root.
    pub artifacts: Vec<String>,
}

impl Facts {
    /// Facts of a linter.
    #[must_use]
    pub fn of_findings(findings: Vec<Finding>) -> Self {
        Self { findings, ..Self::default() }
    }

    /// Facts of a test run.
    #[must_use]
    pub fn of_tests(tests: Vec<TestCase>) -> Self {
        Self { tests, ..Self::default() }
    }

    /// Facts about images.
    #[must_use]
    pub fn of_images(images: Vec<ImageRecord>) -> Self {
        Self { images, ..Self::default() }
    }

    /// Takes over the facts of another step.
    pub fn absorb(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.tests.extend(other.tests);
        self.coverage = self.coverage.take().or(other.coverage);
        ImageRecord::merge(&mut self.images, other.images);
        self.notes.extend(other.notes);
        self.artifacts.extend(other.artifacts);
    }
}
