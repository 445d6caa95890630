//! Reads what the pages are made of: enough of HTML to find what a browser would find in them, and strict.

use std::collections::BTreeMap;

/// A piece of a page.
#[derive(Debug)]
pub(crate) enum Piece {
    Open(String, BTreeMap<String, String>),
    Close(String),
    Text(String),
}

/// Elements without an end tag.
const VOID: [&str; 6] = ["meta", "link", "input", "wbr", "rect", "br"];

/// The pieces of a page.
///
/// # Panics
/// When tags do not nest, or anything is neither a tag nor escaped text.
pub(crate) fn pieces(page: &str) -> Vec<Piece> {
    let mut rest = page.strip_prefix("<!doctype html>").expect("a doctype");
    let (mut pieces, mut around) = (Vec::new(), Vec::new());
    while !rest.is_empty() {
        let text = rest.find('<').unwrap_or(rest.len());
        pieces.push(Piece::Text(unescaped(&rest[..text])));
        rest = &rest[text..];
        let Some(tag) = rest.strip_prefix('<') else { break };
        let end = tag_end(tag);
        let inside = tag[..end].trim_end_matches('/').trim_end();
        rest = &tag[end + 1..];
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(around.pop().as_deref(), Some(name), "tags nest");
            pieces.push(Piece::Close(name.to_owned()));
        } else {
            let (name, attributes) = inside.split_once(' ').unwrap_or((inside, ""));
            assert!(
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()),
                "a tag: <{inside}>"
            );
            pieces.push(Piece::Open(name.to_owned(), read_attributes(attributes)));
            if !VOID.contains(&name) {
                around.push(name.to_owned());
            }
        }
    }
    assert!(around.is_empty(), "left open: {around:?}");
    pieces
}

/// Where a tag ends: at the first `>` outside quotes.
fn tag_end(tag: &str) -> usize {
    let mut quoted = false;
    let end = tag.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b'>' && !quoted
    });
    end.expect("a tag ends")
}

fn read_attributes(mut rest: &str) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return attributes;
        }
        let name_end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let name = rest[..name_end].to_owned();
        rest = &rest[name_end..];
        let value = match rest.strip_prefix('=').map(|value| value.strip_prefix('"').ok_or(value)) {
            None => "",
            Some(Ok(quoted)) => {
                let (value, behind) = quoted.split_once('"').expect("a quote closes");
                rest = behind;
                value
            }
            Some(Err(bare)) => {
                let (value, behind) = bare.split_at(bare.find(' ').unwrap_or(bare.len()));
                rest = behind;
                assert!(!value.contains(['"', '\'', '`', '=']), "an attribute that needs quotes: {value}");
                value
            }
        };
        assert!(attributes.insert(name, unescaped(value)).is_none(), "an attribute comes once");
    }
}

fn unescaped(text: &str) -> String {
    assert!(!text.contains('>') && !text.contains('\r') && !text.contains('\0'), "unescaped: {text}");
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (entity, behind) = part.split_once(';').expect("an entity ends");
        plain += match entity {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "#39" => "'",
            _ => panic!("an entity of ours: {entity}"),
        };
        plain += behind;
    }
    plain
}

/// The source that a file's page shows: the lines without their gutters.
pub(crate) fn shown_source(pieces: &[Piece]) -> String {
    let mut shown = String::new();
    let (mut in_code, mut in_gutter) = (false, false);
    for piece in pieces {
        match piece {
            Piece::Open(name, _) if name == "pre" => in_code = true,
            Piece::Close(name) if name == "pre" => in_code = false,
            Piece::Open(name, _) if name == "a" => in_gutter = true,
            Piece::Close(name) if name == "a" => in_gutter = false,
            Piece::Text(text) if in_code && !in_gutter => shown += text,
            _ => {}
        }
    }
    shown
}
