//! How much a section tells, and the small pieces of Markdown that sections are made of.

use std::fmt::Write as _;

use crate::kit::text::{code, code_block, last_lines, markdown, shorten, terminal};
use crate::report::{pick, words};

/// How much a section tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Detail {
    /// Items of a list.
    pub(super) items: usize,
    /// Characters of a text in a line, before it is escaped.
    pub(super) text: usize,
    /// Lines of an output, its last ones.
    pub(super) lines: usize,
    /// Characters of an output.
    pub(super) output: usize,
    /// Bytes of the rows of the gates table.
    pub(super) rows: usize,
}

/// From all to almost nothing. With the last one every section is a line or two, whatever the record holds.
pub(super) const LADDER: [Detail; 7] = [
    Detail { items: 5_000, text: 1_000, lines: 200, output: 20_000, rows: 100_000 },
    Detail { items: 300, text: 400, lines: 60, output: 6_000, rows: 30_000 },
    Detail { items: 60, text: 200, lines: 20, output: 2_000, rows: 10_000 },
    Detail { items: 15, text: 120, lines: 8, output: 600, rows: 5_000 },
    Detail { items: 5, text: 80, lines: 0, output: 0, rows: 3_000 },
    Detail { items: 2, text: 40, lines: 0, output: 0, rows: 1_500 },
    Detail { items: 0, text: 16, lines: 0, output: 0, rows: 640 },
];

impl Detail {
    /// Text from outside, inline.
    pub(super) fn text(self, text: &str) -> String {
        markdown(&shorten(one_line(text).trim(), self.text))
    }

    /// A name or a place from outside, as inline code.
    pub(super) fn code(self, text: &str) -> String {
        code(&shorten(one_line(text).trim(), self.text))
    }

    /// The same, as a link when there is an address of the web.
    pub(super) fn linked(self, text: &str, url: Option<&str>) -> String {
        match url.filter(|url| pick::is_web_address(url) && url.len() <= 4 * self.text) {
            Some(url) => format!("[{}]({url})", self.code(text)),
            None => self.code(text),
        }
    }

    /// Output to unfold; nothing when there is none, or no room.
    pub(super) fn output(self, title: &str, output: &str) -> String {
        let clean = terminal(output);
        let tail = last_lines(&clean, self.lines);
        if tail.trim().is_empty() {
            return String::new();
        }
        let skipped = tail.chars().count().saturating_sub(self.output);
        let mut shown: String = tail.chars().skip(skipped).collect();
        if skipped > 0 {
            shown.insert(0, '…');
        }
        let cut = skipped > 0 || clean.trim_end().lines().count() > self.lines;
        let title = if cut { format!("{title}, its end") } else { title.to_owned() };
        format!("\n<details><summary>{title}</summary>\n\n{}\n</details>\n", code_block(&shown))
    }

    /// A heading, as many items as there is room for, and how many more there are.
    pub(super) fn list<T>(self, heading: &str, all: &[T], item: impl Fn(&T) -> String) -> String {
        if all.is_empty() {
            return String::new();
        }
        let mut text = format!("### {heading}\n\n");
        for one in all.iter().take(self.items) {
            text.push_str(&item(one));
        }
        self.rest(all.len(), text)
    }

    /// The text, and how many of so many items it does not hold.
    pub(super) fn rest(self, all: usize, mut text: String) -> String {
        if all > self.items {
            let gap = if text.ends_with("\n\n") { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{}", words::more(all - self.items));
        }
        text
    }
}

/// All white space alike: a line feed in a cell would end its row.
fn one_line(text: &str) -> String {
    terminal(text).replace(['\n', '\t'], " ")
}
