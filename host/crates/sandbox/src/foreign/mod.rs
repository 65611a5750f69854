//! Components that know nothing of Bulkhead: their exported functions, called
//! with JSON.
//!
//! What each takes and gives is settled once, at load, from the types that the
//! engine itself compiled; a signed contract that says otherwise refuses the
//! plugin. A call then reads its arguments by that plan and looks nothing up
//! but the tool's name.
//!
//! **Invariant:** a guest is called with values of exactly its types or not at
//! all, and a handle that a call makes is gone when the call is.

mod agree;
#[cfg(test)]
#[allow(unreachable_pub, reason = "the fuzzer takes it too, by its path")]
mod arbitrary;
mod call;
mod number;
mod read;
#[cfg(test)]
mod tests;
mod types;
mod write;

use std::collections::HashMap;

use bulkhead_package::{
    Contract, ToolContract,
    foreign::{Exported, Given, MapError, Mapped, Shape, Signature, map},
};
use bulkhead_protocol::json::{Compact, Json};
use wasmtime::component::{Component, ComponentExportIndex, Type};

pub(crate) use write::TooLong;

/// The tools of a component, by name.
pub(crate) struct Foreign {
    tools: HashMap<Box<str>, Callee>,
}

/// One function, ready to be called.
struct Callee {
    function: ComponentExportIndex,
    /// Those of its parameters' constructors, in the order of the parameters.
    constructors: Vec<ComponentExportIndex>,
    signature: Signature,
    /// Its answer may hold any number of values.
    is_open: bool,
}

/// Why a component and its contract do not go together.
#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    #[error(transparent)]
    Map(#[from] MapError),
    #[error(transparent)]
    Read(#[from] bulkhead_package::foreign::ForeignError),
    #[error(
        "its contract has the tool {tool:?}, and its component {reason}; sign the component again with this version"
    )]
    Disagrees { tool: String, reason: String },
}

impl Foreign {
    /// The tools of `contract`; `None` if the component exports something of
    /// `bulkhead:plugin`, or no function at all.
    pub(crate) fn find(component: &Component, contract: &Contract) -> Result<Option<Self>, ForeignError> {
        let Some(exported) = types::exported(component) else { return Ok(None) };
        let mapped = map(&types::Engine, &exported)?;
        let mut tools = HashMap::new();
        for (tool, at) in agreed(contract, &mapped)? {
            let found = exported.get(at).zip(mapped.get(at));
            let callee = found.and_then(|(one, mapped)| callee(component, one, &exported, mapped));
            tools.insert(tool.name.as_str().into(), callee.ok_or_else(|| disagrees(tool, "has lost it".to_owned()))?);
        }
        Ok(Some(Self { tools }))
    }
}

/// Whether a component that nobody has compiled yet is what `contract` says, by the
/// types in its bytes.
pub(crate) fn check(component: &[u8], contract: &Contract) -> Result<(), ForeignError> {
    let read = bulkhead_package::foreign::Foreign::read(component, false)?;
    agreed(contract, read.mapped()).map(drop)
}

/// The tools of `contract`, each with the place of its function.
fn agreed<'c>(contract: &'c Contract, mapped: &[Mapped]) -> Result<Vec<(&'c ToolContract, usize)>, ForeignError> {
    let by_name: HashMap<&str, usize> =
        mapped.iter().enumerate().map(|(at, mapped)| (mapped.tool.as_str(), at)).collect();
    let place = |tool: &'c ToolContract| {
        let at = by_name.get(tool.name.as_str()).copied();
        let found = at.and_then(|at| Some((at, mapped.get(at)?)));
        let (at, found) = found.ok_or_else(|| disagrees(tool, "exports no such function".to_owned()))?;
        let made = found.takes.as_ref().map_err(|why| disagrees(tool, format!("cannot answer for it: {why}")))?;
        agree::check(tool, made).map_err(|reason| disagrees(tool, reason))?;
        Ok((tool, at))
    };
    contract.tools.iter().map(place).collect()
}

fn disagrees(tool: &ToolContract, reason: String) -> ForeignError {
    ForeignError::Disagrees { tool: tool.name.clone(), reason }
}

/// JSON to a value of `shape` and back, as a guest that gives back what it was
/// given would answer it. For tests.
///
/// # Errors
/// It is not of the shape; where and what was expected.
#[doc(hidden)]
pub fn echo(shape: &Shape, json: &str) -> Result<String, String> {
    let json = Json::parse(json).map_err(|error| error.to_string())?;
    let value = read::Reader::default().value(shape, json).map_err(|unfit| unfit.to_string())?;
    write::json(shape, &value, usize::MAX).map(Compact::into_string).map_err(|error| error.to_string())
}

fn callee(component: &Component, one: &Exported<Type>, all: &[Exported<Type>], mapped: &Mapped) -> Option<Callee> {
    let signature = mapped.takes.as_ref().ok()?.signature.clone();
    let made = signature.params.iter().filter_map(|param| match &param.given {
        Given::Made(constructor) => Some(constructor.at),
        Given::Value(_) => None,
    });
    let constructors = made.map(|at| index(component, all.get(at)?)).collect::<Option<_>>()?;
    let is_open = signature.result.as_ref().is_some_and(|shape| shape.is_open());
    Some(Callee { function: index(component, one)?, constructors, signature, is_open })
}

fn index(component: &Component, one: &Exported<Type>) -> Option<ComponentExportIndex> {
    let interface = match &one.interface {
        Some(interface) => Some(component.get_export_index(None, &**interface)?),
        None => None,
    };
    component.get_export_index(interface.as_ref(), &*one.name)
}
