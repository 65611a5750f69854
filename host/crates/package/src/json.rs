//! JSON that a stranger wrote, kept in the spelling in which it was signed.

use std::{fmt, sync::Arc};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{canonical, limits::MAX_JSON_DEPTH};

/// JSON that is refused: where, as a JSON pointer, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at {}: {problem}", if pointer.is_empty() { "the root" } else { pointer })]
pub struct JsonError {
    /// JSON pointer to the place; empty for the whole text.
    pub pointer: String,
    /// What was expected there.
    pub problem: String,
}

/// One JSON value without white space outside strings, its keys in the
/// author's order. What is spliced into a listing is exactly this text.
#[derive(Clone)]
pub struct Json(Arc<RawValue>);

impl Json {
    /// Reads `text` strictly: duplicate keys, lone surrogates, numbers that a
    /// double does not hold, nesting deeper than 64 and trailing text are
    /// refused. White space outside strings is dropped.
    ///
    /// # Errors
    /// The text is not such a value.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        let raw: &RawValue = serde_json::from_str(text).map_err(|error| problem(&error))?;
        scan(raw)?;
        let compact = compact(raw.get());
        RawValue::from_string(compact).map(|raw| Self(raw.into())).map_err(|error| problem(&error))
    }

    /// [`Json::parse`] of text that has to be compact as it stands, and what was
    /// found in it. `None`: it is not compact.
    pub(crate) fn compact(raw: &RawValue) -> Result<Option<(Self, Node)>, JsonError> {
        let found = scan(raw)?;
        Ok((compact(raw.get()) == raw.get()).then(|| (Self(raw.to_owned().into()), found)))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// The text, for splicing through serde.
    #[must_use]
    pub fn raw(&self) -> &RawValue {
        &self.0
    }

    pub(crate) fn is_object(&self) -> bool {
        self.as_str().starts_with('{')
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Json {}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

/// Takes the text as it stands: the whole that it is part of was scanned.
impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(Box::<RawValue>::deserialize(from)?.into()))
    }
}

/// A value of which every key, string and number was looked at.
pub(crate) enum Node {
    /// `null`, `true` or `false`.
    Literal(Box<str>),
    /// In RFC 8785 spelling.
    Number(Box<str>),
    Text(String),
    List(Vec<Node>),
    /// In the author's order, no key twice.
    Object(Vec<(String, Node)>),
}

/// Looks at every key, string and number of `raw`.
pub(crate) fn scan(raw: &RawValue) -> Result<Node, JsonError> {
    node(raw, &mut Vec::new())
}

fn node(raw: &RawValue, path: &mut Vec<String>) -> Result<Node, JsonError> {
    let text = raw.get();
    let refused = |path: &[String], problem: String| JsonError { pointer: pointer(path), problem };
    if path.len() > MAX_JSON_DEPTH {
        return Err(refused(path, format!("expected at most {MAX_JSON_DEPTH} levels of nesting")));
    }
    let told = |path: &[String], error: &serde_json::Error| refused(path, without_position(error));
    match text.as_bytes().first() {
        Some(b'{') => members(text, path),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| told(path, &error))?;
            let mut list = Vec::with_capacity(items.len());
            for (position, item) in items.into_iter().enumerate() {
                path.push(position.to_string());
                list.push(node(item, path)?);
                path.pop();
            }
            Ok(Node::List(list))
        }
        Some(b'"') => serde_json::from_str(text).map(Node::Text).map_err(|error| told(path, &error)),
        Some(b'n' | b't' | b'f') => Ok(Node::Literal(text.into())),
        _ => canonical::number(text)
            .map(|spelling| Node::Number(spelling.into()))
            .ok_or_else(|| refused(path, format!("expected a number that a double holds exactly, found {text}"))),
    }
}

fn members(text: &str, path: &mut Vec<String>) -> Result<Node, JsonError> {
    let Members(members) = serde_json::from_str(text)
        .map_err(|error| JsonError { pointer: pointer(path), problem: without_position(&error) })?;
    let mut seen = std::collections::HashSet::with_capacity(members.len());
    let mut object = Vec::with_capacity(members.len());
    for (key, value) in members {
        path.push(key.clone());
        if !seen.insert(key.clone()) {
            return Err(JsonError { pointer: pointer(path), problem: "expected each key once".to_owned() });
        }
        object.push((key, node(value, path)?));
        path.pop();
    }
    Ok(Node::Object(object))
}

/// The members of an object in order, duplicates and all.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        from.deserialize_map(Collect)
    }
}

fn pointer(path: &[String]) -> String {
    path.iter().map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1"))).collect()
}

fn without_position(error: &serde_json::Error) -> String {
    let told = error.to_string();
    told.split(" at line ").next().unwrap_or(&told).to_owned()
}

fn problem(error: &serde_json::Error) -> JsonError {
    JsonError { pointer: String::new(), problem: error.to_string() }
}

/// `text`, which is valid JSON, without white space outside strings.
pub(crate) fn compact(text: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    text.chars()
        .filter(|c| {
            let keep = in_string || !c.is_ascii_whitespace();
            match (in_string, escaped, c) {
                (true, true, _) => escaped = false,
                (true, false, '\\') => escaped = true,
                (_, false, '"') => in_string = !in_string,
                _ => {}
            }
            keep
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_goes_and_everything_else_stays() {
        let json = Json::parse(" { \"b\" : [ 1 , \"a \\\" \\\\\" ] ,\n\"a\":1.0} ").unwrap();
        assert_eq!(json.as_str(), r#"{"b":[1,"a \" \\"],"a":1.0}"#);
    }

    #[test]
    fn what_is_refused_is_named_by_its_pointer() {
        let cases = [
            (r#"{"a":{"b":1,"b":2}}"#, "/a/b", "each key once"),
            (r#"{"a":{"\u0062":1,"b":2}}"#, "/a/b", "each key once"),
            (r#"{"a":["x","\ud800"]}"#, "/a/1", "hex escape"),
            (r#"{"a":["x","\ud800\u0041"]}"#, "/a/1", "surrogate"),
            (r#"{"\udc00":1}"#, "", "surrogate"),
            (r#"{"a/b":9007199254740993}"#, "/a~1b", "double"),
            (r#"[1e400]"#, "/0", "double"),
            ("{} {}", "", "trailing"),
            ("{\"a\":\"\n\"}", "", "control character"),
        ];
        for (text, pointer, part) in cases {
            let error = Json::parse(text).unwrap_err();
            assert_eq!(error.pointer, pointer, "{text}: {error}");
            assert!(error.to_string().contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(Json::parse(&nested(MAX_JSON_DEPTH)).is_ok());
        assert!(Json::parse(&nested(MAX_JSON_DEPTH + 2)).is_err());
        assert!(Json::parse(&nested(500_000)).is_err());
    }
}
