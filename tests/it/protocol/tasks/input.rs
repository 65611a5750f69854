//! Questions inside a task.

use serde_json::{Value, json};

use super::{TASKS, accept, answer, begin, cancel, follower, get, house, serve, text, until};
use crate::harness::{House, Plugin, wait_until};

fn everything() -> House {
    House::new().with(&Plugin::real("everything").with("prefix", json!("")))
}

fn asked(task: &Value) -> Vec<&str> {
    let requests = task["inputRequests"].as_object().unwrap_or_else(|| panic!("nothing is asked: {task}"));
    requests.keys().map(String::as_str).collect()
}

#[test]
fn two_questions_at_once_are_answered_one_by_one() {
    let house = everything();
    let server = serve(&house);
    let mut client = follower(&server);
    let id = begin(&mut client, "multi_input", json!({}));
    let task = until(&mut client, &id, "input_required");
    assert_eq!(asked(&task), ["first", "second"]);
    let first = &task["inputRequests"]["first"];
    assert_eq!((&first["method"], &first["params"]["mode"]), (&json!("elicitation/create"), &json!("form")), "{task}");
    answer(&mut client, &id, json!({"third": accept(json!({})), "unknown": 7}));
    answer(&mut client, &id, json!({"second": accept(json!({"name": "Bob"}))}));
    let task = get(&mut client, &id);
    assert_eq!((&task["status"], asked(&task)), (&json!("input_required"), vec!["first"]));
    // What is answered stays answered.
    answer(&mut client, &id, json!({"second": accept(json!({"name": "Eve"}))}));
    answer(&mut client, &id, json!({"first": accept(json!({"name": "Ann"}))}));
    assert_ne!(get(&mut client, &id)["status"], "input_required", "nothing is open any more");
    assert_eq!(text(&until(&mut client, &id, "completed")), "Ann and Bob");
}

#[test]
fn an_answer_that_is_no_object_is_refused_and_changes_nothing() {
    let house = everything();
    let server = serve(&house);
    let mut client = follower(&server);
    let id = begin(&mut client, "multi_input", json!({}));
    until(&mut client, &id, "input_required");
    let wrong = json!({"first": accept(json!({"name": "Ann"})), "second": "Bob"});
    let refused = client.request("tasks/update", json!({"taskId": id, "inputResponses": wrong}));
    assert_eq!(refused.code(), -32602);
    assert_eq!(refused.failure(), "params.inputResponses.second: expected an object");
    let large = json!({"first": accept(json!({"name": "x".repeat(2 << 20)}))});
    let refused = client.request("tasks/update", json!({"taskId": id, "inputResponses": large}));
    assert_eq!(refused.failure(), "params.inputResponses: expected at most 1048576 bytes of answers");
    assert_eq!(asked(&get(&mut client, &id)), ["first", "second"]);
    cancel(&mut client, &id);
    let task = get(&mut client, &id);
    assert_eq!((&task["status"], task.get("inputRequests")), (&json!("cancelled"), None));
    answer(&mut client, &id, json!({"first": accept(json!({"name": "Ann"}))}));
    assert_eq!(get(&mut client, &id), task);
}

#[test]
fn one_question_after_another() {
    let house = house();
    let server = serve(&house);
    let mut client = follower(&server);
    let id = begin(&mut client, "task-probe_ask", json!({}));
    assert_eq!(asked(&until(&mut client, &id, "input_required")), ["name"]);
    answer(&mut client, &id, json!({"name": accept(json!({"name": "Ann"}))}));
    wait_until("the next question", || get(&mut client, &id)["inputRequests"]["color"].is_object());
    answer(&mut client, &id, json!({"name": accept(json!({"name": "Eve"}))}));
    answer(&mut client, &id, json!({"color": accept(json!({"color": "red"}))}));
    assert_eq!(text(&until(&mut client, &id, "completed")), "Ann likes red");
}

#[test]
fn only_what_the_client_declared_is_asked() {
    let house = house();
    let server = serve(&house);
    let mut client = follower(&server);
    client.capabilities = json!({"extensions": {TASKS: {}}});
    let id = begin(&mut client, "task-probe_ask", json!({}));
    let task = until(&mut client, &id, "failed");
    assert_eq!(task["error"]["code"], -32021, "{task}");
    assert!(task["error"]["data"]["requiredCapabilities"]["elicitation"].is_object(), "{task}");
}

#[test]
fn a_user_who_declines_ends_the_task_with_the_tools_own_failure() {
    let house = house();
    let server = serve(&house);
    let mut client = follower(&server);
    let id = begin(&mut client, "task-probe_ask", json!({}));
    until(&mut client, &id, "input_required");
    answer(&mut client, &id, json!({"name": {"action": "decline"}}));
    let task = until(&mut client, &id, "completed");
    assert_eq!((&task["result"]["isError"], text(&task)), (&json!(true), "denied: the user declined"));
}

#[test]
fn a_task_that_waits_takes_no_place_among_the_calls() {
    let house = house().set("limits", json!({"inFlight": 1}));
    let server = serve(&house);
    let mut client = follower(&server);
    // While one of them works, it has the one place there is.
    let mut once = |method: &str, params: Value, done: &dyn Fn(&Value) -> bool| {
        let mut result = Value::Null;
        wait_until(method, || {
            result = client.request(method, params.clone()).message["result"].clone();
            done(&result)
        });
        result
    };
    let call = json!({"name": "task-probe_ask", "arguments": {}});
    let begun = |_: usize| once("tools/call", call.clone(), &|task| task["taskId"].is_string())["taskId"].clone();
    let waiting: Vec<Value> = (0..3).map(begun).collect();
    for id in &waiting {
        once("tasks/get", json!({"taskId": id}), &|task| task["inputRequests"]["name"].is_object());
    }
    for id in &waiting {
        let answers = json!({"name": accept(json!({"name": "Ann"}))});
        once("tasks/update", json!({"taskId": id, "inputResponses": answers}), &Value::is_object);
        once("tasks/get", json!({"taskId": id}), &|task| task["inputRequests"]["color"].is_object());
    }
}
