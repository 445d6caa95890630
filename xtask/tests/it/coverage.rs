//! What the tests cover, measured in the one run of them.

use serde_json::Value;

use crate::support::{Tools, Workspace, in_ci, manifest};

const LIB: &str = r#"//! Demo.

/// Says which.
///
/// ```
/// assert_eq!(demo::kind(-1), "less");
/// ```
pub fn kind(x: i32) -> &'static str {
    if x > 0 {
        "more"
    } else {
        "less"
    }
}

/// Never called.
pub fn idle() -> u32 {
    7
}
"#;

const TESTED: &str = "#[test]\nfn more() {\n    assert_eq!(demo::kind(1), \"more\");\n}\n";

fn demo() -> Workspace {
    Workspace::library(LIB).file("tests/it.rs", TESTED).file(".gitignore", "/target\n/reports\n")
}

/// The counts of a file's lines, from the tracefile.
fn lines(workspace: &Workspace, path: &str) -> Vec<(u32, u64)> {
    let tracefile = workspace.report("lcov.info");
    let section = tracefile.split("end_of_record").find(|section| section.contains(&format!("SF:{path}\n")));
    let section = section.unwrap_or_else(|| panic!("{path} is not in\n{tracefile}"));
    let counts = section.lines().filter_map(|line| line.strip_prefix("DA:")?.split_once(','));
    counts.map(|(line, count)| (line.parse().unwrap(), count.parse().unwrap())).collect()
}

fn totals(record: &Value, metric: &str) -> (u64, u64) {
    let share = &record["coverage"]["totals"][metric];
    (share["covered"].as_u64().unwrap(), share["total"].as_u64().unwrap())
}

/// No profile is left where the tests ran, and none of ours where they went.
fn left_behind(workspace: &Workspace) -> Vec<String> {
    let mut open = vec![workspace.path().to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "profraw") {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[test]
fn lines_that_ran_and_that_did_not_are_counted_once_with_doctests() {
    let workspace = demo();
    workspace.run(&["test"]).exits(0);
    let expected = [(8, 2), (9, 2), (10, 1), (12, 1), (14, 2), (17, 0), (18, 0), (19, 0)];
    assert_eq!(lines(&workspace, "src/lib.rs"), expected);
    let record = workspace.record();
    assert_eq!(totals(&record, "lines"), (5, 8));
    assert_eq!(totals(&record, "functions"), (1, 2));
    assert_eq!(totals(&record, "branches"), (0, 0));
    assert_eq!(record["coverage"]["backend"]["name"], "embedded");
    assert_eq!(record["coverage"]["files"].as_array().unwrap().len(), 1, "tests do not count");
    for report in ["coverage.xml", "htmlcov/index.html", "htmlcov/src--lib.rs.html"] {
        assert!(workspace.report(report).contains("lib.rs"), "{report}");
    }
    assert!(workspace.report("coverage.json").contains("\"message\":\"62.5%\""));
    assert_eq!(left_behind(&workspace), Vec::<String>::new());
    let workspace = workspace.env("SLIPWAY_COVERAGE_KEEP_PROFILES", "true");
    workspace.run(&["test"]).exits(0);
    assert!(!left_behind(&workspace).is_empty());
    let objects = workspace.path().join("target/slipway/coverage/objects.txt");
    let objects = std::fs::read_to_string(objects).unwrap();
    assert!(
        objects.lines().count() == 2 && objects.lines().all(|object| std::path::Path::new(object).is_file())
    );
}

#[test]
fn doctests_of_an_older_edition_count_each() {
    let one = "/// ```\n/// demo::fN();\n/// ```\npub fn fN() -> u32 {\n    N\n}\n";
    let functions: Vec<String> = (0..9).map(|number| one.replace('N', &number.to_string())).collect();
    let workspace = Workspace::library(&functions.concat())
        .file("Cargo.toml", &manifest("demo").replace("2024", "2021"))
        .file(".cargo/config.toml", "build.rustdocflags = '--cfg mine'\n");
    workspace.run(&["test"]).exits(0).says("what only doctests ran does not count");
    assert_eq!(totals(&workspace.record(), "functions"), (9, 9));
}

#[test]
fn doctests_alone_are_measured_too() {
    let workspace = demo();
    workspace.run(&["test", "--skip", "suite"]).exits(0);
    let counts = lines(&workspace, "src/lib.rs");
    assert!(counts.contains(&(12, 1)) && counts.contains(&(10, 0)), "{counts:?}");
}

#[test]
fn both_runners_cover_the_same() {
    let mut seen = Vec::new();
    for runner in ["cargo", "nextest"] {
        let workspace = demo().tools(Tools::All);
        let run = workspace.run(&["test", "--runner", runner]);
        if run.stderr.contains("cargo-nextest is not installed") {
            assert!(!in_ci(), "{}", run.stderr);
            println!("skipped: cargo-nextest is not installed");
            return;
        }
        run.exits(0);
        seen.push(lines(&workspace, "src/lib.rs"));
    }
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn both_readers_give_the_same_facts() {
    let mut records = Vec::new();
    for backend in ["embedded", "llvm"] {
        let workspace = demo().tools(Tools::All).env("SLIPWAY_COVERAGE_BACKEND", backend);
        let run = workspace.run(&["test", "--skip", "doctest"]).exits(0);
        let record = workspace.record();
        if record["coverage"].is_null() {
            assert!(!in_ci(), "{}", run.stderr);
            println!("skipped: {}", run.stderr);
            return;
        }
        assert_eq!(record["coverage"]["backend"]["name"], backend);
        records.push((record["coverage"]["files"].clone(), workspace.report("lcov.info")));
    }
    assert_eq!(records[0], records[1]);
}

#[test]
fn what_a_spawned_program_ran_counts() {
    let main = "//! Demo.\nfn main() {\n    if std::env::args().len() > 1 {\n        println!(\"told\");\n    } else {\n        println!(\"not told\");\n    }\n}\n";
    let test = "#[test]\nfn runs() {\n    let program = env!(\"CARGO_BIN_EXE_demo\");\n    assert!(std::process::Command::new(program).arg(\"x\").status().unwrap().success());\n}\n";
    let workspace = Workspace::empty()
        .file("Cargo.toml", &manifest("demo"))
        .file("src/main.rs", main)
        .file("tests/it.rs", test);
    workspace.run(&["test"]).exits(0);
    let counts = lines(&workspace, "src/main.rs");
    assert!(counts.contains(&(4, 1)) && counts.contains(&(6, 0)), "{counts:?}");
    let cleared = test.replace(".arg(\"x\")", ".arg(\"x\").env_clear()");
    let workspace = workspace.file("tests/it.rs", &cleared);
    workspace.run(&["test"]).exits(0);
    assert_eq!(lines(&workspace, "src/main.rs"), counts, "without the variable");
    assert_eq!(left_behind(&workspace), Vec::<String>::new());
}

#[test]
fn a_procedural_macro_counts_also_when_nothing_is_built_again() {
    let makes = "//! Makes.\nuse proc_macro::TokenStream;\n/// Seven.\n#[proc_macro]\npub fn seven(_: TokenStream) -> TokenStream {\n    \"7\".parse().unwrap()\n}\n/// Unused.\n#[proc_macro]\npub fn eight(_: TokenStream) -> TokenStream {\n    \"8\".parse().unwrap()\n}\n";
    let uses = "//! Uses.\n/// Seven.\npub fn seven() -> u32 {\n    makes::seven!()\n}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn is_seven() {\n        assert_eq!(super::seven(), 7);\n    }\n}\n";
    let workspace = Workspace::empty()
        .file("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"makes\", \"uses\"]\n")
        .file("makes/Cargo.toml", &format!("{}[lib]\nproc-macro = true\n", manifest("makes")))
        .file("makes/src/lib.rs", makes)
        .file(
            "uses/Cargo.toml",
            &format!("{}[dependencies]\nmakes = {{ path = \"../makes\" }}\n", manifest("uses")),
        )
        .file("uses/src/lib.rs", uses);
    for _ in ["cold", "warm"] {
        workspace.run(&["test"]).exits(0);
        let counts = lines(&workspace, "makes/src/lib.rs");
        let count = |line| counts.iter().find(|(number, _)| *number == line).unwrap().1;
        assert!(count(6) > 0 && count(11) == 0, "{counts:?}");
    }
    // What used it is gone, and so is what ran for it.
    let workspace = workspace.file("uses/src/lib.rs", &uses.replace("makes::seven!()", "7"));
    workspace.run(&["test"]).exits(0);
    let counts = lines(&workspace, "makes/src/lib.rs");
    assert!(counts.iter().all(|(_, count)| *count == 0), "{counts:?}");
}

#[test]
fn flags_and_wrappers_of_the_user_stay() {
    let wrapper = "#!/bin/sh\n: > \"$WRAPPED\"\nexec \"$@\"\n";
    let workspace = demo()
        .file("wrapper", wrapper)
        .file("src/lib.rs", &format!("{LIB}\n#[cfg(not(mine))]\ncompile_error!(\"lost\");\n"));
    let path = workspace.path().join("wrapper");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let marker = workspace.path().join("wrapped").display().to_string();
    let workspace = workspace
        .env("RUSTC_WORKSPACE_WRAPPER", path.to_str().unwrap())
        .env("WRAPPED", &marker)
        .env("RUSTFLAGS", "--cfg mine")
        .env("RUSTDOCFLAGS", "--cfg mine");
    let workspace =
        workspace.file("src/main.rs", "//! Never started.\nfn main() {\n    println!(\"told\");\n}\n");
    workspace.run(&["test"]).exits(0);
    assert_eq!(lines(&workspace, "src/lib.rs").len(), 8);
    assert_eq!(lines(&workspace, "src/main.rs"), [(2, 0), (3, 0), (4, 0)]);
    assert!(std::path::Path::new(&marker).exists(), "the user's wrapper did not run");
}

#[test]
fn a_threshold_fails_the_run_with_the_worst_files_and_reports_are_there() {
    let workspace = demo().file("slipway.toml", "coverage.lines.min = 80\n");
    workspace
        .run(&["test"])
        .exits(1)
        .says("coverage.lines fails: 62.5 % of lines ran")
        .says("src/lib.rs: 3 of 8 lines never ran");
    assert_eq!(lines(&workspace, "src/lib.rs").len(), 8);
    let lower = demo().file("slipway.toml", "coverage.lines.min = 62.5\n");
    lower.run(&["test"]).exits(0);
}

#[test]
fn without_coverage_nothing_is_instrumented() {
    let workspace = demo().file("slipway.toml", "coverage.lines.min = 100\n");
    workspace.run(&["test", "--no-coverage"]).exits(0);
    assert!(workspace.record()["coverage"].is_null());
    assert!(!workspace.path().join("target/slipway/coverage").exists());
    workspace.run(&["test", "--", "more"]).exits(0).says("only some tests run");
    assert!(!workspace.path().join("target/slipway/coverage").exists());
}

#[test]
fn tests_that_do_not_compile_have_measured_nothing() {
    let workspace = demo().file("slipway.toml", "coverage.lines.min = 1\n").file("tests/it.rs", "fn");
    workspace.run(&["test", "--skip", "doctest"]).exits(1).says("coverage.measured is inconclusive");
    assert!(workspace.record()["coverage"].is_null());
}

#[test]
fn tracefiles_from_elsewhere_are_added_up_and_judged() {
    let workspace = demo()
        .file("slipway.toml", "coverage.lines.min = 50\n")
        .file("one.info", "TN:\r\nSF:/builds/demo/src/lib.rs\r\nDA:9,1\r\nDA:17,0\r\nend_of_record\r\n")
        .file(
            "two.info",
            "# lcov 2\nVER:1\nSF:src/lib.rs\nDA:9,18446744073709551615\nDA:18,0\nend_of_record\n",
        )
        .file("empty.info", "");
    let from = ["coverage", "--map", "/builds/demo=", "--from", "one.info"];
    workspace.run(&from).exits(0);
    assert_eq!(lines(&workspace, "src/lib.rs"), [(9, 1), (17, 0)]);
    workspace
        .run(&[&from[..], &["two.info"]].concat())
        .exits(1)
        .says("coverage.lines fails: 33.3 % of lines ran");
    assert_eq!(lines(&workspace, "src/lib.rs"), [(9, u64::MAX), (17, 0), (18, 0)]);
    workspace
        .run(&[&from[..], &["two.info", "--shards", "3"]].concat())
        .exits(1)
        .says("1 of 3 shards missing");
    workspace
        .run(&["coverage", "--from", "empty.info"])
        .exits(1)
        .says("no source file of the workspace was measured");
    workspace.run(&["coverage", "--from", "none.info"]).exits(1).says("cannot read none.info");
    workspace.run(&["coverage"]).exits(2);
}

#[test]
fn a_tracefile_publishes_nothing_but_sources() {
    let tracefile = ["src/lib.rs", ".git/config", "secret.rs"]
        .map(|path| format!("SF:{path}\nDA:1,1\nend_of_record\n"))
        .concat();
    let workspace = demo()
        .file(".gitignore", "/target\n/reports\nsecret.rs\n")
        .file("secret.rs", "token\n")
        .file("one.info", &tracefile);
    workspace.git(&["init", "-q"]).git(&["add", "-A"]).git(&["commit", "-q", "-m", "one"]);
    workspace.run(&["coverage", "--from", "one.info"]).exits(0);
    let pages: Vec<String> = std::fs::read_dir(workspace.path().join("reports/htmlcov"))
        .unwrap()
        .map(|page| std::fs::read_to_string(page.unwrap().path()).unwrap())
        .collect();
    assert!(pages.iter().any(|page| page.contains("Never called")));
    assert!(!pages.iter().any(|page| page.contains("repositoryformatversion") || page.contains("token")));
    let pipe = std::process::Command::new("mkfifo").arg(workspace.path().join("pipe.info")).status().unwrap();
    assert!(pipe.success());
    workspace.run(&["coverage", "--from", "pipe.info"]).exits(1).says("cannot read pipe.info: it is no file");
}

#[test]
fn two_runs_at_once_do_not_meet() {
    let workspace = demo();
    let folder = workspace.path().join("target/slipway/coverage");
    std::fs::create_dir_all(&folder).unwrap();
    let held = std::fs::File::create(folder.join("lock")).unwrap();
    held.lock().unwrap();
    workspace.run(&["test"]).exits(3).says("another run measures coverage in this workspace");
    drop(held);
    workspace.run(&["test"]).exits(0);
}

#[test]
fn the_tracefile_of_a_step_of_the_repository_counts_too() {
    let step = "[[steps]]\nname = 'end-to-end'\nrun = \"printf 'SF:src/lib.rs\\\\nDA:17,4\\\\nend_of_record\\\\n' > e2e.info\"\nlcov = ['e2e.info']\n";
    let workspace = demo().file("slipway.toml", step);
    workspace.run(&["ci", "--skip", "lint"]).exits(0);
    let counts = lines(&workspace, "src/lib.rs");
    assert!(counts.contains(&(17, 4)) && counts.contains(&(10, 1)), "{counts:?}");
}
