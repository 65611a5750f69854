//! Routing, and the registry of what is trusted.

use std::fs;

use serde_json::json;

use super::{ALL, SOME, error, house, keys, result, serve};
use crate::harness::{binary::must_run, wait_until};

#[test]
fn routes_lead_to_this_server_and_only_where_the_caller_may_go() {
    let house = house();
    let server = serve(&house);
    let route = |prefix: &str| json!({"prefix": prefix, "server": "local"});
    let all = json!({
        "servers": [{"name": "local"}],
        "routes": [route("calc"), route("echo"), route("elicit"), route("file")],
    });
    assert_eq!(result(&server, ALL, "mcp.routing", json!({})), all);
    let some = json!({"servers": [{"name": "local"}], "routes": [route("file")]});
    assert_eq!(result(&server, SOME, "mcp.routing", json!({})), some);
    // A table that says what holds already is taken; any other would mean nothing.
    assert_eq!(result(&server, ALL, "mcp.routing.set", json!({"routes": [route("calc"), route("file")]})), all);
    let table = [
        (
            json!([{"prefix": "calc", "server": "https://other.example.com"}]),
            "params.routes[0].server: expected \"local\", no other server is attached",
        ),
        (json!([route("calc"), route("clac")]), "params.routes[1].prefix: expected a prefix that is served, each once"),
        (json!([route("calc"), route("calc")]), "params.routes[1].prefix: expected a prefix that is served, each once"),
    ];
    for (routes, told) in table {
        let told = (-32602, told.to_owned());
        assert_eq!(error(&server, ALL, "mcp.routing.set", json!({"routes": routes})), told);
    }
    assert_eq!(result(&server, ALL, "mcp.routing", json!({})), all);
}

#[test]
fn the_registry_tells_who_is_trusted_and_follows_what_changes() {
    let mut house = house();
    house.keygen("other");
    house.edit(|config| {
        config["trust"]["keys"].as_array_mut().expect("keys").push(json!(
            {"id": "other-2026", "publicKey": "file:other.pub.pem", "plugins": ["other-*"], "notAfter": "2099-12-31"}
        ));
        config["trust"]["servers"] = json!([{"url": "https://other.example.com/mcp", "key": "other-2026"}]);
    });
    let server = serve(&house);
    let registry = result(&server, ALL, "mcp.trust.registry", json!({}));
    assert_eq!(keys(&registry), ["keys", "plugins", "servers"]);
    assert_eq!(registry["servers"], json!([{"url": "https://other.example.com/mcp", "key": "other-2026"}]));
    let other = &registry["keys"][1];
    assert_eq!(keys(other), ["id", "keyId", "notAfter", "plugins", "revoked"]);
    assert_eq!((&other["id"], &other["plugins"]), (&json!("other-2026"), &json!(["other-*"])));
    assert!(other["notAfter"].as_str().is_some_and(|end| end.starts_with("2099-12-31T23:59:59")), "{other}");
    assert_eq!(other["revoked"], false);
    let calc = &registry["plugins"][0];
    assert_eq!(keys(calc), ["contractDigest", "digest", "plugin", "publisher", "signer", "version"]);
    assert_eq!(
        (&calc["plugin"], &calc["publisher"], &calc["version"]),
        (&json!("calc"), &json!("tests"), &json!("1.0.0"))
    );
    assert_eq!(calc["signer"], registry["keys"][0]["keyId"]);

    let key = other["keyId"].as_str().expect("a key id").trim_start_matches("sha256:").to_owned();
    must_run(house.path(), &["revoke", &format!("key:{key}"), "--reason", "a test", "--config", "mcp.yaml"]);
    let told = || result(&server, ALL, "mcp.trust.registry", json!({}));
    wait_until("the key is revoked", || told()["keys"][1]["revoked"] == true);
    house.edit(|config| config["trust"]["servers"] = json!([]));
    wait_until("the server is gone", || told()["servers"] == json!([]));
}

#[test]
fn a_server_that_no_key_vouches_for_is_no_configuration() {
    let mut house = house();
    house
        .edit(|config| config["trust"]["servers"] = json!([{"url": "https://other.example.com/mcp", "key": "nobody"}]));
    let checked = crate::harness::binary::run(house.path(), &["check"]);
    assert_ne!(checked.code, 0);
    let told = "trust.servers[0].key: expected the id of a key under trust.keys, found \"nobody\"";
    assert!(checked.stderr.contains(told), "{}", checked.stderr);
    assert!(fs::metadata(house.join("state")).is_err(), "check writes nothing");
}
