//! A plugin touches the folders that it was granted, and nothing else.

use std::fs;

use serde_json::{Value, json};

use crate::harness::{Client, Era, House, Plugin, Server};

const ASKS: &str = "[[asks.fs]]\nat = \"*\"\naccess = \"write\"\n";

/// A folder to write, one to read, and a secret beside them.
fn house() -> House {
    let probe = Plugin::guest("fs_probe").asks(ASKS).grants(json!({"fs": [
        {"path": "./open", "at": "/open", "access": "write", "quota": "1MiB", "inodes": 64},
        {"path": "./shown", "at": "/shown", "access": "read"},
    ]}));
    let house = House::new().with(&probe);
    for folder in ["open", "shown", "hidden"] {
        fs::create_dir(house.join(folder)).expect("a folder");
    }
    fs::write(house.join("open/mine.txt"), "mine").expect("a file");
    fs::write(house.join("shown/seen.txt"), "seen").expect("a file");
    fs::write(house.join("hidden/secret.txt"), "the secret").expect("a file");
    house
}

fn steps(client: &mut Client, steps: Value) -> Vec<(bool, String)> {
    let answer = client.call("fs-probe_run", json!({"steps": steps}));
    let went = answer.structured()["steps"].as_array().expect("steps").clone();
    let text = |step: &Value| step["text"].as_str().unwrap_or_default().to_owned();
    went.iter().map(|step| (step["ok"] == true, text(step))).collect()
}

fn step(client: &mut Client, one: Value) -> (bool, String) {
    steps(client, json!([one])).remove(0)
}

fn served() -> (House, Server, Client) {
    let house = house();
    let server = house.serve();
    let client = server.client(Era::Modern);
    (house, server, client)
}

#[test]
fn what_is_granted_works() {
    let (house, _server, mut client) = served();
    let went = steps(
        &mut client,
        json!([
            {"op": "read", "path": "/shown/seen.txt"},
            {"op": "read", "path": "/open/mine.txt"},
            {"op": "write", "path": "/open/new.txt", "text": "new"},
            {"op": "append", "path": "/open/new.txt", "text": "er"},
            {"op": "make_folder", "path": "/open/sub"},
            {"op": "rename", "path": "/open/new.txt", "to": "/open/sub/moved.txt"},
            {"op": "read", "path": "/open/sub/moved.txt"},
            {"op": "list", "path": "/open"},
            {"op": "remove", "path": "/open/sub/moved.txt"},
        ]),
    );
    assert!(went.iter().all(|(ok, _)| *ok), "{went:?}");
    assert_eq!(went[0].1, "seen");
    assert_eq!(went[6].1, "newer");
    assert_eq!(went[7].1, "mine.txt\nsub");
    assert!(house.join("open/sub").is_dir());
}

#[test]
fn no_path_leads_out() {
    let (house, _server, mut client) = served();
    let absolute = house.join("hidden/secret.txt");
    let absolute = absolute.to_str().expect("UTF-8");
    for path in [
        "/open/../hidden/secret.txt",
        "/open/../../etc/passwd",
        "/open/./../hidden/secret.txt",
        "/open//..//hidden//secret.txt",
        "/shown/../open/../hidden/secret.txt",
        "../hidden/secret.txt",
        "hidden/secret.txt",
        "/etc/passwd",
        "/proc/self/environ",
        "/proc/self/fd/0",
        "/dev/zero",
        "/",
        "/hidden/secret.txt",
        "/opened",
        absolute,
    ] {
        let (ok, text) = step(&mut client, json!({"op": "read", "path": path}));
        assert!(!ok && !text.contains("the secret") && !text.contains("root:"), "{path}: {text}");
        let (ok, text) = step(&mut client, json!({"op": "list", "path": path}));
        assert!(!ok, "{path}: {text}");
    }
    let (ok, _) = step(&mut client, json!({"op": "write", "path": "/open/../hidden/new.txt", "text": "x"}));
    assert!(!ok && !house.join("hidden/new.txt").exists());
}

#[test]
fn a_folder_that_is_granted_for_reading_is_not_written() {
    let (house, _server, mut client) = served();
    for attempt in [
        json!({"op": "write", "path": "/shown/new.txt", "text": "x"}),
        json!({"op": "write", "path": "/shown/seen.txt", "text": "x"}),
        json!({"op": "append", "path": "/shown/seen.txt", "text": "x"}),
        json!({"op": "truncate", "path": "/shown/seen.txt"}),
        json!({"op": "make_folder", "path": "/shown/sub"}),
        json!({"op": "remove", "path": "/shown/seen.txt"}),
        json!({"op": "rename", "path": "/shown/seen.txt", "to": "/shown/other.txt"}),
        json!({"op": "rename", "path": "/shown/seen.txt", "to": "/open/stolen.txt"}),
        json!({"op": "rename", "path": "/open/mine.txt", "to": "/shown/planted.txt"}),
        json!({"op": "hard_link", "path": "/shown/seen.txt", "to": "/open/linked.txt"}),
        json!({"op": "hard_link", "path": "/open/mine.txt", "to": "/shown/linked.txt"}),
    ] {
        let (ok, text) = step(&mut client, attempt.clone());
        assert!(!ok, "{attempt}: {text}");
    }
    assert_eq!(fs::read_to_string(house.join("shown/seen.txt")).expect("the file"), "seen");
    assert_eq!(fs::read_dir(house.join("shown")).expect("the folder").count(), 1);
}

#[test]
fn a_guest_makes_no_link() {
    let (house, _server, mut client) = served();
    for target in ["../hidden/secret.txt", "/etc/passwd", "mine.txt", ".."] {
        let (ok, text) = step(&mut client, json!({"op": "symlink", "path": target, "to": "/open/link"}));
        assert!(!ok, "{target}: {text}");
        assert!(fs::symlink_metadata(house.join("open/link")).is_err(), "{target}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_lies_there_leads_nowhere() {
    use std::os::unix::fs::symlink;

    let (house, _server, mut client) = served();
    for (target, name) in [
        ("../hidden/secret.txt", "relative"),
        ("/etc/passwd", "absolute"),
        ("..", "folder"),
        ("/proc/self", "proc"),
        ("self", "self"),
    ] {
        symlink(target, house.join("open").join(name)).expect("a link");
    }
    for path in [
        "/open/relative",
        "/open/absolute",
        "/open/folder/hidden/secret.txt",
        "/open/folder/open/../hidden/secret.txt",
        "/open/proc/environ",
        "/open/self",
    ] {
        let (ok, text) = step(&mut client, json!({"op": "read", "path": path}));
        assert!(!ok && !text.contains("the secret"), "{path}: {text}");
        let (ok, _) = step(&mut client, json!({"op": "write", "path": path, "text": "overwritten"}));
        assert!(!ok || !path.contains("relative"), "{path}");
    }
    assert_eq!(fs::read_to_string(house.join("hidden/secret.txt")).expect("the file"), "the secret");
}

#[cfg(unix)]
#[test]
fn a_file_with_several_links_is_only_read() {
    let (house, _server, mut client) = served();
    fs::hard_link(house.join("hidden/secret.txt"), house.join("open/twin.txt")).expect("a link");
    for attempt in [
        json!({"op": "write", "path": "/open/twin.txt", "text": "x"}),
        json!({"op": "append", "path": "/open/twin.txt", "text": "x"}),
        json!({"op": "truncate", "path": "/open/twin.txt"}),
    ] {
        let (ok, text) = step(&mut client, attempt.clone());
        assert!(!ok, "{attempt}: {text}");
    }
    assert_eq!(fs::read_to_string(house.join("hidden/secret.txt")).expect("the file"), "the secret");
    let (ok, _) = step(&mut client, json!({"op": "read", "path": "/open/twin.txt"}));
    assert!(ok);
}

#[test]
fn a_quota_holds_however_it_is_written() {
    let (house, _server, mut client) = served();
    let over = 1024 * 1024 + 1;
    for attempt in [
        json!([{"op": "write", "path": "/open/big", "bytes": over}]),
        json!([{"op": "write", "path": "/open/big", "bytes": 600_000}, {"op": "append", "path": "/open/big", "bytes": 600_000}]),
        json!([{"op": "write", "path": "/open/big", "bytes": 1}, {"op": "truncate", "path": "/open/big", "bytes": over}]),
        json!([{"op": "write", "path": "/open/big", "bytes": 600_000}, {"op": "write", "path": "/open/bigger", "bytes": 600_000}]),
    ] {
        let went = steps(&mut client, attempt.clone());
        assert!(went.last().is_some_and(|(ok, _)| !ok), "{attempt}: {went:?}");
        let used: u64 = fs::read_dir(house.join("open"))
            .expect("the folder")
            .filter_map(|entry| entry.ok()?.metadata().ok())
            .map(|metadata| metadata.len())
            .sum();
        assert!(used <= 1024 * 1024, "{attempt}: {used} bytes");
        for name in ["big", "bigger"] {
            drop(fs::remove_file(house.join("open").join(name)));
        }
    }
    let many: Vec<Value> =
        (0..100).map(|n| json!({"op": "write", "path": format!("/open/f{n}"), "text": ""})).collect();
    let went = steps(&mut client, json!(many));
    assert!(went.iter().any(|(ok, _)| !ok), "files are counted");
}

#[test]
fn without_a_grant_there_is_no_folder() {
    let house = House::new().with(&Plugin::guest("fs_probe").asks(ASKS));
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    for path in ["/", "/open", ".", "/tmp", "/data"] {
        assert!(!step(&mut client, json!({"op": "list", "path": path})).0, "{path}");
    }
    // Granted and not asked for is not granted.
    let house = House::new()
        .with(&Plugin::guest("fs_probe").grants(json!({"fs": [{"path": "./open", "at": "/open", "access": "write"}]})));
    fs::create_dir(house.join("open")).expect("a folder");
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    assert!(!step(&mut client, json!({"op": "list", "path": "/open"})).0);
}
