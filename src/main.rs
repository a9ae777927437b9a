//! The `mutu` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    mutu::cli::run()
}
