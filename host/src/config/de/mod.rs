//! The tree as a serde format: every fault gets the place of the key or value
//! that it is about, and the keys that lead there.

#[cfg(test)]
pub(super) mod coverage;
mod nearest;
mod placed;
mod word;

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor, value::StrDeserializer};

use super::{
    error::{Fault, Kind},
    tree::{Key, Node, Value},
};
use nearest::nearest;
use placed::{AT, Placed};
use word::Word;

pub(super) use placed::At;

/// Reads a whole tree.
pub(super) fn read<'de, T: de::Deserialize<'de>>(node: &'de Node) -> Result<T, Fault> {
    T::deserialize(NodeReader(node)).map_err(|fault| fault.or_at(node.at))
}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self { at: None, path: Vec::new(), kind: Kind::Content, text: text.to_string() }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let nearest = nearest(field, expected).map_or_else(String::new, |name| format!("; did you mean {name:?}?"));
        Self::custom(format!("there is no key {field:?} here{nearest} The keys here: {}", expected.join(", ")))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format!("{variant:?} is not known here: expected one of {}", expected.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::custom(format!("the key {field:?} is missing"))
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format!("expected {expected}, found {}", found_text(found)))
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(found, expected)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Fault {}

/// What was found, without showing text that may be a secret.
fn found_text(found: de::Unexpected<'_>) -> &'static str {
    match found {
        de::Unexpected::Str(_) => "text",
        de::Unexpected::Map => "a map",
        de::Unexpected::Seq => "a list",
        de::Unexpected::Unit => "nothing",
        _ => "something else",
    }
}

#[derive(Clone, Copy)]
struct NodeReader<'de>(&'de Node);

impl<'de> NodeReader<'de> {
    fn text(self, expected: &str) -> Result<&'de str, Fault> {
        match &self.0.value {
            Value::Scalar(text) => Ok(text),
            other => Err(Fault::at(self.0.at, format!("expected {expected}, found {}", kind(other)))),
        }
    }

    fn number<T: std::str::FromStr>(self) -> Result<T, Fault> {
        let expected = "a whole number";
        let text = self.text(expected)?;
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse().ok().filter(|_| plain);
        number.ok_or_else(|| Fault::at(self.0.at, format!("expected {expected} that is not too large, found {text:?}")))
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Scalar(_) => "text",
        Value::List { .. } => "a list",
        Value::Map { .. } => "a map",
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.$visit(self.number()?)
        }
    )*};
}

macro_rules! as_any {
    ($($method:ident),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.deserialize_any(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for NodeReader<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::Null => visitor.visit_unit(),
            Value::Scalar(text) => visitor.visit_borrowed_str(text),
            Value::List { items, .. } => visitor.visit_seq(Items { items, index: 0 }),
            Value::Map { entries, .. } => visitor.visit_map(Entries { entries, index: 0 }),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.text("true or false")? {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            other => Err(Fault::at(self.0.at, format!("expected true or false, found {other:?}"))),
        }
    }

    numbers!(deserialize_u8 visit_u8, deserialize_u16 visit_u16, deserialize_u32 visit_u32, deserialize_u64 visit_u64);

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_borrowed_str(self.text("text")?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.0.value == Value::Null {
            return Err(Fault::at(self.0.at, "nothing is written behind this key; take it out, or write its value"));
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::Null => visitor.visit_seq(Items { items: &[], index: 0 }),
            Value::List { .. } => self.deserialize_any(visitor),
            other => Err(Fault::at(self.0.at, format!("expected a list, found {}", kind(other)))),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::Null => visitor.visit_map(Entries { entries: &[], index: 0 }),
            Value::Map { .. } => self.deserialize_any(visitor),
            other => Err(Fault::at(self.0.at, format!("expected a map, found {}", kind(other)))),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if name == AT {
            return visitor.visit_seq(Placed::of(self.0));
        }
        #[cfg(test)]
        coverage::note(name, fields, &self.0.value);
        let _ = fields;
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_enum(Word(self.text("one word")?))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    as_any!(
        deserialize_i8,
        deserialize_i16,
        deserialize_i32,
        deserialize_i64,
        deserialize_f32,
        deserialize_f64,
        deserialize_char,
        deserialize_bytes,
        deserialize_byte_buf,
        deserialize_unit,
        deserialize_identifier
    );

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_any(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }
}

struct Items<'de> {
    items: &'de [Node],
    index: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(node) = self.items.get(self.index) else { return Ok(None) };
        let step = format!("[{}]", self.index);
        self.index += 1;
        seed.deserialize(NodeReader(node)).map(Some).map_err(|fault| fault.or_at(node.at).under(&step))
    }
}

struct Entries<'de> {
    entries: &'de [(Key, Node)],
    index: usize,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((key, _)) = self.entries.get(self.index) else { return Ok(None) };
        seed.deserialize(StrDeserializer::<Fault>::new(&key.text)).map(Some).map_err(|fault| fault.or_at(key.at))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some((key, node)) = self.entries.get(self.index) else {
            return Err(de::Error::custom("a value is missing"));
        };
        self.index += 1;
        seed.deserialize(NodeReader(node)).map_err(|fault| fault.or_at(node.at).under(&key.text))
    }
}
