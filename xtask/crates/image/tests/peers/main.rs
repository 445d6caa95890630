//! Images of ours before independent judges: skopeo and a container engine. Where there is none, a test is reported as ignored
//! with the reason; with `CI=true` that is a failure.

#![expect(clippy::unwrap_used, reason = "tests")]

mod engine;
mod sample;
mod skopeo;

use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let has_skopeo = answers("skopeo", &["--version"]);
    let has_engine = answers("docker", &["version"]);
    let on_skopeo = |name, run| trial(name, "skopeo", has_skopeo, run);
    let on_engine = |name, run| trial(name, "a container engine and its docker program", has_engine, run);
    let trials = vec![
        on_skopeo("skopeo_reads_the_same_digest_and_configuration", skopeo::same_digest),
        on_skopeo("skopeo_takes_the_image_out_of_the_layout", skopeo::takes_it),
        on_engine("an_engine_loads_and_runs_the_archive", engine::loads_and_runs),
        on_engine("an_engine_sees_the_files_that_the_view_sees", engine::sees_the_same),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(name: &str, peer: &str, is_there: bool, run: fn()) -> Trial {
    let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
    if is_there {
        return Trial::test(name, move || {
            run();
            Ok(())
        });
    }
    let reason = format!("{name} (needs {peer})");
    let missing = format!("there is no {peer}, and CI=true");
    Trial::test(reason, move || Err(missing.into())).with_ignored_flag(!in_ci)
}

fn answers(program: &str, words: &[&str]) -> bool {
    Command::new(program).args(words).output().is_ok_and(|output| output.status.success())
}

/// Runs a peer, which must succeed; its output.
fn peer(program: &str, words: &[&str]) -> Vec<u8> {
    let Output { status, stdout, stderr } = Command::new(program).args(words).output().unwrap();
    assert!(status.success(), "{program} {words:?}: {}", String::from_utf8_lossy(&stderr));
    stdout
}
