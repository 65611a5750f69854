//! Arguments to values: JSON text, by the shape of what a function takes.
//!
//! **Invariant:** what is read here is what the tool's schema accepts. The
//! schema is asked first; what would pass it and not this is refused too.

use std::{borrow::Cow, collections::HashMap, fmt::Display};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bulkhead_package::foreign::{Case, Field, MAX_BASE64_CHARS, Shape};
use bulkhead_protocol::json::{Json, Kind, Member};
use wasmtime::component::Val;

use super::number;

/// Most values in the arguments of a call, a byte of a byte list being one.
/// Answers "arguments that take forty times their size in memory". Names that
/// have to be looked through count as well.
const MAX_VALUES: usize = 1 << 20;

/// Names that are looked through in the time of one value.
const NAMES_A_VALUE: usize = 64;

/// Members of an object that are looked for one by one.
const FEW_MEMBERS: usize = 16;

/// A value that is not of its type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at {}: expected {expected}", if at.is_empty() { "the root" } else { at })]
pub(crate) struct Unfit {
    /// JSON pointer.
    at: String,
    expected: Cow<'static, str>,
}

pub(super) type Read<T = Val> = Result<T, Unfit>;

pub(super) fn unfit<T>(expected: impl Into<Cow<'static, str>>) -> Read<T> {
    Err(Unfit { at: String::new(), expected: expected.into() })
}

impl Unfit {
    fn below(self, part: impl Display) -> Self {
        Self { at: format!("/{part}{}", self.at), ..self }
    }
}

/// Reads the arguments of one call.
#[derive(Default)]
pub(crate) struct Reader {
    values: usize,
}

/// The members of an object, each to be taken once.
pub(crate) struct Members<'a> {
    list: Vec<Member<'a>>,
    by_name: Option<HashMap<Cow<'a, str>, Json<'a>>>,
    taken: usize,
}

impl<'a> Members<'a> {
    pub(crate) fn of(json: Json<'a>) -> Read<Self> {
        let Some(list) = json.members() else { return unfit("an object") };
        let many = list.len() > FEW_MEMBERS;
        let by_name = many.then(|| list.iter().map(|member| (member.key.clone(), member.value)).collect());
        Ok(Self { list, by_name, taken: 0 })
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Json<'a>> {
        let found = match &self.by_name {
            Some(by_name) => by_name.get(name).copied(),
            None => self.list.iter().find(|member| member.key == name).map(|member| member.value),
        };
        self.taken += usize::from(found.is_some());
        found
    }

    /// Refuses members that nobody took.
    pub(crate) fn end(self) -> Read<()> {
        if self.taken == self.list.len() { Ok(()) } else { unfit("no other members") }
    }
}

impl Reader {
    fn count(&mut self, values: usize) -> Read<()> {
        self.values = self.values.saturating_add(values);
        if self.values > MAX_VALUES { unfit(format!("at most {MAX_VALUES} values in all arguments")) } else { Ok(()) }
    }

    /// The members that `fields` name, and no others.
    pub(crate) fn fields(&mut self, fields: &[Field], json: Json<'_>) -> Read<Vec<(String, Val)>> {
        let mut members = Members::of(json)?;
        let mut read = Vec::with_capacity(fields.len());
        for field in fields {
            read.push((field.name.to_string(), self.member(&mut members, &field.name, &field.shape)?));
        }
        members.end()?;
        Ok(read)
    }

    /// One member; one that is absent is `none`, if it may be.
    pub(crate) fn member(&mut self, members: &mut Members<'_>, name: &str, shape: &Shape) -> Read {
        match members.take(name) {
            Some(json) => self.value(shape, json).map_err(|unfit| unfit.below(name)),
            None if matches!(shape, Shape::Option(_)) => {
                self.count(1)?;
                Ok(Val::Option(None))
            }
            None => unfit(format!("a member {name:?}")),
        }
    }

    /// The arguments of a constructor.
    pub(crate) fn made(&mut self, members: &mut Members<'_>, name: &str, fields: &[Field]) -> Read<Vec<Val>> {
        let Some(json) = members.take(name) else { return unfit(format!("a member {name:?}")) };
        let read = self.fields(fields, json).map_err(|unfit| unfit.below(name))?;
        Ok(read.into_iter().map(|(_, value)| value).collect())
    }

    pub(crate) fn value(&mut self, shape: &Shape, json: Json<'_>) -> Read {
        self.count(1)?;
        match shape {
            Shape::Bool => json.bool().map_or_else(|| unfit("true or false"), |truth| Ok(Val::Bool(truth))),
            Shape::Int(int) => number::whole(*int, json),
            Shape::F32 => number::single(json).map(Val::Float32),
            Shape::F64 => number::double(json).map(Val::Float64),
            Shape::Char => character(json).map(Val::Char),
            Shape::String => text(json).map(|text| Val::String(text.into_owned())),
            Shape::Bytes => self.bytes(json),
            Shape::List(item) => self.list(item, json),
            Shape::Option(inner) => self.option(inner, json),
            Shape::Result { ok, err } => self.result(ok.as_deref(), err.as_deref(), json),
            Shape::Tuple(shapes) => self.tuple(shapes, json),
            Shape::Record(fields) => self.fields(fields, json).map(Val::Record),
            Shape::Variant(cases) => self.variant(cases, json),
            Shape::Enum(names) => self.name(names, json).map(|name| Val::Enum(name.to_string())),
            Shape::Flags(names) => self.flags(names, json),
        }
    }

    fn bytes(&mut self, json: Json<'_>) -> Read {
        let text = text(json)?;
        if text.len() > MAX_BASE64_CHARS {
            return unfit(format!("at most {MAX_BASE64_CHARS} characters of base64"));
        }
        let Ok(bytes) = STANDARD.decode(&*text) else { return unfit("base64 with padding") };
        self.count(bytes.len())?;
        Ok(Val::List(bytes.into_iter().map(Val::U8).collect()))
    }

    fn list(&mut self, item: &Shape, json: Json<'_>) -> Read {
        let Some(elements) = json.elements() else { return unfit("an array") };
        let elements = elements.into_iter().enumerate();
        let read = elements.map(|(at, json)| self.value(item, json).map_err(|unfit| unfit.below(at)));
        read.collect::<Read<_>>().map(Val::List)
    }

    fn option(&mut self, inner: &Shape, json: Json<'_>) -> Read {
        if json.kind() == Kind::Null {
            return Ok(Val::Option(None));
        }
        let value = if inner.is_nullable() {
            let mut members = Members::of(json)?;
            let Some(some) = members.take("some") else { return unfit("null, or an object with the member \"some\"") };
            members.end()?;
            self.value(inner, some).map_err(|unfit| unfit.below("some"))?
        } else {
            self.value(inner, json)?
        };
        Ok(Val::Option(Some(Box::new(value))))
    }

    fn result(&mut self, ok: Option<&Shape>, err: Option<&Shape>, json: Json<'_>) -> Read {
        let member = only(json)?;
        let payload = |reader: &mut Self, shape| reader.payload(shape, &member);
        Ok(Val::Result(match &*member.key {
            "ok" => Ok(payload(self, ok)?),
            "err" => Err(payload(self, err)?),
            _ => return unfit("\"ok\" or \"err\""),
        }))
    }

    fn payload(&mut self, shape: Option<&Shape>, member: &Member<'_>) -> Read<Option<Box<Val>>> {
        let read = match shape {
            Some(shape) => self.value(shape, member.value).map(|value| Some(Box::new(value))),
            None if member.value.kind() == Kind::Null => Ok(None),
            None => unfit("null"),
        };
        read.map_err(|unfit| unfit.below(&member.key))
    }

    fn tuple(&mut self, shapes: &[Shape], json: Json<'_>) -> Read {
        let elements = json.elements().filter(|elements| elements.len() == shapes.len());
        let Some(elements) = elements else { return unfit(format!("an array of {} elements", shapes.len())) };
        let pairs = shapes.iter().zip(elements).enumerate();
        let read = pairs.map(|(at, (shape, json))| self.value(shape, json).map_err(|unfit| unfit.below(at)));
        read.collect::<Read<_>>().map(Val::Tuple)
    }

    fn variant(&mut self, cases: &[Case], json: Json<'_>) -> Read {
        self.count(cases.len() / NAMES_A_VALUE)?;
        let member = only(json)?;
        let Some(case) = cases.iter().find(|case| *case.name == *member.key) else {
            return unfit("the name of one of the cases");
        };
        let payload = self.payload(case.payload.as_ref(), &member)?;
        Ok(Val::Variant(case.name.to_string(), payload))
    }

    fn name<'n>(&mut self, names: &'n [Box<str>], json: Json<'_>) -> Read<&'n str> {
        self.count(names.len() / NAMES_A_VALUE)?;
        let text = text(json)?;
        match names.iter().find(|name| ***name == *text) {
            Some(name) => Ok(name),
            None => unfit("one of the names"),
        }
    }

    fn flags(&mut self, names: &[Box<str>], json: Json<'_>) -> Read {
        let Some(elements) = json.elements().filter(|elements| elements.len() <= names.len()) else {
            return unfit("an array of names, each once");
        };
        let mut found: Vec<&str> = Vec::with_capacity(elements.len());
        for (at, json) in elements.into_iter().enumerate() {
            let name = self.name(names, json).map_err(|unfit| unfit.below(at))?;
            self.count(1 + found.len() / NAMES_A_VALUE)?;
            if found.contains(&name) {
                return unfit("an array of names, each once");
            }
            found.push(name);
        }
        Ok(Val::Flags(found.into_iter().map(ToOwned::to_owned).collect()))
    }
}

/// The one member of an object that says which of several it is.
fn only(json: Json<'_>) -> Read<Member<'_>> {
    match json.members() {
        Some(mut members) if members.len() == 1 => members.pop().map_or_else(|| unfit("one member"), Ok),
        _ => unfit("an object with one member"),
    }
}

fn text(json: Json<'_>) -> Read<Cow<'_, str>> {
    json.text().map_or_else(|| unfit("a string"), Ok)
}

fn character(json: Json<'_>) -> Read<char> {
    let text = text(json)?;
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(one), None) => Ok(one),
        _ => unfit("one character"),
    }
}
