//! The page of a file: its shares, its uncovered places and functions, and its source.

use std::path::Path;

use super::html::{Grouped, Html, Text};
use super::listing::Listing;
use super::survey::{Place, Survey, places_by_count};
use super::{Entry, Site, frame};

/// A mark in the map is at least one of so many parts of it high, and none lies upon another.
const MAP_PARTS: u32 = 160;

/// The nearest files around one, in the order of the index, that have something uncovered.
#[derive(Clone, Copy, Default)]
pub(super) struct Neighbours<'a> {
    pub(super) before: Option<&'a Entry<'a>>,
    pub(super) after: Option<&'a Entry<'a>>,
}

pub(super) fn write(html: &mut Html, site: &Site<'_>, entry: &Entry<'_>, neighbours: &Neighbours<'_>) {
    let source = (site.source)(entry.path);
    // A byte order mark is no part of the first line, and no column counts it.
    let source = source.as_deref().map(|source| source.strip_prefix(b"\xef\xbb\xbf").unwrap_or(source));
    let survey = source.map(|source| Survey::of(source, entry.file));
    let places = survey.as_ref().map_or_else(|| places_by_count(entry.file), Survey::places);
    let changed = site.patch.and_then(|patch| patch.get(entry.path));

    head(html, site, entry);
    bar(html, entry, neighbours, source.is_some() && !places.is_empty());
    html.raw("<main>\n<div class=\"wide notes\">\n");
    functions(html, entry, survey.as_ref().map_or(0, |survey| survey.lines.len()));
    place_list(html, &places, source.is_some());
    match &survey {
        None => html.raw("<p class=\"note\">The source was not there when this page was made.</p>\n"),
        Some(survey) => {
            if survey.lines.is_empty() {
                html.raw("<p class=\"note\">The file is empty.</p>\n");
            } else {
                legend(html, changed.is_some());
            }
            if survey.beyond > 0 {
                let beyond = Grouped(survey.beyond as u64);
                html.put(format_args!(
                    "<p class=\"note\">The source has changed since it was measured; measured lines behind its end: {beyond}.</p>\n"
                ));
            }
        }
    }
    html.raw("</div>\n");
    if let (Some(source), Some(survey)) = (source, &survey) {
        let is_rust = Path::new(entry.path).extension().is_some_and(|extension| extension == "rs");
        Listing { source, survey, places: &places, changed, is_rust }.write(html);
        map(html, &places, survey.lines.len());
    }
    html.raw("</main>\n");
    frame::foot(html);
}

fn head(html: &mut Html, site: &Site<'_>, entry: &Entry<'_>) {
    let totals = &entry.totals;
    frame::head(html, &format!("{} – {}", entry.path, site.title));
    let (folders, name) = entry.path.split_at(entry.path.rfind('/').map_or(0, |slash| slash + 1));
    html.put(format_args!(
        "<header class=\"top {}\">\n<div class=\"wide\">\n<p class=\"place\"><a href=\"index.html\">{}</a></p>\n\
         <h1><span>{}</span><wbr>{}</h1>\n<dl class=\"cards\">\n",
        frame::tone(&site.scale, totals.lines),
        Text(site.title),
        Text(folders),
        Text(name)
    ));
    let shares = [
        ("Functions", totals.functions),
        ("Regions", totals.regions),
        ("Branches", totals.branches),
        ("Changed lines", entry.changed),
    ];
    frame::card(html, &site.scale, "Lines", totals.lines);
    for (label, share) in shares.into_iter().filter(|(_, share)| share.is_measured()) {
        frame::card(html, &site.scale, label, share);
    }
    html.raw("</dl>\n</div>\n</header>\n");
}

/// What stays in view: the ways out, and to the next place.
fn bar(html: &mut Html, entry: &Entry<'_>, neighbours: &Neighbours<'_>, walkable: bool) {
    html.put(format_args!(
        "<nav class=\"walk\" aria-label=\"Pages\">\n<div class=\"wide\">\n<a rel=\"up\" href=\"index.html#f-{}\">All files</a>\n\
         <span class=\"file\"><b>{}</b> {}</span>\n",
        entry.page,
        Text(base_name(entry.path)),
        entry.totals.lines
    ));
    if walkable {
        html.raw(
            "<span class=\"live\" hidden><button type=\"button\" data-key=\"p\" aria-label=\"Previous uncovered place\">↑</button>\
             <button type=\"button\" data-key=\"n\" aria-label=\"Next uncovered place\">↓</button> <output aria-live=\"polite\"></output></span>\n",
        );
    }
    let ways =
        [("prev", "Previous", "‹ ", "", neighbours.before), ("next", "Next", "", " ›", neighbours.after)];
    html.raw("<span class=\"files\">");
    for (rel, word, before, behind, entry) in ways {
        if let Some(Entry { path, page, .. }) = entry {
            let (path, name) = (Text(path), Text(base_name(path)));
            html.put(format_args!(
                "<a rel=\"{rel}\" href=\"{page}.html\" title=\"{word} file with uncovered lines: {path}\">{before}{name}{behind}</a> "
            ));
        }
    }
    html.raw("</span>\n</div>\n</nav>\n");
}

fn base_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The functions that never ran, with links to those within the lines of the source.
fn functions(html: &mut Html, entry: &Entry<'_>, lines: usize) {
    let never = || entry.file.functions.iter().filter(|function| function.count == 0);
    let count = never().count();
    if count == 0 {
        return;
    }
    let noun = if count == 1 { "function" } else { "functions" };
    html.put(format_args!("<details><summary>{} {noun} never ran</summary>\n<ul>\n", Grouped(count as u64)));
    for function in never() {
        let (line, name) = (function.line, Text(&function.name));
        if (1..=lines as u64).contains(&line.into()) {
            html.put(format_args!("<li><a href=\"#L{line}\">{line}</a> <code>{name}</code></li>\n"));
        } else {
            html.put(format_args!("<li>{line} <code>{name}</code></li>\n"));
        }
    }
    html.raw("</ul>\n</details>\n");
}

/// The places as text: for readers without script, and without source.
fn place_list(html: &mut Html, places: &[Place], linked: bool) {
    if places.is_empty() {
        return;
    }
    let open = if linked { "" } else { " open" };
    let noun = if places.len() == 1 { "place" } else { "places" };
    html.put(format_args!(
        "<details{open}><summary>{} uncovered {noun}</summary>\n<p>",
        Grouped(places.len() as u64)
    ));
    for (at, Place { first, last, missed }) in places.iter().enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        let part = if *missed { "" } else { " in part" };
        let to = if last > first { format!("–{last}") } else { String::new() };
        if linked {
            html.put(format_args!("{comma}<a href=\"#L{first}\">{first}{to}</a>{part}"));
        } else {
            html.put(format_args!("{comma}{first}{to}{part}"));
        }
    }
    html.raw("</p>\n</details>\n");
}

/// What the signs beside the lines say.
fn legend(html: &mut Html, is_changed: bool) {
    html.raw(
        "<p class=\"legend\"><span><b class=\"bad\">0 ✕</b> never ran</span> \
         <span><b class=\"unsure\">◐</b> ran, but <mark>not all</mark> of it</span>",
    );
    html.raw(if is_changed { " <span><b>+</b> changed</span></p>\n" } else { "</p>\n" });
}

/// The file as a strip at the edge. For the eye and the mouse only: the list of places says the same.
fn map(html: &mut Html, places: &[Place], lines: usize) {
    let lines = u32::try_from(lines).unwrap_or(u32::MAX);
    let least = lines.div_ceil(MAP_PARTS);
    if places.is_empty() {
        return;
    }
    html.put(format_args!(
        "<svg class=\"map\" viewBox=\"0 0 1 {lines}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
    ));
    let mut free = 0;
    for Place { first, last, missed } in places {
        let (top, height) = (first - 1, (last - first + 1).max(least));
        if top >= free || *missed && top + height > free {
            let top = top.max(free);
            let class = if *missed { 'm' } else { 'p' };
            html.put(format_args!(
                "<a href=\"#L{first}\" tabindex=\"-1\"><rect class={class} y={top} width=1 height={height} /></a>"
            ));
            free = top.saturating_add(height);
        }
    }
    html.raw("</svg>\n");
}
