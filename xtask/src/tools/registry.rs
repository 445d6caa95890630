//! Who we are to a registry: looked up where people and CI services keep it, and told by the name of the place only.
//!
//! In this order: the variables `SLIPWAY_REGISTRY_*`, for the registry that we push to; Docker's configuration with its
//! credential helpers; and for GitHub's registry the token that GitHub Actions gives.

use std::time::Duration;

use super::docker::Credentials;
use super::variables::Variables;
use crate::kit::secret::{self, Secret};

mod configuration;
mod login;

pub use login::{Login, LoginError};

/// GitHub's registry.
const GITHUB: &str = "ghcr.io";

/// How long the credential helpers may take for an answer, all together.
const LIMIT: Duration = Duration::from_secs(10);

/// Whose registry it is: what is meant for ours is not shown to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Our images are pushed there.
    Ours,
    /// Something is pulled from there, such as a base image.
    Others,
}

/// Who we are to this registry, such as `ghcr.io`.
///
/// # Errors
/// When variables contradict each other, or Docker's configuration cannot be used and nothing else is there.
pub fn find(env: &Variables, registry: &str, whose: Whose) -> Result<Login, LoginError> {
    if whose == Whose::Ours
        && let Some(login) = from_variables(env, registry)?
    {
        return Ok(login);
    }
    let configured = configuration::find(env, registry, LIMIT);
    let failure = match configured {
        Ok(Some(login)) => return Ok(login),
        Ok(None) => None,
        Err(error) => Some(error),
    };
    match (from_github(env, registry), failure) {
        (Some(login), passed_over) => Ok(Login { passed_over, ..login }),
        (None, Some(error)) => Err(error),
        (None, None) => Ok(Login::nobody()),
    }
}

fn from_variables(env: &Variables, registry: &str) -> Result<Option<Login>, LoginError> {
    let [name_of_user, name_of_password, name_of_token] = secret::REGISTRY_VARIABLES;
    let password = value(env, name_of_password).map(|value| (name_of_password, value));
    let token = value(env, name_of_token).map(|value| (name_of_token, value));
    // GitHub looks at the token only; everywhere else a user name goes with it.
    let actor = || (registry == GITHUB).then(|| actor(env));
    let user = value(env, name_of_user).map(ToOwned::to_owned);
    match (user, password.or(token)) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(LoginError::Half { set: name_of_user, missing: name_of_password }),
        (user, Some((set, secret))) => {
            let missing = LoginError::Half { set, missing: name_of_user };
            let origin = if user.is_some() { format!("{name_of_user} and {set}") } else { set.to_owned() };
            let user = user.or_else(actor).ok_or(missing)?;
            Ok(Some(Login::new(Credentials::Password { user, password: Secret::new(secret) }, origin)))
        }
    }
}

fn from_github(env: &Variables, registry: &str) -> Option<Login> {
    let name = ["GITHUB_TOKEN", "GH_TOKEN"].into_iter().find(|name| value(env, name).is_some())?;
    let password = Secret::new(value(env, name)?);
    (registry == GITHUB).then(|| Login::new(Credentials::Password { user: actor(env), password }, name))
}

/// Any name does beside a token of GitHub's.
fn actor(env: &Variables) -> String {
    value(env, "GITHUB_ACTOR").unwrap_or("token").to_owned()
}

/// CI services make empty variables of what is missing.
fn value<'a>(env: &'a Variables, name: &str) -> Option<&'a str> {
    env.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Variables {
        // A folder without a configuration: the one of whoever runs the test does not count.
        let none = ("DOCKER_CONFIG", "/no/such/folder");
        pairs.iter().chain([&none]).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn told(pairs: &[(&str, &str)], registry: &str, whose: Whose) -> String {
        let login = match find(&env(pairs), registry, whose) {
            Ok(login) => login,
            Err(error) => return error.to_string(),
        };
        match &login.credentials {
            Some(Credentials::Password { user, password }) => {
                format!("{user} {} from {}", password.expose(), login.origin)
            }
            Some(Credentials::Identity(token)) => format!("{} from {}", token.expose(), login.origin),
            None => login.origin,
        }
    }

    const OURS: [(&str, &str); 2] =
        [("SLIPWAY_REGISTRY_USERNAME", "alice"), ("SLIPWAY_REGISTRY_PASSWORD", "hunter22")];
    const GITHUBS: [(&str, &str); 2] = [("GITHUB_TOKEN", "ghs_1"), ("GITHUB_ACTOR", "bob")];

    #[test]
    fn our_own_variables_come_first_and_stay_with_us() {
        let both = [OURS, GITHUBS].concat();
        let ours = "alice hunter22 from SLIPWAY_REGISTRY_USERNAME and SLIPWAY_REGISTRY_PASSWORD";
        assert_eq!(told(&both, "ghcr.io", Whose::Ours), ours);
        assert_eq!(told(&OURS, "registry.example", Whose::Ours), ours);
        assert_eq!(told(&both, "docker.io", Whose::Others), "no credentials");
        assert_eq!(told(&both, "ghcr.io", Whose::Others), "bob ghs_1 from GITHUB_TOKEN");
    }

    #[test]
    fn a_token_needs_no_name_at_github_only() {
        let token = [("SLIPWAY_REGISTRY_TOKEN", "t")];
        assert_eq!(told(&token, "ghcr.io", Whose::Ours), "token t from SLIPWAY_REGISTRY_TOKEN");
        let half = "SLIPWAY_REGISTRY_TOKEN is set and SLIPWAY_REGISTRY_USERNAME is not: set both";
        assert_eq!(told(&token, "registry.example", Whose::Ours), half);
        let half = "SLIPWAY_REGISTRY_USERNAME is set and SLIPWAY_REGISTRY_PASSWORD is not: set both";
        assert_eq!(told(&OURS[..1], "ghcr.io", Whose::Ours), half);
    }

    #[test]
    fn githubs_token_is_for_github() {
        assert_eq!(told(&GITHUBS, "ghcr.io", Whose::Ours), "bob ghs_1 from GITHUB_TOKEN");
        assert_eq!(told(&GITHUBS, "registry.example", Whose::Ours), "no credentials");
        let empty = [("GITHUB_TOKEN", ""), ("GH_TOKEN", "gho_1"), ("SLIPWAY_REGISTRY_PASSWORD", "")];
        assert_eq!(told(&empty, "ghcr.io", Whose::Ours), "token gho_1 from GH_TOKEN");
    }

    #[test]
    fn what_cannot_be_sent_is_refused_by_the_name_of_its_place() {
        let login = find(&env(&[("GITHUB_TOKEN", "ghs_1\n")]), "ghcr.io", Whose::Ours).unwrap();
        let error = login.for_client().unwrap_err().to_string();
        assert_eq!(
            error,
            "GITHUB_TOKEN: the password for the registry ends in a line break; store it without one"
        );
        assert!(find(&env(&OURS), "ghcr.io", Whose::Ours).unwrap().for_client().is_ok());
        assert!(find(&env(&[]), "ghcr.io", Whose::Ours).unwrap().for_client().unwrap().is_anonymous());
        let shown = format!("{:?}", find(&env(&OURS), "ghcr.io", Whose::Ours));
        assert!(!shown.contains("hunter22"), "{shown}");
    }
}
