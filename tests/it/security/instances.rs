//! Whose calls meet the same instance: nobody's, unless the operator wrote it.

use serde_json::json;

use crate::harness::{Client, Era, House, Plugin, Server, wait_until};

const ANN: &str = "key-of-ann";
const BOB: &str = "key-of-bob";

fn serve(instance: Option<&str>) -> (House, Server) {
    let mut plugin = Plugin::guest("tally").limits(json!({"cpu": "200ms", "memory": "128MiB"}));
    if let Some(instance) = instance {
        plugin = plugin.with("instance", json!(instance));
    }
    let keys = json!([{"name": "ann", "key": ANN, "scopes": ["all"]}, {"name": "bob", "key": BOB, "scopes": ["all"]}]);
    let house = House::new().with(&plugin).set("scopes", json!({"all": ["*", "root"]})).set("apiKeys", keys);
    let server = house.serve();
    (house, server)
}

/// What an instance says of how many calls it has met.
fn met(client: &mut Client, ending: &str) -> String {
    client.call("tally_run", json!({"ending": ending})).text()
}

#[test]
fn every_call_has_a_fresh_instance_unless_something_else_is_written() {
    for instance in [None, Some("fresh")] {
        let (_house, server) = serve(instance);
        let mut ann = server.client_with_key(Era::Modern, ANN);
        for _ in 0..3 {
            assert_eq!(met(&mut ann, "answer"), "1", "{instance:?}");
        }
    }
}

#[test]
fn a_principals_instance_meets_no_call_of_another() {
    let (_house, server) = serve(Some("principal"));
    let mut ann = server.client_with_key(Era::Modern, ANN);
    let mut bob = server.client_with_key(Era::Legacy, BOB);
    for calls in 1..=3 {
        assert_eq!(met(&mut ann, "answer"), calls.to_string());
    }
    assert_eq!(met(&mut bob, "answer"), "1", "what ann left is not bob's to meet");
    assert_eq!(met(&mut ann, "fail"), "4", "an error of its own is an end like any other");
    assert_eq!(met(&mut ann, "answer"), "5");
    assert_eq!(met(&mut bob, "answer"), "2");
}

#[test]
fn an_instance_that_did_not_end_well_meets_nobody() {
    let (_house, server) = serve(Some("principal"));
    let mut ann = server.client_with_key(Era::Modern, ANN);
    for ending in ["trap", "spin", "grow", "hold"] {
        assert_eq!(met(&mut ann, "answer"), "1", "before {ending}");
        met(&mut ann, ending);
    }
    assert_eq!(met(&mut ann, "answer"), "1");
}

#[test]
fn whoever_comes_without_a_credential_has_fresh_ones() {
    let plugin = Plugin::guest("tally").with("instance", json!("principal"));
    let house = House::new().with(&plugin);
    let server = house.serve();
    let mut somebody = server.client(Era::Modern);
    for _ in 0..3 {
        assert_eq!(met(&mut somebody, "answer"), "1");
    }
}

#[test]
fn a_shared_instance_meets_everybody_and_a_new_version_meets_no_older_memory() {
    let (mut house, server) = serve(Some("shared"));
    let mut ann = server.client_with_key(Era::Modern, ANN);
    let mut bob = server.client_with_key(Era::Modern, BOB);
    assert_eq!(met(&mut ann, "answer"), "1");
    assert_eq!(met(&mut bob, "answer"), "2");
    house.edit(|config| config["plugins"]["tally"]["limits"]["output"] = json!("2MiB"));
    wait_until("the older memory is met no more", || met(&mut ann, "answer") == "1");
}
