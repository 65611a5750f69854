//! How tasks end that do not come to a result.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{abilities, begin, cancel, follower, get, house, probe, serve, text, unknown, until};
use crate::harness::{Client, Era, House, Server, binary::must_run, wait_until};

/// Long enough not to end by itself.
const LONG: Duration = Duration::from_secs(50);

fn long() -> Value {
    json!({"milliseconds": u64::try_from(LONG.as_millis()).expect("a number")})
}

#[test]
fn a_cancelled_task_sees_it_and_stops() {
    let house = house();
    let server = serve(&house);
    let mut client = follower(&server);
    let id = begin(&mut client, "task-probe_work", long());
    wait_until("it is at work", || get(&mut client, &id)["statusMessage"] == "at work");
    cancel(&mut client, &id);
    let task = until(&mut client, &id, "cancelled");
    assert!(task.get("result").is_none() && task.get("error").is_none(), "{task}");
    wait_until("its plugin has seen it", || client.call("task-probe_told", json!({})).text() == "to stop");
    cancel(&mut client, &id);
    assert_eq!(get(&mut client, &id), task, "nothing changes any more");
}

#[test]
fn a_task_that_does_not_look_is_stopped_all_the_same() {
    let house = House::new().with(&probe().limits(json!({"time": "60s", "concurrency": 1})));
    let server = serve(&house);
    let mut client = follower(&server);
    let id = begin(&mut client, "task-probe_stubborn", json!({}));
    let cancelled = Instant::now();
    cancel(&mut client, &id);
    // Its place is the only one.
    assert_eq!(client.call("task-probe_told", json!({})).text(), "nothing");
    assert!(cancelled.elapsed() < Duration::from_secs(10), "{:?}", cancelled.elapsed());
    assert_eq!(get(&mut client, &id)["status"], "cancelled");
}

#[test]
fn a_task_that_takes_too_long_completes_with_a_failure() {
    let house = House::new().with(&probe().limits(json!({"time": "500ms"})));
    let server = serve(&house);
    let mut client = follower(&server);
    let id = begin(&mut client, "task-probe_stubborn", json!({}));
    let task = until(&mut client, &id, "completed");
    assert_eq!((&task["result"]["isError"], text(&task)), (&json!(true), "the call took too long and was stopped"));
}

#[test]
fn a_task_outlives_its_connection_and_not_its_time() {
    let house = house().set("limits", json!({"taskTtl": "8s"}));
    let server = serve(&house);
    let (brief, endless) = {
        let mut client = follower(&server);
        let brief = client.call("task-probe_work", json!({"milliseconds": 300}));
        assert_eq!(brief.result()["ttlMs"], 8_000, "{brief:?}");
        (brief.result()["taskId"].as_str().expect("an id").to_owned(), begin(&mut client, "task-probe_work", long()))
    };
    let mut client = follower(&server);
    assert_eq!(text(&until(&mut client, &brief, "completed")), "worked, as a task: true");
    let gone = |client: &mut Client, id: &str| {
        client.request("tasks/get", json!({"taskId": id})).message["error"]["code"] == -32602
    };
    wait_until("both have expired", || gone(&mut client, &brief) && gone(&mut client, &endless));
    assert_eq!(unknown(&mut client, &brief), unknown(&mut client, "never there"));
    server.lines().wait_for(&["the task was ended: its time to live is over"]);
}

#[test]
fn one_caller_has_so_many_at_once() {
    let house = house();
    let server = serve(&house);
    let mut client = follower(&server);
    let first = begin(&mut client, "task-probe_ask", json!({}));
    for _ in 1..32 {
        begin(&mut client, "task-probe_ask", json!({}));
    }
    let refused = client.call("task-probe_ask", json!({}));
    let told = "you have as many tasks as you may: let one end or expire";
    assert_eq!((refused.status, refused.code(), refused.failure().as_str()), (503, -31429, told));
    cancel(&mut client, &first);
    wait_until("one has ended", || client.call("task-probe_ask", json!({})).is_ok());
}

#[test]
fn who_may_not_ask_after_a_task_any_more_may_stop_it() {
    let mut ann = key("ann", "key-of-ann", &["all"]);
    ann["rate"] = json!("2/h");
    // The task has the one place: its client reads and stops it all the same.
    ann["concurrency"] = json!(1);
    let house = with_keys().set("apiKeys", json!([ann]));
    let server = serve(&house);
    let mut ann = holder(&server, "key-of-ann");
    let id = begin(&mut ann, "task-probe_work", long());
    let task = json!({"taskId": id});
    assert!(ann.request("tasks/get", task.clone()).is_ok());
    let refused = ann.request("tasks/get", task.clone());
    let told = (refused.status, refused.code(), refused.failure());
    assert_eq!(told, (429, -31429, "the server is busy, try again".into()));
    let none = json!({"taskId": id, "inputResponses": {}});
    assert!(ann.request("tasks/update", none).is_ok());
    assert!(ann.request("tasks/cancel", task).is_ok());
}

#[test]
fn a_revoked_plugin_takes_its_tasks_along_working_or_waiting() {
    let house = house();
    let server = serve(&house);
    let mut client = follower(&server);
    let working = begin(&mut client, "task-probe_work", long());
    let waiting = begin(&mut client, "task-probe_ask", json!({}));
    until(&mut client, &waiting, "input_required");
    let told = must_run(house.path(), &["inspect", "plugins/task-probe.wasm", "--json"]);
    let told: Value = serde_json::from_str(&told.stdout).expect("JSON");
    let digest = told["digest"].as_str().expect("a digest").trim_start_matches("sha256:").to_owned();
    must_run(house.path(), &["revoke", &format!("digest:{digest}"), "--reason", "a test", "--config", "mcp.yaml"]);
    let revoked = Instant::now();
    for id in [working, waiting] {
        let task = until(&mut client, &id, "failed");
        assert_eq!(task["error"]["code"], -31403, "{task}");
        assert_eq!(task["error"]["message"], "what this call relied on was taken away", "{task}");
    }
    assert!(revoked.elapsed() < Duration::from_secs(10), "{:?}", revoked.elapsed());
}

/// A house where two callers hold keys.
fn with_keys() -> House {
    house()
        .set("allowAnonymous", json!(false))
        .set("scopes", json!({"all": ["*"]}))
        .set("apiKeys", json!([key("ann", "key-of-ann", &["all"]), key("bob", "key-of-bob", &["all"])]))
}

fn key(name: &str, key: &str, scopes: &[&str]) -> Value {
    json!({"name": name, "key": key, "scopes": scopes})
}

fn holder(server: &Server, key: &str) -> Client {
    let mut client = server.client_with_key(Era::Modern, key);
    client.capabilities = abilities();
    client
}

#[test]
fn a_task_is_nobody_elses() {
    let house = with_keys();
    let server = serve(&house);
    let (mut ann, mut bob) = (holder(&server, "key-of-ann"), holder(&server, "key-of-bob"));
    let id = begin(&mut ann, "task-probe_ask", json!({}));
    until(&mut ann, &id, "input_required");
    assert_eq!(unknown(&mut bob, &id), unknown(&mut bob, "never there"));
    for (method, params) in [
        ("tasks/update", json!({"taskId": id, "inputResponses": {"name": super::accept(json!({"name": "Bob"}))}})),
        ("tasks/cancel", json!({"taskId": id})),
    ] {
        assert_eq!(bob.request(method, params).code(), -32602, "{method}");
    }
    let (_, mut events) = bob.begin("subscriptions/listen", json!({"notifications": {"taskIds": [id]}}));
    let acknowledged = events.next().expect("an event").and_then(|event| event.data).expect("a message");
    let acknowledged: Value = serde_json::from_str(&acknowledged).expect("JSON");
    assert_eq!(acknowledged["params"]["notifications"], json!({"taskIds": []}), "{acknowledged}");
    assert_eq!(get(&mut ann, &id)["status"], "input_required");
}

#[test]
fn a_key_that_is_taken_away_takes_its_tasks_along() {
    let mut house = with_keys();
    let server = serve(&house);
    let mut ann = holder(&server, "key-of-ann");
    let id = begin(&mut ann, "task-probe_work", long());
    house.edit(|config| config["apiKeys"] = json!([key("bob", "key-of-bob", &["all"])]));
    server.lines().wait_for(&["the task was ended: what let its caller in was taken away"]);
    // Whoever bears the name later reads what became of it, if the tool is still theirs to call.
    house.edit(|config| {
        config["scopes"]["none"] = json!([]);
        config["apiKeys"] = json!([key("ann", "another-key", &["all"]), key("bob", "key-of-bob", &["none"])]);
    });
    wait_until("the key is known", || {
        let message = ann.message("tools/list", json!({}));
        let request = holder(&server, "another-key").http_request(&message);
        server.exchange(&request).head.status == 200
    });
    let mut ann = holder(&server, "another-key");
    let task = get(&mut ann, &id);
    assert_eq!((&task["status"], &task["error"]["code"]), (&json!("failed"), &json!(-31403)), "{task}");
}

#[test]
fn who_may_no_longer_call_the_tool_reads_no_result_of_it() {
    let mut house = with_keys();
    let server = serve(&house);
    let mut ann = holder(&server, "key-of-ann");
    let id = begin(&mut ann, "task-probe_work", json!({"milliseconds": 1}));
    until(&mut ann, &id, "completed");
    house.edit(|config| config["scopes"]["all"] = json!(["task-probe.told"]));
    wait_until("the right is gone", || {
        ann.request("tasks/get", json!({"taskId": id})).message["error"]["code"] == -32602
    });
    assert_eq!(unknown(&mut ann, &id), unknown(&mut ann, "never there"));
}

#[test]
fn a_restart_keeps_results_and_tells_what_was_cut_off() {
    let house = house().set("shutdownGrace", json!("1s"));
    let (done, working, waiting) = {
        let mut server = serve(&house);
        let mut client = follower(&server);
        let done = begin(&mut client, "task-probe_work", json!({"milliseconds": 1}));
        until(&mut client, &done, "completed");
        let working = begin(&mut client, "task-probe_work", long());
        let waiting = begin(&mut client, "task-probe_ask", json!({}));
        until(&mut client, &waiting, "input_required");
        server.terminate();
        server.ended_within(Duration::from_secs(20));
        (done, working, waiting)
    };
    let server = serve(&house);
    let mut client = follower(&server);
    assert_eq!(text(&get(&mut client, &done)), "worked, as a task: true");
    for id in [working, waiting] {
        let task = get(&mut client, &id);
        assert_eq!((&task["status"], &task["error"]["code"]), (&json!("failed"), &json!(-31429)), "{task}");
        assert_eq!(task["error"]["message"], "the server is closing, try again", "{task}");
    }
}

#[test]
fn a_task_that_ends_within_the_grace_is_kept() {
    let house = house().set("shutdownGrace", json!("20s"));
    let id = {
        let mut server = serve(&house);
        let id = begin(&mut follower(&server), "task-probe_work", json!({"milliseconds": 2_000}));
        server.terminate();
        assert_eq!(server.ended_within(Duration::from_secs(30)), 0);
        id
    };
    let server = serve(&house);
    assert_eq!(text(&get(&mut follower(&server), &id)), "worked, as a task: true");
}

#[test]
fn a_task_whose_server_was_killed_is_seen_failed() {
    let house = house();
    let (done, working) = {
        let server = serve(&house);
        let mut client = follower(&server);
        let done = begin(&mut client, "task-probe_work", json!({"milliseconds": 1}));
        until(&mut client, &done, "completed");
        (done, begin(&mut client, "task-probe_work", long()))
        // The server is killed here.
    };
    let server = serve(&house);
    let mut client = follower(&server);
    assert_eq!(text(&get(&mut client, &done)), "worked, as a task: true");
    let task = until(&mut client, &working, "failed");
    assert_eq!((&task["error"]["code"], task.get("result")), (&json!(-32603), None), "{task}");
    assert_eq!(task["error"]["message"], "the server that ran this task ended", "{task}");
    assert_eq!(get(&mut client, &working), task, "and stays so");
}
