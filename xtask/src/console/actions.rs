//! GitHub Actions: the output of a step is a group, written in one go when the step ends, so that steps which run
//! at the same time do not mix and every group is closed. Foreign text cannot give commands to the service.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::look::Look;
use super::plain::{Running, SignOfLife, ending};
use super::say::say;
use crate::kit::text;
use crate::model::progress::{Progress, Sink};
use crate::model::step::Status;

/// Lines of a step that the service's log shows; the step's own log has all.
const SHOWN: usize = 2000;

/// Prints groups and signs of life.
pub(super) struct Actions {
    look: Look,
    running: Running,
    output: Mutex<BTreeMap<String, Buffer>>,
    #[expect(dead_code, reason = "dropping it ends the thread")]
    life: SignOfLife,
}

#[derive(Default)]
struct Buffer {
    lines: VecDeque<String>,
    left_out: usize,
}

impl Actions {
    pub(super) fn new(look: Look) -> Self {
        let running = Running::default();
        let life = SignOfLife::start(running.clone());
        Self { look, running, output: Mutex::default(), life }
    }
}

impl Sink for Actions {
    fn tell(&self, progress: &Progress) {
        self.running.hear(progress);
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        match progress {
            Progress::Started { step, command, .. } => {
                let buffer = output.entry(step.clone()).or_default();
                buffer.push(format!("$ {}", command.as_deref().unwrap_or_default()));
            }
            Progress::Line { step, text } => output.entry(step.clone()).or_default().push(text.clone()),
            Progress::Finished { step, status, .. } => {
                if let Some(buffer) = output.remove(step) {
                    say(&group(step, *status, &buffer));
                }
                let told = ending(progress, self.look);
                if !told.is_empty() {
                    say(&text::workflow_text(&told));
                }
            }
            Progress::Planned { .. } => {}
        }
    }
}

impl Buffer {
    fn push(&mut self, line: String) {
        self.lines.push_back(line);
        if self.lines.len() > SHOWN {
            self.lines.pop_front();
            self.left_out += 1;
        }
    }
}

/// The lines stand between `stop-commands` and a token that they cannot hold: it is made from them.
/// Source: <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>.
fn group(step: &str, status: Status, buffer: &Buffer) -> String {
    let mut digest = Sha256::new();
    for line in &buffer.lines {
        digest.update(line.as_bytes());
    }
    let token = text::hex(&digest.finalize());
    let mut lines = vec![format!("::group::{step} {}", status.word()), format!("::stop-commands::{token}")];
    if buffer.left_out > 0 {
        lines.push(format!("… {} lines left out; the step's log has them", buffer.left_out));
    }
    lines.extend(buffer.lines.iter().map(|line| text::terminal(line)));
    lines.extend([format!("::{token}::"), "::endgroup::".to_owned()]);
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_closes_and_its_lines_give_no_commands() {
        let mut buffer = Buffer::default();
        buffer.push("::set-env name=PATH::/evil".to_owned());
        buffer.push("::endgroup::".to_owned());
        let text = group("test.suite", Status::Failed, &buffer);
        let lines: Vec<&str> = text.lines().collect();
        let token = lines[1].strip_prefix("::stop-commands::").unwrap();
        assert_eq!(lines[0], "::group::test.suite failed");
        assert_eq!(lines[4..], [format!("::{token}::").as_str(), "::endgroup::"]);
        assert_eq!(token.len(), 64);
    }

    #[test]
    fn an_endless_step_does_not_fill_the_log() {
        let mut buffer = Buffer::default();
        (0..SHOWN + 5).for_each(|line| buffer.push(line.to_string()));
        assert_eq!((buffer.lines.len(), buffer.left_out, buffer.lines[0].as_str()), (SHOWN, 5, "5"));
    }
}
