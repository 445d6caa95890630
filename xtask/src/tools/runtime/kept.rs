//! The end of what a program printed: it may print for ever, and is kept within bounds.

use super::Output;
use crate::model::smoke::panics;
use crate::tools::process::Source;

/// Bytes of a stream that are kept at least, once there are so many.
const KEPT: usize = 4 << 20;

/// Both streams. A line with a panic is kept however much comes after it.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    stdout: Stream,
    stderr: Stream,
}

#[derive(Clone, Debug, Default)]
struct Stream {
    /// The first line with a panic that was dropped.
    panic: Option<String>,
    text: String,
}

impl Kept {
    /// Takes a line.
    pub fn push(&mut self, source: Source, line: &str) {
        match source {
            Source::Stdout => self.stdout.push(line),
            Source::Stderr => self.stderr.push(line),
        }
    }

    /// What there is of both streams.
    #[must_use]
    pub fn output(&self) -> Output {
        Output { stdout: self.stdout.text(), stderr: self.stderr.text() }
    }
}

impl Stream {
    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        if self.text.len() > 2 * KEPT {
            let start = self.text.ceil_char_boundary(self.text.len() - KEPT);
            if self.panic.is_none() {
                self.panic = panics(&self.text[..start]).map(ToOwned::to_owned);
            }
            self.text.drain(..start);
        }
    }

    fn text(&self) -> String {
        match &self.panic {
            Some(panic) => format!("{panic}\n… the lines between were too many to keep\n{}", self.text),
            None => self.text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_kept_within_bounds_and_its_panic_too() {
        let mut kept = Kept::default();
        kept.push(Source::Stderr, "thread 'main' panicked at src/main.rs:3:5:");
        let line = "x".repeat(1 << 20);
        for _ in 0..40 {
            kept.push(Source::Stderr, &line);
        }
        kept.push(Source::Stderr, "last");
        let output = kept.output();
        assert!(output.stderr.len() < 3 * KEPT);
        assert!(output.stderr.starts_with("thread 'main' panicked at "));
        assert!(output.stderr.ends_with("last\n"));
        assert_eq!(output.stdout, "");
    }
}
