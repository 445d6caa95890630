//! A rich record for the tests of the renderers: all outcomes, all levels, and text that means harm.

mod image;

use crate::model::context::{Checkout, Context, Event, PullRequest};
use crate::model::coverage::{
    Backend, BaselineRecord, CoverageRecord, FileCoverage, PackageCoverage, PatchFile, PatchRecord, Share,
    Totals, UncoveredLines,
};
use crate::model::finding::{Finding, Level, Location};
use crate::model::gate::{Decision, Gate, Measure, Mode};
use crate::model::percent::Percent;
use crate::model::record::tests::{self, record};
use crate::model::record::{RunRecord, StepRecord, TestsRecord};
use crate::model::step::Status;
use crate::model::test::{Attempt, TestCase, TestKind, TestOutcome};
use crate::model::verdict::Verdict;

/// Text that tries each target: a terminal, Markdown, HTML, XML, workflow commands.
pub(crate) const HOSTILE: &str = "\u{1b}[31mred\u{1b}[0m @octocat #1 <script>alert(1)</script> [x](http://evil.example) ]]> `tick` \u{0}\u{7}| 50%\n::error::forged\n```\n</details>";

/// A run in which everything happens once.
pub(crate) fn sample() -> RunRecord {
    let mut record = record();
    record.run.id = "4242".to_owned();
    record.run.attempt = 2;
    record.run.url = Some("https://github.com/acme/widgets/actions/runs/4242".to_owned());
    record.run.duration_ms = 93_400;
    record.run.host.rustc = Some("rustc 1.94.0 (0000000000 2026-03-01)".to_owned());
    record.run.host.cargo = Some("cargo 1.94.0 (0000000000 2026-03-01)".to_owned());
    record.settings.layers = vec!["defaults".to_owned(), "slipway.toml".to_owned()];
    record.context = context();
    record.steps = steps();
    record.tests = TestsRecord::of(tests().into_iter().chain(image::checks()).collect());
    record.coverage = Some(coverage());
    record.images = image::images();
    record.findings = findings();
    record.notes = vec![
        "nextest is not installed: the tests ran by cargo test, without retries".to_owned(),
        format!("a branch may be called anything: {HOSTILE}"),
    ];
    record.gates = gates();
    record.verdict = Verdict {
        decision: Decision::Fail,
        mode: Mode::Block,
        exit_code: 1,
        reasons: vec![
            "lint.clippy fail: 4 findings".to_owned(),
            "the disk of the runner is nearly full".to_owned(),
        ],
        advisories: vec!["test.flaky fail: 1 flaky test".to_owned()],
    };
    record
}

fn context() -> Context {
    Context {
        event: Event::PullRequest(PullRequest {
            number: 12,
            action: "synchronize".to_owned(),
            head_sha: "c0ffee".repeat(6) + "c0ff",
            head_branch: "fix/@everyone-<b>".to_owned(),
            head_repository: Some("fork/widgets".to_owned()),
            merge_sha: None,
            base_branch: "main".to_owned(),
            base_sha: "a".repeat(40),
            fork: true,
        }),
        repository: Some("acme/widgets".to_owned()),
        actor: Some("octocat".to_owned()),
        head_sha: Some("c0ffee".repeat(6) + "c0ff"),
        checkout: Checkout::default(),
    }
}

fn step(id: &str, title: &str, status: Status, ran: (u64, u64)) -> StepRecord {
    StepRecord {
        title: title.to_owned(),
        commands: vec![format!("cargo {id} --workspace --locked")],
        started_ms: Some(ran.0),
        duration_ms: ran.1,
        log: Some(format!("logs/{id}.log")),
        ..tests::step(id, status)
    }
}

fn steps() -> Vec<StepRecord> {
    let because = |step: StepRecord, reason: &str| StepRecord { reason: Some(reason.to_owned()), ..step };
    let never = |id, title, status, reason| StepRecord {
        started_ms: None,
        log: None,
        ..because(step(id, title, status, (0, 0)), reason)
    };
    vec![
        StepRecord { cached: true, ..step("lint.fmt", "formatting", Status::Passed, (0, 40)) },
        StepRecord {
            excerpt: Some(format!("error: could not compile\n{HOSTILE}")),
            ..because(step("lint.clippy", "Rust lints", Status::Failed, (40, 21_300)), "4 findings")
        },
        because(step("lint.typos", "spelling", Status::Inconclusive, (60, 900)), "it printed no JSON"),
        because(step("lint.docs", "documentation", Status::Failed, (21_400, 9_000)), "1 finding"),
        never(
            "lint.shellcheck",
            "shell scripts",
            Status::Skipped,
            "shellcheck is not installed (apt-get install shellcheck)",
        ),
        because(
            step("test.suite", "unit and integration tests", Status::Failed, (30_500, 62_000)),
            "3 of 7 tests failed",
        ),
        step("test.doc", "examples in documentation", Status::Passed, (60_000, 5_000)),
        step("image.build", "container image", Status::Passed, (21_400, 12_000)),
        step("image.push", "to the registry", Status::Passed, (33_400, 1_900)),
        step("image.pull", "back by digest", Status::Passed, (35_300, 900)),
        because(
            step("image.check", "structure and size", Status::Failed, (36_200, 150)),
            "1 of 3 checks failed",
        ),
        because(
            step("image.smoke", "runs of the image", Status::Failed, (36_400, 10_600)),
            "1 of 1 checks failed",
        ),
        step("image.scan", "known vulnerabilities", Status::Passed, (36_400, 9_300)),
        never("step.announce", "says that it is there", Status::Cancelled, "image.smoke did not pass"),
    ]
}

fn case(name: &str, outcome: TestOutcome, duration_ms: u64) -> TestCase {
    TestCase {
        name: name.to_owned(),
        package: "widgets".to_owned(),
        binary: "widgets".to_owned(),
        kind: TestKind::Test,
        outcome,
        duration_ms: Some(duration_ms),
        message: None,
        output: String::new(),
        earlier: Vec::new(),
    }
}

fn attempt(outcome: TestOutcome) -> Attempt {
    Attempt {
        outcome,
        duration_ms: Some(15),
        message: Some("connection refused <127.0.0.1>".to_owned()),
        output: format!("first attempt\n{HOSTILE}"),
    }
}

fn tests() -> Vec<TestCase> {
    let assertion = "assertion `left == right` failed\n  left: \"<b>\"\n right: \"@octocat\"";
    vec![
        case("parse::reads_a_number", TestOutcome::Passed, 3),
        case("parse::reads_a_word", TestOutcome::Passed, 1_250),
        case("parse::reads_a_list", TestOutcome::Passed, 12),
        TestCase {
            message: Some("assertion `left == right` failed".to_owned()),
            output: format!(
                "running 1 test\nthread 'render::escapes' panicked at widgets/src/render.rs:31:9:\n{assertion}\n{HOSTILE}\n"
            ),
            ..case("render::escapes", TestOutcome::Failed, 120)
        },
        TestCase {
            message: Some(HOSTILE.to_owned()),
            output: "boom".to_owned(),
            earlier: vec![attempt(TestOutcome::Failed)],
            ..case("render::@octocat<b>|x", TestOutcome::Failed, 7)
        },
        TestCase {
            binary: "widgets::it".to_owned(),
            message: Some("ran longer than 60.0 s".to_owned()),
            output: "waiting for the server\n".to_owned(),
            ..case("serves_forever", TestOutcome::TimedOut, 60_000)
        },
        TestCase {
            binary: "widgets::it".to_owned(),
            earlier: vec![attempt(TestOutcome::Failed)],
            ..case("reconnects", TestOutcome::Passed, 230)
        },
        TestCase {
            binary: "widgets::it".to_owned(),
            duration_ms: None,
            message: Some("needs a database".to_owned()),
            ..case("migrates", TestOutcome::Skipped, 0)
        },
        TestCase { kind: TestKind::Doctest, ..case("src/lib.rs - parse (line 3)", TestOutcome::Passed, 410) },
        TestCase {
            kind: TestKind::Doctest,
            duration_ms: None,
            message: Some("Test executable failed (exit status: 101).".to_owned()),
            output: "thread 'main' panicked at src/lib.rs:4:1:\nexplicit panic\n".to_owned(),
            ..case("src/lib.rs - render (line 9)", TestOutcome::Failed, 0)
        },
    ]
}

fn findings() -> Vec<Finding> {
    let clippy = |rule: &str, level, message: &str, line| Finding {
        url: Some(format!("https://rust-lang.github.io/rust-clippy/stable/index.html#{rule}")),
        rendered: Some(format!("{}: {message}\n --> widgets/src/a b.rs:{line}:5\n", Level::word(level))),
        ..Finding::new("lint.clippy", format!("clippy::{rule}"), level, message).at(Location::at(
            "widgets/src/a b.rs",
            line,
            5,
        )
        .until(line, 17))
    };
    vec![
        clippy("needless_return", Level::Warning, "unneeded `return` statement", 12),
        clippy("needless_return", Level::Warning, "unneeded `return` statement", 40),
        clippy("cognitive_complexity", Level::Note, "the function has a cognitive complexity of 31", 55),
        Finding::new("lint.clippy", "E0308", Level::Error, format!("mismatched types {HOSTILE}"))
            .at(Location::at("widgets/src/größe.rs", 3, 1).until(5, 2)),
        Finding::new(
            "lint.docs",
            "rustdoc::broken_intra_doc_links",
            Level::Error,
            "unresolved link to `Foo`",
        )
        .at(Location::at("/usr/lib/rust/core.rs", 1, 1)),
        Finding::new("lint.docs", "missing_readme", Level::Warning, "the package has no README"),
    ]
}

fn coverage() -> CoverageRecord {
    let share = |covered, total| Share { covered, total };
    let file = |path: &str, covered, total| FileCoverage {
        path: path.to_owned(),
        package: Some("widgets".to_owned()),
        totals: Totals { lines: share(covered, total), ..Totals::default() },
    };
    let lines =
        |start, end, code: Option<&str>| UncoveredLines { start, end, code: code.map(ToOwned::to_owned) };
    let patch = PatchRecord {
        base: Some("main at aaaaaaaaaa".to_owned()),
        problem: None,
        share: share(14, 20),
        not_coverable: 9,
        files: vec![
            PatchFile {
                path: "widgets/src/render.rs".to_owned(),
                share: share(10, 14),
                uncovered: vec![
                    lines(7, 7, None),
                    lines(40, 42, Some("if x < 3 {\n    panic!(\"<script>alert(1)</script> ```\");\n}")),
                ],
            },
            PatchFile {
                path: "widgets/src/größe.rs".to_owned(),
                share: share(4, 6),
                uncovered: vec![lines(1, 2, Some(HOSTILE))],
            },
        ],
        not_measured: vec!["widgets/src/windows.rs".to_owned()],
    };
    let baseline = BaselineRecord {
        path: "coverage-baseline.json".to_owned(),
        commit: Some("b".repeat(40)),
        entries: 7,
        lines: share(1008, 1200),
        best: Percent::of(1010, 1200),
        noise: Percent::from_thousandths(125),
        problem: None,
    };
    let totals = Totals {
        lines: share(1001, 1200),
        functions: share(90, 100),
        regions: share(1600, 2000),
        branches: share(0, 0),
    };
    CoverageRecord {
        backend: Backend { name: "embedded".to_owned(), reason: "no LLVM tool is needed".to_owned() },
        totals,
        packages: vec![PackageCoverage { name: "widgets".to_owned(), totals }],
        files: vec![
            file("widgets/src/lib.rs", 700, 700),
            file("widgets/src/render.rs", 281, 440),
            file("widgets/src/größe.rs", 20, 60),
            file(&format!("widgets/src/{HOSTILE}.rs"), 0, 0),
        ],
        patch: Some(patch),
        baseline: Some(baseline),
        vanished: vec!["widgets/src/old.rs".to_owned()],
        notes: vec![format!("a file may be called anything: {HOSTILE}")],
    }
}

fn gates() -> Vec<Gate> {
    let gate = |id: &str, mode, metric: &str, reason: &str| Gate::pass(id, mode, metric, reason);
    vec![
        gate("lint.fmt", Mode::ReportOnly, "findings", "no finding counts")
            .measured(Measure::Count(0), "0 of level warning or above"),
        gate("lint.clippy", Mode::Block, "findings", "4 findings")
            .measured(Measure::Count(4), "0 of level warning or above")
            .fail("4 too many", "mend them, or say at the place why it is right as it is")
            .worst(["widgets/src/größe.rs:3:1 E0308".to_owned(), format!("x {HOSTILE}")])
            .reproduce(Some("cargo clippy --workspace --all-targets --locked -- -D warnings".to_owned())),
        gate("lint.typos", Mode::Block, "findings", "it printed no JSON")
            .measured(Measure::Nothing, "0 of level warning or above")
            .inconclusive("see the step's log, mend the tool or switch it off in [lint]"),
        gate("lint.docs", Mode::Block, "findings", "1 finding")
            .measured(Measure::Count(1), "0 of level warning or above")
            .fail("1 too many", "mend them, or say at the place why it is right as it is"),
        gate("test.failed", Mode::Block, "failed tests", "4 of 9 tests failed")
            .measured(Measure::Share { part: 4, whole: 9 }, "0, of at least 1")
            .fail("4 too many", "mend the first one; its output is in the report")
            .worst(["widgets render::escapes (failed)".to_owned()])
            .reproduce(Some("RUSTFLAGS='-D warnings' cargo nextest run --workspace --locked".to_owned())),
        gate("test.flaky", Mode::ReportOnly, "flaky tests", "1 flaky test")
            .measured(Measure::Share { part: 1, whole: 9 }, "at most 0")
            .fail("1 too many", "mend what makes them depend on time, order or chance"),
        gate("image.build", Mode::Block, "how the images were built", "the image was built")
            .measured(Measure::Word("passed".to_owned()), "passed, one digest"),
        gate("image.structure", Mode::Block, "failed checks", "1 of 2 checks failed")
            .measured(Measure::Share { part: 1, whole: 2 }, "0, of at least 1")
            .fail("1 too many", "mend the first one; what was seen is in the report")
            .worst(["image widgets structure no file is setuid or setgid".to_owned()]),
        gate("image.size", Mode::Block, "size", "1 limit held")
            .measured(Measure::Bytes(17_300_000), "at most 20 MB"),
        gate("step.audit", Mode::Block, "how the step ended", "passed")
            .measured(Measure::Word("passed".to_owned()), "passed"),
    ]
}

/// A large run in which almost everything passes.
pub(crate) fn large(tests: usize) -> RunRecord {
    let mut record = sample();
    let more = (0..tests).map(|number| {
        let name = format!("module_{}::holds_for_case_{number}", number % 40);
        case(&name, TestOutcome::Passed, (number as u64 * 7919) % 900)
    });
    let cases = record.tests.cases.drain(..).chain(more).collect();
    record.tests = TestsRecord::of(cases);
    record
}
