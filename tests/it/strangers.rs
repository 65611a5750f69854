//! As a new user would: somebody else's signed file is added, reviewed,
//! granted one thing, called, and removed, with nothing pasted by hand.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use bulkhead_base::Digest;
use serde_json::json;

use crate::harness::{
    Era, House, Plugin, Server,
    binary::{bulkhead, must_run, run},
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

#[test]
fn a_plugin_is_the_same_bytes_wherever_it_is_built() {
    // Another folder, another hour, and other people's sources in another place.
    let built = |dir: &Path, home: &Path| {
        fs::create_dir_all(dir).expect("a folder");
        must_run(dir, &["new", "twice", "--lang", "rust"]);
        let args = ["build", "twice", "--out", "twice.wasm"];
        let built = bulkhead().args(args).env("CARGO_HOME", home).current_dir(dir).output().expect("bulkhead");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        fs::read(dir.join("twice.wasm")).expect("the plugin file")
    };
    let usual = env::var_os("CARGO_HOME").map(PathBuf::from);
    let usual = usual.unwrap_or_else(|| env::home_dir().expect("a home").join(".cargo"));
    let work = tempfile::tempdir().expect("a folder");
    let first = built(&work.path().join("one"), &usual);
    let home = work.path().join("other-home");
    fs::create_dir(&home).expect("a folder");
    symlink(usual.join("registry"), home.join("registry")).expect("a link");
    let second = built(&work.path().join("another/and/deeper"), &home);

    let names = |bytes: &[u8], path: &Path| {
        let path = path.to_str().expect("UTF-8").as_bytes();
        bytes.windows(path.len()).any(|window| window == path)
    };
    assert!(!names(&first, &usual) && !names(&first, work.path()), "it names a folder of this machine");
    assert!(names(&first, Path::new("/cargo/registry")), "the test would see one");
    assert_eq!(Digest::of(&first), Digest::of(&second));
}
