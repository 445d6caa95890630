//! Which engine to use: the one that `DOCKER_HOST` or `DOCKER_CONTEXT` names, and only that one; else the first that
//! answers of the current context of Docker's configuration and the sockets at their usual places.

use std::fmt;
use std::path::{Path, PathBuf};

use super::endpoint::{Answer, Endpoint, TLS};
use crate::tools::{files, variables::Variables};

/// An engine that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where.
    pub endpoint: Endpoint,
    /// What it says of itself.
    pub answer: Answer,
}

/// No engine answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoEngine {
    /// What was tried, in this order: where it was named, and why it did not work.
    pub tried: Vec<(String, String)>,
}

impl NoEngine {
    /// What to do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        "start Docker or Podman, or set DOCKER_HOST to the engine's address"
    }
}

impl fmt::Display for NoEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no container engine answers")?;
        for (named, why) in &self.tried {
            write!(f, "\n  {named}: {why}")?;
        }
        Ok(())
    }
}

impl std::error::Error for NoEngine {}

/// A place to look at: where it was named, and its address unless it is unusable.
type Candidate = (String, Result<Endpoint, String>);

/// Looks for an engine.
///
/// # Errors
/// When none answers: all that was tried.
pub fn find(env: &Variables) -> Result<Found, NoEngine> {
    let mut tried = Vec::new();
    for (named, endpoint) in candidates(env) {
        match endpoint.and_then(|endpoint| endpoint.ping().map(|answer| Found { endpoint, answer })) {
            Ok(found) => return Ok(found),
            Err(why) => tried.push((named, why)),
        }
    }
    Err(NoEngine { tried })
}

fn set<'env>(env: &'env Variables, name: &str) -> Option<&'env str> {
    env.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

/// Docker's own order: <https://docs.docker.com/engine/manage-resources/contexts/>.
fn candidates(env: &Variables) -> Vec<Candidate> {
    if let Some(host) = set(env, "DOCKER_HOST") {
        let wants_tls = set(env, "DOCKER_TLS_VERIFY").is_some() && !host.starts_with("unix:");
        let endpoint =
            if wants_tls { Err(format!("DOCKER_TLS_VERIFY is set: {TLS}")) } else { Endpoint::parse(host) };
        return vec![("DOCKER_HOST".to_owned(), endpoint)];
    }
    let folder = configuration(env);
    match set(env, "DOCKER_CONTEXT") {
        Some("default") => return usual(env),
        Some(name) => {
            let endpoint =
                folder.ok_or_else(|| "HOME is not set".to_owned()).and_then(|folder| context(&folder, name));
            return vec![(format!("DOCKER_CONTEXT {name}"), endpoint)];
        }
        None => {}
    }
    let current = folder.and_then(|folder| {
        let config: serde_json::Value =
            serde_json::from_str(&files::read(&folder.join("config.json")).ok()?).ok()?;
        let name =
            config.get("currentContext")?.as_str().filter(|name| !name.is_empty() && *name != "default")?;
        Some((format!("context {name}"), context(&folder, name)))
    });
    current.into_iter().chain(usual(env)).collect()
}

/// Docker's configuration folder.
pub(in crate::tools) fn configuration(env: &Variables) -> Option<PathBuf> {
    let home = || set(env, "HOME").or_else(|| set(env, "USERPROFILE"));
    set(env, "DOCKER_CONFIG")
        .map(PathBuf::from)
        .or_else(|| home().map(|home| Path::new(home).join(".docker")))
}

/// The address of a context: the folders below `contexts/meta` are called by a hash, the files in them by nothing but
/// their content.
fn context(folder: &Path, name: &str) -> Result<Endpoint, String> {
    let metas = folder.join("contexts").join("meta");
    let entries =
        std::fs::read_dir(&metas).map_err(|error| format!("cannot read {}: {error}", metas.display()))?;
    let metas = entries.filter_map(|entry| {
        let text = files::read(&entry.ok()?.path().join("meta.json")).ok()?;
        serde_json::from_str::<serde_json::Value>(&text).ok()
    });
    let mut named = metas.filter(|meta| meta.get("Name").and_then(serde_json::Value::as_str) == Some(name));
    let meta = named.next().ok_or_else(|| {
        format!(
            "no context of this name in {}; `docker context ls` lists them",
            folder.join("contexts").display()
        )
    })?;
    let host = meta.pointer("/Endpoints/docker/Host").and_then(serde_json::Value::as_str);
    Endpoint::parse(host.ok_or_else(|| "the context names no address of an engine".to_owned())?)
}

/// The sockets at their usual places; those that are not there are told as one would look for them.
fn usual(env: &Variables) -> Vec<Candidate> {
    let socket = |what: &str, path: PathBuf| (what.to_owned(), Ok(Endpoint::Unix(path)));
    let mut all = vec![socket("Docker", PathBuf::from("/var/run/docker.sock"))];
    if let Some(runtime) = set(env, "XDG_RUNTIME_DIR").map(Path::new) {
        all.push(socket("rootless Docker", runtime.join("docker.sock")));
        all.push(socket("rootless Podman", runtime.join("podman/podman.sock")));
    }
    all.push(socket("Podman", PathBuf::from("/run/podman/podman.sock")));
    if let Some(home) = set(env, "HOME").map(Path::new) {
        all.push(socket("Docker Desktop", home.join(".docker/run/docker.sock")));
    }
    all
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixListener;

    use super::*;

    const PONG: &str = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nServer: Docker/20.10 (linux)\r\n\r\nOK";

    /// Something that listens on a socket and answers once.
    fn listening(path: &Path, answer: &'static str) {
        let listener = UnixListener::bind(path).unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(answer.as_bytes());
        });
    }

    fn env(pairs: &[(&str, &str)]) -> Variables {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn names(env: &Variables) -> Vec<String> {
        candidates(env).into_iter().map(|(named, _)| named).collect()
    }

    fn with_context(name: &str, host: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let meta = format!(r#"{{"Name":"{name}","Endpoints":{{"docker":{{"Host":"{host}"}}}}}}"#);
        files::write(&folder.path().join("contexts/meta/abc/meta.json"), &meta).unwrap();
        files::write(&folder.path().join("config.json"), &format!(r#"{{"currentContext":"{name}"}}"#))
            .unwrap();
        folder
    }

    #[test]
    fn the_variable_wins_and_nothing_else_is_tried() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("engine.sock");
        listening(&socket, PONG);
        let host = format!("unix://{}", socket.display());
        let env = env(&[("DOCKER_HOST", &host), ("DOCKER_CONTEXT", "other")]);
        let found = find(&env).unwrap();
        assert_eq!(found.endpoint, Endpoint::Unix(socket));
        assert_eq!(found.answer.api_version.as_deref(), Some("1.41"));
        let error = find(&env).unwrap_err();
        assert_eq!(error.tried.len(), 1);
        assert!(error.to_string().contains("DOCKER_HOST: nobody listens on "), "{error}");
    }

    #[test]
    fn podman_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("podman.sock");
        listening(
            &socket,
            "HTTP/1.1 200 OK\r\nLibpod-Api-Version: 4.3.1\r\nServer: Libpod/4.3.1 (linux)\r\n\r\n",
        );
        assert!(Endpoint::Unix(socket).ping().unwrap().is_podman);
    }

    #[test]
    fn a_context_is_found_by_its_name() {
        let folder = with_context("far", "tcp://127.0.0.1:1");
        let config = folder.path().display().to_string();
        let named = candidates(&env(&[("DOCKER_CONFIG", &config), ("DOCKER_CONTEXT", "far")]));
        assert_eq!(named, [("DOCKER_CONTEXT far".to_owned(), Ok(Endpoint::Tcp("127.0.0.1:1".to_owned())))]);
        let gone = find(&env(&[("DOCKER_CONFIG", &config), ("DOCKER_CONTEXT", "gone")])).unwrap_err();
        assert!(gone.to_string().contains("no context of this name"), "{gone}");
    }

    #[test]
    fn the_current_context_comes_before_the_usual_sockets() {
        let folder = with_context("far", "ssh://me@far");
        let config = folder.path().display().to_string();
        let env =
            env(&[("DOCKER_CONFIG", &config), ("XDG_RUNTIME_DIR", "/run/user/1"), ("HOME", "/home/me")]);
        let expected =
            ["context far", "Docker", "rootless Docker", "rootless Podman", "Podman", "Docker Desktop"];
        assert_eq!(names(&env), expected);
    }

    #[test]
    fn what_answers_otherwise_is_no_engine() {
        for (answer, words) in [
            ("HTTP/1.1 503 Service Unavailable\r\n\r\n", "503"),
            ("SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0"),
            ("", "`nothing`"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let socket = folder.path().join("engine.sock");
            listening(&socket, answer);
            let error = Endpoint::Unix(socket).ping().unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn tls_is_refused_in_words() {
        let env = env(&[("DOCKER_HOST", "tcp://docker:2376"), ("DOCKER_TLS_VERIFY", "1")]);
        let error = find(&env).unwrap_err();
        assert!(error.to_string().contains("behind TLS is not supported"), "{error}");
    }
}
