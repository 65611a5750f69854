//! Real folders of sources.

use std::{fs, path::Path};

use bulkhead_plugin_repo::{Root, Scope};
use tempfile::TempDir;

pub(crate) fn filled(files: &[(&str, &str)]) -> (TempDir, Root) {
    let dir = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        put(dir.path(), path, text);
    }
    let root = Root::new(dir.path());
    (dir, root)
}

pub(crate) fn put(dir: &Path, path: &str, text: impl AsRef<[u8]>) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
    fs::write(path, text).expect("a file");
}

pub(crate) fn repository() -> (TempDir, Root) {
    filled(&[
        (".gitignore", "target/\n*.log\n!keep.log\n/only_here.txt\n"),
        (".git/config", "needle password = secret\n"),
        (".hidden/a.rs", "needle hidden\n"),
        ("src/main.rs", "fn main() {\n    // a needle here\n    let x = 1;\n}\n"),
        ("src/deep/.gitignore", "made.rs\n"),
        ("src/deep/lib.rs", "/// Needle in upper case.\npub struct Needle;\n"),
        ("src/deep/made.rs", "needle made\n"),
        ("target/out.rs", "needle built\n"),
        ("a.log", "needle logged\n"),
        ("keep.log", "needle kept\n"),
        ("only_here.txt", "needle\n"),
        ("docs/only_here.txt", "needle there\n"),
        ("web/app.ts", "export function needle(): void {}\n"),
    ])
}

pub(crate) fn everything(root: &Root) -> Scope {
    Scope::new(root, None, &[]).expect("a scope")
}
