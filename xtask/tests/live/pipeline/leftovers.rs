//! What the tests must not leave behind in the engine.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::on_path;

/// How long things of anybody else may take to go.
const PATIENCE: Duration = Duration::from_secs(10);

const LISTS: [(&str, &[&str]); 3] = [
    ("container", &["ps", "--all", "--no-trunc", "--format", "{{.ID}} {{.Image}} {{.Labels}}"]),
    ("network", &["network", "ls", "--no-trunc", "--format", "{{.ID}} {{.Name}}"]),
    ("volume", &["volume", "ls", "--format", "{{.Name}}"]),
];

/// Containers, networks and volumes of the engine at one time.
pub(crate) struct Things(BTreeSet<String>);

impl Things {
    /// What is there now; none where no docker program or no engine is.
    pub(crate) fn of_engine() -> Option<Self> {
        on_path("docker")?;
        let mut all = BTreeSet::new();
        for (kind, list) in LISTS {
            let output = Command::new("docker").args(list).output().ok().filter(|it| it.status.success())?;
            let lines = String::from_utf8_lossy(&output.stdout).into_owned();
            all.extend(lines.lines().map(|line| format!("{kind} {line}")));
        }
        Some(Self(all))
    }

    /// What is there now and was not there then, and stays; none when that is nothing.
    pub(crate) fn left(&self) -> Option<String> {
        let since = Instant::now();
        loop {
            let left: Vec<String> = Self::of_engine()?.0.difference(&self.0).cloned().collect();
            if left.is_empty() {
                return None;
            }
            if since.elapsed() > PATIENCE {
                return Some(left.join("\n"));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}
