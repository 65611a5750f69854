use serde_json::{Value, json};

use super::{ask, challenge, house, house_of};
use crate::harness::{
    Client, Era, House, Plugin, Reaction, Server, Upstream,
    http::{Connection, Event, Events, Request, Response},
    issuer::{Signer, key_set},
};

fn call(client: &Client, tool: &str) -> Request {
    client.http_request(&client.message("tools/call", json!({"name": tool, "arguments": {}})))
}

fn code(response: &Response) -> i64 {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_else(|error| panic!("{error}: {response:?}"));
    body["error"]["code"].as_i64().unwrap_or_default()
}

#[test]
fn who_lacks_a_scope_is_told_which_and_comes_back_with_it() {
    let signer = Signer::new("ES256", "one");
    let house = house_of(&[&signer]);
    let server = house.serve();
    for era in Era::ALL {
        let some = server.client_with_key(era, &signer.token(json!({"scope": "echo"})));
        let denied = server.exchange(&call(&some, "env-probe_run"));
        assert_eq!((denied.head.status, code(&denied)), (403, -31403), "{era:?}: {denied:?}");
        let told = r#"Bearer realm="bulkhead", error="insufficient_scope", error_description="you may not call this tool", scope="env", resource_metadata="https://tools.example.com/.well-known/oauth-protected-resource/mcp""#;
        assert_eq!(challenge(&denied), told, "{era:?}");
        let more = server.client_with_key(era, &signer.token(json!({"scope": ["echo", "env"]})));
        assert_eq!(server.exchange(&call(&more, "env-probe_run")).head.status, 200, "{era:?}");
    }
    let message = json!({"jsonrpc": "2.0", "id": 7, "method": "mcp.trust.registry", "params": {}});
    let asked = Request::mcp("POST", message.to_string())
        .header("Authorization", &format!("Bearer {}", signer.token(json!({"scope": "echo env"}))))
        .header("Origin", "https://tools.example.com");
    let denied = server.exchange(&asked);
    assert!(challenge(&denied).contains(r#"scope="admin", "#), "{denied:?}");
    let exposed = denied.head.header("access-control-expose-headers").expect("a page may read it");
    assert!(exposed.contains("www-authenticate"), "{denied:?}");
}

#[test]
fn a_key_that_opens_too_little_is_told_no_names_of_scopes() {
    let mut house = house_of(&[]);
    house.edit(|config| {
        config.as_object_mut().expect("a map").remove("oauth");
        config["apiKeys"] = json!([{"name": "some", "key": "key-with-one-scope-and-no-other", "scopes": ["echo"]}]);
    });
    let server = house.serve();
    let some = server.client_with_key(Era::Modern, "key-with-one-scope-and-no-other");
    let denied = server.exchange(&call(&some, "env-probe_run"));
    assert_eq!((denied.head.status, code(&denied)), (403, -31403));
    let told = r#"Bearer realm="bulkhead", error="insufficient_scope", error_description="you may not call this tool""#;
    assert_eq!(challenge(&denied), told);
}

/// A message of the guide's dialect, from whoever holds `token`.
fn guide(server: &Server, token: &str, method: &str, params: Value) -> Value {
    let message = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
    let request = Request::mcp("POST", message.to_string()).header("Authorization", &format!("Bearer {token}"));
    serde_json::from_slice(&server.exchange(&request).body).expect("JSON")
}

#[test]
fn what_a_subject_has_is_no_other_subjects() {
    let signer = Signer::new("ES256", "one");
    let house = house_of(&[&signer]).set("scopes", json!({"author": ["root", "sampling"]}));
    let server = house.serve();
    let token = |subject: &str, id: &str| signer.token(json!({"sub": subject, "scope": "author", "jti": id}));
    let root = guide(&server, &token("ann", "1"), "mcp.root.create", json!({"name": "hers"}));
    assert!(root["result"]["rootId"].is_string(), "{root}");
    let names = |token: &str| guide(&server, token, "mcp.root.list", json!({}))["result"].as_array().map(Vec::len);
    assert_eq!(names(&token("ann", "2")), Some(1), "whichever of her tokens it is");
    for other in ["bob", "Ann", "ann ", "ann\u{0}", "oauth:ann", "a/nn"] {
        assert_eq!(names(&token(other, "1")), Some(0), "{other:?}");
    }
    let client = signer.token(json!({"sub": null, "client_id": "ann", "scope": "author"}));
    assert_eq!(names(&client), Some(0));
}

/// What a stream says, to its end.
fn rest(mut events: Events) -> Vec<Event> {
    std::iter::from_fn(|| events.next().expect("a stream")).collect()
}

#[test]
fn each_request_is_judged_by_its_own_token_whoever_opened_its_session() {
    let signer = Signer::new("ES256", "one");
    let probe = Plugin::guest("task_probe").asks("[asks.kv]\nwhy = \"remembers\"\n").grants(json!({"kv": true}));
    let house = house_of(&[&signer]).with(&Plugin::guest("progress")).with(&probe);
    let house = house.set("scopes", json!({"echo": ["echo.*"], "work": ["progress.*", "task-probe.*"]}));
    let server = house.serve();
    let (broad, narrow) =
        (signer.token(json!({"scope": "echo work"})), signer.token(json!({"scope": "echo", "jti": "2"})));
    let mut opener = server.client_with_key(Era::Legacy, &broad);
    let work = json!({"name": "progress_run", "arguments": {"steps": 2, "pause_ms": 10}});
    let (_, mut events) = opener.begin("tools/call", work);
    let first = events.next().expect("a stream").and_then(|event| event.id).expect("a place to come back to");
    assert!(format!("{:?}", rest(events)).contains("2 steps"));
    // The same session and subject, with less.
    let by = |token: &str, request: Request| {
        let held = |(name, value): &(String, String)| {
            let value =
                if name.eq_ignore_ascii_case("authorization") { format!("Bearer {token}") } else { value.clone() };
            (name.clone(), value)
        };
        Request { headers: request.headers.iter().map(held).collect(), ..request }
    };
    let told = server.exchange(&by(&narrow, opener.http_request(&opener.message("tools/list", json!({})))));
    assert!(told.text().contains("echo_run") && !told.text().contains("progress_run"), "{told:?}");
    assert_eq!(server.exchange(&by(&narrow, call(&opener, "progress_run"))).head.status, 403);
    let resume = |token: &str| {
        let mut request = by(token, opener.http_request(&Value::Null)).header("Last-Event-ID", &first);
        (request.method, request.body) = ("GET".to_owned(), Vec::new());
        let mut connection = Connection::open(server.address()).expect("a connection");
        connection.send(&request).expect("sent");
        let head = connection.head().expect("a head");
        let said = if head.status == 200 { rest(connection.events(&head).expect("events")) } else { Vec::new() };
        (head.status, format!("{said:?}").contains("2 steps"))
    };
    assert_eq!(resume(&narrow), (404, false), "what the other was told is said to who may not call it");
    assert_eq!(resume(&broad), (200, true));
    // A task of hers, by the token that could not begin it.
    let client = |token: &str| {
        let mut client = server.client_with_key(Era::Modern, token);
        client.capabilities = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
        client
    };
    let begun = client(&broad).call("task-probe_work", json!({"milliseconds": 10}));
    let task = json!({"taskId": begun.result()["taskId"]});
    assert!(!client(&narrow).request("tasks/get", task.clone()).is_ok());
    assert!(client(&broad).request("tasks/get", task).is_ok());
}

#[test]
fn each_subject_has_an_allowance_of_its_own() {
    let signer = Signer::new("ES256", "one");
    let mut house = house_of(&[&signer]);
    house.edit(|config| config["oauth"]["rate"] = "2/h".into());
    let server = house.serve();
    let status = |subject: &str, id: u32| {
        let token = signer.token(json!({"sub": subject, "scope": "echo", "jti": id.to_string()}));
        let client = server.client_with_key(Era::Modern, &token);
        let head = server.exchange(&call(&client, "echo_run")).head;
        (head.status, head.header("retry-after").map(str::to_owned))
    };
    let full = (429, Some("1".to_owned()));
    assert_eq!((1..=3).map(|id| status("ann", id)).collect::<Vec<_>>(), [(200, None), (200, None), full]);
    assert_eq!(status("bob", 1), (200, None));
}

#[test]
fn no_token_reaches_a_plugin_or_what_a_plugin_reaches() {
    let upstream = Upstream::always(Reaction::ok("hello"));
    let signer = Signer::new("ES256", "one");
    let rule = json!({"scheme": "http", "host": "127.0.0.1", "port": upstream.port(), "allowPrivate": true});
    let fetch = Plugin::guest("fetch").asks("[[asks.http]]\nscheme = \"http\"\nhost = \"*\"\n");
    let house = house(json!({"issuer": crate::harness::issuer::ISSUER, "jwksUri": "keys.json"}))
        .with(&Plugin::guest("mirror"))
        .with(&Plugin::guest("context_probe"))
        .with(&fetch.grants(json!({"http": [rule]})));
    std::fs::write(house.join("keys.json"), key_set(&[&signer])).expect("the keys");
    let server = house.serve();
    let token = signer.token(json!({"scope": "admin"}));
    let signature = token.rsplit('.').next().expect("a signature").to_owned();
    assert_eq!(ask(&server, &token).head.status, 200);
    for era in Era::ALL {
        let mut client = server.client_with_key(era, &token);
        client.meta.insert("example.com/mine".to_owned(), json!("seen"));
        let seen = client.call("mirror_seen", json!({}));
        assert!(seen.text().contains("seen"), "{seen:?}");
        let told = [seen, client.call("context-probe_run", json!({})), client.call("env-probe_run", json!({}))];
        let reached = client.call("fetch_run", json!({"url": upstream.url("/")}));
        assert_eq!(reached.structured()["body"], "hello");
        for answer in told.iter().chain([&reached]) {
            let text = answer.message.to_string();
            assert!(!text.contains(&signature) && !text.contains("Bearer"), "{text}");
        }
    }
    for arrived in upstream.arrived() {
        assert_eq!(arrived.header("authorization"), None, "{arrived:?}");
        assert!(!format!("{arrived:?}").contains(&signature), "{arrived:?}");
    }
    assert!(!server.lines().have(&[&signature]), "nor the log");
    let _: &House = &house;
}
