//! The `bulkhead` that was just built.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

/// Where it is.
pub const BULKHEAD: &str = env!("CARGO_BIN_EXE_bulkhead");

/// The repository's folder.
pub fn repository() -> &'static Path {
    let host = Path::new(env!("CARGO_MANIFEST_DIR"));
    host.parent().expect("host/ lies in the repository")
}

/// A command of it, in an environment without surprises.
pub fn bulkhead() -> Command {
    let mut command = Command::new(BULKHEAD);
    command.stdin(Stdio::null()).env_remove("MCP_API_KEY").env_remove("BULKHEAD_API_KEY").env_remove("RUST_LOG");
    for proxy in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy", "NO_PROXY"] {
        command.env_remove(proxy);
    }
    command
}

/// What came of a command.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Runs it in `dir` with `args` to its end.
pub fn run(dir: &Path, args: &[&str]) -> Ran {
    let Output { status, stdout, stderr } =
        bulkhead().args(args).current_dir(dir).output().unwrap_or_else(|error| panic!("{BULKHEAD}: {error}"));
    Ran {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

/// Runs it like [`run`], and expects it to do what it was asked.
pub fn must_run(dir: &Path, args: &[&str]) -> Ran {
    let ran = run(dir, args);
    assert_eq!(ran.code, 0, "bulkhead {}: {ran:#?}", args.join(" "));
    ran
}
