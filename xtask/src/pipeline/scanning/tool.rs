//! Which scanner is taken.

use crate::model::step::Skip;
use crate::settings::Scanner;
use crate::tools::variables::Variables;
use crate::tools::{cargo_audit, programs, trivy};

/// A scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Images, bills of materials, lock files, secrets, configuration.
    Trivy,
    /// Crates of the lock file.
    CargoAudit,
    /// The same.
    CargoDeny,
}

/// What is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This one, which is installed.
    Found(Tool),
    /// The settings name this one, and it is not installed.
    Missing(Tool),
    /// None.
    Skip(Skip),
}

impl Tool {
    /// The program that is looked for on `PATH`.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Trivy => trivy::PROGRAM,
            Self::CargoAudit => cargo_audit::PROGRAM,
            Self::CargoDeny => "cargo-deny",
        }
    }

    /// How to install it.
    #[must_use]
    pub fn install(self) -> &'static str {
        match self {
            Self::Trivy => "see https://trivy.dev/latest/getting-started/installation/",
            Self::CargoAudit => "cargo install cargo-audit --locked",
            Self::CargoDeny => "cargo install cargo-deny --locked",
        }
    }
}

/// The scanner that the settings name, or the first that is installed.
#[must_use]
pub fn choose(scanner: Scanner, env: &Variables) -> Choice {
    let is_there = |tool: Tool| programs::find_cargo_or_plain(env, tool.program()).is_some();
    let named = |tool| if is_there(tool) { Choice::Found(tool) } else { Choice::Missing(tool) };
    match scanner {
        Scanner::None => Choice::Skip(Skip::Disabled),
        Scanner::Trivy => named(Tool::Trivy),
        Scanner::CargoAudit => named(Tool::CargoAudit),
        Scanner::CargoDeny => named(Tool::CargoDeny),
        Scanner::Auto => {
            let first =
                [Tool::Trivy, Tool::CargoAudit, Tool::CargoDeny].into_iter().find(|tool| is_there(*tool));
            first.map_or_else(
                || {
                    let tool = Tool::Trivy;
                    let (program, install) = (tool.program().to_owned(), tool.install().to_owned());
                    Choice::Skip(Skip::MissingTool { program, install })
                },
                Choice::Found,
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A `PATH` with these programs alone.
    fn path(programs: &[&str]) -> (tempfile::TempDir, Variables) {
        let folder = tempfile::tempdir().unwrap();
        for program in programs {
            let path = folder.path().join(program);
            std::fs::write(&path, "#!/bin/sh\n").unwrap();
            #[cfg(unix)]
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        }
        let env = Variables::from([("PATH".to_owned(), folder.path().display().to_string())]);
        (folder, env)
    }

    #[test]
    fn the_first_that_is_there_is_taken() {
        let (_folder, env) = path(&["cargo-deny", "cargo-audit"]);
        assert_eq!(choose(Scanner::Auto, &env), Choice::Found(Tool::CargoAudit));
        let (_folder, env) = path(&["cargo-audit", "trivy"]);
        assert_eq!(choose(Scanner::Auto, &env), Choice::Found(Tool::Trivy));
    }

    #[test]
    fn a_machine_with_none_skips_and_names_one_unless_the_settings_want_it() {
        let (_folder, env) = path(&[]);
        let Choice::Skip(skip) = choose(Scanner::Auto, &env) else { panic!() };
        assert!(skip.reason().starts_with("trivy is not installed"));
        assert_eq!(choose(Scanner::Trivy, &env), Choice::Missing(Tool::Trivy));
        assert_eq!(choose(Scanner::None, &env), Choice::Skip(Skip::Disabled));
    }
}
