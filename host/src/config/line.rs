//! Where something stands in the file, for whoever is to change it there.

use super::tree::{self, Node, Value};

/// The line where `path` leads in `text`: a key of a map, or of a list the item
/// whose `name` or `id` it is.
#[must_use]
pub fn line_of(text: &str, path: &[&str]) -> Option<usize> {
    let tree = tree::parse(text).ok()?;
    let (mut node, mut line) = (&tree, None);
    for step in path {
        let (found, at) = follow(node, step)?;
        (node, line) = (found, Some(at));
    }
    line
}

fn follow<'a>(node: &'a Node, step: &str) -> Option<(&'a Node, usize)> {
    if let Value::List { items, .. } = &node.value {
        let is_called = |item: &&Node| ["name", "id"].iter().any(|key| is(item, key, step));
        return items.iter().find(is_called).map(|item| (item, item.at.line));
    }
    node.get(step).map(|(key, value)| (value, key.at.line))
}

fn is(item: &Node, key: &str, text: &str) -> bool {
    matches!(item.get(key), Some((_, Node { value: Value::Scalar(found), .. })) if found == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_an_item_of_a_list_are_found() {
        let text = "scopes:\n  a: [x]\napiKeys:\n  - {name: one}\n  - {name: two}\n";
        assert_eq!(line_of(text, &["scopes", "a"]), Some(2));
        assert_eq!(line_of(text, &["apiKeys", "two"]), Some(5));
        assert_eq!(line_of(text, &["apiKeys", "three"]), None);
        assert_eq!(line_of("}", &["a"]), None);
    }
}
