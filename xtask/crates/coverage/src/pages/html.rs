//! HTML that is written piece by piece: markup of ours as it is, text from outside escaped.
//!
//! Characters that cannot be seen or that turn the direction of what follows (Unicode TR 36, "Trojan Source") are
//! shown as Rust writes them, `\u{202e}`: what is read is what is there.

use std::fmt::{self, Write as _};

/// A page under construction.
#[derive(Debug, Default)]
pub(super) struct Html(String);

impl Html {
    /// Markup of ours.
    pub(super) fn raw(&mut self, markup: &str) {
        self.0.push_str(markup);
    }

    /// Markup of ours with pieces in it; texts from outside go in as [`Text`].
    pub(super) fn put(&mut self, pieces: fmt::Arguments<'_>) {
        // Only a formatter of ours could fail, and a string takes everything.
        let _ = self.0.write_fmt(pieces);
    }

    /// Source code, of which not even the encoding is sure.
    pub(super) fn source(&mut self, bytes: &[u8]) {
        for chunk in bytes.utf8_chunks() {
            let (mut from, text) = (0, chunk.valid());
            // Whatever needs a second look starts with one of a few bytes; all else is copied in runs.
            while let Some(at) = text.as_bytes()[from..].iter().position(|byte| NOTABLE[usize::from(*byte)]) {
                let at = from + at;
                self.0.push_str(&text[from..at]);
                let Some(found) = text[at..].chars().next() else { break };
                match entity(found) {
                    Some(entity) => self.0.push_str(entity),
                    None if is_hidden(found) => self.put(format_args!("<em>{}</em>", Shown(found))),
                    None => self.0.push(found),
                }
                from = at + found.len_utf8();
            }
            self.0.push_str(&text[from..]);
            if !chunk.invalid().is_empty() {
                self.0.push('\u{fffd}');
            }
        }
    }

    /// What was written.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// An empty page that keeps its memory.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// Text from outside, for the content of an element or for a quoted attribute.
pub(super) struct Text<'a>(pub(super) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for char in self.0.chars() {
            match entity(char) {
                Some(entity) => formatter.write_str(entity)?,
                None if char == '\t' || char == '\n' => formatter.write_char(' ')?,
                None if is_hidden(char) => Shown(char).fmt(formatter)?,
                None => formatter.write_char(char)?,
            }
        }
        Ok(())
    }
}

/// A number with a comma between thousands.
pub(super) struct Grouped(pub(super) u64);

impl fmt::Display for Grouped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                formatter.write_char(',')?;
            }
            formatter.write_char(digit)?;
        }
        Ok(())
    }
}

/// A character as Rust would escape it.
struct Shown(char);

impl fmt::Display for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.escape_unicode().fmt(formatter)
    }
}

fn entity(char: char) -> Option<&'static str> {
    match char {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        _ => None,
    }
}

/// Whether a character is nothing to see: controls (a lone CR among them, which HTML would read as a line feed),
/// marks and overrides of direction, and those of no width.
fn is_hidden(char: char) -> bool {
    match char {
        '\t' | '\n' => false,
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e007f}' => true,
        _ => char.is_control(),
    }
}

/// The bytes with which an escaped or hidden character can start.
static NOTABLE: [bool; 256] = {
    let mut notable = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        notable[byte] = byte != b'\t' as usize && byte != b'\n' as usize;
        byte += 1;
    }
    let starts = [b'&', b'<', b'>', b'"', b'\'', 0x7f, 0xc2, 0xd8, 0xe1, 0xe2, 0xef, 0xf3];
    let mut at = 0;
    while at < starts.len() {
        notable[starts[at] as usize] = true;
        at += 1;
    }
    notable
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn source(bytes: &[u8]) -> String {
        let mut html = Html::default();
        html.source(bytes);
        html.0
    }

    #[test]
    fn markup_in_text_stays_text() {
        assert_eq!(Text(r#"<a href="x">&'"#).to_string(), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
        assert_eq!(source(b"a<b && c"), "a&lt;b &amp;&amp; c");
    }

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(
            source("a\u{202e}b\r\0é…\t".as_bytes()),
            r"a<em>\u{202e}</em>b<em>\u{d}</em><em>\u{0}</em>é…".to_owned() + "\t"
        );
        assert_eq!(Text("a\u{202e}\n").to_string(), r"a\u{202e} ");
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        assert_eq!(source(b"caf\xe9 <\xff>"), "caf\u{fffd} &lt;\u{fffd}&gt;");
    }

    #[test]
    fn thousands_are_grouped() {
        let grouped = [0, 999, 1000, 1_234_567].map(|number| Grouped(number).to_string());
        assert_eq!(grouped, ["0", "999", "1,000", "1,234,567"]);
    }

    proptest! {
        /// The table of first bytes leaves nothing out: text and source escape the same characters.
        #[test]
        fn the_fast_way_escapes_what_the_plain_way_does(text in any::<String>()) {
            let text = text.replace(['\t', '\n'], " ");
            prop_assert_eq!(source(text.as_bytes()).replace("<em>", "").replace("</em>", ""), Text(&text).to_string());
        }

        #[test]
        fn every_hidden_character_starts_with_a_notable_byte(char in any::<char>()) {
            let first = char.to_string().as_bytes()[0];
            prop_assert!(NOTABLE[usize::from(first)] || !(is_hidden(char) || entity(char).is_some()));
        }
    }
}
