//! The `patchboard` command.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A request makes some hundred small allocations: what they cost shows.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    patchboard::cli::main()
}
