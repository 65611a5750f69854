//! Components from source. Each is built once a run, whichever test asks
//! first; several runs at once wait for one another.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex, OnceLock},
};

use super::binary::repository;

const TARGET: &str = "wasm32-wasip2";

/// The component of the guest in `tests/guests/NAME.rs`.
pub fn guest(name: &str) -> Arc<[u8]> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let target = repository().join("target/guests");
        let mut cargo = cargo(&repository().join("tests/guests/Cargo.toml"), &target);
        cargo.args(["--release", "--examples"]);
        build(cargo, &target);
        target.join(TARGET).join("release/examples")
    });
    component(&folder.join(format!("{name}.wasm")))
}

/// The component of the plugin in `plugins/NAME`.
pub fn plugin(name: &str) -> Arc<[u8]> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        // Where `bulkhead build` builds them, in the profile that it uses.
        let target = repository().join("target/plugins");
        let mut cargo = cargo(&repository().join("Cargo.toml"), &target);
        cargo.args(["--profile", "plugin", "--lib"]);
        for name in ["calc", "everything", "file", "weather"] {
            cargo.args(["--package", &format!("bulkhead-plugin-{name}")]);
        }
        build(cargo, &target);
        target.join(TARGET).join("plugin")
    });
    component(&folder.join(format!("bulkhead_plugin_{name}.wasm")))
}

/// The bytes of `path`, read once a run.
pub fn component(path: &Path) -> Arc<[u8]> {
    static READ: Mutex<BTreeMap<PathBuf, Arc<[u8]>>> = Mutex::new(BTreeMap::new());
    let mut read = READ.lock().expect("no test panics here");
    if let Some(bytes) = read.get(path) {
        return bytes.clone();
    }
    let bytes: Arc<[u8]> = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).into();
    read.insert(path.to_owned(), bytes.clone());
    bytes
}

fn cargo(manifest: &Path, target: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--target", TARGET, "--manifest-path"]).arg(manifest);
    cargo.arg("--target-dir").arg(target).current_dir(repository());
    // What the test's own build was told is not meant for this one.
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "CARGO_TARGET_DIR", "RUSTC_WRAPPER"] {
        cargo.env_remove(name);
    }
    cargo
}

fn build(mut cargo: Command, target: &Path) {
    fs::create_dir_all(target).unwrap_or_else(|error| panic!("{}: {error}", target.display()));
    let lock = File::create(target.join("tests.lock")).expect("a lock file in the target folder");
    lock.lock().expect("the lock");
    let built = cargo.output().unwrap_or_else(|error| panic!("cargo: {error}"));
    assert!(
        built.status.success(),
        "{cargo:?} failed; it takes `rustup target add {TARGET}`\n{}",
        String::from_utf8_lossy(&built.stderr)
    );
}
