//! Every method of both dialects and eras, to who may do nothing: without a
//! credential, with a key of no scope, with a token of no scope.

use std::collections::BTreeSet;

use bulkhead_protocol::{Era as Spoken, methods};
use serde_json::{Value, json};

use crate::harness::{
    Client, Era, House, Plugin, Server,
    http::{Connection, Request},
    issuer::{AUDIENCE, ISSUER, Signer, key_set},
};

const NONE: &str = "key-without-a-scope-of-this-very-house";

/// An HTTP status, and the code of an error, or 0 for a result.
type Told = (u16, i64);

/// What a scope denies.
const DENIED: Told = (403, -31403);
/// What is for whoever is let in: a handshake, or a listing that is empty.
const OPEN: Told = (200, 0);
/// Parameters that make no sense, or name something that is not there for who asks.
const INVALID: Told = (200, -32602);

/// One method: parameters that make sense, others that do not, and what is told
/// of the former, of none, and of the latter.
struct Row {
    era: Spoken,
    method: &'static str,
    valid: Value,
    malformed: Value,
    told: [Told; 3],
}

fn row(era: Spoken, method: &'static str, valid: Value, malformed: Value, told: [Told; 3]) -> Row {
    Row { era, method, valid, malformed, told }
}

/// What both eras of MCP have.
fn shared(era: Spoken) -> Vec<Row> {
    let listing = |method| row(era, method, json!({}), json!({"cursor": 7}), [OPEN, OPEN, INVALID]);
    let skill = "skill://tidy/SKILL.md";
    let complete = json!({
        "ref": {"type": "ref/prompt", "name": "mirror_trip"}, "argument": {"name": "city", "value": "p"},
    });
    let trip = json!({"name": "mirror_trip", "arguments": {"city": "a"}});
    vec![
        row(era, "tools/call", json!({"name": "mirror_seen"}), json!({"name": 7}), [DENIED, INVALID, INVALID]),
        row(era, "resources/read", json!({"uri": "mirror://reading"}), json!({"uri": 7}), [DENIED, INVALID, INVALID]),
        row(era, "prompts/get", trip, json!({"name": 7}), [DENIED, INVALID, INVALID]),
        row(era, "completion/complete", complete, json!({"ref": 7}), [DENIED, INVALID, INVALID]),
        listing("tools/list"),
        listing("prompts/list"),
        listing("resources/list"),
        listing("resources/templates/list"),
        listing("skills/list"),
        // Listings, by the folder: what may not be seen is not there.
        row(era, "skills/get", json!({"uri": skill}), json!({"uri": 7}), [INVALID; 3]),
        row(era, "resources/directory/read", json!({"uri": "skill://tidy"}), json!({"uri": 7}), [INVALID; 3]),
    ]
}

fn legacy() -> Vec<Row> {
    let era = Spoken::Legacy;
    let hello =
        json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}});
    let uri = json!({"uri": "mirror://reading"});
    vec![
        row(era, "initialize", hello, json!({"protocolVersion": 7}), [OPEN, INVALID, INVALID]),
        row(era, "ping", json!({}), json!({"_meta": {"a": 1}}), [OPEN; 3]),
        row(era, "logging/setLevel", json!({"level": "info"}), json!({"level": 7}), [OPEN, INVALID, INVALID]),
        row(era, "resources/subscribe", uri.clone(), json!({"uri": 7}), [DENIED, INVALID, INVALID]),
        row(era, "resources/unsubscribe", uri, json!({"uri": 7}), [OPEN, INVALID, INVALID]),
    ]
}

fn modern() -> Vec<Row> {
    let era = Spoken::Modern;
    // Tasks are their caller's alone, and of whom there are none none is found.
    let task = |method, valid| row(era, method, valid, json!({"taskId": 7}), [INVALID; 3]);
    let listen = json!({"notifications": {"toolsListChanged": true, "resourceSubscriptions": ["mirror://reading"]}});
    vec![
        row(era, "server/discover", json!({}), json!({"a": 7}), [OPEN; 3]),
        row(era, "subscriptions/listen", listen, json!({"notifications": 7}), [OPEN, INVALID, INVALID]),
        task("tasks/get", json!({"taskId": "a"})),
        task("tasks/update", json!({"taskId": "a", "inputResponses": {}})),
        task("tasks/cancel", json!({"taskId": "a"})),
    ]
}

fn guide() -> Vec<Row> {
    let row = |method, valid, malformed, told| row(Spoken::Guide, method, valid, malformed, told);
    let uri = json!({"uri": "mirror://reading"});
    vec![
        row("mcp.tools.list", json!({}), json!({"a": 7}), [OPEN; 3]),
        row("mcp.tool.invoke", json!({"toolId": "mirror.seen"}), json!({"toolId": 7}), [DENIED, INVALID, INVALID]),
        row("mcp.resource.list", json!({}), json!({"a": 7}), [OPEN; 3]),
        row("mcp.resource.read", uri, json!({"uri": 7}), [DENIED, INVALID, INVALID]),
        row(
            "mcp.resource.write",
            json!({"uri": "mirror://reading", "content": "x"}),
            json!({"uri": 7}),
            [DENIED, INVALID, INVALID],
        ),
        row("mcp.prompt.list", json!({}), json!({"a": 7}), [OPEN; 3]),
        row("mcp.prompt.get", json!({"promptId": "mirror.trip"}), json!({"promptId": 7}), [DENIED, INVALID, INVALID]),
        row("mcp.sampling.update", json!({"temperature": 1}), json!({"temperature": "x"}), [DENIED; 3]),
        row("mcp.root.create", json!({"name": "a"}), json!({"name": 7}), [DENIED; 3]),
        row("mcp.root.close", json!({"rootId": "a"}), json!({"rootId": 7}), [DENIED, INVALID, INVALID]),
        row("mcp.root.list", json!({}), json!({"a": 7}), [DENIED; 3]),
        row("mcp.routing", json!({}), json!({"a": 7}), [OPEN; 3]),
        row("mcp.routing.set", json!({"routes": []}), json!({"routes": 7}), [DENIED, INVALID, INVALID]),
        row("mcp.trust.registry", json!({}), json!({"a": 7}), [DENIED; 3]),
        row("mcp.event.subscribe", json!({}), json!({"events": 7}), [OPEN, OPEN, INVALID]),
    ]
}

fn table() -> Vec<Row> {
    let mut table = [shared(Spoken::Legacy), shared(Spoken::Modern)].into_iter().flatten().collect::<Vec<_>>();
    table.extend(legacy().into_iter().chain(modern()).chain(guide()));
    table
}

#[test]
fn no_method_is_missing_from_the_table() {
    let table = table();
    for era in [Spoken::Legacy, Spoken::Modern, Spoken::Guide] {
        let here = table.iter().filter(|row| row.era == era).map(|row| row.method);
        assert_eq!(here.collect::<BTreeSet<_>>(), methods(era).collect::<BTreeSet<_>>(), "{era:?}");
    }
}

fn house(signer: &Signer) -> House {
    let house = House::new()
        .with(&Plugin::guest("mirror"))
        .with(&Plugin::guest("skilled"))
        .set("allowAnonymous", json!(false))
        .set("publicUrl", json!(AUDIENCE))
        .set(
            "scopes",
            json!({
                "all": ["*", {"resource": "**", "access": ["read", "list", "write"]}, {"prompt": "*"}, "root",
                    "sampling", "operator:routing", "operator:trust"],
            }),
        )
        .set("apiKeys", json!([{"name": "none", "key": NONE, "scopes": []}]))
        .set("oauth", json!({"issuer": ISSUER, "jwksUri": "keys.json"}));
    std::fs::write(house.join("keys.json"), key_set(&[signer])).expect("the keys");
    house
}

/// The request as whoever holds `credential` sends it.
fn request(clients: &mut [Client; 2], row: &Row, params: &Value, credential: Option<&str>) -> Request {
    let [legacy, modern] = clients;
    let request = match row.era {
        Spoken::Legacy => {
            let request = legacy.http_request(&legacy.message(row.method, params.clone()));
            if row.method == "initialize" { request.without("MCP-Session-Id") } else { request }
        }
        Spoken::Modern => modern.http_request(&modern.message(row.method, params.clone())),
        Spoken::Guide => {
            let message = json!({"jsonrpc": "2.0", "id": 7, "method": row.method, "params": params});
            Request::mcp("POST", message.to_string())
        }
    };
    match credential {
        Some(credential) => request.header("Authorization", &format!("Bearer {credential}")),
        None => request.without("Authorization"),
    }
}

/// What the server tells, and the challenge. A stream that is opened is a result.
fn told(server: &Server, request: &Request) -> (Told, Option<String>) {
    let mut connection = Connection::open(server.address()).expect("a connection");
    connection.send(request).expect("sent");
    let head = connection.head().expect("a head");
    let challenge = head.header("www-authenticate").map(str::to_owned);
    if head.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream")) {
        return ((head.status, 0), challenge);
    }
    let body: Value = serde_json::from_slice(&connection.body(&head).expect("a body")).expect("JSON");
    ((head.status, body["error"]["code"].as_i64().unwrap_or(0)), challenge)
}

#[test]
fn whoever_may_do_nothing_does_nothing_by_any_method() {
    let signer = Signer::new("ES256", "one");
    let house = house(&signer);
    let server = Server::start(house.path(), &["-v"]);
    let token = signer.token(json!({"scope": "none-of-ours"}));
    let mut wrong = Vec::new();
    for credential in [NONE, &token] {
        let mut clients = Era::ALL.map(|era| server.client_with_key(era, credential));
        clients[1].capabilities = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
        for row in table() {
            let cases = [row.valid.clone(), json!({}), row.malformed.clone()];
            for (params, expected) in cases.iter().zip(row.told) {
                let bare = told(&server, &request(&mut clients, &row, params, None));
                let is_told = bare.1.as_deref().is_some_and(|challenge| {
                    challenge.starts_with("Bearer realm=") && challenge.contains("resource_metadata=")
                });
                let (found, challenge) = told(&server, &request(&mut clients, &row, params, Some(credential)));
                let is_challenged = challenge.as_deref().is_some_and(|challenge| {
                    challenge.contains("error=\"insufficient_scope\"") && challenge.contains("scope=\"all\"")
                });
                if bare.0 != (401, -31403) || !is_told || found != expected || is_challenged != (found == DENIED) {
                    wrong.push(format!(
                        "{:?} {} {params}: {bare:?} {found:?} {challenge:?}, not {expected:?}",
                        row.era, row.method
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Nothing ran, which would have been told.
    assert!(!server.lines().have(&["the call ended"]));
    let all = signer.token(json!({"scope": "all"}));
    let listed = server.client_with_key(Era::Modern, &all).tools();
    server.client_with_key(Era::Modern, &all).call(&listed[0], json!({}));
    server.lines().wait_for(&["the call ended"]);
}
