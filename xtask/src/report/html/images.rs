//! Images on the page: the command that fetches one, its tags, its layers as a bar, and what the steps found out.

use serde::Serialize;

use super::pieces::{clean, percent, share};
use crate::kit::text::{bytes, last_lines, plural};
use crate::model::image::{Contents, ImageRecord, short_digest};
use crate::model::record::RunRecord;
use crate::report::{images, words};

/// Images, tags and layers that are shown; image.json has all.
const SHOWN: usize = 50;

/// Lines of an output, its last ones.
const LINES: usize = 400;

#[derive(Serialize)]
pub(super) struct Images {
    count: usize,
    shown: Vec<Image>,
    more: Option<String>,
}

#[derive(Serialize)]
struct Image {
    name: String,
    which: String,
    failed: Option<String>,
    pull: Option<String>,
    tags: Vec<Tag>,
    rows: Vec<Row>,
    layers: Option<Layers>,
    outputs: Vec<Output>,
    files: Vec<String>,
}

#[derive(Serialize)]
struct Tag {
    name: String,
    reason: String,
}

#[derive(Serialize)]
struct Row {
    what: &'static str,
    told: String,
}

#[derive(Serialize)]
struct Layers {
    told: String,
    bars: Vec<Bar>,
    rows: Vec<Layer>,
    more: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Bar {
    at: String,
    width: String,
    title: String,
}

#[derive(Serialize)]
struct Layer {
    size: String,
    unpacked: String,
    made_by: String,
    digest: String,
}

#[derive(Serialize)]
struct Output {
    run: String,
    text: String,
}

/// None without images.
pub(super) fn images(record: &RunRecord) -> Option<Images> {
    let all = record.images.len();
    (all > 0).then(|| Images {
        count: all,
        shown: record.images.iter().take(SHOWN).map(|image| self::image(record, image)).collect(),
        more: more(all, "image"),
    })
}

fn more(all: usize, noun: &str) -> Option<String> {
    let left = all.saturating_sub(SHOWN);
    (left > 0).then(|| format!("{} more in run.json", plural(left, noun)))
}

fn image(record: &RunRecord, image: &ImageRecord) -> Image {
    let failed = images::failed(record, image).count();
    let output = |(name, output): (&String, &String)| Output {
        run: clean(name),
        text: clean(&last_lines(output, LINES)),
    };
    Image {
        name: clean(&image.name),
        which: clean(&images::which(image)),
        failed: (failed > 0).then(|| format!("{} failed", plural(failed, "check"))),
        pull: images::pull(image).map(|command| clean(&command)),
        tags: image
            .tags
            .iter()
            .take(SHOWN)
            .map(|tag| Tag { name: clean(&tag.tag), reason: clean(&tag.reason) })
            .chain(more(image.tags.len(), "tag").map(|more| Tag { name: more, reason: String::new() }))
            .collect(),
        rows: images::rows(image)
            .into_iter()
            .map(|row| Row { what: row.what, told: clean(&row.told) })
            .collect(),
        layers: image.contents.as_ref().and_then(layers),
        outputs: image
            .smoke
            .iter()
            .take(SHOWN)
            .filter_map(|run| Some((&run.name, run.output.as_ref()?)))
            .map(output)
            .collect(),
        files: image.files.iter().take(SHOWN).map(|file| clean(file)).collect(),
    }
}

fn layers(contents: &Contents) -> Option<Layers> {
    if contents.layers.is_empty() {
        return None;
    }
    let layer = |layer: &crate::model::image::LayerRecord| Layer {
        size: bytes(layer.size),
        unpacked: layer.unpacked.map_or_else(|| "-".to_owned(), bytes),
        made_by: clean(&layer.made_by),
        digest: clean(&short_digest(&layer.digest)),
    };
    Some(Layers {
        told: images::size(contents),
        bars: bars(contents),
        rows: contents.layers.iter().take(SHOWN).map(layer).collect(),
        more: more(contents.layers.len(), "layer"),
    })
}

/// A piece of the bar for each layer, as long as its part of the whole.
fn bars(contents: &Contents) -> Vec<Bar> {
    let whole = contents.layers.iter().fold(0, |sum: u64, layer| sum.saturating_add(layer.size));
    let mut below = 0_u64;
    let mut bar = |(place, layer): (usize, &crate::model::image::LayerRecord)| {
        let start = share(below, whole);
        below = below.saturating_add(layer.size);
        let title = format!("layer {}, {}: {}", place + 1, bytes(layer.size), clean(&layer.made_by));
        Bar { at: percent(start), width: percent(share(below, whole) - start), title }
    };
    contents.layers.iter().take(SHOWN).enumerate().map(&mut bar).collect()
}

/// The number on the card: the size of the first image, or how many there are.
pub(super) fn card(record: &RunRecord) -> Option<(String, String)> {
    let first = record.images.first()?;
    let checks = words::checks(record).unwrap_or_else(|| "nothing was checked".to_owned());
    let size = first.contents.as_ref().map(|contents| bytes(contents.size));
    let value = match (record.images.len(), size) {
        (1, Some(size)) => size,
        (1, None) => "1".to_owned(),
        (count, _) => count.to_string(),
    };
    Some((value, checks))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::image::LayerRecord;

    fn contents(sizes: &[u64]) -> Contents {
        let layer = |size: &u64| LayerRecord { size: *size, ..LayerRecord::default() };
        Contents { layers: sizes.iter().map(layer).collect(), ..Contents::default() }
    }

    #[test]
    fn pieces_of_the_bar_are_as_long_as_their_layers() {
        let told: Vec<_> = bars(&contents(&[25, 75])).into_iter().map(|bar| (bar.at, bar.width)).collect();
        let told: Vec<_> = told.iter().map(|(at, width)| (at.as_str(), width.as_str())).collect();
        assert_eq!(told, [("0.00%", "25.00%"), ("25.00%", "75.00%")]);
    }

    proptest! {
        #[test]
        fn any_layers_stay_on_the_bar(sizes in proptest::collection::vec(any::<u64>(), 0..60)) {
            for bar in bars(&contents(&sizes)) {
                let number = |text: &str| text.trim_end_matches('%').parse::<f64>().unwrap();
                prop_assert!(number(&bar.at) + number(&bar.width) <= 100.001);
            }
        }
    }
}
