//! `image.origin` and `image.provenance`: whether images are what they are said to be, before they are pulled. A record says which
//! digests a run has pushed; the registry and GitHub say whether that is so.

use slipway_image::Reference;

use super::registry;
use super::stock::Stock;
use super::trouble::{Done, Trouble};
use crate::engine::Bench;
use crate::kit::secret::GITHUB_VARIABLES;
use crate::model::command::CommandLine;
use crate::model::image::ImageRecord;
use crate::model::step::Outcome;
use crate::tools::programs;

/// Looks whether the tag of the commit names the digests.
pub(super) fn tag(stock: &Stock<'_>, bench: &Bench<'_>) -> Outcome {
    each(stock, |reference| {
        let (Some(tag), Some(digest)) = (&stock.named.tag, &reference.digest) else {
            return Err(Trouble::inconclusive(format!("{reference} names no digest")));
        };
        let tagged = reference.repository.tagged(tag);
        let host = reference.repository.registry();
        let open = registry::open(stock, host, registry::whose(stock.session, host), bench)?;
        let found = open.registry.resolve(&tagged);
        open.tell(bench);
        match found {
            Ok(found) if found.digest == *digest => {
                bench.say(&format!("{tagged} is {digest}"));
                Ok(())
            }
            Ok(found) => Err(Trouble::failed(format!(
                "{tagged} is {}, and the run says that it pushed {digest}",
                found.digest
            ))
            .hint(["somebody has moved the tag, or the record is not of this commit: run the pipeline of the commit again".to_owned()])),
            Err(error) if error.is_not_found() => Err(Trouble::failed(format!("there is no {tagged}"))
                .hint(["the run says that it pushed an image of this commit: look at its log".to_owned()])),
            Err(error) => Err(registry::of(&error)),
        }
    })
}

/// Asks GitHub's program who built the digests.
pub(super) fn provenance(stock: &Stock<'_>, bench: &Bench<'_>) -> Outcome {
    each(stock, |reference| {
        if programs::find(&bench.supervisor().env, "gh").is_none() {
            let hint = "install it from https://cli.github.com, or set github.attestations to auto";
            return Err(Trouble::environment("gh is not installed, which verifies attestations")
                .hint([hint.to_owned()]));
        }
        let line = command(stock, reference);
        let output = bench
            .run(&line.secrets(GITHUB_VARIABLES))
            .map_err(|error| Trouble::environment(error.error.to_string()))?;
        if output.success() { Ok(()) } else { Err(Trouble::of_command("gh attestation verify", &output)) }
    })
}

/// What a person runs to see what the tag names.
pub(super) fn tags(stock: &Stock<'_>) -> Vec<CommandLine> {
    let tagged = |reference: &Reference| Some(reference.repository.tagged(stock.named.tag.as_ref()?));
    let all = stock.named.references.iter().filter_map(tagged);
    all.map(|it| CommandLine::new("cargo").args(["xtask", "image", "inspect", &it.to_string()])).collect()
}

/// What a person runs to see who built them.
pub(super) fn attestations(stock: &Stock<'_>) -> Vec<CommandLine> {
    stock.named.references.iter().map(|reference| command(stock, reference)).collect()
}

fn command(stock: &Stock<'_>, reference: &Reference) -> CommandLine {
    let attested = stock.named.attested.as_ref();
    let repository = attested.map_or("", |attested| &attested.repository);
    let image = format!("oci://{reference}");
    let line = CommandLine::new("gh").args(["attestation", "verify", &image, "--repo", repository]);
    // Else anything counts that this repository ever attested.
    match attested.and_then(|attested| attested.commit.as_deref()) {
        Some(commit) => line.args(["--source-digest", commit]),
        None => line,
    }
}

fn each(stock: &Stock<'_>, look: impl Fn(&Reference) -> Result<(), Trouble>) -> Outcome {
    stock.each(|target| {
        let record = ImageRecord::named(target.name());
        let Some(reference) = stock.reference(target) else {
            return Done::badly(record, Trouble::failed("nobody named an image"));
        };
        match look(reference) {
            Ok(()) => Done::well(record),
            Err(trouble) => Done::badly(record, trouble),
        }
    })
}
