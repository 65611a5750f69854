use std::fs;

use serde_json::{Value, json};

use super::{end, entries, holds, house, of_kind, serve};
use crate::harness::{
    Era, House, Plugin,
    binary::{must_run, run},
};

const USED: &str = "key-of-somebody-who-calls-now-and-then";
const IDLE: &str = "key-of-somebody-who-has-never-called-a-thing";

fn two_keys() -> House {
    let fetch =
        Plugin::guest("fetch").asks("[[asks.http]]\nhost = \"*\"\n").grants(json!({"http": [{"host": "example.com"}]}));
    house()
        .with(&fetch)
        .set("allowAnonymous", json!(false))
        .set("scopes", json!({"echo": ["echo.run"], "fetching": ["fetch.run"]}))
        .set(
            "apiKeys",
            json!([
                {"name": "used", "key": USED, "scopes": ["echo"]},
                {"name": "idle", "key": IDLE, "scopes": ["echo", "fetching"]},
            ]),
        )
}

#[test]
fn what_nobody_used_is_listed_with_its_line() {
    let house = two_keys();
    let server = serve(&house, &["echo", "fetch"]);
    assert!(server.client_with_key(Era::Modern, USED).call("echo_run", json!({"text": "a"})).is_ok());
    end(server);
    let told = must_run(house.path(), &["audit", "unused", "--since", "30d", "--json"]);
    let told: Value = serde_json::from_str(&told.stdout).expect("JSON");
    let unused: Vec<(&str, &str)> = told["unused"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (one["what"].as_str().unwrap_or_default(), one["name"].as_str().unwrap_or_default()))
        .collect();
    let wanted = [
        ("key", "idle"),
        ("scope", "fetching"),
        ("grants", "plugins.fetch.grants"),
        ("tool", "fetch.run"),
        ("tool", "echo.fail"),
    ];
    for one in wanted {
        assert!(unused.contains(&one), "{one:?} in {unused:?}");
    }
    for one in [("key", "used"), ("scope", "echo"), ("tool", "echo.run")] {
        assert!(!unused.contains(&one), "{one:?} in {unused:?}");
    }
    let text = fs::read_to_string(house.join("mcp.yaml")).expect("the configuration");
    let key = told["unused"].as_array().and_then(|all| all.iter().find(|one| one["name"] == "idle")).expect("the key");
    let line = text
        .lines()
        .nth(usize::try_from(key["line"].as_u64().expect("a line")).expect("a line") - 1)
        .expect("that line");
    assert!(line.contains('{') || line.contains("idle"), "{line}");
}

#[test]
fn entries_are_exported_and_shown_by_what_they_are_about() {
    let house = two_keys();
    let server = serve(&house, &["echo", "fetch"]);
    let mut client = server.client_with_key(Era::Modern, USED);
    for _ in 0..3 {
        assert!(client.call("echo_run", json!({"text": "a"})).is_ok());
    }
    let some = must_run(house.path(), &["audit", "export", "--kind", "outcome", "--principal", "used"]);
    assert_eq!(some.stdout.lines().count(), 3, "{}", some.stdout);
    let none = must_run(house.path(), &["audit", "export", "--until", "30d"]);
    assert_eq!(none.stdout, "");
    let tail = must_run(house.path(), &["audit", "tail", "--once", "--lines", "100"]);
    assert_eq!(tail.stdout.matches("outcome answered used callTool echo.run").count(), 3, "{}", tail.stdout);
    let wrong = run(house.path(), &["audit", "export", "--since", "yesterday"]);
    assert_eq!(wrong.code, 2, "{wrong:#?}");
    assert!(wrong.stderr.contains("expected a time such as"), "{wrong:#?}");
    end(server);
    let empty = run(house.path(), &["audit", "verify", "--dir", "nowhere"]);
    assert_eq!(empty.code, 1, "{empty:#?}");
    assert!(empty.stderr.contains("there is no record"), "{empty:#?}");
}

#[test]
fn servers_of_one_configuration_write_beside_one_another() {
    let house = house();
    let (first, mut one) = house.serve_stdio(Era::Modern);
    let (second, mut other) = house.serve_stdio(Era::Modern);
    assert!(one.call("echo_run", json!({"text": "a"})).is_ok());
    assert!(other.call("echo_run", json!({"text": "b"})).is_ok());
    end(first);
    end(second);
    holds(&house);
    assert_eq!(of_kind(&entries(&house), "outcome").len(), 2, "both are read");
    assert!(house.join("audit/2").is_dir());
}

#[test]
fn what_the_operator_does_is_on_the_record() {
    let mut house = house();
    let server = serve(&house, &["echo"]);
    house.edit(|config| config["nameSeparator"] = json!("."));
    server.lines().wait_for(&["the new configuration holds"]);
    house.edit(|config| config["audit"]["mode"] = json!("off"));
    server.lines().wait_for(&["audit", "cannot change while the server runs"]);
    let told = must_run(house.path(), &["inspect", "plugins/echo.wasm", "--json"]);
    let told: Value = serde_json::from_str(&told.stdout).expect("JSON");
    let digest = told["digest"].as_str().expect("a digest").trim_start_matches("sha256:");
    must_run(house.path(), &["revoke", &format!("digest:{digest}"), "--config", "mcp.yaml"]);
    server.lines().wait_for(&["alert=\"revoked\""]);
    end(server);
    let entries = entries(&house);
    let changes: Vec<&str> = of_kind(&entries, "change").iter().filter_map(|change| change["what"].as_str()).collect();
    for what in ["configuration", "revocations", "plugin"] {
        assert!(changes.contains(&what), "{what} in {changes:?}");
    }
    assert_eq!(of_kind(&entries, "alert").iter().filter(|alert| alert["alert"] == "revoked").count(), 1);
}
