//! From counts to the record of coverage and its reports, wherever the counts come from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use slipway_coverage::patch::{Diff, FileDiff};
use slipway_coverage::paths::{Dropped, PrefixMap, Reason, Scope};
use slipway_coverage::{Coverage, Scale};

use super::Session;
use super::comparison::compare;
use crate::kit::text::plural;
use crate::model::coverage::CoverageRecord;
use crate::model::facts::Facts;
use crate::model::step::{Outcome, Status};
use crate::settings::Pattern;
use crate::tools::coverage::profiles::Read;
use crate::tools::coverage::reports::{self, About};

/// The step that measures.
pub const ID: &str = "coverage.report";

/// The source files that count; of tracefiles from elsewhere, folders are taken for others by `maps`.
///
/// # Errors
/// When a pattern of the settings cannot be used, in a sentence.
pub fn scope(session: &Session, maps: &[PrefixMap]) -> Result<Scope, String> {
    let wanted = &session.settings().coverage;
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let scope = Scope::new(&path(&session.workspace.root))
        .map(maps.iter().cloned())
        .without_folder(&path(&session.workspace.target_directory))
        .without(wanted.exclude.iter().map(Pattern::as_str))
        .map_err(|error| error.to_string())?;
    Ok(if wanted.include_tests { scope.with_tests() } else { scope })
}

/// Writes the reports and gives the record back; without any file nothing was measured.
#[must_use]
pub fn outcome(session: &Session, read: Read, scope: &Scope) -> Outcome {
    let Read { coverage, backend, mut notes } = read;
    notes.extend(left_out(scope.dropped()));
    if coverage.files.is_empty() {
        let facts = Facts { notes, ..Facts::default() };
        return Outcome::because(Status::Inconclusive, "no source file of the workspace was measured")
            .with_facts(facts);
    }
    let package = |path: &str| package_of(session, path);
    let mut record = CoverageRecord::of(&coverage, backend, package);
    record.notes = notes;
    let change = compare(session, &coverage, &|path| scope.wants(path), &mut record);
    let change = change.map(|diff| changed_lines(&diff, &coverage));
    let commit = session.context.checkout.commit.as_ref();
    let commit = commit.map(|sha| format!("commit {}", sha.chars().take(12).collect::<String>()));
    let measured_by = Some(format!("measured by {}", record.backend.name));
    let facts: Vec<String> = [commit, measured_by].into_iter().flatten().collect();
    let about = About {
        workspace: &session.workspace,
        title: &session.workspace.root.file_name().unwrap_or_default().to_string_lossy(),
        facts: &facts,
        package: &|path| package(path).unwrap_or_default(),
        patch: change.as_ref(),
        scale: Scale::default(),
    };
    let written = reports::write(&session.reports, &coverage, &about);
    let facts = Facts { coverage: Some(record), ..Facts::default() };
    match written {
        Ok(()) => Outcome::new(Status::Passed, facts),
        // The counts are kept: only files are missing.
        Err(error) => {
            Outcome::because(Status::Failed, error.to_string()).with_facts(facts).blame_environment()
        }
    }
}

/// The lines of measured files that a change touches, by path.
fn changed_lines(diff: &Diff, coverage: &Coverage) -> BTreeMap<String, BTreeSet<u32>> {
    let lines = |file: &FileDiff| file.added.iter().flat_map(|range| range.start..=range.end).collect();
    let measured = diff.files.iter().filter(|file| coverage.files.contains_key(&file.path));
    measured.map(|file| (file.path.clone(), lines(file))).collect()
}

/// The package in whose folder a file lies; of nested ones the innermost.
fn package_of(session: &Session, path: &str) -> Option<String> {
    let path = session.workspace.root.join(path);
    let holds = session.workspace.packages.iter().filter(|package| path.starts_with(&package.folder));
    holds.max_by_key(|package| package.folder.as_os_str().len()).map(|package| package.name.clone())
}

/// Foreign files are not wanted and not worth a word; those of the repository are.
fn left_out(dropped: Dropped) -> Option<String> {
    let own = [Reason::Generated, Reason::Test, Reason::Excluded];
    let count: u64 = own.into_iter().map(|reason| dropped.times(reason)).sum();
    let files = plural(usize::try_from(count).unwrap_or(usize::MAX), "file");
    let they = if count == 1 { "only tests, is" } else { "only test, are" };
    (count > 0).then(|| format!("coverage leaves out {files} that {they} generated or excluded"))
}
