//! How a repository comes to the toolkit: it is there, or gets a package whose name is free.

use std::path::Path;

use crate::kit::failure::Failure;
use crate::model::scaffold::address::{Address, Source};
use crate::model::scaffold::{NAMES, Toolkit};
use crate::model::workspace::Package;
use crate::pipeline::Session;
use crate::tools::toolkit::{is_alias, is_guest};
use crate::tools::{git, inside};

/// How the repository comes to the toolkit.
pub(super) fn toolkit(
    session: &Session,
    asked: Option<&Address>,
    notes: &mut Vec<String>,
) -> Result<Toolkit, Failure> {
    let ours = |package: &Package| package.about.description == env!("CARGO_PKG_DESCRIPTION");
    if session.workspace.packages.iter().any(ours) {
        return Ok(Toolkit::Itself);
    }
    let root = &session.workspace.root;
    if let Some(name) = NAMES.into_iter().find(|name| is_guest(root, name)) {
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
