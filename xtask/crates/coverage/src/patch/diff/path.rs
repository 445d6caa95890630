//! Paths as `git diff` writes them: plain, or in quotes with C's escapes.
//! Source: `git help config`, `core.quotePath`; git's `quote.c`.

/// One side of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The file is not there: `/dev/null`.
    Absent,
    /// Its path, without the prefix.
    Path(String),
}

/// The path of a `---` or `+++` line, which begins with `prefix`; none when it is no such path.
pub(super) fn side(text: &str, prefix: &str) -> Option<Side> {
    // Git puts a tab behind a name with blanks, for programs that look for a date there.
    let text = text.strip_suffix('\t').unwrap_or(text);
    if text == "/dev/null" {
        return Some(Side::Absent);
    }
    let path = plain(text)?;
    path.strip_prefix(prefix).filter(|path| !path.is_empty()).map(|path| Side::Path(path.to_owned()))
}

/// A path without a prefix.
pub(super) fn plain(text: &str) -> Option<String> {
    let path = match text.strip_prefix('"') {
        Some(quoted) => unquote(quoted.strip_suffix('"')?)?,
        None => text.to_owned(),
    };
    (!path.is_empty()).then_some(path)
}

/// What is not UTF-8 is replaced: no coverage has such a path.
fn unquote(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'"' => return None,
            b'\\' => escape(&mut rest)?,
            plain => plain,
        };
        bytes.push(byte);
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn escape(rest: &mut impl Iterator<Item = u8>) -> Option<u8> {
    Some(match rest.next()? {
        b'a' => 0x07,
        b'b' => 0x08,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 0x0b,
        b'f' => 0x0c,
        b'r' => b'\r',
        byte @ (b'"' | b'\\') => byte,
        first @ b'0'..=b'3' => {
            let mut digit =
                || rest.next().filter(|byte| (b'0'..=b'7').contains(byte)).map(|byte| byte - b'0');
            (first - b'0') * 64 + digit()? * 8 + digit()?
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_read_as_c_does() {
        assert_eq!(plain(r#""gr\303\266\303\237e \"x\"\\\t.rs""#).as_deref(), Some("größe \"x\"\\\t.rs"));
        assert_eq!(plain("größe x.rs").as_deref(), Some("größe x.rs"));
        for wrong in ["", "\"", "\"a", r#""\8""#, r#""\400""#, r#""\1""#, r#""a"b""#] {
            assert_eq!(plain(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_side_has_its_prefix() {
        assert_eq!(side("b/src/a b.rs\t", "b/"), Some(Side::Path("src/a b.rs".to_owned())));
        assert_eq!(side(r#""b/\303\266.rs""#, "b/"), Some(Side::Path("ö.rs".to_owned())));
        assert_eq!(side("/dev/null", "b/"), Some(Side::Absent));
        assert_eq!((side("src/lib.rs", "b/"), side("b/", "b/")), (None, None));
    }
}
