//! Who may call what.

use std::{fs, fs::Permissions, os::unix::fs::PermissionsExt as _};

use serde_json::json;

use crate::harness::{Era, House, Plugin, wait_until};

fn house() -> House {
    House::new()
        .with(&Plugin::guest("echo"))
        .with(&Plugin::guest("env_probe"))
        .set("allowAnonymous", json!(false))
        .set("scopes", json!({"echo": ["echo.run"], "all": ["*"]}))
        .set(
            "apiKeys",
            json!([
                {"name": "some", "key": "key-with-one-scope", "scopes": ["echo"]},
                {"name": "full", "key": "key-with-all-scopes", "scopes": ["all"]},
                {"name": "none", "key": "key-without-a-scope", "scopes": []},
            ]),
        )
}

#[test]
fn a_caller_sees_and_calls_what_its_scopes_open() {
    let house = house();
    let server = house.serve();
    for era in Era::ALL {
        let mut some = server.client_with_key(era, "key-with-one-scope");
        assert_eq!(some.tools(), ["echo_run"], "{era:?}");
        assert!(some.call("echo_run", json!({"text": "a"})).is_ok());
        let mut full = server.client_with_key(era, "key-with-all-scopes");
        assert_eq!(full.tools().len(), 4, "{era:?}");
        let mut none = server.client_with_key(era, "key-without-a-scope");
        assert_eq!(none.tools(), Vec::<String>::new(), "{era:?}");
        for client in [&mut some, &mut none] {
            for tool in ["echo_caller", "env-probe_run", "env-probe.run"] {
                let answer = client.call(tool, json!({}));
                assert!(!answer.is_ok(), "{era:?}: {tool}: {answer:?}");
            }
        }
        // What may not be called looks like what is not there, or says no more than "no".
        let told = some.call("env-probe_run", json!({})).failure();
        assert!(!told.contains("scopes") && !told.contains("mcp.yaml"), "{told}");
    }
}

#[test]
fn a_session_is_no_credential() {
    let house = house();
    let server = house.serve();
    let full = server.client_with_key(Era::Legacy, "key-with-all-scopes");
    let session = full.session().expect("a session").to_owned();
    let message = full.message("tools/list", json!({}));
    let some = server.client_with_key(Era::Legacy, "key-with-one-scope");
    let stolen = some.http_request(&message).header("MCP-Session-Id", &session);
    assert_eq!(server.exchange(&stolen).head.status, 404);
    let anonymous = full.http_request(&message).without("Authorization");
    assert_eq!(server.exchange(&anonymous).head.status, 401);
}

#[test]
fn a_key_that_lies_in_a_file_is_another_one_as_soon_as_the_file_is() {
    let key = json!([{"name": "desktop", "key": "${file:desktop.key}", "scopes": ["echo"]}]);
    let house = house().set("apiKeys", key);
    let file = house.join("desktop.key");
    let rotate = |key: &str| {
        let new = house.join("desktop.key.new");
        fs::write(&new, key).expect("a file");
        fs::set_permissions(&new, Permissions::from_mode(0o600)).expect("its mode");
        fs::rename(new, &file).expect("it takes its place");
    };
    rotate("the-key-of-yesterday");
    let server = house.serve();
    let status = |key: &str| {
        let list = server.client_with_key(Era::Modern, "").message("tools/list", json!({}));
        let request = server.client_with_key(Era::Modern, key).http_request(&list);
        server.exchange(&request).head.status
    };
    assert_eq!((status("the-key-of-yesterday"), status("the-key-of-today")), (200, 401));
    rotate("the-key-of-today");
    wait_until("the new key counts", || status("the-key-of-today") == 200);
    assert_eq!(status("the-key-of-yesterday"), 401);
}
