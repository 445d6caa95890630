//! URIs of files, as paths. Anything that is not a file has none.

/// What some tools write for the root of the repository, where a base belongs.
const ROOT: &str = "%SRCROOT%";

/// The path that a URI names: relative, or absolute for `file:`. None for other schemes (RFC 3986, RFC 8089).
pub(super) fn path(uri: &str) -> Option<String> {
    if let Some(relative) = uri.strip_prefix(ROOT) {
        return Some(decode(relative.trim_start_matches('/')));
    }
    let Some((scheme, rest)) = uri.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else {
        return Some(decode(uri));
    };
    if !scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    // `file://HOST/PATH`: the host is this one, whatever it is called.
    let path = match rest.strip_prefix("//") {
        Some(authority) => authority.find('/').map_or("", |slash| &authority[slash..]),
        None => rest,
    };
    (!path.is_empty()).then(|| decode(path))
}

/// The path below a base, unless it is absolute.
pub(super) fn join(base: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", base.trim_end_matches('/')) }
}

/// A single letter is a drive of Windows, and a scheme has no slash.
fn is_scheme(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    text.len() > 1 && text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(allowed)
}

/// Undoes `%C3%A9`; what is no such code stays as it is, and what is no UTF-8 becomes U+FFFD.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while let Some(byte) = bytes.get(place) {
        let digit = |offset: usize| char::from(*bytes.get(place + offset)?).to_digit(16);
        let code = digit(1).zip(digit(2)).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        if let Some(code) = code.filter(|_| *byte == b'%') {
            decoded.push(code);
            place += 3;
        } else {
            decoded.push(*byte);
            place += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn files_have_paths_and_pages_have_none() {
        let cases = [
            ("src/a%20b.rs", Some("src/a b.rs")),
            ("caf%C3%A9.rs", Some("café.rs")),
            ("file:///repo/a.rs", Some("/repo/a.rs")),
            ("file://host/repo/a.rs", Some("/repo/a.rs")),
            ("FILE:/repo/a.rs", Some("/repo/a.rs")),
            ("%SRCROOT%/src/a.rs", Some("src/a.rs")),
            ("100%.md", Some("100%.md")),
            ("50%zz.md", Some("50%zz.md")),
            ("C:/a.rs", Some("C:/a.rs")),
            ("a/b:c.rs", Some("a/b:c.rs")),
            ("https://example.com/a.rs", None),
            ("pkg:cargo/a@1", None),
            ("file://", None),
        ];
        for (uri, expected) in cases {
            assert_eq!(path(uri).as_deref(), expected, "{uri}");
        }
    }

    #[test]
    fn a_base_holds_for_relative_paths() {
        assert_eq!(join("/repo/", "a.rs"), "/repo/a.rs");
        assert_eq!(join("/repo/", "/b/a.rs"), "/b/a.rs");
    }

    proptest! {
        #[test]
        fn any_text_is_decoded(text in any::<String>()) {
            let _ = path(&text);
        }

        #[test]
        fn what_is_encoded_comes_back(text in any::<String>()) {
            let codes: Vec<String> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            prop_assert_eq!(decode(&codes.concat()), text);
        }
    }
}
