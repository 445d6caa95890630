//! A small program with all that pages can meet, and its pages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use slipway_coverage::pages::{self, Site};
use slipway_coverage::{Coverage, FileCoverage, Function, Lines, Regions, Scale, Share, Span};

use crate::markup::Piece;

/// A source that nobody should meet.
pub(crate) const EVIL: &str = "// <script>alert(1)</script> \u{202e}\nfn main() { \"</pre><img src=x onerror=alert(1)>\"; }\r\n\t'&amp;'\n";

pub(crate) type Sources = BTreeMap<String, Vec<u8>>;

/// A file whose lines ran as often as told, with all shares measured.
pub(crate) fn file(counts: &[(u32, u64)]) -> FileCoverage {
    let lines: Lines = counts.iter().copied().collect();
    let share = lines.share();
    FileCoverage {
        regions: Some(Regions { share, uncovered: Vec::new() }),
        functions: vec![Function { line: 2, name: "<T as A>::b".to_owned(), count: 0 }],
        lines,
        ..FileCoverage::default()
    }
}

/// A small program: covered, partly covered, uncovered, odd, evil and missing files.
pub(crate) fn program() -> (Coverage, Sources) {
    let long = "fn f() {}\n".repeat(200);
    let span = Span { start_line: 30, start_column: 4, end_line: 30, end_column: 6 };
    let mut partial = file(&[(10, 0), (11, 0), (30, 3), (31, 1), (150, 0)]);
    partial.regions = Some(Regions { share: Share { covered: 4, total: 7 }, uncovered: vec![span] });
    let files = [
        ("src/covered.rs", file(&[(1, 12_345)]), Some("fn a() {}\n")),
        ("src/engine/partial.rs", partial, Some(long.as_str())),
        ("src/engine/uncovered.rs", file(&[(1, 0), (2, 0)]), Some("a\nb\n")),
        ("src/<script>alert(1)</script>.rs", file(&[(2, 0)]), Some(EVIL)),
        ("src/Covered.rs", file(&[(1, 0)]), Some("CASE\n")),
        ("/rustc/\"quoted\" & 'odd'/lib.rs", file(&[(7, 0)]), None),
        ("empty.rs", FileCoverage::default(), Some("")),
    ];
    let mut coverage = Coverage::default();
    let mut sources = Sources::new();
    for (path, file, source) in files {
        coverage.files.insert(path.to_owned(), file);
        sources.extend(source.map(|source| (path.to_owned(), source.as_bytes().to_vec())));
    }
    (coverage, sources)
}

/// The pages of a program, by name.
pub(crate) fn rendered(coverage: &Coverage, sources: &Sources) -> BTreeMap<String, String> {
    let patch = BTreeMap::from([("src/engine/partial.rs".to_owned(), BTreeSet::from([10, 12]))]);
    let facts = ["commit <b>".to_owned(), "today".to_owned()];
    let site = Site {
        title: "Coverage of <parcels>",
        facts: &facts,
        report: Some("../index.html"),
        coverage,
        source: &|path| sources.get(path).cloned(),
        patch: Some(&patch),
        scale: Scale::default(),
    };
    let written = Mutex::new(BTreeMap::new());
    let sink = |name: &str, bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).expect("pages are UTF-8");
        assert!(written.lock().unwrap().insert(name.to_owned(), text).is_none(), "{name} is written once");
        Ok(())
    };
    pages::write(&site, &sink).unwrap();
    written.into_inner().unwrap()
}

pub(crate) fn program_pages() -> BTreeMap<String, String> {
    let (coverage, sources) = program();
    rendered(&coverage, &sources)
}

pub(crate) fn attribute<'a>(piece: &'a Piece, name: &str) -> Option<&'a str> {
    match piece {
        Piece::Open(_, attributes) => attributes.get(name).map(String::as_str),
        _ => None,
    }
}

/// All pages; not what they share.
pub(crate) fn html(pages: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    let all = pages.iter().map(|(name, page)| (name.as_str(), page.as_str()));
    all.filter(|(_, page)| page.starts_with("<!doctype html>"))
}

/// The name and content of the page of a path: the one whose title starts with it.
pub(crate) fn page_of<'a>(pages: &'a BTreeMap<String, String>, path: &str) -> (&'a str, &'a str) {
    let title = format!("<title>{path} – ");
    let found = pages.iter().find(|(_, page)| page.contains(&title));
    found.map(|(name, page)| (name.as_str(), page.as_str())).expect("the page is there")
}
