//! The clients that are known: where each keeps its servers, what an entry looks
//! like there, and what keeps the client asking.

use serde_json::{Value, json};

use super::place::Place;

/// How a client's file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// JSON, with whatever comments there are.
    Json,
    Toml,
    /// Shown, and added by hand.
    Yaml,
}

/// An MCP client.
pub(super) struct Client {
    pub(super) name: &'static str,
    pub(super) place: Place,
    pub(super) format: Format,
    /// What the file calls its servers.
    pub(super) list: &'static str,
    pub(super) shape: Shape,
    /// What stands elsewhere in the file and has the client ask: a path of keys
    /// and the value.
    pub(super) asking: Option<(&'static [&'static str], &'static str)>,
    /// Whether the user is asked, in one sentence.
    pub(super) asks: &'static str,
}

/// What an entry looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `command` and `args`, and nothing else.
    Plain,
    /// The same with a key before it.
    Typed(&'static str, &'static str),
    /// The same with a list of tools that run unasked, which is empty.
    Unapproved(&'static str),
    /// The same, and its server is not trusted.
    Untrusted,
    /// The same as a command of this machine, all of whose tools are offered.
    Copilot,
    /// The same, and it asks before each call.
    Codex,
    /// One list of program and arguments.
    OpenCode,
    /// An extension.
    Goose,
}

impl Shape {
    /// The entry that starts `command` with `args`.
    pub(super) fn entry(self, command: &str, args: &[&str]) -> Value {
        match self {
            Self::Plain => json!({"command": command, "args": args}),
            Self::Typed(key, value) => json!({key: value, "command": command, "args": args}),
            Self::Unapproved(key) => json!({"command": command, "args": args, key: []}),
            Self::Untrusted => json!({"command": command, "args": args, "trust": false}),
            Self::Copilot => json!({"type": "local", "command": command, "args": args, "tools": ["*"]}),
            Self::Codex => json!({"command": command, "args": args, "default_tools_approval_mode": "prompt"}),
            Self::OpenCode => {
                let whole: Vec<&str> = [command].into_iter().chain(args.iter().copied()).collect();
                json!({"type": "local", "command": whole, "enabled": true})
            }
            Self::Goose => {
                json!({"type": "stdio", "name": "bulkhead", "cmd": command, "args": args, "enabled": true, "timeout": 300})
            }
        }
    }
}

const CHOOSES: &str = "it asks you before a call unless you chose otherwise in its settings";

/// A client with the usual file: JSON, `mcpServers`, `command` and `args`.
const fn usual(name: &'static str, place: Place) -> Client {
    let (format, list, shape) = (Format::Json, "mcpServers", Shape::Plain);
    Client { name, place, format, list, shape, asking: None, asks: CHOOSES }
}

/// All of them.
pub(super) const CLIENTS: &[Client] = &[
    usual("claude-desktop", Place::Config("Claude/claude_desktop_config.json")),
    Client {
        asks: "it asks you before a call unless its permissions.allow names mcp__bulkhead",
        ..usual("claude-code", Place::Here(".mcp.json"))
    },
    Client {
        list: "servers",
        shape: Shape::Typed("type", "stdio"),
        asks: "it asks you before a call unless chat.tools.global.autoApprove is on",
        ..usual("vscode", Place::Config("Code/User/mcp.json"))
    },
    Client {
        asks: "it asks you before a call unless its run mode or mcpAllowlist says otherwise",
        ..usual("cursor", Place::Home(".cursor/mcp.json"))
    },
    usual("windsurf", Place::Home(".codeium/windsurf/mcp_config.json")),
    usual("devin", Place::Xdg("devin/config.json")),
    Client {
        list: "context_servers",
        shape: Shape::Typed("source", "custom"),
        asks: "it asks you before a call unless agent.tool_permissions says otherwise",
        ..usual("zed", Place::Xdg("zed/settings.json"))
    },
    Client {
        shape: Shape::Unapproved("autoApprove"),
        asks: "it asks you before a call: autoApprove is empty",
        ..usual("cline", Place::Home(".cline/data/settings/cline_mcp_settings.json"))
    },
    Client {
        shape: Shape::Unapproved("alwaysAllow"),
        asks: "it asks you before a call: alwaysAllow is empty",
        ..usual(
            "roo-code",
            Place::Config("Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json"),
        )
    },
    Client {
        shape: Shape::Unapproved("alwaysAllow"),
        asks: "it asks you before a call: alwaysAllow is empty",
        ..usual("kilo-code", Place::Home(".kilocode/cli/global/settings/mcp_settings.json"))
    },
    Client {
        shape: Shape::Unapproved("autoApprove"),
        asks: "it asks you before a call: autoApprove is empty",
        ..usual("kiro", Place::Home(".kiro/settings/mcp.json"))
    },
    usual("continue", Place::Home(".continue/mcpServers/bulkhead.json")),
    Client {
        shape: Shape::Untrusted,
        asks: "it asks you before a call: trust is false",
        ..usual("gemini-cli", Place::Home(".gemini/settings.json"))
    },
    Client {
        shape: Shape::Untrusted,
        asks: "it asks you before a call: trust is false",
        ..usual("qwen-code", Place::Home(".qwen/settings.json"))
    },
    Client { shape: Shape::Copilot, ..usual("copilot-cli", Place::Home(".copilot/mcp-config.json")) },
    usual("junie", Place::Home(".junie/mcp/mcp.json")),
    usual("lmstudio", Place::Home(".lmstudio/mcp.json")),
    Client {
        format: Format::Toml,
        list: "mcp_servers",
        shape: Shape::Codex,
        asks: "it asks you before a call: default_tools_approval_mode is \"prompt\"",
        ..usual("codex", Place::Home(".codex/config.toml"))
    },
    Client {
        list: "mcp",
        shape: Shape::OpenCode,
        asking: Some((&["permission", "bulkhead_*"], "ask")),
        asks: "it asks you before a call: permission has \"bulkhead_*\": \"ask\", without which it would ask nobody",
        ..usual("opencode", Place::Home(".config/opencode/opencode.json"))
    },
    Client {
        format: Format::Yaml,
        list: "extensions",
        shape: Shape::Goose,
        asks: "in its mode `auto`, the default, it asks nobody: GOOSE_MODE: approve has it ask you",
        ..usual("goose", Place::Xdg("goose/config.yaml"))
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys that let calls go through unasked, and what they may say.
    fn approves(value: &Value) -> bool {
        match value {
            Value::Object(members) => members.iter().any(|(key, value)| match key.as_str() {
                "autoApprove" | "alwaysAllow" => *value != json!([]),
                "trust" => *value != json!(false),
                "sandboxEnabled" => true,
                "default_tools_approval_mode" => *value != json!("prompt"),
                _ => approves(value),
            }),
            Value::Array(items) => items.iter().any(approves),
            _ => false,
        }
    }

    #[test]
    fn no_entry_approves_a_call() {
        for client in CLIENTS {
            let entry = client.shape.entry("/bin/bulkhead", &["serve"]);
            assert!(!approves(&entry), "{}: {entry}", client.name);
        }
        assert!(approves(&json!({"trust": true})) && approves(&json!({"autoApprove": ["a"]})));
    }

    #[test]
    fn every_entry_starts_the_same() {
        for client in CLIENTS {
            let entry = client.shape.entry("/bin/bulkhead", &["serve", "--stdio"]).to_string();
            assert!(entry.contains("/bin/bulkhead") && entry.contains("--stdio"), "{}: {entry}", client.name);
        }
        let desktop = CLIENTS[0].shape.entry("/bin/bulkhead", &["serve"]);
        assert_eq!(desktop, json!({"command": "/bin/bulkhead", "args": ["serve"]}));
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = CLIENTS.iter().map(|client| client.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CLIENTS.len());
    }
}
