//! JSON as another reader reads it.

use std::{collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// The value of `text`; `None` if serde does not take it.
pub fn read(text: &[u8]) -> Option<Value> {
    serde_json::from_slice(text).ok()
}

/// Whether serde knows why it is no value: a number that no double holds is
/// JSON all the same.
pub fn is_number_too_large(text: &[u8]) -> bool {
    let error = serde_json::from_slice::<Value>(text).err();
    error.is_some_and(|error| error.to_string().contains("number out of range"))
}

/// Whether no object in `text` has a key twice, and nothing nests deeper than `depth`.
pub fn is_unambiguous(text: &[u8], depth: usize) -> bool {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    Once(depth).deserialize(&mut deserializer).is_ok()
}

/// A value whose keys are all different, with this many levels left.
#[derive(Clone, Copy)]
struct Once(usize);

impl<'de> DeserializeSeed<'de> for Once {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Once {
    fn inner<E: Error>(self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom("too deep"))
    }
}

impl<'de> Visitor<'de> for Once {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inner = self.inner()?;
        while items.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let (inner, mut seen) = (self.inner()?, HashSet::new());
        while let Some(key) = members.next_key::<String>()? {
            if !seen.insert(key) {
                return Err(A::Error::custom("a key twice"));
            }
            members.next_value_seed(inner)?;
        }
        Ok(())
    }
}
