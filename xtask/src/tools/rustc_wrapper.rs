//! The program that cargo runs in place of rustc for the packages of the workspace when coverage is measured.
//!
//! It is this executable under another name. Compared with `RUSTFLAGS` it leaves dependencies as they are, which is
//! faster and counts nothing that is not asked for; it leaves the user's own flags alone, which `RUSTFLAGS` would
//! replace; and tests that run cargo themselves do not inherit it, since it is named by a flag of cargo.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use super::files;

/// The file name that makes this executable a wrapper.
pub const NAME: &str = "slipway-rustc";

/// Names the workspace wrapper that the user already had; it is run with rustc's command line.
pub const INNER: &str = "SLIPWAY_INNER_RUSTC_WRAPPER";

/// The folder beside the wrapper for the profiles that procedural macros leave while they are used.
pub const EXPANSIONS: &str = "expansions";

/// What is compiled for measuring, and marked as such for `cfg`, as cargo-llvm-cov does.
const INSTRUMENTED: [&str; 3] =
    ["-Cinstrument-coverage", "--cfg=coverage", "--check-cfg=cfg(coverage,coverage_nightly)"];

/// Whether this executable was called as the wrapper; `program` is its first argument.
#[must_use]
pub fn is_called(program: &OsStr) -> bool {
    Path::new(program).file_stem() == Some(OsStr::new(NAME))
}

/// Puts the wrapper into a folder and gives its path.
///
/// # Errors
/// When the folder cannot be written.
pub fn install(folder: &Path) -> Result<PathBuf, files::FileError> {
    let path = folder.join(format!("{NAME}{}", std::env::consts::EXE_SUFFIX));
    let at_path = |error| files::FileError { action: "write", path: path.clone(), error };
    let own = std::env::current_exe().map_err(at_path)?;
    files::create_folder(folder)?;
    if std::fs::read_link(&path).is_ok_and(|target| target == own) {
        return Ok(path);
    }
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(at_path(error)),
        _ => {}
    }
    place(&own, &path).map_err(at_path)?;
    Ok(path)
}

#[cfg(unix)]
fn place(own: &Path, path: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(own, path)
}

#[cfg(not(unix))]
fn place(own: &Path, path: &Path) -> std::io::Result<()> {
    std::fs::copy(own, path).map(|_| ())
}

/// Does what the wrapper is for: `arguments` are its own name, rustc's path and rustc's arguments.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments = arguments.into_iter();
    let (Some(own), Some(rustc)) = (arguments.next(), arguments.next()) else {
        return ExitCode::from(2);
    };
    let arguments: Vec<OsString> = arguments.collect();
    let mut command = match std::env::var_os(INNER) {
        Some(inner) => {
            let mut command = Command::new(inner);
            command.arg(&rustc);
            command
        }
        None => Command::new(&rustc),
    };
    command.args(&arguments);
    if is_measured(&arguments) {
        command.args(INSTRUMENTED);
        let expansions = Path::new(&own).with_file_name(EXPANSIONS);
        command.env("LLVM_PROFILE_FILE", expansions_of(&expansions, &arguments));
    }
    replace(command)
}

/// Cargo also asks rustc what it is, and compiles build scripts, which belong to the build and not to the program: they
/// go to a folder of their own below one that is called `build`, and no other crate does.
fn is_measured(arguments: &[OsString]) -> bool {
    let folder = value_of(arguments, "--out-dir").and_then(|folder| Path::new(folder).parent()?.file_name());
    let is_script = |name: &str| name.starts_with("build_script_") && folder == Some(OsStr::new("build"));
    value_of(arguments, "--crate-name").is_some_and(|name| name != "___" && !is_script(name))
}

fn value_of<'a>(arguments: &'a [OsString], flag: &str) -> Option<&'a str> {
    arguments.windows(2).find(|pair| pair[0] == flag)?.get(1)?.to_str()
}

/// Where the procedural macros that this crate uses leave what ran of them. One set of files for each crate that is
/// compiled, and anew each time: the counts stay right when cargo finds most crates fresh.
fn expansions_of(folder: &Path, arguments: &[OsString]) -> PathBuf {
    let name = value_of(arguments, "--crate-name").unwrap_or_default();
    let told =
        |argument: &&OsString| argument.to_str().is_some_and(|text| text.starts_with("extra-filename="));
    let suffix =
        arguments.iter().find(told).and_then(|argument| argument.to_str()?.strip_prefix("extra-filename="));
    let unit = format!("{name}{}", suffix.unwrap_or_default());
    for earlier in files::walk(folder, &[]).iter().filter(|file| file.starts_with(&format!("{unit}."))) {
        let _ = std::fs::remove_file(folder.join(earlier));
    }
    folder.join(format!("{unit}.%m.profraw"))
}

#[cfg(unix)]
fn replace(mut command: Command) -> ExitCode {
    use std::os::unix::process::CommandExt as _;
    failed(&command.exec())
}

#[cfg(not(unix))]
fn replace(mut command: Command) -> ExitCode {
    match command.status() {
        Ok(status) => {
            status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &std::io::Error) -> ExitCode {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr().lock(), "error: cannot run rustc for coverage: {error}");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn only_its_own_name_makes_it_a_wrapper() {
        assert!(is_called(OsStr::new("/w/target/slipway/coverage/slipway-rustc")));
        assert!(!is_called(OsStr::new("/w/target/xtask/xtask")));
    }

    #[test]
    fn crates_are_measured_and_questions_are_not() {
        assert!(is_measured(&arguments("--crate-name demo --edition=2024 src/lib.rs")));
        assert!(is_measured(&arguments("--crate-name build_script_utils --out-dir /w/target/debug/deps")));
        for question in [
            "-vV",
            "- --crate-name ___ --print=file-names",
            "--crate-name build_script_build --out-dir /w/target/debug/build/demo-1 build.rs",
        ] {
            assert!(!is_measured(&arguments(question)), "{question}");
        }
    }

    #[test]
    fn a_crate_that_is_compiled_again_starts_anew() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["demo-1.7_0.profraw", "demo-12.7_0.profraw"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let line = arguments("--crate-name demo -C extra-filename=-1 src/lib.rs");
        assert_eq!(expansions_of(folder.path(), &line), folder.path().join("demo-1.%m.profraw"));
        assert_eq!(files::walk(folder.path(), &[]), ["demo-12.7_0.profraw"]);
    }

    #[test]
    fn it_is_installed_once_and_mended() {
        let folder = tempfile::tempdir().unwrap();
        let path = install(folder.path()).unwrap();
        assert_eq!(install(folder.path()).unwrap(), path);
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "something else").unwrap();
        install(folder.path()).unwrap();
        assert_eq!(path.canonicalize().unwrap(), std::env::current_exe().unwrap().canonicalize().unwrap());
    }
}
