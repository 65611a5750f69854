//! The binary: everything is in the library, so that it can be tested.

#[cfg(feature = "undefended")]
compile_error!("defences that can be switched off are for `bulkhead-undefended`: add `--bin bulkhead-undefended`");

use std::process::ExitCode;

fn main() -> ExitCode {
    bulkhead::cli::run()
}
