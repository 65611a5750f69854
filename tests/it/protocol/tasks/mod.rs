//! Calls that go on as tasks.

mod ends;
mod input;
mod life;
mod news;
mod shared;

use serde_json::{Value, json};

use crate::harness::{Client, Era, House, Plugin, Server, wait_until};

const TASKS: &str = "io.modelcontextprotocol/tasks";

/// What a client can do that follows tasks.
fn abilities() -> Value {
    json!({"elicitation": {}, "extensions": {TASKS: {}}})
}

/// A plugin whose tools run as tasks.
fn probe() -> Plugin {
    let probe = Plugin::guest("task_probe").asks("[asks.kv]\nwhy = \"remembers\"\n");
    probe.grants(json!({"kv": true})).limits(json!({"time": "60s"}))
}

/// A house with it.
fn house() -> House {
    House::new().with(&probe())
}

/// Serves `house` once all of it is loaded.
fn serve(house: &House) -> Server {
    let server = house.serve();
    loaded(&server);
    server
}

/// Waits until the one plugin is served.
fn loaded(server: &Server) {
    server.lines().wait_for(&["served", "plugin="]);
}

/// A client that follows tasks.
fn follower(server: &Server) -> Client {
    let mut client = server.client(Era::Modern);
    client.capabilities = abilities();
    client
}

/// Calls a tool that becomes a task, and gives its id.
fn begin(client: &mut Client, tool: &str, arguments: Value) -> String {
    let answer = client.call(tool, arguments);
    let task = answer.result();
    assert_eq!((&task["resultType"], &task["status"]), (&json!("task"), &json!("working")), "{answer:?}");
    task["taskId"].as_str().unwrap_or_else(|| panic!("no id: {answer:?}")).to_owned()
}

/// The task as it stands.
fn get(client: &mut Client, id: &str) -> Value {
    let task = client.request("tasks/get", json!({"taskId": id})).result().clone();
    assert_eq!((&task["taskId"], &task["resultType"]), (&json!(id), &json!("complete")), "{task}");
    assert!(task.get("requestState").is_none(), "{task}");
    task
}

/// The task, once it stands so.
fn until(client: &mut Client, id: &str, status: &str) -> Value {
    let mut task = Value::Null;
    wait_until(&format!("the task is {status}"), || {
        task = get(client, id);
        task["status"] == status
    });
    task
}

/// Answers questions of a task.
fn answer(client: &mut Client, id: &str, answers: Value) {
    let acknowledged = client.request("tasks/update", json!({"taskId": id, "inputResponses": answers}));
    empty(acknowledged.result());
}

/// Cancels a task.
fn cancel(client: &mut Client, id: &str) {
    empty(client.request("tasks/cancel", json!({"taskId": id})).result());
}

/// An acknowledgement says nothing else.
fn empty(result: &Value) {
    let members: Vec<&String> = result.as_object().expect("an object").keys().collect();
    assert_eq!(members, ["_meta", "resultType"], "{result}");
    assert_eq!(result["resultType"], "complete");
}

/// What a user answers who fills a form in.
fn accept(content: Value) -> Value {
    json!({"action": "accept", "content": content})
}

/// The text of a completed task's result.
fn text(task: &Value) -> &str {
    task["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no text: {task}"))
}

/// The error that is told of a task that is not there.
fn unknown(client: &mut Client, id: &str) -> (u16, i64, String) {
    let answer = client.request("tasks/get", json!({"taskId": id}));
    (answer.status, answer.code(), answer.failure())
}
