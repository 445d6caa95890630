//! From sources to settings: read each layer, refuse what is unknown, merge, check what concerns several values.

use super::document::Document;
use super::environment;
use super::layer::{Layer, Rank};
use super::loaded::Loaded;
use super::merge::merge;
use super::problem::{Part, Problem, failure, syntax};
use super::root::Settings;
use super::schema::{self, Node};
use super::smoke::Smoke;
use super::sources::{Flag, Sources};
use crate::kit::failure::Failure;
use crate::kit::nearest::nearest;

const DEFAULTS: &str = include_str!("defaults.toml");
const GUEST: &str = include_str!("guest.toml");

/// Makes settings from all their sources.
///
/// # Errors
/// A usage failure that tells everything that is wrong, each where it was written: first what is no TOML, then
/// unknown keys and variables, then wrong values.
pub fn load(sources: &Sources<'_>) -> Result<Loaded, Failure> {
    let mut layers = Vec::new();
    let mut problems = Vec::new();
    for (rank, path, text) in files(sources) {
        let document = Document::parse(path, text).map_err(|error| syntax(path, text, &error))?;
        let (layer, wrong) = Layer::file(rank, document);
        problems.extend(wrong.into_iter().map(|problem| (Some(layers.len()), problem)));
        layers.push(layer);
    }
    let (variables, wrong) = environment::layers(sources.env);
    problems.extend(wrong.into_iter().map(|problem| (None, problem)));
    layers.extend(variables);
    for flag in sources.flags {
        problems.extend(unknown(flag).map(|problem| (None, problem)));
        layers.push(Layer::single(Rank::Flags, &flag.name, &flag.key, flag.value.clone()));
    }
    if problems.is_empty() {
        match merge(&layers) {
            Ok((settings, winners)) => {
                let named = same_names(&settings).into_iter().chain(strangers(&settings));
                problems.extend(named.map(|(key, problem)| (winners.get(key).copied(), problem)));
                if problems.is_empty() {
                    return Ok(Loaded { settings, layers, winners });
                }
            }
            Err(wrong) => problems.extend(wrong.into_iter().map(|(index, problem)| (Some(index), problem))),
        }
    }
    let document = |index: Option<usize>| layers.get(index?)?.document.as_ref();
    Err(failure(problems.iter().map(|(index, problem)| (problem, document(*index)))))
}

/// The files to read, the weakest first.
fn files<'a>(sources: &Sources<'a>) -> [(Rank, &'a str, &'a str); 2] {
    let defaults = (Rank::Defaults, "defaults.toml", DEFAULTS);
    match sources.file {
        Some(file) => [defaults, (Rank::File, file.path, file.text)],
        None => [defaults, (Rank::Guest, "guest.toml", GUEST)],
    }
}

fn unknown(flag: &Flag) -> Option<Problem> {
    let keys = schema::keys();
    if keys.iter().any(|(key, _)| *key == flag.key) {
        return None;
    }
    let problem = Problem::new(format!("{} sets an unknown key: `{}`", flag.name, flag.key), "");
    if Node::find(&flag.key).is_some_and(Node::is_section) {
        return Some(problem.note("it is a section: name one of its keys"));
    }
    Some(problem.meant(nearest(&flag.key, keys.iter().map(|(key, _)| key.as_str()))))
}

/// Things are told apart by their names, also where a file system ignores case: each has files of that name.
fn same_names(settings: &Settings) -> Vec<(&'static str, Problem)> {
    let steps = settings.steps.iter().map(|step| step.name.as_str());
    let images = settings.images.iter().map(|image| image.name.as_str());
    let smoke = settings.smoke.iter().map(|smoke| smoke.name.as_str());
    let mut problems = twice("steps", "steps", "step", &steps.collect::<Vec<_>>());
    problems.extend(twice("images", "images", "image", &images.collect::<Vec<_>>()));
    problems.extend(twice("smoke", "smoke runs", "run", &smoke.collect::<Vec<_>>()));
    problems
}

fn twice(key: &'static str, several: &str, one: &str, names: &[&str]) -> Vec<(&'static str, Problem)> {
    let same = |(second, name): (usize, &&str)| {
        let first = names.iter().take(second).position(|other| other.eq_ignore_ascii_case(name))?;
        let problem = Problem::new(
            format!("two {several} have the same name: `{name}`"),
            format!("{key}[{second}].name"),
        );
        let problem = problem.label(Part::Value, "this name is taken");
        Some((key, problem.label_at(format!("{key}[{first}].name"), Part::Value, format!("by this {one}"))))
    };
    names.iter().enumerate().filter_map(same).collect()
}

/// Runs of images that there are not: nothing would be run, and nothing would say so.
fn strangers(settings: &Settings) -> Vec<(&'static str, Problem)> {
    let images: Vec<&str> = settings.images.iter().map(|image| image.name.as_str()).collect();
    // Without [[images]] it may be the one of a reference, which has no name here.
    if images.is_empty() {
        return Vec::new();
    }
    let stranger = |(place, run): (usize, &Smoke)| {
        let name = run.image.as_ref()?.as_str();
        if images.contains(&name) {
            return None;
        }
        let problem = Problem::new(format!("there is no image `{name}`"), format!("smoke[{place}].image"));
        let problem = problem.label(Part::Value, "none of [[images]] has this name");
        let problem = problem.note(format!("the images are {}", images.join(", ")));
        Some(("smoke", problem.meant(nearest(name, images.iter().copied()))))
    };
    settings.smoke.iter().enumerate().filter_map(stranger).collect()
}

#[cfg(test)]
pub(super) mod tests;
