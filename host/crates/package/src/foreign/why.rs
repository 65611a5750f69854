//! Why a function is no tool, or a component none at all.

use std::fmt;

use super::{
    map::{MAX_FUNCTIONS, MAX_PARTS_IN_ALL},
    schema::TooMuch,
};

/// A component of which no tools can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    #[error("it exports more than {MAX_FUNCTIONS} functions")]
    TooManyFunctions,
    #[error("the types of its functions have more than {MAX_PARTS_IN_ALL} parts")]
    TooManyParts,
    #[error(
        "its export {function} is async: the engine here runs functions that are not, with component-model async switched off; build the component with synchronous exports"
    )]
    Async { function: String },
    #[error("its export {function} has a {what} in its type, which the engine here has switched off")]
    Lacking { function: String, what: &'static str },
    #[error("two of its exports would be the tool {0:?}, whatever they are called")]
    Clash(String),
}

/// Why a function is no tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    GivesHandle,
    HidesHandle,
    NoConstructor,
    IsConstructor,
    IsEntryPoint,
    LongName,
    TooDeep,
    TooLarge,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GivesHandle => "it gives a handle, and no handle outlives its call",
            Self::HidesHandle => "it takes a handle inside of another value",
            Self::NoConstructor => {
                "it takes a handle that neither a constructor nor one other function alone makes of plain values"
            }
            Self::IsConstructor => "a constructor: what it takes is given with each call of a method",
            Self::IsEntryPoint => "an entry point of WASI: it talks by other ways than arguments and result",
            Self::LongName => "its name is longer than clients accept",
            Self::TooDeep => "its types nest too deep",
            Self::TooLarge => "its types have too many parts",
        })
    }
}

/// Why a type has no shape.
pub(super) enum Stop {
    Why(Why),
    Lacking(&'static str),
    InAll,
}

impl From<Why> for Stop {
    fn from(why: Why) -> Self {
        Self::Why(why)
    }
}

impl From<TooMuch> for Why {
    fn from(too_much: TooMuch) -> Self {
        match too_much {
            TooMuch::Bytes => Self::TooLarge,
            TooMuch::Depth => Self::TooDeep,
        }
    }
}

/// What the engine lacks counts before what is no tool.
pub(super) fn worse(one: Option<Stop>, other: Option<Stop>) -> Stop {
    match (one, other) {
        (Some(Stop::Why(_)) | None, Some(stop)) | (Some(stop), _) => stop,
        (None, None) => Stop::InAll,
    }
}

/// A constructor that takes anything else makes nothing here.
pub(super) fn no_plain(stop: Stop) -> Stop {
    match stop {
        Stop::Why(Why::HidesHandle) => Why::NoConstructor.into(),
        other => other,
    }
}
