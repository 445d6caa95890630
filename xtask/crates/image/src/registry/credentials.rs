//! Who we are to a registry.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::secret::Secret;

/// A user with a password, an identity token, or nobody.
#[derive(Clone, Debug)]
pub struct Credentials(Login);

#[derive(Clone, Debug)]
enum Login {
    Anonymous,
    Password { user: String, password: Secret },
    Identity(Secret),
}

/// Why credentials cannot be used. Never holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialsError {
    /// The user name, password or token is empty.
    Empty(&'static str),
    /// It ends in a line break.
    LineBreak(&'static str),
    /// It has a control character, which no registry takes.
    Control(&'static str),
    /// The user name has a colon, which ends the user name in basic authentication (RFC 7617, section 2).
    Colon,
}

impl Credentials {
    /// Nobody.
    #[must_use]
    pub fn anonymous() -> Self {
        Self(Login::Anonymous)
    }

    /// A user with a password or access token. Both go out as UTF-8 (RFC 7617, section 2.1).
    ///
    /// # Errors
    /// When one of them is empty or has a control character, or the user name has a colon.
    pub fn password(user: impl Into<String>, password: Secret) -> Result<Self, CredentialsError> {
        let user = user.into();
        check("user name", &user)?;
        check("password", password.expose())?;
        if user.contains(':') {
            return Err(CredentialsError::Colon);
        }
        Ok(Self(Login::Password { user, password }))
    }

    /// A refresh token, as `docker login` stores it for registries that give one.
    ///
    /// # Errors
    /// When it is empty or has a control character.
    pub fn identity_token(token: Secret) -> Result<Self, CredentialsError> {
        check("identity token", token.expose())?;
        Ok(Self(Login::Identity(token)))
    }

    /// Who that is, in words for a sentence: `alice`, `a client without credentials`.
    #[must_use]
    pub fn who(&self) -> String {
        match &self.0 {
            Login::Anonymous => "a client without credentials".to_owned(),
            Login::Password { user, .. } => format!("`{user}`"),
            Login::Identity(_) => "the owner of the identity token".to_owned(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        matches!(self.0, Login::Anonymous)
    }

    /// The value of an `Authorization` header of basic authentication; none without a password.
    pub(super) fn basic(&self) -> Option<Secret> {
        let Login::Password { user, password } = &self.0 else { return None };
        Some(Secret::new(format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.expose())))))
    }

    /// The user name, where there is one.
    pub(super) fn user(&self) -> Option<&str> {
        match &self.0 {
            Login::Password { user, .. } => Some(user),
            _ => None,
        }
    }

    /// The identity token, where there is one.
    pub(super) fn identity(&self) -> Option<&Secret> {
        match &self.0 {
            Login::Identity(token) => Some(token),
            _ => None,
        }
    }

    /// A text that came from a registry, without our own secrets: some proxies echo what they refuse.
    pub(super) fn scrub(&self, text: &str) -> String {
        let secret = match &self.0 {
            Login::Anonymous => return text.to_owned(),
            Login::Password { password, .. } => password,
            Login::Identity(token) => token,
        };
        let clean = text.replace(secret.expose(), "***");
        match self.basic() {
            Some(basic) => clean.replace(basic.expose().trim_start_matches("Basic "), "***"),
            None => clean,
        }
    }
}

fn check(what: &'static str, text: &str) -> Result<(), CredentialsError> {
    if text.is_empty() {
        return Err(CredentialsError::Empty(what));
    }
    if text.ends_with(['\n', '\r']) {
        return Err(CredentialsError::LineBreak(what));
    }
    if text.chars().any(char::is_control) {
        return Err(CredentialsError::Control(what));
    }
    Ok(())
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty(what) => write!(f, "the {what} for the registry is empty"),
            Self::LineBreak(what) => {
                write!(f, "the {what} for the registry ends in a line break; store it without one")
            }
            Self::Control(what) => {
                write!(f, "the {what} for the registry has a control character, which no registry takes")
            }
            Self::Colon => f.write_str("the user name for the registry has a colon, which ends a user name"),
        }
    }
}

impl std::error::Error for CredentialsError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_sent_is_refused_and_not_shown() {
        let of = |user: &str, password: &str| Credentials::password(user, Secret::new(password)).unwrap_err();
        assert_eq!(of("", "x"), CredentialsError::Empty("user name"));
        assert_eq!(of("a", ""), CredentialsError::Empty("password"));
        assert_eq!(of("a", "hunter22\n"), CredentialsError::LineBreak("password"));
        assert_eq!(of("a", "hunt\x07er"), CredentialsError::Control("password"));
        assert_eq!(of("a:b", "x"), CredentialsError::Colon);
        assert!(!of("a", "hunter22\n").to_string().contains("hunter22"));
        assert!(Credentials::identity_token(Secret::new("a\rb")).is_err());
    }

    #[test]
    fn hard_characters_are_encoded_as_rfc_7617_does() {
        // The test vector of RFC 7617, section 2.1.
        let credentials = Credentials::password("test", Secret::new("123\u{a3}")).unwrap();
        assert_eq!(credentials.basic().unwrap().expose(), "Basic dGVzdDoxMjPCow==");
        // `~`, `?` and `>` are where the standard alphabet has `+` and `/`.
        let credentials = Credentials::password("u", Secret::new("a~?>")).unwrap();
        assert_eq!(credentials.basic().unwrap().expose(), "Basic dTphfj8+");
    }

    #[test]
    fn nothing_of_them_prints() {
        let credentials = Credentials::password("alice", Secret::new("hunter22")).unwrap();
        assert!(!format!("{credentials:?}").contains("hunter22"));
        let header = credentials.basic().unwrap();
        let echo = format!("bad header {} and hunter22", header.expose());
        assert_eq!(credentials.scrub(&echo), "bad header Basic *** and ***");
    }

    proptest! {
        #[test]
        fn any_password_arrives_as_it_is(user in "[^:\\p{Cc}]{1,20}", password in "[^\\p{Cc}]{1,40}") {
            let header = Credentials::password(user.as_str(), Secret::new(password.as_str())).unwrap().basic().unwrap();
            let decoded = STANDARD.decode(header.expose().strip_prefix("Basic ").unwrap()).unwrap();
            prop_assert_eq!(String::from_utf8(decoded).unwrap(), format!("{user}:{password}"));
        }
    }
}
