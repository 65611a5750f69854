//! The build whose defences can be switched off, one at a time. Built once a
//! run, beside the binary under test and in its profile, by whoever asks first.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use super::binary::{BULKHEAD, repository};

/// The variable that names the defence which is off.
pub const VARIABLE: &str = "BULKHEAD_UNDEFENDED";

/// What cargo tells a test, and would take for a change if it were told itself.
const TOLD: [&str; 5] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "OUT_DIR"];

/// A command of it in `dir`, without `defence`.
pub fn without(defence: &str, dir: &Path) -> Command {
    let mut command = Command::new(path());
    command.env(VARIABLE, defence).current_dir(dir).stdin(Stdio::null()).env_remove("RUST_LOG");
    command
}

/// Where it is.
pub fn path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let folder = Path::new(BULKHEAD).parent().expect("a folder of the profile");
        let profile = match folder.file_name().and_then(|name| name.to_str()) {
            Some("debug") => "dev",
            Some(name) => name,
            None => panic!("no profile in {BULKHEAD}"),
        };
        let mut cargo = Command::new(env!("CARGO"));
        // What that is stands in `.cargo/config.toml`.
        cargo.args(["undefended", "--quiet", "--profile", profile]).current_dir(repository());
        cargo.arg("--target-dir").arg(folder.parent().expect("the target folder"));
        let told = |name: &String| TOLD.iter().any(|prefix| name.starts_with(prefix));
        for name in std::env::vars().map(|(name, _)| name).filter(told) {
            cargo.env_remove(name);
        }
        let built = cargo.output().unwrap_or_else(|error| panic!("cargo: {error}"));
        assert!(built.status.success(), "{cargo:?}\n{}", String::from_utf8_lossy(&built.stderr));
        folder.join("bulkhead-undefended")
    })
}
