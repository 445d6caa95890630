//! What the toolkit brings along without its features: fewer than 90 crates, none of the heavy ones, and a lock file that is current.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::tree::{Findings, found, none, root};

const MOST: usize = 90;

/// Each of them would cost more to build than everything else together.
const HEAVY: [&str; 5] = ["tokio", "hyper", "rustls", "octocrab", "bollard"];

fn cargo(folder: &Path, args: &[&str]) -> Result<String, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(args).current_dir(folder).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    if output.status.success() { Ok(String::from_utf8(output.stdout).unwrap()) } else { Err(error) }
}

/// Of what `cargo tree --prefix none` prints.
fn too_heavy(tree: &str) -> Findings {
    let crates: BTreeSet<&str> =
        tree.lines().map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.is_empty()).collect();
    let names = crates.iter().filter_map(|line| line.split(' ').next());
    let mut findings: Findings =
        names.filter(|name| HEAVY.contains(name)).map(|name| format!("{name} is too heavy")).collect();
    if crates.len() >= MOST {
        findings.push(format!("{} crates; fewer than {MOST} are allowed", crates.len()));
    }
    findings
}

fn stale(folder: &Path) -> Findings {
    let tree = cargo(folder, &["tree", "--workspace", "--locked"]);
    tree.err().map(|error| format!("Cargo.lock: {error}")).into_iter().collect()
}

#[test]
fn the_toolkit_is_light() {
    let tree = [
        "tree",
        "-p",
        "xtask",
        "-e",
        "normal,build",
        "--prefix",
        "none",
        "--locked",
        "--no-default-features",
    ];
    none("weight without default features", &too_heavy(&cargo(&root(), &tree).unwrap()));
}

#[test]
fn the_lock_file_is_current() {
    none("lock file", &stale(&root()));
}

#[test]
fn a_heavy_tree_is_found() {
    let many: Vec<String> = (0..90).map(|number| format!("crate-{number} v1.0.0")).collect();
    let expected = ["tokio is too heavy", "91 crates"];
    found(&too_heavy(&format!("{}\ncrate-0 v1.0.0 (*)\n\ntokio v1.0.0\n", many.join("\n"))), &expected);
}

#[test]
fn a_stale_lock_file_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let package = "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    std::fs::create_dir(folder.path().join("src")).unwrap();
    std::fs::write(folder.path().join("src/lib.rs"), "").unwrap();
    std::fs::write(folder.path().join("Cargo.toml"), package).unwrap();
    std::fs::write(folder.path().join("Cargo.lock"), "version = 4\n").unwrap();
    found(&stale(folder.path()), &["Cargo.lock"]);
}
