//! Who we are: a GitHub App that the environment names, else a token from the environment, else from GitHub's own program, whoever
//! logged in there.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::address::Address;
use super::app::{App, BadApp, Right};
use crate::kit::secret::{GITHUB_VARIABLES as VARIABLES, Redactor, Secret};
use crate::kit::text::duration;
use crate::model::command::{CommandLine, End};
use crate::tools::process::{Pipes, Supervisor, Unwatched};
use crate::tools::programs;
use crate::tools::variables::Variables;

/// It answers from a file or a key ring, and may wait there for a person.
const LIMIT: Duration = Duration::from_secs(10);

/// A token and where it is from.
#[derive(Clone, Debug)]
pub struct Login {
    /// The token itself.
    pub token: Secret,
    /// The name of the place only.
    pub origin: &'static str,
}

/// Who we are to GitHub.
#[derive(Clone, Debug)]
pub enum Identity {
    /// Whoever this token was made for.
    Token(Login),
    /// A GitHub App, which gets tokens of its own.
    App(Box<App>),
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(login) => write!(f, "token from {}", login.origin),
            Self::App(app) => app.fmt(f),
        }
    }
}

impl From<&Login> for Identity {
    fn from(login: &Login) -> Self {
        Self::Token(login.clone())
    }
}

impl From<&Self> for Identity {
    fn from(identity: &Self) -> Self {
        identity.clone()
    }
}

impl Identity {
    /// The same; an App asks for this right too.
    #[must_use]
    pub fn with(self, right: Right) -> Self {
        match self {
            Self::App(app) => Self::App(Box::new(app.with(right))),
            token @ Self::Token(_) => token,
        }
    }
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginError {
    /// No variable is set, and GitHub's program is not there.
    Nowhere,
    /// GitHub's program gave none, for this reason.
    Program(String),
    /// What this place gives cannot be a token.
    Malformed(&'static str),
    /// The environment names an App that cannot log in.
    App(BadApp),
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => f.write_str("there is no token for GitHub's API"),
            Self::Program(reason) => {
                write!(f, "there is no token for GitHub's API: `gh auth token` {reason}")
            }
            Self::App(error) => error.fmt(f),
            Self::Malformed(origin) => {
                write!(
                    f,
                    "what {origin} gives is no token: it has blanks, control characters or foreign letters inside"
                )
            }
        }
    }
}

impl std::error::Error for LoginError {}

impl LoginError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Nowhere | Self::Program(_) => {
                "in GitHub Actions give the step `env: GITHUB_TOKEN: ${{ github.token }}`; elsewhere run `gh auth login`, \
                 or export SLIPWAY_GITHUB_TOKEN"
            }
            Self::App(error) => error.hint(),
            Self::Malformed(_) => "copy the token again, without quotes and line feeds inside",
        }
    }
}

/// The App or the first token that is found for the API at an address.
///
/// # Errors
/// When there is none, or the first that is found cannot be one.
pub fn find(env: &Variables, address: &Address, supervisor: &Supervisor) -> Result<Identity, LoginError> {
    match App::find(env).map_err(LoginError::App)? {
        Some(app) => Ok(Identity::App(Box::new(app))),
        None => token(env, address, supervisor).map(Identity::Token),
    }
}

fn token(env: &Variables, address: &Address, supervisor: &Supervisor) -> Result<Login, LoginError> {
    let set = |name: &&str| env.get(*name).is_some_and(|value| !value.trim().is_empty());
    if let Some(name) = VARIABLES.into_iter().find(set) {
        return login(env.get(name).map_or("", String::as_str), name);
    }
    if programs::find(&supervisor.env, "gh").is_none() {
        return Err(LoginError::Nowhere);
    }
    // What it prints is the secret, and must come through.
    let open = Supervisor {
        root: supervisor.root.clone(),
        env: supervisor.env.clone(),
        redactor: Redactor::default(),
        interrupt: supervisor.interrupt.clone(),
        grace: supervisor.grace,
        running: Arc::clone(&supervisor.running),
    };
    let line = CommandLine::new("gh").args(["auth", "token", "--hostname", &address.host()]);
    let output = open
        .run(&line, Pipes::Apart, LIMIT, &mut Unwatched)
        .map_err(|error| LoginError::Program(format!("could not be started: {}", error.error)))?;
    match output.end {
        End::Exited(0) => login(&output.stdout, "gh auth token"),
        End::TimedOut(limit) => {
            Err(LoginError::Program(format!("gave no answer within {}", duration(limit))))
        }
        _ => Err(LoginError::Program("failed: nobody is logged in there".to_owned())),
    }
}

fn login(value: &str, origin: &'static str) -> Result<Login, LoginError> {
    let token = value.trim();
    // It becomes a header, and a header takes nothing else.
    if token.is_empty() || !token.chars().all(|c| c.is_ascii_graphic()) {
        return Err(LoginError::Malformed(origin));
    }
    Ok(Login { token: Secret::new(token), origin })
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// Looks with this script as GitHub's program, and these variables.
    fn look(script: Option<&str>, variables: &[(&str, &str)]) -> Result<Login, LoginError> {
        let folder = tempfile::tempdir().unwrap();
        if let Some(script) = script {
            let program = folder.path().join("gh");
            std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let env: Variables =
            variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let path = [("PATH".to_owned(), folder.path().to_str().unwrap().to_owned())];
        let supervisor = Supervisor {
            root: folder.path().to_owned(),
            env: path.into(),
            redactor: Redactor::new([Secret::new("gho_of_the_program")]),
            interrupt: crate::tools::interrupt::Interrupt::default(),
            grace: Duration::from_millis(300),
            running: Arc::default(),
        };
        let address =
            Variables::from([("GITHUB_API_URL".to_owned(), "https://acme.example/api/v3".to_owned())]);
        token(&env, &Address::of(&address).unwrap(), &supervisor)
    }

    #[test]
    fn the_first_variable_that_holds_something_is_taken() {
        let all = [("SLIPWAY_GITHUB_TOKEN", " "), ("GITHUB_TOKEN", "ghs_1\n"), ("GH_TOKEN", "gho_2")];
        let login = look(None, &all).unwrap();
        assert_eq!((login.token.expose(), login.origin), ("ghs_1", "GITHUB_TOKEN"));
        assert!(!format!("{login:?}").contains("ghs_1"));
    }

    #[test]
    fn the_program_is_asked_for_this_host_and_not_redacted() {
        let script = r#"test "$*" = "auth token --hostname acme.example" && echo gho_of_the_program"#;
        let login = look(Some(script), &[]).unwrap();
        assert_eq!((login.token.expose(), login.origin), ("gho_of_the_program", "gh auth token"));
    }

    #[test]
    fn why_there_is_no_token_is_told_without_its_value() {
        assert_eq!(look(None, &[]).unwrap_err(), LoginError::Nowhere);
        let failed = look(Some("echo no >&2; exit 1"), &[]).unwrap_err().to_string();
        assert!(failed.ends_with("`gh auth token` failed: nobody is logged in there"), "{failed}");
        let odd = look(None, &[("GH_TOKEN", "ghp_ab cd")]).unwrap_err();
        assert!(odd.to_string().contains("GH_TOKEN") && !odd.to_string().contains("ab cd"), "{odd}");
    }
}
