//! Lines into and out of a YAML text, at places that its tree knows.

use super::super::tree::{self, Node, Value};

/// How far a new block is indented.
const STEP: usize = 2;

/// `text` with `added` as another entry of the map at the top-level `key`.
/// `None` if that map is written in braces.
pub(super) fn into_map(text: &str, key: &str, added: &[String]) -> Option<String> {
    let root = tree::parse(text).ok()?;
    if is_flow(&root) {
        return None;
    }
    let Some((at, node)) = root.get(key) else {
        let block: Vec<String> = std::iter::once(format!("{key}:")).chain(indented(added, STEP)).collect();
        return Some(append(text, &block));
    };
    match &node.value {
        Value::Map { entries, flow: false } => {
            let (first, _) = entries.first()?;
            Some(insert(text, node.last_line, &indented(added, first.at.column - 1)))
        }
        _ => {
            let text = without_value(text, at.at.line, key)?;
            Some(insert(&text, at.at.line, &indented(added, at.at.column - 1 + STEP)))
        }
    }
}

/// `text` with the line `added` as another item of the list at `outer`.`key`.
pub(super) fn into_list(text: &str, outer: &str, key: &str, added: &str) -> Option<String> {
    let root = tree::parse(text).ok()?;
    let item = format!("- {added}");
    let list = root.get(outer).and_then(|(_, node)| node.get(key));
    let Some((at, node)) = list else {
        return into_map(text, outer, &[format!("{key}:"), format!("{}{item}", " ".repeat(STEP))]);
    };
    match &node.value {
        Value::List { items, flow: false } if !items.is_empty() => {
            let column = column_of_dash(text, items.first()?)?;
            Some(insert(text, node.last_line, &indented(&[item], column)))
        }
        _ => {
            let text = without_value(text, at.at.line, key)?;
            Some(insert(&text, at.at.line, &indented(&[item], at.at.column - 1 + STEP)))
        }
    }
}

/// `text` with `patterns` in the list of plugins of the trusted key at
/// `position`.
pub(super) fn into_patterns(text: &str, position: usize, patterns: &[String]) -> Option<String> {
    let root = tree::parse(text).ok()?;
    let (_, keys) = root.get("trust")?.1.get("keys")?;
    let Value::List { items, .. } = &keys.value else { return None };
    let (_, plugins) = items.get(position)?.get("plugins")?;
    let Value::List { items, flow } = &plugins.value else { return None };
    if *flow {
        return into_brackets(text, plugins, patterns);
    }
    let column = column_of_dash(text, items.first()?)?;
    let added: Vec<String> = patterns.iter().map(|pattern| format!("- {pattern}")).collect();
    Some(insert(text, plugins.last_line, &indented(&added, column)))
}

/// The same for a list in brackets on one line. Names hold no bracket.
fn into_brackets(text: &str, list: &Node, patterns: &[String]) -> Option<String> {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let line = lines.get_mut(list.at.line - 1)?;
    let begin = line.char_indices().nth(list.at.column - 1)?.0;
    let end = begin + line[begin..].find(']')?;
    let comma = if line[begin + 1..end].trim().is_empty() { "" } else { ", " };
    line.insert_str(end, &format!("{comma}{}", patterns.join(", ")));
    Some(lines.concat())
}

/// `text` without the entry `name` of the map at the top-level `key`.
pub(super) fn out_of_map(text: &str, key: &str, name: &str) -> Option<String> {
    let root = tree::parse(text).ok()?;
    let (_, map) = root.get(key)?;
    if is_flow(&root) || is_flow(map) {
        return None;
    }
    let (at, node) = map.get(name)?;
    let kept = text
        .split_inclusive('\n')
        .enumerate()
        .filter(|(index, _)| !(at.at.line..=node.last_line).contains(&(index + 1)));
    Some(kept.map(|(_, line)| line).collect())
}

const fn is_flow(node: &Node) -> bool {
    matches!(node.value, Value::Map { flow: true, .. } | Value::List { flow: true, .. })
}

/// Where the dash of a block list's item stands, from zero.
fn column_of_dash(text: &str, item: &Node) -> Option<usize> {
    let line = text.lines().nth(item.at.line - 1)?;
    let indent = line.len() - line.trim_start().len();
    line.trim_start().starts_with('-').then_some(indent)
}

/// The line of `key` without its value, which must be an empty one: nothing,
/// `{}` or `[]`. A comment stays.
fn without_value(text: &str, line: usize, key: &str) -> Option<String> {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let own = lines.get_mut(line - 1)?;
    let (head, rest) = own.split_once(&format!("{key}:"))?;
    let value = rest.split_once(" #").map_or(rest, |(value, _)| value);
    let comment = &rest[value.len()..];
    if !matches!(value.trim(), "" | "{}" | "[]") {
        return None;
    }
    let end = if comment.is_empty() { "\n" } else { comment };
    *own = format!("{head}{key}:{end}");
    Some(lines.concat())
}

fn indented(lines: &[String], by: usize) -> Vec<String> {
    lines.iter().map(|line| format!("{}{line}", " ".repeat(by))).collect()
}

/// `text` with `added` behind its line number `line`.
fn insert(text: &str, line: usize, added: &[String]) -> String {
    let mut out = String::with_capacity(text.len() + 256);
    for (index, old) in text.split_inclusive('\n').enumerate() {
        out.push_str(old);
        if index + 1 == line {
            if !old.ends_with('\n') {
                out.push('\n');
            }
            added.iter().for_each(|new| {
                out.push_str(new);
                out.push('\n');
            });
        }
    }
    out
}

/// `text` with a block behind everything, an empty line apart.
fn append(text: &str, block: &[String]) -> String {
    let mut out = text.to_owned();
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    if !out.is_empty() {
        out.push('\n');
    }
    for line in block {
        out.push_str(line);
        out.push('\n');
    }
    out
}
