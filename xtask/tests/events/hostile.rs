//! A pull request whose branch and whose tests are called what nobody should be called: the real executable, from the event to
//! the log, the outputs, the summary and the comment.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use serde_json::json;
use tempfile::TempDir;

/// A shell would run it, GitHub's runner would take it for a command, and GitHub would mention, link and render it.
const NAME: &str = "x'\"`touch pwned`$(touch pwned);touch pwned\n::error::forged\n  ::set-output name=verdict::pass\n##[warning]forged @everyone <script>alert(1)</script> [a](https://evil.example) \u{1b}[31m\u{202e}";

const HEAD: &str = "ec26c3e57ca3a959ca5aad62de7213c562f8c821";

struct Scene(TempDir);

impl Scene {
    fn new() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        let escaped: String = NAME
            .chars()
            .filter(|c| *c == '\n' || !c.is_control())
            .map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("&#{};", u32::from(c)) })
            .collect();
        let side =
            |branch: &str, of: &str| json!({ "ref": branch, "sha": HEAD, "repo": { "full_name": of } });
        let payload = json!({
            "action": "opened", "number": 1,
            "pull_request": { "title": NAME, "head": side(NAME, "eve/parcels"), "base": side("main", "ada/parcels") },
        });
        scene
            .file("Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n")
            .file("src/lib.rs", "")
            .file("slipway.toml", "[[steps]]\nname = 'x'\nrun = 'cat in.xml; cp in.xml out.xml'\njunit = ['out.xml']\n")
            .file("in.xml", &format!("<testsuite name=\"{escaped}\"><testcase name=\"{escaped}\"><failure message=\"{escaped}\">{escaped}</failure></testcase></testsuite>\n"))
            .file("event.json", &payload.to_string());
        scene
    }

    fn file(&self, name: &str, text: &str) -> &Self {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.path().join(name)).unwrap()
    }

    fn run(&self, args: &[&str]) -> Output {
        let kept = ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "LLVM_PROFILE_FILE"];
        let kept = kept.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)));
        let here = |name: &str| self.0.path().join(name).to_str().unwrap().to_owned();
        let env: BTreeMap<String, String> = [
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_EVENT_NAME", "pull_request".to_owned()),
            ("GITHUB_EVENT_PATH", here("event.json")),
            ("GITHUB_REF", "refs/pull/1/merge".to_owned()),
            ("GITHUB_HEAD_REF", NAME.to_owned()),
            ("GITHUB_SHA", HEAD.to_owned()),
            ("GITHUB_REPOSITORY", "ada/parcels".to_owned()),
            ("GITHUB_ACTOR", NAME.to_owned()),
            ("GITHUB_OUTPUT", here("output")),
            ("GITHUB_STEP_SUMMARY", here("summary.md")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(args).current_dir(self.0.path()).env_clear().envs(kept).envs(env);
        command.output().unwrap()
    }
}

/// What a program of GitHub's makes of the file of outputs.
fn outputs(text: &str) -> BTreeMap<String, String> {
    let (mut outputs, mut lines) = (BTreeMap::new(), text.lines());
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").unwrap_or_else(|| panic!("{line:?}"));
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        assert!(outputs.insert(name.to_owned(), value.join("\n")).is_none(), "{name} twice");
    }
    outputs
}

#[test]
fn names_stay_names_from_the_event_to_the_comment() {
    let scene = Scene::new();
    let ran = scene.run(&["ci", "--only", "step", "--mode", "block"]);
    let log = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
    assert_eq!(ran.status.code(), Some(1), "{log}");
    let comment = scene.run(&["comment", "--dry-run"]);
    let comment = String::from_utf8(comment.stdout).unwrap();
    assert!(!scene.0.path().join("pwned").exists());
    for line in log.lines().map(str::trim) {
        let is_forged = line.starts_with("::error::forged") || line.starts_with("::set-output");
        // The runner looks for commands of the old form only where it has found none of the new one.
        let is_ours = line.starts_with("::error title=");
        assert!(!is_forged && (is_ours || !line.contains("##[warning]")), "{line:?} in {log}");
    }
    assert!(!log.contains('\u{202e}') && !log.contains("\u{1b}[31m"), "{log}");
    let outputs = outputs(&scene.read("output"));
    assert_eq!((outputs["verdict"].as_str(), outputs["exit-code"].as_str()), ("fail", "1"));
    assert_eq!(comment.matches("<!--").count(), 1, "{comment}");
    let page = scene.read("reports/index.html");
    assert!(!page.contains("<script>alert"), "{page}");
    // What is alive in Markdown and what only stands in code is told apart where it is rendered.
    for text in [scene.read("summary.md"), comment, page] {
        assert!(text.contains("forged") && !text.contains('\u{202e}'), "{text}");
    }
}
