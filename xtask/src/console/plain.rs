//! Plain lines: one when a step starts, one when it ends, and a sign of life in between.

use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use console::style;

use super::look::{Detail, Look};
use super::say::say;
use crate::kit::text;
use crate::model::progress::{Progress, Sink};
use crate::model::step::Status;

/// How often a step that is still running is named.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);

/// Columns for the id of a step.
const ID: usize = 16;

/// Prints lines; fit for logs.
pub(super) struct Plain {
    look: Look,
    running: Running,
    #[expect(dead_code, reason = "dropping it ends the thread")]
    life: SignOfLife,
}

impl Plain {
    pub(super) fn new(look: Look) -> Self {
        let running = Running::default();
        let life = SignOfLife::start(running.clone());
        Self { look, running, life }
    }
}

impl Sink for Plain {
    fn tell(&self, progress: &Progress) {
        self.running.hear(progress);
        match progress {
            Progress::Started { step, command, .. } if self.look.detail > Detail::Quiet => {
                let command = command.as_deref().unwrap_or_default();
                say(&format!("{step:<ID$} started  {}", text::shorten(&text::terminal(command), 160)));
            }
            Progress::Line { step, text } if self.look.detail == Detail::Verbose => {
                say(&format!("{step:<ID$} | {}", text::terminal(text)));
            }
            Progress::Finished { .. } => {
                let told = ending(progress, self.look);
                if !told.is_empty() {
                    say(&told);
                }
            }
            _ => {}
        }
    }
}

/// How a step ended: a line, and a failure in full. Empty when nothing needs saying.
pub(super) fn ending(progress: &Progress, look: Look) -> String {
    let Progress::Finished { step, status, reason, excerpt, command, duration } = progress else {
        return String::new();
    };
    let bad = matches!(status, Status::Failed | Status::Inconclusive);
    let word = coloured(*status, look);
    if !bad {
        let quiet = look.detail == Detail::Quiet || *status == Status::Skipped || look.terminal;
        let why = reason.as_ref().map(|reason| format!("  {}", text::terminal(reason))).unwrap_or_default();
        return if quiet {
            String::new()
        } else {
            format!("{step:<ID$} {word}   {}{why}", text::duration(*duration))
        };
    }
    let mut lines = vec![format!("{step:<ID$} {word}   {}", text::duration(*duration))];
    if let Some(reason) = reason {
        lines.push(format!("  {}", text::terminal(reason)));
    }
    if let Some(excerpt) = excerpt {
        lines.push(String::new());
        lines.extend(text::terminal(excerpt).trim_end().lines().map(|line| format!("    {line}")));
        lines.push(String::new());
    }
    if let Some(command) = command {
        lines.push(format!("  run it again: {}", text::terminal(command)));
    }
    lines.join("\n")
}

fn coloured(status: Status, look: Look) -> String {
    let word = style(status.word()).force_styling(look.colour);
    match status {
        Status::Passed => word.green(),
        Status::Failed => word.red().bold(),
        Status::Inconclusive => word.yellow().bold(),
        Status::Skipped | Status::Cancelled => word.dim(),
    }
    .to_string()
}

/// What runs right now, since when, and what it said last.
#[derive(Clone, Default)]
pub(super) struct Running(Arc<Mutex<BTreeMap<String, (Instant, String)>>>);

impl Running {
    pub(super) fn hear(&self, progress: &Progress) {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match progress {
            Progress::Started { step, .. } => {
                running.insert(step.clone(), (Instant::now(), String::new()));
            }
            Progress::Line { step, text } if !text.trim().is_empty() => {
                if let Some((_, last)) = running.get_mut(step) {
                    text.clone_into(last);
                }
            }
            Progress::Finished { step, .. } => {
                running.remove(step);
            }
            _ => {}
        }
    }

    fn tell(&self) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (step, (since, last)) in running.iter() {
            let said = text::shorten(text::terminal(last).trim(), 100);
            say(&format!("{step:<ID$} running  {}  {said}", text::duration(since.elapsed())));
        }
    }
}

/// A thread that names what is running, until it is dropped.
pub(super) struct SignOfLife(#[expect(dead_code, reason = "dropping it ends the thread")] Sender<()>);

impl SignOfLife {
    pub(super) fn start(running: Running) -> Self {
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            while receiver.recv_timeout(SIGN_OF_LIFE) == Err(RecvTimeoutError::Timeout) {
                running.tell();
            }
        });
        Self(sender)
    }
}
