//! What holds for every linter: unique names, honest ends, and no panic whatever a tool prints.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::model::command::{CommandOutput, End};
use crate::tools::reading::tests::{output, recorded, workspace, workspace_with};

/// Every recorded output.
fn recordings() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/linters");
    let mut names = Vec::new();
    for tool in std::fs::read_dir(folder).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        for file in std::fs::read_dir(tool.path()).unwrap() {
            let path = tool.path().join(file.unwrap().file_name()).with_extension("");
            names.push(path.strip_prefix(folder).unwrap().to_string_lossy().into_owned());
        }
    }
    names.sort();
    names.dedup();
    names
}

#[test]
fn names_are_unique_and_found() {
    for linter in all() {
        let same = all().iter().filter(|other| other.id == linter.id).count();
        assert_eq!(same, 1, "{}", linter.id);
    }
}

#[test]
fn what_every_rust_project_has_must_be_installed() {
    let needed: Vec<&str> = all().iter().filter(|linter| !linter.optional).map(|linter| linter.id).collect();
    assert_eq!(needed, ["fmt", "clippy", "rustdoc"]);
}

#[test]
fn every_linter_applies_somewhere_and_then_has_a_command() {
    let files = [".github/workflows/ci.yml", "Dockerfile", "a.sh", "deny.toml", "taplo.toml"];
    let workspace = workspace_with(&files);
    for linter in all() {
        assert_eq!((linter.applies)(&workspace), Ok(()), "{}", linter.id);
        assert!(!(linter.command)(&workspace, &Options::default()).is_empty(), "{}", linter.id);
    }
}

#[test]
fn arguments_of_the_user_reach_every_command() {
    let files = ["deny.toml", "Dockerfile", "a.sh", ".github/workflows/ci.yml"];
    let options = Options { args: vec!["--mine".to_owned()], cargo: Vec::new() };
    for linter in all() {
        let commands = (linter.command)(&workspace_with(&files), &options);
        assert!(commands.iter().all(|line| line.arguments().contains(&"--mine".to_owned())), "{}", linter.id);
    }
}

#[test]
fn failing_without_a_word_is_never_green() {
    for linter in all() {
        for code in [1, 2, 3, 11, 64, 101, 127, -1] {
            let error = linter.findings(&workspace(), &output(code, "", "")).unwrap_err();
            assert!(error.findings.is_empty() && !error.reason.is_empty(), "{} with {code}", linter.id);
        }
    }
}

#[test]
fn a_linter_that_was_stopped_is_never_green() {
    for linter in all() {
        let clean =
            if linter.id == "deny" { "deny/clean".to_owned() } else { format!("{}/clean", linter.id) };
        let output = if recordings().contains(&clean) { recorded(&clean, 0) } else { output(0, "", "") };
        for end in [End::Signalled(9), End::TimedOut(Duration::from_secs(1)), End::Cancelled] {
            let stopped = CommandOutput { end, ..output.clone() };
            let error = linter.findings(&workspace(), &stopped).unwrap_err();
            assert_eq!(error.reason, format!("{}: {end}", linter.id));
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(stdout in any::<String>(), stderr in any::<String>(), code in -1..200) {
        for linter in all() {
            let _ = linter.findings(&workspace(), &output(code, &stdout, &stderr));
        }
    }

    /// Real output, cut off and with foreign text where it was cut.
    #[test]
    fn cut_and_spoilt_output_is_read_without_a_panic(
        name in proptest::sample::select(recordings()),
        cut in any::<proptest::sample::Index>(),
        noise in ".{0,8}",
        code in 0..3,
    ) {
        let whole = recorded(&name, code);
        let spoil = |text: &str| {
            let start = text.chars().take(cut.index(text.chars().count() + 1));
            let rest = text.chars().skip(cut.index(text.chars().count() + 1) + 1);
            start.chain(noise.chars()).chain(rest).collect::<String>()
        };
        let short = |text: &str| text.chars().take(cut.index(text.chars().count() + 1)).collect::<String>();
        for linter in all() {
            let _ = linter.findings(&workspace(), &output(code, &spoil(&whole.stdout), &spoil(&whole.stderr)));
            let _ = linter.findings(&workspace(), &output(code, &short(&whole.stdout), &short(&whole.stderr)));
        }
    }
}
