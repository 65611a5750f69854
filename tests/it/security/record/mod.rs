//! What was done is on the record, and nothing can be taken from it unseen.

mod crash;
mod endings;
mod full;
mod heard;
mod reading;
mod secrets;
mod size;
mod tampering;

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{
    Answer, House, Plugin, Server,
    binary::{Ran, must_run, run},
};

/// The record does not hold.
const BROKEN: i32 = 9;

/// A house with an echo, whose record is durable before anything is answered.
fn house() -> House {
    House::new().with(&Plugin::guest("echo")).set("audit", json!({"mode": "record"}))
}

/// Serves it once all of these are loaded: a busy machine takes its time.
fn serve(house: &House, plugins: &[&str]) -> Server {
    let server = house.serve();
    plugins.iter().for_each(|plugin| server.lines().wait_for(&["served", &format!("plugin={plugin} ")]));
    server
}

/// Every entry, in order.
fn entries(house: &House) -> Vec<Value> {
    let exported = must_run(house.path(), &["audit", "export"]);
    let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    exported.stdout.lines().map(read).collect()
}

fn of_kind<'a>(entries: &'a [Value], kind: &str) -> Vec<&'a Value> {
    entries.iter().filter(|entry| entry["kind"] == kind).collect()
}

/// The entries of one call.
fn of_call<'a>(entries: &'a [Value], call: &str) -> Vec<&'a Value> {
    entries.iter().filter(|entry| entry["call"] == call).collect()
}

fn call_id(answer: &Answer) -> String {
    let id = answer.result()["_meta"]["dev.bulkhead/callId"].as_str();
    id.unwrap_or_else(|| panic!("no id: {answer:?}")).to_owned()
}

fn verify(house: &House, more: &[&str]) -> Ran {
    run(house.path(), &[&["audit", "verify", "--json"], more].concat())
}

fn holds(house: &House) {
    let verified = verify(house, &[]);
    assert_eq!(verified.code, 0, "{verified:#?}");
}

fn end(mut server: Server) {
    server.terminate();
    assert_eq!(server.ended_within(Duration::from_secs(30)), 0, "{}", server.lines());
}
