//! The `patchboard` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    patchboard::cli::main()
}
