//! The guide's dialect, as its clients meet it: over HTTP without handshake or
//! headers, and over stdio.

mod clients;
mod events;
mod operator;
mod prompts;
mod refusals;
mod resources;
mod roots;
mod sampling;
mod tools;
mod workspaces;

use std::fs;

use serde_json::{Value, json};

use crate::harness::{House, Plugin, Server, http::Request, stdio::Pipe};

/// What is held, by key: everything that the tests need, and one tool alone.
const ALL: &str = "key-that-holds-everything-of-this-house";
const SOME: &str = "key-that-reads-files-as-the-guide-says";
const NONE: &str = "key-that-holds-no-scope-at-all";

/// Two who have roots and parameters of their own, and one who calls tools only.
const ALICE: &str = "key-of-alice-who-has-roots-of-her-own";
const BOB: &str = "key-of-bob-who-has-roots-of-his-own";
const CAROL: &str = "key-of-carol-who-calls-tools-only";

/// Files to read and write, a calculator, and guests.
fn house() -> House {
    let file = Plugin::real("file").grants(json!({"fs": [{"path": "./data", "at": "/data", "access": "write"}]}));
    let house = House::new()
        .with(&file)
        .with(&Plugin::real("calc"))
        .with(&Plugin::guest("echo"))
        .with(&Plugin::guest("elicit"))
        .set("allowAnonymous", json!(false))
        .set(
            "scopes",
            json!({
                "read:file": ["file.read", "file.list"],
                "everything": [
                    "*", {"resource": "file:///data/**", "access": ["read", "list", "write"]}, {"prompt": "*"},
                    "operator:routing", "operator:trust",
                ],
            }),
        )
        .set(
            "apiKeys",
            json!([
                {"name": "all", "key": ALL, "scopes": ["everything"]},
                {"name": "some", "key": SOME, "scopes": ["read:file"]},
                {"name": "none", "key": NONE, "scopes": []},
            ]),
        );
    fs::create_dir(house.join("data")).expect("a folder");
    fs::write(house.join("data/a.txt"), "hello").expect("a file");
    house
}

/// A guest that tells what it is given, for those three.
fn authors() -> House {
    House::new()
        .with(&Plugin::guest("context_probe").limits(json!({"time": "20s"})))
        .set("allowAnonymous", json!(false))
        .set("scopes", json!({"tools": ["*"], "author": ["sampling", "root"]}))
        .set(
            "apiKeys",
            json!([
                {"name": "alice", "key": ALICE, "scopes": ["tools", "author"]},
                {"name": "bob", "key": BOB, "scopes": ["tools", "author"]},
                {"name": "carol", "key": CAROL, "scopes": ["tools"]},
            ]),
        )
}

/// Serves `house` once all of it is loaded.
fn serve(house: &House) -> Server {
    let server = house.serve();
    loaded(&server);
    server
}

/// The same over stdio.
fn serve_stdio(house: &House) -> (Server, Pipe) {
    let (server, pipe) = house.serve_stdio_raw();
    loaded(&server);
    (server, pipe)
}

fn loaded(server: &Server) {
    for plugin in ["file", "calc", "echo", "elicit"] {
        server.lines().wait_for(&["served", &format!("plugin={plugin} ")]);
    }
}

/// A message of the dialect, as bare as it may be.
fn message(method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params})
}

fn request(method: &str, params: Value, key: Option<&str>) -> Request {
    let request = Request::mcp("POST", message(method, params).to_string()).without("Accept");
    match key {
        Some(key) => request.header("Authorization", &format!("Bearer {key}")),
        None => request,
    }
}

/// The status and the whole answer.
fn call(server: &Server, key: &str, method: &str, params: Value) -> (u16, Value) {
    let response = server.exchange(&request(method, params, Some(key)));
    let answer: Value = serde_json::from_slice(&response.body).unwrap_or_else(|error| panic!("{error}: {response:?}"));
    assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!(7)), "{answer}");
    (response.head.status, answer)
}

fn result(server: &Server, key: &str, method: &str, params: Value) -> Value {
    let (status, answer) = call(server, key, method, params);
    assert_eq!(status, 200, "{answer}");
    answer.get("result").unwrap_or_else(|| panic!("{method}: {answer}")).clone()
}

fn error(server: &Server, key: &str, method: &str, params: Value) -> (i64, String) {
    let (_, answer) = call(server, key, method, params);
    let error = answer.get("error").unwrap_or_else(|| panic!("{method} is not refused: {answer}"));
    (error["code"].as_i64().expect("a code"), error["message"].as_str().expect("a message").to_owned())
}

/// The answer over stdio, whose caller is `local`.
fn over_stdio(pipe: &mut Pipe, method: &str, params: Value) -> Value {
    pipe.send(&message(method, params));
    pipe.answer_to(&json!(7)).0
}

/// The names of an object's members.
fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap_or_else(|| panic!("not an object: {object}")).keys().map(String::as_str).collect()
}
