//! The words of Rust source, as far as brackets and attributes need it: comments and literals are left out. See the
//! [reference](https://doc.rust-lang.org/reference/tokens.html).

/// A word, a number, or a single other character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    /// From 1.
    pub(super) line: u32,
}

pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (source, 1u32);
    while let Some(piece) = Piece::first(rest) {
        let (text, after) = rest.split_at_checked(piece.length).unwrap_or((rest, ""));
        if piece.is_token {
            tokens.push(Token { text, line });
        }
        let line_ends = text.bytes().filter(|byte| *byte == b'\n').count();
        line = line.saturating_add(u32::try_from(line_ends).unwrap_or(u32::MAX));
        rest = after;
    }
    tokens
}

/// What a text begins with; its length is in bytes, and at least one.
struct Piece {
    length: usize,
    is_token: bool,
}

impl Piece {
    fn first(text: &str) -> Option<Self> {
        let first = text.chars().next()?;
        let left_out = |length: usize| Some(Self { length, is_token: false });
        if text.starts_with("//") {
            return left_out(text.find('\n').unwrap_or(text.len()));
        }
        if text.starts_with("/*") {
            return left_out(block_comment(text));
        }
        if is_word(first) {
            let word = text.find(|char| !is_word(char)).unwrap_or(text.len());
            return match text.split_at_checked(word).and_then(|(word, rest)| raw_string(word, rest)) {
                Some(raw) => left_out(word + raw),
                None => Some(Self { length: word, is_token: true }),
            };
        }
        match first {
            '"' => left_out(quoted(text, '"')),
            '\'' => left_out(char_or_tick(text)),
            first => Some(Self { length: first.len_utf8(), is_token: !first.is_whitespace() }),
        }
    }
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

/// Comments nest; one that is not closed ends with the text.
fn block_comment(text: &str) -> usize {
    let mut depth = 0u32;
    let mut pairs = text.as_bytes().windows(2).enumerate();
    while let Some((at, pair)) = pairs.next() {
        match pair {
            b"/*" => depth += 1,
            b"*/" if depth == 1 => return at + 2,
            b"*/" => depth -= 1,
            _ => continue,
        }
        // The second character belongs to this pair: `/*/` opens and does not close.
        pairs.next();
    }
    text.len()
}

/// The length of `#"…"#` behind `r`, `br` or `cr`; none where no raw string is, as in `r#type`.
fn raw_string(word: &str, rest: &str) -> Option<usize> {
    if !matches!(word, "r" | "br" | "cr") {
        return None;
    }
    let inside = rest.trim_start_matches('#');
    let hashes = rest.len() - inside.len();
    let inside = inside.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(inside.find(&end).map_or(rest.len(), |at| hashes + 1 + at + end.len()))
}

/// The length of a literal with its quotes; `\` takes the next character in.
fn quoted(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, char)) = chars.next() {
        if char == '\\' {
            chars.next();
        } else if char == quote {
            return at + 1;
        }
    }
    text.len()
}

/// The length of a character with its quotes, or of the tick of a lifetime or label.
fn char_or_tick(text: &str) -> usize {
    let mut chars = text.chars().skip(1);
    match (chars.next(), chars.next()) {
        (Some('\\'), _) => quoted(text, '\''),
        (Some(char), Some('\'')) if char != '\'' => char.len_utf8() + 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<&str> {
        tokens(source).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn comments_and_literals_are_left_out() {
        assert_eq!(words("a // {\nb /* { /* } */ { */ c /*/ { */ d"), ["a", "b", "c", "d"]);
        assert_eq!(words(r##"a "{\"{" b"\\" r"\" r#"{"{"# br#"{"# c"{" z"##), ["a", "b", "c", "z"]);
        assert_eq!(
            words(r"'{' '\'' '\u{7b}' 'é' b'{' 'a x: &'static str 'l: loop"),
            words("b a x: &static str l: loop")
        );
        assert_eq!(words("r#type #r ''"), ["r", "#", "type", "#", "r"]);
    }

    #[test]
    fn lines_are_counted_through_all_of_them() {
        let source = "a\n\"x\n\\\ny\"\n/*\n*/ b r#\"\n\n\"# c";
        let lines: Vec<_> = tokens(source).into_iter().map(|token| (token.text, token.line)).collect();
        assert_eq!(lines, [("a", 1), ("b", 6), ("c", 8)]);
    }

    #[test]
    fn what_is_never_closed_ends_with_the_text() {
        for source in ["a \"{", "a /* {", "a r#\"{\"", "a '\\", "a \"\\"] {
            assert_eq!(words(source), ["a"], "{source}");
        }
    }
}
