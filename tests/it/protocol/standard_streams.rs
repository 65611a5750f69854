//! Whatever a client makes of standard input and output: sockets, as Node does,
//! or files. Everybody else makes pipes, as the other tests do.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Write as _},
    net::Shutdown,
    os::{fd::OwnedFd, unix::net::UnixStream},
    process::{Child, Stdio},
};

use serde_json::{Value, json};

use super::plain;
use crate::harness::{House, PATIENCE, binary::bulkhead};

/// What the log says, asked for more, where a thread stands between.
const BETWEEN: [&str; 2] = ["a thread reads standard input", "a thread writes standard output"];

fn begin(house: &House, input: impl Into<Stdio>, output: impl Into<Stdio>) -> Child {
    let log = File::create(house.join("log")).expect("a file for the log");
    let mut command = bulkhead();
    command.args(["serve", "--stdio", "--config", "mcp.yaml", "-v"]).current_dir(house.path());
    command.stdin(input).stdout(output).stderr(log).spawn().expect("the server starts")
}

fn asked() -> String {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "streams", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    format!("{}\n", json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}}))
}

fn assert_answers(line: &str) {
    let answer: Value = serde_json::from_str(line).expect("a message");
    assert!(answer["result"]["tools"].is_array(), "{answer}");
}

#[test]
fn over_sockets_no_thread_stands_between() {
    let house = plain();
    let (mut input, theirs) = UnixStream::pair().unwrap();
    let (output, ours) = UnixStream::pair().unwrap();
    output.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut server = begin(&house, OwnedFd::from(theirs), OwnedFd::from(ours));
    let mut lines = BufReader::new(output);
    for _ in 0..3 {
        input.write_all(asked().as_bytes()).unwrap();
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        assert_answers(&line);
    }
    input.shutdown(Shutdown::Write).unwrap();
    assert!(server.wait().unwrap().success());
    let log = fs::read_to_string(house.join("log")).unwrap();
    assert!(BETWEEN.iter().all(|words| !log.contains(words)), "{log}");
}

#[test]
fn over_files_everything_is_answered_as_well() {
    let house = plain();
    fs::write(house.join("asked"), asked().repeat(3)).unwrap();
    let input = File::open(house.join("asked")).unwrap();
    let output = File::create(house.join("answered")).unwrap();
    let mut server = begin(&house, input, output);
    assert!(server.wait().unwrap().success());
    let answered = fs::read_to_string(house.join("answered")).unwrap();
    assert_eq!(answered.lines().count(), 3, "{answered}");
    answered.lines().for_each(assert_answers);
    let log = fs::read_to_string(house.join("log")).unwrap();
    assert!(BETWEEN.iter().all(|words| log.contains(words)), "{log}");
}
