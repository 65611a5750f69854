//! A component's exported functions and their types, out of its bytes. Nothing
//! of it runs, and no function's body is looked at.

use std::collections::HashMap;

use wasmparser::{
    Parser, Payload, ValidPayload, Validator, WasmFeatures,
    component_types::{
        ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType, ComponentFuncTypeId,
        ComponentValType, ResourceId,
    },
    types::Types as Decoded,
};

use super::{
    docs::Docs,
    map::MAX_FUNCTIONS,
    shape::Int,
    types::{Exported, Types, View},
};
use crate::component::ComponentError;

/// What a component exports, decoded.
pub(super) struct Exports {
    types: Decoded,
    docs: Docs,
    /// Where each named type stands: its interface and its name.
    named: HashMap<ComponentDefinedTypeId, (Box<str>, Box<str>)>,
    pub(super) functions: Vec<Exported<ComponentValType>>,
}

impl Exports {
    /// Reads `component`, and stops counting functions soon after there are too many.
    pub(super) fn read(component: &[u8], docs: Docs) -> Result<Self, ComponentError> {
        let (types, names) = outside(component)?;
        let mut exports = Self { types, docs, named: HashMap::new(), functions: Vec::new() };
        for name in &names {
            if exports.functions.len() > MAX_FUNCTIONS {
                break;
            }
            let entity = exports.types.as_ref().component_item_for_export(name).map(|item| item.ty);
            exports.place(None, name, entity);
        }
        Ok(exports)
    }

    fn place(&mut self, interface: Option<&str>, name: &str, entity: Option<ComponentEntityType>) {
        match entity {
            Some(ComponentEntityType::Func(id)) if self.functions.len() <= MAX_FUNCTIONS => {
                let function = self.function(interface, name, id);
                self.functions.push(function);
            }
            Some(ComponentEntityType::Type { created: ComponentAnyTypeId::Defined(id), .. }) => {
                self.named.insert(id, (interface.unwrap_or_default().into(), name.into()));
            }
            Some(ComponentEntityType::Instance(id)) if interface.is_none() => {
                let members = &self.types[id].exports;
                let members: Vec<(String, ComponentEntityType)> =
                    members.iter().map(|(name, item)| (name.clone(), item.ty)).collect();
                members.into_iter().for_each(|(member, entity)| self.place(Some(name), &member, Some(entity)));
            }
            _ => {}
        }
    }

    fn function(&self, interface: Option<&str>, name: &str, id: ComponentFuncTypeId) -> Exported<ComponentValType> {
        let ty = &self.types[id];
        Exported {
            interface: interface.map(Into::into),
            name: name.into(),
            is_async: ty.async_,
            params: ty.params.iter().map(|(name, of)| (name.as_str().into(), *of)).collect(),
            result: ty.result,
        }
    }

    /// What its author says of a function.
    pub(super) fn told(&self, interface: Option<&str>, function: &str) -> Option<Box<str>> {
        self.docs.function(interface, function)
    }
}

/// The types of a component, and the names of what it exports, in order.
fn outside(component: &[u8]) -> Result<(Decoded, Vec<String>), ComponentError> {
    // What the engine has switched off is read too, to be able to say what it is.
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let (mut depth, mut names, mut types) = (0_usize, Vec::new(), None);
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload?;
        match &payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section.clone() {
                    names.push(export?.name.name.to_owned());
                }
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if let ValidPayload::End(found) = validator.payload(&payload)? {
            types = Some(found);
        }
    }
    let types = types.ok_or_else(ComponentError::ends)?;
    Ok((types, names))
}

impl Types for Exports {
    type Type = ComponentValType;
    type Resource = ResourceId;

    fn view(&self, of: &ComponentValType) -> View<ComponentValType, ResourceId> {
        let id = match of {
            ComponentValType::Primitive(primitive) => return simple(*primitive),
            ComponentValType::Type(id) => *id,
        };
        let text = |name: &wasmparser::names::KebabString| -> Box<str> { name.as_str().into() };
        match &self.types[id] {
            ComponentDefinedType::Primitive(primitive) => simple(*primitive),
            ComponentDefinedType::Record(record) => {
                View::Record(record.fields.iter().map(|(name, of)| (text(name), *of)).collect())
            }
            ComponentDefinedType::Variant(variant) => {
                View::Variant(variant.cases.iter().map(|(name, case)| (text(name), case.ty)).collect())
            }
            ComponentDefinedType::List { element, .. } => View::List(*element),
            ComponentDefinedType::Tuple(tuple) => View::Tuple(tuple.types.to_vec()),
            ComponentDefinedType::Flags(names) => View::Flags(names.iter().map(text).collect()),
            ComponentDefinedType::Enum(names) => View::Enum(names.iter().map(text).collect()),
            ComponentDefinedType::Option { ty, .. } => View::Option(*ty),
            ComponentDefinedType::Result { ok, err, .. } => View::Result { ok: *ok, err: *err },
            ComponentDefinedType::Own(id) => View::Handle { resource: id.resource(), owned: true },
            ComponentDefinedType::Borrow(id) => View::Handle { resource: id.resource(), owned: false },
            ComponentDefinedType::Map { .. } => View::Lacking("map"),
            ComponentDefinedType::FixedLengthList { .. } => View::Lacking("list of a fixed length"),
            ComponentDefinedType::Future { .. } => View::Lacking("future"),
            ComponentDefinedType::Stream { .. } => View::Lacking("stream"),
        }
    }

    fn docs(&self, of: &ComponentValType, member: &str) -> Option<Box<str>> {
        let ComponentValType::Type(id) = of else { return None };
        let (interface, name) = self.named.get(id)?;
        self.docs.member(interface, name, member)
    }
}

fn simple(primitive: wasmparser::PrimitiveValType) -> View<ComponentValType, ResourceId> {
    use wasmparser::PrimitiveValType as Primitive;
    match primitive {
        Primitive::Bool => View::Bool,
        Primitive::S8 => View::Int(Int::S8),
        Primitive::U8 => View::Int(Int::U8),
        Primitive::S16 => View::Int(Int::S16),
        Primitive::U16 => View::Int(Int::U16),
        Primitive::S32 => View::Int(Int::S32),
        Primitive::U32 => View::Int(Int::U32),
        Primitive::S64 => View::Int(Int::S64),
        Primitive::U64 => View::Int(Int::U64),
        Primitive::F32 => View::F32,
        Primitive::F64 => View::F64,
        Primitive::Char => View::Char,
        Primitive::String => View::String,
        Primitive::ErrorContext => View::Lacking("error-context"),
    }
}
