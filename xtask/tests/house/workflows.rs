//! The workflows against what they may be: thin, pinned, with the least rights, and the same as `init` gives to others.
//! Each rule has a change to the real workflows that it must find.

use serde_json::Value;

use super::tree::{Findings, Tree, found, none};

mod artifacts;
mod gate;
mod pins;
mod rights;
mod runs;
mod templates;
mod triggers;

/// A workflow as text and as a value.
pub(crate) struct Workflow<'a> {
    path: &'a str,
    text: &'a str,
    yaml: Value,
}

/// A job of a workflow.
#[derive(Clone, Copy)]
struct Job<'a> {
    workflow: &'a Workflow<'a>,
    id: &'a str,
    yaml: &'a Value,
}

/// A step of a job.
#[derive(Clone, Copy)]
struct Step<'a> {
    job: Job<'a>,
    /// From 1.
    number: usize,
    yaml: &'a Value,
}

impl<'a> Workflow<'a> {
    /// The workflows of a tree.
    fn all(tree: &'a Tree) -> Result<Vec<Self>, Findings> {
        let files = tree.0.iter().filter(|(path, _)| path.starts_with(".github/workflows/"));
        let mut wrong = Findings::new();
        let mut workflows = Vec::new();
        for (path, text) in files {
            match serde_saphyr::from_str(text) {
                Ok(yaml) => workflows.push(Workflow { path, text, yaml }),
                Err(error) => {
                    wrong.push(format!("{path}: {}", error.to_string().lines().next().unwrap_or_default()));
                }
            }
        }
        if wrong.is_empty() { Ok(workflows) } else { Err(wrong) }
    }

    fn jobs(&self) -> impl Iterator<Item = Job<'_>> {
        let jobs = self.yaml["jobs"].as_object().into_iter().flatten();
        jobs.map(|(id, yaml)| Job { workflow: self, id, yaml })
    }

    fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        self.jobs().flat_map(Job::steps)
    }

    fn is_named(&self, file: &str) -> bool {
        self.path.ends_with(&format!("/{file}"))
    }

    fn says(&self, what: &str) -> String {
        format!("{}: {what}", self.path)
    }
}

impl<'a> Job<'a> {
    fn steps(self) -> impl Iterator<Item = Step<'a>> {
        let steps = self.yaml["steps"].as_array().into_iter().flatten();
        steps.enumerate().map(move |(place, yaml)| Step { job: self, number: place + 1, yaml })
    }

    fn says(self, what: &str) -> String {
        self.workflow.says(&format!("job {}: {what}", self.id))
    }
}

impl<'a> Step<'a> {
    fn run(self) -> Option<&'a str> {
        self.yaml["run"].as_str()
    }

    /// The action of a step, without its version.
    fn action(self) -> Option<&'a str> {
        self.yaml["uses"].as_str().map(|uses| uses.split('@').next().unwrap_or(uses))
    }

    fn says(self, what: &str) -> String {
        self.job.says(&format!("step {}: {what}", self.number))
    }
}

type Rule = fn(&Tree, &[Workflow<'_>]) -> Findings;

const RULES: [(&str, Rule); 14] = [
    ("they are short", runs::short),
    ("each run is one verb", runs::thin),
    ("each verb and flag is known", runs::known),
    ("each job has an end", runs::end),
    ("runs get in each other's way where they should", triggers::concurrency),
    ("they start when they should", triggers::triggers),
    ("the matrix is that of the workspace", triggers::matrix),
    ("nothing of a stranger is checked out", triggers::checkout),
    ("caches are written by pushes alone", triggers::caches),
    ("rights are the least", rights::least),
    ("actions are pinned", pins::pinned),
    ("there is one gate", gate::gate),
    ("reports are always kept", artifacts::kept),
    ("init gives the same to others", templates::same),
];

fn check(tree: &Tree) -> Findings {
    match Workflow::all(tree) {
        Ok(workflows) => RULES.iter().flat_map(|(_, rule)| rule(tree, &workflows)).collect(),
        Err(wrong) => wrong,
    }
}

#[test]
fn the_workflows_keep_to_the_rules() {
    let tree = Tree::ours();
    let workflows = Workflow::all(&tree).unwrap_or_else(|wrong| panic!("{wrong:#?}"));
    let paths: Vec<&str> = workflows.iter().map(|workflow| workflow.path).collect();
    let expected = ["cd", "ci", "release"].map(|name| format!(".github/workflows/{name}.yml"));
    assert_eq!(paths, expected);
    for (name, rule) in RULES {
        none(name, &rule(&tree, &workflows));
    }
}

/// A workflow that cannot be read would otherwise keep to every rule.
#[test]
fn a_workflow_that_cannot_be_read_is_found() {
    let path = ".github/workflows/a.yml";
    found(&check(&Tree::of(&[(path, "jobs:\n  a: 1\n  a: 2\n")])), &["a.yml: error: line 3"]);
    found(&check(&Tree::of(&[(path, "jobs: [\n")])), &["a.yml: error"]);
}

/// What a rule says of the real workflows with one change, and did not say of them without it.
#[track_caller]
fn finds(rule: Rule, file: &str, from: &str, to: &str, expected: &[&str]) {
    let mut tree = Tree::ours();
    let before = Workflow::all(&tree).map(|workflows| rule(&tree, &workflows)).unwrap_or_default();
    let text = tree.0.get_mut(&format!(".github/workflows/{file}")).unwrap();
    assert!(text.contains(from), "{file} has no {from:?} any more");
    *text = text.replacen(from, to, 1);
    let workflows = Workflow::all(&tree).unwrap_or_else(|wrong| panic!("{wrong:#?}"));
    let mut findings = rule(&tree, &workflows);
    findings.retain(|finding| !before.contains(finding));
    found(&findings, expected);
}
