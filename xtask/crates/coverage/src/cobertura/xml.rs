//! Text inside of attributes and elements.
//!
//! By hand, since it is a screenful: an XML crate escapes the five characters too, and leaves those in that XML 1.0
//! does not allow at all, for which a reader refuses the whole report.

use std::fmt::{self, Write};

/// Text without markup, and without what [XML 1.0](https://www.w3.org/TR/xml/#charsets) does not allow.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((at, special)) = rest.char_indices().find(|(_, char)| is_special(*char)) {
            let (plain, tail) = rest.split_at(at);
            out.write_str(plain)?;
            escape(special, out)?;
            rest = tail.get(special.len_utf8()..).unwrap_or_default();
        }
        out.write_str(rest)
    }
}

fn is_special(char: char) -> bool {
    matches!(char, '<' | '>' | '&' | '"' | '\'' | '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

fn escape(special: char, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    match special {
        '<' => out.write_str("&lt;"),
        '>' => out.write_str("&gt;"),
        '&' => out.write_str("&amp;"),
        '"' => out.write_str("&quot;"),
        '\'' => out.write_str("&apos;"),
        // A reader of attributes makes spaces of these, unless they are written as references.
        '\t' | '\n' | '\r' => write!(out, "&#{};", u32::from(special)),
        _ => out.write_char(char::REPLACEMENT_CHARACTER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text_and_what_xml_forbids_is_replaced() {
        assert_eq!(
            Escaped("<A as B<'a>>::f & \"g\"").to_string(),
            "&lt;A as B&lt;&apos;a&gt;&gt;::f &amp; &quot;g&quot;"
        );
        assert_eq!(Escaped("é\t\n\r.").to_string(), "é&#9;&#10;&#13;.");
        assert_eq!(Escaped("a\0b\u{1b}c\u{ffff}").to_string(), "a\u{fffd}b\u{fffd}c\u{fffd}");
    }
}
