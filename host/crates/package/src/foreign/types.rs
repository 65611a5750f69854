//! A component's functions and types, as whoever has decoded them tells them.

use super::shape::Int;

/// A function that a component exports.
#[derive(Clone, Debug)]
pub struct Exported<T> {
    /// The interface it belongs to; none for one of the world itself.
    pub interface: Option<Box<str>>,
    pub name: Box<str>,
    pub is_async: bool,
    pub params: Vec<(Box<str>, T)>,
    pub result: Option<T>,
}

/// Reads types. `R` tells resources apart.
pub trait Types {
    type Type: Clone;
    type Resource: PartialEq;

    /// What `of` is, one level of it.
    fn view(&self, of: &Self::Type) -> View<Self::Type, Self::Resource>;

    /// What its author says of `member` of the type `of`.
    fn docs(&self, _of: &Self::Type, _member: &str) -> Option<Box<str>> {
        None
    }
}

/// One level of a type.
#[derive(Debug)]
pub enum View<T, R> {
    Bool,
    Int(Int),
    F32,
    F64,
    Char,
    String,
    List(T),
    Option(T),
    Result {
        ok: Option<T>,
        err: Option<T>,
    },
    Tuple(Vec<T>),
    Record(Vec<(Box<str>, T)>),
    Variant(Vec<(Box<str>, Option<T>)>),
    Enum(Vec<Box<str>>),
    Flags(Vec<Box<str>>),
    Handle {
        resource: R,
        owned: bool,
    },
    /// What the engine here does not have.
    Lacking(&'static str),
}
