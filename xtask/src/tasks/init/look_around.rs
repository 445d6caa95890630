//! What a repository is like, as far as it decides what it gets.

use super::toolkit::toolkit;
use crate::kit::failure::Failure;
use crate::model::scaffold::address::Address;
use crate::model::scaffold::names::{Branch, Release};
use crate::model::scaffold::{Program, Project};
use crate::model::workspace::Package;
use crate::pipeline::Session;
use crate::tools::{git, inside};

/// The name of `ci.yml`, which `cd.yml` follows.
pub(super) const FOLLOWED: &str = "CI";

/// What was found, and what somebody should know of it.
pub(super) struct Found {
    pub(super) project: Project,
    pub(super) notes: Vec<String>,
}

/// Looks at the workspace, its repository, and where we come from.
pub(super) fn look_around(session: &Session, asked: Option<&Address>) -> Result<Found, Failure> {
    let mut notes = Vec::new();
    is_the_whole_repository(session)?;
    let toolkit = toolkit(session, asked, &mut notes)?;
    let toolkit_version = env!("CARGO_PKG_RUST_VERSION").parse().map_err(|error| {
        Failure::environment("the toolkit does not know which compiler it needs").because(error)
    })?;
    let image = image(session, &mut notes);
    let own = session.workspace.has_file("slipway.toml");
    let project = Project {
        branch: branch(session)?,
        rust_version: rust_version(session)?,
        toolkit_version,
        has_images: if own { !session.settings().images.is_empty() } else { image.is_some() },
        image,
        has_tools: session.workspace.has_file(".github/actions/tools/action.yml"),
        toolkit,
    };
    if let Some(release) = project.checked_release() {
        notes.push(format!(
            "the workspace wants to be built by Rust {release}, and the pipeline needs {toolkit_version}: a step checks that, and no job of its own"
        ));
    }
    notes.extend(other_workflows(session));
    Ok(Found { project, notes })
}

/// Workflows are looked for in the root of the repository alone.
fn is_the_whole_repository(session: &Session) -> Result<(), Failure> {
    let root = &session.workspace.root;
    match git::toplevel(&session.supervisor) {
        Some(top) if top.canonicalize().ok() != root.canonicalize().ok() => Err(Failure::usage(format!(
            "the workspace in {} is only a part of the repository in {}",
            root.display(),
            top.display()
        ))
        .hint("GitHub reads workflows in the root of a repository alone: take those of this pipeline by hand, and give its verbs `-C DIR`")),
        _ => Ok(()),
    }
}

fn branch(session: &Session) -> Result<Branch, Failure> {
    let known = git::default_branch(&session.supervisor).or_else(|| session.git.checkout.branch.clone());
    let name = known.unwrap_or_else(|| "main".to_owned());
    name.parse().map_err(|error| {
        Failure::usage(format!("the default branch `{name}` cannot be named in a workflow"))
            .because(anyhow::Error::from(error))
            .hint("`git remote set-head origin BRANCH` names another one")
    })
}

/// All packages have to be built, so the newest of their oldest compilers.
fn rust_version(session: &Session) -> Result<Option<Release>, Failure> {
    let mut newest = None;
    for package in &session.workspace.packages {
        if !package.about.rust_version.is_empty() {
            let release = package.about.rust_version.parse().map_err(|error| {
                Failure::usage(format!("the rust-version of {} cannot be used", package.name))
                    .because(anyhow::Error::from(error))
            })?;
            newest = newest.max(Some(release));
        }
    }
    Ok(newest)
}

/// The program in the image that the Dockerfile makes.
fn image(session: &Session, notes: &mut Vec<String>) -> Option<Program> {
    if !session.workspace.has_file("Dockerfile") || session.workspace.has_file("slipway.toml") {
        return None;
    }
    let has_program = |package: &&Package| !package.programs.is_empty();
    let packages: Vec<&Package> = session.workspace.packages.iter().filter(has_program).collect();
    match packages.as_slice() {
        [package] if package.programs.len() == 1 => {
            Some(Program { package: package.name.clone(), bin: None })
        }
        _ => {
            let programs: Vec<&str> =
                packages.iter().flat_map(|package| &package.programs).map(String::as_str).collect();
            notes.push(format!(
                "there is a Dockerfile, and nobody knows which program its image runs ({}): add an [[images]] table to slipway.toml, \
                 then run this again",
                if programs.is_empty() { "there is none".to_owned() } else { programs.join(", ") }
            ));
            None
        }
    }
}

/// Workflows that were there before: they run on beside ours, and `cd.yml` would follow one that has the name of ours.
fn other_workflows(session: &Session) -> Vec<String> {
    let is_other = |file: &&str| {
        let name = file.strip_prefix(".github/workflows/");
        name.is_some_and(|name| !["ci.yml", "cd.yml", "release.yml"].contains(&name))
    };
    let others: Vec<&str> = session.workspace.files.iter().map(String::as_str).filter(is_other).collect();
    if others.is_empty() {
        return Vec::new();
    }
    let mut notes = vec![format!("other workflows stay, and run beside these: {}", others.join(", "))];
    let is_namesake = |file: &&&str| {
        let text = inside::read(&session.workspace.root, file).ok().flatten();
        text.as_deref().and_then(workflow_name) == Some(FOLLOWED)
    };
    notes.extend(others.iter().filter(is_namesake).map(|file| {
        format!(
            "{file} is named {FOLLOWED} like ci.yml, and cd.yml follows workflows by name: it would look for the record of this pipeline \
             in runs of that one too; give it another name"
        )
    }));
    notes
}

/// The name by which other workflows know this one; none where it has only that of its file.
fn workflow_name(text: &str) -> Option<&str> {
    let mut names = text.lines().filter_map(|line| line.strip_prefix("name:"));
    let name = names.next()?.trim();
    let quoted =
        ['"', '\''].into_iter().find_map(|quote| Some(name.strip_prefix(quote)?.split_once(quote)?.0));
    Some(quoted.unwrap_or_else(|| name.split_once(" #").map_or(name, |(name, _)| name.trim_end())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workflows_are_known_by_name() {
        let ours = include_str!("../../model/scaffold/templates/ci.yml");
        assert_eq!(workflow_name(ours), Some(FOLLOWED));
        let cd = include_str!("../../model/scaffold/templates/cd.yml");
        assert!(cd.contains(&format!("workflows: [{FOLLOWED}]")));
        for (text, name) in [
            ("on: push\nname: \"CI\" # ours\n", Some("CI")),
            ("name: 'CI'", Some("CI")),
            ("name: C# and CI # both", Some("C# and CI")),
            ("jobs:\n  a:\n    name: CI\n", None),
        ] {
            assert_eq!(workflow_name(text), name, "{text}");
        }
    }
}
