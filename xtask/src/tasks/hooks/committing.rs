//! Before a commit: the quick linters, on what is staged.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::verbs::Verbs;
use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::kit::text::terminal;
use crate::pipeline::session::{Scope, first_supervisor, root_of};
use crate::pipeline::{Request, Session};
use crate::tools::files::TemporaryFolder;
use crate::tools::git::hooks::{Place, without_local_variables};
use crate::tools::git::staged;

/// They build the workspace, or ask the network.
const SLOW: [&str; 3] = ["clippy", "rustdoc", "deny"];

pub(super) fn run(mut request: Request, verbs: Verbs<'_>, look: Look) -> Result<Exit, Failure> {
    let Some(copy) = StagedCopy::of(&request)? else { return Ok(Exit::Pass) };
    request.folder.clone_from(&copy.workspace);
    request.env = without_local_variables(&request.env);
    request.selection.skip.extend(SLOW.map(ToOwned::to_owned));
    (verbs.lint)(&copy.session(request)?, look)
}

/// What is staged, in a folder of its own, which goes with this value.
struct StagedCopy {
    _folder: TemporaryFolder,
    /// Where the workspace is in it.
    workspace: PathBuf,
    /// What this commit changes, relative to the workspace.
    files: BTreeSet<String>,
}

impl StagedCopy {
    /// None when nothing is staged.
    fn of(request: &Request) -> Result<Option<Self>, Failure> {
        let unknown = |reason: String| {
            Failure::environment(format!("what is staged is not known: {}", terminal(&reason)))
        };
        let supervisor = first_supervisor(request);
        let files = staged::files(&supervisor).map_err(unknown)?;
        if files.is_empty() {
            return Ok(None);
        }
        let place =
            Place::look(&supervisor).map_err(|error| Failure::usage(error.to_string()).hint(error.hint()))?;
        let root = root_of(&Request { env: without_local_variables(&request.env), ..request.clone() })?;
        let below = real(&root).strip_prefix(real(&place.top)).map(Path::to_owned).unwrap_or_default();
        let folder = TemporaryFolder::new()
            .map_err(|error| Failure::environment("there is no room for what is staged").because(error))?;
        let top = real(folder.path());
        staged::export(&supervisor, &place.top, &top).map_err(unknown)?;
        let in_workspace = |file: &String| {
            let file = Path::new(file).strip_prefix(&below).ok()?;
            Some(file.to_string_lossy().replace('\\', "/"))
        };
        let files = files.iter().filter_map(in_workspace).collect();
        Ok(Some(Self { _folder: folder, workspace: top.join(below), files }))
    }

    fn session(&self, request: Request) -> Result<Session, Failure> {
        let mut session = Session::open(request)?;
        // The copy is no repository, and nobody needs to hear that.
        session.git.note = None;
        // rustfmt takes longest, and has nothing to say of packages whose code stays.
        let root = session.workspace.root.clone();
        let files = self.files.iter().map(|file| root.join(file));
        let code: Vec<PathBuf> =
            files.filter(|file| file.extension().is_some_and(|end| end == "rs")).collect();
        session
            .workspace
            .packages
            .retain(|package| code.iter().any(|file| file.starts_with(&package.folder)));
        session.scope = Scope::Staged(self.files.clone());
        Ok(session)
    }
}

/// Git and cargo may know the same folder by different names.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
