//! Ctrl-C and SIGTERM, as a flag that everything looks at. The first signal asks to stop, the second insists, the third
//! does not ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::kit::exit::Exit;

/// Whether somebody wants the run to end; clones share one flag.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Watches this process's signals from now on.
    ///
    /// # Errors
    /// When the operating system does not let us.
    pub fn watch() -> std::io::Result<Self> {
        let interrupt = Self::default();
        #[cfg(unix)]
        {
            use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
            let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
            let raised = interrupt.clone();
            std::thread::spawn(move || {
                for _ in signals.forever() {
                    raised.raise();
                    if raised.is_hopeless() {
                        std::process::exit(Exit::Interrupted.code().into());
                    }
                }
            });
        }
        Ok(interrupt)
    }

    /// Asks to stop, as a signal does.
    pub fn raise(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// Somebody asked to stop.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }

    /// Somebody asked a third time: whoever should have ended us does not look.
    fn is_hopeless(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 2
    }

    /// Somebody asked again: no more patience.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 1
    }
}
