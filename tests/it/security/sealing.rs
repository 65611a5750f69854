//! What clients carry for the server: sealed by keys that rotate.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::{Value, json};

use crate::harness::{
    Answer, Client, Era, House, Plugin, Server,
    binary::{must_run, run},
};

const STALE: &str =
    "params.requestState: expected the state of this call, unchanged; call again without it to start over";

fn write_key(path: &Path, byte: u8) {
    fs::write(path, [byte; 32]).expect("a key");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("its mode");
}

fn client(server: &Server) -> Client {
    let mut client = server.client(Era::Modern);
    client.capabilities = json!({"elicitation": {"form": {}}});
    client
}

/// The state that a first round ends with.
fn ask(server: &Server, tool: &str) -> Value {
    let asked = client(server).call(tool, json!({}));
    assert_eq!(asked.result()["resultType"], "input_required", "{asked:?}");
    asked.result()["requestState"].clone()
}

fn answer(server: &Server, tool: &str, state: &Value, responses: &Value) -> Answer {
    let params = json!({"name": tool, "arguments": {}, "requestState": state, "inputResponses": responses});
    client(server).request("tools/call", params)
}

fn greet(server: &Server, state: &Value) -> Answer {
    answer(server, "elicit_run", state, &json!({"user_name": {"action": "accept", "content": {"name": "Ada"}}}))
}

fn pay(server: &Server, state: &Value) -> Answer {
    answer(server, "single-use_run", state, &json!({"consent": {"action": "accept", "content": {"pay": true}}}))
}

fn is_stale(answer: &Answer) -> bool {
    answer.message["error"]["message"] == STALE
}

/// A house with the asking plugin, signed by the key of `elsewhere` if there is one.
fn asking(elsewhere: Option<&House>, keys: Value) -> House {
    let house = House::new();
    for file in ["key.pem", "key.pub.pem"] {
        if let Some(elsewhere) = elsewhere {
            fs::copy(elsewhere.join(file), house.join(file)).expect("copied");
        }
    }
    house.with(&Plugin::guest("elicit")).set("stateKeys", keys)
}

#[test]
fn servers_that_share_a_key_take_each_others_states() {
    let shared = tempfile::tempdir().expect("a folder");
    let path = shared.path().join("shared.key");
    write_key(&path, 1);
    let keys = json!([{"file": path}]);
    let first = asking(None, keys.clone());
    let second = asking(Some(&first), keys);
    let other = asking(Some(&first), json!([{"file": "own.key"}]));
    write_key(&other.join("own.key"), 2);
    let (one, two, three) = (first.serve(), second.serve(), other.serve());
    let state = ask(&one, "elicit_run");
    assert_eq!(greet(&two, &state).text(), "Hello, Ada!");
    assert!(is_stale(&greet(&three, &state)), "another key");
    assert_eq!(greet(&one, &state).text(), "Hello, Ada!");
}

#[test]
fn keys_rotate_while_the_server_runs() {
    let mut house = House::new().with(&Plugin::guest("elicit"));
    write_key(&house.join("old.key"), 1);
    write_key(&house.join("new.key"), 2);
    house.edit(|config| config["stateKeys"] = json!([{"file": "old.key"}]));
    let server = house.serve();
    let before = ask(&server, "elicit_run");
    let mut session = server.client(Era::Legacy);

    let held =
        |server: &Server| server.lines().all().iter().filter(|line| line.contains("configuration holds")).count();
    let mut rotate = |keys: Value| {
        let known = held(&server);
        house.edit(|config| config["stateKeys"] = keys);
        crate::harness::wait_until("the keys are taken over", || held(&server) > known);
    };
    rotate(json!([{"file": "new.key"}, {"file": "old.key"}]));
    assert_eq!(greet(&server, &before).text(), "Hello, Ada!");
    assert!(session.request("tools/list", json!({})).is_ok());
    let after = ask(&server, "elicit_run");
    rotate(json!([{"file": "new.key"}]));
    assert!(is_stale(&greet(&server, &before)));
    assert_eq!(session.request("tools/list", json!({})).status, 404, "its token was sealed with the old key");
    assert_eq!(greet(&server, &after).text(), "Hello, Ada!");
    // Also when only what is in the file changes.
    let known = held(&server);
    write_key(&house.join("new.key"), 3);
    crate::harness::wait_until("the file is read again", || held(&server) > known);
    assert!(is_stale(&greet(&server, &after)));
}

#[test]
fn a_state_of_single_use_is_used_once_also_after_a_restart() {
    let house = House::new().with(&Plugin::guest("single_use"));
    let server = house.serve();
    let (state, other) = (ask(&server, "single-use_run"), ask(&server, "single-use_run"));
    assert_eq!(pay(&server, &state).text(), "paid");
    assert!(is_stale(&pay(&server, &state)));
    drop(server);
    let server = house.serve();
    assert!(is_stale(&pay(&server, &state)), "it was used before the restart");
    assert_eq!(pay(&server, &other).text(), "paid", "this one was not");
    assert!(is_stale(&pay(&server, &Value::Null)), "an answer without the state that it belongs to");
}

#[test]
fn without_a_database_nothing_of_single_use_is_taken() {
    let house = House::new().with(&Plugin::guest("single_use")).with(&Plugin::guest("elicit"));
    // A folder is no database.
    let house = house.set("state", json!({"url": "sqlite:plugins"}));
    let server = house.serve();
    assert!(is_stale(&pay(&server, &ask(&server, "single-use_run"))));
    server.lines().wait_for(&["a state was refused", "without a database no use is remembered"]);
    assert_eq!(greet(&server, &ask(&server, "elicit_run")).text(), "Hello, Ada!");
}

#[test]
fn a_key_that_cannot_be_believed_is_told_with_the_way_to_make_one() {
    let house = House::new().set("stateKeys", json!([{"file": "a.key"}]));
    let told = || {
        let checked = run(house.path(), &["check"]);
        assert_ne!(checked.code, 0, "{checked:?}");
        checked.stderr
    };
    let (file, missing) = (house.join("a.key"), told());
    assert!(missing.contains("stateKeys[0].file") && missing.contains(&format!("{}: ", file.display())), "{missing}");
    assert!(missing.contains("head -c 32 /dev/urandom"), "{missing}");
    write_key(&file, 1);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("its mode");
    assert!(told().contains("32 random bytes that belongs to this user and is readable by nobody else (mode 0600)"));
    fs::write(&file, [1; 31]).expect("a short key");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("its mode");
    assert!(told().contains("32 random bytes"));
    write_key(&file, 1);
    must_run(house.path(), &["check"]);
}
