//! The build without defences cannot be taken for the one that is shipped.

use std::{fs, path::Path, process::Command};

use crate::harness::{binary::BULKHEAD, undefended};

fn version(binary: &Path) -> String {
    let ran = Command::new(binary).arg("--version").output().expect("it runs");
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

fn has(binary: &Path, needle: &str) -> bool {
    let bytes = fs::read(binary).unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
    String::from_utf8_lossy(&bytes).contains(needle)
}

#[test]
fn what_is_shipped_has_no_switch_and_what_has_one_says_so() {
    let (shipped, undefended) = (Path::new(BULKHEAD), undefended::path());
    assert!(version(undefended).contains("UNDEFENDED"), "{}", version(undefended));
    assert!(!version(shipped).contains("UNDEFENDED"), "{}", version(shipped));
    assert!(has(undefended, undefended::VARIABLE), "the search finds it where it is");
    assert!(!has(shipped, undefended::VARIABLE));
    assert!(!has(shipped, "UNDEFENDED"));
    let ran = undefended::without("none", Path::new("/")).args(["serve", "--config", "none.yaml"]).output();
    let said = String::from_utf8_lossy(&ran.expect("it runs").stderr).into_owned();
    assert!(said.contains("can do without its defences"), "{said}");
}
