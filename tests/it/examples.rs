//! What `examples/` shows is what works.

use std::{fs, path::Path};

use crate::harness::{
    House, Plugin,
    binary::{bulkhead, repository},
};

fn certificate(dir: &Path) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    fs::write(dir.join("server.crt"), made.cert.pem()).expect("a file");
    fs::write(dir.join("server.key"), made.signing_key.serialize_pem()).expect("a file");
}

/// Whatever an example names beside itself.
fn furnish(dir: &Path, acme: &House) {
    certificate(dir);
    fs::create_dir(dir.join("documents")).expect("a folder");
    fs::copy(acme.join("acme.pub.pem"), dir.join("acme.pub.pem")).expect("the signer's key");
    for name in ["weather", "file"] {
        let signed = acme.sign_with(&Plugin::real(name), "acme.pem");
        fs::write(dir.join(format!("{name}.wasm")), signed).expect("a plugin");
    }
}

#[test]
fn every_example_configuration_passes_check() {
    let acme = House::new();
    acme.keygen("acme");
    let mut checked = 0;
    for example in fs::read_dir(repository().join("examples")).expect("examples/").flatten() {
        let Ok(config) = fs::read(example.path().join("mcp.yaml")) else { continue };
        let user = tempfile::tempdir().expect("a folder");
        furnish(user.path(), &acme);
        fs::write(user.path().join("mcp.yaml"), config).expect("a file");
        let ran = bulkhead()
            .arg("check")
            .current_dir(user.path())
            .env("DESKTOP_KEY", "d".repeat(64))
            .env("AGENTS_KEY", "a".repeat(64))
            .output()
            .expect("bulkhead runs");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{}: {said}", example.path().display());
        assert!(String::from_utf8_lossy(&ran.stdout).contains("weather 1.0.0  served"), "{said}");
        checked += 1;
    }
    assert!(checked >= 2, "examples/ holds configurations");
}
