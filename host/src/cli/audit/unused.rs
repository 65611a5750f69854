use std::{
    collections::BTreeSet,
    fs,
    ops::ControlFlow,
    time::{Duration, SystemTime},
};

use bulkhead_audit::{Filter, Kind, entries};
use bulkhead_base::{OperationKind, Span};
use bulkhead_package::{Package, display::safe};
use bulkhead_policy::Access;
use bulkhead_registry::{Lock, Store};
use serde_json::json;

use super::{Place, before, unread};
use crate::{
    cli::{exit::Failure, terminal::Terminal},
    config::{Config, PluginEntry, line_of},
};

/// Most different resources that are remembered. Answers "a record of a million
/// different addresses"; tools and prompts are as many as contracts name.
const MOST_RESOURCES: usize = 100_000;

/// Lists keys, scopes, grants and tools that nobody used, with the line to delete.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How far to look back.
    #[arg(long, value_name = "TIME", default_value = "30d")]
    pub since: Span,
}

/// What the record says was used.
#[derive(Debug, Default)]
struct Used {
    principals: BTreeSet<String>,
    plugins: BTreeSet<String>,
    /// What was done to which item.
    operations: BTreeSet<(String, String)>,
    resources: usize,
    /// When the record begins, as far as it was read.
    first: Option<String>,
}

impl Used {
    fn did(&mut self, operation: &str, item: &str) {
        let is_resource = !matches!(operation, "callTool" | "getPrompt");
        if is_resource && self.resources >= MOST_RESOURCES {
            return;
        }
        let is_new = self.operations.insert((operation.to_owned(), item.to_owned()));
        self.resources += usize::from(is_new && is_resource);
    }
}

/// One thing that nobody used.
#[derive(Debug)]
struct Unused {
    what: &'static str,
    name: String,
    line: Option<usize>,
    remedy: String,
}

pub(super) fn run(args: &Args, place: &Place, terminal: &Terminal) -> Result<(), Failure> {
    let config = place.config()?;
    let used = used(place, args.since.duration())?;
    let text = fs::read_to_string(&config.path)?;
    let mut unused = keys(&config, &used, &text);
    unused.extend(scopes(&config, &used, &text));
    for entry in &config.plugins {
        unused.extend(grants(entry, &used, &text));
        unused.extend(tools(&config, entry, &used, &text));
    }
    if terminal.json {
        let list = unused
            .iter()
            .map(|one| json!({"what": one.what, "name": one.name, "line": one.line, "remedy": one.remedy}));
        let told =
            json!({"since": args.since.to_string(), "recordBegins": used.first, "unused": list.collect::<Vec<_>>()});
        return Ok(terminal.print(&told.to_string())?);
    }
    for one in &unused {
        let line = one.line.map(|line| format!("{}:{line}: ", config.path.display())).unwrap_or_default();
        terminal.print(&safe(&format!("{line}{} {}: {}", one.what, one.name, one.remedy)))?;
    }
    if used.resources >= MOST_RESOURCES {
        terminal
            .warn("the record names more resources than are remembered: scopes of resources may be used all the same");
    }
    match &used.first {
        Some(first) => terminal.say(&format!("looked at {} back; what was read begins at {first}", args.since)),
        None => terminal.say(&format!("the record says nothing of the last {}", args.since)),
    }
    Ok(())
}

fn used(place: &Place, ago: Duration) -> Result<Used, Failure> {
    let filter = Filter { since: before(SystemTime::now(), ago), ..Filter::default() };
    let mut used = Used::default();
    for folder in place.folders()? {
        let read = entries(&folder, &filter, |seen, _| {
            if let Some(time) =
                seen.time.as_deref().filter(|time| used.first.as_deref().is_none_or(|first| *time < first))
            {
                used.first = Some(time.to_owned());
            }
            // Who was only refused used nothing but the key.
            if let Some(principal) = seen.principal.as_deref() {
                used.principals.insert(principal.to_owned());
            }
            if let (true, Some(plugin), Some(operation), Some(item)) =
                (seen.kind == Kind::Intent.as_str(), &seen.plugin, &seen.operation, &seen.item)
            {
                used.plugins.insert(plugin.to_string());
                used.did(operation, item);
                seen.name.iter().for_each(|name| used.did(operation, name));
            }
            ControlFlow::Continue(())
        });
        read.map_err(unread)?;
    }
    Ok(used)
}

fn keys(config: &Config, used: &Used, text: &str) -> Vec<Unused> {
    let holders = config.credentials.keys.iter().map(|key| key.holder.id());
    let idle = holders.filter(|id| !used.principals.contains(&***id));
    idle.map(|id| {
        let line = line_of(text, &["apiKeys", id]).or_else(|| line_of(text, &[id]));
        Unused {
            what: "key",
            name: id.to_string(),
            line,
            remedy: "no call by it is on the record; if nobody lists with it either, delete this line of apiKeys"
                .to_owned(),
        }
    })
    .collect()
}

fn scopes(config: &Config, used: &Used, text: &str) -> Vec<Unused> {
    let scopes = config.credentials.local.access().scopes();
    let opens_any = |access: &Access| {
        let done = used.operations.iter().filter_map(|(operation, item)| Some((kind(operation)?, item)));
        done.into_iter().any(|(kind, item)| access.opens(kind, item))
    };
    // Operator verbs and roots are no operations on items: of those this cannot tell.
    let idle = scopes
        .ordinary()
        .filter(|name| Access::of_scopes(scopes, &[name.to_string()]).is_ok_and(|access| !opens_any(&access)));
    idle.map(|name| Unused {
        what: "scope",
        name: name.to_string(),
        line: line_of(text, &["scopes", name]),
        remedy: format!("delete this line of scopes, and {name:?} where keys hold it"),
    })
    .collect()
}

/// Of what a plugin that ran made use of its grants the record says nothing.
fn grants(entry: &PluginEntry, used: &Used, text: &str) -> Option<Unused> {
    let idle = entry.grants.give_anything() && !used.plugins.contains(entry.name.as_str());
    let name = entry.name.as_str();
    idle.then(|| Unused {
        what: "grants",
        name: format!("plugins.{name}.grants"),
        line: line_of(text, &["plugins", name, "grants"]),
        remedy: format!("nobody called {name}: delete these lines, or `bulkhead remove {name}`"),
    })
}

fn tools(config: &Config, entry: &PluginEntry, used: &Used, text: &str) -> Vec<Unused> {
    let Some(package) = accepted(config, entry) else { return Vec::new() };
    let tools = package.manifest().contract.tools.iter().map(|tool| tool.name.as_str());
    let dotted = |tool: &str| entry.prefix.join(".", tool);
    let idle = tools
        .filter(|tool| entry.tools.admits(tool))
        .filter(|tool| !used.operations.contains(&("callTool".to_owned(), dotted(tool))));
    idle.map(|tool| Unused {
        what: "tool",
        name: dotted(tool),
        line: line_of(text, &["plugins", entry.name.as_str()]),
        remedy: format!("add {tool:?} to plugins.{}.tools.deny", entry.name),
    })
    .collect()
}

/// What of the entry is served, as far as the lock knows it.
fn accepted(config: &Config, entry: &PluginEntry) -> Option<Package> {
    let store = Store::below(&config.state_dir);
    let lock = Lock::read(&config.lock_path(), store.folder()).ok()?;
    let bytes = store.read(&lock.get(&entry.name)?.digest).ok()?;
    Package::parse(bytes, None).ok()
}

fn kind(word: &str) -> Option<OperationKind> {
    Some(match word {
        "callTool" => OperationKind::CallTool,
        "getPrompt" => OperationKind::GetPrompt,
        "readResource" => OperationKind::ReadResource,
        "writeResource" => OperationKind::WriteResource,
        "listResource" => OperationKind::ListResource,
        _ => return None,
    })
}
