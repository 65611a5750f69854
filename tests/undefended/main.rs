//! The binary with defences that can be switched off, for the hostile corpus
//! alone: `tests/it/corpus` shows with it that its tests can fail.

use std::process::ExitCode;

fn main() -> ExitCode {
    bulkhead::cli::run()
}
