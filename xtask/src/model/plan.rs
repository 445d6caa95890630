//! The plan: steps in order, which of them were asked for, and whether it can be carried out at all.

use std::collections::BTreeSet;

use super::step::{Skip, Step};
use crate::kit::nearest::nearest;

/// Steps, in the order in which they are shown and, where nothing else decides, started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
}

/// Why a plan cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// `--only`, `--skip` or `needs` names a step that is not there.
    UnknownStep {
        /// Who names it.
        by: String,
        /// The name.
        name: String,
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// Two steps have the same id.
    Twice(String),
    /// Steps need each other in a ring.
    Ring(Vec<String>),
}

impl std::fmt::Display for PlanError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownStep { by, name, .. } => write!(f, "{by} names a step that is not there: `{name}`"),
            Self::Twice(id) => write!(f, "two steps have the id `{id}`"),
            Self::Ring(ids) => write!(f, "steps need each other in a ring: {}", ids.join(" → ")),
        }
    }
}

impl std::error::Error for PlanError {}

/// What `--only` and `--skip` ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these, and what they need; empty for all.
    pub only: Vec<String>,
    /// Not these.
    pub skip: Vec<String>,
}

impl Selection {
    /// Whether a step that nothing else needs is asked for by its id, its group or the name behind the group.
    #[must_use]
    pub fn asks_for(&self, id: &str) -> bool {
        let (group, name) = id.split_once('.').unwrap_or((id, id));
        let is_named =
            |names: &[String]| names.iter().any(|asked| [id, group, name].contains(&asked.as_str()));
        (self.only.is_empty() || is_named(&self.only)) && !is_named(&self.skip)
    }
}

impl Plan {
    /// Checks the plan: ids are unique, `needs` and `after` name steps, nothing goes in a ring. A need may be written
    /// as any selector (`test` for all steps of that group); afterwards it holds ids only.
    ///
    /// # Errors
    /// When it cannot be carried out.
    pub fn check(mut self) -> Result<Self, PlanError> {
        let mut seen = BTreeSet::new();
        for step in &self.steps {
            if !seen.insert(step.id.clone()) {
                return Err(PlanError::Twice(step.id.clone()));
            }
        }
        for place in 0..self.steps.len() {
            let step = &self.steps[place];
            let needs = self.named(&format!("`needs` of {}", step.id), &step.needs)?;
            let after = self.named(&format!("`after` of {}", step.id), &step.after)?;
            let step = &mut self.steps[place];
            (step.needs, step.after) = (needs, after);
        }
        match self.ring() {
            Some(ring) => Err(PlanError::Ring(ring)),
            None => Ok(self),
        }
    }

    /// Marks what was not asked for as skipped. `--only` takes along what a step waits for; `--skip` wins over it, and
    /// what waits for a skipped step still runs, since somebody decided so.
    ///
    /// # Errors
    /// When a name matches no step.
    pub fn select(mut self, selection: &Selection) -> Result<Self, PlanError> {
        let mut wanted = BTreeSet::new();
        for name in &selection.only {
            wanted.extend(self.matching("--only", name)?);
        }
        let mut open: Vec<String> = wanted.iter().cloned().collect();
        while let Some(id) = open.pop() {
            let step = self.steps.iter().find(|step| step.id == id);
            let earlier = step.into_iter().flat_map(Step::earlier);
            open.extend(earlier.filter(|id| wanted.insert((*id).clone())).cloned());
        }
        let mut unwanted = BTreeSet::new();
        for name in &selection.skip {
            unwanted.extend(self.matching("--skip", name)?);
        }
        for step in &mut self.steps {
            let asked = selection.only.is_empty() || wanted.contains(&step.id);
            if !asked || unwanted.contains(&step.id) {
                step.skip = Some(Skip::NotSelected);
            }
        }
        Ok(self)
    }

    fn named(&self, by: &str, names: &[String]) -> Result<Vec<String>, PlanError> {
        let mut ids = BTreeSet::new();
        for name in names {
            ids.extend(self.matching(by, name)?);
        }
        Ok(ids.into_iter().collect())
    }

    /// Steps that a name stands for: an id, a group (`lint`) or the name behind the group (`clippy`).
    fn matching(&self, by: &str, name: &str) -> Result<Vec<String>, PlanError> {
        let matches = |step: &&Step| step.id == name || step.group() == name || step.name() == name;
        let found: Vec<String> = self.steps.iter().filter(matches).map(|step| step.id.clone()).collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let known = self.steps.iter().flat_map(|step| [step.id.as_str(), step.group(), step.name()]);
        let nearest = nearest(name, known).map(ToOwned::to_owned);
        Err(PlanError::UnknownStep { by: by.to_owned(), name: name.to_owned(), nearest })
    }

    fn ring(&self) -> Option<Vec<String>> {
        let mut done: BTreeSet<&str> = BTreeSet::new();
        loop {
            let ready = |step: &&Step| {
                !done.contains(step.id.as_str()) && step.earlier().all(|id| done.contains(id.as_str()))
            };
            let next: Vec<&str> = self.steps.iter().filter(ready).map(|step| step.id.as_str()).collect();
            if next.is_empty() {
                break;
            }
            done.extend(next);
        }
        let left: Vec<&Step> = self.steps.iter().filter(|step| !done.contains(step.id.as_str())).collect();
        let mut path: Vec<String> = vec![left.first()?.id.clone()];
        // Each step that is left needs another one that is left; following them must come back.
        loop {
            let here = left.iter().find(|step| Some(&step.id) == path.last())?;
            let next = here.earlier().find(|id| left.iter().any(|step| &step.id == *id))?.clone();
            if let Some(start) = path.iter().position(|id| *id == next) {
                path.push(next);
                return Some(path.split_off(start));
            }
            path.push(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::gates::outcome::tests::step;

    fn plan(steps: &[(&str, &[&str])]) -> Plan {
        let with_needs = |(id, needs): &(&str, &[&str])| Step {
            needs: needs.iter().map(ToString::to_string).collect(),
            ..step(id)
        };
        Plan { steps: steps.iter().map(with_needs).collect() }
    }

    fn running(plan: &Plan) -> Vec<&str> {
        plan.steps.iter().filter(|step| step.skip.is_none()).map(|step| step.id.as_str()).collect()
    }

    fn selection(only: &[&str], skip: &[&str]) -> Selection {
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Selection { only: owned(only), skip: owned(skip) }
    }

    #[test]
    fn only_takes_along_what_is_needed() {
        let plan =
            plan(&[("lint.fmt", &[]), ("test.suite", &[]), ("step.deploy", &["test"])]).check().unwrap();
        assert_eq!(
            running(&plan.clone().select(&selection(&["deploy"], &[])).unwrap()),
            ["test.suite", "step.deploy"]
        );
        assert_eq!(running(&plan.select(&selection(&["deploy"], &["test"])).unwrap()), ["step.deploy"]);
    }

    #[test]
    fn only_takes_along_what_goes_before() {
        let mut plan = plan(&[("test.suite", &[]), ("coverage.report", &[]), ("lint.fmt", &[])]);
        plan.steps[1].after = vec!["suite".to_owned()];
        let plan = plan.check().unwrap();
        assert_eq!(
            running(&plan.select(&selection(&["coverage"], &[])).unwrap()),
            ["test.suite", "coverage.report"]
        );
    }

    #[test]
    fn an_unknown_name_gets_a_suggestion() {
        let plan = plan(&[("lint.clippy", &[])]).check().unwrap();
        let error = plan.select(&selection(&["clipy"], &[])).unwrap_err();
        let PlanError::UnknownStep { nearest, .. } = error else { panic!("{error}") };
        assert_eq!(nearest.as_deref(), Some("clippy"));
    }

    #[test]
    fn a_step_is_asked_for_by_any_of_its_names() {
        let asked = |only: &[&str], skip: &[&str]| selection(only, skip).asks_for("coverage.report");
        assert!(asked(&[], &[]) && asked(&["report"], &[]) && asked(&["coverage"], &["suite"]));
        assert!(!asked(&["suite"], &[]) && !asked(&[], &["coverage"]) && !asked(&["coverage"], &["report"]));
    }

    #[test]
    fn a_ring_is_named() {
        let error = plan(&[("a.x", &[]), ("a.y", &["a.z"]), ("a.z", &["a.y"])]).check().unwrap_err();
        assert_eq!(error.to_string(), "steps need each other in a ring: a.y → a.z → a.y");
    }

    #[test]
    fn one_id_is_one_step() {
        assert_eq!(plan(&[("a.x", &[]), ("a.x", &[])]).check(), Err(PlanError::Twice("a.x".to_owned())));
    }
}
