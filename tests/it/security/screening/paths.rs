//! Every path from a guest to its client, in every dialect, under every policy.

use serde_json::{Value, json};

use super::{CLEANED, REFUSED, is_clean, next, planted, rules, says, subscribe};
use crate::harness::{Client, Era, Server, http::Request, wait_until};

/// What becomes of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// In a text: it is cleaned.
    InText,
    /// Where a client uses it as it is: the answer is refused, whatever the policy.
    AsItIs,
}
use Stands::{AsItIs, InText};

/// Where the tool says it, and what becomes of it there.
const ANSWERS: [(&str, Stands); 23] = [
    ("content", InText),
    ("error-result", InText),
    ("structured", InText),
    ("structured-key", AsItIs),
    ("meta", InText),
    ("block-meta", InText),
    ("last-modified", InText),
    ("mime-type", InText),
    ("link-name", InText),
    ("link-title", InText),
    ("link-description", InText),
    ("link-uri", AsItIs),
    ("embedded", InText),
    ("embedded-uri", AsItIs),
    ("embedded-meta", InText),
    ("invalid", InText),
    ("not-found", InText),
    ("conflict", InText),
    ("denied", InText),
    ("failed", InText),
    ("protocol", InText),
    ("protocol-data", InText),
    ("elicitation-url", AsItIs),
];

const POLICIES: [&str; 3] = ["off", "flag", "block"];
const FOUND: [&str; 2] = ["hidden.tags", "injection.ignore-previous"];

fn abilities() -> Value {
    json!({"elicitation": {"form": {}, "url": {}}, "sampling": {}, "extensions": {"io.modelcontextprotocol/tasks": {}}})
}

/// Serves the guest under each policy.
fn under_each(test: impl Fn(&str, &Server)) {
    for policy in POLICIES {
        let house = planted(policy);
        let server = house.serve();
        server.lines().wait_for(&["served", "plugin="]);
        test(policy, &server);
    }
}

fn client(server: &Server, era: Era) -> Client {
    let mut client = server.client(era);
    match era {
        Era::Legacy => drop(client.initialize(abilities())),
        Era::Modern => client.capabilities = abilities(),
    }
    client
}

/// What every answer has to be, `stands` where it was said.
fn holds(message: &Value, policy: &str, stands: Stands, how: &str) {
    is_clean(message, how);
    let is_refused = policy == "block" || stands == AsItIs;
    assert_eq!(says(message, |text| text.contains(REFUSED)), is_refused, "{how}: {message}");
    let told = says(message, |text| text.contains("ignore all previous"));
    assert_eq!(told, !is_refused, "{how}: {message}");
    if stands == InText && policy != "block" {
        let told =
            if message.get("result").is_some() { &message["result"]["_meta"] } else { &message["error"]["data"] };
        told_of(told, policy, how);
    }
}

/// What was found and altered is said in `told`, a `_meta` or an error's data.
fn told_of(told: &Value, policy: &str, how: &str) {
    let found = rules(&told["dev.bulkhead/findings"]);
    assert_eq!(found, if policy == "flag" { &FOUND[..] } else { &[] }, "{how}: {told}");
    assert!(told["dev.bulkhead/cleaned"].is_array(), "{how}: {told}");
}

#[test]
fn answers_of_tools() {
    under_each(|policy, server| {
        for era in Era::ALL {
            let mut client = client(server, era);
            for (at, stands) in ANSWERS {
                let answer = client.call("planted_say", json!({"at": at}));
                holds(&answer.message, policy, stands, &format!("{at}, {era:?}, {policy}"));
            }
            let fine = client.call("planted_say", json!({"at": "nowhere"}));
            let told = &fine.result()["_meta"];
            assert!(told["dev.bulkhead/callId"].is_string(), "{told}");
            assert!(told["dev.bulkhead/findings"].is_null() && told["dev.bulkhead/cleaned"].is_null(), "{told}");
        }
        // What the guide's shapes have no place for is not said there.
        let has_place = |at: &str| !at.contains("meta") && !["elicitation-url", "last-modified"].contains(&at);
        for (at, stands) in ANSWERS.into_iter().filter(|(at, _)| has_place(at)) {
            let answer = guide(server, "mcp.tool.invoke", &json!({"toolId": "planted.say", "args": {"at": at}}));
            let how = format!("{at}, guide, {policy}");
            is_clean(&answer, &how);
            let is_refused = policy == "block" || stands == AsItIs;
            assert_eq!(says(&answer, |text| text.contains("ignore all previous")), !is_refused, "{how}: {answer}");
            let found = rules(&answer["result"]["metadata"]["findings"]);
            if policy == "flag" && stands == InText && answer.get("result").is_some() {
                assert_eq!(found, FOUND, "{how}: {answer}");
                assert!(answer["result"]["metadata"]["cleaned"].is_array(), "{how}: {answer}");
            }
            if policy == "flag" && stands == InText && answer.get("error").is_some() {
                told_of(&answer["error"]["data"], policy, &how);
            }
        }
    });
}

#[test]
fn what_is_cleaned_reads_as_it_was_meant() {
    let house = planted("off");
    let server = house.serve();
    let mut client = client(&server, Era::Modern);
    let structured = client.call("planted_say", json!({"at": "structured"}));
    assert_eq!(structured.structured()["a"], json!([1, {"b": CLEANED}]));
    assert_eq!(client.call("planted_say", json!({"at": "content"})).text(), CLEANED);
}

#[test]
fn notices_before_an_answer() {
    under_each(|policy, server| {
        for era in Era::ALL {
            let mut client = client(server, era);
            client.meta.insert("progressToken".to_owned(), json!(1));
            match era {
                Era::Legacy => drop(client.request("logging/setLevel", json!({"level": "info"}))),
                Era::Modern => drop(client.meta.insert("io.modelcontextprotocol/logLevel".to_owned(), json!("info"))),
            }
            for (at, method) in [
                ("progress", "notifications/progress"),
                ("log", "notifications/message"),
                ("logger", "notifications/message"),
            ] {
                let how = format!("{at}, {era:?}, {policy}");
                let answer = client.call("planted_say", json!({"at": at}));
                assert_eq!(answer.text(), "fine", "{how}");
                let told: Vec<&Value> = answer.before.iter().filter(|message| message["method"] == method).collect();
                told.iter().for_each(|message| is_clean(message, &how));
                let planted = told.iter().filter(|it| says(it, |text| text.contains("ignore all previous"))).count();
                assert_eq!(planted, usize::from(policy != "block"), "{how}: {answer:?}");
                let found = rules(&answer.result()["_meta"]["dev.bulkhead/findings"]);
                assert_eq!(!found.is_empty(), policy != "off", "{how}: {answer:?}");
            }
        }
    });
}

#[test]
fn a_resource_that_changed_is_named_only_if_its_name_is_seen() {
    under_each(|policy, server| {
        let mut events = subscribe(server, "resourceUpdated");
        assert!(client(server, Era::Modern).call("planted_say", json!({"at": "updated"})).is_ok());
        let told = next(&mut events);
        assert_eq!(told["params"]["uri"], "planted://text", "{policy}: {told}");
    });
}

#[test]
fn questions_to_a_client() {
    under_each(|policy, server| {
        for at in ["elicitation", "elicitation-form", "sampling"] {
            let how = format!("{at}, {policy}");
            let mut modern = client(server, Era::Modern);
            let answer = modern.call("planted_say", json!({"at": at})).message;
            holds(&answer, policy, InText, &how);
            assert_eq!(answer["result"]["inputRequests"]["key"].is_object(), policy != "block", "{how}: {answer}");

            let mut legacy = client(server, Era::Legacy);
            if policy == "block" {
                holds(&legacy.call("planted_say", json!({"at": at})).message, policy, InText, &how);
                continue;
            }
            let (_, mut events) = legacy.begin("tools/call", json!({"name": "planted_say", "arguments": {"at": at}}));
            let question = loop {
                let event = events.next().expect("an event").expect("the stream is open");
                if let Some(data) = event.data.filter(|data| !data.is_empty()) {
                    break serde_json::from_str::<Value>(&data).expect("JSON");
                }
            };
            is_clean(&question, &how);
            assert!(question.get("method").is_some(), "{how}: {question}");
            assert!(says(&question, |text| text.contains("ignore all previous")), "{how}: {question}");
            told_of(&question["params"]["_meta"], policy, &how);
        }
    });
}

#[test]
fn a_link_is_screened_as_the_text_that_it_becomes() {
    under_each(|policy, server| {
        for era in Era::ALL {
            let mut client = client(server, era);
            let mut found = |at: &str| {
                let answer = client.call("planted_say", json!({"at": at})).message;
                let is_refused = says(&answer, |text| text.contains(REFUSED));
                (rules(&answer["result"]["_meta"]["dev.bulkhead/findings"]).len(), is_refused)
            };
            assert_eq!(found("link"), (0, false), "{era:?}, {policy}");
            let expected = match policy {
                "off" => (0, false),
                "flag" => (1, false),
                _ => (1, true),
            };
            assert_eq!(found("link-joined"), expected, "{era:?}, {policy}");
        }
    });
}

#[test]
fn what_is_kept_of_a_task_is_screened_as_it_is_read() {
    let mut house = planted("off");
    let server = house.serve();
    server.lines().wait_for(&["served", "plugin="]);
    let mut client = client(&server, Era::Modern);
    let mut begin = |at: &str| {
        let begun = client.call("planted_work", json!({"at": at}));
        begun.result()["taskId"].as_str().unwrap_or_else(|| panic!("{begun:?}")).to_owned()
    };
    let (result, error) = (begin("result"), begin("error"));
    let mut get = |id: &str| client.request("tasks/get", json!({"taskId": id})).message;
    wait_until("both ended", || {
        get(&result)["result"]["status"] == "completed" && get(&error)["result"]["status"] == "failed"
    });
    let told = |task: &Value| says(task, |text| text.contains("ignore all previous"));
    assert!(told(&get(&result)) && told(&get(&error)), "as it was kept");
    assert_eq!(rules(&get(&result)["result"]["result"]["_meta"]["dev.bulkhead/findings"]), [""; 0]);

    house.edit(|config| config["plugins"]["planted"]["screen"] = json!("flag"));
    let found = |task: &Value| rules(&task["result"]["result"]["_meta"]["dev.bulkhead/findings"]) == FOUND[1..];
    wait_until("it is flagged", || found(&get(&result)));
    assert!(get(&result)["result"]["result"]["_meta"]["dev.bulkhead/callId"].is_string());

    house.edit(|config| config["plugins"]["planted"]["screen"] = json!("block"));
    wait_until("it is refused", || says(&get(&result), |text| text == REFUSED));
    for task in [get(&result), get(&error)] {
        assert!(!told(&task) && says(&task, |text| text == REFUSED), "{task}");
    }
}

#[test]
fn tasks_and_what_is_kept_of_them() {
    under_each(|policy, server| {
        let mut client = client(server, Era::Modern);
        for (at, ends) in
            [("result", "completed"), ("error", "failed"), ("status", "input_required"), ("question", "input_required")]
        {
            let how = format!("{at}, {policy}");
            let begun = client.call("planted_work", json!({"at": at}));
            let id = begun.result()["taskId"].as_str().unwrap_or_else(|| panic!("{how}: {begun:?}")).to_owned();
            // What is refused is the tool's own failure: its model reads that.
            let ends = if policy == "block" && at != "status" { "completed" } else { ends };
            let mut task = Value::Null;
            wait_until(&how, || {
                task = client.request("tasks/get", json!({"taskId": id})).message;
                let said = at != "status" || policy == "block" || task["result"]["statusMessage"].is_string();
                task["result"]["status"] == ends && said
            });
            is_clean(&task, &how);
            let told = says(&task, |text| text.contains("ignore all previous"));
            assert_eq!(told, policy != "block", "{how}: {task}");
            assert_eq!(says(&task, |text| text == REFUSED), policy == "block" && at != "status", "{how}: {task}");
            match at {
                _ if policy == "block" => {}
                "result" => told_of(&task["result"]["result"]["_meta"], policy, &how),
                "error" => told_of(&task["result"]["error"]["data"], policy, &how),
                "question" => {
                    let questions = task["result"]["inputRequests"].as_object().expect("questions");
                    questions.values().for_each(|asked| told_of(&asked["params"]["_meta"], policy, &how));
                }
                _ => {}
            }
        }
    });
}

#[test]
fn resources_prompts_and_completions() {
    under_each(|policy, server| {
        for era in Era::ALL {
            let mut client = client(server, era);
            let mut ask = |method: &str, params: Value, stands: Stands| {
                let how = format!("{method} {params}, {era:?}, {policy}");
                let answer = client.request(method, params).message;
                holds(&answer, policy, stands, &how);
            };
            for (uri, stands) in
                [("planted://text", InText), ("planted://contents-meta", InText), ("planted://etag", AsItIs)]
            {
                ask("resources/read", json!({"uri": uri}), stands);
            }
            ask("resources/read", json!({"uri": "planted://other"}), InText);
            for at in ["message", "description", "meta"] {
                ask("prompts/get", json!({"name": "planted_ask", "arguments": {"at": at}}), InText);
            }
            let reference = json!({"type": "ref/prompt", "name": "planted_ask"});
            let argument = json!({"name": "at", "value": ""});
            ask("completion/complete", json!({"ref": reference, "argument": argument}), AsItIs);
        }
        for (method, params, stands) in [
            ("mcp.resource.read", json!({"uri": "planted://text"}), InText),
            ("mcp.resource.read", json!({"uri": "planted://etag"}), AsItIs),
            ("mcp.prompt.get", json!({"promptId": "planted.ask", "args": {"at": "message"}}), InText),
            ("mcp.resource.write", json!({"uri": "planted://text", "content": "x"}), AsItIs),
        ] {
            let how = format!("{method} {params}, guide, {policy}");
            let answer = guide(server, method, &params);
            is_clean(&answer, &how);
            let is_refused = policy == "block" || stands == AsItIs;
            assert_eq!(says(&answer, |text| text.contains(REFUSED)), is_refused, "{how}: {answer}");
            let found = rules(&answer["result"]["findings"]);
            assert_eq!(!found.is_empty(), policy == "flag" && stands == InText, "{how}: {answer}");
        }
    });
}

#[test]
fn listings_that_a_plugin_makes() {
    under_each(|policy, server| {
        let entries = |listed: &Value| {
            let listed = listed.as_array().expect("a list");
            listed.iter().filter(|entry| entry["uri"] == "planted://listed").count()
        };
        for era in Era::ALL {
            let how = format!("{era:?}, {policy}");
            let first = client(server, era).request("resources/list", json!({})).message;
            is_clean(&first, &how);
            assert_eq!(entries(&first["result"]["resources"]), usize::from(policy != "block"), "{how}: {first}");
            let found = rules(&first["result"]["_meta"]["dev.bulkhead/findings"]);
            assert_eq!(!found.is_empty(), policy == "flag", "{how}: {first}");
        }
        let listed = guide(server, "mcp.resource.list", &json!({}));
        is_clean(&listed, policy);
        assert_eq!(entries(&listed["result"]), usize::from(policy != "block"), "{listed}");
    });
}

#[test]
fn another_policy_holds_without_a_restart() {
    let mut house = planted("flag");
    let server = house.serve();
    server.lines().wait_for(&["served", "plugin="]);
    let mut client = client(&server, Era::Modern);
    let mut says_so = || client.call("planted_say", json!({"at": "content"})).text();
    assert_eq!(says_so(), CLEANED);
    house.edit(|config| config["plugins"]["planted"]["screen"] = json!("block"));
    wait_until("it is refused", || says_so() == REFUSED);
}

/// A whole answer of the guide's dialect.
fn guide(server: &Server, method: &str, params: &Value) -> Value {
    let message = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
    let response = server.exchange(&Request::mcp("POST", message.to_string()).without("Accept"));
    serde_json::from_slice(&response.body).unwrap_or_else(|error| panic!("{error}: {response:?}"))
}
