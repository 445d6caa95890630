//! zizmor: insecure workflows and actions of GitHub. Offline, so that the same commit gives the same findings.

use crate::model::command::CommandLine;
use crate::model::finding::Level;
use crate::model::step::Resource;
use crate::model::workspace::Workspace;
use crate::tools::linter::descriptor::{Linter, Options};
use crate::tools::linter::files::{any, is_workflow, name};
use crate::tools::sarif;

pub(super) const LINTER: Linter = Linter {
    id: "zizmor",
    title: "look for insecure workflows",
    program: "zizmor",
    install: "pip install zizmor",
    optional: true,
    resource: Resource::Shared,
    // With SARIF it ends with 0 whatever it finds; with other formats these mean findings.
    found: 11..=14,
    explained_by: Level::Note,
    applies: |workspace| any(workspace, is_audited, "workflow or action"),
    command,
    read: sarif::read_output,
};

fn is_audited(path: &str) -> bool {
    is_workflow(path) || ["action.yml", "action.yaml"].contains(&name(path))
}

/// Without `--strict-collection` a workflow that zizmor cannot parse is left out, and the rest is green.
fn command(_: &Workspace, options: &Options) -> Vec<CommandLine> {
    let flags =
        ["--offline", "--strict-collection", "--no-progress", "--color", "never", "--format", "sarif"];
    vec![CommandLine::new("zizmor").args(flags).args(options.args.clone()).arg(".")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::reading::tests::{places, recorded, workspace, workspace_with};

    #[test]
    fn injections_and_unpinned_actions_are_found() {
        let findings = LINTER.findings(&workspace(), &recorded("zizmor/findings", 0)).unwrap();
        let places = places(&findings);
        assert_eq!(places[0], ".github/workflows/ci.yml:8:15 zizmor/unpinned-uses");
        assert!(
            places.iter().any(|place| place == ".github/workflows/ci.yml:9:23 zizmor/template-injection")
        );
        assert_eq!(findings[0].level, Level::Error);
        assert_eq!(findings[0].url.as_deref(), Some("https://docs.zizmor.sh/audits/#unpinned-uses"));
        assert_eq!(findings[0].location.as_ref().unwrap().end_column, 34);
    }

    #[test]
    fn what_the_workflow_excuses_is_not_a_finding() {
        let findings = LINTER.findings(&workspace(), &recorded("zizmor/findings", 0)).unwrap();
        assert!(findings.iter().all(|finding| finding.rule != "zizmor/artipacked"));
    }

    #[test]
    fn a_workflow_that_cannot_be_parsed_is_not_left_out() {
        let error = LINTER.findings(&workspace(), &recorded("zizmor/invalid", 1)).unwrap_err();
        assert!(error.excerpt.contains("worse.yml"), "{error:?}");
    }

    #[test]
    fn nothing_found_is_said() {
        assert_eq!(LINTER.findings(&workspace(), &recorded("zizmor/clean", 0)), Ok(Vec::new()));
    }

    #[test]
    fn it_looks_at_workflows_and_actions() {
        assert_eq!((LINTER.applies)(&workspace_with(&["sub/action.yml"])), Ok(()));
        assert!((LINTER.applies)(&workspace_with(&["a.yml"])).is_err());
    }
}
