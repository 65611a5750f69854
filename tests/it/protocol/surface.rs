//! What a call brings along and what an answer carries back, besides arguments and content.

use serde_json::{Value, json};

use super::everywhere;
use crate::harness::{
    Client, Era, House, Plugin, Server,
    binary::{must_run, run},
};

fn told(client: &mut Client) -> Value {
    serde_json::from_str(&client.call("mirror_seen", json!({})).text()).expect("JSON")
}

#[test]
fn meta_goes_both_ways_without_the_protocols_own_keys() {
    let house = House::new().with(&Plugin::guest("mirror"));
    everywhere(&house, |era, client, how| {
        assert_eq!(told(client), json!({"meta": null, "trace": null}), "{how}");
        client.meta.insert("example.com/mine".to_owned(), json!({"a": [1]}));
        client.meta.insert("progressToken".to_owned(), json!(7));
        client.meta.insert("traceparent".to_owned(), json!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        client.meta.insert("tracestate".to_owned(), json!("vendor=1"));
        client.meta.insert("baggage".to_owned(), json!("user=7"));
        let seen = told(client);
        assert_eq!(seen["meta"], json!({"example.com/mine": {"a": [1]}}), "{how}");
        let trace = json!(["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1", "user=7"]);
        assert_eq!(seen["trace"], trace, "{how}");
        let answer = client.call("mirror_seen", json!({}));
        let meta = &answer.result()["_meta"];
        assert_eq!(meta["example.com/own"], 1, "{how}: {meta}");
        assert_ne!(meta["dev.bulkhead/callId"], "forged", "{how}");
        match era {
            Era::Modern => assert_eq!(meta["io.modelcontextprotocol/serverInfo"]["name"], "bulkhead", "{how}"),
            Era::Legacy => assert_eq!(meta.get("io.modelcontextprotocol/serverInfo"), None, "{how}"),
        }
    });
}

#[test]
fn items_say_where_they_come_from_and_show_their_icons() {
    let house = House::new().with(&Plugin::guest("mirror"));
    let server = house.serve();
    let listed = server.client(Era::Modern).list("tools/list", "tools");
    let seen = listed.iter().find(|tool| tool["name"] == "mirror_seen").expect("the tool");
    assert_eq!(seen["icons"], json!([{"src": "https://example.com/mirror.png"}]));
    let origin = &seen["_meta"]["dev.bulkhead/provenance"];
    assert_eq!((&origin["plugin"], &origin["publisher"]), (&json!("mirror"), &json!("tests")), "{origin}");
    for digest in ["signer", "digest", "contractDigest"] {
        assert!(origin[digest].as_str().is_some_and(|text| text.starts_with("sha256:")), "{digest}: {origin}");
    }
}

#[test]
fn what_a_plugin_says_of_keeping_reaches_the_client() {
    let house = House::new().with(&Plugin::guest("mirror"));
    let server = house.serve();
    let mut modern = server.client(Era::Modern);
    let mut read = |uri: &str| modern.request("resources/read", json!({"uri": uri})).result().clone();
    let contracted = read("mirror://contracted");
    assert_eq!((&contracted["ttlMs"], &contracted["cacheScope"]), (&json!(90_000), &json!("public")));
    let reading = read("mirror://reading");
    assert_eq!((&reading["ttlMs"], &reading["cacheScope"]), (&json!(7_000), &json!("private")));
    let legacy = server.client(Era::Legacy).request("resources/read", json!({"uri": "mirror://reading"}));
    assert_eq!(legacy.result().get("ttlMs"), None);
}

#[test]
fn suggestions_know_what_is_filled_in_already() {
    let house = House::new().with(&Plugin::guest("mirror"));
    everywhere(&house, |_, client, how| {
        let mut suggested = |context: Value| {
            let mut params = json!({
                "ref": {"type": "ref/prompt", "name": "mirror_trip"},
                "argument": {"name": "city", "value": "p"},
            });
            if !context.is_null() {
                params["context"] = json!({"arguments": context});
            }
            client.request("completion/complete", params).result()["completion"]["values"].clone()
        };
        assert_eq!(suggested(Value::Null), json!(["paris", "pau", "prague"]), "{how}");
        assert_eq!(suggested(json!({"country": "France"})), json!(["paris", "pau"]), "{how}");
    });
}

/// Calls `mirror_routed` with header fields beside the arguments. Gives the error's code, or 0.
fn routed(server: &Server, arguments: Value, fields: &[(&str, &str)]) -> i64 {
    let client = server.client(Era::Modern);
    let message = client.message("tools/call", json!({"name": "mirror_routed", "arguments": arguments}));
    let request =
        fields.iter().fold(client.http_request(&message), |request, (name, value)| request.header(name, value));
    let response = server.exchange(&request);
    let answer: Value = serde_json::from_slice(&response.body).expect("JSON");
    let code = answer["error"]["code"].as_i64().unwrap_or_default();
    assert_eq!(response.head.status, if code == 0 { 200 } else { 400 }, "{response:?}");
    if code == 0 {
        assert_eq!(answer["result"]["content"][0]["text"], "routed", "{answer}");
    }
    code
}

#[test]
fn arguments_agree_with_the_header_fields_that_repeat_them() {
    const MISMATCH: i64 = -32020;
    let house = House::new().with(&Plugin::guest("mirror"));
    let server = house.serve();
    let check = |arguments: Value, fields: &[(&str, &str)], code: i64| {
        assert_eq!(routed(&server, arguments.clone(), fields), code, "{arguments} {fields:?}");
    };
    check(json!({}), &[], 0);
    check(json!({"region": "eu"}), &[("Mcp-Param-Region", "eu")], 0);
    check(json!({"region": "eu"}), &[("mcp-param-region", "=?base64?ZXU=?=")], 0);
    check(json!({"region": "Zürich"}), &[("Mcp-Param-Region", "=?base64?WsO8cmljaA==?=")], 0);
    check(json!({"region": "eu"}), &[], MISMATCH);
    check(json!({"region": "eu"}), &[("Mcp-Param-Region", "us")], MISMATCH);
    check(json!({"region": "eu"}), &[("Mcp-Param-Region", "=?base64?ZXU?=")], MISMATCH);
    check(json!({}), &[("Mcp-Param-Region", "eu")], MISMATCH);
    check(json!({"count": 42}), &[("Mcp-Param-Count", "42")], 0);
    check(json!({"count": 42}), &[("Mcp-Param-Count", "42.0")], 0);
    check(json!({"count": 42}), &[("Mcp-Param-Count", "43")], MISMATCH);
    check(json!({"count": 42}), &[("Mcp-Param-Count", "many")], MISMATCH);
    check(json!({"dry": true}), &[("Mcp-Param-Dry", "true")], 0);
    check(json!({"dry": true}), &[("Mcp-Param-Dry", "True")], MISMATCH);
    check(json!({"deep": {"zone": "a"}}), &[("Mcp-Param-Zone", "a")], 0);
    check(json!({"deep": {"zone": "a"}}), &[], MISMATCH);
    check(json!({"deep": {}}), &[], 0);
}

#[test]
fn a_field_that_no_client_would_send_keeps_its_plugin_out() {
    let house = House::new().with(&Plugin::guest("bad_header")).with(&Plugin::guest("echo"));
    let server = house.serve();
    server
        .lines()
        .wait_for(&["bad-header", "price: x-mcp-header: expected a property of type string, integer or boolean"]);
    assert!(server.client(Era::Modern).tools().iter().all(|tool| tool.starts_with("echo_")));
}

#[test]
fn a_page_is_its_own_plugins_or_keeps_it_out() {
    let house = House::new().with(&Plugin::guest("bad_page")).with(&Plugin::guest("mirror"));
    let server = house.serve();
    server.lines().wait_for(&["bad-page", "ui://bad-page/view", "text/html;profile=mcp-app"]);
    assert!(server.client(Era::Modern).tools().iter().all(|tool| tool.starts_with("mirror_")));
}

#[test]
fn a_tools_page_reaches_clients_of_every_era() {
    let house = House::new().with(&Plugin::real("everything").with("prefix", json!("")));
    let server = house.serve();
    for era in Era::ALL {
        let mut client = server.client(era);
        let listed = client.list("tools/list", "tools");
        let tool = listed.iter().find(|tool| tool["name"] == "add_up").expect("the tool");
        assert_eq!(tool["_meta"]["ui"], json!({"resourceUri": "ui://everything/sum"}), "{era:?}");
        let read = client.request("resources/read", json!({"uri": "ui://everything/sum"}));
        let page = &read.result()["contents"][0];
        assert_eq!(page["mimeType"], "text/html;profile=mcp-app", "{era:?}");
        assert_eq!(page["_meta"]["ui"], json!({"csp": {"connectDomains": []}, "prefersBorder": true}), "{era:?}");
        assert!(page["text"].as_str().is_some_and(|text| text.starts_with("<!doctype html>")), "{era:?}");
        assert_eq!(client.call("add_up", json!({"numbers": [1, 2.5]})).structured()["sum"], 3.5, "{era:?}");
    }
}

fn hints(house: &House) -> Value {
    let server = house.serve();
    let tools = server.client(Era::Modern).list("tools/list", "tools");
    tools[0]["annotations"].clone()
}

#[test]
fn claims_of_safety_are_as_true_as_the_grants() {
    let asks = "[[asks.http]]\nhost = \"api.example.com\"\n[asks.kv]\nwhy = \"notes\"\n";
    let plugin = Plugin::guest("claims").asks(asks);
    let plain = House::new().with(&plugin);
    assert_eq!(hints(&plain), json!({"readOnlyHint": true, "openWorldHint": false}));
    let writes = House::new().with(&plugin.clone().grants(json!({"kv": true})));
    assert_eq!(hints(&writes), json!({"readOnlyHint": false, "openWorldHint": false}));
    let open = House::new().with(&plugin.clone().grants(json!({"http": [{"host": "api.example.com"}]})));
    let server = open.serve();
    let tools = server.client(Era::Modern).list("tools/list", "tools");
    assert_eq!(tools[0]["annotations"], json!({"readOnlyHint": false, "openWorldHint": true}));
    // The operator is told: in the log, by `check`, and before anything is granted by `inspect`.
    server.lines().wait_for(&["claims", "claims readOnlyHint"]);
    server.lines().wait_for(&["claims", "claims openWorldHint: false"]);
    let checked = must_run(open.path(), &["check", "--config", "mcp.yaml"]).stdout;
    assert!(checked.contains("run claims openWorldHint: false"), "{checked}");
    let inspected = run(open.path(), &["inspect", "plugins/claims.wasm"]).stdout;
    assert!(inspected.contains("once all of this is granted: run claims readOnlyHint"), "{inspected}");
}

#[test]
fn pages_neither_repeat_nor_skip_what_stays_over_a_reload() {
    let mut house = House::new().with(&Plugin::guest("many"));
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    let names = |page: &Value| -> Vec<String> {
        let tools = page["tools"].as_array().expect("tools").iter();
        tools.map(|tool| tool["name"].as_str().expect("a name").to_owned()).collect()
    };
    let first = client.request("tools/list", json!({})).result().clone();
    assert_eq!(names(&first).len(), 250);
    // Others come before and after, and some of what was seen, and of what was not, goes.
    house.add(&Plugin::guest("echo"));
    house.add(&Plugin::guest("versioned"));
    house.edit(|config| config["plugins"]["many"]["tools"] = json!({"deny": ["tool-00*", "tool-29*"]}));
    crate::harness::wait_until("the new ones are served", || {
        let listed = client.tools();
        listed.contains(&"versioned_run".to_owned()) && !listed.contains(&"many_tool-290".to_owned())
    });
    let second = client.request("tools/list", json!({"cursor": first["nextCursor"]})).result().clone();
    let mut expected: Vec<String> = (250..290).map(|number| format!("many_tool-{number:03}")).collect();
    expected.push("versioned_run".to_owned());
    assert_eq!(names(&second), expected);
    assert_eq!(second.get("nextCursor"), None);
}
