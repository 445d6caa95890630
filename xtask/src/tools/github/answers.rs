//! What is read of answers: JSON into our own types, and where the next page is.

use serde::Deserialize;

use super::address::Address;
use super::error::GitHubError;
use super::wire::{Answer, Ask};

/// The body as what it should be; fields that we do not need may be missing or odd.
pub(super) fn json<T: for<'a> Deserialize<'a>>(ask: &Ask, answer: &Answer) -> Result<T, GitHubError> {
    let mut reader = serde_json::Deserializer::from_slice(&answer.body);
    serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| unexpected(ask, format!("status {}, and in the body {error}", answer.status)))
}

pub(super) fn unexpected(ask: &Ask, reason: String) -> GitHubError {
    GitHubError::Unexpected { route: ask.route(), reason }
}

/// The route of the next page. A link to another place is refused: it would get the token.
pub(super) fn next(ask: &Ask, answer: &Answer, address: &Address) -> Result<Option<String>, GitHubError> {
    let Some(link) = answer.header("link").and_then(next_in) else { return Ok(None) };
    match address.route_of(link) {
        Some(route) if route != ask.route => Ok(Some(route.to_owned())),
        Some(_) => Err(unexpected(ask, "the page after it is the page itself".to_owned())),
        None => Err(unexpected(ask, format!("the page after it is not on {address}"))),
    }
}

/// The address of the relation `next`. Source: RFC 8288, section 3.
fn next_in(header: &str) -> Option<&str> {
    header.split(',').find_map(|link| {
        let (address, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let mut parameters = parameters.split(';').map(|parameter| parameter.trim().replace('"', ""));
        parameters.any(|parameter| parameter == "rel=next").then_some(address)
    })
}

/// Text inside a path or a query. Source: RFC 3986, section 2.3.
pub(super) fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tools::variables::Variables;

    fn after(link: &str) -> Result<Option<String>, GitHubError> {
        let address = Address::of(&Variables::new()).unwrap();
        let headers = [("link".to_owned(), link.to_owned())].into();
        next(&Ask::get("/a?page=1"), &Answer { headers, ..Answer::default() }, &address)
    }

    #[test]
    fn the_next_page_is_found_and_stays_on_the_api() {
        let link = "<https://api.github.com/a?page=1>; rel=\"prev\", <https://api.github.com/a?page=2>; rel=\"next\"";
        assert_eq!(after(link).unwrap().as_deref(), Some("/a?page=2"));
        assert_eq!(after("<https://api.github.com/a?page=9>; rel=\"last\"").unwrap(), None);
        let foreign = after("<https://evil.example/a>; rel=\"next\"").unwrap_err().to_string();
        assert!(foreign.contains("not on https://api.github.com"), "{foreign}");
        assert!(after("<https://api.github.com/a?page=1>; rel=next").is_err());
    }

    #[test]
    fn a_body_that_is_something_else_names_the_place() {
        #[derive(Debug, Deserialize)]
        struct One {
            #[expect(dead_code, reason = "only read")]
            id: u64,
        }
        let answer = Answer { status: 200, body: br#"[{"id":"x"}]"#.to_vec(), ..Answer::default() };
        let error = json::<Vec<One>>(&Ask::get("/a"), &answer).unwrap_err().to_string();
        assert!(
            error.starts_with("GET /a was answered oddly: status 200, and in the body [0].id"),
            "{error}"
        );
    }

    #[test]
    fn a_branch_is_one_word_of_a_query() {
        assert_eq!(encode("ada:fix/a b&c=é"), "ada%3Afix%2Fa%20b%26c%3D%C3%A9");
    }

    proptest! {
        #[test]
        fn any_link_header_is_read_without_a_panic(link in "\\PC{0,60}|(<[a-z:/.]{0,9}>; rel=\"?next\"?,? ?){0,4}") {
            let _ = after(&link);
        }
    }
}
