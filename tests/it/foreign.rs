//! Components that never heard of Bulkhead: signed without a word about them,
//! dropped in, called; behind the same walls as everybody.

use std::{fs, path::Path, sync::Arc};

use serde_json::{Value, json};

use crate::harness::{
    Client, Era, House, Plugin, Server,
    binary::{Ran, must_run, run},
    guests::guest,
    wait_until,
};

/// Signs a component that lies alone in a folder, as its user would.
fn sign(house: &House, file: &str, component: &[u8], flags: &[&str]) -> (Ran, Vec<u8>) {
    let work = tempfile::tempdir_in(house.path()).expect("a folder");
    let (path, key) = (work.path().join(file), house.join("key.pem"));
    fs::write(&path, component).expect("a file");
    let ran = run(work.path(), &[&["sign", file, "--key", key.to_str().expect("UTF-8")], flags].concat());
    (ran, fs::read(path).expect("the file"))
}

/// `component` with the custom section in which WIT's tools keep its comments.
fn documented(component: &[u8], docs: &Value) -> Vec<u8> {
    let payload = [b"\x0cpackage-docs\x01".as_slice(), docs.to_string().as_bytes()].concat();
    let length = payload.len();
    let low = |bits: usize| u8::try_from(length >> bits & 0x7f).expect("seven bits");
    [component, &[0, low(0) | 0x80, low(7) | 0x80, low(14)], &payload].concat()
}

fn served(plugin: &Plugin) -> (House, Server, Client) {
    let house = House::new().with(plugin);
    let server = house.serve();
    let client = server.client(Era::Modern);
    (house, server, client)
}

#[test]
fn a_component_is_signed_inspected_dropped_in_and_called() {
    let house = House::new().set("pluginDir", json!("inbox/"));
    fs::create_dir_all(house.join("inbox")).expect("a folder");
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    let adder = guest("foreign_adder");
    fs::write(house.join("bare.wasm"), &adder).expect("a file");
    let bare = must_run(house.path(), &["inspect", "bare.wasm"]).stdout;
    assert!(bare.contains("docs:adder/add@0.1.0#add  is the tool add_add"), "{bare}");

    let docs = json!({"interfaces": {"add": {"funcs": {"add": {"docs": "Adds two numbers."}}}}});
    let (signed, file) = sign(&house, "foreign-adder.wasm", &documented(&adder, &docs), &[]);
    assert_eq!(signed.code, 0, "{signed:#?}");
    for told in ["its name is foreign-adder", "its version is 0.1.0, from docs:adder/add@0.1.0", "it asks for nothing"]
    {
        assert!(signed.stderr.contains(told), "{signed:#?}");
    }
    let (_, again) = sign(&house, "foreign-adder.wasm", &documented(&adder, &docs), &[]);
    assert!(file == again, "the same component makes the same file");

    fs::write(house.join("inbox/foreign-adder.wasm"), file).expect("a file");
    wait_until("it is served", || client.tools() == ["foreign-adder_add_add"]);
    let listed = client.list("tools/list", "tools");
    assert_eq!(listed[0]["description"], "Adds two numbers.");
    assert_eq!(listed[0]["inputSchema"]["properties"]["x"]["maximum"], 4_294_967_295_u32);
    let answer = client.call("foreign-adder_add_add", json!({"x": 40, "y": 2}));
    assert_eq!(*answer.structured(), json!({"result": 42}));
    assert_eq!(answer.text(), r#"{"result":42}"#);
    let mut older = server.client(Era::Legacy);
    assert_eq!(*older.call("foreign-adder_add_add", json!({"x": 1, "y": 2})).structured(), json!({"result": 3}));
}

#[test]
fn every_type_goes_in_and_comes_out() {
    let (_house, _server, mut client) = served(&Plugin::guest("foreign_types"));
    let point = json!({"x": -3, "y": 0.5, "label": "π\n"});
    let cases = [
        ("booleans", json!([true, false])),
        ("signed", json!([0, -999_999_999_999_999_i64, "-9223372036854775808", "9223372036854775807"])),
        ("unsigned", json!([7, 999_999_999_999_999_i64, "1000000000000000", "18446744073709551615"])),
        ("single", json!([0.1, -0.5, 1e30, "NaN", "Infinity", "-Infinity"])),
        ("double", json!([0.1, 5e-324, 1.797_693_134_862_315_7e308, "NaN", "-Infinity"])),
        ("character", json!(["a", "é", "\u{1f600}", "\n"])),
        ("text", json!(["", "Grüße, 世界 \"\\"])),
        ("bytes", json!(["", "AA==", "//79", "SGVsbG8="])),
        ("texts", json!([[], [[]], [["a", ""], [], ["b"]]])),
        ("maybe", json!([null, {"some": null}, {"some": 255}])),
        ("either", json!([[], [{"ok": 1}, {"err": "no"}]])),
        ("colours", json!([["red", "dark-blue", "red"]])),
        ("allowed", json!([[], ["read", "run"]])),
        ("forms", json!([{"nothing": null}, {"circle": point}, {"polygon": [point, point]}, {"named": "x"}])),
    ];
    for (tool, values) in cases {
        for value in values.as_array().expect("values") {
            let answer = client.call(&format!("foreign-types_echo_{tool}"), json!({"v": value}));
            assert_eq!(answer.structured()["result"], *value, "{tool}: {answer:?}");
        }
    }
    let small = json!({"a": -128, "b": 255, "c": -32768, "d": 65535, "e": i32::MIN, "f": u32::MAX});
    let answer = client.call("foreign-types_echo_small", small);
    assert_eq!(answer.structured()["result"], json!([-128, 255, -32768, 65535, i32::MIN, u32::MAX]));
    let answer = client.call("foreign-types_echo_points", json!({"v": {"label": "", "x": 1}}));
    assert_eq!(*answer.structured(), json!({"x": 1, "y": null, "label": ""}), "a record is the answer itself");
    assert_eq!(client.call("foreign-types_where-am-i", json!({})).structured()["result"], "in the world");
    let silent = client.call("foreign-types_echo_nothing", json!({}));
    assert!(silent.is_ok() && silent.result().get("structuredContent").is_none(), "{silent:?}");
}

#[test]
fn what_does_not_fit_never_reaches_the_guest() {
    let (_house, _server, mut client) = served(&Plugin::guest("foreign_types"));
    for (tool, value) in [
        ("overflow", json!(256)),
        ("overflow", json!(1.5)),
        ("overflow", json!("3")),
        ("unsigned", json!("18446744073709551616")),
        ("unsigned", json!("7")),
        ("unsigned", json!(1_000_000_000_000_000_i64)),
        ("character", json!("ab")),
        ("bytes", json!("AB==")),
        ("allowed", json!(["read", "read"])),
        ("forms", json!({"nothing": null, "named": "x"})),
        ("points", json!({"x": 1, "label": "", "z": 1})),
        ("maybe", json!({"none": 1})),
    ] {
        let answer = client.call(&format!("foreign-types_echo_{tool}"), json!({"v": value}));
        assert!(answer.failure().contains("input schema"), "{tool} {value}: {answer:?}");
    }
    let fallen = client.call("foreign-types_echo_overflow", json!({"v": 99})).failure();
    assert!(!fallen.contains("falls"), "what the guest said as it fell is not the client's: {fallen}");
    assert_eq!(client.call("foreign-types_echo_overflow", json!({"v": 9})).structured()["result"], 9);
}

#[test]
fn an_err_is_the_tools_own_failure() {
    let (_house, _server, mut client) = served(&Plugin::guest("foreign_types"));
    assert_eq!(client.call("foreign-types_echo_check", json!({"v": 3})).structured()["result"], 3);
    let failed = client.call("foreign-types_echo_check", json!({"v": 30}));
    assert_eq!(failed.result()["isError"], true);
    assert_eq!(failed.text(), "30 is too many");
    let failed = client.call("foreign-types_echo_refuse", json!({"v": {"named": "x"}}));
    assert_eq!(failed.failure(), r#"{"named":"x"}"#);
}

#[test]
fn a_handle_lives_for_one_call() {
    let mut plugin = Plugin::guest("foreign_types");
    plugin.entry["instance"] = json!("principal");
    // Whoever has no credential has no instance of its own.
    let house = House::new().with(&plugin).set("apiKey", json!("k".repeat(32))).set("allowAnonymous", json!(false));
    let server = house.serve();
    let mut client = server.client_with_key(Era::Modern, &"k".repeat(32));
    for round in 0..3 {
        let added = client.call("foreign-types_counters_counter_add", json!({"self": {"first": 40}, "n": 2}));
        assert_eq!(added.structured()["result"], 42, "{round}");
        let sum = json!({"a": {"first": 1}, "b": {"first": 2}});
        assert_eq!(client.call("foreign-types_counters_sum", sum).structured()["result"], 3);
        let twice = client.call("foreign-types_counters_counter_twice", json!({"of": {"first": 4}}));
        assert_eq!(twice.structured()["result"], 8);
        assert_eq!(client.call("foreign-types_counters_live", json!({})).structured()["result"], 0, "none is left");
    }
    let tools = client.tools();
    assert!(!tools.iter().any(|tool| tool.ends_with("counter") || tool.ends_with("fork")), "{tools:?}");
    fs::write(house.join("bare.wasm"), guest("foreign_types")).expect("a file");
    let shown = must_run(house.path(), &["inspect", "bare.wasm"]).stdout;
    assert!(shown.contains("#[method]counter.fork  is no tool: it gives a handle"), "{shown}");
}

#[test]
fn the_walls_are_those_of_every_plugin() {
    let mut plugin = Plugin::guest("foreign_wasi").asks("[[asks.fs]]\nat = \"/data\"\n");
    let house = House::new().with(&plugin);
    fs::create_dir(house.join("data")).and_then(|()| fs::write(house.join("data/a.txt"), "one")).expect("a file");
    {
        let server = house.serve();
        let mut client = server.client(Era::Modern);
        let denied = client.call("foreign-wasi_read-file", json!({"path": "/data/a.txt"}));
        assert!(!denied.is_ok() && !denied.text().contains("one"), "{denied:?}");
        assert_eq!(client.call("foreign-wasi_variable", json!({"name": "PATH"})).structured()["result"], Value::Null);
        assert!(client.call("foreign-wasi_now", json!({})).structured()["result"].is_string());
        assert!(client.call("foreign-wasi_draw", json!({})).is_ok());
        assert!(client.call("foreign-wasi_say", json!({"text": "hello"})).is_ok());
    }
    {
        let server = house.serve();
        let mut client = server.client(Era::Modern);
        client.meta.insert("io.modelcontextprotocol/logLevel".to_owned(), json!("info"));
        let told = client.call("foreign-wasi_tell", json!({"text": "mind \"it\""}));
        let lines: Vec<&Value> = told.before.iter().filter(|line| line["method"] == "notifications/message").collect();
        assert_eq!(lines.len(), 1, "{told:?}");
        let line = &lines[0]["params"];
        assert_eq!((&line["level"], &line["data"]), (&json!("warning"), &json!("mind \"it\"")));
        assert_eq!(line["logger"], "outside");
    }
    plugin = plugin
        .grants(json!({"fs": [{"path": "./data", "at": "/data", "access": "read"}]}))
        .limits(json!({"cpu": "200ms"}));
    let mut house = house;
    house.add(&plugin);
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    assert_eq!(client.call("foreign-wasi_read-file", json!({"path": "/data/a.txt"})).structured()["result"], "one");
    assert!(!client.call("foreign-wasi_read-file", json!({"path": "/etc/passwd"})).is_ok());
    assert!(!client.call("foreign-wasi_write-file", json!({"path": "/data/a.txt", "text": "two"})).is_ok());
    assert_eq!(fs::read_to_string(house.join("data/a.txt")).expect("the file"), "one");
    assert!(!client.call("foreign-wasi_spin", json!({})).is_ok());
    assert!(client.call("foreign-wasi_now", json!({})).is_ok());
}

#[test]
fn an_answer_has_an_end() {
    let plugin = Plugin::guest("foreign_types").limits(json!({"output": "64KiB", "memory": "256MiB"}));
    let (_house, _server, mut client) = served(&plugin);
    let given = client.call("foreign-types_echo_give", json!({"bytes": 40_000}));
    assert_eq!(given.structured()["result"].as_str().expect("base64").len(), 53_336);
    for bytes in [60_000, 10_000_000] {
        assert!(!client.call("foreign-types_echo_give", json!({"bytes": bytes})).is_ok(), "{bytes}");
    }
}

#[test]
fn a_contract_that_is_not_the_components_is_refused() {
    for (name, told) in [("add_add", "takes something else"), ("subtract", "exports no such function")] {
        let house = House::new().with(&Plugin::guest("foreign_adder"));
        let contract = house.join("contract.json");
        let tool = json!({"name": name, "inputSchema": {"type": "object"}});
        fs::write(&contract, json!({"tools": [tool]}).to_string()).expect("a file");
        let contract = contract.to_str().expect("UTF-8");
        let (signed, file) = sign(&house, "foreign-adder.wasm", &guest("foreign_adder"), &["--contract", contract]);
        assert_eq!(signed.code, 0, "{signed:#?}");
        fs::write(house.join("plugins/foreign-adder.wasm"), file).expect("a file");
        assert!(must_refuse(house.path()).contains(told), "{told}");
        assert!(house.serve().client(Era::Modern).tools().is_empty(), "{told}");
    }
}

#[test]
fn what_cannot_be_signed_says_why() {
    let house = House::new();
    let graph = b"wasi:nn/graph@0.2.0";
    let import = [&[1, 0, u8::try_from(graph.len()).expect("short")], graph.as_slice(), &[5, 0]].concat();
    let size = u8::try_from(import.len()).expect("short");
    let stranger = [b"\0asm\x0d\0\x01\0\x07\x03\x01\x42\x00\x0a".as_slice(), &[size], &import].concat();
    let (refused, _) = sign(&house, "stranger.wasm", &stranger, &[]);
    assert!(refused.code != 0 && refused.stderr.contains("imports wasi:nn/graph@0.2.0"), "{refused:#?}");

    let hidden = |text: &str| json!({"interfaces": {"add": {"funcs": {"add": {"docs": text}}}}});
    let adder = guest("foreign_adder");
    let control = documented(&adder, &hidden("Adds.\u{1b}[2J\u{e0041}"));
    let (refused, _) = sign(&house, "foreign-adder.wasm", &control, &[]);
    assert!(
        refused.code != 0 && refused.stderr.contains("U+001B") && refused.stderr.contains("--no-docs"),
        "{refused:#?}"
    );
    let (signed, _) = sign(&house, "foreign-adder.wasm", &control, &["--no-docs"]);
    assert_eq!(signed.code, 0, "{signed:#?}");

    // What is text and still no description: as with any other listing.
    let script: Arc<[u8]> = documented(&adder, &hidden("<script>alert(1)</script>")).into();
    let house = House::new().with(&Plugin::new("foreign-adder", script));
    let server = house.serve();
    assert!(server.client(Era::Modern).tools().is_empty());
    assert!(must_refuse(house.path()).contains("/tools/0/description"));
}

fn must_refuse(dir: &Path) -> String {
    let checked = run(dir, &["check"]);
    assert_ne!(checked.code, 0, "{checked:#?}");
    format!("{}{}", checked.stdout, checked.stderr)
}
