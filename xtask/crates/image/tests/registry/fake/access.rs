//! Who may do what in the fake registry.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Answered, Asked, decode};

/// How the registry wants to know who asks.
pub(crate) enum Access {
    /// Not at all.
    Free,
    /// User name and password.
    Basic(&'static str, &'static str),
    /// Tokens, which it gives itself at `/token`.
    Tokens(Tokens),
}

/// Tokens that were given.
#[derive(Default)]
pub(crate) struct Tokens {
    /// Who gets tokens to push; the others get tokens to pull.
    pub(crate) users: BTreeMap<&'static str, &'static str>,
    /// A refresh token that is good for everything.
    pub(crate) identity: Option<&'static str>,
    /// Nobody without a password gets a token.
    pub(crate) is_closed: bool,
    /// How many requests a token is good for.
    pub(crate) uses: Option<usize>,
    /// `expires_in` of new tokens, in seconds.
    pub(crate) life: Option<u64>,
    /// Tokens with their scopes and how many uses are left.
    pub(crate) given: BTreeMap<String, (Vec<String>, usize)>,
}

impl Access {
    /// The answer, when the store is not asked.
    pub(super) fn check(&mut self, host: &str, asked: &Asked) -> Option<Answered> {
        match self {
            Self::Free => None,
            Self::Basic(user, password) => {
                let is_right = basic(asked) == Some(((*user).to_owned(), (*password).to_owned()));
                let refusal = Answered::error(401, "UNAUTHORIZED", "authentication required");
                (!is_right).then(|| refusal.with("www-authenticate", r#"Basic realm="Test, \"quoted\"""#))
            }
            Self::Tokens(tokens) if asked.path == "/token" => Some(tokens.give(asked)),
            Self::Tokens(tokens) => tokens.check(host, asked),
        }
    }
}

fn basic(asked: &Asked) -> Option<(String, String)> {
    let encoded = asked.header("authorization")?.strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

impl Tokens {
    fn give(&mut self, asked: &Asked) -> Answered {
        let form = String::from_utf8(asked.body.clone()).unwrap();
        let field = |wanted: &str| {
            form.split('&').find_map(|pair| pair.strip_prefix(&format!("{wanted}="))).map(decode)
        };
        let scopes: Vec<String> = match asked.method.as_str() {
            "POST" => field("scope").unwrap().split(' ').map(ToOwned::to_owned).collect(),
            _ => asked
                .query
                .iter()
                .filter(|(name, _)| name == "scope")
                .map(|(_, scope)| scope.clone())
                .collect(),
        };
        let may_push = if asked.method == "POST" {
            if field("grant_type").as_deref() != Some("refresh_token")
                || field("refresh_token").as_deref() != self.identity
            {
                return Answered::error(401, "UNAUTHORIZED", "the identity token is not good");
            }
            true
        } else {
            match basic(asked) {
                Some((user, password)) if self.users.get(user.as_str()) == Some(&password.as_str()) => true,
                Some(_) => return Answered::error(401, "UNAUTHORIZED", "incorrect username or password"),
                None if self.is_closed => {
                    return Answered::error(403, "DENIED", "requested access to the resource is denied");
                }
                None => false,
            }
        };
        let scopes = scopes
            .into_iter()
            .map(|scope| if may_push { scope } else { scope.replace(",push", "") })
            .collect();
        let token = format!("token-{}", self.given.len());
        self.given.insert(token.clone(), (scopes, self.uses.unwrap_or(usize::MAX)));
        let life = self.life.map(|life| format!(r#","expires_in":{life}"#)).unwrap_or_default();
        Answered { body: format!(r#"{{"token":"{token}"{life}}}"#).into_bytes(), ..Answered::new(200) }
    }

    fn check(&mut self, host: &str, asked: &Asked) -> Option<Answered> {
        let rest = asked.path.strip_prefix("/v2/").unwrap();
        let end = ["/blobs/", "/manifests/", "/tags/"].iter().find_map(|part| rest.find(part)).unwrap_or(0);
        let right = if matches!(asked.method.as_str(), "GET" | "HEAD") { "pull" } else { "push" };
        let wanted = format!("repository:{}:", &rest[..end]);
        let token = asked.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
        let fits = |scope: &String| {
            scope
                .strip_prefix(&wanted)
                .is_some_and(|actions| actions.split(',').any(|action| action == right))
        };
        if let Some((scopes, uses)) = token.and_then(|token| self.given.get_mut(token))
            && *uses > 0
        {
            *uses -= 1;
            if end == 0 || scopes.iter().any(fits) {
                return None;
            }
        }
        let challenge =
            format!(r#"Bearer realm="http://{host}/token",service="fake registry",scope="{wanted}{right}""#);
        Some(
            Answered::error(401, "UNAUTHORIZED", "authentication required")
                .with("WWW-Authenticate", challenge),
        )
    }
}
