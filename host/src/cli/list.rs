//! `bulkhead list`

use std::collections::BTreeMap;

use bulkhead_package::display::safe;
use bulkhead_registry::PROVENANCE;
use serde_json::{Value, json};

use super::{
    exit::{Exit, Failure},
    terminal::{Terminal, Tone},
};

/// Lists what is served.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// tools, resources, prompts or plugins.
    #[arg(default_value = "tools", value_parser = ["tools", "resources", "prompts", "plugins"])]
    pub what: String,
    #[command(flatten)]
    pub server: super::Server,
}

/// Longest description that is shown of an item, in characters.
const SHOWN_CHARS: usize = 100;

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let mut client = args.server.client(terminal)?;
    let items = match args.what.as_str() {
        "plugins" => {
            let mut all = client.list("tools")?;
            for what in ["prompts", "resources", "resourceTemplates"] {
                all.extend(client.list(what)?);
            }
            plugins(&all)
        }
        "resources" => {
            let mut all = client.list("resources")?;
            all.extend(client.list("resourceTemplates")?);
            all
        }
        "tools" | "prompts" => client.list(&args.what)?,
        other => {
            return Err(Failure::new(Exit::USAGE, format!("{other:?}: expected tools, resources, prompts or plugins")));
        }
    };
    if terminal.json {
        return Ok(terminal.print(&json!(items).to_string())?);
    }
    if items.is_empty() {
        terminal.say(&format!("no {} are served", args.what));
    }
    let names: Vec<String> = items.iter().map(name).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    for (item, name) in items.iter().zip(&names) {
        let padding = " ".repeat(width.saturating_sub(name.chars().count()) + 2);
        let line = format!("{name}{padding}{}", terminal.paint(Tone::Faint, &about(item)));
        terminal.print(line.trim_end())?;
    }
    Ok(())
}

/// The plugins that `items` come from, as far as the server says so.
fn plugins(items: &[Value]) -> Vec<Value> {
    let origins = items.iter().filter_map(|item| item.get("_meta")?.get(PROVENANCE));
    let by_name: BTreeMap<String, &Value> = origins.map(|origin| (origin["plugin"].to_string(), origin)).collect();
    by_name.into_values().cloned().collect()
}

fn name(item: &Value) -> String {
    let keys = ["name", "plugin", "uri", "uriTemplate"];
    // Resources are known by their URI.
    let uri = ["uri", "uriTemplate"].into_iter().find_map(|key| item.get(key));
    let found = uri.or_else(|| keys.into_iter().find_map(|key| item.get(key)));
    safe(found.and_then(Value::as_str).unwrap_or_default()).into_owned()
}

fn about(item: &Value) -> String {
    if let (Some(version), Some(publisher)) = (item.get("version"), item.get("publisher")) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let digest = item.get("digest").map(text).unwrap_or_default();
        return safe(&format!("{} by {} {digest}", text(version), text(publisher))).into_owned();
    }
    let text = item.get("description").or_else(|| item.get("title")).and_then(Value::as_str).unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let short: String = line.chars().take(SHOWN_CHARS).collect();
    let more = if short.len() < text.trim_end().len() { "…" } else { "" };
    format!("{}{more}", safe(&short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_safe_and_short() {
        let item = json!({"name": "a\u{1b}[2J", "description": "one\ntwo"});
        assert!(!name(&item).contains('\u{1b}'));
        assert_eq!(about(&item), "one…");
        assert_eq!(about(&json!({"description": "one\n"})), "one");
        assert_eq!(name(&json!({"name": "n", "uri": "file:///a"})), "file:///a");
    }

    #[test]
    fn plugins_are_told_once() {
        let origin = json!({"plugin": "calc", "version": "1.0.0", "publisher": "acme"});
        let item = json!({"name": "x", "_meta": {PROVENANCE: origin}});
        assert_eq!(plugins(&[item.clone(), item, json!({"name": "y"})]), [origin]);
    }
}
