//! clippy, which also is the compiler's own check of all targets.

use crate::model::command::CommandLine;
use crate::model::finding::Level;
use crate::model::step::Resource;
use crate::model::workspace::Workspace;
use crate::tools::linter::cargo_messages;
use crate::tools::linter::descriptor::{Linter, Options};

pub(super) const LINTER: Linter = Linter {
    id: "clippy",
    title: "look for mistakes in Rust code",
    program: "cargo-clippy",
    install: "rustup component add clippy",
    optional: false,
    resource: Resource::CargoTarget,
    found: 101..=101,
    explained_by: Level::Error,
    applies,
    command,
    read: cargo_messages::read,
};

fn applies(workspace: &Workspace) -> Result<(), String> {
    if workspace.packages.is_empty() { Err("no package".to_owned()) } else { Ok(()) }
}

fn command(_: &Workspace, options: &Options) -> Vec<CommandLine> {
    let line = CommandLine::new("cargo")
        .args(["clippy", "--workspace", "--all-targets", "--message-format=json"])
        .args(options.cargo.clone());
    let lints = options.args.iter().cloned();
    vec![if options.args.is_empty() { line } else { line.arg("--").args(lints) }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::Finding;
    use crate::tools::reading::ReadError;
    use crate::tools::reading::tests::{places, recorded, workspace};

    fn found(name: &str, code: i32) -> Result<Vec<Finding>, ReadError> {
        LINTER.findings(&workspace(), &recorded(name, code))
    }

    #[test]
    fn warnings_of_the_workspace_are_found_once_and_of_nobody_else() {
        let findings = found("clippy/warnings", 0).unwrap();
        let expected = [
            "crates/one/src/lib.rs:5:5 clippy::needless_return",
            "crates/one/src/lib.rs:9:5 unused_must_use",
            "crates/one/src/lib.rs:9:5 unused_must_use",
            "crates/one/src/lib.rs:13:9 unused_variables",
            "crates/two words é/src/lib.rs:2:25 clippy::needless_return",
        ];
        assert_eq!(places(&findings), expected);
        let first = &findings[0];
        assert_eq!((first.level, first.step.as_str()), (Level::Warning, "lint.clippy"));
        let url = "https://rust-lang.github.io/rust-clippy/stable/index.html#needless_return";
        assert_eq!(first.url.as_deref(), Some(url));
        assert!(first.rendered.as_ref().unwrap().contains("5 -     return 1;"));
    }

    #[test]
    fn denied_warnings_are_errors() {
        let findings = found("clippy/denied", 101).unwrap();
        assert!(findings.iter().any(|finding| finding.level == Level::Error));
    }

    #[test]
    fn code_that_does_not_compile_is_a_finding() {
        let findings = found("clippy/compile-error", 101).unwrap();
        assert_eq!(places(&findings)[0], "crates/one/src/lib.rs:27:5 E0308");
        assert_eq!(findings[0].url.as_deref(), Some("https://doc.rust-lang.org/error_codes/E0308.html"));
        assert_eq!(findings.iter().filter(|finding| finding.level == Level::Error).count(), 1);
    }

    #[test]
    fn an_error_outside_the_workspace_counts_as_nothing_was_looked_at() {
        let findings = found("clippy/outside-error", 101).unwrap();
        assert_eq!(findings[0].location.as_ref().unwrap().path, "/outside/src/lib.rs");
        assert!(
            findings.iter().all(|finding| finding.level == Level::Error || !finding.place().starts_with('/'))
        );
    }

    #[test]
    fn a_build_script_that_fails_is_a_finding() {
        let findings = found("clippy/build-script", 101).unwrap();
        assert_eq!((findings[0].level, findings[0].rule.as_str()), (Level::Error, "build-script"));
        assert!(findings[0].message.contains("`one v0.1.0"));
        assert!(findings[0].rendered.as_ref().unwrap().contains("build script says no"));
    }

    #[test]
    fn a_call_that_cargo_refuses_is_not_a_finding() {
        let error = found("clippy/usage", 101).unwrap_err();
        assert!(error.reason.contains("named no finding: error: package(s) `nobody` not found"), "{error}");
    }

    #[test]
    fn a_failed_build_is_not_explained_by_warnings() {
        let error = found("clippy/warnings", 101).unwrap_err();
        assert_eq!((error.reason.contains("no finding explains"), error.findings.len()), (true, 5));
    }

    #[test]
    fn lints_stand_behind_cargos_own_flags() {
        let options = Options { args: vec!["-Dwarnings".to_owned()], cargo: vec!["--locked".to_owned()] };
        let line = command(&workspace(), &options)[0].to_string();
        assert_eq!(
            line,
            "cargo clippy --workspace --all-targets --message-format=json --locked -- -Dwarnings"
        );
    }
}
