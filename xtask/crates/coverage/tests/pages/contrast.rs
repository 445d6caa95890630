//! Text is readable on every ground it stands on, in both palettes (WCAG 2.2, success criterion 1.4.3, level AA).

use std::collections::BTreeMap;

use crate::support::program_pages;

const LEAST: f64 = 4.5;

/// What is written on a line of source, whatever came of the line, and on a row of the index.
const INKS: [&str; 8] = ["ink", "muted", "good", "bad", "unsure", "link", "keyword", "literal"];
const GROUNDS: [&str; 5] = ["panel", "ground", "sunk", "bad-soft", "unsure-soft"];

/// The colours of each `:root` block of the style sheet that has some, by name.
fn palettes(style: &str) -> Vec<BTreeMap<&str, &str>> {
    let blocks = style.split(":root {").skip(1).filter_map(|block| block.split_once('}'));
    blocks
        .map(|(block, _)| {
            let declarations = block.split(';').filter_map(|declaration| declaration.trim().split_once(": "));
            let colours = declarations
                .filter_map(|(name, value)| Some((name.strip_prefix("--")?, value.strip_prefix('#')?)));
            colours.filter(|(_, value)| value.len() == 6).collect::<BTreeMap<_, _>>()
        })
        .filter(|palette| palette.contains_key("keyword"))
        .collect()
}

/// Relative luminance, as WCAG defines it.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap_or_default()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_is_readable_on_every_ground() {
    let pages = program_pages();
    let palettes = palettes(&pages["style.css"]);
    assert_eq!(palettes.len(), 2, "light and dark");
    for palette in palettes {
        for (ink, ground) in INKS.iter().flat_map(|ink| GROUNDS.map(|ground| (*ink, ground))) {
            let contrast = contrast(palette[ink], palette[ground]);
            assert!(
                contrast >= LEAST,
                "{ink} {} on {ground} {}: {contrast:.2}",
                palette[ink],
                palette[ground]
            );
        }
    }
}

#[test]
fn contrast_is_what_wcag_says() {
    assert!((contrast("000000", "ffffff") - 21.0).abs() < 1e-9);
    assert!((contrast("777777", "ffffff") - 4.478).abs() < 1e-3);
}
