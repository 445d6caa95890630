//! The client beside programs that others wrote: Debian's `docker-registry` with passwords, with tokens and with TLS, and
//! `skopeo`. Where one of them is missing, the tests that need it are reported as ignored, with the reason; with `CI=true`
//! they fail.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

mod images;
mod issuer;
mod peer;
mod scissors;
mod trials;

/// In the environment of this program when it shall only ask this registry whether it is there.
const PING: &str = "SLIPWAY_LIVE_PING";

/// Its name, the programs that it needs, and itself.
type Test = (&'static str, &'static [&'static str], fn());

fn main() -> ExitCode {
    if let Ok(host) = env::var(PING) {
        return trials::ping_with_tls(&host);
    }
    let tests: [Test; 8] = [
        ("passwords", &["docker-registry"], trials::passwords),
        ("tokens", &["docker-registry", "openssl"], trials::tokens),
        ("tls", &["docker-registry", "openssl"], trials::tls),
        ("pieces", &["docker-registry"], trials::pieces),
        ("cuts", &["docker-registry"], trials::cuts),
        ("promotion", &["docker-registry"], trials::promotion),
        ("skopeo_reads_what_we_push", &["docker-registry", "skopeo"], trials::skopeo_reads),
        ("we_read_what_skopeo_pushes", &["docker-registry", "skopeo"], trials::skopeo_writes),
    ];
    let trials = tests.map(|(name, programs, test)| Trial::ignorable_test(name, move || run(programs, test)));
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

fn run(programs: &[&str], test: fn()) -> Result<Completion, Failed> {
    let Some(missing) = programs.iter().find(|program| find(program).is_none()) else {
        test();
        return Ok(Completion::Completed);
    };
    let reason = format!("needs {missing}, which is not installed: apt-get install {missing}");
    if env::var("CI").is_ok_and(|value| value == "true") {
        Err(reason.into())
    } else {
        Ok(Completion::ignored_with(reason))
    }
}

fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
