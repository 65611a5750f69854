use std::{fmt, sync::Arc};

use crate::{
    json::{Json, Kind},
    write::Slot,
};

/// Longest textual id. Answers "ids that fill the list of calls under way".
const LONGEST_ID: usize = 1024;

/// What a caller named a request, a progress stream or a subscription.
///
/// A number stays a number: `1` and `"1"` are two ids.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RequestId {
    Int(i64),
    Text(Arc<str>),
}

impl RequestId {
    /// The id that `json` is; `None` unless it is a string or an integer.
    #[must_use]
    pub fn parse(json: Json<'_>) -> Option<Self> {
        match json.kind() {
            Kind::Number => json.get().parse().ok().map(Self::Int),
            Kind::String => json.text().filter(|text| text.len() <= LONGEST_ID).map(|text| Self::Text(text.into())),
            _ => None,
        }
    }

    /// Writes the id as a value.
    pub fn write(&self, slot: Slot<'_>) {
        match self {
            Self::Int(number) => slot.int(*number),
            Self::Text(text) => slot.str(text),
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl From<i64> for RequestId {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<&str> for RequestId {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}
