//! How a run of an image ended.

use std::fmt;

/// How the first process of a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this exit code. Engines tell of signal N as 128 + N.
    Exited(i64),
    /// By this signal.
    Signalled(i32),
    /// It, or a process of it, wanted more memory than it may have.
    OutOfMemory,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "exit code {code}"),
            Self::Signalled(signal) => write!(f, "signal {signal}{}", name(*signal)),
            Self::OutOfMemory => f.write_str("out of memory"),
        }
    }
}

/// The name of a signal that programs die of; the numbers are those of Linux on all processors that images are made for.
fn name(signal: i32) -> &'static str {
    match signal {
        4 => " (SIGILL)",
        6 => " (SIGABRT)",
        7 => " (SIGBUS)",
        8 => " (SIGFPE)",
        9 => " (SIGKILL)",
        11 => " (SIGSEGV)",
        13 => " (SIGPIPE)",
        15 => " (SIGTERM)",
        31 => " (SIGSYS)",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_told_in_words() {
        let told = [End::Exited(3), End::Signalled(11), End::Signalled(40), End::OutOfMemory];
        let told = told.map(|end| end.to_string());
        assert_eq!(told, ["exit code 3", "signal 11 (SIGSEGV)", "signal 40", "out of memory"]);
    }
}
