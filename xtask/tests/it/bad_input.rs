//! A rough world: what is wrong is told in a sentence with a hint, the exit code says whose fault it is, and nothing
//! that was measured is lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{Run, Tools, Workspace, manifest, needs};

fn with(settings: &str) -> Workspace {
    Workspace::library("").file("slipway.toml", settings)
}

fn steps(workspace: &Workspace) -> Run {
    workspace.run(&["ci", "--only", "step"])
}

/// A refusal: nothing was run, one sentence, a hint, nothing on standard output.
#[track_caller]
fn refused(run: Run, says: &[&str]) {
    let run = run.exits(2).says("error: ").says("\nhint: ");
    assert_eq!(run.stdout, "");
    says.iter().fold(run, |run, text| run.says(text));
}

#[test]
fn settings_that_are_no_toml_are_shown_where_they_are_wrong() {
    let run = with("mode = \"block\"\n[test\nretries = 1\n").run(&["ci"]).exits(2);
    run.says("slipway.toml:2").says("[test").says("^");
}

#[test]
fn settings_that_are_not_known_are_shown_with_what_was_meant() {
    let run = with("[test]\nretires = 1\n").run(&["ci"]).exits(2);
    run.says("slipway.toml:2").says("retires = 1").says("did you mean `test.retries`?");
}

#[test]
fn a_value_of_the_wrong_kind_is_shown() {
    with("[run]\ntimeout = \"5 parsecs\"\n").run(&["lint"]).exits(2).says("slipway.toml:2").says("5 parsecs");
    with("mode = 7\n").run(&["config", "show"]).exits(2).says("slipway.toml:1");
}

#[test]
fn a_variable_that_is_wrong_is_named() {
    let workspace = Workspace::library("").env("SLIPWAY_MDOE", "block");
    workspace.run(&["ci"]).exits(2).says("SLIPWAY_MDOE").says("did you mean SLIPWAY_MODE?");
    let workspace = Workspace::library("").env("SLIPWAY_TEST_RETRIES", "many");
    workspace.run(&["ci"]).exits(2).says("SLIPWAY_TEST_RETRIES").says("many");
}

#[test]
fn a_step_that_is_not_there_is_named() {
    for flag in ["--only", "--skip"] {
        refused(
            Workspace::library("").run(&["ci", flag, "clipy"]),
            &["names a step that is not there: `clipy`", "did you mean `clippy`?"],
        );
    }
}

#[test]
fn no_cargo_project() {
    refused(Workspace::empty().run(&["ci"]), &["no Cargo project in ", "-C DIR"]);
}

#[test]
fn a_folder_that_does_not_exist() {
    refused(Workspace::empty().run(&["ci", "-C", "no/where"]), &["there is no folder ", "no/where"]);
    refused(
        Workspace::empty().file("file", "").run(&["ci", "-C", "file"]),
        &["there is no folder ", "/file"],
    );
}

#[test]
fn a_settings_file_that_does_not_exist() {
    refused(
        Workspace::library("").run(&["ci", "--config", "no.toml"]),
        &["there is no settings file no.toml"],
    );
}

#[test]
fn a_broken_manifest_is_shown_as_cargo_shows_it() {
    let workspace = Workspace::empty().file("Cargo.toml", "[package\nname = 'x'\n");
    refused(workspace.run(&["ci"]), &["cargo cannot read the workspace", "Cargo.toml:1:9"]);
    let workspace = Workspace::empty().file("Cargo.toml", &manifest("demo"));
    refused(workspace.run(&["ci"]), &["no targets specified in the manifest"]);
}

#[test]
fn cargo_is_not_installed() {
    let workspace = Workspace::library("").env("PATH", "/nowhere");
    let run = workspace.run(&["ci"]).exits(3);
    run.says("error: cargo is not installed, or not on PATH").says("\nhint: ").says("https://rustup.rs");
}

const ONE: &str = "[[steps]]\nname = 'x'\nrun = 'true'\n";

#[track_caller]
fn notes(workspace: &Workspace) -> String {
    steps(workspace).exits(0);
    workspace.record()["notes"].to_string()
}

#[test]
fn git_of_every_kind() {
    let here = with(ONE);
    assert!(notes(&here).contains("this is not a git repository"));

    let tools = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(which("cargo"), tools.path().join("cargo")).unwrap();
    std::os::unix::fs::symlink(which("rustc"), tools.path().join("rustc")).unwrap();
    std::os::unix::fs::symlink("/bin/sh", tools.path().join("sh")).unwrap();
    let bare = with(ONE).env("PATH", tools.path().to_str().unwrap());
    assert!(notes(&bare).contains("git is not installed, or not on PATH; the commit is not known"));

    here.git(&["init", "--quiet"]);
    assert!(notes(&here).contains("the repository has no commit yet"));
    here.git(&["add", "."]).git(&["commit", "--quiet", "-m", "one"]);
    assert!(!notes(&here).contains("commit"));
    assert_eq!(here.record()["context"]["checkout"]["branch"], "main");
    assert!(here.record()["context"]["head_sha"].as_str().unwrap().len() == 40);
    here.git(&["checkout", "--quiet", "--detach"]);
    assert!(notes(&here).contains("HEAD is detached"));

    here.git(&["commit", "--quiet", "--allow-empty", "-m", "two"]);
    let clone = Workspace::empty();
    let url = format!("file://{}", here.path().display());
    clone.git(&["clone", "--quiet", "--depth=1", &url, "."]);
    assert!(notes(&clone).contains("the clone is shallow"));
}

fn which(program: &str) -> PathBuf {
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().unwrap();
    Path::new(String::from_utf8(sysroot.stdout).unwrap().trim()).join("bin").join(program)
}

#[test]
fn paths_with_spaces_and_letters_of_all_the_world() {
    let name = "a b/ü 漢字 'q' \"d\" $HOME";
    let outer = Workspace::empty()
        .file(&format!("{name}/Cargo.toml"), &manifest("demo"))
        .file(&format!("{name}/src/lib.rs"), "//! Demo.\n\n#[test]\nfn fails() {\n    panic!(\"no\");\n}\n");
    outer.run(&["ci", "-C", name]).exits(1).says("1 of 1 test failed");
    let reports = outer.path().join(name).join("reports");
    assert!(fs::read_to_string(reports.join("junit.xml")).unwrap().contains("fails"));
    assert!(fs::read_to_string(reports.join("index.html")).unwrap().contains("fails"));
}

#[test]
fn output_that_is_not_text() {
    let workspace = with(
        "[[steps]]\nname = 'x'\nrun = '''\nprintf 'a\\377\\376b\\000\\033[31mred\\033]0;title\\007\\r\\n'\nprintf '\\377' >&2\nexit 1\n'''\n",
    );
    let run = steps(&workspace).exits(1);
    assert!(!run.stderr.contains('\u{1b}') && !run.stderr.contains('\u{7}'), "{:?}", run.stderr);
    for report in ["summary.md", "index.html", "run.json"] {
        assert!(!workspace.report(report).contains('\u{1b}'), "{report}");
    }
    assert!(workspace.report("logs/step.x.log").contains("a\u{fffd}\u{fffd}b"));
}

/// Runs and gives the peak of memory that the executable itself used, in MiB.
fn peak(workspace: &Workspace, args: &[&str]) -> (Run, u64, Duration) {
    let started = Instant::now();
    let mut command = workspace.command(args);
    let mut child =
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let mut peak = 0;
    let code = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code().unwrap_or(-1);
        }
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or(0) / 1024);
        std::thread::sleep(Duration::from_millis(5));
    };
    eprintln!("{args:?}: peak {peak} MiB, {:?}", started.elapsed());
    (Run { code, stdout: String::new(), stderr: String::new() }, peak, started.elapsed())
}

#[test]
fn a_line_of_100_megabytes_without_an_end() {
    for actions in ["", "true"] {
        let workspace =
            with("[[steps]]\nname = 'x'\nrun = 'head -c 100000000 /dev/zero | tr \"\\\\0\" x; exit 1'\n")
                .tools(Tools::All)
                .env("GITHUB_ACTIONS", actions)
                .env("GITHUB_EVENT_NAME", "workflow_dispatch")
                .env("GITHUB_REF", "refs/heads/main")
                .env("GITHUB_SHA", "0123456789012345678901234567890123456789")
                .env("GITHUB_REPOSITORY", "o/r");
        let (run, peak, took) = peak(&workspace, &["ci", "--only", "step"]);
        run.exits(1);
        assert!(peak < 400, "{peak} MiB");
        assert!(took < Duration::from_secs(15), "{took:?}");
        for report in ["run.json", "summary.md", "index.html"] {
            assert!(workspace.report(report).len() < 1 << 20, "{report}");
        }
    }
}

#[test]
fn a_junit_file_of_50_megabytes() {
    let workspace = with(
        "[[steps]]\nname = 'x'\njunit = ['big.xml']\nrun = '''\n{ echo '<testsuite name=\"s\">'\n\
         seq -f '<testcase name=\"case number %.0f\" classname=\"some::module::of::the::suite\" time=\"0.001\"><system-out>output of the case %.0f that goes on for a while, and then a while more than that, to be sure</system-out></testcase>' 1 250000 | sed 's/%//'\n\
         echo '</testsuite>'; } > big.xml\n'''\n"
            .replace("%.0f that", "that")
            .as_str(),
    )
    .tools(Tools::All);
    let (run, peak, took) = peak(&workspace, &["ci", "--only", "step"]);
    run.exits(0);
    let size = fs::metadata(workspace.path().join("big.xml")).unwrap().len();
    assert!(size > 50_000_000, "{size}");
    assert_eq!(workspace.record()["tests"]["tests"]["passed"], 250_000);
    assert!(peak < 1500, "{peak} MiB");
    assert!(took < Duration::from_mins(1), "{took:?}");
}

#[test]
fn the_reports_folder_is_a_file() {
    let workspace =
        with(&format!("{ONE}[[steps]]\nname = 'y'\nrun = 'touch reached'\n")).file("reports", "mine");
    refused(steps(&workspace), &["the reports have nowhere to go: nothing was run", "reports"]);
    assert_eq!(fs::read_to_string(workspace.path().join("reports")).unwrap(), "mine");
    assert!(!workspace.path().join("reached").exists());
}

#[test]
fn the_reports_folder_is_read_only() {
    let workspace = with("[[steps]]\nname = 'y'\nrun = 'touch reached'\n");
    let Some(_mount) = Mount::new(&workspace.path().join("reports"), "size=1m,ro") else { return };
    refused(steps(&workspace), &["the reports have nowhere to go: nothing was run"]);
    assert!(!workspace.path().join("reached").exists());
}

#[test]
fn the_disk_is_full_from_the_start() {
    let workspace = with("[[steps]]\nname = 'y'\nrun = 'touch reached'\n");
    let reports = workspace.path().join("reports");
    let Some(_mount) = Mount::new(&reports, "size=1m") else { return };
    fill(&reports.join("ballast"));
    refused(
        steps(&workspace),
        &["the reports have nowhere to go: nothing was run", "No space left on device"],
    );
    assert!(!workspace.path().join("reached").exists());
}

#[test]
fn the_disk_becomes_full_in_the_middle() {
    let temporary = tempfile::tempdir().unwrap();
    let workspace = with(
        "[[steps]]\nname = 'y'\nrun = '''\ncat /dev/zero > reports/ballast || true\nseq 1 100000\n'''\n",
    )
    .env("TMPDIR", temporary.path().to_str().unwrap());
    let Some(_mount) = Mount::new(&workspace.path().join("reports"), "size=1m") else { return };
    let run = steps(&workspace).exits(3).says("No space left on device").says("Inconclusive: ");
    let said =
        run.stderr.split_whitespace().find(|word| word.starts_with(temporary.path().to_str().unwrap()));
    let rescue =
        PathBuf::from(said.unwrap_or_else(|| panic!("{}", run.stderr)).trim_end_matches([';', '.', ',']));
    let record: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(rescue.join("run.json")).unwrap()).unwrap();
    assert_eq!(record["steps"].as_array().unwrap().last().unwrap()["status"], "passed");
    assert_eq!(record["verdict"]["exit_code"], 3);
    assert!(rescue.join("summary.md").exists() && rescue.join("index.html").exists());
}

#[test]
fn reports_of_an_earlier_run_do_not_survive() {
    let workspace = Workspace::library("//! Demo.\n\n#[test]\nfn fails() {\n    panic!(\"no\");\n}\n")
        .file("slipway.toml", "[[steps]]\nname = 'x'\nrun = 'echo hello'\n");
    workspace.run(&["test"]).exits(1);
    let reports = workspace.path().join("reports");
    fs::create_dir_all(reports.join("sarif")).unwrap();
    fs::write(reports.join("sarif/lint.old.sarif"), "{}").unwrap();
    fs::write(reports.join("sarif/mine.sarif"), "{}").unwrap();
    fs::write(reports.join("logs/server.log"), "").unwrap();
    fs::write(reports.join("keep.me"), "somebody else's").unwrap();
    steps(&workspace).exits(0);
    for gone in ["junit.xml", "logs/test.suite.log", "sarif/lint.old.sarif"] {
        assert!(!reports.join(gone).exists(), "{gone}");
    }
    assert!(!workspace.report("index.html").contains("fails"));
    for kept in ["keep.me", "sarif/mine.sarif", "logs/server.log"] {
        assert!(reports.join(kept).exists(), "{kept}");
    }
    // A run that is refused must not leave the earlier one standing as if it were its own.
    workspace.run(&["ci", "--only", "nothing"]).exits(2);
    assert!(reports.join("run.json").exists());
}

#[test]
fn a_folder_that_is_not_for_reports_is_left_alone() {
    for file in
        ["index.html", "junit.xml", "logs/server.log", "logs/test.suite.log", "sarif/a.sarif", "guide.md"]
    {
        let workspace = with("[[steps]]\nname = 'y'\nrun = 'touch reached'\n")
            .file(&format!("docs/{file}"), "mine")
            .env("SLIPWAY_REPORTS_FOLDER", "docs");
        refused(steps(&workspace), &["the reports cannot go to ", "docs", "reports.folder"]);
        assert_eq!(fs::read_to_string(workspace.path().join("docs").join(file)).unwrap(), "mine");
        assert!(!workspace.path().join("reached").exists());
        assert!(!workspace.path().join("docs/.gitignore").exists(), "{file}");
    }
    let foreign = with(ONE).file("reports/run.json", r#"{"tool": {"name": "other"}}"#);
    refused(steps(&foreign), &["the reports cannot go to "]);
}

#[test]
fn a_reports_folder_that_leads_out_of_the_workspace_is_refused() {
    for link in ["reports", "reports/logs", "reports/sarif"] {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("step.x.log"), "mine").unwrap();
        let workspace = with(ONE);
        if link.contains('/') {
            fs::create_dir(workspace.path().join("reports")).unwrap();
        }
        std::os::unix::fs::symlink(outside.path(), workspace.path().join(link)).unwrap();
        refused(steps(&workspace), &["leads out of the workspace", "reports.folder"]);
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1, "{link}");
    }
}

#[test]
fn a_folder_of_ours_is_taken_again() {
    let workspace = with(ONE).file("reports/README.md", "mine");
    steps(&workspace).exits(0);
    assert!(!workspace.path().join("reports/.gitignore").exists());
    // As a run leaves it that was killed, and as one leaves it that did not know of marks.
    for gone in ["run.json", ".slipway"] {
        fs::remove_file(workspace.path().join("reports").join(gone)).unwrap();
        steps(&workspace).exits(0);
    }
    assert_eq!(workspace.report("README.md"), "mine");
}

/// A small file system in memory, until it is dropped.
struct Mount(PathBuf);

impl Mount {
    /// None where we may not mount, which is told; on CI as root we must.
    fn new(folder: &Path, options: &str) -> Option<Self> {
        needs("mount", "util-linux");
        fs::create_dir_all(folder).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "none"]).arg(folder).output();
        if mounted.as_ref().is_ok_and(|output| output.status.success()) {
            return Some(Self(folder.to_owned()));
        }
        let root = rustix::process::getuid().is_root();
        assert!(!root || std::env::var_os("CI").is_none(), "cannot mount as root on CI: {mounted:?}");
        eprintln!("skipped: mounting a small file system is not allowed here");
        None
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

fn fill(path: &Path) {
    use std::io::Write as _;
    let mut file = fs::File::create(path).unwrap();
    while file.write_all(&[b'x'; 4096]).is_ok() {}
}

#[test]
fn a_pipe_in_place_of_the_settings_is_refused_at_once() {
    let workspace = Workspace::library("").tools(Tools::All);
    let made = std::process::Command::new("mkfifo").arg(workspace.path().join("slipway.toml")).status();
    assert!(made.unwrap().success());
    workspace.run(&["config", "show"]).exits(2).says("it is a pipe, not a file");
}
