//! Whom the operator trusts, while it serves: keys expire, are told of before,
//! and a list of revocations that is lost is not believed.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::taking_away::SOON;
use crate::harness::{
    Era, House, Plugin, Server,
    binary::{must_run, run},
    http::{Connection, Events, Request},
    wait_until,
};

fn from_now(seconds: i64) -> (Timestamp, String) {
    let at = Timestamp::now() + SignedDuration::from_secs(seconds);
    (at, at.to_string())
}

fn expires(house: &mut House, at: &str) {
    house.edit(|config| config["trust"]["keys"][0]["notAfter"] = json!(at));
}

fn alerts(server: &Server) -> Events {
    let body =
        json!({"jsonrpc": "2.0", "id": 1, "method": "mcp.event.subscribe", "params": {"events": ["securityAlert"]}});
    let mut connection = Connection::open(server.address()).expect("a connection");
    connection.send(&Request::mcp("POST", body.to_string())).expect("sent");
    let head = connection.head().expect("a head");
    let mut events = connection.events(&head).unwrap_or_else(|error| panic!("{error}: {head:?}"));
    next(&mut events);
    events
}

fn next(events: &mut Events) -> Value {
    let event = events.next().expect("an event").expect("the stream is open");
    serde_json::from_str(&event.data.expect("a message")).expect("JSON")
}

#[test]
fn a_key_that_expires_while_it_serves_takes_calls_under_way_along() {
    let mut house = House::new().with(&Plugin::guest("slow").limits(json!({"time": "60s"})));
    let server = house.serve().loaded(1);
    let mut events = alerts(&server);
    let mut open = server.client(Era::Legacy);
    assert_eq!(open.tools(), ["slow_run"]);
    thread::scope(|scope| {
        let long = scope.spawn(|| server.client(Era::Modern).call("slow_run", json!({"milliseconds": 50_000})));
        let (at, text) = from_now(8);
        expires(&mut house, &text);
        let answer = long.join().expect("no panic");
        let late = Duration::try_from(Timestamp::now().duration_since(at)).expect("it was good until then");
        assert!(!answer.is_ok() && late < SOON, "{late:?}: {answer:?}");
    });
    wait_until("nothing is listed", || open.tools().is_empty());
    assert!(!open.call("slow_run", json!({"milliseconds": 1})).is_ok(), "nor in a session");
    for era in Era::ALL {
        let mut client = server.client(era);
        assert!(client.tools().is_empty(), "{era:?}");
        let refused = client.call("slow_run", json!({"milliseconds": 1}));
        assert!(!refused.is_ok() && refused.failure().contains("unknown tool"), "{era:?}: {refused:?}");
    }
    let kinds: Vec<Value> = (0..2).map(|_| next(&mut events)["params"]["kind"].clone()).collect();
    assert_eq!(kinds, ["keyExpiring", "revoked"], "it was said before it happened");
    expires(&mut house, "2100-01-01");
    wait_until("it is trusted again", || !server.client(Era::Modern).tools().is_empty());
}

#[test]
fn a_key_that_expires_soon_is_told_once() {
    let mut house = House::new().with(&Plugin::guest("echo"));
    let server = house.serve().loaded(1);
    let mut events = alerts(&server);
    let days = |days: i64| from_now(days * 24 * 60 * 60).1;
    expires(&mut house, &days(15));
    server.lines().wait_for(&["the new configuration holds"]);
    assert!(!server.lines().have(&["trusted until"]), "that is not soon: {}", server.lines());
    expires(&mut house, &days(13));
    server.lines().wait_for(&["trusted until", "trust.keys: tests: notAfter"]);
    let told = next(&mut events);
    assert_eq!((&told["method"], &told["params"]["kind"]), (&json!("mcp.event.securityAlert"), &json!("keyExpiring")));
    expires(&mut house, &days(12));
    house.edit(|config| config["plugins"]["echo"]["prefix"] = json!("other"));
    wait_until("that holds too", || server.client(Era::Modern).tools().contains(&"other_run".to_owned()));
    assert_eq!(server.lines().count(&["trusted until"]), 1, "{}", server.lines());
}

#[test]
fn a_revoked_key_ends_calls_under_way() {
    let house = House::new().with(&Plugin::guest("slow").limits(json!({"time": "60s"})));
    let server = house.serve().loaded(1);
    let told: Value = serde_json::from_str(&must_run(house.path(), &["check", "--json"]).stdout).expect("JSON");
    let key = told["plugins"][0]["signer"]["key"].as_str().expect("a key").to_owned();
    thread::scope(|scope| {
        let long = scope.spawn(|| server.client(Era::Modern).call("slow_run", json!({"milliseconds": 50_000})));
        thread::sleep(Duration::from_millis(500));
        let revoked = must_run(house.path(), &["revoke", &key, "--reason", "a test", "--json"]);
        let began = Instant::now();
        let revoked: Value = serde_json::from_str(&revoked.stdout).expect("JSON");
        assert_eq!(
            (&revoked["what"], &revoked["added"], &revoked["reason"]),
            (&json!(key), &json!(true), &json!("a test"))
        );
        let answer = long.join().expect("no panic");
        assert!(!answer.is_ok() && began.elapsed() < SOON, "{:?}: {answer:?}", began.elapsed());
    });
}

#[test]
fn a_list_of_revocations_that_was_lost_is_not_believed_after_a_restart() {
    let house = House::new().with(&Plugin::guest("echo"));
    let told: Value = serde_json::from_str(&must_run(house.path(), &["check", "--json"]).stdout).expect("JSON");
    let key = told["plugins"][0]["signer"]["key"].as_str().expect("a key").to_owned();
    must_run(house.path(), &["revoke", &key]);
    drop(house.serve());
    let (list, seen) = (house.join("mcp.revoked"), house.join("state/revoked.seen"));
    let text = fs::read_to_string(&list).expect("the list");
    for lost in [Some(""), None] {
        match lost {
            Some(text) => fs::write(&list, text),
            None => fs::remove_file(&list),
        }
        .expect("less is revoked");
        for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["check"], &["verify", "plugins/echo.wasm"]] {
            let refused = run(house.path(), command);
            let says = |words: &str| refused.stderr.contains(words);
            assert!(refused.code != 0 && says("are missing") && says("revoked.seen") && says(&key), "{refused:#?}");
        }
    }
    fs::write(&list, text).expect("the list is back");
    let server = house.serve();
    server.lines().wait_for(&["not loaded", "revoked"]);
    assert!(server.client(Era::Modern).tools().is_empty(), "it is revoked");
    drop(server);
    for file in [&list, &seen] {
        fs::write(file, "").expect("the operator means it");
    }
    assert!(!house.serve().loaded(1).client(Era::Modern).tools().is_empty());
}
