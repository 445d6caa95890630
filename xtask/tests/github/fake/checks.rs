//! Check runs, whose remarks add up, and code scanning.

use serde_json::{Value, json};

use super::Answered;
use super::routes::Request;
use super::state::{Check, Scanning};

impl Request<'_> {
    /// None is a 404.
    pub(super) fn checks(&mut self, verb: &str, rest: &str) -> Option<Answered> {
        Some(match (verb, rest) {
            ("GET", "/commits/{ref}/check-runs") => {
                let (sha, name) = (self.text("ref").to_owned(), self.asked.query("check_name"));
                let example = self.found.example(200)["check_runs"][0].clone();
                let is_wanted = |check: &Check| {
                    check.body["head_sha"] == json!(sha)
                        && name.is_none_or(|name| check.body["name"] == json!(name))
                };
                let wanted = self.state.checks.iter().filter(|(_, check)| is_wanted(check));
                self.wrapped("check_runs", wanted.map(|(id, check)| told(&example, *id, check)).collect())
            }
            ("POST", "/check-runs") => {
                let body = self.asked.json();
                let annotations = remarks(&body);
                let id = self.state.id();
                self.state.checks.insert(id, Check { body, annotations });
                Answered::json(201, &told(&self.found.example(201), id, &self.state.checks[&id]))
            }
            ("PATCH", "/check-runs/{check_run_id}") => {
                let (id, body) = (self.number("check_run_id"), self.asked.json());
                let check = self.state.checks.get_mut(&id)?;
                check.annotations.extend(remarks(&body));
                for (name, value) in body.as_object().unwrap() {
                    check.body[name] = value.clone();
                }
                Answered::json(200, &told(&self.found.example(200), id, check))
            }
            ("GET", "/check-runs/{check_run_id}") => {
                let id = self.number("check_run_id");
                Answered::json(200, &told(&self.found.example(200), id, self.state.checks.get(&id)?))
            }
            _ => return None,
        })
    }

    /// None is a 404.
    pub(super) fn scanning(&mut self, verb: &str, rest: &str) -> Option<Answered> {
        Some(match (verb, rest) {
            ("POST", "/code-scanning/sarifs") if self.state.scanning == Scanning::Off => Answered::refusal(
                403,
                "Advanced Security must be enabled for this repository to use code scanning.",
            ),
            ("POST", "/code-scanning/sarifs") => {
                self.state.sarifs.push(self.asked.json());
                let id = format!("{}-5596-11eb", self.state.sarifs.len());
                Answered::json(202, &json!({ "id": id, "url": "https://api.github.com/x" }))
            }
            ("GET", "/code-scanning/sarifs/{sarif_id}") => {
                self.state.looks += 1;
                let status = match self.state.scanning {
                    // It is not known at once that it was taken.
                    _ if self.state.looks == 1 => return Some(Answered::empty(404)),
                    _ if self.state.looks == 2 => json!({ "processing_status": "pending" }),
                    Scanning::Slow | Scanning::Off => json!({ "processing_status": "pending" }),
                    Scanning::Fails => json!({ "processing_status": "failed", "errors": ["too odd"] }),
                    Scanning::Works => json!({ "processing_status": "complete" }),
                };
                Answered::json(200, &status)
            }
            _ => return None,
        })
    }
}

fn remarks(body: &Value) -> Vec<Value> {
    body["output"]["annotations"].as_array().cloned().unwrap_or_default()
}

fn told(example: &Value, id: u64, check: &Check) -> Value {
    let mut told = example.clone();
    told["id"] = json!(id);
    for name in ["name", "head_sha", "external_id", "status", "conclusion"] {
        told[name] = check.body[name].clone();
    }
    (told["output"]["title"], told["output"]["summary"]) =
        (check.body["output"]["title"].clone(), check.body["output"]["summary"].clone());
    told["output"]["annotations_count"] = json!(check.annotations.len());
    told
}
