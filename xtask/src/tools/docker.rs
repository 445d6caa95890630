//! The container engine and its registries, as far as `doctor` asks: does it answer, are there credentials.

use std::path::{Path, PathBuf};

use super::files;
use super::variables::Variables;

/// What the engine answers, such as `answers at /var/run/docker.sock (API 1.41)`; none when it does not.
#[must_use]
pub fn ping(env: &Variables) -> Option<String> {
    let socket = match env.get("DOCKER_HOST") {
        Some(host) => PathBuf::from(host.strip_prefix("unix://")?),
        None => PathBuf::from("/var/run/docker.sock"),
    };
    let version = api_version(&socket)?;
    Some(format!("answers at {} (API {version})", socket.display()))
}

/// Source: <https://docs.docker.com/reference/api/engine/version/v1.41/#tag/System/operation/SystemPing>.
#[cfg(unix)]
fn api_version(socket: &Path) -> Option<String> {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    let mut stream = UnixStream::connect(socket).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(3))).ok()?;
    stream.write_all(b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n").ok()?;
    BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).find_map(
        |line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("api-version").then(|| value.trim().to_owned())
        },
    )
}

#[cfg(not(unix))]
fn api_version(_socket: &Path) -> Option<String> {
    None
}

/// Where credentials for a registry come from, by name only; none when there are none.
#[must_use]
pub fn credentials(env: &Variables, registry: &str) -> Option<String> {
    if let Some(name) = ["GITHUB_TOKEN", "GH_TOKEN"].into_iter().find(|name| env.contains_key(*name)) {
        return Some(format!("credentials from {name}"));
    }
    let folder = env.get("DOCKER_CONFIG").map(PathBuf::from);
    let folder = folder.or_else(|| Some(Path::new(env.get("HOME")?).join(".docker")))?;
    let config: serde_json::Value =
        serde_json::from_str(&files::read(&folder.join("config.json")).ok()?).ok()?;
    let named = |section: &str| config.get(section).is_some_and(|entries| entries.get(registry).is_some());
    let has = named("auths") || named("credHelpers") || config.get("credsStore").is_some();
    has.then(|| format!("credentials from {}", folder.join("config.json").display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_named_and_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        files::write(&folder.path().join("config.json"), r#"{"auths":{"ghcr.io":{"auth":"c2VjcmV0"}}}"#)
            .unwrap();
        let env = Variables::from([("DOCKER_CONFIG".to_owned(), folder.path().display().to_string())]);
        let found = credentials(&env, "ghcr.io").unwrap();
        assert!(found.ends_with("config.json") && !found.contains("c2VjcmV0"));
        assert_eq!(credentials(&env, "registry.example"), None);
    }

    #[test]
    fn an_engine_that_is_not_there_does_not_answer() {
        let env = Variables::from([("DOCKER_HOST".to_owned(), "unix:///no/such/socket".to_owned())]);
        assert_eq!(ping(&env), None);
    }
}
