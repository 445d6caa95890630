//! Images: from a program to what was pushed, pulled back, run and scanned. A step does its part for all images, in their
//! order, and one that goes wrong does not keep it from the next.

use std::sync::Arc;

mod build;
mod check;
mod contents;
mod embedded;
mod engine;
mod fresh;
mod naming;
mod pull;
mod push;
mod registry;
mod sbom;
mod scan;
mod smoke;
mod stock;
mod tag;
mod target;
mod trouble;

pub use contents::facts;
pub use naming::{Naming, Wanted, inputs, naming};
pub use stock::Stock;
pub use target::{Target, targets};

use slipway_image::{Reference, Repository};

use super::{Job, Session, scanning};
use crate::engine::Bench;
use crate::kit::failure::Failure;
use crate::model::command::CommandLine;
use crate::model::step::{Outcome, Resource, Skip, Step};
use crate::settings::Push;

/// The step that builds.
pub const BUILD: &str = "image.build";
/// The step that looks at what is in images.
pub const CHECK: &str = "image.check";
/// The step that pushes.
pub const PUSH: &str = "image.push";
/// The step that pulls back what was pushed.
pub const PULL: &str = "image.pull";
/// The step that runs images.
pub const SMOKE: &str = "image.smoke";
/// The step that moves the tags.
pub const TAG: &str = "image.tag";

/// The step that tells what is in images.
pub const SBOM: &str = "image.sbom";
/// The step that looks for what is wrong with it.
pub const SCAN: &str = "image.scan";

/// How a step does its part.
type Part = fn(&Stock<'_>, &Bench<'_>) -> Outcome;

/// A step as it stands in the plan.
struct Planned {
    id: &'static str,
    title: &'static str,
    needs: &'static [&'static str],
    after: &'static [&'static str],
    resource: Resource,
    part: Part,
    skip: Option<Skip>,
}

/// All steps for the images of the settings, or with a reference those for an image that is in a registry.
///
/// # Errors
/// When the settings name an image that cannot be.
pub fn jobs<'a>(session: &'a Session, reference: Option<Reference>) -> Result<Vec<Job<'a>>, Failure> {
    let stock = Arc::new(Stock::new(session, reference)?);
    let none = stock.targets.is_empty();
    let job = |planned: Planned| {
        let nothing = || Skip::NothingToDo("no [[images]] in slipway.toml".to_owned());
        let skip = none.then(nothing).or(planned.skip);
        let (part, stock) = (planned.part, Arc::clone(&stock));
        let step = Step {
            id: planned.id.to_owned(),
            title: planned.title.to_owned(),
            needs: planned.needs.iter().map(ToString::to_string).collect(),
            after: planned.after.iter().map(ToString::to_string).collect(),
            resource: planned.resource,
            timeout: session.settings().image.timeout.get(),
            commands: commands(&stock, planned.id),
            skip,
        };
        let work = move |bench: &Bench<'_>| part(&stock, bench);
        Job { work: step.skip.is_none().then(|| Box::new(work) as _), step }
    };
    let planned = if stock.reference.is_some() { of_registry() } else { planned(session) };
    // One line says that there is nothing; seven would say no more.
    Ok(planned.into_iter().take(if none { 1 } else { usize::MAX }).map(job).collect())
}

/// All steps for an image that is in a registry.
///
/// # Errors
/// When the settings name an image that cannot be.
pub fn fetched(session: &Session, reference: Reference) -> Result<Vec<Job<'_>>, Failure> {
    jobs(session, Some(reference))
}

/// Where the images of the settings are kept.
///
/// # Errors
/// When the settings name an image that cannot be.
pub fn repositories(session: &Session) -> Result<Vec<Repository>, Failure> {
    let targets = targets(session.settings(), &session.workspace, &session.context)?;
    Ok(targets.into_iter().filter_map(|target| target.repository).collect())
}

fn planned(session: &Session) -> Vec<Planned> {
    let no_push = no_push(session);
    let shared = |id, title, needs, after, part: Part| Planned {
        id,
        title,
        needs,
        after,
        resource: Resource::Shared,
        part,
        skip: None,
    };
    let pushing = |planned: Planned| Planned { skip: no_push.clone(), ..planned };
    vec![
        Planned {
            resource: Resource::CargoTarget,
            ..shared(BUILD, "images, from programs or Dockerfiles", &[], &[], build::run)
        },
        shared(CHECK, "what is in images, and how large they are", &[BUILD], &[], check::run),
        shared(SBOM, "bills of materials of images", &[BUILD], &[], sbom::run),
        Planned {
            skip: scanning::skip(session),
            ..shared(SCAN, "vulnerabilities, secrets and mistakes", &[BUILD], &[SBOM], scan::run)
        },
        pushing(shared(PUSH, "images to their registry", &[BUILD, CHECK], &[], push::run)),
        pushing(shared(PULL, "the same images back, by digest", &[PUSH], &[], pull::run)),
        shared(SMOKE, "images, run", &[BUILD], &[PULL], smoke::run),
        pushing(shared(TAG, "the tags that people follow", &[PUSH, PULL, SMOKE], &[], tag::run)),
    ]
}

/// The steps for an image that is in a registry, as the plan has them.
fn of_registry() -> Vec<Planned> {
    let shared = |id, title, needs, part: Part| Planned {
        id,
        title,
        needs,
        after: &[],
        resource: Resource::Shared,
        part,
        skip: None,
    };
    vec![
        shared(PULL, "the image, by digest", &[], pull::fetch),
        shared(CHECK, "what is in it, and how large it is", &[PULL], check::run),
        shared(SMOKE, "the image, run", &[PULL], smoke::run),
    ]
}

/// What a person runs to see the same.
fn commands(stock: &Stock<'_>, id: &str) -> Vec<CommandLine> {
    let verb = match id {
        CHECK => "build",
        TAG => "push",
        _ => id.split_once('.').map_or(id, |(_, verb)| verb),
    };
    let compiling = stock.targets.iter().filter(|target| id == BUILD && target.settings.dockerfile.is_none());
    let compiling = compiling.map(|target| embedded::compile(stock, target));
    let same = CommandLine::new("cargo").args(["xtask", "image", verb]);
    let same = stock.reference.iter().fold(same, |same, reference| same.arg(reference.to_string()));
    let scanning = if id == SCAN { scan::commands(stock) } else { Vec::new() };
    compiling.chain(scanning).chain([same]).collect()
}

/// Why nothing is pushed; none when it is.
fn no_push(session: &Session) -> Option<Skip> {
    let condition = |text: &str| Some(Skip::Condition(text.to_owned()));
    if session.context.is_fork() {
        return condition("a pull request from a fork never pushes");
    }
    match session.settings().image.push {
        Push::Never => Some(Skip::Disabled),
        Push::Auto if !session.context.is_ci() => {
            condition("pushed on a CI service only (image.push is auto)")
        }
        Push::Auto | Push::Always => None,
    }
}
