//! Every way in which a plugin's file is refused: by `verify`, and by a server
//! that finds it in its inbox.

use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bulkhead_package::{attach, detach};
use ed25519_dalek::{Signer as _, SigningKey, pkcs8::DecodePrivateKey as _};
use serde_json::{Value, json};

use crate::harness::{
    Era, House, Plugin, Press,
    binary::{Ran, run},
};

/// The exit code for a refused file.
const REFUSED: i32 = 4;

/// A house that trusts `key` for what is called `versioned*`, and a press.
fn house() -> (House, Press) {
    let house = House::new();
    let press = Press::new(&house, &Plugin::guest("versioned"));
    (house, press)
}

/// A change to a statement.
type Alteration = Box<dyn Fn(&mut Value)>;

fn verify(house: &House, file: &[u8]) -> Ran {
    fs::write(house.join("file.wasm"), file).expect("a file");
    run(house.path(), &["verify", "file.wasm", "--config", "mcp.yaml"])
}

fn is_refused(house: &House, file: &[u8], why: &str) -> String {
    let ran = verify(house, file);
    assert_eq!(ran.code, REFUSED, "{why}: {ran:#?}");
    assert!(!ran.stderr.is_empty(), "{why}: it says nothing");
    ran.stderr
}

/// `packed`, signed with the house's key over what `alter` makes of the
/// statement.
fn signed_otherwise(house: &House, signed: &[u8], payload_type: &str, alter: impl Fn(&mut Value)) -> Vec<u8> {
    let (packed, envelope) = detach(signed).expect("a signed file");
    let mut envelope: Value = serde_json::from_slice(envelope).expect("an envelope");
    let payload = STANDARD.decode(envelope["payload"].as_str().expect("a payload")).expect("base64");
    let mut statement: Value = serde_json::from_slice(&payload).expect("a statement");
    alter(&mut statement);
    let payload = statement.to_string();
    let pem = fs::read_to_string(house.join("key.pem")).expect("the key");
    let key = SigningKey::from_pkcs8_pem(pem.trim()).expect("a key");
    let message = format!("DSSEv1 {} {payload_type} {} {payload}", payload_type.len(), payload.len());
    envelope["payloadType"] = json!(payload_type);
    envelope["payload"] = json!(STANDARD.encode(&payload));
    envelope["signatures"][0]["sig"] = json!(STANDARD.encode(key.sign(message.as_bytes()).to_bytes()));
    attach(packed, envelope.to_string().as_bytes()).expect("attached")
}

#[test]
fn a_file_as_it_should_be_is_taken() {
    let (house, press) = house();
    let good = press.print(1);
    let ran = verify(&house, &good);
    assert_eq!(ran.code, 0, "{ran:#?}");
    let again = signed_otherwise(&house, &good, bulkhead_package::PAYLOAD_TYPE, |_| {});
    let ran = verify(&house, &again);
    assert_eq!(ran.code, 0, "the test signs as the product does: {ran:#?}");
    let key = run(house.path(), &["verify", "file.wasm", "--key", "key.pub.pem"]);
    assert_eq!(key.code, 0, "{key:#?}");
    let told = |key: &str| {
        house.keygen(key);
        let trusted =
            json!({"keys": [{"id": "typed", "publicKey": format!("file:{key}.pub.pem"), "plugins": ["versioned"]}]});
        fs::write(house.join(&format!("{key}.yaml")), json!({"trust": trusted}).to_string()).expect("a configuration");
        run(house.path(), &["inspect", "file.wasm", "--config", &format!("{key}.yaml")]).stdout
    };
    assert!(told("stranger").contains("not trusted"), "{}", told("another"));
    let own = run(house.path(), &["inspect", "file.wasm", "--config", "mcp.yaml", "--json"]);
    let own: Value = serde_json::from_str(&own.stdout).expect("JSON");
    assert_eq!(own["trustedAs"], "tests", "{own}");
}

#[test]
fn a_damaged_file_is_refused() {
    let (house, press) = house();
    let good = press.print(1);
    for cut in [0, 1, 8, good.len() / 2, good.len() - 1] {
        is_refused(&house, &good[..cut], &format!("cut to {cut}"));
    }
    is_refused(&house, &[good.clone(), vec![0]].concat(), "a byte more");
    // Spread over the file; the package's own tests flip every bit of a small one.
    let step = good.len() / 60;
    for at in (0..good.len()).step_by(step).chain(good.len() - 20..good.len()) {
        let mut flipped = good.clone();
        flipped[at] ^= 0x10;
        is_refused(&house, &flipped, &format!("byte {at} flipped"));
    }
}

#[test]
fn sections_doubled_or_reordered_are_refused() {
    let (house, press) = house();
    let good = press.print(1);
    let (packed, _) = detach(&good).expect("a signed file");
    let component = bulkhead_package::strip(&good).expect("a component").to_vec();
    let manifest = &packed[component.len()..];
    let signature = &good[packed.len()..];
    for (parts, why) in [
        (vec![&component[..], manifest, signature, signature], "two signatures sections"),
        (vec![&component[..], manifest, manifest, signature], "two manifests"),
        (vec![&component[..], signature, manifest], "the wrong order"),
        (vec![&component[..], signature], "no manifest"),
        (vec![&component[..], manifest], "no signature"),
        (vec![&component[..]], "nothing of ours"),
        (vec![manifest, signature], "no component"),
    ] {
        is_refused(&house, &parts.concat(), why);
    }
    let other = press.print(2);
    let (other_packed, _) = detach(&other).expect("a signed file");
    let other_manifest = &other_packed[component.len()..];
    is_refused(&house, &[&component[..], other_manifest, signature].concat(), "another file's manifest");
    is_refused(&house, &[packed, &other[other_packed.len()..]].concat(), "another file's signature");
}

#[test]
fn a_stranger_signs_for_nobody() {
    let (house, press) = house();
    house.keygen("stranger");
    is_refused(&house, &press.print_with(1, &house.join("stranger.pem")), "signed by a stranger");
    is_refused(&house, &press.print_for_development(1), "signed for development");
}

#[test]
fn a_statement_about_something_else_is_refused() {
    let (house, press) = house();
    let good = press.print(1);
    let kind = bulkhead_package::PAYLOAD_TYPE;
    let zero = "0".repeat(64);
    let alterations: [(&str, Alteration); 7] = [
        ("predicate type", Box::new(|s| s["predicateType"] = json!("https://slsa.dev/provenance/v1"))),
        ("statement type", Box::new(|s| s["_type"] = json!("https://in-toto.io/Statement/v0.1"))),
        ("digest", Box::new(move |s| s["subject"][0]["digest"]["sha256"] = json!(zero))),
        ("name", Box::new(|s| s["predicate"]["name"] = json!("other"))),
        ("version", Box::new(|s| s["predicate"]["version"] = json!("9.9.9"))),
        (
            "one subject more",
            Box::new(|s| {
                let first = s["subject"][0].clone();
                s["subject"].as_array_mut().expect("subjects").push(first);
            }),
        ),
        ("an unknown member", Box::new(|s| s["predicate"]["more"] = json!(true))),
    ];
    for (what, alter) in alterations {
        is_refused(&house, &signed_otherwise(&house, &good, kind, alter), what);
    }
    is_refused(&house, &signed_otherwise(&house, &good, "application/json", |_| {}), "payload type");
}

#[test]
fn a_key_counts_for_its_names_and_its_time() {
    let (mut house, press) = house();
    let good = press.print(1);
    house.edit(|config| config["trust"]["keys"][0]["plugins"] = json!(["weather", "acme-*"]));
    is_refused(&house, &good, "another namespace");
    house.edit(|config| config["trust"]["keys"][0]["plugins"] = json!(["versioned"]));
    assert_eq!(verify(&house, &good).code, 0);
    house.edit(|config| config["trust"]["keys"][0]["notAfter"] = json!("2020-01-01"));
    is_refused(&house, &good, "an expired key");
    house.edit(|config| config["trust"]["keys"] = json!([]));
    is_refused(&house, &good, "nobody is trusted");
}

#[test]
fn what_is_revoked_is_refused() {
    for what in ["key", "digest"] {
        let (house, press) = house();
        let good = press.print(1);
        fs::write(house.join("file.wasm"), &good).expect("a file");
        let told = run(house.path(), &["verify", "file.wasm", "--config", "mcp.yaml", "--json"]);
        let told: Value = serde_json::from_str(&told.stdout).unwrap_or_else(|error| panic!("{error}: {told:?}"));
        let name = match what {
            "key" => format!("key:{}", told["keyId"].as_str().expect("a key id")),
            _ => format!("digest:{}", told["digest"].as_str().expect("a digest").trim_start_matches("sha256:")),
        };
        let revoked = run(house.path(), &["revoke", &name, "--reason", "a test", "--config", "mcp.yaml"]);
        // A name that nothing here has is an error: this one is trusted, or served.
        if what == "key" {
            assert_eq!(revoked.code, 0, "{revoked:#?}");
            is_refused(&house, &good, what);
        }
        let unknown = run(house.path(), &["revoke", &format!("key:{}", "0".repeat(64)), "--config", "mcp.yaml"]);
        assert_ne!(unknown.code, 0, "{unknown:#?}");
    }
}

#[test]
fn a_refused_file_in_the_inbox_changes_nothing_and_says_why() {
    let house = House::new().with(&Plugin::guest("echo")).set("pluginDir", json!("inbox/"));
    fs::create_dir(house.join("inbox")).expect("a folder");
    let press = Press::new(&house, &Plugin::guest("versioned"));
    house.keygen("stranger");
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    let before = client.tools();
    for (name, file) in [
        ("unsigned", press.packed(1)),
        ("stranger", press.print_with(2, &house.join("stranger.pem"))),
        ("broken", press.print(3)[..1000].to_vec()),
        ("development", press.print_for_development(4)),
        ("text", b"not a component at all".to_vec()),
    ] {
        let path = house.join(&format!("inbox/{name}.wasm"));
        let said = server.lines().total();
        fs::write(&path, file).expect("a file");
        let told = || server.lines().since(said).iter().any(|line| line.contains("not loaded"));
        crate::harness::wait_until(&format!("it says why {name} is not loaded"), told);
        assert_eq!(client.tools(), before, "{name}");
        let checked = run(house.path(), &["check"]);
        let says = checked.stdout.contains(&format!("inbox/{name}.wasm"));
        assert!(checked.code == REFUSED && says, "{name}: {checked:#?}");
        fs::remove_file(path).expect("removed");
    }
    fs::write(house.join("inbox/good.wasm"), press.print(5)).expect("a file");
    crate::harness::wait_until("the good one is served", || client.tools().contains(&"versioned_run".to_owned()));
}
