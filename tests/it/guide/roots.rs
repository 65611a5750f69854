//! Roots: opened, used and closed by whom they belong to, and by nobody else.

use serde_json::{Value, json};

use super::{ALICE, BOB, CAROL, authors, error, keys, result};
use crate::harness::{Plugin, Server};

fn create(server: &Server, key: &str, options: Value) -> String {
    result(server, key, "mcp.root.create", options)["rootId"].as_str().expect("an id").to_owned()
}

fn invoke(context: Value) -> Value {
    json!({"toolId": "context-probe.run", "args": {}, "context": context})
}

fn given(server: &Server, key: &str, context: Value) -> Value {
    result(server, key, "mcp.tool.invoke", invoke(context))["output"].clone()
}

fn sampling(given: &Value) -> Value {
    serde_json::from_str(given["sampling"].as_str().expect("parameters")).expect("JSON")
}

fn open(server: &Server, key: &str) -> Vec<String> {
    let listed = result(server, key, "mcp.root.list", json!({}));
    let roots = listed.as_array().expect("a list").iter();
    roots.map(|root| root["rootId"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn a_root_is_opened_used_and_closed() {
    let house = authors();
    let server = house.serve();
    let options = json!({"name": "a task", "metadata": {"ticket": 7}, "sampling": {"topK": 3}});
    let made = result(&server, ALICE, "mcp.root.create", options);
    assert_eq!(keys(&made), ["createdAt", "metadata", "name", "rootId", "sampling"]);
    assert_eq!((&made["name"], &made["metadata"]), (&json!("a task"), &json!({"ticket": 7})));
    let root = made["rootId"].as_str().expect("an id");
    assert!(root.len() == 32 && root.bytes().all(|byte| byte.is_ascii_hexdigit()), "{root}");
    assert_eq!(result(&server, ALICE, "mcp.root.list", json!({})), json!([made]));
    let told = given(&server, ALICE, json!({"rootId": root}));
    assert_eq!((&told["root"], sampling(&told)), (&json!(root), json!({"topK": 3})));
    assert_eq!(given(&server, ALICE, json!({}))["root"], Value::Null);
    result(&server, ALICE, "mcp.sampling.update", json!({"rootId": root, "seed": 5}));
    drop(server);
    let server = house.serve();
    let told = given(&server, ALICE, json!({"rootId": root}));
    assert_eq!(sampling(&told), json!({"topK": 3, "seed": 5}), "a restart keeps it");
    let closed = result(&server, ALICE, "mcp.root.close", json!({"rootId": root}));
    assert_eq!(closed, json!({"rootId": root, "closed": true}));
    assert_eq!(open(&server, ALICE), Vec::<String>::new());
}

#[test]
fn roots_know_nothing_of_one_another() {
    let house = authors();
    let server = house.serve();
    let (one, two) = (create(&server, ALICE, json!({})), create(&server, ALICE, json!({})));
    let theirs = create(&server, BOB, json!({}));
    assert_ne!(one, two);
    result(&server, ALICE, "mcp.sampling.update", json!({"temperature": 1}));
    result(&server, ALICE, "mcp.sampling.update", json!({"rootId": one, "temperature": 0.5}));
    assert_eq!(given(&server, ALICE, json!({"rootId": one}))["sampling"], "{\"temperature\":0.5}");
    assert_eq!(given(&server, ALICE, json!({"rootId": two}))["sampling"], Value::Null);
    assert_eq!(given(&server, ALICE, json!({}))["sampling"], "{\"temperature\":1}");
    assert_eq!(given(&server, BOB, json!({"rootId": theirs}))["sampling"], Value::Null);
    assert_eq!((open(&server, ALICE), open(&server, BOB)), (vec![one, two], vec![theirs]));
}

#[test]
fn what_is_somebody_elses_closed_or_never_was_is_one_and_the_same() {
    let house = authors();
    let server = house.serve();
    let (foreign, closed) = (create(&server, BOB, json!({})), create(&server, ALICE, json!({})));
    result(&server, ALICE, "mcp.root.close", json!({"rootId": closed}));
    for id in [foreign.as_str(), closed.as_str(), &"0".repeat(32), ""] {
        let none = |place: &str| (-32602, format!("{place}: there is no such root"));
        let named = json!({"rootId": id});
        assert_eq!(error(&server, ALICE, "mcp.root.close", named.clone()), none("params.rootId"), "{id}");
        assert_eq!(error(&server, ALICE, "mcp.sampling.update", named.clone()), none("params.rootId"), "{id}");
        assert_eq!(error(&server, ALICE, "mcp.tool.invoke", invoke(named)), none("params.context.rootId"), "{id}");
    }
    assert_eq!(open(&server, BOB), [foreign]);
}

#[test]
fn roots_need_their_right_and_have_bounds() {
    let house = authors();
    let server = house.serve();
    let root = create(&server, ALICE, json!({}));
    let no = (-31403, "you may not do this".to_owned());
    for (method, params) in
        [("mcp.root.create", json!({})), ("mcp.root.list", json!({})), ("mcp.root.close", json!({"rootId": root}))]
    {
        assert_eq!(error(&server, CAROL, method, params), no, "{method}");
    }
    assert_eq!(error(&server, CAROL, "mcp.tool.invoke", invoke(json!({"rootId": root}))), no);
    let cases = [
        (json!({"name": ""}), "params.name: expected one line of 1 to 128 bytes"),
        (json!({"name": "x".repeat(129)}), "params.name: expected one line of 1 to 128 bytes"),
        (json!({"name": "a\nb"}), "params.name: expected one line of 1 to 128 bytes"),
        (json!({"metadata": 1}), "params.metadata: expected an object of at most 4096 bytes"),
        (json!({"metadata": {"x": "y".repeat(5000)}}), "params.metadata: expected an object of at most 4096 bytes"),
        (json!({"promptId": "none"}), "params.promptId: unknown prompt"),
        (json!({"sampling": {"topP": 2}}), "params.sampling.topP: expected a number from 0 to 1"),
        (json!({"nmae": "x"}), "params.nmae: expected one of name, metadata, promptId, sampling"),
    ];
    for (options, told) in cases {
        assert_eq!(error(&server, ALICE, "mcp.root.create", options), (-32602, told.to_owned()));
    }
    for _ in 1..64 {
        create(&server, ALICE, json!({}));
    }
    let (code, told) = error(&server, ALICE, "mcp.root.create", json!({}));
    assert_eq!((code, told.as_str()), (-31429, "at most 64 roots are open at once; close one first"));
    create(&server, BOB, json!({}));
}

#[test]
fn a_call_takes_no_longer_than_its_client_allows() {
    let house = authors();
    let server = house.serve();
    let wait =
        |context: Value| json!({"toolId": "context-probe.wait", "args": {"milliseconds": 15_000}, "context": context});
    let begun = std::time::Instant::now();
    let stopped = result(&server, ALICE, "mcp.tool.invoke", wait(json!({"timeoutMs": 300})));
    assert!(begun.elapsed().as_secs() < 12, "{:?}", begun.elapsed());
    assert_eq!(stopped["metadata"]["isError"], true, "{stopped}");
    assert!(
        stopped.to_string().contains("the call took longer than its timeoutMs of 300 and was stopped"),
        "{stopped}"
    );
    let zero = (-32602, "params.context.timeoutMs: expected more than zero".to_owned());
    assert_eq!(error(&server, ALICE, "mcp.tool.invoke", wait(json!({"timeoutMs": 0}))), zero);
    let quick = json!({"toolId": "context-probe.run", "args": {}, "context": {"timeoutMs": 60_000}});
    assert_eq!(result(&server, ALICE, "mcp.tool.invoke", quick)["metadata"]["isError"], false);
}

#[test]
fn under_another_root_one_meets_another_instance() {
    let house = authors().with(&Plugin::guest("tally").with("instance", json!("principal")));
    let server = house.serve();
    let root = create(&server, ALICE, json!({}));
    let met = |context| {
        let call = json!({"toolId": "tally.run", "args": {"ending": "answer"}, "context": context});
        result(&server, ALICE, "mcp.tool.invoke", call)["output"].clone()
    };
    assert_eq!(met(json!({})), json!("1"));
    assert_eq!(met(json!({"rootId": root})), json!("1"));
    assert_eq!(met(json!({"rootId": root})), json!("2"));
    assert_eq!(met(json!({})), json!("2"));
}
