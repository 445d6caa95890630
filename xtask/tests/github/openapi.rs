//! The routes in use, as GitHub publishes them: `openapi.json`, cut by `openapi.py` beside it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use jsonschema::Validator;
use serde_json::{Value, json};

const CUT: &str = include_str!("openapi.json");

/// The description.
pub(crate) fn description() -> &'static Value {
    static DESCRIPTION: OnceLock<Value> = OnceLock::new();
    DESCRIPTION.get_or_init(|| serde_json::from_str(CUT).unwrap())
}

/// A route with the values in its path.
pub(crate) struct Found {
    /// `GET /repos/{owner}/{repo}`.
    pub(crate) name: String,
    pub(crate) values: Vec<(String, String)>,
    route: &'static Value,
}

/// The route of a request.
pub(crate) fn find(method: &str, path: &str) -> Option<Found> {
    let routes = description()["routes"].as_object().unwrap();
    routes.iter().find_map(|(name, route)| {
        let (verb, pattern) = name.split_once(' ').unwrap();
        let values = matched(pattern, path).filter(|_| verb == method)?;
        Some(Found { name: name.clone(), values, route })
    })
}

fn matched(pattern: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    let mut values = Vec::new();
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return Some(values),
            (Some(name), Some(value)) if name.starts_with('{') && !value.is_empty() => {
                values.push((name.trim_matches(['{', '}']).to_owned(), value.to_owned()));
            }
            (Some(name), Some(value)) if name == value => {}
            _ => return None,
        }
    }
}

impl Found {
    /// What is wrong with a request.
    pub(crate) fn wrong_request(&self, query: &[(String, String)], body: &[u8]) -> Vec<String> {
        let mut wrong = Vec::new();
        for (name, value) in &self.values {
            wrong.extend(errors(&self.route["path"][name], &typed(&self.route["path"][name], value)));
        }
        for (name, value) in query {
            match self.route["query"].get(name) {
                Some(schema) => wrong.extend(errors(schema, &typed(schema, value))),
                None => wrong.push(format!("there is no parameter {name}")),
            }
        }
        match (self.route.get("body"), body) {
            (None, []) => {}
            (None, _) => wrong.push("a body does not belong here".to_owned()),
            (Some(schema), body) => match serde_json::from_slice(body) {
                Ok(body) => wrong.extend(errors(schema, &body)),
                Err(error) => wrong.push(format!("the body is no JSON: {error}")),
            },
        }
        self.named("request", wrong)
    }

    /// What is wrong with an answer.
    pub(crate) fn wrong_answer(&self, status: u16, body: &[u8]) -> Vec<String> {
        // The description does not list what every route may answer.
        if matches!(status, 401 | 403 | 429) || status >= 500 {
            return Vec::new();
        }
        let Some(answer) = self.route["answers"].get(status.to_string()) else {
            return if status == 404 {
                Vec::new()
            } else {
                self.named("answer", vec![format!("it never is {status}")])
            };
        };
        let wrong = match (answer.get("schema"), body) {
            (None, []) => Vec::new(),
            (None, _) => vec!["a body does not belong here".to_owned()],
            (Some(schema), body) => match serde_json::from_slice(body) {
                Ok(body) => errors(schema, &body),
                Err(error) => vec![format!("the body is no JSON: {error}")],
            },
        };
        self.named("answer", wrong)
    }

    /// GitHub's example of an answer.
    pub(crate) fn example(&self, status: u16) -> Value {
        self.route["answers"][status.to_string()]["example"].clone()
    }

    fn named(&self, what: &str, wrong: Vec<String>) -> Vec<String> {
        wrong.into_iter().map(|wrong| format!("{} of {}: {wrong}", what, self.name)).collect()
    }
}

/// A value of a path or query as what it stands for.
fn typed(schema: &Value, text: &str) -> Value {
    match schema["type"].as_str() {
        Some("integer") => text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number)),
        Some("boolean") => text.parse::<bool>().map_or_else(|_| json!(text), |value| json!(value)),
        _ => json!(text),
    }
}

fn errors(schema: &Value, value: &Value) -> Vec<String> {
    // To make one takes longer than everything else that a test does.
    static MADE: Mutex<BTreeMap<String, Arc<Validator>>> = Mutex::new(BTreeMap::new());
    let make = || {
        let whole = json!({ "allOf": [schema], "schemas": description()["schemas"] });
        Arc::new(jsonschema::validator_for(&whole).unwrap())
    };
    let validator = Arc::clone(MADE.lock().unwrap().entry(schema.to_string()).or_insert_with(make));
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn a_request_that_breaks_the_description_is_found() {
    let found = find("POST", "/repos/ada/parcels/issues/1/comments").unwrap();
    assert_eq!(found.wrong_request(&[], br#"{"body":"hello"}"#), [""; 0]);
    for wrong in [&b"{}"[..], br#"{"body":1}"#, br#"{"body":"a","text":"b"}"#, b"x", b""] {
        assert_eq!(found.wrong_request(&[], wrong).len(), 1, "{}", String::from_utf8_lossy(wrong));
    }
    let list = find("GET", "/repos/ada/parcels/issues/1/comments").unwrap();
    let query = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    assert_eq!(list.wrong_request(&query("per_page", "100"), b""), [""; 0]);
    assert_eq!(list.wrong_request(&query("per_page", "many"), b"").len(), 1);
    assert_eq!(list.wrong_request(&query("perpage", "100"), b"").len(), 1);
    assert_eq!(find("GET", "/repos/ada/parcels/issues/x/comments").unwrap().wrong_request(&[], b"").len(), 1);
    assert!(find("GET", "/repos/ada/parcels/nonsense").is_none());
    assert!(find("PUT", "/user").is_none());
}

#[test]
fn an_answer_that_breaks_the_description_is_found() {
    let found = find("GET", "/repos/ada/parcels/issues/1/comments").unwrap();
    let example = found.example(200);
    assert_eq!(found.wrong_answer(200, &serde_json::to_vec(&example).unwrap()), [""; 0]);
    let mut wrong = example;
    wrong[0].as_object_mut().unwrap().remove("id");
    assert_eq!(found.wrong_answer(200, &serde_json::to_vec(&wrong).unwrap()).len(), 1);
    assert_eq!(found.wrong_answer(202, b"[]").len(), 1);
}
