//! The root that the program sees: the image's files, read-only, with `/dev`, `/proc` and folders in memory.

use std::fs;
use std::io;
use std::path::Path;

use rustix::fs::{StatVfsMountFlags, statvfs};
use rustix::mount::{MountFlags, UnmountFlags, mount, mount_bind, mount_remount, unmount};
use rustix::process::pivot_root;

use super::failed::{Failed, setup};
use super::order::Order;

/// Devices that programs count on.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

/// Links that programs count on.
const LINKS: [(&str, &str); 4] = [
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
];

const SAFE: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV);

/// Makes the root of an order that of this process, in mounts that nobody else sees.
pub(super) fn make(order: &Order) -> Result<(), Failed> {
    let root = &order.root;
    setup("make the image's folder a mount", mount_bind(root, root).map_err(io::Error::from))?;
    setup("fill /dev", devices(&root.join("dev")))?;
    let proc = mount("proc", root.join("proc"), "proc", SAFE | MountFlags::NOEXEC | MountFlags::RDONLY, None);
    setup("mount /proc", proc.map_err(io::Error::from))?;
    setup("enter the image's folder", enter(root))?;
    network_files();
    for folder in &order.writable {
        // From here on links lead nowhere but into the image.
        let made = fs::create_dir_all(folder).and_then(|()| memory(folder, c"mode=1777"));
        setup(&format!("make {folder} writable"), made)?;
    }
    setup("make /dev read-only", read_only("/dev"))?;
    setup("make the root read-only", read_only("/"))
}

fn devices(dev: &Path) -> io::Result<()> {
    mount("tmpfs", dev, "tmpfs", MountFlags::NOSUID | MountFlags::NOEXEC, Some(c"mode=755,size=64k"))?;
    for name in DEVICES {
        let from = Path::new("/dev").join(name);
        if from.exists() {
            let to = dev.join(name);
            fs::File::create(&to)?;
            mount_bind(from, to)?;
        }
    }
    for (name, target) in LINKS {
        std::os::unix::fs::symlink(target, dev.join(name))?;
    }
    let shared = dev.join("shm");
    fs::create_dir(&shared)?;
    memory(&shared, c"mode=1777,size=64m")
}

fn memory(folder: impl AsRef<Path>, options: &std::ffi::CStr) -> io::Result<()> {
    let flags = SAFE | MountFlags::NOEXEC;
    mount("tmpfs", folder.as_ref(), "tmpfs", flags, Some(options)).map_err(io::Error::from)
}

fn enter(root: &Path) -> io::Result<()> {
    std::env::set_current_dir(root)?;
    // The old root ends up on top of the new one, and is taken off: no folder is needed for it.
    pivot_root(".", ".")?;
    unmount(".", UnmountFlags::DETACH)?;
    std::env::set_current_dir("/")
}

/// What engines put into every container. An image that cannot take them has no use for them.
fn network_files() {
    let _ = fs::create_dir("/etc");
    if !Path::new("/etc/hosts").exists() {
        let _ = fs::write("/etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost\n");
    }
}

/// What the mount has been is kept: in a user namespace nothing of it may be taken back.
fn read_only(path: &str) -> io::Result<()> {
    let been = statvfs(path)?.f_flag;
    let kept = [
        (StatVfsMountFlags::NOEXEC, MountFlags::NOEXEC),
        (StatVfsMountFlags::NOATIME, MountFlags::NOATIME),
        (StatVfsMountFlags::NODIRATIME, MountFlags::NODIRATIME),
        (StatVfsMountFlags::RELATIME, MountFlags::RELATIME),
    ];
    let kept = kept.into_iter().filter(|(was, _)| been.contains(*was)).map(|(_, flag)| flag);
    let flags = kept.fold(SAFE | MountFlags::BIND | MountFlags::RDONLY, MountFlags::union);
    mount_remount(path, flags, c"").map_err(io::Error::from)
}
