//! A compiled component's types, as the engine has them.

use bulkhead_package::foreign::{Exported, Int, Types, View};
use wasmtime::component::{
    Component, ResourceType, Type,
    types::{ComponentFunc, ComponentItem},
};

use crate::exports::PACKAGE;

/// Every exported function; `None` if there is none, or if the component is of
/// our own world.
pub(super) fn exported(component: &Component) -> Option<Vec<Exported<Type>>> {
    let (ty, engine) = (component.component_type(), component.engine());
    let mut found = Vec::new();
    for (name, item) in ty.exports(engine) {
        if name.starts_with(PACKAGE) {
            return None;
        }
        match item.ty {
            ComponentItem::ComponentFunc(function) => found.push(one(None, name, &function)),
            ComponentItem::ComponentInstance(instance) => {
                for (member, item) in instance.exports(engine) {
                    if let ComponentItem::ComponentFunc(function) = item.ty {
                        found.push(one(Some(name), member, &function));
                    }
                }
            }
            _ => {}
        }
    }
    (!found.is_empty()).then_some(found)
}

fn one(interface: Option<&str>, name: &str, function: &ComponentFunc) -> Exported<Type> {
    Exported {
        interface: interface.map(Into::into),
        name: name.into(),
        is_async: function.async_(),
        params: function.params().map(|(name, of)| (name.into(), of)).collect(),
        result: function.results().next(),
    }
}

/// Reads the engine's types.
pub(super) struct Engine;

impl Types for Engine {
    type Type = Type;
    type Resource = ResourceType;

    fn view(&self, of: &Type) -> View<Type, ResourceType> {
        match of {
            Type::Bool => View::Bool,
            Type::S8 => View::Int(Int::S8),
            Type::U8 => View::Int(Int::U8),
            Type::S16 => View::Int(Int::S16),
            Type::U16 => View::Int(Int::U16),
            Type::S32 => View::Int(Int::S32),
            Type::U32 => View::Int(Int::U32),
            Type::S64 => View::Int(Int::S64),
            Type::U64 => View::Int(Int::U64),
            Type::Float32 => View::F32,
            Type::Float64 => View::F64,
            Type::Char => View::Char,
            Type::String => View::String,
            Type::List(list) => View::List(list.ty()),
            Type::Record(record) => View::Record(record.fields().map(|field| (field.name.into(), field.ty)).collect()),
            Type::Tuple(tuple) => View::Tuple(tuple.types().collect()),
            Type::Variant(variant) => View::Variant(variant.cases().map(|case| (case.name.into(), case.ty)).collect()),
            Type::Enum(names) => View::Enum(names.names().map(Into::into).collect()),
            Type::Option(option) => View::Option(option.ty()),
            Type::Result(result) => View::Result { ok: result.ok(), err: result.err() },
            Type::Flags(flags) => View::Flags(flags.names().map(Into::into).collect()),
            Type::Own(resource) => View::Handle { resource: *resource, owned: true },
            Type::Borrow(resource) => View::Handle { resource: *resource, owned: false },
            Type::Map(_) => View::Lacking("map"),
            Type::Future(_) => View::Lacking("future"),
            Type::Stream(_) => View::Lacking("stream"),
            Type::ErrorContext => View::Lacking("error-context"),
            Type::FixedLengthList(_) => View::Lacking("list of a fixed length"),
        }
    }
}
