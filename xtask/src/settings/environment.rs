//! Settings from variables: `SLIPWAY_<SECTION>_<KEY>`, in capitals, with `_` for `.` and `-`.

use std::collections::BTreeMap;

use super::layer::{Layer, Rank};
use super::problem::Problem;
use super::schema::{self, Node};
use crate::kit::nearest::nearest;
use crate::kit::secret::{APP_VARIABLES, GITHUB_VARIABLES, REGISTRY_VARIABLES};
use crate::model::{hooks, needs};

const PREFIX: &str = "SLIPWAY_";

/// The variable that sets a key; none for a list of tables, which no variable can hold.
pub(super) fn variable(key: &str) -> Option<String> {
    let is_tables = |key: &str| {
        Node::find(key).is_some_and(|node| !node.is_section() && node.items().is_some_and(Node::is_section))
    };
    let whole = key.match_indices('.').map(|(end, _)| &key[..end]).chain([key]);
    (!whole.into_iter().any(is_tables))
        .then(|| format!("{PREFIX}{}", key.to_uppercase().replace(['.', '-'], "_")))
}

/// A layer for each variable that is a setting, and what is wrong with the others of our prefix. An empty variable
/// counts as not set: that is what a CI service makes of a missing input.
pub(super) fn layers(env: &BTreeMap<String, String>) -> (Vec<Layer>, Vec<Problem>) {
    let keys = schema::keys();
    let known: BTreeMap<String, _> =
        keys.iter().filter_map(|(key, node)| Some((variable(key)?, (key, *node)))).collect();
    let (mut layers, mut problems) = (Vec::new(), Vec::new());
    let is_setting = |name: &str| name.starts_with(PREFIX) && !others().any(|other| other == name);
    for (name, text) in env.iter().filter(|(name, _)| is_setting(name)) {
        match known.get(name) {
            Some(_) if text.is_empty() => {}
            Some((key, node)) => {
                layers.push(Layer::single(Rank::Environment, name, key, node.kind().read(text)));
            }
            None => problems.push(unknown(name, known.keys().map(String::as_str))),
        }
    }
    (layers, problems)
}

/// Variables of our prefix that are no settings: a settings file is no place for who somebody is, or for what is so once.
fn others() -> impl Iterator<Item = &'static str> {
    REGISTRY_VARIABLES
        .into_iter()
        .chain(GITHUB_VARIABLES)
        .chain(APP_VARIABLES)
        .chain([hooks::SKIP, needs::NEEDS])
}

fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Problem {
    let problem = Problem::new(format!("the variable {name} is no setting"), "");
    if name == "SLIPWAY_STEPS" || name.starts_with("SLIPWAY_STEPS_") {
        return problem.note("steps can be set in slipway.toml only");
    }
    // The prefix is the same in all of them and would make them look alike.
    let rest = |name: &'a str| name.strip_prefix(PREFIX).unwrap_or(name);
    match nearest(name.strip_prefix(PREFIX).unwrap_or(name), known.map(rest)) {
        Some(meant) => problem.help(format!("did you mean {PREFIX}{meant}?")),
        None => problem.help(format!("variables that begin with {PREFIX} are settings: unset this one")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_keys_share_a_variable() {
        let keys = schema::keys();
        let mut names: Vec<String> = keys.iter().filter_map(|(key, _)| variable(key)).collect();
        names.sort();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        assert_eq!(count, keys.len() - 5, "those of tables, and `coverage.file.overrides`");
        assert!(names.contains(&"SLIPWAY_TEST_NEXTEST_PROFILE".to_owned()));
        assert!(names.contains(&"SLIPWAY_LINT_CLIPPY_MODE".to_owned()));
    }

    #[test]
    fn credentials_are_no_settings() {
        let (layers, problems) =
            layers(&others().map(|name| (name.to_owned(), "hunter22".to_owned())).collect());
        assert!(layers.is_empty() && problems.is_empty());
        let misspelt = BTreeMap::from([("SLIPWAY_REGISTRY_PASWORD".to_owned(), "hunter22".to_owned())]);
        assert_eq!(super::layers(&misspelt).1.len(), 1);
    }
}
