//! The run record, `reports/run.json`: the only hand-over between jobs, and what every report is rendered from.
//! Version 1: a reader of the same version ignores fields that it does not know; times are RFC 3339 in UTC, durations are
//! milliseconds, sizes are bytes.

use serde::{Deserialize, Serialize};

use super::context::Context;
use super::coverage::CoverageRecord;
use super::finding::Finding;
use super::gate::Gate;
use super::image::ImageRecord;
use super::step::Status;
use super::test::{TestCase, TestKind, TestTotals};
use super::verdict::Verdict;

/// The version of the schema that this toolkit writes.
pub const VERSION: u32 = 1;

/// Everything that is known of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunRecord {
    /// The version of this schema.
    pub version: u32,
    /// What wrote it.
    pub tool: Tool,
    /// Which run it was.
    pub run: Run,
    /// The settings that held.
    pub settings: SettingsUsed,
    /// The plan that was carried out.
    pub plan: PlanUsed,
    /// What happened that it ran, and on which commit.
    pub context: Context,
    /// All steps of the plan, in its order.
    pub steps: Vec<StepRecord>,
    /// All tests.
    pub tests: TestsRecord,
    /// What the tests ran of the sources; none when it was not measured.
    #[serde(default)]
    pub coverage: Option<CoverageRecord>,
    /// Images that were built, pushed, pulled, run or scanned.
    #[serde(default)]
    pub images: Vec<ImageRecord>,
    /// All findings.
    pub findings: Vec<Finding>,
    /// Sentences that a reader should know.
    pub notes: Vec<String>,
    /// All gates.
    pub gates: Vec<Gate>,
    /// The verdict.
    pub verdict: Verdict,
}

/// The toolkit itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Tool {
    /// Always `slipway`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Run {
    /// The CI service's id of the run; on other machines made from time and process.
    pub id: String,
    /// The attempt at this run, from 1.
    pub attempt: u32,
    /// The page of the run on the CI service.
    pub url: Option<String>,
    /// When it started.
    pub started: String,
    /// How long it took.
    pub duration_ms: u64,
    /// The machine.
    pub host: Host,
}

/// The machine that a run ran on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Host {
    /// Operating system, as Rust names it.
    pub os: String,
    /// Processor architecture, as Rust names it.
    pub arch: String,
    /// Processors that it may use.
    pub cpus: u32,
    /// `rustc --version`.
    pub rustc: Option<String>,
    /// `cargo --version`.
    pub cargo: Option<String>,
}

/// The settings of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SettingsUsed {
    /// SHA-256 of the effective settings.
    pub digest: String,
    /// Where they came from, the weakest first.
    pub layers: Vec<String>,
}

/// The plan of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PlanUsed {
    /// SHA-256 of the steps and their commands.
    pub digest: String,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StepRecord {
    /// `GROUP.NAME`.
    pub id: String,
    /// What it does.
    pub title: String,
    /// What it needed.
    pub needs: Vec<String>,
    /// How it ended.
    pub status: Status,
    /// Nothing was run: the inputs are the same as when it last passed.
    pub cached: bool,
    /// Why, when it did not simply pass.
    pub reason: Option<String>,
    /// The last lines of output, when they explain it.
    pub excerpt: Option<String>,
    /// The commands, as a shell takes them.
    pub commands: Vec<String>,
    /// When it started, in milliseconds from the start of the run; none when it did not.
    pub started_ms: Option<u64>,
    /// How long it ran.
    pub duration_ms: u64,
    /// Its log, relative to the reports folder.
    pub log: Option<String>,
    /// Files that it made for the report, relative to the workspace root.
    pub artifacts: Vec<String>,
}

/// The tests of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TestsRecord {
    /// Counts of unit and integration tests.
    pub tests: TestTotals,
    /// Counts of doctests.
    pub doctests: TestTotals,
    /// Counts of assertions about images.
    #[serde(default)]
    pub checks: TestTotals,
    /// Each test.
    pub cases: Vec<TestCase>,
}

impl TestsRecord {
    /// The cases with their counts.
    #[must_use]
    pub fn of(cases: Vec<TestCase>) -> Self {
        let tests = TestTotals::of(&cases, TestKind::Test);
        let doctests = TestTotals::of(&cases, TestKind::Doctest);
        let checks = TestTotals::of(&cases, TestKind::Check);
        Self { tests, doctests, checks, cases }
    }

    /// The failed tests.
    pub fn failed(&self) -> impl Iterator<Item = &TestCase> {
        self.cases.iter().filter(|case| case.outcome.is_bad())
    }

    /// The flaky tests.
    pub fn flaky(&self) -> impl Iterator<Item = &TestCase> {
        self.cases.iter().filter(|case| case.is_flaky())
    }
}

impl RunRecord {
    /// How many steps ended like this.
    #[must_use]
    pub fn steps_that(&self, status: Status) -> usize {
        self.steps.iter().filter(|step| step.status == status).count()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::context::tests::local;
    use crate::model::gate::{Decision, Mode};

    /// A small record to render in tests.
    pub(crate) fn record() -> RunRecord {
        RunRecord {
            version: VERSION,
            tool: Tool { name: "slipway".to_owned(), version: "0.1.0".to_owned() },
            run: Run {
                id: "local-1".to_owned(),
                attempt: 1,
                url: None,
                started: "2026-01-02T03:04:05Z".to_owned(),
                duration_ms: 1234,
                host: Host {
                    os: "linux".to_owned(),
                    arch: "x86_64".to_owned(),
                    cpus: 2,
                    rustc: None,
                    cargo: None,
                },
            },
            settings: SettingsUsed { digest: "0".repeat(64), layers: vec!["defaults".to_owned()] },
            plan: PlanUsed { digest: "1".repeat(64) },
            context: local(),
            steps: Vec::new(),
            tests: TestsRecord::default(),
            coverage: None,
            images: Vec::new(),
            findings: Vec::new(),
            notes: Vec::new(),
            gates: Vec::new(),
            verdict: Verdict {
                decision: Decision::Pass,
                mode: Mode::Block,
                exit_code: 0,
                reasons: Vec::new(),
                advisories: Vec::new(),
            },
        }
    }

    /// A step that has ended, and of which there is nothing else to tell.
    pub(crate) fn step(id: &str, status: Status) -> StepRecord {
        StepRecord {
            id: id.to_owned(),
            title: String::new(),
            needs: Vec::new(),
            status,
            cached: false,
            reason: None,
            excerpt: None,
            commands: Vec::new(),
            started_ms: Some(0),
            duration_ms: 1,
            log: None,
            artifacts: Vec::new(),
        }
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let text = serde_json::to_string(&record()).unwrap();
        assert_eq!(serde_json::from_str::<RunRecord>(&text).unwrap(), record());
    }

    #[test]
    fn the_committed_schema_is_current() {
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(RunRecord)).unwrap() + "\n";
        held("run.schema.json", &schema);
    }

    /// Compares with the committed file; `BLESS=1` rewrites it.
    pub(crate) fn held(name: &str, current: &str) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, current).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == current, "{} is not current: run the tests with BLESS=1", path.display());
    }
}
