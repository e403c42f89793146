//! The `blogctl` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    blogctl::cli::main()
}
