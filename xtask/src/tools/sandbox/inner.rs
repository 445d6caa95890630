//! The first process of the new namespaces: makes the root, gives up all rights, and becomes the image's program.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};

use super::failed::{Failed, setup};
use super::order::{Order, STATUS};
use super::{caps, mounts};

/// Does so; comes back when that did not work, which is told in the status file.
pub(super) fn become_program(folder: &Path) {
    let Ok(mut status) = File::options().append(true).open(folder.join(STATUS)) else { return };
    // It is released when the program takes over: the file closes then, as all do.
    if status.lock().is_err() {
        return;
    }
    let failed = match prepare(folder, &mut status) {
        Ok(order) => start(&order),
        Err(failed) => failed,
    };
    let _ = match failed {
        Failed::Setup(why) => writeln!(status, "error: {why}"),
        Failed::Program(why) => writeln!(status, "image: {why}"),
    };
}

fn prepare(folder: &Path, status: &mut File) -> Result<Order, Failed> {
    let order = setup("read the order", Order::read(folder))?;
    // Of the old `/proc`: the number by which we are known outside.
    let own = setup("read /proc/self", std::fs::read_link("/proc/self"))?;
    setup("say who we are", writeln!(status, "pid: {}", own.display()))?;
    mounts::make(&order)?;
    limit(&order)?;
    setup("give up all rights", caps::drop_all(&order))?;
    // Becoming another user has cleared it.
    let bound = set_parent_process_death_signal(Some(Signal::KILL));
    setup("stay bound to unshare", bound.map_err(io::Error::from))?;
    Ok(order)
}

fn limit(order: &Order) -> Result<(), Failed> {
    let to = |resource, most: u64| {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        setup("limit it", setrlimit(resource, limit).map_err(io::Error::from))
    };
    to(Resource::Core, 0)?;
    if order.cgroups.is_empty() {
        if let Some(memory) = order.memory {
            // Not the address space: allocators and runtimes reserve far more of it than they use.
            to(Resource::Data, memory)?;
        }
        // In a user namespace it counts the processes in there; outside it would count all of that user.
        if !order.as_root {
            to(Resource::Nproc, order.pids.into())?;
        }
    }
    Ok(())
}

fn start(order: &Order) -> Failed {
    let Some((program, arguments)) = order.command.split_first() else {
        return Failed::Program("it has neither an entrypoint nor arguments".to_owned());
    };
    if let Err(error) = std::env::set_current_dir(&order.folder) {
        return Failed::Program(format!("cannot start in {}: {error}", order.folder));
    }
    let error = Command::new(program).args(arguments).env_clear().envs(order.env.iter().cloned()).exec();
    let why = match error.kind() {
        io::ErrorKind::NotFound if program.contains('/') && Path::new(program).exists() => {
            "the file is there, but the loader that it names is not".to_owned()
        }
        io::ErrorKind::NotFound if program.contains('/') => "there is no such file in the image".to_owned(),
        io::ErrorKind::NotFound => "there is no such program in the PATH of the image".to_owned(),
        io::ErrorKind::PermissionDenied => "it may not be executed by this user".to_owned(),
        _ if error.raw_os_error() == Some(rustix::io::Errno::NOEXEC.raw_os_error()) => {
            "it is no program of this machine".to_owned()
        }
        _ => error.to_string(),
    };
    Failed::Program(format!("cannot start {program}: {why}"))
}
