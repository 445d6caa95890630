//! Docker's `config.json`, and the credential helpers that it names. Helpers may ask a person, or wait for a desktop that is
//! not there: they have a time limit.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use docker_credential::{CredentialRetrievalError as Why, DockerCredential, get_credential_from_reader};

use super::login::{Login, LoginError};
use crate::kit::secret::Secret;
use crate::kit::text;
use crate::tools::docker::Credentials;
use crate::tools::docker::find::configuration;
use crate::tools::variables::Variables;

/// The most characters that are told of what a helper says.
const SAID: usize = 200;

/// The credentials for a registry; none when there is no configuration, or nothing for this registry in it.
pub(super) fn find(env: &Variables, registry: &str, limit: Duration) -> Result<Option<Login>, LoginError> {
    let Some(path) = configuration(env).map(|folder| folder.join("config.json")) else { return Ok(None) };
    let wrong = |reason: String| LoginError::Configuration { path: path.clone(), reason };
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(error.to_string())),
    };
    let keys = keys(registry);
    let asked = within(limit, move || first(&keys, |key| get_credential_from_reader(bytes.as_slice(), key)));
    let credentials = match asked {
        None => {
            let seconds = limit.as_secs();
            return Err(wrong(format!(
                "its credential helper did not answer for {registry} within {seconds} s"
            )));
        }
        Some(Ok(credentials)) => credentials,
        Some(Err(why)) => return Err(wrong(told(&why, registry))),
    };
    Ok(credentials.map(|credentials| Login::new(ours(credentials), path.display().to_string())))
}

/// What a registry may be called in the configuration. Docker Hub has the name of its first version.
fn keys(registry: &str) -> Vec<String> {
    let mut keys =
        vec![registry.to_owned(), format!("https://{registry}"), format!("https://{registry}/v1/")];
    if registry == "docker.io" {
        keys.push("https://index.docker.io/v1/".to_owned());
    }
    keys
}

fn first(
    keys: &[String],
    ask: impl Fn(&str) -> Result<DockerCredential, Why>,
) -> Result<Option<DockerCredential>, Why> {
    for key in keys {
        match ask(key) {
            Ok(credentials) => return Ok(Some(credentials)),
            Err(why) if is_nothing(&why) => {}
            Err(why) => return Err(why),
        }
    }
    Ok(None)
}

/// Whether that says "there are none". Helpers say it on either stream:
/// <https://github.com/docker/docker-credential-helpers/blob/master/credentials/error.go>.
fn is_nothing(why: &Why) -> bool {
    match why {
        Why::NoCredentialConfigured | Why::ConfigNotFound => true,
        Why::HelperFailure { stdout, stderr, .. } => {
            [stdout, stderr].iter().any(|said| said.contains("credentials not found"))
        }
        _ => false,
    }
}

/// What a helper prints to its standard output may be a secret, even when it fails.
fn told(why: &Why, registry: &str) -> String {
    match why {
        Why::HelperCommunicationError => {
            format!("the credential helper that it names for {registry} cannot be run: is it installed?")
        }
        Why::MalformedHelperResponse => {
            format!("the credential helper's answer for {registry} cannot be read")
        }
        Why::HelperFailure { helper, stderr, .. } => {
            let said = text::terminal(stderr.lines().next().unwrap_or("it says nothing"));
            format!("{helper} failed for {registry}: {}", text::shorten(&said, SAID))
        }
        Why::CredentialDecodingError => {
            format!("`auth` of {registry} is not the base64 form of USER:PASSWORD in UTF-8")
        }
        Why::CredentialMismatchError => {
            format!("`auth` of {registry} says something else than `username` and `password`")
        }
        _ => "this is no configuration of Docker's".to_owned(),
    }
}

fn ours(credentials: DockerCredential) -> Credentials {
    match credentials {
        DockerCredential::IdentityToken(token) => Credentials::Identity(Secret::new(token)),
        DockerCredential::UsernamePassword(user, password) => {
            Credentials::Password { user, password: Secret::new(password) }
        }
    }
}

/// What a function gives, when it gives it in time. Else it goes on by itself, and a process that it waits for is ended with
/// the run.
fn within<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // Nobody listens any more when the time is up.
        let _ = sender.send(work());
    });
    receiver.recv_timeout(limit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::files;

    fn with(config: &str, registry: &str) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        files::write(&path, config).unwrap();
        let env = Variables::from([("DOCKER_CONFIG".to_owned(), folder.path().display().to_string())]);
        match find(&env, registry, Duration::from_secs(10)) {
            Ok(None) => Ok("nobody".to_owned()),
            Ok(Some(login)) => {
                assert_eq!(login.origin, path.display().to_string());
                Ok(match login.credentials.unwrap() {
                    Credentials::Password { user, password } => format!("{user} {}", password.expose()),
                    Credentials::Identity(token) => token.expose().to_owned(),
                })
            }
            Err(error) => Err(error.to_string().replace(&path.display().to_string(), "FILE")),
        }
    }

    #[test]
    fn what_docker_login_wrote_is_read() {
        // alice:a~b?c>d
        let config = r#"{"auths":{"ghcr.io":{"auth":"YWxpY2U6YX5iP2M+ZA=="},"https://index.docker.io/v1/":{"identitytoken":"i"},"x.example":{}}}"#;
        assert_eq!(with(config, "ghcr.io").unwrap(), "alice a~b?c>d");
        assert_eq!(with(config, "docker.io").unwrap(), "i");
        assert_eq!(with(config, "x.example").unwrap(), "nobody");
        assert_eq!(with(config, "y.example").unwrap(), "nobody");
        assert_eq!(
            with(r#"{"auths":{"https://r.example/v1/":{"auth":"YTpi"}}}"#, "r.example").unwrap(),
            "a b"
        );
    }

    #[test]
    fn what_cannot_be_used_is_told_without_its_value() {
        let none = "no-such-helper-of-slipway";
        for (config, sentence) in [
            ("{", "FILE: this is no configuration of Docker's"),
            (
                r#"{"auths":{"r.example":{"auth":"c2VjcmV0"}}}"#,
                "FILE: `auth` of r.example is not the base64 form of USER:PASSWORD in UTF-8",
            ),
            (
                r#"{"auths":{"r.example":{"auth":"YTpi","username":"a","password":"secret"}}}"#,
                "FILE: `auth` of r.example says something else than `username` and `password`",
            ),
            (
                &format!(r#"{{"credsStore":"{none}"}}"#),
                "FILE: the credential helper that it names for r.example cannot be run: is it installed?",
            ),
            (
                &format!(r#"{{"credHelpers":{{"r.example":"{none}"}}}}"#),
                "FILE: the credential helper that it names for r.example cannot be run: is it installed?",
            ),
        ] {
            assert_eq!(with(config, "r.example").unwrap_err(), sentence);
        }
    }

    #[test]
    fn a_helper_that_knows_nothing_is_no_failure() {
        let failure = |stdout: &str, stderr: &str| Why::HelperFailure {
            helper: "docker-credential-test".to_owned(),
            stdout: stdout.to_owned(),
            stderr: stderr.to_owned(),
        };
        let nothing =
            first(&keys("docker.io"), |_| Err(failure("credentials not found in native keychain\n", "")));
        assert_eq!(nothing, Ok(None));
        let why = failure("the-secret", "\u{1b}[31mthe desktop\nis away");
        let text = told(
            &first(&keys("r.example"), |_| Err(failure("the-secret", "\u{1b}[31mthe desktop\nis away")))
                .unwrap_err(),
            "r.example",
        );
        assert_eq!(text, told(&why, "r.example"));
        assert!(
            text.contains("docker-credential-test failed for r.example: ") && text.contains("the desktop"),
            "{text}"
        );
        assert!(
            !text.contains("the-secret") && !text.contains('\u{1b}') && !text.contains("is away"),
            "{text}"
        );
        let asked = std::cell::RefCell::new(Vec::new());
        let ask = |key: &str| {
            asked.borrow_mut().push(key.to_owned());
            Err(Why::NoCredentialConfigured)
        };
        assert_eq!(first(&keys("docker.io"), ask), Ok(None));
        assert_eq!(asked.borrow().last().unwrap(), "https://index.docker.io/v1/");
    }

    #[test]
    fn what_takes_too_long_is_left_alone() {
        let (sender, receiver) = mpsc::channel::<()>();
        let slow = within(Duration::from_millis(20), move || receiver.recv().is_ok());
        assert_eq!(slow, None);
        drop(sender);
        assert_eq!(within(Duration::from_secs(10), || 7), Some(7));
    }

    #[test]
    fn a_folder_in_the_place_of_the_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("config.json")).unwrap();
        let env = Variables::from([("DOCKER_CONFIG".to_owned(), folder.path().display().to_string())]);
        assert!(find(&env, "ghcr.io", Duration::from_secs(1)).is_err());
    }
}
