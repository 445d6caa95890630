//! Files that are not the workspace's code: the standard library's, of dependencies, and such that only test.

use super::Reason;

/// Files in folders of these names, anywhere below the workspace root, only test. With [`TEST_FILE`], this is what
/// cargo-llvm-cov leaves out unless `--disable-default-ignore-filename-regex` is given:
/// `^ROOT(/.*)?/(tests|examples|benches)/`, see its
/// [README](https://github.com/taiki-e/cargo-llvm-cov#exclude-file-from-coverage).
pub const TEST_FOLDERS: [&str; 3] = ["tests", "examples", "benches"];

/// A file of this name only tests, and so does one whose name ends with it behind `_` or `-`:
/// `^ROOT(/.*)?/(tests.rs|[0-9a-zA-Z_-]+[_-]tests.rs)$`.
pub const TEST_FILE: &str = "tests.rs";

/// Whether a path below the root only tests.
pub(super) fn is_test(path: &str) -> bool {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    folders.split('/').any(|folder| TEST_FOLDERS.contains(&folder)) || is_test_file(name)
}

fn is_test_file(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    name.strip_suffix(TEST_FILE).is_some_and(|front| {
        front.is_empty() || (front.len() > 1 && front.ends_with(['_', '-']) && front.bytes().all(plain))
    })
}

/// Why a normal path is somebody else's code; none when it is not known to be.
///
/// The compiler writes `/rustc/COMMIT/library/…` for the standard library, or its place in the toolchain where the
/// component `rust-src` is installed. Cargo keeps dependencies in `registry/src/INDEX-HASH/` and `git/checkouts/`; the
/// home of cargo may well lie below the workspace root, where a CI system caches it.
pub(super) fn reason(path: &str) -> Option<Reason> {
    let folders: Vec<&str> = path.split('/').collect();
    let has = |wanted: &[&str]| folders.windows(wanted.len()).any(|run| run == wanted);
    let std = folders.windows(2).any(|run| matches!(run, ["rustc", version] if is_rustc(version)));
    // A path that is not absolute lies below the root, where a folder of the workspace may be called the same.
    if (std && super::normal::is_outside(path)) || has(&["rustlib", "src", "rust"]) {
        return Some(Reason::StandardLibrary);
    }
    let registry = |run: &[&str]| matches!(run, ["registry", "src", index] if is_hashed(index));
    let checkout = |run: &[&str]| matches!(run, ["git", "checkouts", name] if is_hashed(name));
    if folders.windows(3).any(|run| registry(run) || checkout(run)) {
        return Some(Reason::Dependency);
    }
    None
}

/// `NAME-HASH`, as cargo names a registry and a repository.
fn is_hashed(name: &str) -> bool {
    name.rsplit_once('-').is_some_and(|(_, hash)| {
        hash.len() == 16 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// `([0-9a-f]+|[0-9]+\.[0-9]+\.[0-9]+)`: a commit, or a version.
fn is_rustc(version: &str) -> bool {
    let hash = !version.is_empty() && version.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    hash || (version.split('.').count() == 3 && version.split('.').all(is_number))
}
