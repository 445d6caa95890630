//! Cobertura's XML: what GitLab and Jenkins show beside changed lines.
//!
//! Valid against `coverage-04.dtd`, whose words are those of Java: a file is a class, a function a method.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::model::{Branch, Coverage, FileCoverage, Function, Share, Totals};

mod rate;
mod xml;

use rate::{Percent, Rates};
use xml::Escaped;

/// What a report says beside the counts.
#[derive(Clone, Copy)]
pub struct Header<'a> {
    /// The folder that the paths are relative to, which readers join to them.
    pub root: &'a str,
    /// The package of the file at a path.
    pub package: &'a dyn Fn(&str) -> String,
    /// When the coverage was measured.
    pub time: SystemTime,
}

/// Writes a report. Give it a [`std::io::BufWriter`].
///
/// Rates are decimals, cut off rather than rounded, so that only a whole is 1. The format demands a rate where nothing
/// was measured too: it is 0 there, and `lines-valid` or `branches-valid` beside it is 0. A function has its first
/// line alone, since the model knows no other.
///
/// # Errors
/// Writing fails.
pub fn write(coverage: &Coverage, header: &Header<'_>, out: &mut impl Write) -> io::Result<()> {
    let packages = packages(coverage, header.package);
    let totals: Totals = packages.values().flatten().map(|class| class.totals).sum();
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">"#)?;
    write!(out, "<coverage{}", Rates(totals))?;
    write!(out, r#" lines-covered="{}" lines-valid="{}""#, totals.lines.covered, totals.lines.total)?;
    write!(
        out,
        r#" branches-covered="{}" branches-valid="{}""#,
        totals.branches.covered, totals.branches.total
    )?;
    let milliseconds = header.time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    writeln!(out, r#" version="{}" timestamp="{milliseconds}">"#, env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "<sources><source>{}</source></sources>", Escaped(header.root))?;
    writeln!(out, "<packages>")?;
    for (name, classes) in &packages {
        package(name, classes, out)?;
    }
    writeln!(out, "</packages>\n</coverage>")
}

/// A file, with its totals, which three places need.
struct Class<'a> {
    path: &'a str,
    file: &'a FileCoverage,
    totals: Totals,
}

fn packages<'a>(coverage: &'a Coverage, name: &dyn Fn(&str) -> String) -> BTreeMap<String, Vec<Class<'a>>> {
    let mut packages: BTreeMap<String, Vec<Class<'a>>> = BTreeMap::new();
    for (path, file) in &coverage.files {
        packages.entry(name(path)).or_default().push(Class { path, file, totals: file.totals() });
    }
    packages
}

fn package(name: &str, classes: &[Class<'_>], out: &mut impl Write) -> io::Result<()> {
    let totals = classes.iter().map(|class| class.totals).sum();
    writeln!(out, r#"<package name="{}"{}><classes>"#, Escaped(name), Rates(totals))?;
    for class in classes {
        self::class(class, out)?;
    }
    writeln!(out, "</classes></package>")
}

fn class(class: &Class<'_>, out: &mut impl Write) -> io::Result<()> {
    let Class { path, file, totals } = class;
    let name = path.rsplit_once('/').map_or(*path, |(_, name)| name);
    writeln!(out, r#"<class name="{}" filename="{}"{}>"#, Escaped(name), Escaped(path), Rates(*totals))?;
    writeln!(out, "<methods>")?;
    for function in &file.functions {
        method(function, out)?;
    }
    writeln!(out, "</methods>\n<lines>")?;
    let mut branches = file.branches.as_slice();
    for (number, count) in file.lines.iter() {
        let (here, later) = of_line(number, branches);
        line(number, count, here, out)?;
        branches = later;
    }
    writeln!(out, "</lines></class>")
}

fn method(function: &Function, out: &mut impl Write) -> io::Result<()> {
    let Function { line, name, count } = function;
    let rate = u8::from(*count > 0);
    write!(out, r#"<method name="{}" signature="" line-rate="{rate}""#, Escaped(name))?;
    write!(out, r#" branch-rate="0" complexity="0"><lines>"#)?;
    writeln!(out, r#"<line number="{line}" hits="{}"/></lines></method>"#, hits(*count))
}

/// The branches of a line, and those of later lines.
fn of_line(line: u32, branches: &[Branch]) -> (&[Branch], &[Branch]) {
    let from = branches.partition_point(|branch| branch.line < line);
    let (_, branches) = branches.split_at(from);
    branches.split_at(branches.iter().take_while(|branch| branch.line == line).count())
}

fn line(number: u32, count: u64, branches: &[Branch], out: &mut impl Write) -> io::Result<()> {
    let hits = hits(count);
    if branches.is_empty() {
        return writeln!(out, r#"<line number="{number}" hits="{hits}"/>"#);
    }
    let share = share(branches);
    let (percent, Share { covered, total }) = (Percent(share), share);
    write!(out, r#"<line number="{number}" hits="{hits}" branch="true""#)?;
    write!(out, r#" condition-coverage="{percent} ({covered}/{total})"><conditions>"#)?;
    for (number, decision) in branches.chunk_by(|one, other| one.block == other.block).enumerate() {
        let percent = Percent(self::share(decision));
        write!(out, r#"<condition number="{number}" type="jump" coverage="{percent}"/>"#)?;
    }
    writeln!(out, "</conditions></line>")
}

fn share(branches: &[Branch]) -> Share {
    branches.iter().map(|branch| branch.taken.is_some_and(|taken| taken > 0)).collect()
}

/// Readers in Java hold hits in 32 bits, and Jenkins takes what does not fit there
/// [for 0](https://github.com/jenkinsci/coverage-model), which is uncovered.
fn hits(count: u64) -> u64 {
    count.min(0x7fff_ffff)
}

#[cfg(test)]
mod tests;
