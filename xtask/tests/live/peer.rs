//! Debian's `docker-registry`, with passwords, on a port of its own.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use slipway_image::Repository;
use tempfile::TempDir;

/// What it is made of, and what makes its passwords.
pub(crate) const PROGRAMS: &[&str] = &["docker-registry", "htpasswd"];

/// A registry that runs until it is dropped.
pub(crate) struct Registry {
    process: Child,
    pub(crate) host: String,
    folder: TempDir,
}

impl Registry {
    /// One with these users and their passwords.
    pub(crate) fn start(users: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let host = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        fs::write(path("htpasswd"), "").unwrap();
        for (user, password) in users {
            let made =
                Command::new("htpasswd").args(["-bB", "-C", "4", &path("htpasswd"), user, password]).output();
            assert!(made.unwrap().status.success());
        }
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: \"{host}\"}}\n\
             auth: {{htpasswd: {{realm: live, path: {}}}}}\n",
            path("data"),
            path("htpasswd")
        );
        fs::write(path("config.yml"), config).unwrap();
        let mut command = Command::new("docker-registry");
        command.args(["serve", &path("config.yml")]).env("OTEL_TRACES_EXPORTER", "none");
        let log = |name: &str| File::create(path(name)).unwrap();
        command.stdin(Stdio::null()).stdout(log("access")).stderr(log("log"));
        let registry = Self { process: command.spawn().unwrap(), host, folder };
        for _ in 0..200 {
            if TcpStream::connect(&registry.host).is_ok() {
                return registry;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("the registry does not listen: {}", fs::read_to_string(registry.path("log")).unwrap());
    }

    /// A place for images in it.
    pub(crate) fn repository(&self, path: &str) -> Repository {
        format!("{}/{path}", self.host).parse().unwrap()
    }

    /// Whether anything was ever put there.
    pub(crate) fn is_empty(&self) -> bool {
        !self.path("data").join("docker/registry/v2").exists()
    }

    /// What was asked of it so far, a line a request: method and path.
    pub(crate) fn asked(&self) -> Vec<String> {
        let log = fs::read_to_string(self.path("access")).unwrap();
        let request = |line: &str| {
            let mut words = line.split('"').nth(1)?.split_whitespace();
            Some(format!("{} {}", words.next()?, words.next()?))
        };
        log.lines().filter_map(request).collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::join(self.folder.path(), name)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
