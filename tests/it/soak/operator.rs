//! The operator, who never rests.

use std::{
    fs,
    path::Path,
    sync::{Mutex, atomic::Ordering},
};

use serde_json::{Value, json};

use super::{
    STEADY,
    callers::version,
    stage::{Stage, one},
};
use crate::harness::{Era, House, Press, binary::must_run, wait_until};

/// The key of the holder whose key is rotated, at that turn.
pub(super) fn text(turn: u64) -> String {
    format!("key-of-the-holder-whose-key-is-rotated-{turn}")
}

pub(super) fn key(turn: u64) -> Value {
    json!({"name": "rotated", "key": text(turn), "scopes": ["all"]})
}

/// Puts `bytes` at `path` at once.
fn place(path: &Path, bytes: &[u8]) {
    let beside = path.with_extension("new");
    fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, path)).expect("a file");
}

/// A compatible version after another.
pub(super) fn reloads(stage: &Stage<'_>, house: &Path, press: &Press) {
    let (mut client, mut number) = (stage.steady(Era::Modern), 1);
    stage.again(|| {
        number += 1;
        place(&house.join("plugins/versioned.wasm"), &press.print(number));
        wait_until(&format!("version {number} is served"), || {
            stage.rest(20);
            version(&stage.must(&mut client, "versioned_run", json!({})).text()) == number
        });
        one(&stage.tally.reloads);
        stage.rest(200);
    });
}

/// Versions that wait until they are accepted; every third is revoked again.
pub(super) fn accepts_and_revokes(stage: &Stage<'_>, house: &Path, press: &Press) {
    let (mut client, mut number) = (stage.steady(Era::Modern), 1);
    let file = house.join("plugins/manual.wasm");
    stage.again(|| {
        number += 1;
        let said = stage.server.lines().total();
        place(&file, &press.print(number));
        let waits = |line: &String| line.contains("manual") && line.contains("waits");
        wait_until("it waits", || stage.server.lines().since(said).iter().any(waits));
        let digest = must_run(house, &["inspect", "plugins/manual.wasm", "--json"]).stdout;
        let digest: Value = serde_json::from_str(&digest).expect("JSON");
        let digest = digest["digest"].as_str().expect("a digest").to_owned();
        must_run(house, &["accept", "manual", "--digest", &digest]);
        wait_until(&format!("version {number} is accepted"), || {
            stage.rest(50);
            let answer = stage.call(&mut client, "manual_run", json!({}));
            answer.is_ok() && version(&answer.text()) == number
        });
        if number.is_multiple_of(3) {
            let revoked = digest.replace("sha256:", "digest:");
            must_run(house, &["revoke", &revoked, "--reason", "a soak", "--config", "mcp.yaml"]);
            wait_until("it is gone", || {
                stage.rest(50);
                !stage.call(&mut client, "manual_run", json!({})).is_ok()
            });
            one(&stage.tally.revocations);
        }
    });
}

/// A new key beside the old one, then in its place.
pub(super) fn rotates(stage: &Stage<'_>, house: &Mutex<House>) {
    let steady = json!({"name": "steady", "key": STEADY, "scopes": ["all"]});
    let edit = |keys: Vec<Value>| house.lock().expect("no panic").edit(|config| config["apiKeys"] = Value::Array(keys));
    let status = |turn: u64| {
        let client = crate::harness::Client::http(stage.server.address(), Era::Modern, Some(&text(turn)));
        let told = stage.server.exchange(&client.http_request(&client.message("tools/list", json!({}))));
        // A key that is taken away while its message is answered had let it in.
        let was_let_in = told.head.status != 401 || told.text().contains("what let you in is no longer good");
        one(if was_let_in { &stage.tally.messages } else { &stage.tally.strangers });
        told.head.status
    };
    stage.again(|| {
        let old = stage.turn.load(Ordering::SeqCst);
        edit(vec![steady.clone(), key(old), key(old + 1)]);
        wait_until("the new key opens", || status(old + 1) == 200);
        stage.turn.store(old + 1, Ordering::SeqCst);
        wait_until("the new key is used", || stage.is_over() || stage.used.load(Ordering::SeqCst) == old + 1);
        if stage.is_over() {
            return;
        }
        edit(vec![steady.clone(), key(old + 1)]);
        wait_until("the old key is gone", || status(old) == 401);
        one(&stage.tally.rotations);
        stage.rest(100);
    });
}
