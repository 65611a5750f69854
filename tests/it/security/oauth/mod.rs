//! Access tokens: who is let in by one, to what, and for how long.

mod keys;
mod rights;
mod time;
mod tokens;

use std::fs;

use serde_json::{Value, json};

use crate::harness::{
    Client, Era, House, Plugin, Server,
    http::{Request, Response},
    issuer::{AUDIENCE, ISSUER, Signer, key_set},
};

/// What follows every challenge of that house.
const REST: &str =
    r#"scope="echo env", resource_metadata="https://tools.example.com/.well-known/oauth-protected-resource/mcp""#;

/// Two plugins, a scope for each, and tokens for them.
fn house(oauth: Value) -> House {
    let house = House::new()
        .with(&Plugin::guest("echo"))
        .with(&Plugin::guest("env_probe"))
        .set("allowAnonymous", json!(false))
        .set("publicUrl", json!(AUDIENCE))
        .set("scopes", json!({"echo": ["echo.*"], "env": ["env-probe.*"], "admin": ["*", "operator:trust"]}));
    house.set("oauth", oauth)
}

/// The same, by keys in a file.
fn house_of(signers: &[&Signer]) -> House {
    let house = house(json!({"issuer": ISSUER, "jwksUri": "keys.json"}));
    write_keys(&house, signers);
    house
}

/// Puts these keys in place of those in the file.
fn write_keys(house: &House, signers: &[&Signer]) {
    let beside = house.join(".keys.new");
    fs::write(&beside, key_set(signers)).and_then(|()| fs::rename(&beside, house.join("keys.json"))).expect("the keys");
}

/// `tools/list` as a client of the modern era asks.
fn list(server: &Server) -> Request {
    let client = Client::http(server.address(), Era::Modern, None);
    client.http_request(&client.message("tools/list", json!({})))
}

/// The answer to `tools/list` with this token.
fn ask(server: &Server, token: &str) -> Response {
    server.exchange(&list(server).header("Authorization", &format!("Bearer {token}")))
}

fn challenge(response: &Response) -> &str {
    response.head.header("www-authenticate").unwrap_or_else(|| panic!("no challenge: {response:?}"))
}

/// That this token lets nobody in.
fn assert_refused(server: &Server, token: &str, why: &str) {
    let response = ask(server, token);
    let told = format!(
        r#"Bearer realm="bulkhead", error="invalid_token", error_description="the token is not valid", {REST}"#
    );
    assert_eq!((response.head.status, challenge(&response)), (401, told.as_str()), "{why}");
    assert!(!response.text().contains("echo"), "{why}: {response:?}");
}
