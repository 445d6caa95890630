//! The executable. It only hands the command line over; everything else is in the library, where it can be
//! tested.

use std::process::ExitCode;

fn main() -> ExitCode {
    app::run(std::env::args_os())
}
