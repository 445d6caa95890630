//! Text from outside is shown as it is, and is never markup.

use std::collections::BTreeMap;

use proptest::prelude::*;
use slipway_coverage::{Coverage, FileCoverage, Regions, Share, Span};

use crate::markup::{pieces, shown_source};
use crate::support::{EVIL, Sources, html, page_of, program_pages, rendered};

#[test]
fn an_evil_source_is_shown_as_it_is() {
    let pages = program_pages();
    let (name, page) = page_of(&pages, "src/&lt;script&gt;alert(1)&lt;/script&gt;.rs");
    assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.~".contains(&byte)), "{name}");
    let shown = EVIL.replace('\u{202e}', r"\u{202e}").replace("\r\n", "\n");
    assert_eq!(shown_source(&pieces(page)), shown);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Any bytes, paths, counts and spans make pages that read back as what went in.
    #[test]
    fn any_source_is_shown_and_nothing_of_it_is_markup(
        source in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..300),
            "[<>&\"'/*a-c\\\\ \n\r\té\u{202e}]{0,120}".prop_map(String::into_bytes),
        ],
        path in any::<String>(),
        counts in proptest::collection::vec((0..12_u32, 0..3_u64), 0..10),
        spans in proptest::collection::vec((0..12_u32, 0..40_u32, 0..12_u32, 0..40_u32), 0..5),
    ) {
        let uncovered = spans.into_iter().map(|(start_line, start_column, end_line, end_column)| Span {
            start_line, start_column, end_line, end_column,
        });
        let path = format!("{path}.rs");
        let file = FileCoverage {
            lines: counts.into_iter().collect(),
            regions: Some(Regions { share: Share::default(), uncovered: uncovered.collect() }),
            ..FileCoverage::default()
        };
        let coverage = Coverage { files: BTreeMap::from([(path.clone(), file)]) };
        let pages = rendered(&coverage, &Sources::from([(path, source.clone())]));
        let (_, page) = html(&pages).find(|(name, _)| *name != "index.html").unwrap();
        pieces(&pages["index.html"]);
        prop_assert_eq!(shown_source(&pieces(page)), plain(&source));
    }
}

/// A source as a page should show it, written as plainly as can be.
fn plain(source: &[u8]) -> String {
    let source = source.strip_prefix(b"\xef\xbb\xbf").unwrap_or(source);
    let text = String::from_utf8_lossy(source);
    let mut shown = String::new();
    for line in text.split_inclusive('\n') {
        let line = line.strip_suffix('\n').unwrap_or(line);
        for char in line.strip_suffix('\r').unwrap_or(line).chars() {
            let unseen = char.is_control() || "\u{ad}\u{61c}\u{180e}\u{feff}".contains(char) || {
                let code = u32::from(char);
                [0x200b..=0x200f, 0x2028..=0x202e, 0x2060..=0x206f, 0xe0000..=0xe007f]
                    .iter()
                    .any(|range| range.contains(&code))
            };
            if unseen && char != '\t' {
                shown.extend(char.escape_unicode());
            } else {
                shown.push(char);
            }
        }
        shown.push('\n');
    }
    shown
}
