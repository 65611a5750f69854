//! Looks at bytes, where what a hostile plugin got through would be no message
//! that a client could read.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::harness::Server;

fn call(tool: &str, arguments: &Value) -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
    });
    let params = json!({"name": tool, "arguments": arguments, "_meta": meta});
    json!({"jsonrpc": "2.0", "id": "corpus", "method": "tools/call", "params": params})
}

/// Whether the argument `text` is spliced into the answer as it is.
pub fn spliced(server: &Server, key: &str, tool: &str, arguments: &Value) -> String {
    let body = call(tool, arguments).to_string();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer {key}\r\nAccept: application/json, \
         text/event-stream\r\nContent-Type: application/json\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: \
         tools/call\r\nMcp-Name: {tool}\r\nContent-Length: {}\r\n\r\n",
        server.address(),
        body.len()
    );
    let mut stream = TcpStream::connect(server.address()).expect("a connection");
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.contains("\"corpus\""), "no answer: {answer}");
    let text = arguments["text"].as_str().expect("a text");
    if answer.contains(&format!("\"structuredContent\":{text}")) {
        "got: spliced".to_owned()
    } else if answer.contains("\"isError\":true") {
        "denied: refused".to_owned()
    } else {
        "denied: tidied".to_owned()
    }
}

/// Makes one call over stdio. Whether each line that came is a message, and
/// one of the server's own.
pub fn lines(mut command: Command, dir: &Path, tool: &str, text: &str) -> String {
    command.args(["serve", "--stdio", "--config", "mcp.yaml"]).current_dir(dir);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("a server");
    let mut stdin = child.stdin.take().expect("piped");
    writeln!(stdin, "{}", call(tool, &json!({"text": text}))).expect("written");
    let mut verdict = "got: an end of all output".to_owned();
    for line in BufReader::new(child.stdout.take().expect("piped")).split(b'\n').map_while(Result::ok) {
        match serde_json::from_slice::<Value>(&line) {
            Ok(message) if message["id"] == "corpus" => {
                verdict = "denied: nothing but messages".to_owned();
                break;
            }
            Ok(message) if message["params"]["forged"].is_null() => {}
            _ => {
                verdict = format!("got: a line of its own: {}", String::from_utf8_lossy(&line));
                break;
            }
        }
    }
    // It is this test's own.
    drop(child.kill().and_then(|()| child.wait()));
    verdict
}
