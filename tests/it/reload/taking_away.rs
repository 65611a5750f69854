//! A revocation, and the removal of a grant or a key, cancel what relied on
//! it; the end of the process does not.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use serde_json::json;

use super::house;
use crate::harness::{Era, House, Plugin, binary::must_run, metrics, ports, wait_until};

/// How long what relied on something may go on, on a busy machine. The promise is a second.
pub(super) const SOON: Duration = Duration::from_secs(5);

#[test]
fn a_revoked_plugin_stops_within_a_second() {
    let house = House::new().with(&Plugin::guest("echo")).with(&Plugin::guest("slow").limits(json!({"time": "60s"})));
    let server = house.serve();
    let told = must_run(house.path(), &["inspect", "plugins/slow.wasm", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&told.stdout).expect("JSON");
    let digest = told["digest"].as_str().expect("a digest").trim_start_matches("sha256:").to_owned();
    thread::scope(|scope| {
        let long = scope.spawn(|| server.client(Era::Modern).call("slow_run", json!({"milliseconds": 50_000})));
        thread::sleep(Duration::from_millis(500));
        must_run(house.path(), &["revoke", &format!("digest:{digest}"), "--reason", "a test", "--config", "mcp.yaml"]);
        let revoked = Instant::now();
        let answer = long.join().expect("no panic");
        assert!(!answer.is_ok(), "{answer:?}");
        assert!(revoked.elapsed() < SOON, "{:?}", revoked.elapsed());
    });
    let mut client = server.client(Era::Modern);
    wait_until("it is no longer listed", || !client.tools().contains(&"slow_run".to_owned()));
    assert!(client.call("echo_run", json!({"text": "a"})).is_ok());
}

#[test]
fn a_list_of_revocations_that_shrinks_takes_nothing_back() {
    let house = House::new().with(&Plugin::guest("echo"));
    let server = house.serve();
    let plugin = house.join("plugins/echo.wasm");
    let told = must_run(house.path(), &["inspect", "plugins/echo.wasm", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&told.stdout).expect("JSON");
    let digest = told["digest"].as_str().expect("a digest").trim_start_matches("sha256:").to_owned();
    must_run(house.path(), &["revoke", &format!("digest:{digest}"), "--reason", "a test", "--config", "mcp.yaml"]);
    let mut client = server.client(Era::Modern);
    wait_until("it is no longer listed", || client.tools().is_empty());
    let (list, file) = (house.join("mcp.revoked"), fs::read(&plugin).expect("a file"));
    for is_emptied in [true, false] {
        let said = server.lines().total();
        if is_emptied { fs::write(&list, "# nothing\n") } else { fs::remove_file(&list) }.expect("less is revoked");
        let told = || server.lines().since(said).iter().any(|line| line.contains("stays revoked"));
        wait_until("it says that something is missing", told);
        fs::write(&plugin, &file).expect("a file to be loaded");
        thread::sleep(Duration::from_secs(1));
        assert!(client.tools().is_empty(), "it is served again");
    }
}

#[test]
fn a_key_that_is_trusted_no_longer_takes_its_plugins_along() {
    let (mut house, _press) = house();
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    assert!(!client.tools().is_empty());
    house.keygen("another");
    house.edit(|config| config["trust"]["keys"][0]["publicKey"] = json!("file:another.pub.pem"));
    wait_until("nothing is served", || client.tools().is_empty());
}

#[test]
fn a_grant_that_is_taken_back_is_gone() {
    let probe = Plugin::guest("env_probe").asks("[[asks.env]]\nname = \"UNITS\"\n");
    let mut house = House::new().with(&probe.grants(json!({"env": {"UNITS": "metric"}})));
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    // A call that is under way at that moment ends with it.
    let mut units =
        move || client.call("env-probe_run", json!({})).message["result"]["structuredContent"]["env"].clone();
    assert_eq!(units(), json!({"UNITS": "metric"}));
    house.edit(|config| config["plugins"]["env-probe"]["grants"] = json!({}));
    wait_until("the variable is gone", || units() == json!({}));
}

#[test]
fn a_drain_loses_no_call() {
    let admin = ports::free();
    let house = House::new().with(&Plugin::guest("slow").limits(json!({"time": "30s"})));
    let house = house.set("admin", json!({"listen": admin.to_string()}));
    let mut server = house.serve();
    thread::scope(|scope| {
        let calls: Vec<_> = Era::ALL
            .into_iter()
            .cycle()
            .take(8)
            .map(|era| {
                let mut client = server.client(era);
                scope.spawn(move || client.call("slow_run", json!({"milliseconds": 2_000})).text())
            })
            .collect();
        metrics::wait_until_begun(admin, 8);
        server.terminate();
        for call in calls {
            assert_eq!(call.join().expect("no panic"), "awake");
        }
    });
    assert_eq!(server.ended_within(Duration::from_secs(20)), 0);
}
