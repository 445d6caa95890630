//! `index.html`: totals, and all files in a table that is a tree.

use super::html::{Grouped, Html, Text};
use super::tree::Row;
use super::{Entry, Site, frame, tree};
use crate::{Share, Totals};

/// So many rows are all shown from the start.
const FEW_ROWS: usize = 150;

/// Of more rows, folders start unfolded down to the depth at which so many are shown.
const FIRST_ROWS: usize = 60;

/// A column of shares, in the order of the page.
struct Column {
    name: &'static str,
    of: fn(&Row<'_>) -> Share,
}

pub(super) fn write(html: &mut Html, site: &Site<'_>, entries: &[Entry<'_>], rows: &[Row<'_>]) {
    let totals: Totals = entries.iter().map(|entry| entry.totals).sum();
    let changed: Share = entries.iter().map(|entry| entry.changed).sum();
    frame::head(html, site.title);
    html.put(format_args!(
        "<header class=\"top {}\">\n<div class=\"wide\">\n<h1>{}</h1>\n<p class=\"place\">",
        frame::tone(&site.scale, totals.lines),
        Text(site.title)
    ));
    for fact in site.facts {
        html.put(format_args!("<span>{}</span> ", Text(fact)));
    }
    if let Some(report) = site.report {
        html.put(format_args!("<a rel=\"up\" href=\"{}\">the run</a>", Text(report)));
    }
    html.raw("</p>\n</div>\n</header>\n<main class=\"wide\">\n<dl class=\"cards\">\n");
    let measured =
        [("Functions", totals.functions), ("Regions", totals.regions), ("Branches", totals.branches)];
    frame::card(html, &site.scale, "Lines", totals.lines);
    for (label, share) in measured.into_iter().filter(|(_, share)| share.is_measured()) {
        frame::card(html, &site.scale, label, share);
    }
    if site.patch.is_some() {
        frame::card(html, &site.scale, "Changed lines", changed);
    }
    html.raw("</dl>\n");
    if entries.is_empty() {
        html.raw("<p class=\"muted\">No file was measured.</p>\n");
    } else {
        table(html, site, &totals, rows, entries.len());
    }
    html.raw("</main>\n");
    frame::foot(html);
}

fn table(html: &mut Html, site: &Site<'_>, totals: &Totals, rows: &[Row<'_>], files: usize) {
    let columns = [
        (totals.functions.is_measured(), Column { name: "Functions", of: |row| row.totals.functions }),
        (totals.regions.is_measured(), Column { name: "Regions", of: |row| row.totals.regions }),
        (totals.branches.is_measured(), Column { name: "Branches", of: |row| row.totals.branches }),
        (site.patch.is_some(), Column { name: "Changed", of: |row| row.changed }),
    ];
    let columns: Vec<Column> =
        columns.into_iter().filter_map(|(shown, column)| shown.then_some(column)).collect();
    let count = if files == 1 { "1 file".to_owned() } else { format!("{} files", Grouped(files as u64)) };
    html.put(format_args!(
        "<div class=\"tools\"><h2>{count}</h2><div class=\"live\" hidden>\
         <label>Search <input id=\"search\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\"></label>\
         <output aria-live=\"polite\"></output>\
         <button type=\"button\" id=\"flat\" aria-pressed=\"false\">Flat list</button></div></div>\n\
         <table id=\"files\">\n<thead><tr><th scope=\"col\" class=\"name\">Name</th><th scope=\"col\" class=\"lines\">Lines</th>\
         <th scope=\"col\">Missed</th>"
    ));
    for column in &columns {
        html.put(format_args!("<th scope=\"col\" class=\"more\">{}</th>", column.name));
    }
    html.raw("</tr></thead>\n<tbody>\n");
    let unfolded = unfolded(rows);
    for row in rows {
        write_row(html, site, row, &columns, unfolded);
    }
    html.raw("</tbody>\n</table>\n");
}

/// The depth of the deepest rows that are shown from the start.
fn unfolded(rows: &[Row<'_>]) -> usize {
    let shown = |depth: usize| rows.iter().filter(|row| row.depth <= depth).count();
    let most = if rows.len() > FEW_ROWS { FIRST_ROWS } else { FEW_ROWS };
    (1..=tree::DEEPEST).take_while(|depth| shown(*depth) <= most).last().unwrap_or(1)
}

/// Attributes go without quotes where that is allowed: there are thousands of rows.
fn write_row(html: &mut Html, site: &Site<'_>, row: &Row<'_>, columns: &[Column], unfolded: usize) {
    let (depth, name, lines) = (row.depth, Text(row.name), row.totals.lines);
    let folded = if depth > unfolded { " in" } else { "" };
    match row.entry {
        Some(entry) => html.put(format_args!(
            "<tr id=f-{page} class=\"d{depth}{folded}\"><th scope=row><a href={page}.html>{name}</a></th>",
            page = entry.page
        )),
        None => html.put(format_args!(
            "<tr class=\"d{depth}{folded}\"><th scope=row><button type=button disabled aria-expanded={}>{name}</button></th>",
            depth < unfolded
        )),
    }
    html.put(format_args!(
        "<td class=\"bar {} w{}\">{lines}</td>",
        frame::tone(&site.scale, lines),
        frame::width(lines)
    ));
    if lines.is_measured() {
        html.put(format_args!("<td>{}</td>", Grouped(lines.missed())));
    } else {
        html.raw("<td>–</td>");
    }
    for column in columns {
        let share = (column.of)(row);
        html.put(format_args!("<td class={}>{share}</td>", frame::tone(&site.scale, share)));
    }
    html.raw("</tr>\n");
}
