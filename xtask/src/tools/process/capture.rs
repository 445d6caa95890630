//! What a process printed, kept within bounds.

use super::Source;

/// More than any tool's report; a process that prints without end does not take the machine along.
const LIMIT: usize = 64 << 20;

/// The output of a process. Beyond the limit the older half is dropped, and a line says so.
#[derive(Debug, Default)]
pub struct Capture {
    stdout: String,
    stderr: String,
}

impl Capture {
    /// Keeps a line.
    pub fn push(&mut self, source: Source, line: &str) {
        let text = match source {
            Source::Stdout => &mut self.stdout,
            Source::Stderr => &mut self.stderr,
        };
        text.push_str(line);
        text.push('\n');
        if text.len() > LIMIT {
            let middle = text.ceil_char_boundary(text.len() / 2);
            *text = format!("… {middle} bytes left out\n{}", &text[middle..]);
        }
    }

    /// Standard output and standard error.
    #[must_use]
    pub fn into_texts(self) -> (String, String) {
        (self.stdout, self.stderr)
    }
}
