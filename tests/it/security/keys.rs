//! API keys while it serves: rotated, changed, taken away; and what each may ask for.

use std::{thread, time::Duration};

use bulkhead_base::Digest;
use serde_json::{Value, json};

use crate::harness::{Client, Era, House, Plugin, Server, metrics, ports, wait_until};

const OLD: &str = "old-key-of-agents-old-key-of-agents-old";
const NEW: &str = "new-key-of-agents-new-key-of-agents-new";

fn house() -> House {
    let kv = Plugin::guest("kv_probe").asks("[asks.kv]\nwhy = \"remembers\"\n").grants(json!({"kv": true}));
    let slow = Plugin::guest("slow").limits(json!({"time": "60s"}));
    House::new()
        .with(&Plugin::guest("echo"))
        .with(&kv)
        .with(&slow)
        .set("allowAnonymous", json!(false))
        .set("scopes", json!({"all": ["*"], "echo": ["echo.run"]}))
}

fn agents(key: &str) -> Value {
    json!({"name": "agents", "key": key, "scopes": ["all"]})
}

/// The status of a request with `key`.
fn status(server: &Server, key: &str) -> u16 {
    let client = Client::http(server.address(), Era::Modern, Some(key));
    server.exchange(&client.http_request(&client.message("tools/list", json!({})))).head.status
}

#[test]
fn a_key_is_rotated_without_a_gap_and_its_holder_stays_who_it_is() {
    let mut house = house().set("apiKeys", json!([agents(OLD)]));
    let server = house.serve().loaded(3);
    let mut old = server.client_with_key(Era::Legacy, OLD);
    let set = json!({"op": "set", "key": "a", "value": "kept"});
    assert!(old.call("kv-probe_run", set).is_ok());
    // The new one beside it, by its hash alone.
    let hash = format!("sha256:{}", Digest::of(NEW.as_bytes()).hex());
    let hashed = json!({"name": "agents", "keyHash": hash, "scopes": ["all"]});
    house.edit(|config| config["apiKeys"] = json!([agents(OLD), hashed]));
    wait_until("the new key opens", || status(&server, NEW) == 200);
    assert!(old.call("echo_run", json!({"text": "a"})).is_ok(), "the old one still does");
    let mut new = server.client_with_key(Era::Legacy, NEW);
    let get = json!({"op": "get", "key": "a"});
    assert_eq!(new.call("kv-probe_run", get.clone()).text(), "kept", "the same holder");
    thread::scope(|scope| {
        let long = scope.spawn(|| {
            server.client_with_key(Era::Modern, NEW).call("slow_run", json!({"milliseconds": 3_000})).is_ok()
        });
        let lost = scope.spawn(|| {
            server
                .client_with_key(Era::Modern, OLD)
                .try_request("tools/call", json!({"name": "slow_run", "arguments": {"milliseconds": 30_000}}))
        });
        thread::sleep(Duration::from_millis(700));
        house.edit(|config| config["apiKeys"] = json!([hashed]));
        wait_until("the old key is gone", || status(&server, OLD) == 401);
        assert!(long.join().expect("no panic"), "what the new key began goes on");
        assert!(!lost.join().expect("no panic").is_ok_and(|answer| answer.is_ok()), "what the old one began does not");
    });
    assert_eq!(new.call("kv-probe_run", get).text(), "kept");
    assert!(old.try_request("tools/list", json!({})).is_ok_and(|answer| answer.status == 401));
}

#[test]
fn the_one_key_changes_while_it_serves() {
    let mut house = house().set("apiKey", json!(OLD));
    let server = house.serve().loaded(3);
    assert_eq!((status(&server, OLD), status(&server, NEW)), (200, 401));
    house.edit(|config| config["apiKey"] = json!(NEW));
    wait_until("the new key opens", || status(&server, NEW) == 200);
    assert_eq!(status(&server, OLD), 401);
    // Without any key it would be open to every page: refused, and the last one holds on.
    house.edit(|config| drop(config.as_object_mut().expect("a map").remove("apiKey")));
    server.lines().wait_for(&["no key is asked for"]);
    assert_eq!((status(&server, NEW), status(&server, OLD)), (200, 401));
}

#[test]
fn a_right_that_a_key_loses_is_gone_with_what_relied_on_it() {
    let mut house = house().set("apiKeys", json!([agents(OLD)]));
    let server = house.serve().loaded(3);
    thread::scope(|scope| {
        let call = scope.spawn(|| {
            let arguments = json!({"name": "slow_run", "arguments": {"milliseconds": 50_000}});
            server.client_with_key(Era::Modern, OLD).try_request("tools/call", arguments)
        });
        thread::sleep(Duration::from_millis(700));
        house.edit(|config| config["apiKeys"][0]["scopes"] = json!(["echo"]));
        assert!(!call.join().expect("no panic").is_ok_and(|answer| answer.is_ok()), "cancelled");
    });
    let mut client = server.client_with_key(Era::Modern, OLD);
    wait_until("the right is gone", || client.tools() == ["echo_run"]);
    assert!(!client.call("slow_run", json!({"milliseconds": 1})).is_ok());
}

#[test]
fn a_key_has_its_own_rate_and_its_own_number_of_calls_at_once() {
    let rated = json!({"name": "rated", "key": OLD, "scopes": ["all"], "rate": "3/h"});
    let narrow = json!({"name": "narrow", "key": NEW, "scopes": ["all"], "concurrency": 1});
    let free = json!({"name": "free", "key": "key-of-somebody-without-limits", "scopes": ["all"]});
    let admin = ports::free();
    let house = house().set("apiKeys", json!([rated, narrow, free])).set("admin", json!({"listen": admin.to_string()}));
    let server = house.serve().loaded(3);
    let echo = |key: &str| server.client_with_key(Era::Modern, key).call("echo_run", json!({"text": "a"}));
    let served: Vec<bool> = (0..5).map(|_| echo(OLD).is_ok()).collect();
    assert_eq!(served, [true, true, true, false, false]);
    let told = echo(OLD);
    assert_eq!((told.status, told.code(), told.failure().as_str()), (429, -31429, "the server is busy, try again"));
    assert_eq!(told.message["error"]["data"], json!({"retryAfterMs": 1000}));
    thread::scope(|scope| {
        let slow = || server.client_with_key(Era::Modern, NEW).call("slow_run", json!({"milliseconds": 8_000}));
        let first = scope.spawn(slow);
        wait_until("it is under way", || metrics::value(admin, "bulkhead_calls_in_flight") == 1);
        assert!(!echo(NEW).is_ok(), "one at once");
        assert!(echo("key-of-somebody-without-limits").is_ok(), "others have their own");
        assert!(first.join().expect("no panic").is_ok());
    });
    wait_until("its place is free again", || echo(NEW).is_ok());
}
