//! What all tests share: a program with every fault, and images that are made without a registry.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use tempfile::TempDir;
use xtask::tools::docker::{ContainerSpec, Engine, Limits, Owner, Waited};

/// The source of a program with every fault that a smoke run should find.
pub(crate) const SERVICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/smoke/service.rs");

/// A test, which is given an engine.
pub(crate) type Test = fn(&Engine);

/// Long enough for everything here on a loaded machine.
pub(crate) fn limits() -> Limits {
    Limits::within(Duration::from_mins(2))
}

/// A run of its own for a test.
pub(crate) fn owner(test: &str) -> Owner {
    Owner::new(format!("live-{test}-{}", std::process::id()))
}

/// Where a program is that people start by its name alone.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|place| place.join(program)).find(|place| place.is_file())
}

/// The program of `fixtures/smoke/service.rs`, linked statically, compiled once for all tests.
pub(crate) fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| compiled("service", &["-Ctarget-feature=+crt-static"]))
}

/// The same program, which needs its loader and libraries.
pub(crate) fn dynamic_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| compiled("service-dynamic", &[]))
}

/// Each test may be a process of its own, and all of them share the folder: one at a time looks whether the program is newer than
/// these tests, and compiles it beside the old one, which others may be reading.
fn compiled(name: &str, flags: &[&str]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("live").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let lock = File::create(path.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let made = |path: &Path| std::fs::metadata(path).and_then(|facts| facts.modified());
    let tests = made(&std::env::current_exe().unwrap()).unwrap();
    if made(&path).is_ok_and(|time| time > tests) {
        return path;
    }
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let part = path.with_extension("part");
    let status = Command::new(rustc)
        .args(["--edition=2024", "-Cstrip=symbols", "--crate-name=service", SERVICE, "-o"])
        .arg(&part)
        .args(flags)
        .status();
    assert!(status.unwrap().success());
    std::fs::rename(&part, &path).unwrap();
    path
}

/// A static busybox, from Debian's `busybox-static` or wherever the machine has one.
pub(crate) fn busybox() -> PathBuf {
    let places = ["/bin/busybox", "/usr/bin/busybox", "/sbin/busybox"].map(PathBuf::from);
    places.into_iter().find(|path| path.exists()).expect("busybox is needed: apt-get install busybox-static")
}

/// The tag of the busybox image, loaded when it is not there.
pub(crate) fn busybox_image(engine: &Engine) -> String {
    let tag = "slipway-live/busybox:4";
    if engine.inspect(tag).is_err() {
        let folder = TempDir::new().unwrap();
        let archive = archive(folder.path(), tag);
        engine.load(&archive, &limits()).unwrap();
    }
    tag.to_owned()
}

/// An archive as `docker save` writes it, with one layer: busybox as `/bin/sh` and under its other names. Each tag has an
/// image of its own.
pub(crate) fn archive(folder: &Path, tag: &str) -> PathBuf {
    let mut layer = tar::Builder::new(Vec::new());
    let program = std::fs::read(busybox()).unwrap();
    entry(&mut layer, "bin/busybox", &program, 0o755);
    for name in ["sh", "sleep", "cat", "echo", "id", "touch", "ls", "find", "tail", "wget", "httpd", "true"] {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Link);
        header.set_size(0);
        header.set_mode(0o755);
        layer.append_link(&mut header, format!("bin/{name}"), "bin/busybox").unwrap();
    }
    entry(&mut layer, "etc/passwd", b"root:x:0:0:root:/:/bin/sh\n", 0o644);
    entry(&mut layer, "etc/group", b"root:x:0:\n", 0o644);
    let config = format!(r#""User":"1000","Env":["PATH=/bin"],"Cmd":["/bin/sh"],"Labels":{{"of":"{tag}"}}"#);
    archive_of(folder, tag, &layer.into_inner().unwrap(), &config)
}

/// An archive with one layer that is only this program.
pub(crate) fn archive_of_program(
    folder: &Path,
    tag: &str,
    program: &Path,
    path: &str,
    config: &str,
) -> PathBuf {
    let mut layer = tar::Builder::new(Vec::new());
    entry(&mut layer, path, &std::fs::read(program).unwrap(), 0o755);
    archive_of(folder, tag, &layer.into_inner().unwrap(), config)
}

/// An archive with this layer and these members of the configuration.
fn archive_of(folder: &Path, tag: &str, layer: &[u8], config: &str) -> PathBuf {
    let digest = slipway_image::Digest::of(layer);
    let config = format!(
        r#"{{"architecture":"amd64","os":"linux","config":{{{config}}},"rootfs":{{"type":"layers","diff_ids":["{digest}"]}}}}"#
    );
    let manifest = format!(r#"[{{"Config":"config.json","RepoTags":["{tag}"],"Layers":["layer.tar"]}}]"#);
    let mut archive = tar::Builder::new(Vec::new());
    entry(&mut archive, "layer.tar", layer, 0o644);
    entry(&mut archive, "config.json", config.as_bytes(), 0o644);
    entry(&mut archive, "manifest.json", manifest.as_bytes(), 0o644);
    let path = folder.join("image.tar");
    std::fs::write(&path, archive.into_inner().unwrap()).unwrap();
    path
}

fn entry(archive: &mut tar::Builder<Vec<u8>>, path: &str, bytes: &[u8], mode: u32) {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(mode);
    archive.append_data(&mut header, path, bytes).unwrap();
}

/// Runs a script as root in a container of an image: how it ended, and what it printed.
pub(crate) fn run_image(engine: &Engine, image: &str, script: &str) -> (Waited, String) {
    let spec = ContainerSpec {
        user: Some("0".to_owned()),
        args: Some(["/bin/sh", "-c", script].map(ToOwned::to_owned).into()),
        ..ContainerSpec::new(image)
    };
    let container = engine.create(&spec, &owner("image")).unwrap();
    container.start().unwrap();
    let waited = container.wait(&limits()).unwrap();
    let printed = container.logs().unwrap().stdout;
    container.remove().unwrap();
    (waited, printed)
}
