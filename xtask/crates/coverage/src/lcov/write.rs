//! Writes a tracefile that every reader of the format takes: lcov 1 and 2, genhtml, grcov, Codecov.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Write};

use lcov::Record;

use super::name;
use super::record::without_end_line;
use crate::model::{Branch, Coverage, FileCoverage, Function, Share};

/// Writes a tracefile: a section for each file, in the order of their paths. Regions have no record and are left out.
///
/// Records stand in the order in which geninfo writes them. Where no function or no branch was measured, their totals
/// are absent rather than 0 of 0. Give it a [`std::io::BufWriter`].
///
/// # Errors
/// Writing fails; or a path is empty, or a path or a name holds a line end ([`ErrorKind::InvalidData`]), for which the
/// format has no words.
pub fn write(coverage: &Coverage, out: &mut impl Write) -> io::Result<()> {
    coverage.files.iter().try_for_each(|(path, file)| section(path, file, out))
}

fn section(path: &str, file: &FileCoverage, out: &mut impl Write) -> io::Result<()> {
    if path.is_empty() || ends_line(path) {
        return Err(invalid(format!("a tracefile has no words for the path {path:?}")));
    }
    let totals = file.totals();
    record(out, &Record::TestName { name: String::new() })?;
    record(out, &Record::SourceFile { path: path.into() })?;
    functions(&file.functions, totals.functions, out)?;
    branches(&file.branches, totals.branches, out)?;
    for (line, count) in file.lines.iter() {
        record(out, &Record::LineData { line, count, checksum: None })?;
    }
    record(out, &Record::LinesFound { found: number(totals.lines.total) })?;
    record(out, &Record::LinesHit { hit: number(totals.lines.covered) })?;
    record(out, &Record::EndOfRecord)
}

fn functions(functions: &[Function], share: Share, out: &mut impl Write) -> io::Result<()> {
    if !share.is_measured() {
        return Ok(());
    }
    if let Some(Function { name, .. }) = functions.iter().find(|function| ends_line(&function.name)) {
        return Err(invalid(format!("a tracefile has no words for the function {name:?}")));
    }
    let names = name::marked(functions);
    for (Function { line, .. }, name) in functions.iter().zip(&names) {
        let name = declared(*line, name).into_owned();
        record(out, &Record::FunctionName { name, start_line: *line })?;
    }
    for (Function { count, .. }, name) in functions.iter().zip(names) {
        record(out, &Record::FunctionData { name: name.into_owned(), count: *count })?;
    }
    record(out, &Record::FunctionsFound { found: number(share.total) })?;
    record(out, &Record::FunctionsHit { hit: number(share.covered) })
}

/// The name behind `FN:line,`. One that begins with a number and a comma gets an end line in front, for which the
/// number would be taken.
fn declared(line: u32, name: &str) -> Cow<'_, str> {
    if without_end_line(name) == name { Cow::Borrowed(name) } else { Cow::Owned(format!("{line},{name}")) }
}

fn branches(branches: &[Branch], share: Share, out: &mut impl Write) -> io::Result<()> {
    if !share.is_measured() {
        return Ok(());
    }
    for Branch { line, block, branch, taken } in branches.iter().copied() {
        record(out, &Record::BranchData { line, block, branch, taken })?;
    }
    record(out, &Record::BranchesFound { found: number(share.total) })?;
    record(out, &Record::BranchesHit { hit: number(share.covered) })
}

/// Whether a reader would take a part of the text for the end of the line.
fn ends_line(text: &str) -> bool {
    text.contains('\n') || text.ends_with('\r')
}

fn invalid(message: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, message)
}

/// A total; records hold 32 bits.
fn number(total: u64) -> u32 {
    total.try_into().unwrap_or(u32::MAX)
}

fn record(out: &mut impl Write, record: &Record) -> io::Result<()> {
    writeln!(out, "{record}")
}
