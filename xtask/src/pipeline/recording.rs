//! The run record, put together from what the steps brought back.

use std::time::Duration;

use chrono::{SecondsFormat, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Session;
use crate::engine::{Finished, facts_of};
use crate::kit::secret::Redactor;
use crate::kit::text::hex;
use crate::model::command::CommandLine;
use crate::model::finding::tidy;
use crate::model::gate::Gate;
use crate::model::plan::Plan;
use crate::model::record::{
    Host, PlanUsed, Run, RunRecord, SettingsUsed, StepRecord, TestsRecord, Tool, VERSION,
};
use crate::model::verdict::Verdict;

/// What was found out before or beside the run.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The digest of the plan.
    pub plan: String,
    /// The machine.
    pub versions: Versions,
}

/// The toolchain of a run.
#[derive(Clone, Debug, Default)]
pub struct Versions {
    rustc: Option<String>,
    cargo: Option<String>,
}

/// Asks the toolchain for its versions; takes a while, so it is best done while something else runs.
#[must_use]
pub fn versions(session: &Session) -> Versions {
    let version = |program: &str| session.supervisor.first_line(&CommandLine::new(program).arg("--version"));
    Versions { rustc: version("rustc"), cargo: version("cargo") }
}

/// Puts the record together, without any secret: what tools escape is decoded by now, so that nothing hides one.
#[must_use]
pub fn record(
    session: &Session,
    about: &About,
    finished: &[Finished],
    gates: Vec<Gate>,
    verdict: Verdict,
) -> RunRecord {
    let facts = facts_of(finished);
    let duration = session.request.started.elapsed();
    let mut notes: Vec<String> = session.git.note.iter().cloned().collect();
    if session.context.checkout.shallow {
        notes.push(
            "the clone is shallow: history is cut off (`git fetch --unshallow` gets the rest)".to_owned(),
        );
    }
    notes.extend(facts.notes);
    let record = RunRecord {
        version: VERSION,
        tool: Tool { name: "slipway".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        run: run(session, duration, &about.versions),
        settings: SettingsUsed { digest: session.loaded.digest(), layers: session.loaded.layers() },
        plan: PlanUsed { digest: about.plan.clone() },
        context: session.context.clone(),
        steps: finished.iter().map(step).collect(),
        tests: TestsRecord::of(facts.tests),
        coverage: facts.coverage,
        images: facts.images,
        findings: tidy(facts.findings),
        notes,
        gates,
        verdict,
    };
    without_secrets(&session.supervisor.redactor, record)
}

fn without_secrets(redactor: &Redactor, mut record: RunRecord) -> RunRecord {
    let RunRecord { steps, tests, images, findings, gates, .. } = &mut record;
    // One by one: the texts of a whole run twice over would be a lot to hold.
    let told = steps.len() + tests.cases.len() + images.len() + findings.len() + gates.len();
    *steps = steps.drain(..).filter_map(|step| clean(redactor, step)).collect();
    tests.cases = tests.cases.drain(..).filter_map(|case| clean(redactor, case)).collect();
    *images = images.drain(..).filter_map(|image| clean(redactor, image)).collect();
    *findings = findings.drain(..).filter_map(|finding| clean(redactor, finding)).collect();
    *gates = gates.drain(..).filter_map(|gate| clean(redactor, gate)).collect();
    let left_out = told - (steps.len() + tests.cases.len() + images.len() + findings.len() + gates.len());
    let measured = record.coverage.take();
    let left_out = left_out + usize::from(measured.is_some());
    record.coverage = measured.and_then(|coverage| clean(redactor, coverage));
    let left_out = left_out - usize::from(record.coverage.is_some());
    if left_out > 0 {
        record.notes.push(format!("{left_out} parts of the record could not be freed of secrets: left out"));
    }
    for text in
        record.notes.iter_mut().chain(&mut record.verdict.reasons).chain(&mut record.verdict.advisories)
    {
        *text = redactor.redact(text);
    }
    if let Some(context) = clean(redactor, record.context.clone()) {
        record.context = context;
    }
    record
}

/// A value with no secret in any of its texts; none when it could not be put together again, which would be a mistake
/// of ours.
pub(super) fn clean<T: Serialize + DeserializeOwned>(redactor: &Redactor, value: T) -> Option<T> {
    if redactor.values().next().is_none() {
        return Some(value);
    }
    let mut tree = serde_json::to_value(value).ok()?;
    redact(redactor, &mut tree);
    serde_json::from_value(tree).ok()
}

/// Fields whose words are ours: a password that happens to be `passed` must not make a record that nobody can read.
const OURS: [&str; 11] =
    ["id", "kind", "level", "log", "measured", "metric", "mode", "outcome", "status", "step", "verdict"];

fn redact(redactor: &Redactor, value: &mut Value) {
    match value {
        Value::String(text) => *text = redactor.redact(text),
        Value::Array(values) => values.iter_mut().for_each(|value| redact(redactor, value)),
        Value::Object(fields) => {
            // A text below one of these names is ours; what is more than a text is looked into.
            let theirs = fields
                .iter_mut()
                .filter(|(name, value)| !(value.is_string() && OURS.contains(&name.as_str())));
            theirs.for_each(|(_, value)| redact(redactor, value));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// SHA-256 of the steps and their commands, in hexadecimal.
#[must_use]
pub fn digest(plan: &Plan) -> String {
    let mut digest = Sha256::new();
    for step in &plan.steps {
        digest.update(format!("{}\n{}\n{}\n", step.id, step.needs.join(" "), step.after.join(" ")));
        for command in &step.commands {
            digest.update(format!("  {command}\n"));
        }
    }
    hex(&digest.finalize())
}

fn run(session: &Session, duration: Duration, versions: &Versions) -> Run {
    let env = &session.request.env;
    let started = Utc::now() - chrono::Duration::from_std(duration).unwrap_or_default();
    let url = || {
        let [server, repository, id] =
            ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"].map(|name| env.get(name));
        Some(format!("{}/{}/actions/runs/{}", server?, repository?, id?))
    };
    Run {
        id: match env.get("GITHUB_RUN_ID").filter(|_| session.context.is_ci()) {
            Some(id) => id.clone(),
            None => format!("local-{}-{}", started.format("%Y%m%dT%H%M%SZ"), std::process::id()),
        },
        attempt: env.get("GITHUB_RUN_ATTEMPT").and_then(|attempt| attempt.parse().ok()).unwrap_or(1),
        url: session.context.is_ci().then(url).flatten(),
        started: started.to_rfc3339_opts(SecondsFormat::Millis, true),
        duration_ms: milliseconds(duration),
        host: Host {
            os: std::env::consts::OS.to_owned(),
            arch: std::env::consts::ARCH.to_owned(),
            cpus: std::thread::available_parallelism()
                .map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX)),
            rustc: versions.rustc.clone(),
            cargo: versions.cargo.clone(),
        },
    }
}

fn step(finished: &Finished) -> StepRecord {
    let Finished { step, outcome, started, duration, log } = finished;
    StepRecord {
        id: step.id.clone(),
        title: step.title.clone(),
        needs: step.needs.clone(),
        status: outcome.status,
        cached: outcome.cached,
        reason: outcome.reason.clone(),
        excerpt: outcome.excerpt.clone(),
        commands: step.commands.iter().map(ToString::to_string).collect(),
        started_ms: started.map(milliseconds),
        duration_ms: milliseconds(*duration),
        log: log.as_ref().map(|name| format!("logs/{name}")),
        artifacts: outcome.facts.artifacts.clone(),
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::secret::Secret;
    use crate::model::coverage::{CoverageRecord, PatchFile, PatchRecord, Share, UncoveredLines};
    use crate::model::finding::{Finding, Level};
    use crate::model::gate::{Decision, Gate, Measure, Mode};
    use crate::model::record::tests::record as sample;
    use crate::model::step::Status;

    const SECRET: &str = r#"pa"ss\w<o>rd&1"#;

    /// A record that holds this text wherever tools put theirs.
    fn holding(text: &str) -> RunRecord {
        let mut record = sample();
        record.findings = vec![Finding {
            rendered: Some(format!("rendered {text}")),
            ..Finding::new("lint.clippy", text, Level::Error, text)
        }];
        record.steps = vec![StepRecord {
            id: "lint.clippy".to_owned(),
            title: text.to_owned(),
            needs: Vec::new(),
            status: Status::Inconclusive,
            cached: false,
            reason: Some(text.to_owned()),
            excerpt: Some(text.to_owned()),
            commands: vec![format!("X={text} sh")],
            started_ms: None,
            duration_ms: 0,
            log: Some("logs/lint.clippy.log".to_owned()),
            artifacts: vec![text.to_owned()],
        }];
        record.gates = vec![Gate {
            id: "lint.clippy".to_owned(),
            mode: Mode::ReportOnly,
            metric: "findings".to_owned(),
            measured: Measure::Word(text.to_owned()),
            required: text.to_owned(),
            gap: Some(text.to_owned()),
            verdict: Decision::Inconclusive,
            reason: text.to_owned(),
            remedy: Some(text.to_owned()),
            worst: vec![text.to_owned()],
            reproduce: Some(text.to_owned()),
        }];
        let lines = UncoveredLines { start: 1, end: 1, code: Some(text.to_owned()) };
        let file = PatchFile { path: text.to_owned(), share: Share::default(), uncovered: vec![lines] };
        let patch = PatchRecord { base: Some(text.to_owned()), files: vec![file], ..PatchRecord::default() };
        record.coverage = Some(CoverageRecord { patch: Some(patch), ..CoverageRecord::default() });
        record.notes = vec![text.to_owned()];
        record.verdict.reasons = vec![text.to_owned()];
        record.verdict.advisories = vec![text.to_owned()];
        record
    }

    #[test]
    fn no_text_of_the_record_keeps_a_secret() {
        let redactor = Redactor::new([Secret::new(SECRET)]);
        assert_eq!(without_secrets(&redactor, holding(SECRET)), holding("***"));
    }

    #[test]
    fn a_secret_that_is_one_of_our_words_leaves_the_record_readable() {
        let words = ["inconclusive", "report-only", "findings", "lint.clippy", "passed", "doctest"];
        let redactor = Redactor::new(words.map(Secret::new));
        assert_eq!(without_secrets(&redactor, holding("fine")), holding("fine"));
    }
}
