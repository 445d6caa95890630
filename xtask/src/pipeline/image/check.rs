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
use crate::model::checks::{Suite, size, structure};
use crate::model::context::Event;
use crate::model::gate::Mode;
use crate::model::image::{Contents, ImageRecord};
use crate::model::step::Outcome;
use crate::model::test::TestCase;
use crate::pipeline::required::{budget, structure as required};
use crate::settings::Settings;
use crate::tools::registry::Whose;

/// The most bytes of `/etc/passwd` that are read.
const PASSWD: u64 = 1 << 20;

/// Checks all images.
pub(super) fn run(stock: &Stock<'_>, bench: &Bench<'_>) -> Outcome {
    let settings = stock.session.settings();
    stock.each_built(|target, built| match check(stock, target, built, bench) {
        Ok(Checked { contents, cases, unmeasured }) => {
            let record = ImageRecord { contents: Some(contents), ..ImageRecord::named(target.name()) };
            let broken = trouble(target.name(), &cases, settings);
            let (blocking, told) = match unmeasured {
                Some(why) if blocks(settings, settings.image.size.mode) => (Some(why), None),
                why => (None, why.map(|why| format!("growth was not judged: {}", why.reason()))),
            };
            let mut done = match broken.or(blocking) {
                None => Done::well(record),
                Some(trouble) => Done::badly(record, trouble),
            };
            done.facts.tests = cases;
            done.noting(told)
        }
        Err(trouble) => Done::badly(ImageRecord::named(target.name()), trouble),
    })
}

/// What was seen of an image, whether or not the one before could be asked for.
struct Checked {
    contents: Contents,
    cases: Vec<TestCase>,
    /// Why nobody knows how large the image before was.
    unmeasured: Option<Trouble>,
}

fn blocks(settings: &Settings, mode: Mode) -> bool {
    settings.mode.and(settings.image.mode).and(mode) == Mode::Block
}

/// What keeps an image from going further: checks that are broken, of those that block. One that only reports holds nobody up.
fn trouble(image: &str, cases: &[TestCase], settings: &Settings) -> Option<Trouble> {
    let modes = [(structure::KIND, settings.image.structure.mode), (size::KIND, settings.image.size.mode)]
        .into_iter();
    let blocking: Vec<String> = modes
        .filter(|(_, mode)| blocks(settings, *mode))
        .map(|(kind, _)| Suite::new(image, kind).name())
        .collect();
    let blocking: Vec<&TestCase> = cases.iter().filter(|case| blocking.contains(&case.binary)).collect();
    let mut broken = blocking.iter().filter(|case| case.outcome.is_bad());
    let first = broken.next()?.full_name();
    let reason = format!("{} of {} failed", 1 + broken.count(), plural(blocking.len(), "check"));
    Some(Trouble::failed(reason).with_excerpt(first))
}

fn check(
    stock: &Stock<'_>,
    target: &Target<'_>,
    built: &Built,
    bench: &Bench<'_>,
) -> Result<Checked, Trouble> {
    let settings = stock.session.settings();
    let layout = Layout::open(&built.layout).map_err(|error| Trouble::failed(error.to_string()))?;
    let view = contents::view(stock, &layout, &built.image)?;
    let facts = Facts::of(&built.image, &view);
    let mut contents = contents::record(&facts);
    let mut unmeasured = None;
    if settings.image.size.growth_max.limit().is_some() {
        match before(stock, target, bench) {
            Ok(size) => contents.before = size,
            Err(trouble) => unmeasured = Some(trouble),
        }
    }
    let expected = required(settings, &target.settings);
    let seen = seen(&built.image, &facts, &view, &expected);
    let mut cases = structure::check(target.name(), &contents, &seen, &expected);
    cases.extend(size::check(target.name(), &contents, &budget(&settings.image.size)));
    Ok(Checked { contents, cases, unmeasured })
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

#[cfg(test)]
mod tests {
    use super::super::trouble::conclude;
    use super::*;
    use crate::model::checks::Found;
    use crate::model::step::Status;
    use crate::settings::{File, Sources, load};

    /// How the step ends when three checks of an image went like this, with these settings.
    fn ended(structure: Found, size: Found, text: &str) -> (Status, Option<String>) {
        let file = File { path: "slipway.toml", text };
        let settings =
            load(&Sources { file: Some(file), env: &BTreeMap::new(), flags: &[] }).unwrap().settings;
        let of_structure = Suite::new("app", structure::KIND);
        let cases = [
            of_structure.check("runs as a user", Found::Holds),
            of_structure.check("has no shell", structure),
            Suite::new("app", size::KIND).check("is at most 1 kB", size),
        ];
        let trouble = trouble("app", &cases, &settings);
        let outcome = conclude(vec![Done { trouble, ..Done::well(ImageRecord::named("app")) }]);
        (outcome.status, outcome.reason)
    }

    fn broken() -> Found {
        Found::broken("it does not hold")
    }

    #[test]
    fn a_broken_check_that_blocks_fails_the_step() {
        let failed = |reason: &str| (Status::Failed, Some(reason.to_owned()));
        assert_eq!(ended(Found::Holds, broken(), ""), failed("1 of 3 checks failed"));
        assert_eq!(ended(broken(), broken(), ""), failed("2 of 3 checks failed"));
        let reported = "image.size.mode = 'report-only'";
        assert_eq!(ended(broken(), broken(), reported), failed("1 of 2 checks failed"));
        assert_eq!(ended(Found::Holds, Found::Holds, ""), (Status::Passed, None));
    }

    #[test]
    fn what_only_reports_holds_nobody_up() {
        let passed = (Status::Passed, None);
        assert_eq!(ended(Found::Holds, broken(), "image.size.mode = 'report-only'"), passed);
        assert_eq!(ended(broken(), Found::Holds, "image.structure.mode = 'report-only'"), passed);
        for text in ["mode = 'report-only'", "image.mode = 'report-only'"] {
            assert_eq!(ended(broken(), broken(), text), passed, "{text}");
        }
    }
}
