//! From exported functions to tools: which can be one, and which cannot, and why.
//!
//! Whoever decodes the types (this room at packing, the engine at loading) is
//! asked through [`Types`], so both come to the same tools or the file is refused.

use super::{
    names, schema,
    shape::{Case, Constructor, Field, Given, Int, Param, Shape, Signature},
    types::{Exported, Types, View},
    why::{MapError, Stop, Why, no_plain, worse},
};
use crate::limits::MAX_NAME_CHARS;

/// Most functions that a component may export. Answers "a component of which
/// naming the functions takes for ever".
pub(super) const MAX_FUNCTIONS: usize = 4096;

/// Deepest nesting of a type. Answers "types that exhaust the host's stack".
const MAX_TYPE_DEPTH: usize = 32;

/// Most parts of the types of one function, and of all functions together.
/// Answers "records of records of records, each twice".
const MAX_PARTS: usize = 4096;
pub(super) const MAX_PARTS_IN_ALL: usize = 1 << 17;

/// What WIT's names of constructors begin with.
const CONSTRUCTOR: &str = "[constructor]";

/// What became of a function.
#[derive(Clone, Debug)]
pub struct Mapped {
    pub interface: Option<Box<str>>,
    pub function: Box<str>,
    /// The tool's name.
    pub tool: String,
    pub takes: Result<Tool, Why>,
}

/// A function that is a tool.
#[derive(Clone, Debug)]
pub struct Tool {
    pub signature: Signature,
    /// JSON Schemas.
    pub input: String,
    pub output: Option<String>,
}

impl Tool {
    /// With the schemas that its signature makes.
    ///
    /// # Errors
    /// They would be too large or too deep to be listed.
    pub fn of(signature: Signature) -> Result<Self, Why> {
        Ok(Self { input: schema::input(&signature)?, output: schema::output(&signature)?, signature })
    }
}

impl Mapped {
    /// As WIT writes it: `docs:adder/add@0.1.0#add`.
    #[must_use]
    pub fn path(&self) -> String {
        path(self.interface.as_deref(), &self.function)
    }
}

fn path(interface: Option<&str>, function: &str) -> String {
    interface.map_or_else(|| function.to_owned(), |interface| format!("{interface}#{function}"))
}

/// What becomes of each function, in order.
///
/// # Errors
/// [`MapError`]: none of them can be a tool here.
pub fn map<S: Types>(types: &S, exported: &[Exported<S::Type>]) -> Result<Vec<Mapped>, MapError> {
    if exported.len() > MAX_FUNCTIONS {
        return Err(MapError::TooManyFunctions);
    }
    let names: Vec<_> = exported.iter().map(|one| (one.interface.as_deref(), &*one.name)).collect();
    let tools = names::tools(&names).map_err(MapError::Clash)?;
    let mut mapper = Mapper { types, exported, makers: makers(types, exported), parts: 0, in_all: 0 };
    let each = exported.iter().zip(tools).map(|(one, tool)| {
        let takes = mapper.function(one, &tool)?;
        Ok(Mapped { interface: one.interface.clone(), function: one.name.clone(), tool, takes })
    });
    each.collect()
}

/// What makes a resource: a constructor, or else the one function that gives it
/// and takes no handle. What it makes, and what it may fail with, if it may.
struct Maker<T, R> {
    at: usize,
    makes: R,
    fails: Option<Option<T>>,
    is_constructor: bool,
}

fn makers<S: Types>(types: &S, exported: &[Exported<S::Type>]) -> Vec<Maker<S::Type, S::Resource>> {
    let made = |of: &S::Type| match types.view(of) {
        View::Handle { resource, owned: true } => Some(resource),
        _ => None,
    };
    let maker = |(at, one): (usize, &Exported<S::Type>)| {
        let takes_handle = |(_, of): &(Box<str>, S::Type)| matches!(types.view(of), View::Handle { .. });
        let result = one.result.as_ref().filter(|_| !one.params.iter().any(takes_handle))?;
        let (makes, fails) = match types.view(result) {
            View::Result { ok: Some(ok), err } => (made(&ok)?, Some(err)),
            _ => (made(result)?, None),
        };
        Some(Maker { at, makes, fails, is_constructor: one.name.starts_with(CONSTRUCTOR) })
    };
    exported.iter().enumerate().filter_map(maker).collect()
}

struct Mapper<'a, S: Types> {
    types: &'a S,
    exported: &'a [Exported<S::Type>],
    makers: Vec<Maker<S::Type, S::Resource>>,
    parts: usize,
    in_all: usize,
}

impl<S: Types> Mapper<'_, S> {
    fn function(&mut self, one: &Exported<S::Type>, tool: &str) -> Result<Result<Tool, Why>, MapError> {
        let function = || path(one.interface.as_deref(), &one.name);
        if one.is_async {
            return Err(MapError::Async { function: function() });
        }
        self.parts = 0;
        let made = self.tool(one);
        self.in_all += self.parts;
        match made {
            Ok(_) | Err(Stop::Why(_)) if one.name.starts_with(CONSTRUCTOR) => Ok(Err(Why::IsConstructor)),
            Ok(_) if tool.len() > MAX_NAME_CHARS => Ok(Err(Why::LongName)),
            Ok(made) => Ok(Ok(made)),
            Err(Stop::Why(why)) => Ok(Err(why)),
            Err(Stop::Lacking(what)) => Err(MapError::Lacking { function: function(), what }),
            Err(Stop::InAll) => Err(MapError::TooManyParts),
        }
    }

    fn tool(&mut self, one: &Exported<S::Type>) -> Result<Tool, Stop> {
        let params = one.params.iter().map(|(name, of)| self.param(name, of)).collect::<Result<Vec<_>, _>>();
        let result = one.result.as_ref().map(|of| self.result(of)).transpose();
        let (params, result) = match (params, result) {
            (Ok(params), Ok(result)) => (params, result),
            (params, result) => return Err(worse(params.err(), result.err())),
        };
        if is_entry_point(one) {
            return Err(Why::IsEntryPoint.into());
        }
        Ok(Tool::of(Signature { params, result })?)
    }

    fn result(&mut self, of: &S::Type) -> Result<Shape, Stop> {
        self.shape(of, 0).map_err(|stop| match stop {
            Stop::Why(Why::HidesHandle) => Why::GivesHandle.into(),
            other => other,
        })
    }

    fn param(&mut self, name: &str, of: &S::Type) -> Result<Param, Stop> {
        let given = match self.types.view(of) {
            View::Handle { resource, owned } => Given::Made(self.constructor(&resource, owned)?),
            _ => Given::Value(self.shape(of, 0)?),
        };
        Ok(Param { name: name.into(), given })
    }

    /// The constructor of `resource`, if it takes plain values.
    fn constructor(&mut self, resource: &S::Resource, owned: bool) -> Result<Constructor, Stop> {
        let mut all = self.makers.iter().filter(|maker| maker.makes == *resource);
        let found = match (all.clone().find(|maker| maker.is_constructor), all.next(), all.next()) {
            (Some(constructor), ..) => Some(constructor),
            (None, only, None) => only,
            _ => None,
        };
        let Some((at, fails)) = found.map(|maker| (maker.at, maker.fails.clone())) else {
            return Err(Why::NoConstructor.into());
        };
        let exported = self.exported;
        let Some(one) = exported.get(at) else { return Err(Why::NoConstructor.into()) };
        let field =
            |(name, of): &(Box<str>, S::Type)| Ok(Field { name: name.clone(), shape: self.shape(of, 0)?, docs: None });
        let params = one.params.iter().map(field).collect::<Result<_, Stop>>().map_err(no_plain)?;
        let fails = fails.map(|err| err.map(|err| self.shape(&err, 0)).transpose()).transpose().map_err(no_plain)?;
        let resource = resource_of(&one.name).into();
        Ok(Constructor { at, resource, params, fails, owned })
    }

    fn shape(&mut self, of: &S::Type, depth: usize) -> Result<Shape, Stop> {
        if depth >= MAX_TYPE_DEPTH {
            return Err(Why::TooDeep.into());
        }
        self.count(1)?;
        let below = depth + 1;
        Ok(match self.types.view(of) {
            View::Bool => Shape::Bool,
            View::Int(int) => Shape::Int(int),
            View::F32 => Shape::F32,
            View::F64 => Shape::F64,
            View::Char => Shape::Char,
            View::String => Shape::String,
            View::List(item) => match self.shape(&item, below)? {
                Shape::Int(Int::U8) => Shape::Bytes,
                item => Shape::List(Box::new(item)),
            },
            View::Option(inner) => Shape::Option(Box::new(self.shape(&inner, below)?)),
            View::Result { ok, err } => Shape::Result { ok: self.maybe(ok, below)?, err: self.maybe(err, below)? },
            View::Tuple(types) => {
                Shape::Tuple(types.iter().map(|item| self.shape(item, below)).collect::<Result<_, _>>()?)
            }
            View::Record(fields) => Shape::Record(
                fields
                    .into_iter()
                    .map(|(name, field)| self.field(of, name, &field, below))
                    .collect::<Result<_, _>>()?,
            ),
            View::Variant(cases) => Shape::Variant(
                cases.into_iter().map(|(name, case)| self.case(of, name, case, below)).collect::<Result<_, _>>()?,
            ),
            View::Enum(names) => {
                self.count(names.len())?;
                Shape::Enum(names)
            }
            View::Flags(names) => {
                self.count(names.len())?;
                Shape::Flags(names)
            }
            View::Handle { .. } => return Err(Why::HidesHandle.into()),
            View::Lacking(what) => return Err(Stop::Lacking(what)),
        })
    }

    fn field(&mut self, of: &S::Type, name: Box<str>, field: &S::Type, depth: usize) -> Result<Field, Stop> {
        let docs = self.types.docs(of, &name);
        Ok(Field { shape: self.shape(field, depth)?, docs, name })
    }

    fn case(&mut self, of: &S::Type, name: Box<str>, case: Option<S::Type>, depth: usize) -> Result<Case, Stop> {
        self.count(1)?;
        let docs = self.types.docs(of, &name);
        Ok(Case { payload: case.map(|case| self.shape(&case, depth)).transpose()?, docs, name })
    }

    fn maybe(&mut self, of: Option<S::Type>, depth: usize) -> Result<Option<Box<Shape>>, Stop> {
        of.map(|of| self.shape(&of, depth).map(Box::new)).transpose()
    }

    fn count(&mut self, parts: usize) -> Result<(), Stop> {
        self.parts = self.parts.saturating_add(parts);
        if self.in_all.saturating_add(self.parts) > MAX_PARTS_IN_ALL {
            return Err(Stop::InAll);
        }
        if self.parts > MAX_PARTS { Err(Why::TooLarge.into()) } else { Ok(()) }
    }
}

/// The resource that a constructor or static function is named after; the
/// function itself, if it is named after none.
fn resource_of(function: &str) -> &str {
    let name = function.rsplit(']').next().unwrap_or(function);
    name.split('.').next().unwrap_or(name)
}

fn is_entry_point<T>(one: &Exported<T>) -> bool {
    one.interface.as_deref().is_some_and(|interface| interface.starts_with("wasi:"))
}
