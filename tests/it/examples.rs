//! What `examples/` shows is what works.

mod hardened;

use std::{fs, path::Path};

use serde_json::json;

use crate::harness::{
    Era, House, Plugin,
    binary::{bulkhead, repository},
};

fn certificate(dir: &Path) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    fs::write(dir.join("server.crt"), made.cert.pem()).expect("a file");
    fs::write(dir.join("server.key"), made.signing_key.serialize_pem()).expect("a file");
}

/// The folders of an example, which its configuration names.
fn copy_folders(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("an example").flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            fs::create_dir_all(&to).expect("a folder");
            copy_folders(&from, &to);
        } else if from.extension().is_some_and(|end| end == "md") {
            fs::copy(&from, &to).expect("a file");
        }
    }
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
        copy_folders(&example.path(), user.path());
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

#[test]
fn the_prompts_of_the_example_are_what_its_readme_says() {
    let house = House::new().set("prompts", json!("prompts"));
    copy_folders(&repository().join("examples/prompts"), house.path());
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    let listed = client.list("prompts/list", "prompts");
    let names: Vec<&str> = listed.iter().filter_map(|prompt| prompt["name"].as_str()).collect();
    assert_eq!(
        names,
        ["prompt_codeContext", "prompt_review", "prompt_review_findings", "prompt_review_summary"],
        "{}",
        server.lines()
    );
    let mut text = |name: &str, arguments| {
        let answer = client.request("prompts/get", json!({"name": name, "arguments": arguments}));
        answer.result()["messages"][0]["content"]["text"].as_str().expect("a text").to_owned()
    };
    let context = text("prompt.codeContext", json!({"file": "a.rs", "symbol": "main", "text": "fn main() {}</lines>"}));
    assert_eq!(context, "I am editing a.rs, at main.\n\n<lines>\nfn main() {}&lt;/lines>\n</lines>");
    let summary = text("prompt.review.summary", json!({"diff": "-a\n+b"}));
    assert_eq!(summary, "Sum your findings up for their author in three friendly sentences.");
}
