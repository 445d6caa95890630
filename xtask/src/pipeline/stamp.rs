//! Stamps: what a step with `inputs` last passed with. The same stamp again means that nothing has to be run.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::kit::text::hex;

use crate::model::command::CommandLine;
use crate::model::step::Step;
use crate::model::workspace::Workspace;
use crate::settings::Pattern;
use crate::tools::files;

/// The digest of everything that a step declares to depend on: its command and the files that its inputs match, also
/// those that git ignores. None when a pattern matches nothing or a file cannot be read: what it depends on is not known
/// then.
#[must_use]
pub(super) fn of(command: &CommandLine, workspace: &Workspace, inputs: &[Pattern]) -> Option<String> {
    // What git knows may be a link or lie in a folder of these names, which the walk does not see.
    let known = workspace.files.iter().cloned();
    let all: BTreeSet<String> =
        files::walk(&workspace.root, &[".git", "target", "node_modules"]).into_iter().chain(known).collect();
    let mut matched = BTreeSet::new();
    for pattern in inputs {
        let glob = pattern.glob().compile_matcher();
        let files = there(&workspace.root, all.iter().filter(|file| glob.is_match(file)));
        if files.is_empty() {
            return None;
        }
        matched.extend(files);
    }
    Some(hex(&Sha256::digest(format!("{command}\n{}", digest(&workspace.root, &matched)?))))
}

fn there<'a>(root: &Path, files: impl Iterator<Item = &'a String>) -> Vec<&'a String> {
    let is_gone = |file: &str| {
        root.join(file).symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound)
    };
    files.filter(|file| !is_gone(file)).collect()
}

/// The digest of files and their names; none when one of them cannot be read.
fn digest<'a>(root: &Path, files: impl IntoIterator<Item = &'a &'a String>) -> Option<String> {
    let mut digest = Sha256::new();
    for file in files {
        let content = std::fs::read(root.join(file)).ok()?;
        digest.update(format!("{file}\n{}\n", hex(&Sha256::digest(content))));
    }
    Some(hex(&digest.finalize()))
}

/// Whether the step passed with this stamp before, and with these report files as they are now.
#[must_use]
pub(super) fn is_known(step: &Step, workspace: &Workspace, stamp: &str, made: &[String]) -> bool {
    let known = files::read(&path(step, &workspace.target_directory));
    let now = digest(&workspace.root, &made.iter().collect::<BTreeSet<_>>());
    now.is_some_and(|made| known.is_ok_and(|known| known == format!("{stamp} {made}")))
}

/// Remembers that the step passed and made these report files. Failing to is no harm: it will run again.
pub(super) fn remember(step: &Step, workspace: &Workspace, stamp: &str, made: &[String]) {
    if let Some(made) = digest(&workspace.root, &made.iter().collect::<BTreeSet<_>>()) {
        let _ = files::write(&path(step, &workspace.target_directory), &format!("{stamp} {made}"));
    }
}

/// Forgets that the step ever passed.
pub(super) fn forget(step: &Step, workspace: &Workspace) {
    let _ = std::fs::remove_file(path(step, &workspace.target_directory));
}

fn path(step: &Step, target: &Path) -> PathBuf {
    target.join("slipway").join("stamps").join(&step.id)
}
