//! What several reports say of images, so that all of them say the same. Nothing here is escaped: each renderer
//! escapes for its own target.

use crate::kit::text::{bytes, millis, plural, shell_word, thousands};
use crate::model::image::{
    BuilderRecord, Contents, ImageRecord, Pushed, ScanRecord, SmokeRecord, short_digest,
};
use crate::model::record::RunRecord;
use crate::model::test::{TestCase, TestKind};

/// Something that is known of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// `built`, `size`, `smoke`.
    pub(crate) what: &'static str,
    /// What is known of it.
    pub(crate) told: String,
}

/// Where it is and which one it is, as people compare it: `ghcr.io/acme/widgets@sha256:0123456789ab`; empty while
/// neither is known.
pub(crate) fn which(image: &ImageRecord) -> String {
    match (&image.repository, &image.digest, &image.id) {
        (Some(repository), Some(digest), _) => format!("{repository}@{}", short_digest(digest)),
        (None, Some(digest), _) => short_digest(digest),
        (_, None, Some(id)) => format!("id {}", short_digest(id)),
        (Some(repository), None, None) => repository.clone(),
        (None, None, None) => String::new(),
    }
}

/// The reference by digest of an image that is in a registry; none of one that was not pushed, as nobody could pull it.
pub(crate) fn published(image: &ImageRecord) -> Option<String> {
    image.pushed.as_ref().and_then(|_| image.pinned())
}

/// The command that fetches exactly this image.
pub(crate) fn pull(image: &ImageRecord) -> Option<String> {
    published(image).map(|reference| format!("docker pull {}", shell_word(&reference)))
}

/// Its tags as full references; the tags alone when it has no home.
pub(crate) fn references(image: &ImageRecord) -> Vec<String> {
    let full = |tag: &str| match &image.repository {
        Some(repository) => format!("{repository}:{tag}"),
        None => tag.to_owned(),
    };
    image.tags.iter().map(|tag| full(&tag.tag)).collect()
}

/// All that is known of it but its name, its reference and its tags, in the order of the steps.
pub(crate) fn rows(image: &ImageRecord) -> Vec<Row> {
    let row = |what: &'static str| move |told: String| Row { what, told };
    let first = [
        image.builder.as_ref().map(|builder| built(builder, image.platform.as_deref())).map(row("built")),
        image.contents.as_ref().map(size).map(row("size")),
        image.pushed.as_ref().map(pushed).map(row("pushed")),
        pulled(image).map(row("pulled")),
    ];
    let smoke = image.smoke.iter().map(smoke).map(row("smoke"));
    first.into_iter().flatten().chain(smoke).chain(image.scan.as_ref().map(scan).map(row("scan"))).collect()
}

fn built(builder: &BuilderRecord, platform: Option<&str>) -> String {
    let platform = platform.map(|platform| format!(" for {platform}")).unwrap_or_default();
    let time = builder.duration_ms.map(|time| format!(" in {}", millis(time))).unwrap_or_default();
    let reason = if builder.reason.is_empty() { String::new() } else { format!(": {}", builder.reason) };
    format!("by {}{platform}{time}{reason}", builder.name)
}

/// `17.3 MB in 3 layers, 41.2 MB unpacked, 1.2 MB more than before`.
pub(crate) fn size(contents: &Contents) -> String {
    let part = |bytes_of: u64, word: &str| (bytes_of > 0).then(|| format!("{} {word}", bytes(bytes_of)));
    let all = format!("{} in {}", bytes(contents.size), plural(contents.layers.len(), "layer"));
    let more = [part(contents.unpacked, "unpacked"), part(contents.wasted, "wasted"), change(contents)];
    [Some(all)].into_iter().chain(more).flatten().collect::<Vec<_>>().join(", ")
}

/// `1.2 MB more than before`; none when there is nothing to compare with.
pub(crate) fn change(contents: &Contents) -> Option<String> {
    let before = contents.before?;
    Some(match contents.size.abs_diff(before) {
        0 => "as large as before".to_owned(),
        more if contents.size > before => format!("{} more than before", bytes(more)),
        less => format!("{} less than before", bytes(less)),
    })
}

fn pushed(pushed: &Pushed) -> String {
    let count = |blobs: u64| usize::try_from(blobs).unwrap_or(usize::MAX);
    let there = match pushed.skipped {
        0 => String::new(),
        1 => ", 1 was there".to_owned(),
        blobs => format!(", {} were there", thousands(count(blobs))),
    };
    let told = match (pushed.uploaded, pushed.bytes) {
        (0, _) if pushed.skipped > 0 => "nothing new".to_owned(),
        (blobs, Some(size)) => format!("{} uploaded ({})", plural(count(blobs), "blob"), bytes(size)),
        (blobs, None) => format!("{} uploaded", plural(count(blobs), "blob")),
    };
    format!("{told}{there}, in {}", millis(pushed.duration_ms))
}

fn pulled(image: &ImageRecord) -> Option<String> {
    let pulled = image.pulled.as_ref()?;
    let expected = image.claims().next().map_or("", |claim| claim.digest);
    let time = millis(pulled.duration_ms);
    Some(if pulled.digest == expected {
        format!("the same digest came back, in {time}")
    } else {
        format!("another image came back, {}, in {time}", short_digest(&pulled.digest))
    })
}

/// `serve: 12 of 12 checks held, ready in 0.13 s, exit code 0 (engine)`.
pub(crate) fn smoke(run: &SmokeRecord) -> String {
    let held = match run.total {
        0 => "nothing was checked".to_owned(),
        total => format!("{} of {total} checks held", run.passed),
    };
    let ready = run.ready_ms.map(|time| format!(", ready in {}", millis(time))).unwrap_or_default();
    let end = run.end.as_ref().map(|end| format!(", {end}")).unwrap_or_default();
    format!("{}: {held}{ready}{end} ({})", run.name, run.runtime)
}

fn scan(scan: &ScanRecord) -> String {
    let targets = if scan.targets.is_empty() { "nothing".to_owned() } else { scan.targets.join(", ") };
    let packages = match usize::try_from(scan.packages).unwrap_or(usize::MAX) {
        0 => "no package".to_owned(),
        packages => plural(packages, "package"),
    };
    let database = scan.database.as_ref().map(|made| made.chars().take(10).collect::<String>());
    let database = database.map(|day| format!(", database of {day}")).unwrap_or_default();
    let waived = match scan.waived.len() {
        0 => String::new(),
        waived => format!(", {} waived", plural(waived, "finding")),
    };
    format!("{} saw {packages} in {targets}{database}{waived}", scan.scanner)
}

/// The assertions about an image that failed.
pub(crate) fn failed<'a>(
    record: &'a RunRecord,
    image: &'a ImageRecord,
) -> impl Iterator<Item = &'a TestCase> {
    record.tests.failed().filter(|case| case.kind == TestKind::Check && case.package == image.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::image::Pulled;
    use crate::report::sample::sample;

    fn told(image: &ImageRecord) -> Vec<String> {
        rows(image).into_iter().map(|row| format!("{} {}", row.what, row.told)).collect()
    }

    #[test]
    fn the_sample_is_told_in_rows() {
        let image = &sample().images[0];
        assert_eq!(which(image), "ghcr.io/acme/widgets@sha256:0123456789ab");
        let expected = [
            "built by engine (BuildKit) for linux/amd64 in 12.0 s: the image has a Dockerfile, and docker answers",
            "size 17.3 MB in 3 layers, 41.2 MB unpacked, 40 kB wasted, 1.2 MB more than before",
            "pushed 1 blob uploaded (15 MB), 2 were there, in 1.9 s",
            "pulled the same digest came back, in 0.90 s",
            "smoke serve: 11 of 12 checks held, ready in 0.13 s, signal 9 (engine)",
            "smoke version: 3 of 3 checks held, exit code 0 (engine)",
            "scan trivy 0.76.0 saw 214 packages in image, Cargo.lock, database of 2025-12-30, 1 finding waived",
        ];
        assert_eq!(told(image), expected);
        let pull = pull(image).unwrap();
        assert!(
            pull.starts_with("docker pull ghcr.io/acme/widgets@sha256:0123456789ab") && pull.len() == 104,
            "{pull}"
        );
        assert_eq!(references(image)[0], "ghcr.io/acme/widgets:pr-12");
        assert_eq!(failed(&sample(), image).count(), 2);
    }

    #[test]
    fn an_image_that_was_not_pushed_is_not_to_be_pulled() {
        let image = &sample().images[1];
        assert_eq!((published(image), pull(image)), (None, None));
        assert_eq!(which(image), "sha256:fedcba987654");
        assert_eq!(references(image), ["dev"]);
        assert_eq!(which(&ImageRecord::named("a")), "");
        assert_eq!(told(&ImageRecord::named("a")), Vec::<String>::new());
    }

    #[test]
    fn another_digest_is_said() {
        let mut image = sample().images[0].clone();
        image.pulled = Some(Pulled { digest: "sha256:77".to_owned(), ..Pulled::default() });
        assert_eq!(told(&image)[3], "pulled another image came back, sha256:77, in 0.00 s");
    }

    #[test]
    fn a_change_of_size_has_a_direction() {
        let of = |size, before| change(&Contents { size, before, ..Contents::default() });
        assert_eq!(of(5, None), None);
        assert_eq!(of(5, Some(5)).unwrap(), "as large as before");
        assert_eq!(of(3000, Some(5000)).unwrap(), "2 kB less than before");
    }
}
