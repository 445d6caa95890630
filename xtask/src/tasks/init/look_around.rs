//! What a repository is like, as far as it decides what it gets.

use std::path::Path;

use crate::kit::failure::Failure;
use crate::model::scaffold::address::{Address, Source};
use crate::model::scaffold::names::{Branch, Release};
use crate::model::scaffold::{NAMES, Program, Project, Toolkit};
use crate::model::workspace::Package;
use crate::pipeline::Session;
use crate::tools::{git, inside};

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

/// Workflows that were there before: they run on beside ours.
fn other_workflows(session: &Session) -> Option<String> {
    let is_other = |file: &&String| {
        let name = file.strip_prefix(".github/workflows/");
        name.is_some_and(|name| !["ci.yml", "cd.yml", "release.yml"].contains(&name))
    };
    let others: Vec<&str> = session.workspace.files.iter().filter(is_other).map(String::as_str).collect();
    (!others.is_empty()).then(|| format!("other workflows stay, and run beside these: {}", others.join(", ")))
}

fn toolkit(session: &Session, asked: Option<&Address>, notes: &mut Vec<String>) -> Result<Toolkit, Failure> {
    let ours = |package: &Package| package.about.description == env!("CARGO_PKG_DESCRIPTION");
    if session.workspace.packages.iter().any(ours) {
        return Ok(Toolkit::Itself);
    }
    let root = &session.workspace.root;
    if let Some(name) = NAMES.into_iter().find(|name| is_ours(root, name)) {
        if asked.is_some() {
            notes.push(format!(
                "the repository has the toolkit: change {name}/Cargo.toml to get it from elsewhere"
            ));
        }
        return Ok(Toolkit::Present(name));
    }
    let free = NAMES.into_iter().find(|name| !root.join(name).exists() && !is_alias(root, name));
    let name = free.ok_or_else(|| {
        Failure::usage("there is no name for the toolkit: `xtask` and `slipway` are both something else here")
            .hint("rename one of the two folders or aliases")
    })?;
    if name != NAMES[0] {
        notes.push(format!("`cargo {}` is something else here, so it is `cargo {name} ci`", NAMES[0]));
    }
    is_no_member(root, name)?;
    Ok(Toolkit::New(name, source(session, asked, notes)?))
}

/// The folder holds the package that an earlier run made.
fn is_ours(root: &Path, name: &str) -> bool {
    let manifest = inside::read(root, &format!("{name}/Cargo.toml")).ok().flatten();
    let table: Option<toml::Table> = manifest.and_then(|text| text.parse().ok());
    let package = |table: &toml::Table| {
        Some(table.get("dependencies")?.get("slipway")?.get("package")?.as_str()? == env!("CARGO_PKG_NAME"))
    };
    table.as_ref().and_then(package).unwrap_or(false)
}

/// A package that is a workspace of its own must not be a member of another one: cargo would refuse both.
fn is_no_member(root: &Path, name: &str) -> Result<(), Failure> {
    let manifest = inside::read(root, "Cargo.toml").ok().flatten();
    let table: Option<toml::Table> = manifest.and_then(|text| text.parse().ok());
    let workspace = table.as_ref().and_then(|table| table.get("workspace"));
    let texts = |key: &str| {
        let list = workspace.and_then(|workspace| workspace.get(key)).and_then(toml::Value::as_array);
        list.into_iter().flatten().filter_map(toml::Value::as_str)
    };
    let is_it = |pattern: &str| {
        globset::GlobBuilder::new(pattern.trim_start_matches("./").trim_end_matches('/'))
            .literal_separator(true)
            .build()
            .is_ok_and(|glob| glob.compile_matcher().is_match(name))
    };
    let member = texts("members").find(|pattern| is_it(pattern));
    match member.filter(|_| !texts("exclude").any(is_it)) {
        Some(pattern) => Err(Failure::usage(format!(
            "the folder `{name}` would be a member of the workspace, as `{pattern}` in Cargo.toml takes it in"
        ))
        .hint(format!("add `exclude = [\"{name}\"]` to [workspace] in Cargo.toml, then run it again"))),
        None => Ok(()),
    }
}

fn is_alias(root: &Path, name: &str) -> bool {
    let text = inside::read(root, ".cargo/config.toml").ok().flatten();
    let table: Option<toml::Table> = text.and_then(|text| text.parse().ok());
    table.is_some_and(|table| table.get("alias").is_some_and(|aliases| aliases.get(name).is_some()))
}

/// Where we come from, when cargo runs us from our own repository.
fn source(session: &Session, asked: Option<&Address>, notes: &mut Vec<String>) -> Result<Source, Failure> {
    if let Some(address) = asked {
        return Ok(Source::Git(address.clone()));
    }
    let hint = "name it: --toolkit https://github.com/OWNER/slipway#COMMIT";
    let folder = session.request.env.get("CARGO_MANIFEST_DIR").map(Path::new);
    let folder = folder.filter(|folder| folder.join("Cargo.toml").is_file()).ok_or_else(|| {
        Failure::usage("nobody says where the repository is to get the toolkit from").hint(hint)
    })?;
    let there = session.supervisor.at(folder);
    let address = git::origin(&there).and_then(|remote| remote.parse::<Address>().ok());
    if let (Some(address), Some(commit)) = (address, git::look(&there).checkout.commit) {
        return Ok(Source::Git(address.at(&commit)));
    }
    notes.push(format!(
        "the toolkit in {} has no remote that others could ask, so this repository gets it from that folder, which no runner has; {hint}",
        folder.display()
    ));
    Ok(Source::Folder(folder.to_owned()))
}
