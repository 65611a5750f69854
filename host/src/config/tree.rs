//! YAML as a tree with positions, for the part of YAML that a configuration
//! needs: no anchors, no aliases, no tags, one document, keys that are scalars
//! and occur once.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span};

use super::error::{Fault, Position};

/// Largest configuration. Answers "a file grown by mistake, or a device".
pub(super) const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting. Answers "a file of brackets that overflows the stack".
const MAX_DEPTH: usize = 32;
/// Most values. Answers "a file that takes the whole memory as a tree".
const MAX_NODES: usize = 200_000;

/// One value, where it begins, and the last line that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) last_line: usize,
    pub(super) value: Value,
}

/// What a value is. Scalars stay text: what they mean is their reader's to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing, `~` or `null`.
    Null,
    Scalar(String),
    List {
        items: Vec<Node>,
        flow: bool,
    },
    Map {
        entries: Vec<(Key, Node)>,
        flow: bool,
    },
}

/// A key of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) at: Position,
    pub(super) text: String,
}

impl Node {
    /// The value of `key`, if this is a map that has it.
    pub(super) fn get(&self, key: &str) -> Option<&(Key, Self)> {
        match &self.value {
            Value::Map { entries, .. } => entries.iter().find(|(known, _)| known.text == key),
            _ => None,
        }
    }
}

/// Reads `text` as one document. An empty one is an empty map.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    let mut reader = Reader { events: Parser::new_from_str(text), chars: text.chars().collect(), nodes: 0 };
    let root = reader.document()?;
    Ok(root.unwrap_or(Node {
        at: Position { line: 1, column: 1 },
        last_line: 1,
        value: Value::Map { entries: Vec::new(), flow: false },
    }))
}

struct Reader<'a> {
    events: Parser<'a, saphyr_parser::StrInput<'a>>,
    chars: Vec<char>,
    nodes: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Fault> {
        match self.events.next_event() {
            Some(event) => event.map_err(|error| syntax(&error)),
            None => Ok((Event::StreamEnd, Span::empty(Marker::new(0, 1, 0)))),
        }
    }

    fn document(&mut self) -> Result<Option<Node>, Fault> {
        let mut root = None;
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(root),
                (Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing, _) => {}
                (_, span) if root.is_some() => {
                    return Err(Fault::at(place(span.start), "a second document; a configuration is one document"));
                }
                (event, span) => root = Some(self.node(event, span, 0)?),
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, Fault> {
        let at = place(span.start);
        self.nodes += 1;
        if depth > MAX_DEPTH {
            return Err(Fault::at(at, format!("nested deeper than {MAX_DEPTH}")));
        }
        if self.nodes > MAX_NODES {
            return Err(Fault::at(at, format!("more than {MAX_NODES} values")));
        }
        match event {
            Event::Alias(_) => Err(anchors(at)),
            Event::Scalar(_, _, anchor, _) | Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _)
                if anchor != 0 =>
            {
                Err(anchors(at))
            }
            Event::Scalar(.., Some(_)) | Event::SequenceStart(_, Some(_)) | Event::MappingStart(_, Some(_)) => {
                Err(Fault::at(at, "tags such as !!str are not read here; quote the value instead"))
            }
            Event::Scalar(text, style, ..) => Ok(scalar(text.into_owned(), style, span)),
            Event::SequenceStart(..) => self.list(span, depth),
            Event::MappingStart(..) => self.map(span, depth),
            _ => Err(Fault::at(at, "expected a value")),
        }
    }

    fn list(&mut self, start: Span, depth: usize) -> Result<Node, Fault> {
        let flow = self.char_at(start.start) == Some('[');
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, end) => {
                    let last = items.last().map_or(start.start.line(), |item: &Node| item.last_line);
                    let last_line = if flow { end.end.line() } else { last };
                    return Ok(Node { at: place(start.start), last_line, value: Value::List { items, flow } });
                }
                (event, span) => items.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn map(&mut self, start: Span, depth: usize) -> Result<Node, Fault> {
        let flow = self.char_at(start.start) == Some('{');
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut seen: HashMap<String, Position> = HashMap::new();
        loop {
            match self.next()? {
                (Event::MappingEnd, end) => {
                    let last = entries.last().map_or(start.start.line(), |(_, node)| node.last_line);
                    let last_line = if flow { end.end.line() } else { last };
                    return Ok(Node { at: place(start.start), last_line, value: Value::Map { entries, flow } });
                }
                (event, span) => {
                    let key = self.key(event, span, depth)?;
                    if let Some(first) = seen.insert(key.text.clone(), key.at) {
                        let text =
                            format!("the key {:?} is on line {} already; keep one of them", key.text, first.line);
                        return Err(Fault::at(key.at, text));
                    }
                    let (event, span) = self.next()?;
                    let mut node = self.node(event, span, depth + 1).map_err(|fault| fault.under(&key.text))?;
                    // A value that is not there is where its key is.
                    if node.value == Value::Null {
                        (node.at, node.last_line) = (key.at, node.last_line.min(key.at.line));
                    }
                    entries.push((key, node));
                }
            }
        }
    }

    fn key(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Key, Fault> {
        let at = place(span.start);
        if let Event::Scalar(text, ..) = &event
            && text == "<<"
        {
            return Err(anchors(at));
        }
        match (self.node(event, span, depth + 1)?.value, at) {
            (Value::Scalar(text), at) => Ok(Key { at, text }),
            (Value::Null, at) => Err(Fault::at(at, "a key is missing before the colon")),
            (_, at) => Err(Fault::at(at, "a key must be one word")),
        }
    }

    fn char_at(&self, marker: Marker) -> Option<char> {
        self.chars.get(marker.index()).copied()
    }
}

fn scalar(text: String, style: ScalarStyle, span: Span) -> Node {
    let is_null = style == ScalarStyle::Plain && matches!(text.as_str(), "" | "~" | "null");
    // A block scalar ends where the next line begins.
    let spilled = span.end.col() == 0 && span.end.line() > span.start.line();
    let last_line = span.end.line() - usize::from(spilled);
    Node { at: place(span.start), last_line, value: if is_null { Value::Null } else { Value::Scalar(text) } }
}

fn place(marker: Marker) -> Position {
    Position { line: marker.line(), column: marker.col() + 1 }
}

fn syntax(error: &ScanError) -> Fault {
    Fault::at(place(*error.marker()), format!("not YAML: {}", error.info()))
}

fn anchors(at: Position) -> Fault {
    Fault::at(at, "anchors, aliases and merge keys are not read here; write the value out")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> (Position, String) {
        let fault = parse(text).unwrap_err();
        (fault.at.unwrap(), fault.text)
    }

    #[test]
    fn values_know_where_they_are() {
        let root =
            parse("host: a\nplugins:\n  weather:\n    source: x\n    tools: [a,\n      b]\n\nwatch: auto\n").unwrap();
        let (key, plugins) = root.get("plugins").unwrap();
        assert_eq!((key.at.line, plugins.last_line), (2, 6));
        let (key, weather) = plugins.get("weather").unwrap();
        assert_eq!((key.at, weather.last_line), (Position { line: 3, column: 3 }, 6));
        assert!(matches!(weather.get("tools").unwrap().1.value, Value::List { flow: true, .. }));
        assert!(matches!(plugins.value, Value::Map { flow: false, .. }));
        assert_eq!(root.get("watch").unwrap().0.at.line, 8);
    }

    #[test]
    fn block_scalars_and_missing_values_end_where_they_end() {
        let root = parse("a: |\n  one\n  two\nb:\nc: x\n").unwrap();
        assert_eq!(root.get("a").unwrap().1.last_line, 3);
        assert_eq!(
            root.get("b").unwrap().1,
            Node { at: Position { line: 4, column: 1 }, last_line: 4, value: Value::Null }
        );
    }

    #[test]
    fn doubled_keys_are_refused_with_both_lines() {
        let (at, text) = refusal("port: 1\nhost: a\nport: 2\n");
        assert_eq!(at, Position { line: 3, column: 1 });
        assert!(text.contains("line 1"), "{text}");
        assert!(parse("a: {b: 1, b: 2}").is_err());
    }

    #[test]
    fn what_can_hide_something_is_refused() {
        for text in [
            "a: &x 1",
            "a: *x",
            "a: &x [1]",
            "<<: {a: 1}",
            "a: !!str 1",
            "a: !x {}",
            "a: 1\n---\nb: 2\n",
            "? [a]\n: b\n",
            ": b\n",
            "a: [1",
            "a: b: c",
            "a: \"\\x\"",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        let deep = format!("a: {}{}", "[".repeat(40), "]".repeat(40));
        assert!(refusal(&deep).1.contains("nested deeper"));
        assert_eq!(parse("").unwrap().value, Value::Map { entries: vec![], flow: false });
        assert!(parse("# only a comment\n").is_ok());
    }
}
