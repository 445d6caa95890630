//! The live view on a terminal: a line for each running step, with the time and what it said last.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::look::Look;
use super::plain::ending;
use super::say::say;
use crate::kit::text;
use crate::model::progress::{Progress, Sink};

/// Redraws a few lines at the bottom of the terminal.
pub(super) struct Live {
    look: Look,
    bars: MultiProgress,
    gap: ProgressBar,
    running: Mutex<BTreeMap<String, ProgressBar>>,
}

impl Live {
    pub(super) fn new(look: Look) -> Self {
        let bars = MultiProgress::new();
        // When the terminal echoes `^C` all lines move up by one, and the first is out of reach: it shall be blank.
        let gap = bars.add(ProgressBar::new_spinner());
        if let Ok(blank) = ProgressStyle::with_template(" ") {
            gap.set_style(blank);
        }
        gap.tick();
        Self { look, bars, gap, running: Mutex::default() }
    }

    fn say(&self, text: &str) {
        self.bars.suspend(|| say(text));
    }

    fn start(&self, step: &str) -> ProgressBar {
        let bar = self.bars.add(ProgressBar::new_spinner());
        let template = if self.look.colour {
            "{spinner:.cyan} {prefix:<16} {elapsed:>5}  {wide_msg:.dim}"
        } else {
            "{spinner} {prefix:<16} {elapsed:>5}  {wide_msg}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(step.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }
}

impl Sink for Live {
    fn tell(&self, progress: &Progress) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match progress {
            Progress::Started { step, .. } => {
                running.insert(step.clone(), self.start(step));
            }
            Progress::Line { step, text } => {
                if let Some(bar) = running.get(step)
                    && !text.trim().is_empty()
                {
                    bar.set_message(text::shorten(text::terminal(text).trim(), 200));
                }
            }
            Progress::Finished { step, .. } => {
                if let Some(bar) = running.remove(step) {
                    bar.finish_and_clear();
                    self.bars.remove(&bar);
                }
                let told = ending(progress, self.look);
                if !told.is_empty() {
                    self.say(&format!("{told}\n"));
                }
            }
            Progress::Planned { .. } => {}
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        for bar in self.running.lock().unwrap_or_else(PoisonError::into_inner).values() {
            bar.finish_and_clear();
        }
        self.gap.finish_and_clear();
        let _ = self.bars.clear();
    }
}
