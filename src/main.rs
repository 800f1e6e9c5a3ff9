//! The thin binary: hands the command line to the library and returns its exit code.

use std::process::ExitCode;

/// Requests are made of many small pieces of memory, and threads free what others took.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    whopays::cli::main()
}
