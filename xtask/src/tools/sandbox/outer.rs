//! What this executable does under the name of the sandbox.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use rustix::process::{Signal, getppid, set_parent_process_death_signal};

use super::inner;
use super::order::Order;
use super::program::NAME;

/// Whether this executable was called as the sandbox; `program` is its first argument.
#[must_use]
pub fn is_called(program: &OsStr) -> bool {
    Path::new(program).file_name() == Some(OsStr::new(NAME))
}

/// Does what the sandbox is for: `arguments` are its own name, the stage, and the folder with the order. It comes back
/// only when that does not work.
#[must_use]
pub fn called(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let [program, stage, folder] = &arguments[..] else { return ExitCode::from(2) };
    let (program, folder) = (Path::new(program), Path::new(folder));
    match stage.to_str() {
        Some("outer") => {
            let error = outer(program, folder);
            let _ = std::fs::write(folder.join(super::order::STATUS), format!("error: {error}\n"));
        }
        Some("inner") => inner::become_program(folder),
        _ => {}
    }
    ExitCode::from(2)
}

fn outer(program: &Path, folder: &Path) -> io::Error {
    match prepare(folder) {
        Ok(order) => {
            let error = Command::new("unshare").args(order.unshare(program, folder)).exec();
            io::Error::new(error.kind(), format!("cannot start unshare: {error}"))
        }
        Err(error) => error,
    }
}

fn prepare(folder: &Path) -> io::Result<Order> {
    let order = Order::read(folder)?;
    // A SIGKILL asks nobody: with us goes unshare, and with it, by `--kill-child`, all that is inside.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let parent = getppid().map(|pid| pid.as_raw_nonzero().get());
    if parent != i32::try_from(order.parent).ok() {
        return Err(io::Error::other("the run that wanted this is gone"));
    }
    for tasks in &order.cgroups {
        let failed =
            |error| io::Error::other(format!("cannot enter the cgroup {}: {error}", tasks.display()));
        std::fs::write(tasks, "0").map_err(failed)?;
    }
    Ok(order)
}
