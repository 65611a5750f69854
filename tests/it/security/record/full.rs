use std::{net::SocketAddr, process::Command};

use serde_json::json;

use super::house;
use crate::harness::{
    Era, House, Server,
    binary::BULKHEAD,
    http::{Connection, Request},
    ports, wait_until,
};

/// Blocks of 512 bytes that a file may have: enough for everything but a record
/// of large calls. A write beyond it fails as on a full disk; the shell's trap
/// is inherited, so that there is no signal.
const SCRIPT: &str =
    "trap '' XFSZ; ulimit -f 32768; exec \"$0\" serve --config mcp.yaml --listen 127.0.0.1:0 --log-format json";

fn small_disk(house: &House) -> Server {
    let mut command = Command::new("sh");
    command.args(["-c", SCRIPT, BULKHEAD]).current_dir(house.path()).env_remove("RUST_LOG");
    let server = Server::listening(command);
    server.lines().wait_for(&["served", "echo"]);
    server
}

fn get(from: SocketAddr, path: &str) -> (u16, String) {
    let exchanged = Connection::open(from).and_then(|mut connection| connection.exchange(&Request::get(path)));
    let response = exchanged.unwrap_or_else(|error| panic!("{path}: {error}"));
    (response.head.status, response.text())
}

#[test]
fn a_full_disk_stops_calls_with_a_clear_error() {
    let admin = ports::free();
    let house = house()
        .set("audit", json!({"mode": "record", "arguments": "full"}))
        .set("admin", json!({"listen": admin.to_string()}));
    let server = small_disk(&house);
    let mut client = server.client(Era::Modern);
    assert_eq!(get(admin, "/readyz").0, 200);
    let text = "x".repeat(200 << 10);
    let refused = (0..200).find_map(|_| {
        let answer = client.call("echo_run", json!({"text": text}));
        (!answer.is_ok()).then_some(answer)
    });
    let refused = refused.expect("the disk is full");
    assert_eq!(refused.status, 503, "{refused:?}");
    assert_eq!(refused.failure(), "the server cannot keep its record, and answers no calls until it can");
    assert!(!client.tools().is_empty(), "a listing is no call");

    // It is tried again every second whether there is room, and there is for a little.
    let mut ready = String::new();
    wait_until("it is not ready", || {
        assert!(!client.call("echo_run", json!({"text": text})).is_ok());
        let (status, page) = get(admin, "/readyz");
        ready = page;
        status == 503
    });
    assert!(ready.contains("the record cannot be written, and calls are refused: "), "{ready}");
    let (_, metrics) = get(admin, "/metrics");
    assert!(metrics.lines().any(|line| line.starts_with("bulkhead_record_failing ")), "{metrics}");
    assert!(!metrics.lines().any(|line| line == "bulkhead_record_failed_total 0"), "{metrics}");
    server.lines().wait_for(&["calls are refused until the record can be written", "File too large"]);
}
