//! Runs of workflows with their jobs and artifacts, and who has attested what.

use serde_json::{Value, json};

use super::routes::Request;
use super::state::{Artifact, Run};
use super::{Answered, Fake};

impl Fake {
    /// A run has left this archive under the usual name, beside one with everything for people.
    pub(crate) fn leave(&self, run: u64, archive: Vec<u8>) {
        let id = run * 10 + 1;
        self.state(|state| {
            let artifact = Artifact::new(id, "run-stable", archive.len() as u64);
            state.artifacts.insert(run, vec![Artifact::new(run * 10, "reports-stable", 9_000_000), artifact]);
            state.archives.insert(id, archive);
        });
    }
}

impl Request<'_> {
    /// None is a 404.
    pub(super) fn runs(&mut self, verb: &str, rest: &str) -> Option<Answered> {
        Some(match (verb, rest) {
            ("GET", "/actions/runs/{run_id}") => {
                let id = self.number("run_id");
                let run = ran(self.found.example(200), id, self.state.runs.get(&id)?);
                Answered::json(200, &run)
            }
            ("GET", "/actions/workflows/{workflow_id}/runs") => {
                let (workflow, query) = (self.number("workflow_id"), |name| self.asked.query(name));
                let example = self.found.example(200)["workflow_runs"][0].clone();
                let is_wanted = |(_, run): &(&u64, &Run)| {
                    run.workflow == workflow
                        && query("branch").is_none_or(|branch| branch == run.head_branch)
                        && query("event").is_none_or(|event| event == run.event)
                        && query("status").is_none_or(|status| Some(status) == run.conclusion)
                };
                let newest_first = self.state.runs.iter().rev().filter(is_wanted);
                let all = newest_first.map(|(id, run)| ran(example.clone(), *id, run)).collect();
                self.wrapped("workflow_runs", all)
            }
            ("GET", "/actions/runs/{run_id}/artifacts") => {
                let all = self.state.artifacts.get(&self.number("run_id"))?;
                let example = self.found.example(200)["artifacts"][0].clone();
                self.wrapped("artifacts", all.iter().map(|one| left(&example, one)).collect())
            }
            ("GET", "/actions/runs/{run_id}/attempts/{attempt_number}/jobs") => {
                let run = self.state.runs.get(&self.number("run_id"))?;
                (u64::from(run.attempt) >= self.number("attempt_number")).then_some(())?;
                let example = self.found.example(200)["jobs"][0].clone();
                let one = |(name, end): &(&str, &str)| {
                    let mut job = example.clone();
                    (job["name"], job["conclusion"]) = (json!(name), json!(end));
                    // The example leaves out what the schema asks for.
                    job["created_at"] = job["started_at"].clone();
                    job
                };
                self.wrapped("jobs", run.jobs.iter().map(one).collect())
            }
            ("GET", "/actions/artifacts/{artifact_id}/{archive_format}") => {
                let id = self.number("artifact_id");
                self.state.archives.get(&id)?;
                let place = format!("http://{}/blobs/{id}?key=sesame", self.place.blobs);
                Answered::empty(302).with("location", place)
            }
            ("GET", "/attestations/{subject_digest}") => {
                let count = *self.state.attested.get(self.text("subject_digest"))?;
                let one = self.found.example(200)["attestations"][0].clone();
                Answered::json(200, &json!({ "attestations": vec![one; count] }))
            }
            _ => return None,
        })
    }

    /// One page of a list inside of an object.
    pub(super) fn wrapped(&self, name: &str, all: Vec<Value>) -> Answered {
        let total = all.len();
        let page = self.paged(all);
        let items: Value = serde_json::from_slice(&page.body).unwrap();
        let body = json!({ "total_count": total, name: items });
        Answered { body: serde_json::to_vec(&body).unwrap(), ..page }
    }
}

fn ran(mut told: Value, id: u64, run: &Run) -> Value {
    (told["id"], told["run_attempt"]) = (json!(id), json!(run.attempt));
    told["workflow_id"] = json!(run.workflow);
    (told["event"], told["conclusion"]) = (json!(run.event), json!(run.conclusion));
    (told["head_sha"], told["head_branch"]) = (json!(run.head_sha), json!(run.head_branch));
    (told["repository"]["full_name"], told["run_started_at"]) = (json!(run.repository), json!(run.began));
    told["head_repository"]["full_name"] = json!(run.head_repository);
    told
}

fn left(example: &Value, artifact: &Artifact) -> Value {
    let mut told = example.clone();
    (told["id"], told["name"]) = (json!(artifact.id), json!(artifact.name));
    (told["size_in_bytes"], told["expired"]) = (json!(artifact.size), json!(artifact.is_expired));
    (told["created_at"], told["digest"]) = (json!(artifact.created), json!(artifact.digest));
    told
}
