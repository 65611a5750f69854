//! A reload never fails a call in flight and never shows half of a change.

mod changes;
mod downloads;
mod noticing;
mod starts;
mod swaps;
mod taking_away;
mod trust;

use std::{fs, path::Path};

use serde_json::json;

use crate::harness::{House, Plugin, Press};

/// A house that serves a versioned guest and follows compatible versions.
fn house() -> (House, Press) {
    let plugin = Plugin::guest("versioned").with("update", json!("compatible"));
    let house = House::new().with(&Plugin::guest("echo")).with(&plugin);
    let press = Press::new(&house, &plugin);
    fs::write(house.join("plugins/versioned.wasm"), press.print(1)).expect("a file");
    (house, press)
}

/// Puts `bytes` at `path` as a careful program does: at once.
fn place(path: &Path, bytes: &[u8]) {
    let beside = path.with_extension("new");
    fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, path)).unwrap_or_else(|error| panic!("{error}"));
}
