//! Images: from a program to what was pushed, pulled back, run and scanned. A step does its part for all images, in their
//! order, and one that goes wrong does not keep it from the next.

use std::sync::Arc;

mod bases;
mod build;
mod check;
mod contents;
mod embedded;
mod engine;
mod fresh;
mod named;
mod naming;
mod origin;
mod promote;
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
pub use named::{Attested, Named};
pub use naming::{Naming, Wanted, inputs, naming};
pub use promote::{Release, Shelf, Standing, tags_of};
pub use stock::Stock;
pub use target::{Target, repositories, targets};

use slipway_image::Reference;

use super::{Job, Session, scanning};
use crate::engine::Bench;
use crate::kit::failure::Failure;
use crate::model::command::CommandLine;
use crate::model::gate::Mode;
use crate::model::step::{Outcome, Resource, Skip, Step};
use crate::settings::Push;

/// The step that builds.
pub const BUILD: &str = "image.build";
/// The step that looks at what is in images.
pub const CHECK: &str = "image.check";
/// The step that looks whether images are those of their commit.
pub const ORIGIN: &str = "image.origin";
/// The step that looks who built images.
pub const PROVENANCE: &str = "image.provenance";
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

/// What is asked for.
#[derive(Clone, Debug)]
pub enum Ask {
    /// The images of the settings, pushed when the settings say so.
    Settings,
    /// The images of the settings, pushed: somebody said so.
    Push,
    /// Images that are in a registry.
    Images(Named),
}

impl From<Reference> for Ask {
    fn from(reference: Reference) -> Self {
        Self::Images(Named { references: vec![reference], ..Named::default() })
    }
}

/// How a step does its part.
type Part = fn(&Stock<'_>, &Bench<'_>) -> Outcome;

/// A step as it stands in the plan.
struct Planned {
    id: &'static str,
    title: String,
    needs: &'static [&'static str],
    after: &'static [&'static str],
    resource: Resource,
    part: Part,
    skip: Option<Skip>,
}

/// All steps for what is asked for.
///
/// # Errors
/// When the settings name an image that cannot be.
pub fn jobs(session: &Session, ask: Ask) -> Result<Vec<Job<'_>>, Failure> {
    let planned = match &ask {
        Ask::Images(named) => of_registry(session, named),
        Ask::Settings | Ask::Push => planned(session, &ask),
    };
    let named = if let Ask::Images(named) = ask { Some(named) } else { None };
    let stock = Arc::new(Stock::new(session, named)?);
    let none = stock.targets.is_empty();
    let job = |planned: Planned| {
        let nothing = || Skip::NothingToDo("no [[images]] in slipway.toml".to_owned());
        let skip = none.then(nothing).or(planned.skip);
        let (part, stock) = (planned.part, Arc::clone(&stock));
        let step = Step {
            id: planned.id.to_owned(),
            title: planned.title,
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
    // One line says that there is nothing; seven would say no more.
    Ok(planned.into_iter().take(if none { 1 } else { usize::MAX }).map(job).collect())
}

fn planned(session: &Session, ask: &Ask) -> Vec<Planned> {
    let no_push = no_push(session, ask);
    let pushing = |planned: Planned| Planned { skip: no_push.clone(), ..planned };
    // Findings that only report hold nobody up.
    let blocks = session.settings().mode.and(session.settings().scan.mode) == Mode::Block;
    let proven: &[&str] = if blocks { &[PUSH, PULL, SMOKE, SCAN] } else { &[PUSH, PULL, SMOKE] };
    vec![
        Planned {
            resource: Resource::CargoTarget,
            ..shared(BUILD, "images, from programs or Dockerfiles", &[], build::run)
        },
        shared(CHECK, "what is in images, and how large they are", &[BUILD], check::run),
        pushing(shared(PUSH, "images to their registry", &[BUILD, CHECK], push::run)),
        pushing(shared(PULL, "the same images back, by digest", &[PUSH], pull::run)),
        Planned { after: &[PULL], ..shared(SMOKE, "images, run", &[BUILD], smoke::run) },
        shared(SBOM, "bills of materials of images", &[BUILD], sbom::run),
        scanned(session, &[BUILD]),
        Planned { after: &[SCAN], ..pushing(shared(TAG, "the tags that people follow", proven, tag::run)) },
    ]
}

/// The steps for images that are in a registry.
fn of_registry(session: &Session, named: &Named) -> Vec<Planned> {
    let origin = named.tag.as_ref().map(|tag| Planned {
        title: format!("the tag {tag} names the same image"),
        ..shared(ORIGIN, "", &[], origin::tag)
    });
    let provenance = named.attested.as_ref().map(|attested| Planned {
        skip: attested.skip.clone(),
        ..shared(PROVENANCE, "who built the image", &[], origin::provenance)
    });
    let before: &[&str] = match (&origin, &provenance) {
        (None, None) => &[],
        (Some(_), None) => &[ORIGIN],
        (None, Some(_)) => &[PROVENANCE],
        (Some(_), Some(_)) => &[ORIGIN, PROVENANCE],
    };
    let looked_at = [
        shared(PULL, "the image, by digest", before, pull::fetch),
        shared(CHECK, "what is in it, and how large it is", &[PULL], check::run),
        shared(SMOKE, "the image, run", &[PULL], smoke::run),
        shared(SBOM, "its bill of materials", &[PULL], sbom::run),
        scanned(session, &[PULL]),
    ];
    origin.into_iter().chain(provenance).chain(looked_at).collect()
}

fn shared(id: &'static str, title: &'static str, needs: &'static [&'static str], part: Part) -> Planned {
    let title = title.to_owned();
    Planned { id, title, needs, after: &[], resource: Resource::Shared, part, skip: None }
}

fn scanned(session: &Session, needs: &'static [&'static str]) -> Planned {
    let scan = shared(SCAN, "vulnerabilities, secrets and mistakes", needs, scan::run);
    Planned { after: &[SBOM], skip: scanning::skip(session), ..scan }
}

/// What a person runs to see the same.
fn commands(stock: &Stock<'_>, id: &str) -> Vec<CommandLine> {
    let verb = match id {
        CHECK if !stock.named.references.is_empty() => "pull",
        CHECK => "build",
        TAG => "push",
        _ => id.split_once('.').map_or(id, |(_, verb)| verb),
    };
    let compiling = stock.targets.iter().filter(|target| id == BUILD && target.settings.dockerfile.is_none());
    let compiling = compiling.map(|target| embedded::compile(stock, target));
    let same = CommandLine::new("cargo").args(["xtask", "image", verb]);
    let same = match stock.named.references.as_slice() {
        _ if id == PROVENANCE => return origin::attestations(stock),
        _ if id == ORIGIN => return origin::tags(stock),
        [] => vec![same],
        all => all.iter().map(|reference| same.clone().arg(reference.to_string())).collect(),
    };
    let scanning = if id == SCAN { scan::commands(stock) } else { Vec::new() };
    compiling.chain(scanning).chain(same).collect()
}

/// Why nothing is pushed; none when it is.
fn no_push(session: &Session, ask: &Ask) -> Option<Skip> {
    let condition = |text: &str| Some(Skip::Condition(text.to_owned()));
    if session.context.is_fork() {
        return condition("a pull request from a fork never pushes");
    }
    if session.context.is_dependabot() {
        return condition("what Dependabot proposes is never pushed");
    }
    match (session.settings().image.push, ask) {
        (Push::Never, _) => Some(Skip::Disabled),
        (_, Ask::Push) | (Push::Always, _) => None,
        (Push::Auto, _) if session.context.is_ci() => None,
        (Push::Auto, _) => condition("pushed on a CI service only (image.push is auto)"),
    }
}
