//! Looks at bytes, where what a hostile plugin got through would be no message
//! that a client could read.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::harness::Server;

/// How long an answer is waited for.
pub const PATIENCE: Duration = Duration::from_secs(60);

fn call(tool: &str, arguments: &Value) -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
    });
    let params = json!({"name": tool, "arguments": arguments, "_meta": meta});
    json!({"jsonrpc": "2.0", "id": "corpus", "method": "tools/call", "params": params})
}

/// What comes back, as far as it does.
fn exchange(server: &Server, key: &str, tool: &str, arguments: &Value) -> io::Result<String> {
    let body = call(tool, arguments).to_string();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer {key}\r\nAccept: application/json, \
         text/event-stream\r\nContent-Type: application/json\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: \
         tools/call\r\nMcp-Name: {tool}\r\nContent-Length: {}\r\n\r\n",
        server.address(),
        body.len()
    );
    let mut stream = TcpStream::connect(server.address())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()))?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Whether the argument `text` is spliced into the answer as it is.
pub fn spliced(server: &Server, key: &str, tool: &str, arguments: &Value) -> String {
    let answer = exchange(server, key, tool, arguments).unwrap_or_else(|error| panic!("{error}: {}", server.lines()));
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

/// Whether `path` on this port of loopback is there for who asks.
pub fn fetches(port: u16, path: &str) -> bool {
    let ask = || -> io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// Makes one call over stdio. Whether each line that came is a message, and
/// one of the server's own.
pub fn lines(mut command: Command, dir: &Path, tool: &str, text: &str) -> String {
    command.args(["serve", "--stdio", "--config", "mcp.yaml"]).current_dir(dir);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("a server");
    let mut stdin = child.stdin.take().expect("piped");
    writeln!(stdin, "{}", call(tool, &json!({"text": text}))).expect("written");
    let said = verdict(&following(child.stdout.take().expect("piped")));
    // It is this test's own.
    drop(child.kill().and_then(|()| child.wait()));
    said
}

/// Lines as they come, to be waited for.
fn following(stdout: ChildStdout) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let lines = BufReader::new(stdout).split(b'\n').map_while(Result::ok);
        // Who has seen enough listens no more.
        lines.map(|line| sender.send(line)).take_while(Result::is_ok).for_each(drop);
    });
    receiver
}

fn verdict(lines: &Receiver<Vec<u8>>) -> String {
    let end = Instant::now() + PATIENCE;
    loop {
        let line = match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => return format!("nothing within {PATIENCE:?}"),
            Err(RecvTimeoutError::Disconnected) => return "got: an end of all output".to_owned(),
        };
        match serde_json::from_slice::<Value>(&line) {
            Ok(message) if message["id"] == "corpus" => return "denied: nothing but messages".to_owned(),
            Ok(message) if message["params"]["forged"].is_null() => {}
            _ => return format!("got: a line of its own: {}", String::from_utf8_lossy(&line)),
        }
    }
}
