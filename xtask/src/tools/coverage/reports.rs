//! The reports of coverage as files: lcov, Cobertura, pages, and the numbers for a badge.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::time::SystemTime;

use slipway_coverage::pages::{self, Site};
use slipway_coverage::{Coverage, Scale, badge, cobertura, lcov};

use super::source;
use crate::model::workspace::Workspace;
use crate::tools::files::{self, FileError};

/// The names of the reports, in the reports folder.
pub const NAMES: [&str; 3] = ["lcov.info", "coverage.xml", "coverage.json"];

/// The folder with pages, in the reports folder.
pub const PAGES: &str = "htmlcov";

/// What the reports say beside the counts.
#[derive(Clone, Copy)]
pub struct About<'a> {
    /// The workspace whose sources are shown.
    pub workspace: &'a Workspace,
    /// What is measured: the name of the workspace.
    pub title: &'a str,
    /// Commit, time, backend; each a few words.
    pub facts: &'a [String],
    /// The package of a path.
    pub package: &'a dyn Fn(&str) -> String,
    /// The lines that a change touches, by path.
    pub patch: Option<&'a BTreeMap<String, BTreeSet<u32>>>,
    /// What is good and what is poor.
    pub scale: Scale,
}

/// Writes all of them; each is whole or not there.
///
/// # Errors
/// When one cannot be written.
pub fn write(folder: &Path, coverage: &Coverage, about: &About<'_>) -> Result<(), FileError> {
    let [tracefile, xml, json] = NAMES.map(|name| folder.join(name));
    files::write_with(&tracefile, |out| lcov::write(coverage, out))?;
    let header = cobertura::Header {
        root: &about.workspace.root.to_string_lossy(),
        package: about.package,
        time: SystemTime::now(),
    };
    files::write_with(&xml, |out| cobertura::write(coverage, &header, out))?;
    files::write(&json, &badge::endpoint(coverage.totals().lines, &about.scale))?;
    write_pages(&folder.join(PAGES), coverage, about)
}

fn write_pages(folder: &Path, coverage: &Coverage, about: &About<'_>) -> Result<(), FileError> {
    let site = Site {
        title: about.title,
        facts: about.facts,
        report: Some("../index.html"),
        coverage,
        source: &|path| source::read(about.workspace, path),
        patch: about.patch,
        scale: about.scale,
    };
    files::replace_folder(folder, |fresh| {
        let sink = |name: &str, bytes: &[u8]| std::fs::write(fresh.join(name), bytes);
        let failed = |error| FileError { action: "write", path: folder.to_owned(), error };
        pages::write(&site, &sink).map_err(|error| failed(io::Error::other(error)))
    })
}
