//! The executable; everything is in the library.

use std::io::IsTerminal as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let env = std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .collect();
    xtask::run(std::env::args_os(), env, std::io::stderr().is_terminal())
}
