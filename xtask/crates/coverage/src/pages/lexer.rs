//! Which parts of a Rust source are comments, literals and keywords, for colours.
//!
//! A token is found as the language's own lexer finds it, so a quote in a comment or a slash in a string never
//! paints the rest of the file. Bytes that are no Rust give some tokens or none, never a panic.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Comment,
    Literal,
    Keyword,
}

/// A token that has a colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Where it is, in bytes.
    pub(super) range: Range<usize>,
}

/// The coloured tokens of a source, in order.
pub(super) struct Tokens<'a> {
    source: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(source: &'a [u8]) -> Self {
        Self { source, at: 0 }
    }

    fn rest(&self) -> &'a [u8] {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        self.at += self.rest().iter().take_while(|byte| wanted(**byte)).count();
    }

    fn line_comment(&mut self) -> Kind {
        self.skip_while(|byte| byte != b'\n');
        Kind::Comment
    }

    /// Block comments nest.
    fn block_comment(&mut self) -> Kind {
        let mut depth = 0_usize;
        loop {
            match self.rest() {
                [b'/', b'*', ..] => (depth, self.at) = (depth + 1, self.at + 2),
                [b'*', b'/', ..] => (depth, self.at) = (depth - 1, self.at + 2),
                [_, ..] => self.at += 1,
                [] => break,
            }
            if depth == 0 {
                break;
            }
        }
        Kind::Comment
    }

    /// From the opening quote to the closing one, over escapes.
    fn quoted(&mut self, quote: u8) -> Kind {
        self.at += 1;
        loop {
            match self.rest() {
                [b'\\', _, ..] => self.at += 2,
                [byte, ..] => {
                    self.at += 1;
                    if *byte == quote {
                        break;
                    }
                }
                [] => break,
            }
        }
        Kind::Literal
    }

    /// A character, or a lifetime, which has no colour.
    fn quote(&mut self) -> Option<Kind> {
        let is_char = match self.rest() {
            [_, b'\\', ..] => true,
            [_, first, rest @ ..] => rest.get(width(*first) - 1) == Some(&b'\''),
            _ => false,
        };
        if is_char {
            return Some(self.quoted(b'\''));
        }
        self.at += 1;
        self.skip_while(is_identifier);
        None
    }

    /// A word: a keyword, the prefix of a literal, a raw identifier or a name.
    fn word(&mut self) -> Option<Kind> {
        let start = self.at;
        self.skip_while(is_identifier);
        let word = &self.source[start..self.at];
        match (word, self.rest()) {
            (b"b" | b"c", [b'"', ..]) => Some(self.quoted(b'"')),
            (b"b", [b'\'', ..]) => Some(self.quoted(b'\'')),
            (b"r" | b"br" | b"cr", [b'"' | b'#', ..]) => self.raw(),
            _ => is_keyword(word).then_some(Kind::Keyword),
        }
    }

    /// A raw string, or a raw identifier, behind its prefix.
    fn raw(&mut self) -> Option<Kind> {
        let hashes = self.rest().iter().take_while(|byte| **byte == b'#').count();
        self.at += hashes;
        if self.rest().first() != Some(&b'"') {
            self.skip_while(is_identifier);
            return None;
        }
        self.at += 1;
        loop {
            self.skip_while(|byte| byte != b'"');
            if self.rest().is_empty() {
                break;
            }
            self.at += 1;
            let behind = self.rest();
            if behind.len() >= hashes && behind[..hashes].iter().all(|byte| *byte == b'#') {
                self.at += hashes;
                break;
            }
        }
        Some(Kind::Literal)
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            self.skip_while(|byte| !starts_token(byte));
            let start = self.at;
            let kind = match self.rest() {
                [] => return None,
                [b'/', b'/', ..] => Some(self.line_comment()),
                [b'/', b'*', ..] => Some(self.block_comment()),
                [b'"', ..] => Some(self.quoted(b'"')),
                [b'\'', ..] => self.quote(),
                [digit, ..] if digit.is_ascii_digit() => {
                    self.skip_while(is_identifier);
                    None
                }
                [byte, ..] if is_identifier(*byte) => self.word(),
                _ => {
                    self.at += 1;
                    None
                }
            };
            if let Some(kind) = kind {
                // An escape at the very end may have led one past it.
                self.at = self.at.min(self.source.len());
                return Some(Token { kind, range: start..self.at });
            }
        }
    }
}

/// The strict keywords of the 2024 edition, as the Rust reference lists them.
#[rustfmt::skip]
fn is_keyword(word: &[u8]) -> bool {
    matches!(
        word,
        b"Self" | b"as" | b"async" | b"await" | b"break" | b"const" | b"continue" | b"crate" | b"dyn" |
        b"else" | b"enum" | b"extern" | b"false" | b"fn" | b"for" | b"if" | b"impl" | b"in" | b"let" |
        b"loop" | b"match" | b"mod" | b"move" | b"mut" | b"pub" | b"ref" | b"return" | b"self" |
        b"static" | b"struct" | b"super" | b"trait" | b"true" | b"type" | b"unsafe" | b"use" | b"where"
        | b"while"
    )
}

fn starts_token(byte: u8) -> bool {
    is_identifier(byte) || matches!(byte, b'/' | b'"' | b'\'')
}

/// Identifiers may hold letters of any script; every byte of those is above ASCII.
fn is_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// The bytes of a character in UTF-8, by its first one.
fn width(first: u8) -> usize {
    match first {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xff => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Keywords in `()`, literals in `[]`, comments in `{}`.
    fn painted(source: &str) -> String {
        let (mut painted, mut from) = (String::new(), 0);
        for Token { kind, range } in Tokens::new(source.as_bytes()) {
            let (open, close) = match kind {
                Kind::Keyword => ('(', ')'),
                Kind::Literal => ('[', ']'),
                Kind::Comment => ('{', '}'),
            };
            painted += &source[from..range.start];
            painted.push(open);
            painted += &source[range.clone()];
            painted.push(close);
            from = range.end;
        }
        painted + &source[from..]
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(painted("let letter = r#match;"), "(let) letter = r#match;");
        assert_eq!(painted("x.await 0b1_fn 1if"), "x.(await) 0b1_fn 1if");
    }

    #[test]
    fn lifetimes_are_no_characters() {
        assert_eq!(
            painted("&'a str, 'static, 'l: 'x' '\\'' b'\\\\' 'é'"),
            "&'a str, 'static, 'l: ['x'] ['\\''] [b'\\\\'] ['é']"
        );
        assert_eq!(painted("f::<'a>('\"', \"'\")"), "f::<'a>(['\"'], [\"'\"])");
    }

    #[test]
    fn strings_end_where_they_end() {
        let source = r##"r#"a "b" // "#, c"\"", b"x", br"\", if"##;
        assert_eq!(painted(source), r##"[r#"a "b" // "#], [c"\""], [b"x"], [br"\"], (if)"##);
    }

    #[test]
    fn comments_nest_and_hide_quotes() {
        assert_eq!(painted("a /* ' /* \" */ */ b // it's\nfn"), "a {/* ' /* \" */ */} b {// it's}\n(fn)");
        assert_eq!(painted("a / b"), "a / b");
    }

    #[test]
    fn what_never_ends_ends_with_the_source() {
        assert_eq!(painted("\"abc\\"), "[\"abc\\]");
        assert_eq!(painted("/* a /*"), "{/* a /*}");
        assert_eq!(painted("r##\"a\"#"), "[r##\"a\"#]");
        assert_eq!(painted("'"), "'");
    }

    proptest! {
        #[test]
        fn tokens_are_in_order_and_inside(source in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut from = 0;
            for token in Tokens::new(&source) {
                prop_assert!(from <= token.range.start && token.range.start < token.range.end);
                prop_assert!(token.range.end <= source.len());
                from = token.range.end;
            }
        }

        #[test]
        fn tokens_of_quotes_and_slashes_are_in_order(source in r#"[/*'"\\#rb \na-]{0,60}"#) {
            let mut from = 0;
            for token in Tokens::new(source.as_bytes()) {
                prop_assert!(from <= token.range.start && token.range.end <= source.len());
                from = token.range.end;
            }
        }
    }
}
