//! Tracefiles of lcov: the text that coverage tools hand to each other.
//!
//! Records are parsed by the crate `lcov`, line by line. It refuses what lcov 2 and others write, so a line that it
//! refuses is mended and tried again, or left out and counted: nothing is lost in silence. The format is described in
//! [geninfo(1)](https://github.com/linux-test-project/lcov/blob/master/man/geninfo.1), "FILES".

use std::io::BufRead;

use crate::model::Coverage;

mod error;
mod instances;
mod loss;
mod name;
mod record;
mod section;
mod text;
mod write;

pub use error::LcovError;
pub use loss::{Loss, Losses};
pub use write::write;

use record::Line;
use section::Section;
use text::TextLines;

/// What a tracefile held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tracefile {
    /// The files with their counts; none for a tracefile without any source file, which measured nothing.
    pub coverage: Coverage,
    /// What was left out or read as something else.
    pub losses: Losses,
}

/// Reads a tracefile; `name` is for messages. The text is streamed and never held as a whole.
///
/// Sections of the same source file are merged. Mangled names of Rust become readable, and the instantiations of a
/// function, which llvm-cov lists one by one, become one function, as in its own totals (`FNF`). Other totals that a
/// tracefile states are not used: they follow from its records.
///
/// # Errors
/// Reading fails; a line is no record or a record without meaning; the text ends within a section.
pub fn read(source: impl BufRead, name: &str) -> Result<Tracefile, LcovError> {
    let mut tracefile = Tracefile::default();
    let mut section = Section::default();
    let mut lines = TextLines::new(source);
    while let Some(text) = lines.next(&mut tracefile.losses).map_err(|error| LcovError::read(name, error))? {
        let line = record::parse(text, &mut tracefile.losses);
        let taken = line.and_then(|line| match line {
            Line::End => section.close(&mut tracefile),
            line => section.take(line),
        });
        if let Err(reason) = taken {
            let text = text.to_owned();
            return Err(LcovError::malformed(name, lines.number(), &text, reason));
        }
    }
    match section.path() {
        Some(path) => Err(LcovError::truncated(name, path)),
        None => Ok(tracefile),
    }
}

#[cfg(test)]
mod tests;
