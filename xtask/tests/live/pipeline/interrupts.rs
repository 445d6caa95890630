//! Ctrl-C in the middle of things: an end soon, a record that says so, and nothing left behind.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use xtask::tools::docker::Engine;

use super::project::{DOCKERFILE, NOWHERE, Project, Started, containers};

const ENGINE: (&str, &str) = ("SLIPWAY_IMAGE_BUILDER", "engine");
const EMBEDDED: (&str, &str) = ("SLIPWAY_IMAGE_BUILDER", "embedded");

/// A service that goes on until somebody ends it.
const ENDLESS: &str = "[[smoke]]\nname = 'endless'\nargs = ['unwell', 'PORT']\nport = PORT\nwithin = '10m'\nhttp = [{ path = '/' }]\n";

/// Starts a run, interrupts it once something is so, and holds that this step was cancelled.
fn interrupted(project: &Project, what: &str, is_so: impl Fn(&Started<'_>) -> bool, id: &str) {
    let mut run = project.start(&["image", "smoke"]);
    run.until(what, is_so);
    let since = Instant::now();
    run.interrupt();
    run.end().exits(130);
    assert!(since.elapsed() < Duration::from_secs(10), "it took {:?}", since.elapsed());
    assert_eq!(project.step(id)["status"], "cancelled");
    let record = project.record();
    assert_eq!(
        (&record["verdict"]["exit_code"], &record["verdict"]["decision"]),
        (&130.into(), &"inconclusive".into())
    );
}

pub(crate) fn in_a_build(_: &Engine) {
    let sleeps = DOCKERFILE.replace("USER", "RUN [\"/app/service\", \"sleep\"]\nUSER");
    let project = Project::new(None, ENDLESS).env(ENGINE).file("Dockerfile", &sleeps);
    let is_asleep = |_: &Started<'_>| processes_of("/app/service sleep") > 0;
    interrupted(&project, "the build sleeps", is_asleep, "image.build");
    assert_eq!(processes_of("/app/service sleep"), 0);
}

pub(crate) fn in_a_compilation(_: &Engine) {
    let script = "fn main() {\n    std::fs::write(\"compiling\", \"\").unwrap();\n    \
                  std::thread::sleep(std::time::Duration::from_secs(600));\n}\n";
    let project = Project::new(None, ENDLESS).env(EMBEDDED).file("build.rs", script);
    let mark = project.path().join("compiling");
    interrupted(&project, "cargo compiles", |_| mark.exists(), "image.build");
}

pub(crate) fn in_a_run(_: &Engine) {
    let project = Project::new(None, ENDLESS).env(EMBEDDED);
    interrupted(&project, "a container runs", |run| !containers(run.id()).is_empty(), "image.smoke");
}

pub(crate) fn in_a_run_without_an_engine(_: &Engine) {
    let project = Project::new(None, ENDLESS).env(NOWHERE);
    let listens = |_: &Started<'_>| TcpStream::connect(("127.0.0.1", project.port())).is_ok();
    interrupted(&project, "it listens", listens, "image.smoke");
    assert!(TcpStream::connect(("127.0.0.1", project.port())).is_err());
}

/// How many processes of this machine have this command line.
fn processes_of(line: &str) -> usize {
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let lines = processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines
        .filter(|words| String::from_utf8_lossy(words).trim_end_matches('\0').replace('\0', " ") == line)
        .count()
}
