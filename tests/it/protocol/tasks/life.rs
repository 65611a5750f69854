//! From a call to its result, and who is served at all.

use serde_json::{Value, json};

use super::{TASKS, abilities, begin, cancel, follower, get, house, loaded, probe, serve, text, unknown, until};
use crate::harness::{
    Client, Era, House, Plugin,
    http::{Connection, Request},
    ports, wait_until,
};

/// Shows `test` a client over each transport.
fn both(house: &House, test: impl Fn(&mut Client, &str)) {
    let server = serve(house);
    test(&mut follower(&server), "over HTTP");
    let (server, mut client) = house.serve_stdio(Era::Modern);
    loaded(&server);
    client.capabilities = abilities();
    test(&mut client, "over stdio");
}

#[test]
fn a_call_becomes_a_task_and_its_result_is_kept() {
    both(&house(), |client, how| {
        let answer = client.call("task-probe_work", json!({"milliseconds": 700}));
        let created = answer.result().clone();
        assert_eq!((answer.status, &created["resultType"]), (200, &json!("task")), "{how}: {answer:?}");
        for absent in ["task", "result", "error", "inputRequests", "requestState", "ttl", "pollInterval"] {
            assert!(created.get(absent).is_none(), "{how}: {absent} in {created}");
        }
        assert_eq!((&created["ttlMs"], &created["pollIntervalMs"]), (&json!(3_600_000), &json!(1_000)), "{how}");
        let id = created["taskId"].as_str().expect("an id");
        assert!(id.len() == 32 && id.chars().all(|c| c.is_ascii_hexdigit()), "{how}: 128 bits: {id}");
        let task = get(client, id);
        assert_eq!((&task["status"], &task["createdAt"]), (&json!("working"), &created["createdAt"]), "{how}");
        wait_until("its plugin says something", || {
            get(client, id)["statusMessage"] == "at work" || get(client, id)["status"] == "completed"
        });
        let task = until(client, id, "completed");
        assert_eq!(text(&task), "worked, as a task: true", "{how}");
        assert_eq!(task["result"]["resultType"], "complete", "{how}");
        assert!(task["lastUpdatedAt"].as_str() > task["createdAt"].as_str(), "{how}: {task}");
        assert!(task.get("error").is_none() && task.get("inputRequests").is_none(), "{how}: {task}");
        assert!(!task.to_string().contains("related-task"), "{how}: {task}");
        cancel(client, id);
        assert_eq!(get(client, id), task, "{how}: what has ended stays as it is");
    });
}

#[test]
fn a_task_is_counted_twice_as_a_call_and_as_what_became_of_it() {
    let free = ports::free();
    let house = house().set("admin", json!({"listen": free.to_string()}));
    let server = serve(&house);
    let mut client = follower(&server);
    let done = begin(&mut client, "task-probe_work", json!({"milliseconds": 1}));
    until(&mut client, &done, "completed");
    let cancelled = begin(&mut client, "task-probe_work", json!({"milliseconds": 50_000}));
    let counted = |line: &str| {
        let page = Connection::open(free).and_then(|mut connection| connection.exchange(&Request::get("/metrics")));
        page.is_ok_and(|page| page.text().lines().any(|counted| counted == line))
    };
    wait_until("one task runs", || counted("bulkhead_tasks_live 1"));
    cancel(&mut client, &cancelled);
    for line in [
        "bulkhead_tasks_live 0",
        r#"bulkhead_calls_total{kind="tool",ending="task"} 2"#,
        r#"bulkhead_calls_total{kind="task",ending="answered"} 1"#,
        r#"bulkhead_calls_total{kind="task",ending="cancelled"} 1"#,
    ] {
        wait_until(line, || counted(line));
    }
}

#[test]
fn a_status_line_is_seen_while_the_task_works() {
    let house = house();
    let server = serve(&house);
    let mut client = follower(&server);
    let id = begin(&mut client, "task-probe_work", json!({"milliseconds": 30_000}));
    wait_until("its plugin says something", || get(&mut client, &id)["statusMessage"] == "at work");
    cancel(&mut client, &id);
}

#[test]
fn a_tools_own_failure_completes_and_an_error_fails() {
    let house = House::new().with(&Plugin::real("everything").with("prefix", json!("")));
    let server = serve(&house);
    let mut client = follower(&server);
    let failing = begin(&mut client, "failing_job", json!({}));
    let broken = begin(&mut client, "protocol_error_job", json!({}));
    let task = until(&mut client, &failing, "completed");
    assert_eq!((&task["result"]["isError"], text(&task)), (&json!(true), "This job always fails"));
    let task = until(&mut client, &broken, "failed");
    let error = &task["error"];
    assert_eq!((&error["code"], &error["message"]), (&json!(-32603), &json!("This job always breaks")), "{task}");
    assert_eq!(task["statusMessage"], error["message"]);
    assert!(task.get("result").is_none(), "{task}");
}

#[test]
fn questions_before_a_task_go_the_ordinary_way() {
    let house = House::new().with(&Plugin::real("everything").with("prefix", json!("")));
    let server = serve(&house);
    let mut client = follower(&server);
    let asked = client.call("test_tool_with_task", json!({}));
    let asked = asked.result();
    assert_eq!((&asked["resultType"], asked.get("taskId")), (&json!("input_required"), None), "{asked}");
    let created = client.request(
        "tools/call",
        json!({
            "name": "test_tool_with_task",
            "arguments": {},
            "requestState": asked["requestState"],
            "inputResponses": {"user_name": super::accept(json!({"name": "Alice"}))},
        }),
    );
    let created = created.result();
    assert_eq!((&created["resultType"], created.get("requestState")), (&json!("task"), None), "{created}");
    let task = until(&mut client, created["taskId"].as_str().expect("an id"), "completed");
    assert_eq!(text(&task), "Hello, Alice!");
}

#[test]
fn who_does_not_follow_tasks_is_told_or_served_directly() {
    let house = house();
    let server = serve(&house);
    let mut client = server.client(Era::Modern);
    let offered = client.request("server/discover", json!({}));
    assert_eq!(offered.result()["capabilities"]["extensions"][TASKS], json!({}), "{offered:?}");
    assert!(offered.result()["capabilities"].get("tasks").is_none(), "{offered:?}");
    let direct = client.call("task-probe_work", json!({"milliseconds": 1}));
    assert_eq!(
        (&direct.result()["resultType"], direct.text().as_str()),
        (&json!("complete"), "worked, as a task: false")
    );
    let needed = json!({"extensions": {TASKS: {}}});
    let refused = [
        ("tools/call", json!({"name": "task-probe_stubborn", "arguments": {}})),
        ("tasks/get", json!({"taskId": "x"})),
        ("tasks/update", json!({"taskId": "x", "inputResponses": {}})),
        ("tasks/cancel", json!({"taskId": "x"})),
        ("subscriptions/listen", json!({"notifications": {"taskIds": []}})),
    ];
    for (method, params) in refused {
        let answer = client.request(method, params);
        assert_eq!((answer.status, answer.code()), (400, -32021), "{method}: {answer:?}");
        assert_eq!(answer.message["error"]["data"]["requiredCapabilities"], needed, "{method}");
    }
    let once = json!({"name": "task-probe_work", "arguments": {"milliseconds": 1}});
    client.capabilities = abilities();
    let id = client.request("tools/call", once).result()["taskId"].as_str().expect("it says so itself").to_owned();
    until(&mut client, &id, "completed");
}

#[test]
fn older_clients_have_no_tasks() {
    let house = house();
    let server = serve(&house);
    let mut client = server.client(Era::Legacy);
    client.initialize(abilities());
    assert_eq!(client.call("task-probe_work", json!({"milliseconds": 1})).text(), "worked, as a task: false");
    assert_eq!(client.call("task-probe_stubborn", json!({})).code(), -32021);
    assert_eq!(client.request("tasks/get", json!({"taskId": "x"})).code(), -32601);
}

#[test]
fn methods_that_are_no_more_are_unknown() {
    let house = house();
    let server = serve(&house);
    for method in ["tasks/list", "tasks/result"] {
        let answer = follower(&server).request(method, json!({"taskId": "x"}));
        assert_eq!((answer.status, answer.code()), (404, -32601), "{method}: {answer:?}");
    }
}

#[test]
fn a_task_that_is_not_there_is_unknown_to_every_method() {
    let house = house();
    let server = serve(&house);
    let mut client = follower(&server);
    let told = unknown(&mut client, "0123456789abcdef0123456789abcdef");
    assert_eq!((told.0, told.1), (200, -32602));
    assert_eq!(told.2, "params.taskId: there is no such task, or it has expired");
    assert_eq!(unknown(&mut client, &"0".repeat(100_000)), told);
    for (method, params) in
        [("tasks/update", json!({"taskId": "x", "inputResponses": {}})), ("tasks/cancel", json!({"taskId": "x"}))]
    {
        let answer = client.request(method, params);
        assert_eq!((answer.code(), answer.failure()), (told.1, told.2.clone()), "{method}");
    }
    let missing = client.request("tasks/update", json!({"taskId": "x"}));
    assert_eq!(missing.failure(), "params.inputResponses: expected an object, got nothing");
}

#[test]
fn a_header_that_names_another_task_is_refused() {
    let house = house();
    let server = serve(&house);
    let client = follower(&server);
    let message = client.message("tasks/get", json!({"taskId": "x"}));
    let lying = client.http_request(&message).without("Mcp-Name").header("Mcp-Name", "y");
    let answer: Value = serde_json::from_slice(&server.exchange(&lying).body).expect("JSON");
    assert_eq!(answer["error"]["code"], -32020, "{answer}");
}

#[test]
fn without_a_database_tasks_are_not_offered() {
    let house = House::new().with(&probe().grants(json!({}))).set("state", json!({"url": "sqlite:plugins"}));
    let server = serve(&house);
    let mut client = follower(&server);
    let offered = client.request("server/discover", json!({}));
    let extensions = &offered.result()["capabilities"]["extensions"];
    assert!(extensions.get("io.modelcontextprotocol/tasks").is_none(), "{offered:?}");
    assert_eq!(client.call("task-probe_work", json!({"milliseconds": 1})).text(), "worked, as a task: false");
    let refused = client.call("task-probe_stubborn", json!({}));
    let told = "this tool runs as a task only, and tasks are not served here";
    assert_eq!((refused.code(), refused.failure().as_str()), (-32603, told));
    assert_eq!(client.request("tasks/get", json!({"taskId": "x"})).code(), -32601);
}

#[test]
fn a_plugin_whose_contract_has_no_task_makes_none() {
    let house = house();
    let server = serve(&house);
    let answer = follower(&server).call("task-probe_sly", json!({}));
    assert_eq!(answer.failure(), "the plugin's answer makes no sense", "{answer:?}");
    server.lines().wait_for(&["it wants to run as a task, and its contract does not say so"]);
}
