//! `image.check`: what is in an image against what the settings require of its structure and size.

use std::collections::BTreeMap;

use slipway_image::Reference;
use slipway_image::inspect::Facts;
use slipway_image::layout::{Image, Layout};
use slipway_image::oci::Manifest;
use slipway_image::registry::{Registry, RegistryError};
use slipway_image::view::View;

use super::stock::{Built, Stock};
use super::trouble::{Done, Trouble};
use super::{Target, contents, registry};
use crate::engine::Bench;
use crate::kit::text::plural;
use crate::model::checks::{size, structure};
use crate::model::context::Event;
use crate::model::image::{Contents, ImageRecord};
use crate::model::step::Outcome;
use crate::model::test::TestCase;
use crate::pipeline::required::{budget, structure as required};
use crate::tools::registry::Whose;

/// The most bytes of `/etc/passwd` that are read.
const PASSWD: u64 = 1 << 20;

/// Checks all images.
pub(super) fn run(stock: &Stock<'_>, bench: &Bench<'_>) -> Outcome {
    stock.each_built(|target, built| match check(stock, target, built, bench) {
        Ok((contents, cases)) => {
            let record = ImageRecord { contents: Some(contents), ..ImageRecord::named(target.name()) };
            let broken = cases.iter().filter(|case| case.outcome.is_bad()).count();
            let all = cases.len();
            let first = cases.iter().find(|case| case.outcome.is_bad()).map(TestCase::full_name);
            let mut done = if broken == 0 {
                Done::well(record)
            } else {
                let reason = format!("{broken} of {} failed", plural(all, "check"));
                Done::badly(record, Trouble::failed(reason).with_excerpt(first.unwrap_or_default()))
            };
            done.facts.tests = cases;
            done
        }
        Err(trouble) => Done::badly(ImageRecord::named(target.name()), trouble),
    })
}

fn check(
    stock: &Stock<'_>,
    target: &Target<'_>,
    built: &Built,
    bench: &Bench<'_>,
) -> Result<(Contents, Vec<TestCase>), Trouble> {
    let settings = stock.session.settings();
    let layout = Layout::open(&built.layout).map_err(|error| Trouble::failed(error.to_string()))?;
    let view = contents::view(stock, &layout, &built.image)?;
    let facts = Facts::of(&built.image, &view);
    let mut contents = contents::record(&facts);
    if settings.image.size.growth_max.limit().is_some() {
        contents.before = before(stock, target, bench)?;
    }
    let expected = required(settings, &target.settings);
    let seen = seen(&built.image, &facts, &view, &expected);
    let mut cases = structure::check(target.name(), &contents, &seen, &expected);
    cases.extend(size::check(target.name(), &contents, &budget(&settings.image.size)));
    Ok((contents, cases))
}

/// What was found in an image, beside its contents.
pub(super) fn seen(
    image: &Image,
    facts: &Facts,
    view: &View,
    expected: &structure::Expected,
) -> structure::Seen {
    let env = image.config.config.env.iter().flatten().filter_map(|line| line.split_once('='));
    let asked = expected.must_have.iter().chain(&expected.must_not_have);
    structure::Seen {
        uid: uid(&facts.user, view),
        setuid: Some(facts.setuid.iter().map(|path| absolute(path)).collect()),
        shells: Some(facts.shells.iter().map(|path| absolute(path)).collect()),
        env: env.map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<BTreeMap<_, _>>(),
        workdir: facts.workdir.clone(),
        paths: asked.map(|path| (path.clone(), view.get(path.trim_start_matches('/')).is_some())).collect(),
    }
}

fn absolute(path: &str) -> String {
    format!("/{}", path.trim_start_matches('/'))
}

/// The number of a user, which may be a name of the image's own `/etc/passwd`.
fn uid(user: &str, view: &View) -> Option<u32> {
    let name = user.split(':').next().unwrap_or_default();
    if name.is_empty() {
        return Some(0);
    }
    if let Ok(number) = name.parse() {
        return Some(number);
    }
    let passwd = String::from_utf8(view.read("etc/passwd", PASSWD).ok()?).ok()?;
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    line.split(':').nth(2)?.parse().ok()
}

/// The size of the image that the default branch pushed last; none when there is none.
fn before(stock: &Stock<'_>, target: &Target<'_>, bench: &Bench<'_>) -> Result<Option<u64>, Trouble> {
    let Some(home) = &target.repository else { return Ok(None) };
    let base = match &stock.session.context.event {
        Event::PullRequest(pull_request) => format!("branch-{}", pull_request.base_branch.replace('/', "-")),
        _ => "latest".to_owned(),
    };
    let open = registry::open(stock, home.registry(), Whose::Ours, bench)?;
    for tag in [base.as_str(), "latest"] {
        let Ok(tag) = tag.parse() else { continue };
        match size_of(&open.registry, &home.tagged(&tag)) {
            Ok(size) => return Ok(size),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(registry::of(&error)),
        }
    }
    Ok(None)
}

/// The bytes of an image as it is pulled; none of an index, which lists several.
fn size_of(registry: &Registry, reference: &Reference) -> Result<Option<u64>, RegistryError> {
    let manifest = registry.manifest(reference)?;
    let parsed = serde_json::from_slice::<Manifest>(&manifest.bytes).ok();
    Ok(parsed.map(|parsed| {
        let own = manifest.descriptor.size + parsed.config.size;
        parsed.layers.iter().fold(own, |sum, layer| sum.saturating_add(layer.size))
    }))
}
