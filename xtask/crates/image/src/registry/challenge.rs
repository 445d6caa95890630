//! How a registry wants to be told who asks: the header `WWW-Authenticate`. Source: RFC 9110, section 11.6.1.

/// What a registry asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// User name and password.
    Basic,
    /// A token that another service gives.
    Bearer {
        /// The address of that service.
        realm: String,
        /// What the registry is called there.
        service: Option<String>,
    },
}

/// The challenges in the values of the headers, of the kinds that are known. Broken ones are left out.
pub(super) fn parse<'a>(headers: impl IntoIterator<Item = &'a str>) -> Vec<Challenge> {
    headers.into_iter().flat_map(one_header).collect()
}

fn one_header(text: &str) -> Vec<Challenge> {
    let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for part in split(text) {
        let (scheme, parameter) = match part.split_once(char::is_whitespace) {
            Some((scheme, rest)) if !scheme.contains('=') && !rest.trim_start().starts_with('=') => {
                (Some(scheme), rest.trim())
            }
            _ if part.contains('=') => (None, part),
            _ => (Some(part), ""),
        };
        if let Some(scheme) = scheme {
            found.push((scheme.to_ascii_lowercase(), Vec::new()));
        }
        if let (Some((name, value)), Some((_, parameters))) = (parameter.split_once('='), found.last_mut()) {
            parameters.push((name.trim().to_ascii_lowercase(), unquote(value.trim())));
        }
    }
    found.into_iter().filter_map(known).collect()
}

fn known((scheme, parameters): (String, Vec<(String, String)>)) -> Option<Challenge> {
    let value =
        |wanted: &str| parameters.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    match scheme.as_str() {
        "basic" => Some(Challenge::Basic),
        "bearer" => Some(Challenge::Bearer { realm: value("realm")?, service: value("service") }),
        _ => None,
    }
}

/// Splits at commas that are not in quotes.
fn split(text: &str) -> Vec<&str> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    let parts = text.split(move |character| {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ',' => return !is_quoted,
            _ => {}
        }
        false
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"') else { return text.to_owned() };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut characters = inner.chars();
    let mut plain = String::with_capacity(inner.len());
    while let Some(character) = characters.next() {
        plain.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bearer(realm: &str, service: Option<&str>) -> Challenge {
        Challenge::Bearer { realm: realm.to_owned(), service: service.map(ToOwned::to_owned) }
    }

    #[test]
    fn what_registries_send_is_read() {
        let github =
            r#"Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:a/b:pull,push""#;
        assert_eq!(parse([github]), [bearer("https://ghcr.io/token", Some("ghcr.io"))]);
        assert_eq!(parse([r#"Basic realm="Registry Realm""#]), [Challenge::Basic]);
        assert_eq!(parse(["basic"]), [Challenge::Basic]);
        let both = r#"Negotiate, Basic realm="a, b", BEARER service=x , realm = "https://t/\"q\"""#;
        assert_eq!(parse([both]), [Challenge::Basic, bearer("https://t/\"q\"", Some("x"))]);
        assert_eq!(parse(["Bearer service=x", "", ",,=,\""]), []);
    }

    proptest! {
        #[test]
        fn any_header_is_read(text in "\\PC{0,80}", pieces in prop::collection::vec(r#"Bearer |Basic|realm=|"|\\|,| |x"#, 0..12)) {
            parse([text.as_str(), pieces.concat().as_str()]);
        }
    }
}
