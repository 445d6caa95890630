//! The same with a real registry, an image that was really pushed, and a program in it that really says its version.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::project::Project;
use crate::fake::What;

const PROGRAM: &str = "fn main() {\n    println!(\"app {}\", option_env!(\"SAYS\").unwrap_or(env!(\"CARGO_PKG_VERSION\")));\n}\n";

/// Debian's `docker-registry`, which runs until it is dropped.
struct Registry {
    process: Child,
    host: String,
    _folder: TempDir,
}

impl Registry {
    /// None where it is not installed, which is told; with `CI=true` it is a failure.
    fn start() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let host = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: \"{host}\"}}\n",
            path("data")
        );
        fs::write(path("config.yml"), config).unwrap();
        let log = File::create(path("log")).unwrap();
        let mut command = Command::new("docker-registry");
        command.args(["serve", &path("config.yml")]).env("OTEL_TRACES_EXPORTER", "none");
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let Ok(process) = command.spawn() else {
            assert!(!in_ci(), "docker-registry is not installed");
            eprintln!("not looked at: docker-registry is not installed");
            return None;
        };
        let registry = Self { process, host, _folder: folder };
        for _ in 0..400 {
            if TcpStream::connect(&registry.host).is_ok() {
                return Some(registry);
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("the registry does not listen");
    }

    /// The bytes that a tag names, as anybody gets them.
    fn bytes(&self, tag: &str) -> Option<Vec<u8>> {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        let kinds = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";
        write!(
            stream,
            "GET /v2/team/app/manifests/{tag} HTTP/1.0\r\nHost: {}\r\nAccept: {kinds}\r\n\r\n",
            self.host
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        answer.starts_with(b"HTTP/1.0 200").then(|| answer[end..].to_vec())
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|ci| ci == "true")
}

/// A project whose image was built and pushed as CI does it; none where programs cannot be run in a sandbox.
fn pushed(registry: &Registry) -> Option<Project> {
    let host = registry.host.clone();
    let settings = format!(
        "[image]\nbuilder = 'embedded'\npush = 'always'\n[scan]\nscanner = 'none'\n\
         [[images]]\nname = 'app'\nrepository = '{host}/team/app'\n[[smoke]]\nname = 'says'\nstdout = ['app']\n"
    );
    let mut project = Project::of("1.2.3", |_| settings.clone());
    project.write("src/main.rs", PROGRAM);
    project.write(".cargo/config.toml", "[profile.release]\nopt-level = 0\nstrip = true\n");
    project.commit("fix: say the version");
    let ran = project.xtask(&["image", "push"]);
    let refusals = ["this machine does not allow a process sandbox", "unshare is not installed"];
    if let Some(refusal) = refusals.iter().find(|refusal| ran.said.contains(**refusal)) {
        assert!(!in_ci(), "{refusal}");
        eprintln!("not looked at: {refusal}");
        return None;
    }
    ran.exits(0);
    project.pass();
    Some(project)
}

#[test]
fn tested_bytes_are_released_byte_by_byte_whatever_kills_it() {
    let Some(registry) = Registry::start() else { return };
    let Some(project) = pushed(&registry) else { return };
    let tested = registry.bytes(&format!("sha-{}", project.commit)).unwrap();
    project.run(&["run", "--dry-run"]).exits(0).says("to do    promote");

    // As soon as there is one of the tags.
    project.killed(&["run"], |_| registry.bytes("1.2.3").is_some());
    assert_eq!(project.seen().git.len(), 0);
    // After the tags, and in the midst of a file.
    project.github.fault("POST", "/git/tags", 1, What::Late(Duration::from_hours(1)));
    project.killed(&["resume"], |project| {
        project.github.log().contains(&"POST /repos/ada/parcels/git/tags".to_owned())
    });
    project.github.fault("POST", "/assets", 1, What::HeldHalf);
    project.killed(&["resume"], |project| project.github.held() > 0);
    let ran = project.run(&["resume"]).exits(0).says("proof    there: app is proven");
    ran.says("released 1.2.3");

    for tag in ["1.2.3", "1.2", "1", "latest", "prod"] {
        assert_eq!(registry.bytes(tag).as_ref(), Some(&tested), "{tag}");
    }
    assert_eq!(project.seen().git["v1.2.3"], project.commit);
    project.sums_hold();
    let record = fs::read_to_string(project.path("target/slipway/release/1.2.3/app/run.json")).unwrap();
    assert!(record.contains("release-version"), "its program was asked");
}

#[test]
fn a_program_that_says_another_version_is_not_released() {
    let Some(registry) = Registry::start() else { return };
    let Some(mut project) = pushed(&registry) else { return };
    project.write("src/main.rs", &PROGRAM.replace("env!(\"CARGO_PKG_VERSION\")", "\"1.2.30\""));
    project.commit("fix: say another version");
    project.xtask(&["image", "push"]).exits(0);
    project.pass();
    project.run(&["run"]).exits(1).says("release-version");
    assert!(registry.bytes("1.2.3").is_none() && project.seen().git.is_empty());
}
