//! Installing and removing: both hooks or none.

use std::path::Path;

use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::kit::text::shell_word;
use crate::model::hooks::{Call, Hook, KEPT, Toolkit};
use crate::pipeline::Request;
use crate::pipeline::publish::say;
use crate::pipeline::session::{first_supervisor, root_of};
use crate::tools::git::hooks::{Done, HooksError, Place};
use crate::tools::toolkit;

pub(super) fn install(request: &Request) -> Result<Exit, Failure> {
    let root = root_of(request)?;
    let place = Place::find(&first_supervisor(request)).map_err(|error| failed(&error))?;
    let call = call(&place, &root)?;
    // Both are looked at before one is touched.
    let plans = Hook::ALL.map(|hook| place.check(hook, &call));
    for (hook, plan) in Hook::ALL.into_iter().zip(plans) {
        let plan = plan.map_err(|error| failed(&error))?;
        if request.dry_run {
            say(&format!("{hook}: would be {}", told(hook, plan)));
        }
    }
    if !request.dry_run {
        for (hook, done) in place.install_all(&call).map_err(|error| failed(&error))? {
            say(&format!("{hook}: {}", told(hook, done)));
        }
        let remove = match call.toolkit {
            Toolkit::Alias(name) => format!("cargo {name} hooks remove"),
            Toolkit::Program(path) => format!("{} hooks remove", shell_word(&path)),
        };
        say(&format!(
            "`git commit --no-verify`, `git push --no-verify` and SLIPWAY_SKIP_HOOKS=1 go by them; `{remove}` takes them away"
        ));
    }
    Ok(Exit::Pass)
}

pub(super) fn remove(request: &Request) -> Result<Exit, Failure> {
    let place = Place::look(&first_supervisor(request)).map_err(|error| failed(&error))?;
    let plans = Hook::ALL.map(|hook| place.check_removal(hook));
    for (hook, plan) in Hook::ALL.into_iter().zip(plans) {
        let plan = plan.map_err(|error| failed(&error))?;
        if request.dry_run {
            say(&format!("{hook}: would be {}", told(hook, plan)));
        }
    }
    if !request.dry_run {
        for hook in Hook::ALL {
            let done = place.remove(hook).map_err(|error| failed(&error))?;
            say(&format!("{hook}: {}", told(hook, done)));
        }
    }
    Ok(Exit::Pass)
}

fn call(place: &Place, root: &Path) -> Result<Call, Failure> {
    // Git and cargo may know the same folder by different names.
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder =
        real(root).strip_prefix(real(&place.top)).map(|below| below.to_string_lossy().replace('\\', "/"));
    let folder = folder.map_err(|_| {
        Failure::usage(format!(
            "the workspace {} is not in the repository {}",
            root.display(),
            place.top.display()
        ))
        .hint("go to a workspace inside of the repository")
    })?;
    if let Some(name) = toolkit::alias(root) {
        return Ok(Call { folder, toolkit: Toolkit::Alias(name) });
    }
    let program = std::env::current_exe()
        .map_err(|error| Failure::environment("this program does not know where it is").because(error))?;
    Ok(Call { folder, toolkit: Toolkit::Program(program.to_string_lossy().into_owned()) })
}

fn told(hook: Hook, done: Done) -> String {
    match done {
        Done::Written => "installed".to_owned(),
        Done::WrittenAfter => format!("installed; the hook that was there runs first, as {hook}{KEPT}"),
        Done::Unchanged => "installed already".to_owned(),
        Done::Removed => "removed".to_owned(),
        Done::Restored => "removed; the hook that was there before is back".to_owned(),
        Done::LeftAlone => "left alone: it is not ours".to_owned(),
        Done::Absent => "not there".to_owned(),
    }
}

fn failed(error: &HooksError) -> Failure {
    let failure = match error {
        HooksError::File(..) => Failure::environment(error.to_string()),
        _ => Failure::usage(error.to_string()),
    };
    failure.hint(error.hint())
}
