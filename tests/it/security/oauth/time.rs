use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{ask, challenge, house_of, write_keys};
use crate::harness::{
    Client, Era, Plugin, Server,
    http::Events,
    issuer::{Signer, now},
};

/// How many seconds a token is good that is to expire: enough for all that it is used for, on a busy machine.
const BRIEF: u64 = 8;

/// Waits for news by this token.
fn listen(server: &Server, token: &str) -> Events {
    let mut client = server.client_with_key(Era::Modern, token);
    let (_, mut events) = client.begin("subscriptions/listen", json!({"notifications": {"toolsListChanged": true}}));
    assert!(events.next().expect("a stream").is_some(), "it is acknowledged");
    events
}

/// The next message.
fn next(events: &mut Events) -> Value {
    let data = events.next().expect("a stream").expect("an event").data.expect("a message");
    serde_json::from_str(&data).expect("JSON")
}

fn assert_ended(events: &mut Events) {
    let last = next(events);
    assert_eq!(last["error"], json!({"code": -31403, "message": "what let you in is no longer good"}), "{last}");
    assert_eq!(events.next().expect("a stream"), None);
}

#[test]
fn a_stream_ends_when_its_token_expires() {
    let signer = Signer::new("ES256", "one");
    let house = house_of(&[&signer]);
    let server = house.serve();
    let (end, begun) = (now() + BRIEF, Instant::now());
    let token = signer.token(json!({"scope": "echo", "exp": end}));
    let mut legacy = server.client_with_key(Era::Legacy, &token);
    let mut standing = legacy.listen(None).expect("a stream");
    let mut events = listen(&server, &token);
    assert_ended(&mut events);
    while standing.next().expect("a stream").is_some() {}
    assert!(now() >= end && begun.elapsed() < Duration::from_secs(2 * BRIEF), "{:?}", begun.elapsed());
    let late = ask(&server, &token);
    assert!(late.head.status == 401 && challenge(&late).contains("the token has expired"), "{late:?}");
    // The session is another matter: it is no credential, and its client has another token now.
    let session = legacy.session().expect("a session").to_owned();
    let renewed = signer.token(json!({"scope": "echo"}));
    let request = legacy.http_request(&legacy.message("ping", json!({})));
    let request = request.header("Authorization", &format!("Bearer {renewed}")).header("MCP-Session-Id", &session);
    assert_eq!(server.exchange(&request).head.status, 200);
    assert!(legacy.try_request("ping", json!({})).is_ok_and(|answer| answer.status == 401));
}

#[test]
fn a_client_that_renews_in_time_loses_no_stream() {
    let signer = Signer::new("ES256", "one");
    let mut house = house_of(&[&signer]);
    let server = house.serve();
    let end = now() + BRIEF;
    let mut renewed = listen(&server, &signer.token(json!({"scope": "echo", "exp": end})));
    let mut other = listen(&server, &signer.token(json!({"sub": "bob", "scope": "echo", "exp": end})));
    assert_eq!(ask(&server, &signer.token(json!({"scope": "echo", "jti": "2"}))).head.status, 200);
    // Of more scopes than the first: it says nothing of what the other may.
    assert_eq!(ask(&server, &signer.token(json!({"sub": "bob", "scope": "echo env"}))).head.status, 200);
    assert_ended(&mut other);
    assert!(now() >= end);
    house.edit(|config| config["plugins"]["echo"]["tools"] = json!({"deny": ["run"]}));
    assert_eq!(next(&mut renewed)["method"], "notifications/tools/list_changed");
}

#[test]
fn a_task_goes_on_as_long_as_its_caller_has_a_token_for_it() {
    let signer = Signer::new("ES256", "one");
    let probe = Plugin::guest("task_probe").asks("[asks.kv]\nwhy = \"remembers\"\n");
    let house = house_of(&[&signer]).with(&probe.grants(json!({"kv": true})).limits(json!({"time": "60s"})));
    let house = house.set("scopes", json!({"echo": ["echo.*"], "work": ["task-probe.*"], "more": []}));
    let server = house.serve();
    let end = now() + BRIEF;
    let follower = |subject: &str, scope: &str, end: u64| {
        let token = signer.token(json!({"sub": subject, "scope": scope, "exp": end}));
        let mut client = server.client_with_key(Era::Modern, &token);
        client.capabilities = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
        client
    };
    let begin = |client: &mut Client| {
        let begun = client.call("task-probe_work", json!({"milliseconds": (BRIEF + 4) * 1_000}));
        json!({"taskId": begun.result()["taskId"]})
    };
    let (hers, his) = (begin(&mut follower("ann", "work", end)), begin(&mut follower("bob", "work", end)));
    let mut ann = follower("ann", "work", end + 600);
    assert_eq!(ann.request("tasks/get", hers.clone()).result()["status"], "working");
    server.lines().wait_for(&["the task was ended: what let its caller in was taken away, or has expired"]);
    assert!(now() >= end);
    // With other scopes: of the task's caller nobody has come back.
    let his = follower("bob", "more work", end + 600).request("tasks/get", his).result().clone();
    assert_eq!((&his["status"], &his["error"]["code"]), (&json!("failed"), &json!(-31403)), "{his}");
    crate::harness::wait_until("hers is done", || {
        ann.request("tasks/get", hers.clone()).result()["status"] == "completed"
    });
}

#[test]
fn a_key_or_a_right_that_is_taken_back_ends_what_runs_by_it() {
    let (signer, other) = (Signer::new("ES256", "one"), Signer::new("ES256", "two"));
    let mut house = house_of(&[&signer, &other]);
    let server = house.serve();
    let mut by_one = listen(&server, &signer.token(json!({"scope": "echo"})));
    let mut by_two = listen(&server, &other.token(json!({"sub": "bob", "scope": "echo"})));
    let mut legacy = server.client_with_key(Era::Legacy, &other.token(json!({"sub": "eve", "scope": "echo"})));
    write_keys(&house, &[&signer]);
    assert_ended(&mut by_two);
    let kept = signer.token(json!({"sub": "eve", "scope": "echo"}));
    let request =
        legacy.http_request(&legacy.message("ping", json!({}))).header("Authorization", &format!("Bearer {kept}"));
    assert_eq!(server.exchange(&request).head.status, 404, "the session was opened with the key that is gone");
    assert_eq!(legacy.request("ping", json!({})).status, 401);
    // More rights end nothing, fewer end everything.
    house.edit(|config| config["scopes"]["echo"] = json!(["echo.*", "env-probe.*"]));
    server.lines().wait_for(&["the new configuration holds"]);
    let mut client = server.client_with_key(Era::Modern, &signer.token(json!({"scope": "echo"})));
    assert_eq!(client.tools().len(), 4, "the same token opens more");
    house.edit(|config| config["scopes"]["echo"] = json!(["env-probe.*"]));
    assert_ended(&mut by_one);
    crate::harness::wait_until("less is listed", || client.tools() == ["env-probe_run"]);
    house.edit(|config| {
        config.as_object_mut().expect("a map").remove("oauth");
        config["apiKey"] = "correct-horse-battery-staple-and-more".into();
    });
    crate::harness::wait_until("tokens let nobody in", || {
        ask(&server, &signer.token(json!({"scope": "echo"}))).head.status == 401
    });
}

#[test]
fn a_session_ends_with_the_key_of_the_tokens_that_opened_it_however_old_they_are() {
    let (signer, other) = (Signer::new("ES256", "one"), Signer::new("ES256", "two"));
    let house = house_of(&[&signer, &other]);
    let server = house.serve();
    let token = signer.token(json!({"scope": "echo", "exp": now() + BRIEF}));
    let legacy = server.client_with_key(Era::Legacy, &token);
    let session = legacy.session().expect("a session").to_owned();
    let ping = |token: &str| {
        let request = legacy.http_request(&legacy.message("ping", json!({})));
        let request = request.header("Authorization", &format!("Bearer {token}")).header("MCP-Session-Id", &session);
        server.exchange(&request).head.status
    };
    crate::harness::wait_until("it is over", || ping(&token) == 401);
    assert_eq!(ping(&signer.token(json!({"scope": "echo"}))), 200);
    write_keys(&house, &[&other]);
    crate::harness::wait_until("the key is gone", || ping(&signer.token(json!({"scope": "echo"}))) == 401);
    crate::harness::wait_until("and what it opened", || ping(&other.token(json!({"scope": "echo"}))) == 404);
}
