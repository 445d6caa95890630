//! What pages are made of: links, names, headings, and what may load and run.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use slipway_coverage::pages::{self, Site};
use slipway_coverage::{Coverage, Scale};

use crate::markup::{Piece, pieces};
use crate::support::{Sources, attribute, html, page_of, program, program_pages, rendered};

#[test]
fn every_link_leads_somewhere_and_every_name_is_given_once() {
    let pages = program_pages();
    let html: BTreeMap<&str, Vec<Piece>> = html(&pages).map(|(name, page)| (name, pieces(page))).collect();
    let ids: BTreeMap<&str, Vec<&str>> = html
        .iter()
        .map(|(name, pieces)| (*name, pieces.iter().filter_map(|piece| attribute(piece, "id")).collect()))
        .collect();
    assert_eq!(html.len(), program().0.files.len() + 1);
    for (name, pieces) in &html {
        let unique: BTreeSet<&&str> = ids[name].iter().collect();
        assert_eq!(unique.len(), ids[name].len(), "{name}");
        for target in
            pieces.iter().filter_map(|piece| attribute(piece, "href")).filter(|href| *href != "../index.html")
        {
            let (page, id) = target.split_once('#').unwrap_or((target, ""));
            let page = if page.is_empty() { name } else { page };
            assert!(pages.contains_key(page), "{name} links to {target}");
            assert!(id.is_empty() || ids[page].contains(&id), "{name} links to {target}");
        }
    }
}

#[test]
fn pages_load_and_run_nothing_but_their_own() {
    for (name, page) in html(&program_pages()) {
        let pieces = pieces(page);
        let metas =
            pieces.iter().filter(|piece| attribute(piece, "http-equiv") == Some("Content-Security-Policy"));
        let policies: Vec<_> = metas.filter_map(|piece| attribute(piece, "content")).collect();
        assert_eq!(
            policies,
            ["default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'"],
            "{name}"
        );
        for piece in &pieces {
            let Piece::Open(tag, attributes) = piece else { continue };
            assert!(!attributes.keys().any(|name| name == "style" || name.starts_with("on")), "{piece:?}");
            assert!(
                !["style", "img", "iframe", "object", "form", "base"].contains(&tag.as_str()),
                "{piece:?}"
            );
            if tag == "script" {
                assert_eq!(attributes.get("src").map(String::as_str), Some("app.js"), "{piece:?}");
            }
            for address in ["href", "src"].iter().filter_map(|name| attributes.get(*name)) {
                assert!(!address.contains(':') && !address.starts_with("//"), "{address}");
            }
        }
    }
    let pages = program_pages();
    assert!(!pages["style.css"].contains("url(") && !pages["style.css"].contains("@import"));
    assert!(!pages["app.js"].contains("http"));
}

#[test]
fn every_page_says_what_it_is() {
    for (name, page) in html(&program_pages()) {
        for needed in ["<html lang=\"en\">", "<title>", "<h1>", "<main", "<header", "<footer"] {
            assert_eq!(page.matches(needed).count(), 1, "{needed} in {name}");
        }
    }
}

#[test]
fn a_file_without_its_source_still_tells_its_lines() {
    let pages = program_pages();
    let (_, page) = page_of(&pages, "/rustc/&quot;quoted&quot; &amp; &#39;odd&#39;/lib.rs");
    assert!(page.contains("The source was not there") && page.contains("<p>7</p>"), "{page}");
    assert!(!page.contains("<pre"));
}

#[test]
fn what_was_not_measured_is_a_dash() {
    let index = &program_pages()["index.html"];
    let row = index.lines().find(|line| line.contains("empty.rs")).unwrap();
    assert_eq!(row.matches("–</td>").count(), 5, "lines, missed, functions, regions, changed: {row}");
    assert!(!index.contains("Branches"), "no file has branches");
}

#[test]
fn a_page_points_to_the_uncovered_files_around_it() {
    let pages = program_pages();
    let (_, page) = page_of(&pages, "src/engine/uncovered.rs");
    let way = |rel: &str| {
        let pieces = pieces(page);
        pieces
            .iter()
            .find(|piece| attribute(piece, "rel") == Some(rel))
            .and_then(|piece| attribute(piece, "href"))
            .map(str::to_owned)
    };
    assert_eq!(way("prev").as_deref(), Some("src--engine--partial.rs.html"));
    let (capital, _) = page_of(&pages, "src/Covered.rs");
    assert_eq!(way("next").as_deref(), Some(capital), "folders come first, then files in the order of bytes");
}

#[test]
fn a_sink_that_refuses_is_told_with_the_page() {
    let (coverage, sources) = program();
    let site = Site {
        title: "t",
        facts: &[],
        report: None,
        coverage: &coverage,
        source: &|path| sources.get(path).cloned(),
        patch: None,
        scale: Scale::default(),
    };
    let full = |name: &str, _: &[u8]| match name {
        "src--covered.rs.html" => Err(io::Error::other("no space")),
        _ => Ok(()),
    };
    let error = pages::write(&site, &full).unwrap_err();
    assert_eq!(error.to_string(), "cannot write the coverage page src--covered.rs.html: no space");
}

#[test]
fn nothing_measured_is_said() {
    let pages = rendered(&Coverage::default(), &Sources::new());
    assert_eq!(pages.keys().collect::<Vec<_>>(), ["app.js", "index.html", "style.css"]);
    assert!(pages["index.html"].contains("No file was measured."));
}
