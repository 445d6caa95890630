//! Rust as words: names, signs and texts with their lines. Comments are gone, texts cannot be taken for code.

/// What a word is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or keyword; a raw name without its `r#`.
    Name(String),
    /// The content of a text literal, escapes as written.
    Text(String),
    /// A sign; `::` is one.
    Sign(&'static str),
    /// Any other sign, number, character or lifetime.
    Other,
}

/// A word with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// The line that it begins in, from 1.
    pub(crate) line: usize,
    /// The line that it ends in.
    pub(crate) end: usize,
}

impl Token {
    /// Whether it is this name or sign.
    pub(crate) fn is(&self, text: &str) -> bool {
        match &self.kind {
            Kind::Name(name) => name == text,
            Kind::Sign(sign) => *sign == text,
            Kind::Text(_) | Kind::Other => false,
        }
    }

    /// Its name, if it is one.
    pub(crate) fn name(&self) -> Option<&str> {
        if let Kind::Name(name) = &self.kind { Some(name) } else { None }
    }
}

const SIGNS: [&str; 14] = ["::", "{", "}", "(", ")", "[", "]", ";", ",", "*", "#", "!", "=", "<"];

/// All words of a file.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut words = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let (length, kind) = next(rest, first);
        let (taken, behind) = rest.split_at(length);
        let end = line + taken.matches('\n').count();
        words.extend(kind.map(|kind| Token { kind, line, end }));
        (rest, line) = (behind, end);
    }
    words
}

/// The length of what comes next, and the word that it is; none for blanks and comments.
fn next(rest: &str, first: char) -> (usize, Option<Kind>) {
    if first.is_whitespace() {
        return (first.len_utf8(), None);
    }
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), None);
    }
    if rest.starts_with("/*") {
        return (comment(rest), None);
    }
    if let Some((start, end, length)) = literal(rest) {
        return (length, Some(Kind::Text(rest[start..end].to_owned())));
    }
    if first == '\'' {
        return (character(rest), Some(Kind::Other));
    }
    if first == '_' || first.is_alphabetic() {
        let plain = rest.strip_prefix("r#").unwrap_or(rest);
        let length = plain.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(plain.len());
        return (rest.len() - plain.len() + length, Some(Kind::Name(plain[..length].to_owned())));
    }
    match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        Some(sign) => (sign.len(), Some(Kind::Sign(sign))),
        None => (first.len_utf8(), Some(Kind::Other)),
    }
}

/// The length of a block comment, which may hold others.
fn comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        match (here.starts_with(b"/*"), here.starts_with(b"*/")) {
            (true, _) => (depth, at) = (depth + 1, at + 2),
            (_, true) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// Begin and end of the content of a text literal of any kind, and the length of the whole.
fn literal(rest: &str) -> Option<(usize, usize, usize)> {
    let plain = rest.trim_start_matches(['b', 'c']);
    let prefix = rest.len() - plain.len();
    let raw = plain.strip_prefix('r');
    let hashes = raw.map_or(0, |raw| raw.len() - raw.trim_start_matches('#').len());
    let start = prefix + usize::from(raw.is_some()) + hashes;
    if prefix > 1 || !rest[start..].starts_with('"') {
        return None;
    }
    let start = start + 1;
    let body = &rest[start..];
    let length = if raw.is_some() {
        body.find(&format!("\"{}", "#".repeat(hashes))).unwrap_or(body.len())
    } else {
        let mut escaped = false;
        let end = body.char_indices().find(|(_, c)| {
            let ends = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        end.map_or(body.len(), |(end, _)| end)
    };
    Some((start, start + length, (start + length + 1 + hashes).min(rest.len())))
}

/// The length of a character literal or a lifetime.
fn character(rest: &str) -> usize {
    let mut inside = rest.chars().skip(1);
    match (inside.next(), inside.next()) {
        (Some('\\'), Some(escaped)) => {
            let start = 2 + escaped.len_utf8();
            rest[start..].find('\'').map_or(rest.len(), |end| start + end + 1)
        }
        (Some(plain), Some('\'')) => 2 + plain.len_utf8(),
        _ => 1,
    }
}

#[test]
fn comments_and_texts_are_no_code() {
    let text =
        "use a::b; // use c::d;\n/* use /* e */ ::f; */ let g = \"use h::i; \\\" //\"; r#\"use \"j\"\"#;";
    let words = tokens(text);
    let names: Vec<&str> = words.iter().filter_map(Token::name).collect();
    assert_eq!(names, ["use", "a", "b", "let", "g"]);
    let texts: Vec<_> = words.iter().filter(|word| matches!(word.kind, Kind::Text(_))).collect();
    assert_eq!(texts[1].kind, Kind::Text("use \"j\"".to_owned()));
}

#[test]
fn a_quote_as_a_character_opens_nothing() {
    let words = tokens("fn f<'a>(c: &'a char) { c == '\"' || c == '\\'' || c == '/' } // \"\nlast");
    assert_eq!(words.last().and_then(Token::name), Some("last"));
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_to_its_end(text in "[\"'#r/*\\\\a\n é{}:]{0,40}") {
        tokens(&text);
    }
}
