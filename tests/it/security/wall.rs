//! The second wall, around the whole process.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::harness::{Era, House, Plugin, Reaction, Server, Upstream, binary::run, wait_until};

/// A field of `/proc/PID/status`.
fn status(server: &Server, field: &str) -> String {
    let text = fs::read_to_string(format!("/proc/{}/status", server.id())).expect("its status");
    let found = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    found.unwrap_or_else(|| panic!("no {field} in {text}")).trim().to_owned()
}

fn most_core_bytes(server: &Server) -> String {
    let text = fs::read_to_string(format!("/proc/{}/limits", server.id())).expect("its limits");
    let line = text.lines().find(|line| line.starts_with("Max core file size")).expect("the line");
    line.split_whitespace().rev().nth(1).expect("the hard limit").to_owned()
}

#[test]
fn a_server_gives_up_what_it_does_not_need() {
    let house = House::new().with(&Plugin::guest("echo"));
    let server = house.serve();
    for (field, value) in [("Seccomp", "2"), ("Seccomp_filters", "2"), ("NoNewPrivs", "1"), ("Umask", "0027")] {
        assert_eq!(status(&server, field), value, "{field}: {}", server.lines());
    }
    assert_eq!(most_core_bytes(&server), "0");
    assert!(server.lines().have(&["confined: files and ports (Landlock ABI", "seccomp", "no core dumps"]));
    // Every thread of it: none began before. One that has ended meanwhile says nothing.
    let tasks = fs::read_dir(format!("/proc/{}/task", server.id())).expect("its threads").map_while(Result::ok);
    let threads: Vec<String> = tasks.filter_map(|task| fs::read_to_string(task.path().join("status")).ok()).collect();
    assert!(threads.len() > 1, "{threads:?}");
    for thread in threads {
        assert!(thread.lines().any(|line| line == "Seccomp:\t2"), "{thread}");
    }
    wait_until("it serves", || server.client(Era::Modern).call("echo_run", json!({"text": "a"})).is_ok());
}

#[test]
fn whoever_writes_it_down_is_served_without() {
    let house = House::new().with(&Plugin::guest("echo")).set("hardening", json!({"enabled": false}));
    let server = house.serve();
    assert_eq!(status(&server, "Seccomp"), "0");
    assert!(server.lines().have(&["not confined: hardening.enabled is false"]), "{}", server.lines());
}

#[test]
fn check_says_what_would_hold() {
    let house = House::new().set("hardening", json!({"require": true}));
    let ran = run(house.path(), &["check"]);
    assert!(ran.stdout.contains("confined: files and ports (Landlock ABI"), "{ran:#?}");
    let told: Value = serde_json::from_str(&run(house.path(), &["check", "--json"]).stdout).expect("JSON");
    assert_eq!(told["hardening"]["missing"], json!([]), "{told}");
    assert_eq!(told["hardening"]["noNewPrivileges"], true, "{told}");
}

/// What the plugin `file` answers when it reads `/data/a`.
fn reads(server: &Server) -> Option<String> {
    let answer = server.client(Era::Modern).call("file_read", json!({"path": "/data/a"}));
    answer.is_ok().then(|| answer.structured()["content"].as_str().expect("a text").to_owned())
}

fn mount(config: &mut Value, path: &Path) {
    config["plugins"]["file"]["grants"]["fs"] = json!([{"path": path, "at": "/data", "access": "write"}]);
}

#[test]
fn a_later_folder_has_to_be_one_that_was_kept() {
    let outside = tempfile::tempdir().expect("a folder");
    for name in ["first", "kept/second", "elsewhere"] {
        fs::create_dir_all(outside.path().join(name)).expect("a folder");
        fs::write(outside.path().join(name).join("a"), name).expect("a file");
    }
    let kept = outside.path().join("kept");
    let mut house = House::new().with(&Plugin::real("file")).set("hardening", json!({"roots": [kept]}));
    house.edit(|config| mount(config, &outside.path().join("first")));
    let server = house.serve();
    wait_until("the first folder is mounted", || reads(&server).as_deref() == Some("first"));

    house.edit(|config| mount(config, &outside.path().join("elsewhere")));
    server.lines().wait_for(&[
        "the old one holds",
        "plugins.file.grants.fs",
        "elsewhere",
        "restart the server",
        "hardening.roots",
    ]);
    assert_eq!(reads(&server).as_deref(), Some("first"), "{}", server.lines());

    house.edit(|config| mount(config, &kept.join("second")));
    server.lines().wait_for(&["the new configuration holds"]);
    wait_until("the kept folder is mounted", || reads(&server).as_deref() == Some("kept/second"));
}

#[test]
fn a_later_port_has_to_be_one_that_was_kept() {
    let upstream = Upstream::always(Reaction::ok("hello"));
    let port = upstream.port();
    let rule = json!({"http": [{"scheme": "http", "host": "127.0.0.1", "port": port, "allowPrivate": true}]});
    let fetch = Plugin::guest("fetch").asks("[[asks.http]]\nscheme = \"http\"\nhost = \"*\"\n");
    for kept in [json!([]), json!([port])] {
        let mut house = House::new().with(&fetch).set("hardening", json!({"ports": kept}));
        let server = house.serve();
        let fetched = || server.client(Era::Modern).call("fetch_run", json!({"url": upstream.url("/")})).is_ok();
        house.edit(|config| config["plugins"]["fetch"]["grants"] = rule.clone());
        if kept == json!([]) {
            server.lines().wait_for(&["the old one holds", "plugins.fetch.grants.http", &port.to_string(), "restart"]);
            assert!(!fetched(), "{}", server.lines());
        } else {
            wait_until("the kept port is dialled", fetched);
        }
    }
}
