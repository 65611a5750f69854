//! What is written for each client starts a server as that client would: from
//! `/`, with an empty environment.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

use crate::harness::{House, Plugin, binary::bulkhead};

/// The clients whose file is JSON or TOML, and where the entry stands in it.
const CLIENTS: [(&str, &str); 19] = [
    ("claude-desktop", "mcpServers"),
    ("claude-code", "mcpServers"),
    ("vscode", "servers"),
    ("cursor", "mcpServers"),
    ("windsurf", "mcpServers"),
    ("devin", "mcpServers"),
    ("zed", "context_servers"),
    ("cline", "mcpServers"),
    ("roo-code", "mcpServers"),
    ("kilo-code", "mcpServers"),
    ("kiro", "mcpServers"),
    ("continue", "mcpServers"),
    ("gemini-cli", "mcpServers"),
    ("qwen-code", "mcpServers"),
    ("copilot-cli", "mcpServers"),
    ("junie", "mcpServers"),
    ("lmstudio", "mcpServers"),
    ("codex", "mcp_servers"),
    ("opencode", "mcp"),
];

fn asked(house: &House, home: &Path, arguments: &[&str]) -> Output {
    let mut command = bulkhead();
    command.args(["client-config"]).args(arguments).current_dir(house.path());
    command.env("HOME", home).env_remove("XDG_CONFIG_HOME").output().expect("the command runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What is in a client's file, whichever way it is written.
fn read(client: &str, file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{client}: {}: {error}", file.display()));
    if client == "codex" {
        return serde_json::to_value(text.parse::<toml::Table>().expect("TOML")).expect("a tree");
    }
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{client}: {error}: {text}"))
}

/// The program and its arguments, as the client takes them out of its file.
fn command(entry: &Value) -> Vec<String> {
    let words = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(|word| word.as_str().map(str::to_owned)).collect()
    };
    match entry["command"].as_str() {
        Some(program) => [program.to_owned()].into_iter().chain(words(&entry["args"])).collect(),
        None => words(&entry["command"]),
    }
}

/// Starts the server as a client does, and asks it what there is.
fn tools(words: &[String]) -> String {
    let (program, arguments) = words.split_first().expect("a program");
    let mut server = Command::new(program)
        .args(arguments)
        .current_dir("/")
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server starts");
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "desktop", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}});
    let mut input = server.stdin.take().expect("standard input");
    input.write_all(format!("{request}\n").as_bytes()).expect("it listens");
    let mut line = String::new();
    BufReader::new(server.stdout.take().expect("standard output")).read_line(&mut line).expect("it answers");
    drop(input);
    assert!(server.wait().expect("it ends").success());
    line
}

#[test]
fn what_is_written_for_each_client_starts_from_anywhere() {
    let house = House::new().with(&Plugin::guest("echo"));
    let home = tempfile::tempdir().expect("a home");
    for (client, list) in CLIENTS {
        let written = asked(&house, home.path(), &[client, "--write"]);
        let said = text(&written.stderr);
        assert!(written.status.success(), "{client}: {said}");
        assert!(said.contains(&format!("{client} may now call every tool")), "{said}");
        let file = text(&written.stdout);
        let entry = &read(client, Path::new(file.trim()))[list]["bulkhead"];
        let words = command(entry);
        assert!(Path::new(&words[0]).is_absolute(), "{client}: {entry}");
        assert!(tools(&words).contains("echo_run"), "{client}: {entry}");
        let again = asked(&house, home.path(), &[client, "--write"]);
        assert!(text(&again.stderr).contains("has it already"), "{client}: {}", text(&again.stderr));
    }
}

#[test]
fn what_is_printed_is_what_would_be_written() {
    let house = House::new().with(&Plugin::guest("echo"));
    let home = tempfile::tempdir().expect("a home");
    for (client, _) in CLIENTS {
        let printed = asked(&house, home.path(), &[client]);
        let file = home.path().join(format!("{client}.written"));
        let written = asked(&house, home.path(), &[client, "--write", &file.display().to_string()]);
        assert!(printed.status.success() && written.status.success(), "{client}");
        assert_eq!(text(&printed.stdout).trim(), fs::read_to_string(&file).expect("a file").trim(), "{client}");
    }
}

#[test]
fn a_client_that_asks_nobody_is_named_and_an_unknown_one_refused() {
    let house = House::new().with(&Plugin::guest("echo"));
    let home = tempfile::tempdir().expect("a home");
    let goose = asked(&house, home.path(), &["goose"]);
    assert!(text(&goose.stderr).contains("GOOSE_MODE: approve"), "{}", text(&goose.stderr));
    assert!(text(&goose.stdout).contains("\"cmd\": "), "{}", text(&goose.stdout));
    let refused = asked(&house, home.path(), &["goose", "--write"]);
    assert!(!refused.status.success() && text(&refused.stderr).contains("add by hand"), "{}", text(&refused.stderr));
    let unknown = asked(&house, home.path(), &["netscape"]);
    assert!(text(&unknown.stderr).contains("expected one of claude-desktop"), "{}", text(&unknown.stderr));
}
