//! Variables, configuration, kept values, clocks, random bytes: denied until
//! given, and then just what was given.

use serde_json::json;

use crate::harness::{Client, Era, House, Plugin};

#[test]
fn variables_and_configuration_are_what_was_given() {
    let asks = "[[asks.env]]\nname = \"UNITS\"\n[[asks.env]]\nname = \"OTHER\"\n[[asks.config]]\nkey = \"language\"\n";
    let probe = Plugin::guest("env_probe").asks(asks);
    let house = House::new().with(&probe);
    let server = house.serve();
    let bare = server.client(Era::Modern).call("env-probe_run", json!({}));
    assert_eq!((&bare.structured()["env"], &bare.structured()["config"]), (&json!({}), &json!({})), "{bare:?}");
    assert!(bare.structured()["args"].as_array().is_some_and(|args| args.len() <= 1), "{bare:?}");

    let given = probe
        .grants(json!({"env": {"UNITS": "metric", "UNASKED": "x"}}))
        .with("config", json!({"language": "en", "unasked": "x"}));
    let house = House::new().with(&given);
    let server = house.serve();
    let answer = server.client(Era::Modern).call("env-probe_run", json!({}));
    assert_eq!(answer.structured()["env"], json!({"UNITS": "metric"}));
    assert_eq!(answer.structured()["config"], json!({"language": "en"}));
}

#[test]
fn kept_values_are_each_callers_own() {
    let probe = Plugin::guest("kv_probe").asks("[asks.kv]\nwhy = \"remembers\"\n");
    let kv = |client: &mut Client, op: &str, key: &str, value: &str| {
        client.call("kv-probe_run", json!({"op": op, "key": key, "value": value}))
    };
    let house = House::new().with(&probe);
    let server = house.serve();
    assert!(!kv(&mut server.client(Era::Modern), "set", "a", "1").is_ok(), "nothing is granted");

    let keys = json!([{"name": "one", "key": "key-of-one-caller", "scopes": ["all"]}, {"name": "two", "key": "key-of-the-other", "scopes": ["all"]}]);
    let house = House::new()
        .with(&probe.clone().grants(json!({"kv": true})))
        .set("allowAnonymous", json!(false))
        .set("apiKeys", keys)
        .set("scopes", json!({"all": ["*"]}));
    {
        let server = house.serve();
        let mut one = server.client_with_key(Era::Modern, "key-of-one-caller");
        let mut two = server.client_with_key(Era::Modern, "key-of-the-other");
        assert_eq!(kv(&mut one, "set", "a", "1").text(), "set");
        assert_eq!(kv(&mut one, "get", "a", "").text(), "1");
        assert_eq!(kv(&mut two, "get", "a", "").text(), "nothing");
        assert_eq!(kv(&mut two, "keys", "", "").text(), "");
        assert_eq!(kv(&mut two, "increment", "n", "").text(), "1");
        assert_eq!(kv(&mut one, "increment", "n", "").text(), "1");
    }
    // They outlive the server.
    let server = house.serve();
    let mut one = server.client_with_key(Era::Modern, "key-of-one-caller");
    assert_eq!(kv(&mut one, "get", "a", "").text(), "1");
    assert_eq!(kv(&mut one, "delete", "a", "").text(), "deleted");
    assert_eq!(kv(&mut one, "exists", "a", "").text(), "false");
}

#[test]
fn clocks_are_coarse_unless_granted() {
    let clock = Plugin::guest("clock").asks("[asks.fine-clock]\nwhy = \"measures\"\n");
    let readings = |plugin: &Plugin, clock: &str| {
        let house = House::new().with(plugin);
        let server = house.serve();
        let answer = server.client(Era::Modern).call("clock_run", json!({}));
        let times = answer.structured()[clock].as_array().expect("readings").clone();
        times.iter().filter_map(serde_json::Value::as_u64).collect::<Vec<u64>>()
    };
    for kind in ["wall", "monotonic"] {
        let coarse = readings(&clock, kind);
        assert_eq!(coarse.len(), 2_000);
        assert!(coarse.iter().all(|time| time % 1_000_000 == 0), "{kind}: steps of a millisecond");
    }
    let fine = readings(&clock.clone().grants(json!({"clock": "fine"})), "monotonic");
    assert!(fine.iter().any(|time| time % 1_000_000 != 0), "finer when granted");
}

#[test]
fn random_bytes_are_random_in_every_call() {
    let house = House::new().with(&Plugin::guest("random"));
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    let draws: std::collections::BTreeSet<String> =
        (0..20).map(|_| client.call("random_run", json!({})).text()).collect();
    assert_eq!(draws.len(), 20);
}
