//! Values with their places: the place travels through serde as two numbers
//! before the value.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IntoDeserializer as _, SeqAccess, Visitor},
};

use super::NodeReader;
use crate::config::{
    error::{Fault, Position},
    tree::Node,
};

/// The name by which [`At`] asks for a position.
pub(super) const AT: &str = "\u{0}at";

/// A value with its place.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct At<T> {
    pub(in crate::config) at: Position,
    pub(in crate::config) value: T,
}

/// A position as a list of line, column and value.
pub(super) struct Placed<'de> {
    node: &'de Node,
    step: u8,
}

impl<'de> Placed<'de> {
    pub(super) const fn of(node: &'de Node) -> Self {
        Self { node, step: 0 }
    }
}

impl<'de> SeqAccess<'de> for Placed<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        self.step += 1;
        match self.step {
            1 => seed.deserialize(self.node.at.line.into_deserializer()).map(Some),
            2 => seed.deserialize(self.node.at.column.into_deserializer()).map(Some),
            3 => seed.deserialize(NodeReader(self.node)).map(Some).map_err(|fault: Fault| fault.or_at(self.node.at)),
            _ => Ok(None),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct PlacedVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for PlacedVisitor<T> {
            type Value = At<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value with its place")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<At<T>, A::Error> {
                let missing = || A::Error::custom("a value without its place");
                let line = parts.next_element()?.ok_or_else(missing)?;
                let column = parts.next_element()?.ok_or_else(missing)?;
                let value = parts.next_element()?.ok_or_else(missing)?;
                Ok(At { at: Position { line, column }, value })
            }
        }

        from.deserialize_struct(AT, &[], PlacedVisitor(PhantomData))
    }
}
