//! What to type next.

#![expect(clippy::disallowed_methods, reason = "where this command is")]

use std::{
    env,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use bulkhead_registry::{Listed as _, Snapshot, ToolEntry};
use serde_json::{Map, Value, json};
use tokio::task::spawn_blocking;

use super::Args;
use crate::{
    cli::terminal::{Terminal, Tone},
    forge::Builder,
};

/// Most tools that are listed by name.
const MAX_NAMED: usize = 12;

/// Says what is served, and how to use it.
pub(super) fn closing(terminal: &Terminal, snapshot: &Snapshot, url: &str, args: &Args) {
    let tools = snapshot.catalogue.tools.items();
    let named: Vec<&str> = tools.iter().take(MAX_NAMED).map(|tool| tool.public_name()).collect();
    let more = tools.len().saturating_sub(MAX_NAMED);
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let plugins = counted(snapshot.catalogue.plugins().len(), "plugin");
    terminal.say(&format!("\n{plugins}, {}: {}{rest}", counted(tools.len(), "tool"), named.join(", ")));
    terminal.say(&format!("{} {url}", terminal.paint(Tone::Good, "listening on")));
    let command = command();
    if let Some(tool) = pick(tools) {
        terminal.say(&format!("\n{}", terminal.paint(Tone::Strong, "Call a tool from another terminal:")));
        terminal.say(&format!("  {command} call {} '{}' --url {url}", tool.dotted(), example(tool)));
    }
    terminal.say(&format!("\n{}", terminal.paint(Tone::Strong, "For a desktop client, in its configuration:")));
    terminal.say(&format!("  {}", entry(args)));
    terminal.say(&terminal.paint(Tone::Faint, "\nSave a source and it is built and swapped in. Ctrl-C ends."));
}

/// The tool to show: one that needs few arguments, and of those the first.
fn pick(tools: &[Arc<ToolEntry>]) -> Option<&ToolEntry> {
    let known = tools.iter().find(|tool| &**tool.dotted() == "calc.evaluate");
    known.or_else(|| tools.iter().min_by_key(|tool| required(&schema(tool)).len())).map(|tool| &**tool)
}

fn schema(tool: &ToolEntry) -> Value {
    serde_json::from_str(tool.contract.input_schema.as_str()).unwrap_or_default()
}

fn required(schema: &Value) -> Vec<&str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Arguments that the tool takes.
fn example(tool: &ToolEntry) -> Value {
    if &**tool.dotted() == "calc.evaluate" {
        return json!({"expression": "2 * (3 + 4)"});
    }
    let schema = schema(tool);
    let values = required(&schema).into_iter().map(|name| {
        let property = schema.get("properties").and_then(|all| all.get(name)).unwrap_or(&Value::Null);
        (name.to_owned(), example_of(property))
    });
    Value::Object(values.collect::<Map<_, _>>())
}

fn example_of(property: &Value) -> Value {
    let first = |key: &str| property.get(key).and_then(Value::as_array).and_then(|all| all.first()).cloned();
    let given = property.get("default").cloned().or_else(|| first("examples")).or_else(|| first("enum"));
    given.unwrap_or_else(|| match property.get("type").and_then(Value::as_str) {
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        Some("object") => json!({}),
        _ => json!("text"),
    })
}

/// How this command is typed: by name if the shell finds it, else by path.
fn command() -> String {
    let Ok(exe) = env::current_exe() else { return "bulkhead".to_owned() };
    let found = on_path("bulkhead").and_then(|found| found.canonicalize().ok());
    if found.is_some() && found == exe.canonicalize().ok() {
        return "bulkhead".to_owned();
    }
    let here = env::current_dir().ok();
    let short = here.as_deref().and_then(|here| exe.strip_prefix(here).ok()).map(Path::to_path_buf);
    short.unwrap_or(exe).display().to_string()
}

/// The entry for a desktop client, which starts this command itself.
fn entry(args: &Args) -> Value {
    let absolute = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned()).display().to_string();
    let exe = env::current_exe().map_or_else(|_| "bulkhead".to_owned(), |exe| absolute(&exe));
    let mut typed = vec!["dev".to_owned(), "--stdio".to_owned(), "--project".to_owned(), absolute(&args.project)];
    typed.extend(args.paths.iter().map(|path| absolute(path)));
    json!({"mcpServers": {"bulkhead": {"command": exe, "args": typed}}})
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Opens the MCP Inspector if it is installed.
pub(super) async fn inspect(terminal: &Terminal, builder: &Arc<Builder>, address: SocketAddr) {
    let builder = builder.clone();
    let started = spawn_blocking(move || builder.inspect(address).map_err(|error| error.to_string())).await;
    match started.unwrap_or_else(|error| Err(error.to_string())) {
        Ok(()) => terminal.say("the MCP Inspector opens in your browser"),
        Err(error) => terminal.warn(&format!("the MCP Inspector does not start: {error}")),
    }
}
