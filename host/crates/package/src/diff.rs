//! What changed between two versions of a plugin, in lines that a person reads.

use std::{collections::BTreeMap, fmt};

use crate::{
    display::safe,
    json::{Json, Node, scan},
    manifest::Manifest,
};

/// Longest text of a change that is shown whole, in characters; the digests say the rest.
const SHOWN_CHARS: usize = 300;

/// How much of what is the same is shown before a difference that is far behind.
const LEAD_CHARS: usize = 60;

/// Whether something came, went, or is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    Added,
    Removed,
    Changed,
}

/// One difference. Its `Display` is one line, safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub kind: ChangeKind,
    /// What it is about: `tool search`, `asks http api.example.com`, `version`.
    pub item: String,
    /// JSON pointer to the place inside the item; empty for the whole.
    pub place: String,
    /// As it was.
    pub old: String,
    /// As it is.
    pub new: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, item, place, old, new } = self;
        let item = safe(item);
        let place = if place.is_empty() { String::new() } else { format!(" {}", safe(place)) };
        let shown = |text: &str| if text.is_empty() { String::new() } else { format!(": {}", shortened(text, 0)) };
        match kind {
            ChangeKind::Added => write!(f, "+ {item}{place}{}", shown(new)),
            ChangeKind::Removed => write!(f, "- {item}{place}{}", shown(old)),
            ChangeKind::Changed => {
                let from = differs_at(old, new);
                write!(f, "~ {item}{place}: {} → {}", shortened(old, from), shortened(new, from))
            }
        }
    }
}

/// The character from which on two texts are shown: what a person has to see may
/// stand behind all that is shown of a long one.
fn differs_at(old: &str, new: &str) -> usize {
    let same = old.chars().zip(new.chars()).take_while(|(one, two)| one == two).count();
    if same < SHOWN_CHARS / 2 { 0 } else { same - LEAD_CHARS }
}

fn shortened(text: &str, from: usize) -> String {
    let at = |chars: usize| text.char_indices().nth(chars).map(|(at, _)| at);
    let begin = at(from).unwrap_or(text.len());
    let before = if begin > 0 { "…" } else { "" };
    match at(from + SHOWN_CHARS) {
        Some(end) => format!("{before}{}… ({} bytes)", safe(&text[begin..end]), text.len()),
        None => format!("{before}{}", safe(&text[begin..])),
    }
}

/// What changed from `old` to `new`: what is asked for first, for that is
/// what an operator has to look at, then the contract, then the rest.
#[must_use]
pub fn diff(old: &Manifest, new: &Manifest) -> Vec<Change> {
    let asks = |manifest: &Manifest| items(manifest.requests_json(), "asks", &ASKS);
    let offers = |manifest: &Manifest| items(manifest.contract_json(), "contract", &OFFERS);
    let mut changes = compare(&asks(old), &asks(new));
    changes.extend(compare(&offers(old), &offers(new)));
    changes.extend(compare(&heads(old), &heads(new)));
    changes
}

/// Leaves of one item: JSON pointer → text.
type Leaves = BTreeMap<String, String>;
/// Items by what a person calls them.
type Items = BTreeMap<String, Leaves>;

/// A list of the contract or of the asks: its key, what a person calls one of
/// its items, and which of the item's keys tell them apart.
type List = (&'static str, &'static str, &'static [&'static str]);

const ASKS: [List; 6] = [
    ("fs", "asks fs", &["at"]),
    ("http", "asks http", &["scheme", "host", "port"]),
    ("tcp", "asks tcp", &["host", "port"]),
    ("env", "asks env", &["name"]),
    ("secrets", "asks secret", &["name"]),
    ("config", "asks config", &["key"]),
];

const OFFERS: [List; 5] = [
    ("tools", "tool", &["name"]),
    ("prompts", "prompt", &["name"]),
    ("resources", "resource", &["uri"]),
    ("resourceTemplates", "template", &["uriTemplate"]),
    ("skills", "skill", &["uri"]),
];

fn heads(manifest: &Manifest) -> Items {
    let heads = [
        ("name", manifest.name.to_string()),
        ("version", manifest.version.to_string()),
        ("wit", manifest.wit.clone()),
        ("description", manifest.description.clone()),
        ("publisher's display name", manifest.publisher.clone()),
    ];
    heads.into_iter().map(|(item, text)| (item.to_owned(), Leaves::from([(String::new(), text)]))).collect()
}

fn items(half: &Json, rest: &str, lists: &[List]) -> Items {
    let mut items = Items::new();
    let Ok(Node::Object(members)) = scan(half.raw()) else { return items };
    for (key, value) in &members {
        match (lists.iter().find(|(name, ..)| name == key), value) {
            (Some((_, called, told_apart_by)), Node::List(list)) => {
                for item in list {
                    add(&mut items, &format!("{called} {}", identity(item, told_apart_by)), item);
                }
            }
            _ => leaves(value, format!("/{key}"), items.entry(rest.to_owned()).or_default()),
        }
    }
    items
}

fn add(items: &mut Items, name: &str, item: &Node) {
    let mut unique = name.to_owned();
    let mut count = 1;
    while items.contains_key(&unique) {
        count += 1;
        unique = format!("{name} ({count})");
    }
    leaves(item, String::new(), items.entry(unique).or_default());
}

fn identity(item: &Node, keys: &[&str]) -> String {
    let Node::Object(members) = item else { return String::new() };
    let text = |key: &&str| {
        members.iter().find(|(name, _)| name == key).map(|(_, value)| match value {
            Node::Text(text) => text.clone(),
            Node::Number(text) | Node::Literal(text) => text.to_string(),
            Node::List(_) | Node::Object(_) => String::new(),
        })
    };
    keys.iter().filter_map(text).collect::<Vec<_>>().join(" ")
}

fn leaves(node: &Node, place: String, into: &mut Leaves) {
    match node {
        Node::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                leaves(value, format!("{place}/{}", step(key)), into);
            }
        }
        Node::List(list) if !list.is_empty() => {
            for (position, value) in list.iter().enumerate() {
                leaves(value, format!("{place}/{position}"), into);
            }
        }
        Node::Object(_) => _ = into.insert(place, "{}".to_owned()),
        Node::List(_) => _ = into.insert(place, "[]".to_owned()),
        Node::Text(text) => _ = into.insert(place, spelled(text)),
        Node::Number(text) | Node::Literal(text) => _ = into.insert(place, text.to_string()),
    }
}

/// A key as a step of a pointer. One that would read as the position in a list
/// stands in quotes: `["a"]` and `{"0": "a"}` are not the same schema.
fn step(key: &str) -> String {
    let key = key.replace('~', "~0").replace('/', "~1");
    let is_position = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
    if is_position || key.starts_with('"') { format!("\"{key}\"") } else { key }
}

/// A text as it is. One that would read as a value that is no text stands in
/// quotes: `1` and `"1"` are not the same.
fn spelled(text: &str) -> String {
    let reads_as_json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    if reads_as_json { serde_json::Value::from(text).to_string() } else { text.to_owned() }
}

fn compare(old: &Items, new: &Items) -> Vec<Change> {
    let whole = |kind, item: &String, text: String| {
        let (old, new) = if kind == ChangeKind::Removed { (text, String::new()) } else { (String::new(), text) };
        Change { kind, item: item.clone(), place: String::new(), old, new }
    };
    let mut changes = Vec::new();
    for (item, was) in old {
        match new.get(item) {
            None => changes.push(whole(ChangeKind::Removed, item, summary(was))),
            Some(is) => compare_leaves(item, was, is, &mut changes),
        }
    }
    let added = new.iter().filter(|(item, _)| !old.contains_key(*item));
    changes.extend(added.map(|(item, is)| whole(ChangeKind::Added, item, summary(is))));
    changes
}

fn compare_leaves(item: &str, old: &Leaves, new: &Leaves, changes: &mut Vec<Change>) {
    let mut change = |kind, place: &String, was: &str, is: &str| {
        let (item, place) = (item.to_owned(), place.clone());
        changes.push(Change { kind, item, place, old: was.to_owned(), new: is.to_owned() });
    };
    for (place, was) in old {
        match new.get(place) {
            None => change(ChangeKind::Removed, place, was, ""),
            Some(is) if is != was => change(ChangeKind::Changed, place, was, is),
            Some(_) => {}
        }
    }
    for (place, is) in new.iter().filter(|(place, _)| !old.contains_key(*place)) {
        change(ChangeKind::Added, place, "", is);
    }
}

/// A whole item in one line: its description, or all that is in it.
fn summary(leaves: &Leaves) -> String {
    match leaves.get("/description") {
        Some(description) => description.clone(),
        None => leaves
            .iter()
            .map(|(place, text)| format!("{} {text}", place.trim_start_matches('/')))
            .collect::<Vec<_>>()
            .join(", "),
    }
}
