//! The environment of this process, and the cleaner one that its children get.

use std::path::Path;

use super::variables::Variables;

/// What `cargo run` sets for the program that it starts. A build must not see it: it is about the toolkit's own
/// package, and a build script that reads `CARGO_PKG_NAME` would see the wrong one.
const SET_BY_CARGO_RUN: [&str; 8] = [
    "CARGO",
    "CARGO_BIN_NAME",
    "CARGO_CRATE_NAME",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_PRIMARY_PACKAGE",
    "OUT_DIR",
    "RUST_RECURSION_COUNT",
];

/// Search paths of dynamic libraries, which `cargo run` extends by its own build directories.
const LIBRARY_PATHS: [&str; 3] = ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

/// What a child process should see: the user's environment as it was before `cargo run`.
#[must_use]
pub fn for_children(env: &Variables, own_executable: Option<&Path>) -> Variables {
    let mut clean = env.clone();
    if !env.contains_key("CARGO_MANIFEST_DIR") {
        return clean;
    }
    clean.retain(|name, _| !SET_BY_CARGO_RUN.contains(&name.as_str()) && !name.starts_with("CARGO_PKG_"));
    // Cargo was called by its path and is not on `PATH`: what it calls must find the same one.
    if super::programs::find(&clean, "cargo").is_none()
        && let Some(folder) = env.get("CARGO").and_then(|cargo| Path::new(cargo).parent())
    {
        let path = clean.get("PATH").map(|path| format!(":{path}")).unwrap_or_default();
        clean.insert("PATH".to_owned(), format!("{}{path}", folder.display()));
    }
    // rustup's proxy pins the toolchain of the folder it was called in; another workspace may name another one.
    // A choice by `cargo +NAME` or by the caller's environment is kept.
    let source = clean.remove("RUSTUP_TOOLCHAIN_SOURCE");
    if source.is_some_and(|source| source != "cli" && source != "env") {
        clean.remove("RUSTUP_TOOLCHAIN");
    }
    let own_folder = own_executable.and_then(Path::parent);
    for name in LIBRARY_PATHS {
        let Some(paths) = clean.remove(name) else { continue };
        let kept: Vec<_> = std::env::split_paths(&paths)
            .filter(|path| !own_folder.is_some_and(|own| path.starts_with(own)))
            .filter(|path| !is_toolchain_library(path))
            .collect();
        if let Ok(joined) = std::env::join_paths(&kept)
            && !kept.is_empty()
        {
            clean.insert(name.to_owned(), joined.to_string_lossy().into_owned());
        }
    }
    clean
}

/// `TOOLCHAIN/lib` and `TOOLCHAIN/lib/rustlib/TARGET/lib`, told by the folder that only a toolchain has.
fn is_toolchain_library(path: &Path) -> bool {
    path.join("rustlib").is_dir() || path.components().any(|part| part.as_os_str() == "rustlib")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_cargo_run_set_is_gone_and_the_rest_is_not() {
        let env = variables(&[
            ("CARGO_MANIFEST_DIR", "/x"),
            ("CARGO_PKG_NAME", "xtask"),
            ("CARGO", "/toolchain/cargo"),
            ("CARGO_HOME", "/home/cargo"),
            ("CARGO_REGISTRY_TOKEN", "t"),
            ("LD_LIBRARY_PATH", "/x/target/xtask/deps:/opt/lib:/t/lib/rustlib/x/lib"),
            ("RUSTUP_TOOLCHAIN", "stable"),
            ("RUSTUP_TOOLCHAIN_SOURCE", "default"),
        ]);
        let clean = for_children(&env, Some(Path::new("/x/target/xtask/xtask")));
        let expected = [
            ("CARGO_HOME", "/home/cargo"),
            ("CARGO_REGISTRY_TOKEN", "t"),
            ("LD_LIBRARY_PATH", "/opt/lib"),
            ("PATH", "/toolchain"),
        ];
        assert_eq!(clean, variables(&expected));
    }

    #[test]
    fn cargo_called_by_its_path_is_found_again() {
        let env =
            variables(&[("CARGO_MANIFEST_DIR", "/x"), ("CARGO", "/toolchain/bin/cargo"), ("PATH", "/none")]);
        assert_eq!(for_children(&env, None), variables(&[("PATH", "/toolchain/bin:/none")]));
    }

    #[test]
    fn a_toolchain_that_somebody_chose_is_kept() {
        for source in ["cli", "env"] {
            let env = variables(&[
                ("CARGO_MANIFEST_DIR", "/x"),
                ("RUSTUP_TOOLCHAIN", "nightly"),
                ("RUSTUP_TOOLCHAIN_SOURCE", source),
            ]);
            assert_eq!(for_children(&env, None), variables(&[("RUSTUP_TOOLCHAIN", "nightly")]));
        }
    }

    #[test]
    fn without_cargo_run_nothing_changes() {
        let env = variables(&[("CARGO", "/c"), ("LD_LIBRARY_PATH", "/t/lib/rustlib/x")]);
        assert_eq!(for_children(&env, None), env);
    }
}
