//! The executable; everything is in the library.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use xtask::tools::rustc_wrapper;
#[cfg(target_os = "linux")]
use xtask::tools::sandbox;

fn main() -> ExitCode {
    if std::env::args_os().next().is_some_and(|program| rustc_wrapper::is_called(&program)) {
        return rustc_wrapper::run(std::env::args_os());
    }
    #[cfg(target_os = "linux")]
    if std::env::args_os().next().is_some_and(|program| sandbox::is_called(&program)) {
        return sandbox::called(std::env::args_os());
    }
    let env = std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .collect();
    xtask::run(std::env::args_os(), env, std::io::stderr().is_terminal())
}
