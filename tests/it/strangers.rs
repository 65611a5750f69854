//! As a new user would: somebody else's signed file is added, reviewed,
//! granted one thing, called, and removed, with nothing pasted by hand.

use std::fs;

use serde_json::json;

use crate::harness::{
    Era, House, Plugin, Server,
    binary::{must_run, run},
};

#[test]
fn a_strangers_file_is_added_called_and_removed() {
    let author = House::new();
    let probe =
        Plugin::guest("fs_probe").asks("[[asks.fs]]\nat = \"*\"\naccess = \"write\"\nwhy = \"to look around\"\n");
    let file = author.sign(&probe);

    let user = tempfile::tempdir().expect("a folder");
    let dir = user.path();
    must_run(dir, &["init"]);
    fs::create_dir(dir.join("data")).and_then(|()| fs::write(dir.join("data/a.txt"), "hello")).expect("a file");
    fs::write(dir.join("stranger.wasm"), file).expect("a file");

    let seen = must_run(dir, &["inspect", "stranger.wasm"]);
    assert!(seen.stdout.contains("fs-probe") && seen.stdout.contains("to look around"), "{seen:#?}");
    assert_ne!(run(dir, &["verify", "stranger.wasm"]).code, 0, "nobody trusts it yet");

    let refused = run(dir, &["add", "stranger.wasm", "--grant", "fs=./data:/data:ro"]);
    assert!(refused.code != 0 && refused.stderr.contains("bulkhead trust"), "it says what to do: {refused:#?}");
    fs::copy(author.join("key.pub.pem"), dir.join("stranger.pub.pem")).expect("the author's public key");
    must_run(dir, &["add", "stranger.wasm", "--key", "stranger.pub.pem", "--grant", "fs=./data:/data:ro"]);
    let config = fs::read_to_string(dir.join("mcp.yaml")).expect("the configuration");
    assert!(config.contains("fs-probe") && config.contains("/data"), "{config}");
    let checked = must_run(dir, &["check"]);
    assert!(format!("{}{}", checked.stdout, checked.stderr).contains("fs-probe"), "{checked:#?}");

    {
        let server = Server::stdio(dir, &[]);
        let mut client = crate::harness::Client::stdio(server.1, Era::Modern);
        let steps = json!({"steps": [{"op": "read", "path": "/data/a.txt"}, {"op": "write", "path": "/data/b.txt", "text": "x"}]});
        let answer = client.call("fs-probe_run", steps);
        assert_eq!(answer.structured()["steps"][0], json!({"ok": true, "text": "hello"}));
        assert_eq!(answer.structured()["steps"][1]["ok"], false, "it may only read: {answer:?}");
    }
    let called = must_run(
        dir,
        &["call", "fs-probe.run", r#"{"steps":[{"op":"read","path":"/data/a.txt"}]}"#, "--config", "mcp.yaml"],
    );
    assert!(called.stdout.contains("hello"), "{called:#?}");
    let listed = must_run(dir, &["list", "tools", "--config", "mcp.yaml"]);
    assert!(listed.stdout.contains("fs-probe"), "{listed:#?}");

    must_run(dir, &["remove", "fs-probe"]);
    let config = fs::read_to_string(dir.join("mcp.yaml")).expect("the configuration");
    assert!(!config.contains("fs-probe:"), "{config}");
}

#[test]
fn without_a_terminal_nothing_is_granted() {
    let author = House::new();
    let probe = Plugin::guest("fs_probe").asks("[[asks.fs]]\nat = \"*\"\naccess = \"write\"\n");
    let user = tempfile::tempdir().expect("a folder");
    fs::write(user.path().join("stranger.wasm"), author.sign(&probe)).expect("a file");
    must_run(user.path(), &["init"]);
    fs::copy(author.join("key.pub.pem"), user.path().join("author.pub.pem")).expect("the author's public key");
    must_run(user.path(), &["add", "stranger.wasm", "--key", "author.pub.pem"]);
    let config = fs::read_to_string(user.path().join("mcp.yaml")).expect("the configuration");
    assert!(config.contains("fs-probe"), "{config}");
    assert!(!config.lines().any(|line| !line.trim_start().starts_with('#') && line.contains("path:")), "{config}");
}

#[test]
fn a_plugin_is_written_built_signed_and_served() {
    let work = tempfile::tempdir().expect("a folder");
    let dir = work.path();
    must_run(dir, &["new", "greeter", "--lang", "rust"]);
    must_run(dir, &["keygen", "--out", "me.pem"]);
    must_run(dir, &["build", "greeter", "--sign", "me.pem", "--out", "greeter.wasm"]);
    let verified = must_run(dir, &["verify", "greeter.wasm", "--key", "me.pub.pem"]);
    assert!(verified.stdout.contains("key:"), "{verified:#?}");
    must_run(dir, &["init"]);
    must_run(dir, &["trust", "me.pub.pem", "--plugins", "greeter"]);
    must_run(dir, &["add", "greeter.wasm"]);
    let listed = must_run(dir, &["list", "tools", "--config", "mcp.yaml"]);
    assert!(listed.stdout.contains("greeter"), "{listed:#?}");
}
