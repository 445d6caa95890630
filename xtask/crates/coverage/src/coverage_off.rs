//! Code that its authors took out of coverage, with `#[coverage(off)]`.
//!
//! The compiler honours the attribute by itself. A foreign tracefile may come from a compiler that did not: a stable
//! one, or a build without `--cfg coverage_nightly`. So the items are looked up in the sources. That needs no parser:
//! an item ends where its brackets close.

use std::ops::RangeInclusive;

use crate::model::{Coverage, FileCoverage};

mod attribute;
mod lexer;

use attribute::Switch;
use lexer::Token;

/// Drops the lines, functions and branches of items that are switched off, and tells how many lines that were.
/// `source` gives the text of a file, none where it is not known; such a file stays as it is.
pub fn apply(coverage: &mut Coverage, source: &dyn Fn(&str) -> Option<String>) -> usize {
    let files = coverage.files.iter_mut();
    files.map(|(path, file)| source(path).map_or(0, |text| drop_lines(file, &Switches::of(&text)))).sum()
}

fn drop_lines(file: &mut FileCoverage, switches: &Switches) -> usize {
    if switches.is_empty() {
        return 0;
    }
    let before = file.lines.len();
    file.lines = file.lines.iter().filter(|(line, _)| !switches.is_off(*line)).collect();
    file.functions.retain(|function| !switches.is_off(function.line));
    file.branches.retain(|branch| !switches.is_off(branch.line));
    file.regions = None;
    before - file.lines.len()
}

/// The items of a file that are switched off, or on again within one that is off.
///
/// These attributes are known: `coverage(off)`, `coverage(on)`, and either in a `cfg_attr` whose condition asks for
/// `coverage` or `coverage_nightly`, which cargo-llvm-cov sets. One on `mod name;` speaks of another file, and is not
/// followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switches(Vec<(RangeInclusive<u32>, Switch)>);

impl Switches {
    /// Looks for them in Rust source. Text that is no Rust has none, or some: it never fails.
    #[must_use]
    pub fn of(source: &str) -> Self {
        if !source.contains("coverage") {
            return Self::default();
        }
        let tokens = lexer::tokens(source);
        let found = attribute::find(&tokens).into_iter();
        Self(found.map(|attribute| (lines(&tokens, &attribute), attribute.switch)).collect())
    }

    /// Whether a line is switched off; the innermost item decides.
    #[must_use]
    pub fn is_off(&self, line: u32) -> bool {
        let innermost = self.0.iter().rev().find(|(lines, _)| lines.contains(&line));
        innermost.is_some_and(|(_, switch)| *switch == Switch::Off)
    }

    /// Whether nothing is switched.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The lines that an attribute speaks of.
fn lines(tokens: &[Token<'_>], attribute: &attribute::Found) -> RangeInclusive<u32> {
    let last = tokens.last().map_or(0, |token| token.line);
    let (start, end) = if attribute.inner {
        let open = enclosing(tokens, attribute.start);
        (open, open.map_or(tokens.len(), |open| item_end(tokens, open)))
    } else {
        (Some(attribute.start), item_end(tokens, attribute.end))
    };
    let line = |index: usize| tokens.get(index).map(|token| token.line);
    start.and_then(line).unwrap_or(1)..=line(end).unwrap_or(last)
}

/// The bracket that is open at a token; none at the top of the file.
fn enclosing(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let mut closed = 0i64;
    (0..at).rev().find(|index| {
        match tokens.get(*index).map(|token| token.text) {
            Some("}" | ")" | "]") => closed += 1,
            Some("{" | "(" | "[") => closed -= 1,
            _ => {}
        }
        closed < 0
    })
}

/// The last token of the item that begins here, which may still have attributes in front.
fn item_end(tokens: &[Token<'_>], from: usize) -> usize {
    let mut depth = 0u32;
    let mut before = "";
    let mut is_body = true;
    for (index, token) in tokens.iter().enumerate().skip(from) {
        match token.text {
            ";" if depth == 0 => return index,
            "{" | "(" | "[" => {
                if depth == 0 {
                    // A block behind these is an argument, as in `impl Of<{ 1 }, { 2 }>`.
                    is_body = token.text == "{" && !matches!(before, "<" | "," | "=");
                }
                depth += 1;
            }
            "}" | ")" | "]" => match depth {
                // The brackets around the item.
                0 => return index,
                1 if is_body => return index,
                _ => depth -= 1,
            },
            _ => {}
        }
        before = token.text;
    }
    tokens.len()
}

#[cfg(test)]
mod tests;
