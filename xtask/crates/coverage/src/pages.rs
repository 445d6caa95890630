//! `htmlcov/`: coverage as pages for people.
//!
//! An index with all files in a tree, and a page per file with its source. The pages need nothing but each other,
//! one style sheet and one script; without the script they are still read. They are made in parallel and handed
//! out as bytes: where they go is the caller's business.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{error, fmt, io, thread};

use crate::{Coverage, FileCoverage, Scale, Share, Totals};

mod file;
mod frame;
mod html;
mod index;
mod lexer;
mod listing;
mod names;
mod survey;
mod tree;

use file::Neighbours;
use html::Html;
use names::Names;
use tree::Row;

const STYLE: &str = include_str!("pages/style.css");
const SCRIPT: &str = include_str!("pages/app.js");

/// What the pages show.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// The heading of the index, and a part of every page's title.
    pub title: &'a str,
    /// What was measured: commit, time, backend; each a few words.
    pub facts: &'a [String],
    /// The address of the report that these pages belong to, relative to `index.html`.
    pub report: Option<&'a str>,
    /// What was measured.
    pub coverage: &'a Coverage,
    /// Gives the source of a path of [`Coverage::files`]; none when it is not there.
    pub source: &'a (dyn Fn(&str) -> Option<Vec<u8>> + Sync),
    /// The lines that a patch changed, by path, when there is one.
    pub patch: Option<&'a BTreeMap<String, BTreeSet<u32>>>,
    /// What is good and what is poor.
    pub scale: Scale,
}

/// Takes a file of the site: a name without folders, unique even where capitals do not count, and its bytes.
/// Called from several threads at once.
pub type Sink<'a> = &'a (dyn Fn(&str, &[u8]) -> io::Result<()> + Sync);

/// A page could not be handed out.
#[derive(Debug)]
pub struct PagesError {
    page: String,
    cause: io::Error,
}

impl fmt::Display for PagesError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cannot write the coverage page {}: {}", self.page, self.cause)
    }
}

impl error::Error for PagesError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&self.cause)
    }
}

/// A file and its page.
struct Entry<'a> {
    path: &'a str,
    /// The name of its page, without `.html`.
    page: String,
    file: &'a FileCoverage,
    totals: Totals,
    changed: Share,
}

/// Makes all pages and hands them out: `index.html`, `style.css`, `app.js` and a page per file.
///
/// # Errors
/// When the sink refuses a page; the first refusal is told, and what was not started by then is left out.
pub fn write(site: &Site<'_>, sink: Sink<'_>) -> Result<(), PagesError> {
    let refused = |page: &str| {
        let page = page.to_owned();
        move |cause| PagesError { page, cause }
    };
    let entries = entries(site);
    let rows = tree::rows(&entries);
    let mut html = Html::default();
    index::write(&mut html, site, &entries, &rows);
    sink("index.html", html.as_bytes()).map_err(refused("index.html"))?;
    sink("style.css", style().as_bytes()).map_err(refused("style.css"))?;
    sink("app.js", SCRIPT.as_bytes()).map_err(refused("app.js"))?;

    let walk = walk(&rows);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut html = Html::default();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((entry, neighbours)) = walk.get(at) else { return Ok(()) };
            html.clear();
            file::write(&mut html, site, entry, neighbours);
            let page = format!("{}.html", entry.page);
            if let Err(cause) = sink(&page, html.as_bytes()) {
                next.store(walk.len(), Ordering::Relaxed);
                return Err(PagesError { page, cause });
            }
        }
    };
    thread::scope(|scope| {
        let others =
            thread::available_parallelism().map_or(1, NonZero::get).min(walk.len()).saturating_sub(1);
        // A thread that the system refuses is a thread less.
        let others: Vec<_> =
            (0..others).filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok()).collect();
        let mine = work();
        let theirs =
            others.into_iter().map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        theirs.chain([mine]).collect()
    })
}

fn entries<'a>(site: &Site<'a>) -> Vec<Entry<'a>> {
    let mut names = Names::beside(&["index.html"]);
    let entry = |(path, file): (&'a String, &'a FileCoverage)| Entry {
        path,
        page: names.give(path),
        file,
        totals: file.totals(),
        changed: site
            .patch
            .and_then(|patch| patch.get(path))
            .map(|lines| changed(file, lines))
            .unwrap_or_default(),
    };
    site.coverage.files.iter().map(entry).collect()
}

/// How many of the changed lines that hold code ran.
fn changed(file: &FileCoverage, lines: &BTreeSet<u32>) -> Share {
    lines.iter().filter_map(|line| file.lines.get(*line)).map(|count| count > 0).collect()
}

/// All entries in the order of the index, each with its neighbours.
fn walk<'a>(rows: &[Row<'a>]) -> Vec<(&'a Entry<'a>, Neighbours<'a>)> {
    let uncovered = |entry: &Entry<'_>| entry.totals.lines.missed() > 0 || entry.totals.regions.missed() > 0;
    let entries = rows.iter().filter_map(|row| row.entry);
    let mut walk: Vec<_> = entries.map(|entry| (entry, Neighbours::default())).collect();
    let mut before = None;
    for (entry, neighbours) in &mut walk {
        neighbours.before = before;
        before = if uncovered(entry) { Some(*entry) } else { before };
    }
    let mut after = None;
    for (entry, neighbours) in walk.iter_mut().rev() {
        neighbours.after = after;
        after = if uncovered(entry) { Some(*entry) } else { after };
    }
    walk
}

/// The style sheet, with the classes that carry numbers: the policy of the pages forbids style attributes.
fn style() -> String {
    let depths = (0..=tree::DEEPEST).map(|depth| format!(".d{depth}{{--d:{depth}}}\n"));
    let widths = (0..=100).map(|width| format!(".w{width}{{--w:{width}%}}\n"));
    depths.chain(widths).fold(STYLE.to_owned(), |style, rule| style + &rule)
}
