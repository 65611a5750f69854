//! The server's card: what somebody reads who has not connected yet.

use serde_json::{Value, json};

use super::served;
use crate::harness::{House, Plugin, http::Request};

fn get() -> Request {
    Request::get("/mcp/server-card")
}

#[test]
fn a_card_says_who_and_where_and_names_no_plugin() {
    let (_house, server) = served();
    let answer = server.exchange(&get());
    assert_eq!(answer.head.status, 200, "{answer:?}");
    assert_eq!(answer.head.header("content-type"), Some("application/mcp-server-card+json"));
    assert_eq!(answer.head.header("cache-control"), Some("no-store"));
    let card: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(card["name"], "dev.bulkhead/bulkhead", "{card}");
    assert_eq!(card["version"], env!("CARGO_PKG_VERSION"), "{card}");
    let remote = &card["remotes"][0];
    assert_eq!(remote["url"], format!("http://{}/mcp", server.address()), "{card}");
    assert_eq!((&remote["type"], &remote["headers"]), (&json!("streamable-http"), &Value::Null), "{card}");
    assert_eq!(remote["supportedProtocolVersions"][0], "2026-07-28", "{card}");
    assert!(!answer.text().contains("echo"), "{card}");
}

#[test]
fn the_card_keeps_the_rules_of_the_endpoint() {
    let (_house, server) = served();
    assert_eq!(server.exchange(&get().header("Host", "evil.example.com")).head.status, 403);
    assert_eq!(server.exchange(&get().header("Origin", "http://evil.example.com")).head.status, 403);
    assert_eq!(server.exchange(&Request::mcp("POST", "{}").path("/mcp/server-card")).head.status, 405);
    assert_eq!(server.exchange(&Request::get("/mcp/server-card/")).head.status, 404);
}

#[test]
fn a_stranger_gets_the_card_of_a_server_that_is_public_and_of_no_other() {
    let house = House::new()
        .with(&Plugin::guest("echo"))
        .set("allowAnonymous", json!(false))
        .set("apiKey", json!("a-key-that-nobody-guesses"));
    let server = house.serve();
    let refused = server.exchange(&get());
    assert_eq!(refused.head.status, 401);
    assert!(refused.head.header("www-authenticate").is_some_and(|challenge| challenge.starts_with("Bearer")));
    let admitted = server.exchange(&get().header("Authorization", "Bearer a-key-that-nobody-guesses"));
    assert_eq!(admitted.head.status, 200);
    drop(server);

    let house = house.set("publicUrl", json!("https://tools.example.com/mcp"));
    let server = house.serve();
    let answer = server.exchange(&get().header("Host", "tools.example.com"));
    assert_eq!(answer.head.header("cache-control"), Some("public, max-age=3600"));
    let card: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(card["remotes"][0]["url"], "https://tools.example.com/mcp");
    let header = &card["remotes"][0]["headers"][0];
    assert_eq!((&header["name"], &header["isSecret"]), (&json!("Authorization"), &json!(true)));
    assert!(!answer.text().contains("a-key-that-nobody-guesses"));
}
