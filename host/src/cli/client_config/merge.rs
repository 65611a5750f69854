//! Puts an entry among the others of a client's file, and leaves everything else
//! as it was written: order, comments, blank lines.

use jsonc_parser::{
    ParseOptions,
    cst::{CstInputValue, CstObject, CstRootNode},
};
use serde_json::Value;
use toml_edit::{DocumentMut, Item, Table, TableLike};

use super::clients::{Client, Format};

/// What our entry is called.
pub(super) const NAME: &str = "bulkhead";

/// What a file of a client may hold besides strict JSON.
const LIKE_JSON: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// The client's file with `entry` in it. `before` is what it holds now.
///
/// # Errors
/// It is not written in the client's format, for people.
pub(super) fn merged(client: &Client, before: &str, entry: &Value) -> Result<String, String> {
    match client.format {
        Format::Json => json(client, before, entry),
        Format::Toml => toml(client, before, entry),
        Format::Yaml => Err("YAML, which is not edited here".to_owned()),
    }
}

fn json(client: &Client, before: &str, entry: &Value) -> Result<String, String> {
    let text = if before.trim().is_empty() { "{\n}\n" } else { before };
    let root = CstRootNode::parse(text, &LIKE_JSON).map_err(|error| error.to_string())?;
    let whole = root.object_value().ok_or("expected an object")?;
    put(&object_in(&whole, client.list)?, NAME, entry);
    if let Some((path, value)) = client.asking
        && let Some((last, folders)) = path.split_last()
    {
        let mut inside = whole;
        for name in folders {
            inside = object_in(&inside, name)?;
        }
        put(&inside, last, &Value::from(value));
    }
    Ok(root.to_string())
}

fn object_in(object: &CstObject, name: &str) -> Result<CstObject, String> {
    object.object_value_or_create(name).ok_or_else(|| format!("expected {name} to be an object"))
}

fn put(object: &CstObject, name: &str, value: &Value) {
    match object.get(name) {
        Some(there) => there.set_value(input(value)),
        None => drop(object.append(name, input(value))),
    }
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(*value),
        Value::Number(value) => CstInputValue::Number(value.to_string()),
        Value::String(value) => CstInputValue::String(value.clone()),
        Value::Array(items) => CstInputValue::Array(items.iter().map(input).collect()),
        Value::Object(members) => {
            CstInputValue::Object(members.iter().map(|(name, value)| (name.clone(), input(value))).collect())
        }
    }
}

fn toml(client: &Client, before: &str, entry: &Value) -> Result<String, String> {
    let mut document: DocumentMut = before.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
    let mut list = Table::new();
    list.set_implicit(true);
    let list = document.entry(client.list).or_insert(Item::Table(list));
    let list: &mut dyn TableLike =
        list.as_table_like_mut().ok_or_else(|| format!("expected {} to be a table", client.list))?;
    let mut table = Table::new();
    for (name, value) in entry.as_object().into_iter().flatten() {
        table.insert(name, Item::Value(toml_value(value)));
    }
    list.insert(NAME, Item::Table(table));
    Ok(document.to_string())
}

fn toml_value(value: &Value) -> toml_edit::Value {
    match value {
        Value::Array(items) => items.iter().map(toml_value).collect::<toml_edit::Array>().into(),
        Value::Bool(value) => (*value).into(),
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::client_config::clients::CLIENTS;

    fn client(name: &str) -> &'static Client {
        CLIENTS.iter().find(|client| client.name == name).unwrap()
    }

    #[test]
    fn others_stay_as_they_were_written() {
        let before = "{\n  // mine\n  \"theme\": \"dark\",\n  \"context_servers\": {\n    \"other\": {\"command\": \"x\"}, // theirs\n  },\n}\n";
        let after = merged(client("zed"), before, &json!({"command": "/bin/bulkhead"})).unwrap();
        for kept in ["// mine", "\"theme\": \"dark\"", "\"other\": {\"command\": \"x\"}", "// theirs"] {
            assert!(after.contains(kept), "{after}");
        }
        assert!(after.contains("\"command\": \"/bin/bulkhead\""), "{after}");
        assert_eq!(merged(client("zed"), &after, &json!({"command": "/bin/bulkhead"})).unwrap(), after);
    }

    #[test]
    fn an_entry_takes_the_place_of_the_one_before() {
        let before = r#"{"mcpServers":{"bulkhead":{"command":"old"},"other":{"command":"x"}}}"#;
        let after = merged(client("cursor"), before, &json!({"command": "new"})).unwrap();
        let after: Value = serde_json::from_str(&after).unwrap();
        assert_eq!(after, json!({"mcpServers": {"bulkhead": {"command": "new"}, "other": {"command": "x"}}}));
    }

    #[test]
    fn an_empty_file_becomes_a_whole_one() {
        let after = merged(client("claude-desktop"), "", &json!({"command": "new"})).unwrap();
        let after: Value = serde_json::from_str(&after).unwrap();
        assert_eq!(after, json!({"mcpServers": {"bulkhead": {"command": "new"}}}));
    }

    #[test]
    fn a_client_that_would_ask_nobody_is_told_to_ask() {
        let before = r#"{"permission": {"bash": "allow"}}"#;
        let after = merged(client("opencode"), before, &json!({"type": "local"})).unwrap();
        let after: Value = serde_json::from_str(&after).unwrap();
        assert_eq!(after["permission"], json!({"bash": "allow", "bulkhead_*": "ask"}));
    }

    #[test]
    fn toml_keeps_its_comments() {
        let before = "# mine\nmodel = \"m\"\n\n[mcp_servers.other] # theirs\ncommand = \"x\"\n";
        let entry = client("codex").shape.entry("/bin/bulkhead", &["serve", "--stdio"]);
        let after = merged(client("codex"), before, &entry).unwrap();
        assert!(after.starts_with(before), "{after}");
        let table: toml::Table = after.parse().unwrap();
        let ours = &table["mcp_servers"]["bulkhead"];
        assert_eq!(ours["command"].as_str(), Some("/bin/bulkhead"));
        assert_eq!(ours["default_tools_approval_mode"].as_str(), Some("prompt"));
        assert_eq!(ours["args"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn what_is_no_configuration_is_refused() {
        for bad in ["[]", "{\"mcpServers\": []}", "{mcpServers: {}}", "{\"a\": 1", "nonsense"] {
            assert!(merged(client("cursor"), bad, &json!({})).is_err(), "{bad}");
        }
        for bad in ["mcp_servers = 3", "a ="] {
            assert!(merged(client("codex"), bad, &json!({})).is_err(), "{bad}");
        }
    }
}
