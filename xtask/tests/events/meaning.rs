//! What each recorded event means and who is trusted, against a table; and that a payload which is not what GitHub
//! documents is an error and never a guess.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use xtask::model::context::{Checkout, Context, ContextError, Event, Surroundings, decode};

/// The kinds that a pipeline runs on.
const KNOWN: [&str; 7] =
    ["merge_group", "pull_request", "push", "release", "schedule", "workflow_dispatch", "workflow_run"];

/// An event as a workflow gets it.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) event: String,
    pub(crate) git_ref: String,
    pub(crate) payload: Value,
}

pub(crate) fn recorded() -> Vec<Recorded> {
    let files = [include_str!("recorded.json"), include_str!("own.json")];
    let rows = files.iter().flat_map(|text| {
        let file: Value = serde_json::from_str(text).unwrap();
        file["events"].as_array().unwrap().clone()
    });
    let one = |row: Value| {
        let (event, payload) = (row["event"].as_str().unwrap().to_owned(), row["payload"].clone());
        let git_ref = row["ref"].as_str().map_or_else(|| usual_ref(&event, &payload), ToOwned::to_owned);
        Recorded { event, git_ref, payload }
    };
    rows.map(one).collect()
}

/// What GitHub sets as `GITHUB_REF`. Source: its documentation, "Events that trigger workflows".
fn usual_ref(event: &str, payload: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match event {
        "push" | "workflow_dispatch" => text(&payload["ref"]),
        "pull_request" => format!("refs/pull/{}/merge", payload["number"]),
        "merge_group" => text(&payload["merge_group"]["head_ref"]),
        "release" => format!("refs/tags/{}", text(&payload["release"]["tag_name"])),
        _ => format!("refs/heads/{}", payload["repository"]["default_branch"].as_str().unwrap_or("main")),
    }
}

impl Recorded {
    pub(crate) fn variables(&self) -> BTreeMap<String, String> {
        [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", &self.event),
            ("GITHUB_REF", &self.git_ref),
            ("GITHUB_SHA", "5fa8c0ffee5fa8c0ffee5fa8c0ffee5fa8c0ffee"),
            ("GITHUB_REPOSITORY", "Codertocat/Hello-World"),
            ("GITHUB_ACTOR", "octocat"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    pub(crate) fn decoded(&self) -> Result<Context, ContextError> {
        let payload = self.payload.to_string();
        let checkout = Checkout::default();
        decode(Surroundings { env: &self.variables(), payload: Some(&payload), checkout: &checkout })
    }

    /// One line: the event, and what it means.
    fn told(&self) -> String {
        let action = self.payload["action"].as_str().unwrap_or("-");
        let meaning = match self.decoded() {
            Ok(context) => {
                let commit = context.head_sha.as_deref().unwrap_or("none").get(..7).unwrap_or("short");
                let trust = if context.is_fork() { "a fork's, never pushes" } else { "ours" };
                format!("{}; commit {commit}; {trust}", context.describe())
            }
            Err(error) => format!("refused: {error}"),
        };
        format!("{} {action} {:?}: {meaning:?}", self.event.escape_debug(), self.git_ref)
    }
}

#[test]
fn every_recorded_event_means_what_the_table_says() {
    let lines: BTreeSet<String> = recorded().iter().map(Recorded::told).collect();
    let told = lines.into_iter().collect::<Vec<_>>().join("\n") + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/events/expected.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &told).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    let wrong: Vec<_> = told.lines().filter(|line| !expected.lines().any(|known| known == *line)).collect();
    assert!(told == expected, "not in the table (BLESS=1 writes it):\n{}", wrong.join("\n"));
}

#[test]
fn a_kind_that_a_pipeline_cannot_run_on_is_named() {
    let all = recorded();
    let kinds: BTreeSet<&str> = all.iter().map(|one| one.event.as_str()).collect();
    assert!(KNOWN.iter().all(|known| kinds.contains(known)) && kinds.len() > 55, "{kinds:?}");
    for one in all.iter().filter(|one| !KNOWN.contains(&one.event.as_str())) {
        let error = one.decoded().unwrap_err().to_string();
        let named = one.event.is_empty() || error.contains(&format!("`{}`", one.event));
        assert!(named && (error.contains("not") || error.contains("refused")), "{error}");
    }
}

/// The places in a payload, as JSON pointers.
fn places(value: &Value, here: &str, all: &mut Vec<String>) {
    if let Value::Object(fields) = value {
        for (name, inner) in fields {
            let place = format!("{here}/{name}");
            places(inner, &place, all);
            all.push(place);
        }
    }
}

/// Takes a place out, or puts something else there.
fn change(payload: &mut Value, place: &str, new: Option<Value>) {
    let (parent, name) = place.rsplit_once('/').unwrap();
    let parent = payload.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match new {
        Some(new) => parent.insert(name.to_owned(), new),
        None => parent.remove(name),
    };
}

/// All texts of a value.
fn texts(value: &Value, all: &mut Vec<String>) {
    match value {
        Value::String(text) => all.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, all)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, all)),
        _ => {}
    }
}

fn odd() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        Just(None),
        Just(Some(Value::Null)),
        any::<bool>().prop_map(|value| Some(json!(value))),
        any::<i64>().prop_map(|value| Some(json!(value))),
        Just(Some(json!(1e300))),
        Just(Some(json!([]))),
        Just(Some(json!({}))),
        Just(Some(json!([{ "full_name": "eve/trap", "sha": "0" }]))),
        Just(Some(json!(""))),
        "\\PC{0,12}".prop_map(|value| Some(json!(value))),
    ]
}

proptest! {
    #[test]
    fn a_payload_with_a_field_missing_or_odd_is_refused_or_read_and_never_guessed(
        which in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), odd()), 1..4),
    ) {
        let known: Vec<Recorded> =
            recorded().into_iter().filter(|one| one.decoded().is_ok()).collect();
        let original = which.get(&known);
        let was_fork = original.decoded().unwrap().is_fork();
        let mut changed = original.clone();
        let mut foreign = false;
        for (place, new) in changes {
            let mut all = Vec::new();
            places(&changed.payload, "", &mut all);
            if !all.is_empty() {
                let place = place.get(&all);
                // Whoever writes the payload may of course say that a commit is ours.
                foreign |= place.ends_with("full_name") || place.ends_with("repository");
                change(&mut changed.payload, place, new);
            }
        }
        let Ok(context) = changed.decoded() else { return Ok(()) };
        let mut given: Vec<String> = changed.variables().into_values().collect();
        texts(&changed.payload, &mut given);
        let mut made = Vec::new();
        texts(&serde_json::to_value(&context).unwrap()["event"], &mut made);
        for text in made.iter().filter(|text| **text != kind(&context.event)) {
            let is_given = given.iter().any(|given| given.contains(text.as_str()));
            prop_assert!(is_given, "{text:?} is from nowhere: {}", changed.payload);
        }
        let head = context.head_sha.unwrap_or_default();
        prop_assert!(head.len() >= 7 && head.bytes().all(|byte| byte.is_ascii_hexdigit()), "{head:?}");
        let is_fork = matches!(&context.event, Event::PullRequest(it) if it.fork)
            || matches!(context.event, Event::WorkflowRun { fork: true, .. });
        prop_assert!(is_fork || !was_fork || foreign, "a fork became ours: {}", changed.payload);
    }
}

/// How the event calls itself in the record.
fn kind(event: &Event) -> String {
    serde_json::to_value(event).unwrap()["kind"].as_str().unwrap().to_owned()
}
