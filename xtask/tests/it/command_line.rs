//! The command line, as people and programs use it.

use std::process::Command;

use serde_json::Value;

use crate::support::{Tools, Workspace};

const VERBS: [&[&str]; 11] = [
    &[],
    &["ci"],
    &["lint"],
    &["test"],
    &["report"],
    &["report", "show"],
    &["report", "open"],
    &["doctor"],
    &["config"],
    &["config", "show"],
    &["config", "explain"],
];

const STEPS: &str = "[[steps]]\nname = 'good'\nrun = 'echo some words'\n[[steps]]\nname = 'bad'\nrun = 'echo other words; exit 4'\n";

fn with(settings: &str) -> Workspace {
    Workspace::library("").file("slipway.toml", settings)
}

#[test]
fn help_says_what_to_do_in_one_line_and_gives_an_example() {
    let workspace = Workspace::empty();
    for verb in VERBS {
        let run = workspace.run(&[verb, &["--help"]].concat()).exits(0);
        assert_eq!(run.stderr, "");
        let first = run.stdout.lines().next().unwrap();
        let word = first.split([' ', ':', ',']).next().unwrap();
        let imperative = ["Run", "Show", "Look", "Print", "Open", "Explain"];
        assert!(
            imperative.contains(&word) && first.ends_with('.')
                || first.len() > 10 && imperative.contains(&word),
            "{verb:?}: {first}"
        );
        let is_group = verb.len() == 1 && matches!(verb[0], "report" | "config");
        assert!(is_group || run.stdout.contains("Example: cargo xtask "), "{verb:?}\n{}", run.stdout);
    }
}

#[test]
fn examples_in_the_help_are_understood() {
    let workspace = with(STEPS).tools(Tools::All);
    for verb in VERBS {
        let help = workspace.run(&[verb, &["--help"]].concat()).stdout;
        let Some(example) = help.split("Example: cargo xtask ").nth(1) else { continue };
        let words: Vec<&str> =
            example.lines().next().unwrap().split(" > ").next().unwrap().split(' ').collect();
        // Its flags must be right; the folder that it names is not there.
        let (flags, filters) =
            words.split_at(words.iter().position(|word| *word == "--").unwrap_or(words.len()));
        let run = workspace.run(&[flags, &["--dry-run"], filters].concat());
        assert!(
            !run.stderr.contains("unexpected argument") && !run.stderr.contains("Usage:"),
            "{words:?}: {}",
            run.stderr
        );
    }
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    let workspace = with(STEPS);
    for wrong in [
        &[][..],
        &["cii"],
        &["ci", "--nope"],
        &["ci", "-q", "-v"],
        &["test", "--retries", "many"],
        &["ci", "--color", "red"],
    ] {
        let run = workspace.run(wrong).exits(2);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("Usage:") || run.stderr.contains("error:"), "{}", run.stderr);
    }
    workspace.run(&["cii"]).says("'ci'");
    workspace.run(&["ci", "--mode", "bock"]).exits(2).says("block");
}

#[test]
fn a_dry_run_runs_nothing_and_its_commands_work_when_pasted() {
    let source = "//! Demo.\n\n#[test]\nfn adds() {\n    assert_eq!(1 + 1, 2);\n}\n";
    for tools in [Tools::Bare, Tools::All] {
        let workspace = Workspace::library(source)
            .file("sub dir/keep", "")
            .file("slipway.toml", "[[steps]]\nname = 'x'\nfolder = 'sub dir'\nenv = { WORD = \"it's\" }\nrun = '''\necho \"$WORD\" > made\n# a comment, and 'quotes'\n'''\n[[steps]]\nname = 'y'\nrun = ['mkdir', 'a b']\n")
            .tools(tools);
        let only = "fmt,clippy,rustdoc,test,step";
        let plan = workspace.run(&["ci", "--dry-run", "--only", only]).exits(0);
        assert_eq!(plan.stderr, "");
        assert!(
            !workspace.path().join("reports").exists() && !workspace.path().join("sub dir/made").exists()
        );
        let mut shell = Command::new("sh");
        let ran = shell
            .args(["-e", "-c", &plan.stdout])
            .current_dir(workspace.path())
            .envs(workspace.variables())
            .output();
        let ran = ran.unwrap();
        assert!(ran.status.success(), "{}\n{}", plan.stdout, String::from_utf8_lossy(&ran.stderr));
        assert_eq!(std::fs::read_to_string(workspace.path().join("sub dir/made")).unwrap(), "it's\n");
        assert!(workspace.path().join("a b").is_dir());
    }
}

#[test]
fn programs_read_json_lines_and_nothing_else() {
    let workspace = with(STEPS);
    let run = workspace.run(&["ci", "--only", "step", "--message-format", "json"]).exits(1);
    let events: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!((names[0], *names.last().unwrap()), ("planned", "judged"));
    for name in ["started", "line", "finished"] {
        assert!(names.contains(&name), "{name}");
    }
    let last = events.last().unwrap();
    assert_eq!((&last["verdict"]["decision"], &last["verdict"]["exit_code"]), (&"fail".into(), &1.into()));
    assert!(last["record"].as_str().unwrap().ends_with("reports/run.json"));
    assert_eq!(run.stderr, "");
    for args in [&["ci", "--dry-run"][..], &["report", "show"], &["doctor"]] {
        let run = workspace.run(&[args, &["--message-format", "json"]].concat());
        let mut values = serde_json::Deserializer::from_str(&run.stdout).into_iter::<Value>();
        assert!(values.all(|value| value.is_ok()) && !run.stdout.is_empty(), "{args:?}: {}", run.stdout);
    }
}

#[test]
fn colour_is_shown_where_it_is_wanted() {
    let coloured = |workspace: &Workspace, args: &[&str]| {
        workspace.run(&[&["ci", "--only", "good"], args].concat()).exits(0).stderr.contains('\u{1b}')
    };
    let plain = with(STEPS);
    assert!(!coloured(&plain, &[]));
    assert!(coloured(&plain, &["--color", "always"]));
    let forced = with(STEPS).env("CLICOLOR_FORCE", "1");
    assert!(coloured(&forced, &[]));
    assert!(!coloured(&forced, &["--color", "never"]));
    let refused = with(STEPS).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1");
    assert!(!coloured(&refused, &[]));
    assert!(coloured(&refused, &["--color", "always"]));
}

#[test]
fn quiet_tells_failures_and_the_verdict_and_verbose_tells_all() {
    let workspace = with(STEPS);
    let told = |args: &[&str]| workspace.run(&[&["ci", "--only", "step"], args].concat()).exits(1).stderr;
    let (normal, quiet, verbose) = (told(&[]), told(&["-q"]), told(&["-v"]));
    assert!(normal.contains("step.good        passed") && !normal.contains("| some words"));
    assert!(!quiet.contains("step.good        passed") && quiet.contains("step.bad         failed"));
    for told in [&normal, &quiet, &verbose] {
        assert!(told.contains("exit code 4") && told.contains("other words") && told.contains("Failed: "));
        assert_eq!(told.matches("    other words\n").count(), 1, "a failure is told once:\n{told}");
    }
    assert!(verbose.contains("step.good        | some words\n"));
}

#[test]
fn the_exit_code_follows_the_verdict_and_the_mode() {
    let workspace = with(STEPS);
    workspace.run(&["ci", "--only", "good"]).exits(0);
    workspace.run(&["ci", "--only", "bad"]).exits(1);
    workspace.run(&["ci", "--only", "bad", "--mode", "report-only"]).exits(0).says("Failed: ");
    // Nothing was judged: the only steps are skipped.
    workspace.run(&["ci", "--only", "good", "--skip", "good"]).exits(1).says("Inconclusive: ");
    workspace.run(&["ci", "--only", "good", "--skip", "good", "--mode", "report-only"]).exits(0);
}

#[test]
fn the_last_report_is_shown_and_exits_as_the_run_did() {
    let workspace = with(STEPS);
    for question in ["show", "open"] {
        workspace
            .run(&["report", question])
            .exits(2)
            .says("there is no report in ")
            .says("\nhint: make one with `cargo xtask ci`");
    }
    let run = workspace.run(&["ci", "--only", "step"]).exits(1);
    let shown = workspace.run(&["report", "show"]).exits(1);
    assert!(run.stderr.contains(shown.stdout.trim_end()), "{}\n{}", run.stderr, shown.stdout);
    workspace
        .run(&["report", "open"])
        .exits(3)
        .says("no program is found that opens a page")
        .says("index.html");
    let workspace = workspace.file("reports/run.json", "{");
    workspace.run(&["report", "show"]).exits(2).says("run.json cannot be read").says("\nhint: ");
}

#[test]
fn the_settings_are_shown_explained_and_described() {
    let workspace = with("mode = 'report-only'\n").env("SLIPWAY_TEST_RETRIES", "2");
    let shown = workspace.run(&["config", "show"]).exits(0).stdout;
    assert!(shown.parse::<toml::Table>().is_ok(), "{shown}");
    assert!(shown.contains("slipway.toml") && shown.contains("SLIPWAY_TEST_RETRIES"), "{shown}");
    let explained = workspace.run(&["config", "explain", "test.retries"]).exits(0).stdout;
    assert!(explained.contains("SLIPWAY_TEST_RETRIES"), "{explained}");
    workspace.run(&["config", "explain", "test.retires"]).exits(2).says("did you mean `test.retries`?");
    let schema: Value = serde_json::from_str(&workspace.run(&["config", "schema"]).exits(0).stdout).unwrap();
    assert!(schema["properties"]["steps"].is_object());
    // Outside of any workspace too.
    Workspace::empty().run(&["config", "schema"]).exits(0);
}

#[test]
fn a_reader_that_goes_away_is_no_crash() {
    let workspace = with(STEPS);
    let mut command = workspace.command(&["ci", "--only", "good", "--message-format", "json"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command
        .stdout(writer)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}
