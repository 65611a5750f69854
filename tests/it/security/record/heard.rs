//! What a client says to a call that is under way, and what was found in what
//! its plugin said.

use serde_json::{Value, json};

use super::{call_id, end, entries, holds, of_call, serve};
use crate::harness::{Client, Era, House, Plugin, Server, http::Events};

/// A house whose plugins ask, with a record that says what was answered.
fn house() -> House {
    let house = House::new().with(&Plugin::real("everything").with("prefix", json!(""))).with(&Plugin::guest("elicit"));
    house.set("audit", json!({"mode": "record", "arguments": "full", "redact": ["/name"]}))
}

fn modern(server: &Server) -> Client {
    let mut client = server.client(Era::Modern);
    client.capabilities = json!({"elicitation": {"form": {}}, "sampling": {}, "roots": {}, "extensions": {"io.modelcontextprotocol/tasks": {}}});
    client
}

/// Calls a tool, answers what it asks, and gives the id of the second round.
fn answered(client: &mut Client, tool: &str, answers: &Value) -> String {
    let asked = client.call(tool, json!({}));
    let state = &asked.result()["requestState"];
    let params = json!({"name": tool, "arguments": {}, "requestState": state, "inputResponses": answers});
    call_id(&client.request("tools/call", params))
}

/// What was heard in a call: what, to which question, and the answer as it stands.
fn heard(entries: &[Value], call: &str) -> Vec<(String, String, Value)> {
    let of = of_call(entries, call);
    let heard = of.iter().filter(|entry| entry["kind"] == "heard");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    heard.map(|entry| (text(&entry["what"]), text(&entry["question"]), entry["message"]["full"].clone())).collect()
}

fn kinds(entries: &[Value], call: &str) -> Vec<String> {
    of_call(entries, call).iter().map(|entry| entry["kind"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn what_a_user_a_model_and_the_roots_answer_is_on_the_record_before_the_plugin_reads_it() {
    let house = house();
    let server = serve(&house, &["everything", "elicit"]);
    let mut client = modern(&server);
    let answers = json!({
        "user_name": {"action": "accept", "content": {"name": "Ann"}},
        "greeting": {"role": "assistant", "content": {"type": "text", "text": "Hi"}, "model": "m"},
        "client_roots": {"roots": [{"uri": "file:///a"}]},
    });
    let all = answered(&mut client, "test_input_required_result_multiple_inputs", &answers);
    let declined = answered(&mut client, "elicit_run", &json!({"user_name": {"action": "decline"}}));
    let cancelled = answered(&mut client, "elicit_run", &json!({"user_name": {"action": "cancel"}}));
    end(server);
    holds(&house);
    let entries = entries(&house);
    let mut told = heard(&entries, &all);
    told.sort_by(|one, other| one.1.cmp(&other.1));
    let told: Vec<(&str, &str, &Value)> =
        told.iter().map(|(what, question, full)| (&**what, &**question, full)).collect();
    assert_eq!(
        told,
        [
            ("answer", "client_roots", &answers["client_roots"]),
            ("answer", "greeting", &answers["greeting"]),
            ("accept", "user_name", &json!({"action": "accept", "content": {"name": "[redacted]"}})),
        ]
    );
    assert_eq!(kinds(&entries, &all), ["heard", "heard", "heard", "intent", "outcome"]);
    let of = of_call(&entries, &all);
    for member in ["digest", "contract", "principal", "method", "item"] {
        assert_eq!(of[0][member], of[3][member], "{member}: {}", of[0]);
        assert!(of[0][member].is_string(), "{member}: {}", of[0]);
    }
    for (call, action) in [(declined, "decline"), (cancelled, "cancel")] {
        let told = heard(&entries, &call);
        assert_eq!(told, [(action.to_owned(), "user_name".to_owned(), json!({"action": action}))]);
    }
}

#[test]
fn an_answer_that_is_redacted_whole_stands_as_a_digest_by_default() {
    let house = House::new().with(&Plugin::guest("elicit")).set("audit", json!({"mode": "record"}));
    let server = serve(&house, &["elicit"]);
    let answers = json!({"user_name": {"action": "accept", "content": {"name": "Ann"}}});
    let call = answered(&mut modern(&server), "elicit_run", &answers);
    end(server);
    let entries = entries(&house);
    let message = &of_call(&entries, &call)[0]["message"];
    assert_eq!((message["full"].is_null(), message["digest"].is_string()), (true, true), "{message}");
}

fn next(events: &mut Events) -> Value {
    loop {
        let event = events.next().expect("an event").expect("the stream is open");
        let message: Value = serde_json::from_str(&event.data.unwrap_or_default()).unwrap_or_default();
        if message.is_object() {
            return message;
        }
    }
}

#[test]
fn a_client_of_the_older_era_that_answers_or_cannot_is_heard() {
    let house = house();
    let server = serve(&house, &["everything", "elicit"]);
    let mut client = server.client(Era::Legacy);
    client.initialize(json!({"elicitation": {}}));
    let ask = |client: &mut Client| {
        let (_, mut events) = client.begin("tools/call", json!({"name": "elicit_run", "arguments": {}}));
        let question = next(&mut events);
        assert_eq!(question["method"], "elicitation/create");
        (question, events)
    };
    let (question, mut events) = ask(&mut client);
    client.respond(&question, json!({"action": "accept", "content": {"name": "Ann"}}));
    let id = |answer: &Value| answer["result"]["_meta"]["dev.bulkhead/callId"].as_str().expect("an id").to_owned();
    let answered = id(&next(&mut events));
    let (question, mut events) = ask(&mut client);
    client.refuse(&question, json!({"code": -32000, "message": "nobody is there"}));
    next(&mut events);
    end(server);
    holds(&house);
    let entries = entries(&house);
    assert_eq!(kinds(&entries, &answered), ["intent", "said", "heard", "intent", "outcome"]);
    let accepted = json!({"action": "accept", "content": {"name": "[redacted]"}});
    assert_eq!(heard(&entries, &answered), [("accept".to_owned(), "user_name".to_owned(), accepted)]);
    let refused = entries.iter().find(|entry| entry["what"] == "error").expect("it was heard");
    assert_eq!(refused["message"]["full"], json!({"code": -32000, "message": "nobody is there"}));
    let refused = refused["call"].as_str().expect("an id");
    assert_eq!(kinds(&entries, refused), ["intent", "said", "heard", "outcome"]);
    assert_eq!(of_call(&entries, refused)[3]["outcome"], "unanswered");
}

#[test]
fn every_round_of_a_task_and_its_cancel_are_on_the_record() {
    let probe = Plugin::guest("task_probe").asks("[asks.kv]\nwhy = \"remembers\"\n").grants(json!({"kv": true}));
    let house = House::new().with(&probe).set("audit", json!({"mode": "record", "arguments": "full"}));
    let server = serve(&house, &["task-probe"]);
    let mut client = modern(&server);
    let begin = |client: &mut Client| {
        let task = client.call("task-probe_ask", json!({}));
        (call_id(&task), task.result()["taskId"].as_str().unwrap_or_else(|| panic!("{task:?}")).to_owned())
    };
    let until = |client: &mut Client, task: &str, holds: &dyn Fn(&Value) -> bool| {
        crate::harness::wait_until("the task is there", || {
            holds(client.request("tasks/get", json!({"taskId": task})).result())
        });
    };
    let (call, task) = begin(&mut client);
    for (key, member, value) in [("name", "name", "Ann"), ("color", "color", "red")] {
        until(&mut client, &task, &|task| task["inputRequests"][key].is_object());
        let answer = json!({key: {"action": "accept", "content": {member: value}}});
        assert!(client.request("tasks/update", json!({"taskId": task, "inputResponses": answer})).is_ok());
    }
    until(&mut client, &task, &|task| task["status"] == "completed");
    let (cancelled, other) = begin(&mut client);
    until(&mut client, &other, &|task| task["inputRequests"]["name"].is_object());
    assert!(client.request("tasks/cancel", json!({"taskId": other})).is_ok());
    // A second one has nothing to cancel.
    assert!(client.request("tasks/cancel", json!({"taskId": other})).is_ok());
    end(server);
    holds(&house);
    let entries = entries(&house);
    // Its first round, which becomes a task, and one before each answer.
    let rounds = ["intent", "said", "heard", "intent", "said", "heard", "intent", "outcome"];
    let of: Vec<&Value> = of_call(&entries, &call).into_iter().filter(|entry| entry["task"] == task.as_str()).collect();
    let told: Vec<&str> = of.iter().filter_map(|entry| entry["kind"].as_str()).collect();
    let begun = told.iter().filter(|kind| **kind == "outcome").count();
    assert_eq!(begun, 2, "it became a task, and ended: {told:?}");
    let without_begin: Vec<&str> =
        of.iter().filter(|entry| entry["outcome"] != "task").filter_map(|entry| entry["kind"].as_str()).collect();
    assert_eq!(without_begin, rounds, "{of:?}");
    assert_eq!(of.last().map(|entry| &entry["outcome"]), Some(&json!("answered")));
    let cancels: Vec<&Value> =
        entries.iter().filter(|entry| entry["kind"] == "heard" && entry["what"] == "cancel").collect();
    assert_eq!(cancels.len(), 1, "{cancels:?}");
    assert_eq!(
        (&cancels[0]["task"], &cancels[0]["item"], &cancels[0]["method"]),
        (&json!(other), &json!("task-probe.ask"), &json!("tasks/cancel"))
    );
    let outcome = of_call(&entries, &cancelled).into_iter().next_back().expect("its end");
    assert_eq!((&outcome["kind"], &outcome["outcome"]), (&json!("outcome"), &json!("cancelled")));
    assert_eq!(outcome["task"], json!(other));
}

#[test]
fn what_screening_found_is_in_the_outcome_with_its_rules_places_and_policy() {
    for policy in ["flag", "block", "off"] {
        let planted = Plugin::guest("planted").with("screen", json!(policy));
        let house = House::new().with(&planted).set("audit", json!({"mode": "record"}));
        let server = serve(&house, &["planted"]);
        let mut client = server.client(Era::Modern);
        client.call("planted_say", json!({"at": "content"}));
        client.call("planted_say", json!({"at": "nowhere"}));
        end(server);
        let entries = entries(&house);
        let outcomes = super::of_kind(&entries, "outcome");
        let [said, plain] = outcomes[..] else { panic!("{outcomes:?}") };
        assert!(plain["flagged"].is_null() && plain["screen"].is_null(), "{plain}");
        if policy == "off" {
            assert!(said["flagged"].is_null(), "{said}");
            continue;
        }
        assert_eq!(said["screen"], policy);
        let found: Vec<(&str, &str)> = said["flagged"]
            .as_array()
            .unwrap_or_else(|| panic!("{said}"))
            .iter()
            .map(|one| (one["rule"].as_str().unwrap_or_default(), one["place"].as_str().unwrap_or_default()))
            .collect();
        assert!(found.iter().all(|(_, place)| *place == "content"), "{said}");
        let ending = if policy == "block" { "screened" } else { "answered" };
        assert_eq!(said["outcome"], ending, "{said}");
        let is_met = |rule: &str| found.iter().any(|(met, _)| *met == rule);
        assert!(is_met("injection.ignore-previous") || (policy == "block" && is_met("hidden.tags")), "{said}");
    }
}
