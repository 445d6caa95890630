//! Workspaces of every kind: what they hold and how they are laid out, and the right verdict on each.

use std::path::Path;
use std::process::Command;

use crate::facts::{counts, finding_places, gate, judged, outcomes, step};
use crate::support::{Tools, Workspace, manifest};

const TESTED: &str = "#[test]\nfn works() {}\n";
const UNTIDY: &str = "pub fn   untidy( ){ let x=1; }\n";
const CARELESS: &str =
    "pub fn careless(text: &String) -> usize {\n    return text.len();\n}\n\n#[test]\nfn works() {}\n";

/// A workspace whose manifest says this.
fn of_members(members: &str) -> Workspace {
    Workspace::empty().file("Cargo.toml", &format!("[workspace]\nresolver = \"3\"\n{members}\n"))
}

/// A package with this `src/lib.rs` in a folder below the root.
fn with_package(workspace: Workspace, folder: &str, source: &str) -> Workspace {
    let name = folder.rsplit('/').next().unwrap();
    workspace
        .file(&format!("{folder}/Cargo.toml"), &manifest(name))
        .file(&format!("{folder}/src/lib.rs"), source)
}

#[test]
fn a_command_line_program_with_a_test_that_runs_it() {
    let workspace = Workspace::empty()
        .file("Cargo.toml", &manifest("greet-all"))
        .file("src/main.rs", "fn main() {\n    println!(\"hello\");\n}\n")
        .file(
            "tests/runs.rs",
            "#[test]\nfn greets() {\n    let output = std::process::Command::new(env!(\"CARGO_BIN_EXE_greet-all\")).output().unwrap();\n\
             \x20   assert_eq!(output.stdout, b\"hello\\n\");\n}\n",
        );
    let record = judged(&workspace, &["ci"], 0, "pass");
    assert_eq!(outcomes(&record), ["greet-all::runs greets: passed"]);
    assert_eq!(step(&record, "test.doctest")["status"], "skipped");
}

#[test]
fn several_members_with_dashes_in_their_names() {
    let workspace = of_members("members = [\"crates/*\"]");
    let workspace = with_package(workspace, "crates/first-one", TESTED);
    let doctested = "/// Two.\n///\n/// ```\n/// assert_eq!(second_one::two(), 2);\n/// ```\npub fn two() -> u8 {\n    2\n}\n";
    let workspace = with_package(workspace, "crates/second-one", doctested);
    let record = judged(&workspace, &["ci"], 0, "pass");
    let expected = [
        "first-one works: passed",
        "second-one (doctests) crates/second-one/src/lib.rs - two (line 3): passed",
    ];
    assert_eq!(outcomes(&record), expected);
}

#[test]
fn doctests_alone_are_enough() {
    let workspace =
        Workspace::library("//! ```\n//! assert!(true);\n//! ```\n\n//! ```no_run\n//! loop {}\n//! ```\n");
    let record = judged(&workspace, &["ci"], 0, "pass");
    assert_eq!(counts(&record), ["0 passed, 0 failed, 0 skipped", "2 passed, 0 failed, 0 skipped"]);
}

#[test]
fn a_failing_doctest_fails() {
    let workspace = Workspace::library("//! ```\n//! assert_eq!(1, 2);\n//! ```\n");
    let record = judged(&workspace, &["test"], 1, "fail");
    assert_eq!(counts(&record)[1], "0 passed, 1 failed, 0 skipped");
}

#[test]
fn code_that_does_not_compile_fails_and_is_shown() {
    let workspace = Workspace::library("pub fn broken() -> u8 {\n    \"text\"\n}\n");
    workspace.run(&["ci"]).exits(1).says("mismatched types");
    let record = workspace.record();
    assert_eq!(record["verdict"]["decision"], "fail");
    assert_eq!(step(&record, "test.suite")["reason"], "the tests do not compile");
    assert!(finding_places(&record).contains(&"lint.clippy src/lib.rs".to_owned()));
}

#[test]
fn guests_are_told_of_findings_and_not_stopped() {
    let workspace = Workspace::library(&format!("{UNTIDY}{CARELESS}"));
    let record = judged(&workspace, &["ci"], 0, "pass");
    assert_eq!(finding_places(&record), ["lint.clippy src/lib.rs", "lint.fmt src/lib.rs"]);
    let advisories = record["verdict"]["advisories"].to_string();
    assert!(advisories.contains("lint.fmt fail") && advisories.contains("lint.clippy fail"), "{advisories}");
}

#[test]
fn with_settings_of_its_own_unformatted_code_fails() {
    let workspace =
        Workspace::library(&format!("{UNTIDY}{TESTED}")).file("slipway.toml", "mode = \"block\"\n");
    let record = judged(&workspace, &["ci"], 1, "fail");
    assert_eq!(gate(&record, "lint.fmt")["verdict"], "fail");
}

#[test]
fn with_settings_of_its_own_a_warning_fails() {
    let workspace = Workspace::library(CARELESS).file("slipway.toml", "");
    let record = judged(&workspace, &["ci"], 1, "fail");
    assert_eq!(gate(&record, "lint.clippy")["verdict"], "fail");
    assert_eq!(gate(&record, "lint.fmt")["verdict"], "pass");
    let only_shown = Workspace::library(CARELESS).file("slipway.toml", "[lint]\nlevel = \"error\"\n");
    judged(&only_shown, &["ci", "--skip", "rustdoc"], 0, "pass");
}

#[test]
fn findings_are_told_from_the_root_wherever_the_run_was_started() {
    let workspace = of_members("members = [\"libs/deep/inner\", \"tools/outer\"]");
    let workspace = with_package(workspace, "libs/deep/inner", &format!("{UNTIDY}{CARELESS}"));
    let workspace = with_package(workspace, "tools/outer", TESTED);
    let expected = ["lint.clippy libs/deep/inner/src/lib.rs", "lint.fmt libs/deep/inner/src/lib.rs"];
    let args = ["ci", "--skip", "rustdoc", "-C"];
    for folder in [".", "libs/deep/inner", "tools/outer/src"] {
        let record = judged(&workspace, &[&args[..], &[folder]].concat(), 0, "pass");
        assert_eq!(finding_places(&record), expected, "from {folder}");
        assert_eq!(counts(&record)[0], "2 passed, 0 failed, 0 skipped");
        std::fs::remove_dir_all(workspace.path().join("reports")).unwrap();
    }
    let mut inside = workspace.command(&["test"]);
    let output = inside.current_dir(workspace.path().join("tools/outer/src")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(counts(&workspace.record())[0], "2 passed, 0 failed, 0 skipped");
}

#[test]
fn a_build_script_and_a_macro_crate() {
    let makes = "use proc_macro::TokenStream;\n\n#[proc_macro]\npub fn seven(_: TokenStream) -> TokenStream {\n    \"7\".parse().unwrap()\n}\n\n\
                 #[cfg(test)]\nmod tests {\n    #[test]\n    fn unit() {}\n}\n";
    let workspace = of_members("members = [\"makes-seven\", \"user\"]")
        .file("makes-seven/Cargo.toml", &format!("{}\n[lib]\nproc-macro = true\n", manifest("makes-seven")))
        .file("makes-seven/src/lib.rs", makes)
        .file("user/Cargo.toml", &format!("{}\n[dependencies]\nmakes-seven = {{ path = \"../makes-seven\" }}\n", manifest("user")))
        .file("user/build.rs", "fn main() {\n    let name = std::env::var(\"CARGO_PKG_NAME\").unwrap();\n    println!(\"cargo::rustc-env=MADE_BY={name}\");\n}\n")
        .file("user/src/lib.rs", "#[test]\nfn builds() {\n    assert_eq!((makes_seven::seven!(), env!(\"MADE_BY\")), (7, \"user\"));\n}\n");
    let record = judged(&workspace, &["ci"], 0, "pass");
    assert_eq!(outcomes(&record), ["makes-seven tests::unit: passed", "user builds: passed"]);
    assert_eq!(finding_places(&record), [] as [&str; 0]);
}

#[test]
fn what_lies_outside_the_workspace_is_not_ours() {
    let workspace = with_package(
        Workspace::empty(),
        "outside",
        &format!("{UNTIDY}{CARELESS}#[test]\nfn bad() {{ panic!() }}\n"),
    )
    .file("outside/src/main.rs", "fn main(){}\n")
    .file(
        "ours/Cargo.toml",
        &format!(
            "{}\n[workspace]\n\n[dependencies]\noutside = {{ path = \"../outside\" }}\n",
            manifest("ours")
        ),
    )
    .file(
        "ours/src/lib.rs",
        "#[test]\nfn works() {\n    assert_eq!(outside::careless(&String::new()), 0);\n}\n",
    )
    .file("ours/slipway.toml", "");
    workspace.run(&["ci", "-C", "ours"]).exits(0);
    let record = record_in(&workspace, "ours");
    assert_eq!(finding_places(&record), [] as [&str; 0]);
    assert_eq!(outcomes(&record), ["ours works: passed"]);
}

#[test]
fn a_nested_workspace_is_left_alone() {
    let workspace = Workspace::library(TESTED)
        .file("Cargo.toml", &format!("{}\n[workspace]\nexclude = [\"nested\"]\n", manifest("demo")))
        .file("nested/Cargo.toml", &format!("{}\n[workspace]\n", manifest("nested")))
        .file("nested/src/lib.rs", &format!("{UNTIDY}#[test]\nfn bad() {{ panic!() }}\n"))
        .file("slipway.toml", "");
    let record = judged(&workspace, &["ci"], 0, "pass");
    assert_eq!(outcomes(&record), ["demo works: passed"]);
    workspace.run(&["test", "-C", "nested"]).exits(1);
    assert_eq!(outcomes(&record_in(&workspace, "nested")), ["nested bad: failed"]);
}

#[test]
fn features_and_excluded_packages() {
    let gated = "#[cfg(feature = \"extra\")]\n#[test]\nfn only_with_extra() {}\n\n#[test]\nfn always() {}\n";
    let workspace = of_members("members = [\"gated\", \"left-out\"]")
        .file("gated/Cargo.toml", &format!("{}\n[features]\nextra = []\n", manifest("gated")))
        .file("gated/src/lib.rs", gated);
    let workspace =
        with_package(workspace, "left-out", &format!("{CARELESS}#[test]\nfn bad() {{\n    panic!()\n}}\n"));
    let settings = "[cargo]\nfeatures = [\"gated/extra\"]\nexclude = [\"left-out\"]\n";
    let workspace = workspace.file("slipway.toml", settings);
    let record = judged(&workspace, &["ci"], 0, "pass");
    assert_eq!(outcomes(&record), ["gated always: passed", "gated only_with_extra: passed"]);
    let workspace = workspace.file("slipway.toml", "[cargo]\nexclude = [\"left-out\"]\n");
    let record = judged(&workspace, &["ci", "--skip", "rustdoc"], 0, "pass");
    assert_eq!(outcomes(&record), ["gated always: passed"]);
}

#[test]
fn a_crash_in_a_workspace_with_excluded_packages_is_still_finished() {
    let source =
        "#[test]\nfn a() {}\n\n#[test]\nfn aborts() {\n    std::process::abort()\n}\n\n#[test]\nfn z() {}\n";
    let workspace = with_package(of_members("members = [\"kept\", \"left-out\"]"), "kept", source);
    let workspace = with_package(workspace, "left-out", "compile_error!(\"left out\");\n")
        .file("slipway.toml", "[cargo]\nexclude = [\"left-out\"]\n");
    let record = judged(&workspace, &["test", "--runner", "cargo"], 1, "fail");
    assert_eq!(outcomes(&record), ["kept a: passed", "kept aborts: failed", "kept z: passed"]);
}

#[test]
fn examples_are_linted_and_old_editions_are_fine() {
    let old = manifest("old").replace("2024", "2021");
    let workspace = with_package(of_members("members = [\"old\", \"new\"]"), "new", TESTED)
        .file("old/Cargo.toml", &old)
        .file("old/src/lib.rs", "#[test]\nfn gen() {\n    let gen = 1;\n    assert_eq!(gen, 1);\n}\n")
        .file("old/examples/shown.rs", "fn main() {\n    let unused = 1;\n}\n")
        .file("slipway.toml", "");
    let record = judged(&workspace, &["ci"], 1, "fail");
    assert_eq!(finding_places(&record), ["lint.clippy old/examples/shown.rs"]);
    assert_eq!(outcomes(&record), ["new works: passed", "old gen: passed"]);
}

#[test]
fn a_path_with_spaces_and_letters_of_every_alphabet() {
    let folder = "a folder/größe ✓ (1)";
    let workspace = Workspace::empty()
        .file(&format!("{folder}/Cargo.toml"), &manifest("demo"))
        .file(
            &format!("{folder}/src/lib.rs"),
            &format!(
                "//! ```\n//! assert!(true);\n//! ```\n\n#[path = \"größe ✓.rs\"]\nmod größe;\n\n{TESTED}"
            ),
        )
        .file(&format!("{folder}/src/größe ✓.rs"), CARELESS)
        .file(&format!("{folder}/tests/it.rs"), TESTED);
    workspace.run(&["ci", "-C", folder]).exits(0);
    let record = record_in(&workspace, folder);
    assert_eq!(counts(&record), ["3 passed, 0 failed, 0 skipped", "1 passed, 0 failed, 0 skipped"]);
    assert!(
        finding_places(&record).contains(&"lint.clippy src/größe ✓.rs".to_owned()),
        "{:?}",
        finding_places(&record)
    );
}

#[test]
fn only_files_that_git_knows_are_looked_at() {
    let workspace = Workspace::library(TESTED)
        .file(".gitignore", "target\nreports\nunknown\n")
        .file("unknown/run.sh", "#!/bin/sh\nexec $1\n")
        .file("slipway.toml", "");
    workspace.git(&["init", "-q"]).git(&["add", "."]).git(&["commit", "-qm", "first"]);
    let record = judged(&workspace, &["ci"], 0, "pass");
    assert_eq!(step(&record, "lint.shellcheck")["reason"], "no shell script");
    assert_eq!(record["context"]["head_sha"].as_str().map(str::len), Some(40));
    workspace.git(&["status", "--porcelain"]);
}

#[test]
fn no_workspace_at_all_is_a_usage_error() {
    Workspace::empty().run(&["ci"]).exits(2).says("hint:");
}

#[test]
fn the_toolchain_that_the_workspace_names_is_used() {
    const NAMED: &str = "1.95.0";
    let installed = Command::new("rustup").args(["toolchain", "list"]).output();
    let installed = installed.map(|output| String::from_utf8_lossy(&output.stdout).contains(NAMED));
    if !installed.unwrap_or(false) {
        println!("skipped: rustup or the toolchain {NAMED} is not installed");
        return;
    }
    let workspace = Workspace::library(TESTED)
        .file("rust-toolchain.toml", &format!("[toolchain]\nchannel = \"{NAMED}\"\n"))
        .file(
            "build.rs",
            "fn main() {\n    println!(\"cargo::rustc-env=CHOSEN={}\", std::env::var(\"RUSTUP_TOOLCHAIN\").unwrap());\n}\n",
        )
        .file("tests/chosen.rs", &format!("#[test]\nfn chosen() {{\n    assert!(env!(\"CHOSEN\").starts_with(\"{NAMED}\"));\n}}\n"))
        .tools(Tools::All);
    // As `cargo xtask` starts us: by a cargo whose proxy has pinned the toolchain of its own folder.
    let mut command = workspace.command(&["ci"]);
    command.env("RUSTUP_TOOLCHAIN", "stable").env("RUSTUP_TOOLCHAIN_SOURCE", "default");
    command.env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let record = workspace.record();
    assert_eq!(outcomes(&record), ["demo works: passed", "demo::chosen chosen: passed"]);
    let rustc = record["run"]["host"]["rustc"].as_str().unwrap();
    assert!(rustc.contains(NAMED), "{rustc}");
}

/// The record of a run in a folder below.
fn record_in(workspace: &Workspace, folder: &str) -> serde_json::Value {
    let path = workspace.path().join(folder).join(Path::new("reports/run.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_test_target_behind_a_feature_is_named_and_counted() {
    let gated = format!(
        "{}\n[features]\nfull = [\"extra\"]\nextra = []\n\n[[test]]\nname = \"need\"\nrequired-features = [\"extra\"]\n",
        manifest("demo")
    );
    let workspace = Workspace::empty()
        .file("Cargo.toml", &gated)
        .file("src/lib.rs", TESTED)
        .file("tests/need.rs", "#[test]\nfn needs() {}\n");
    let record = judged(&workspace, &["test"], 0, "pass");
    assert_eq!(outcomes(&record), ["demo works: passed", "demo::need need: skipped"]);
    let workspace = workspace.file("slipway.toml", "[cargo]\nfeatures = [\"full\"]\n");
    let record = judged(&workspace, &["test"], 0, "pass");
    assert_eq!(outcomes(&record), ["demo works: passed", "demo::need needs: passed"]);
}
