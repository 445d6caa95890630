//! Steps that a repository brings itself: how they are run, when they are not, and what is read of their files.

use std::fs::{File, FileTimes};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::{Run, Workspace};

const PASSES: &str =
    r#"<testsuites><testsuite name="s"><testcase name="one" classname="c"/></testsuite></testsuites>"#;
const FAILS: &str = r#"<testsuites><testsuite name="s"><testcase name="one" classname="c"><failure message="no"/></testcase></testsuite></testsuites>"#;

fn with(settings: &str) -> Workspace {
    Workspace::library("").file("slipway.toml", settings)
}

fn run(workspace: &Workspace) -> Run {
    workspace.run(&["ci", "--only", "step"])
}

#[track_caller]
fn step(workspace: &Workspace, name: &str) -> Value {
    let record = workspace.record();
    let steps = record["steps"].as_array().unwrap();
    steps.iter().find(|step| step["id"] == format!("step.{name}")).unwrap().clone()
}

fn lines(workspace: &Workspace, file: &str) -> usize {
    std::fs::read_to_string(workspace.path().join(file)).unwrap_or_default().lines().count()
}

#[test]
fn a_string_is_a_script_and_a_list_is_a_program() {
    let workspace = with(
        "[[steps]]\nname = 'script'\nrun = 'echo $((1 + 1)) | cat > script'\n\
         [[steps]]\nname = 'program'\nrun = ['sh', '-c', 'printf %s \"$1\" > program', '-', 'a b $HOME *']\n",
    );
    run(&workspace).exits(0);
    assert_eq!(std::fs::read_to_string(workspace.path().join("script")).unwrap(), "2\n");
    assert_eq!(std::fs::read_to_string(workspace.path().join("program")).unwrap(), "a b $HOME *");
}

#[test]
fn a_script_stops_at_its_first_failure_and_at_an_unset_variable() {
    for script in ["false; touch reached", "echo $NO_SUCH_VARIABLE; touch reached"] {
        let workspace = with(&format!("[[steps]]\nname = 'x'\nrun = '{script}'\n"));
        run(&workspace).exits(1);
        assert!(!workspace.path().join("reached").exists(), "{script}");
    }
}

#[test]
fn variables_and_folder_are_given() {
    let workspace = with(
        "[[steps]]\nname = 'x'\nfolder = 'sub dir/é'\nenv = { WORD = 'a b' }\nrun = 'echo \"$WORD\" > here'\n",
    )
    .file("sub dir/é/keep", "");
    run(&workspace).exits(0);
    assert_eq!(std::fs::read_to_string(workspace.path().join("sub dir/é/here")).unwrap(), "a b\n");
}

#[test]
fn a_failure_tells_how_to_see_it_again_from_the_root() {
    let workspace = with("[[steps]]\nname = 'x'\nfolder = 'sub dir'\nenv = { WORD = 'a b' }\nrun = 'pwd; echo \"$WORD\"; exit 7'\n")
        .file("sub dir/keep", "");
    let run = run(&workspace).exits(1).says("exit code 7").says("a b");
    let command = run.stderr.lines().find_map(|line| line.trim().strip_prefix("run it again: ")).unwrap();
    let again = std::process::Command::new("sh")
        .args(["-c", command])
        .current_dir(workspace.path())
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(7), "{command}");
    assert!(String::from_utf8_lossy(&again.stdout).contains("sub dir\na b\n"), "{command}");
}

#[test]
fn needs_order_and_a_failed_need_cancels() {
    let workspace = with(
        "[[steps]]\nname = 'last'\nneeds = ['first']\nrun = 'echo last >> order'\n\
         [[steps]]\nname = 'first'\nrun = 'sleep 0.2; echo first >> order'\n\
         [[steps]]\nname = 'broken'\nrun = 'exit 1'\n\
         [[steps]]\nname = 'never'\nneeds = ['broken']\nrun = 'touch reached'\n",
    );
    run(&workspace).exits(1);
    assert_eq!(std::fs::read_to_string(workspace.path().join("order")).unwrap(), "first\nlast\n");
    assert!(!workspace.path().join("reached").exists());
    assert_eq!(step(&workspace, "never")["status"], "cancelled");
    assert_eq!(step(&workspace, "never")["reason"], "needs step.broken, which did not pass");
}

#[test]
fn a_condition_that_does_not_hold_skips_and_says_so() {
    let workspace = with(
        "[[steps]]\nname = 'ci'\nwhen = ['ci']\nrun = 'touch reached'\n[[steps]]\nname = 'here'\nwhen = ['local']\nrun = 'true'\n",
    );
    run(&workspace).exits(0);
    assert_eq!(step(&workspace, "ci")["status"], "skipped");
    assert_eq!(step(&workspace, "ci")["reason"], "runs only when: ci");
    assert_eq!(step(&workspace, "here")["status"], "passed");
    assert!(!workspace.path().join("reached").exists());
}

#[test]
fn a_failure_in_report_only_is_told_and_does_not_fail() {
    let workspace = with(
        "[[steps]]\nname = 'x'\nmode = 'report-only'\nrun = 'exit 3'\n[[steps]]\nname = 'good'\nrun = 'true'\n",
    );
    run(&workspace).exits(0).says("exit code 3");
    assert_eq!(step(&workspace, "x")["status"], "failed");
    assert!(workspace.record()["verdict"]["advisories"].to_string().contains("step.x"));
}

#[test]
fn a_program_that_is_missing_fails() {
    let workspace = with("[[steps]]\nname = 'x'\nrun = ['no-such-program']\n");
    run(&workspace).exits(1).says("no-such-program is not installed, or not on PATH");
}

const COUNTED: &str = "[[steps]]\nname = 'x'\ninputs = ['in/**']\nrun = '''\necho ran >> runs\ntest ! -e broken\necho '<testsuite name=\"s\"><testcase name=\"one\"/></testsuite>' > out.xml\n'''\njunit = ['out.xml']\n";

#[test]
fn a_step_with_inputs_runs_when_something_changed() {
    let workspace = with(COUNTED).file("in/a", "1");
    let runs = |expected: usize, why: &str| {
        run(&workspace);
        assert_eq!(lines(&workspace, "runs"), expected, "{why}");
    };
    runs(1, "the first time");
    runs(1, "nothing changed");
    assert_eq!(step(&workspace, "x")["cached"], true);
    assert_eq!(workspace.record()["tests"]["tests"]["passed"], 1);
    std::fs::write(workspace.path().join("in/a"), "2").unwrap();
    runs(2, "an input changed");
    std::fs::write(workspace.path().join("in/b"), "").unwrap();
    runs(3, "an input is new");
    std::fs::write(workspace.path().join("unrelated"), "").unwrap();
    runs(3, "something else changed");
    std::fs::remove_file(workspace.path().join("in/b")).unwrap();
    runs(4, "an input is gone");
    std::fs::remove_file(workspace.path().join("out.xml")).unwrap();
    runs(5, "its report is gone");
    std::fs::write(workspace.path().join("broken"), "").unwrap();
    std::fs::write(workspace.path().join("in/a"), "3").unwrap();
    runs(6, "an input changed");
    runs(7, "it failed");
    std::fs::remove_file(workspace.path().join("broken")).unwrap();
    runs(8, "it failed again");
    runs(8, "it passed");
    let elsewhere = COUNTED.replace("inputs", "env = { NEW = '1' }\ninputs");
    std::fs::write(workspace.path().join("slipway.toml"), elsewhere).unwrap();
    runs(9, "its environment changed");
    let elsewhere = COUNTED.replace("inputs", "folder = '.x'\ninputs").replace("runs", "../runs");
    std::fs::create_dir(workspace.path().join(".x")).unwrap();
    std::fs::write(workspace.path().join("slipway.toml"), elsewhere.replace("> out", "> ../out")).unwrap();
    runs(10, "its folder changed");
}

#[test]
fn an_input_that_git_ignores_is_an_input() {
    let workspace = with(COUNTED).file(".gitignore", "in\n").file("in/a", "1");
    workspace.git(&["init", "--quiet"]).git(&["add", "."]);
    for (content, expected) in [("1", 1), ("1", 1), ("2", 2)] {
        std::fs::write(workspace.path().join("in/a"), content).unwrap();
        run(&workspace).exits(0);
        assert_eq!(lines(&workspace, "runs"), expected, "{content}");
    }
}

#[test]
fn inputs_that_match_nothing_are_no_reason_to_run_nothing() {
    let workspace = with(&COUNTED.replace("['in/**']", "['in/**', 'mistyped/**']")).file("in/a", "1");
    for expected in 1..=2 {
        run(&workspace).exits(0);
        assert_eq!(lines(&workspace, "runs"), expected);
        assert_eq!(step(&workspace, "x")["cached"], false);
    }
}

#[test]
fn a_report_that_somebody_changed_since_makes_the_step_run_again() {
    let workspace = with(COUNTED).file("in/a", "1");
    run(&workspace).exits(0);
    std::fs::write(workspace.path().join("out.xml"), FAILS).unwrap();
    run(&workspace).exits(0);
    assert_eq!(lines(&workspace, "runs"), 2);
    assert_eq!(workspace.record()["tests"]["tests"]["failed"], 0);
}

fn reading(file: &str, text: &str, key: &str) -> Workspace {
    with(&format!("[[steps]]\nname = 'x'\nrun = 'cat source > made-{file}'\n{key} = ['made-*']\n"))
        .file("source", text)
}

#[test]
fn junit_is_read_and_a_failed_test_in_it_fails() {
    let workspace = reading("j.xml", PASSES, "junit");
    run(&workspace).exits(0);
    assert_eq!(workspace.record()["tests"]["tests"]["passed"], 1);
    assert_eq!(step(&workspace, "x")["artifacts"][0], "made-j.xml");
    run(&reading("j.xml", FAILS, "junit")).exits(1).says("1 test failed");
}

#[test]
fn nothing_measured_is_inconclusive() {
    for (text, key, why) in [
        ("<testsuites/>", "junit", "holds no test"),
        ("", "junit", "made-f"),
        ("not xml at all", "junit", "made-f"),
        ("{}", "sarif", "made-f"),
        ("", "sarif", "made-f"),
    ] {
        let workspace = reading("f", text, key);
        run(&workspace).exits(1).says(why);
        assert_eq!(step(&workspace, "x")["status"], "inconclusive", "{key} {text:?}");
    }
}

#[test]
fn sarif_is_read_and_a_finding_in_it_fails() {
    let result = r#"{"ruleId":"R1","level":"LEVEL","message":{"text":"mind the gap"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"src/lib.rs"},"region":{"startLine":1}}}]}"#;
    let sarif = |results: &str| {
        format!(
            r#"{{"version":"2.1.0","runs":[{{"tool":{{"driver":{{"name":"t"}}}},"results":[{results}]}}]}}"#
        )
    };
    run(&reading("s", &sarif(""), "sarif")).exits(0);
    let workspace = reading("s", &sarif(&result.replace("LEVEL", "error")), "sarif");
    run(&workspace).exits(1).says("1 finding");
    assert_eq!(workspace.record()["findings"][0]["message"], "mind the gap");
    assert!(workspace.report("sarif/step.x.sarif").contains("mind the gap"));
}

#[test]
fn a_tracefile_is_kept_as_an_artifact_and_must_be_there() {
    let workspace = reading("l", "TN:\nSF:src/lib.rs\nDA:1,1\nend_of_record\n", "lcov");
    run(&workspace).exits(0);
    assert_eq!(step(&workspace, "x")["artifacts"][0], "made-l");
    let workspace = with("[[steps]]\nname = 'x'\nrun = 'true'\nlcov = ['none.info']\n");
    run(&workspace).exits(1).says("the step made no file that matches lcov = \"none.info\"");
}

#[test]
fn a_report_of_an_earlier_run_is_not_taken() {
    for age in [Duration::ZERO, Duration::from_mins(1)] {
        for pattern in ["old.xml", "*.xml"] {
            let settings = format!("[[steps]]\nname = 'x'\nrun = 'true'\njunit = ['{pattern}']\n");
            let workspace = with(&settings).file("old.xml", PASSES);
            let old = File::options().append(true).open(workspace.path().join("old.xml")).unwrap();
            old.set_times(FileTimes::new().set_modified(SystemTime::now() - age)).unwrap();
            run(&workspace).exits(1).says("the step made no file that matches junit");
            assert_eq!(step(&workspace, "x")["status"], "inconclusive");
            assert_eq!(workspace.record()["tests"]["tests"]["passed"], 0);
        }
    }
}

#[test]
fn a_report_that_is_written_again_is_taken_whatever_its_time() {
    let workspace = with("[[steps]]\nname = 'x'\nrun = 'cat source > out.xml; touch -d 2001-01-01 out.xml'\njunit = ['out.xml']\n")
        .file("source", PASSES)
        .file("out.xml", FAILS)
        .tools(crate::support::Tools::All);
    run(&workspace).exits(0);
}

#[test]
fn a_name_that_exists_twice_a_ring_and_an_unknown_need_are_refused() {
    let step = |name: &str, needs: &str| {
        format!("[[steps]]\nname = '{name}'\nneeds = [{needs}]\nrun = 'touch reached'\n")
    };
    for (settings, says) in [
        (step("a", "") + &step("a", ""), "a"),
        (step("a", "'b'") + &step("b", "'a'"), "in a ring"),
        (step("a", "'tset'"), "did you mean `test`?"),
    ] {
        let workspace = with(&settings);
        run(&workspace).exits(2).says(says).says("hint: ");
        assert!(!workspace.path().join("reached").exists());
    }
}

/// What people choose for a password, with a character for each format to escape.
const PASSWORD: &str = r#"pass"word\with<every>kind&of'quote"#;

#[track_caller]
fn tells_no_password(workspace: &Workspace, run: &Run, files: &[&str]) {
    let mut texts = vec![("stderr", run.stderr.clone()), ("stdout", run.stdout.clone())];
    texts.extend(files.iter().map(|file| (*file, workspace.report(file))));
    for (place, text) in texts {
        for part in [
            "pass\"word",
            "pass\\\"word",
            "pass&quot;word",
            "kind&of",
            "kind&amp;of",
            "with<every",
            "with&lt;e",
        ] {
            assert!(!text.contains(part), "{place} has {part}:\n{text}");
        }
    }
}

#[test]
fn a_secret_that_a_format_escapes_is_masked() {
    // Every character of it as a number: no form of the secret stands in these files.
    let json: String =
        PASSWORD.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect::<Vec<_>>().concat();
    let xml: String = PASSWORD.chars().map(|c| format!("&#{};", u32::from(c))).collect::<Vec<_>>().concat();
    let sarif = format!(
        r#"{{"version":"2.1.0","runs":[{{"tool":{{"driver":{{"name":"t"}}}},"results":[{{"ruleId":"R1","level":"error","message":{{"text":"it is {json}"}}}}]}}]}}"#
    );
    let junit = format!(
        r#"<testsuite name="s"><testcase name="one {xml}"><failure message="no {xml}">cause {xml}</failure></testcase></testsuite>"#
    );
    for (key, text) in [("sarif", sarif), ("junit", junit)] {
        let workspace = reading("f", &text, key).env("DATABASE_PASSWORD", PASSWORD);
        let run = run(&workspace).exits(1);
        tells_no_password(&workspace, &run, &["run.json", "summary.md", "index.html"]);
        assert!(workspace.report("run.json").contains("***"), "{key}");
    }
}

#[test]
fn a_secret_among_the_variables_of_a_step_is_masked() {
    let workspace = with(&format!(
        "[[steps]]\nname = 'x'\nrun = 'echo \"it is $DATABASE_PASSWORD\"; exit 1'\n[steps.env]\nDATABASE_PASSWORD = '''{PASSWORD}'''\n"
    ));
    let failed = run(&workspace).exits(1).says("it is ***");
    tells_no_password(&workspace, &failed, &["run.json", "summary.md", "index.html"]);
    let planned = workspace.run(&["ci", "--only", "step", "--dry-run"]).exits(0);
    tells_no_password(&workspace, &planned, &[]);
}
