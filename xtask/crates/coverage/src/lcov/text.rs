//! The lines of a text, one at a time in one buffer.

use std::io::{self, BufRead, ErrorKind, Read};

use super::{Loss, Losses};

/// A longer line is no tracefile's: paths end at some thousand bytes, names of functions at some ten thousand. Without
/// a bound, a binary file without a line end would be read into memory as a whole.
const LONGEST: u64 = 1 << 20;

/// Lines without their ends; CRLF is one.
pub(super) struct TextLines<R> {
    source: R,
    buffer: Vec<u8>,
    lossy: String,
    number: u64,
}

impl<R: BufRead> TextLines<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, buffer: Vec::new(), lossy: String::new(), number: 0 }
    }

    /// The number of the line that was read last, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The next line; none at the end.
    pub(super) fn next(&mut self, losses: &mut Losses) -> io::Result<Option<&str>> {
        self.buffer.clear();
        let read = self.source.by_ref().take(LONGEST).read_until(b'\n', &mut self.buffer)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        let mut line = self.buffer.as_slice();
        match line.strip_suffix(b"\n") {
            Some(rest) => line = rest,
            None if read as u64 == LONGEST => {
                let number = self.number;
                let message = format!("line {number} is longer than {LONGEST} bytes: this is no tracefile");
                return Err(io::Error::new(ErrorKind::InvalidData, message));
            }
            None => {}
        }
        while let Some(rest) = line.strip_suffix(b"\r") {
            line = rest;
        }
        if self.number == 1 {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        if let Ok(text) = str::from_utf8(line) {
            return Ok(Some(text));
        }
        losses.add(Loss::NotUtf8);
        self.lossy = String::from_utf8_lossy(line).into_owned();
        Ok(Some(&self.lossy))
    }
}
