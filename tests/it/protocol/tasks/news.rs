//! `notifications/tasks` on a subscription.

use serde_json::{Value, json};

use super::{abilities, accept, answer, begin, follower, get, house, loaded, serve, until};
use crate::harness::{Era, http::Events, wait_until};

const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

fn next(events: &mut Events) -> Value {
    loop {
        let event = events.next().expect("an event").expect("the stream goes on");
        if let Some(data) = event.data.filter(|data| !data.is_empty()) {
            return serde_json::from_str(&data).expect("JSON");
        }
    }
}

/// The task as it is told, without what makes it a notification.
fn told(message: &Value, subscription: &Value) -> Value {
    assert_eq!(message["method"], "notifications/tasks", "{message}");
    assert!(message.get("id").is_none(), "{message}");
    let mut task = message["params"].clone();
    let meta = task.as_object_mut().expect("an object").remove("_meta");
    assert_eq!(meta, Some(json!({SUBSCRIPTION: subscription})), "{message}");
    task
}

/// The task as it is read, without what makes it a result.
fn read(mut task: Value) -> Value {
    let members = task.as_object_mut().expect("an object");
    members.remove("_meta");
    members.remove("resultType");
    task
}

#[test]
fn every_change_is_told_whole_and_tagged() {
    let house = house();
    let server = serve(&house);
    let mut client = follower(&server);
    let id = begin(&mut client, "task-probe_ask", json!({}));
    let other = begin(&mut client, "task-probe_ask", json!({}));
    let filter = json!({"notifications": {"taskIds": [id, "0123", id]}});
    let (subscription, mut events) = client.begin("subscriptions/listen", filter);
    let acknowledged = next(&mut events);
    assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged");
    assert_eq!(acknowledged["params"]["notifications"], json!({"taskIds": [id]}), "only what is there: {acknowledged}");
    let mut question = |key: &str| loop {
        let task = told(&next(&mut events), &subscription);
        assert_eq!(task["taskId"], json!(id), "of no other task: {task}");
        if task["inputRequests"][key].is_object() {
            return task;
        }
    };
    let task = question("name");
    assert_eq!(task, read(get(&mut client, &id)), "as tasks/get has it");
    answer(&mut client, &other, json!({"name": accept(json!({"name": "Bob"}))}));
    answer(&mut client, &id, json!({"name": accept(json!({"name": "Ann"}))}));
    let task = question("color");
    assert_eq!(task["status"], "input_required");
    answer(&mut client, &id, json!({"color": accept(json!({"color": "red"}))}));
    let last = loop {
        let task = told(&next(&mut events), &subscription);
        if task["status"] != "working" && task["status"] != "input_required" {
            break task;
        }
    };
    assert_eq!(last["result"]["content"][0]["text"], "Ann likes red", "{last}");
    assert_eq!(last, read(get(&mut client, &id)));
}

#[test]
fn a_task_that_has_ended_is_told_at_once() {
    let house = house();
    let server = serve(&house);
    let mut client = follower(&server);
    let id = begin(&mut client, "task-probe_work", json!({"milliseconds": 1}));
    until(&mut client, &id, "completed");
    let (subscription, mut events) = client.begin("subscriptions/listen", json!({"notifications": {"taskIds": [id]}}));
    next(&mut events);
    assert_eq!(told(&next(&mut events), &subscription)["status"], "completed");
}

#[test]
fn who_does_not_read_has_one_result_waiting_and_then_hears_how_things_stand() {
    let house = house();
    let [(_server, mut client), (_other, mut elsewhere)] = [(); 2].map(|()| {
        let (server, mut client) = house.serve_stdio(Era::Modern);
        loaded(&server);
        client.capabilities = abilities();
        (server, client)
    });
    let asks = begin(&mut client, "task-probe_ask", json!({}));
    until(&mut client, &asks, "input_required");
    // Each is more than the pipe holds.
    let large = json!({"milliseconds": 0, "bytes": 512 << 10});
    let mut ids: Vec<_> = (0..5).map(|_| begin(&mut client, "task-probe_work", large.clone())).collect();
    for id in &ids {
        until(&mut client, id, "completed");
    }
    ids.push(asks.clone());
    let listen = client.message("subscriptions/listen", json!({"notifications": {"taskIds": ids}}));
    let tap = client.pipe().tap();
    let shut = tap.lock().expect("the tap");
    client.pipe().send(&listen);
    answer(&mut elsewhere, &asks, json!({"name": accept(json!({"name": "Ann"}))}));
    wait_until("the second question is put", || get(&mut elsewhere, &asks)["inputRequests"]["color"].is_object());
    answer(&mut elsewhere, &asks, json!({"color": accept(json!({"color": "red"}))}));
    until(&mut elsewhere, &asks, "completed");
    drop(shut);
    client.pipe().receive();
    let (mut of_it, mut ended) = (Vec::new(), 0);
    while ended < ids.len() {
        let task = told(&client.pipe().receive(), &listen["id"]);
        ended += usize::from(task["status"] == "completed");
        if task["taskId"] == json!(asks) {
            of_it.push(task["status"].clone());
        }
    }
    assert!(of_it.len() <= 2, "once before its client stopped reading, and its end: {of_it:?}");
}

#[test]
fn news_comes_over_stdio_too() {
    let house = house();
    let (server, mut client) = house.serve_stdio(Era::Modern);
    loaded(&server);
    client.capabilities = abilities();
    let id = begin(&mut client, "task-probe_work", json!({"milliseconds": 500}));
    let listen = client.message("subscriptions/listen", json!({"notifications": {"taskIds": [id]}}));
    client.pipe().send(&listen);
    let acknowledged = client.pipe().receive();
    assert_eq!(acknowledged["params"]["notifications"], json!({"taskIds": [id]}), "{acknowledged}");
    loop {
        let task = told(&client.pipe().receive(), &listen["id"]);
        assert_ne!(task["status"], "failed", "{task}");
        if task["status"] == "completed" {
            break;
        }
    }
}

#[test]
fn a_filter_names_no_more_than_it_may() {
    let house = house();
    let server = serve(&house);
    let ids: Vec<String> = (0..65).map(|n| n.to_string()).collect();
    let refused = follower(&server).request("subscriptions/listen", json!({"notifications": {"taskIds": ids}}));
    let told = "params.notifications.taskIds: expected at most 64";
    assert_eq!((refused.code(), refused.failure().as_str()), (-32602, told));
}
