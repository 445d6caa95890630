//! The live view in a real terminal, which tmux gives and reads.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::Workspace;

/// A terminal that runs `cargo xtask ARGS`, until it is dropped.
struct Terminal {
    tmux: PathBuf,
    place: TempDir,
}

impl Terminal {
    /// None where there is no tmux, which is told; on CI there must be one.
    fn run(workspace: &Workspace, columns: u16, args: &str) -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap();
        let found =
            std::env::split_paths(&path).map(|folder| folder.join("tmux")).find(|path| path.is_file());
        assert!(
            found.is_some() || std::env::var_os("CI").is_none(),
            "tmux is not installed (apt-get install tmux)"
        );
        let Some(tmux) = found else {
            eprintln!("skipped: tmux is not installed (apt-get install tmux)");
            return None;
        };
        let terminal = Self { tmux, place: tempfile::tempdir().unwrap() };
        let script =
            format!("trap : INT; {} {args}; echo \"exit code $?\"; sleep 60", env!("CARGO_BIN_EXE_xtask"));
        let columns = columns.to_string();
        let mut start = terminal.command();
        start.args(["-f", "/dev/null", "new-session", "-d", "-x", &columns, "-y", "70", "sh", "-c", &script]);
        let started =
            start.env_clear().envs(workspace.variables()).current_dir(workspace.path()).output().unwrap();
        assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
        Some(terminal)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.tmux);
        command.arg("-S").arg(self.place.path().join("socket"));
        command
    }

    /// What the screen shows once it shows this.
    fn showing(&self, text: &str) -> String {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let captured = self.command().args(["capture-pane", "-p"]).output().unwrap();
            let screen = String::from_utf8_lossy(&captured.stdout).trim_end().to_owned();
            if screen.contains(text) {
                return screen;
            }
            assert!(Instant::now() < deadline, "{text} is never shown:\n{screen}");
            std::thread::sleep(Duration::from_millis(30));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.command().arg("kill-server").output();
    }
}

const STEPS: &str = "[[steps]]\nname = 'fails'\nrun = 'echo a cause; exit 5'\n\
                     [[steps]]\nname = 'slow'\nrun = '''\necho one; sleep 0.3\n\
                     printf 'two \\033[2J\\033[31m\\n'; while ! test -e go; do sleep 0.05; done\n'''\n";

#[test]
fn what_runs_is_shown_live_and_what_failed_once() {
    for columns in [60, 140] {
        let workspace = Workspace::library("").file("slipway.toml", STEPS);
        let Some(terminal) = Terminal::run(&workspace, columns, "ci --only step") else { return };
        let screen = terminal.showing("two");
        assert!(screen.lines().last().unwrap().contains("step.slow"), "{screen}");
        assert!(screen.contains("a cause"), "a failure waits for nobody:\n{screen}");
        std::fs::write(workspace.path().join("go"), "").unwrap();
        let end = terminal.showing("\nexit code 1");
        assert!(!end.contains("two"), "the live line is gone:\n{end}");
        assert_eq!(end.lines().filter(|line| line.trim() == "a cause").count(), 1, "{end}");
        let table = end.lines().skip_while(|line| !line.starts_with("step  ")).collect::<Vec<_>>();
        let row = |step: &str| *table.iter().find(|line| line.starts_with(step)).unwrap();
        assert!(row("step.slow").contains("passed") && row("step.fails").contains("failed"), "{end}");
        assert_eq!(row("step.slow").find("passed"), table[0].find("result"), "{end}");
        assert!(end.lines().all(|line| line.chars().count() <= usize::from(columns)));
        assert!(end.contains("Failed: 1 of 2 gates does not pass"), "{end}");
    }
}

#[test]
fn ctrl_c_leaves_a_tidy_terminal() {
    let workspace = Workspace::library("").file("slipway.toml", STEPS);
    let Some(terminal) = Terminal::run(&workspace, 100, "ci --only slow") else { return };
    terminal.showing("two");
    terminal.command().args(["send-keys", "C-c"]).output().unwrap();
    let screen = terminal.showing("reports: ");
    assert!(!screen.lines().any(|line| line.trim_end().ends_with("two")), "{screen}");
    assert_eq!(workspace.record()["verdict"]["exit_code"], 130);
}
