//! Building an image by the container engine, from its Dockerfile. The engine is asked for what it built, so that the image
//! has its digest here and now, and everything that follows is the same as without an engine.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use slipway_image::Reference;
use slipway_image::build::LEVEL;
use slipway_image::layer::Level;
use slipway_image::layout::{Image, Layout};
use slipway_image::tags::stamped;

use super::fresh::Fresh;
use super::stock::Stock;
use super::trouble::Trouble;
use super::{Naming, Target};
use crate::engine::Bench;
use crate::kit::secret::Secret;
use crate::tools::docker::{BuildError, BuildSpec, Cause, Credentials, Engine, EngineError, Event, Limits};
use crate::tools::files::{self, TemporaryFolder};
use crate::tools::registry::{Whose, find};

/// Builds one.
pub(super) fn build(
    stock: &Stock<'_>,
    target: &Target<'_>,
    naming: &Naming,
    layout: &Layout,
    bench: &Bench<'_>,
) -> Result<Fresh, Trouble> {
    let engine = stock.engine().map_err(|none| Trouble::environment(none.to_string()))?;
    let started = Instant::now();
    let spec = spec(stock, target, naming, bench)?;
    let mut notes = Vec::new();
    let built = engine
        .build(&spec, &mut |event| told(&event, bench, &mut notes))
        .map_err(|error| of_build(&error))?;
    let image = export(stock, engine, &built.id, target, layout, bench)?;
    Ok(Fresh {
        // What it starts is looked at whoever built it.
        problems: Vec::new(),
        image,
        builder: "engine".to_owned(),
        duration_ms: u64::try_from(started.elapsed().as_millis()).ok(),
        notes,
    })
}

fn spec(
    stock: &Stock<'_>,
    target: &Target<'_>,
    naming: &Naming,
    bench: &Bench<'_>,
) -> Result<BuildSpec, Trouble> {
    let (settings, root) = (&target.settings, &stock.session.workspace.root);
    let folder = settings.context.as_ref().map_or_else(|| root.clone(), |folder| root.join(folder.as_str()));
    let dockerfile = settings.dockerfile.as_ref().map_or("Dockerfile", |path| path.as_str());
    let epoch = stock.session.request.env.get("SOURCE_DATE_EPOCH").and_then(|text| text.trim().parse().ok());
    let dockerfile = root.join(dockerfile);
    let args = args(stock, target);
    let secrets = settings.secrets.iter().map(|(id, from)| Ok((id.clone(), secret(stock, id, from)?)));
    Ok(BuildSpec {
        credentials: credentials(stock, &files::read(&dockerfile).unwrap_or_default(), &args),
        dockerfile,
        target: settings.target.clone(),
        args,
        secrets: secrets.collect::<Result<_, Trouble>>()?,
        labels: stamped(&naming.labels),
        source_date_epoch: epoch.or(Some(naming.inputs.committed.timestamp())),
        limits: limits(stock, bench),
        ..BuildSpec::new(folder)
    })
}

/// The arguments of the settings; a variable of the environment of the same name wins, as with `docker build --build-arg NAME`.
fn args(stock: &Stock<'_>, target: &Target<'_>) -> BTreeMap<String, String> {
    let env = &stock.session.request.env;
    let value = |name: &str, value: &String| env.get(name).unwrap_or(value).clone();
    let args = target.settings.build_args.iter();
    args.map(|(name, given)| (name.as_str().to_owned(), value(name.as_str(), given))).collect()
}

/// Who we are to the registries that a Dockerfile builds on, as far as that is known: without it an engine asks as nobody.
fn credentials(
    stock: &Stock<'_>,
    dockerfile: &str,
    args: &BTreeMap<String, String>,
) -> BTreeMap<String, Credentials> {
    let found = |host: String| {
        let login = find(&stock.session.request.env, &host, Whose::Others).ok()?;
        Some((host, login.credentials?))
    };
    registries(dockerfile, args).into_iter().filter_map(found).collect()
}

/// The registries of the images that a Dockerfile names behind `FROM`, with the values of its `ARG`s put in.
fn registries(dockerfile: &str, args: &BTreeMap<String, String>) -> BTreeSet<String> {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut registries = BTreeSet::new();
    for line in dockerfile.lines() {
        let mut words = line.split_whitespace();
        let instruction = words.next().unwrap_or_default().to_ascii_uppercase();
        let first = words.find(|word| !word.starts_with("--")).unwrap_or_default();
        if instruction == "ARG" {
            let (name, default) = first.split_once('=').unwrap_or((first, ""));
            let value = args.get(name).map_or(default.trim_matches('"'), String::as_str);
            known.insert(name.to_owned(), value.to_owned());
        } else if instruction == "FROM" {
            // Names that begin with another name come behind it: those are put in first.
            let image = known.iter().rev().fold(first.to_owned(), |image, (name, value)| {
                image.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value)
            });
            let reference = image.parse::<Reference>().ok();
            registries.extend(reference.map(|reference| reference.repository.registry().to_owned()));
        }
    }
    registries
}

fn secret(stock: &Stock<'_>, id: &str, from: &str) -> Result<Secret, Trouble> {
    let missing = |what: String| Trouble::failed(format!("the build's secret `{id}`: {what}"));
    if let Some(name) = from.strip_prefix("env:") {
        let value = stock.session.request.env.get(name);
        return value.map(Secret::new).ok_or_else(|| missing(format!("{name} is not set")));
    }
    let path = stock.session.workspace.root.join(from);
    files::read(&path).map(Secret::new).map_err(|error| missing(error.to_string()))
}

/// When to give up what an engine does for this step.
pub(super) fn limits(stock: &Stock<'_>, bench: &Bench<'_>) -> Limits {
    Limits { timeout: bench.left(), interrupt: stock.session.supervisor.interrupt.clone() }
}

fn told(event: &Event, bench: &Bench<'_>, notes: &mut Vec<String>) {
    match event {
        Event::Started(number, name) => bench.say(&format!("#{number} {name}")),
        Event::Cached(number, name) => bench.say(&format!("#{number} {name} (as before)")),
        Event::Log(number, line) => bench.say(&format!("#{number} {line}")),
        Event::Failed(number, name) => bench.say(&format!("#{number} {name}: failed")),
        Event::Progress(..) | Event::Finished(..) => {}
        Event::Notice(text) => {
            bench.say(text);
            notes.push(text.clone());
        }
    }
}

fn of_build(error: &BuildError) -> Trouble {
    if error.is_interrupt() {
        return Trouble::cancelled();
    }
    let told = error.to_string();
    let (reason, rest) = told.split_once('\n').unwrap_or((&told, ""));
    let trouble = if is_machine(error) { Trouble::environment(reason) } else { Trouble::failed(reason) };
    trouble.with_excerpt(rest).hint(error.hint().map(ToOwned::to_owned))
}

/// Whether the engine is to blame, and not what it was given to build.
fn is_machine(error: &BuildError) -> bool {
    let is_full = |words: &str| words.contains("no space left on device");
    match &error.cause {
        // The classic builder answers mistakes in a Dockerfile with a status too.
        _ if error.line.is_some() && error.step.is_none() => false,
        Cause::Gone(_) | Cause::TimedOut(_) | Cause::Malformed(_) | Cause::Refused { status: 500.., .. } => {
            true
        }
        Cause::Failed(words) | Cause::Here(words) => is_full(words),
        _ => false,
    }
}

/// How what an engine refuses, or cannot do, is told.
pub(super) fn of_engine(error: &EngineError) -> Trouble {
    if error.is_interrupt() {
        return Trouble::cancelled();
    }
    Trouble::environment(error.to_string()).hint(error.hint().map(ToOwned::to_owned))
}

/// What the engine built, as an image of the layout.
fn export(
    stock: &Stock<'_>,
    engine: &Engine,
    id: &str,
    target: &Target<'_>,
    layout: &Layout,
    bench: &Bench<'_>,
) -> Result<Image, Trouble> {
    let folder = TemporaryFolder::new().map_err(|error| Trouble::environment(error.to_string()))?;
    let archive = folder.path().join("saved.tar");
    let saved = engine.save(id, &archive, &limits(stock, bench)).map_err(|error| of_engine(&error));
    // Also when it could not be saved: nobody asks for it again. The engine keeps what it needs for the next build; with the
    // image itself there, it would not pull it.
    if engine.inspect(id).is_ok_and(|image| image.tags.is_empty() && image.digests.is_empty()) {
        // Somebody's container may run it: then it stays.
        let _ = engine.remove_image(id);
    }
    saved?;
    layout
        .import(&archive, target.name(), Level::new(LEVEL))
        .map_err(|error| Trouble::failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_of_a_dockerfile_are_known_with_its_arguments() {
        let dockerfile = "ARG BASE=ghcr.io/a/base:1\nFROM --platform=linux/amd64 ${BASE} AS build\n\
                          ARG OTHER\nFROM $OTHER\nfrom debian:12\nFROM scratch\nCOPY --from=build /a /a\n";
        let args = BTreeMap::from([("OTHER".to_owned(), "127.0.0.1:5000/b@sha256:zz".to_owned())]);
        assert_eq!(Vec::from_iter(registries(dockerfile, &args)), ["docker.io", "ghcr.io"]);
        let dockerfile_of_two = "ARG BASE=ghcr.io/a\nARG BASE_2=quay.io/b\nFROM $BASE_2\n";
        assert_eq!(Vec::from_iter(registries(dockerfile_of_two, &BTreeMap::new())), ["quay.io"]);
        let args = BTreeMap::from([("OTHER".to_owned(), "127.0.0.1:5000/b".to_owned())]);
        let found = Vec::from_iter(registries(dockerfile, &args));
        assert_eq!(found, ["127.0.0.1:5000", "docker.io", "ghcr.io"]);
    }
}
