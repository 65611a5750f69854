//! One call: arguments read, handles made, the function called, its answer written.

use bulkhead_package::foreign::{Answer as Form, Constructor, Given, RESULT, Shape, answer};
use bulkhead_protocol::json::Json;
use wasmtime::{
    Store,
    component::{ComponentExportIndex, Instance, ResourceAny, Val},
};

use super::{
    Callee, Foreign,
    read::{Members, Reader, Unfit, unfit},
    write,
};
use crate::{
    Ask,
    answer::{Content, ContentBlock, Error, Outcome, ToolReply, ToolResult},
    invoke::carried,
    state::CallState,
};

/// What a value of an answer takes in memory, for each byte that its plugin may
/// answer: an answer with lists may be carried that many times over.
const VALUES_OVER_BYTES: usize = 8;

/// What an error says that says nothing.
const SILENT: &str = "the function answered with an error, without saying which";

/// What a function is called with.
enum Arg {
    Value(Val),
    /// The arguments of the constructor that makes it.
    Made(Vec<Val>),
}

/// How a function ended: its value, or what it failed with.
type Ended = Result<Option<Val>, String>;

impl Foreign {
    /// Calls a tool of the contract: whatever else is asked, it does not have.
    pub(crate) async fn ask(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        ask: &Ask,
    ) -> wasmtime::Result<Result<Outcome, Error>> {
        let found = match ask {
            Ask::Tool { name, arguments } => self.tools.get(name.as_str()).map(|callee| (callee, arguments)),
            _ => None,
        };
        let Some((callee, arguments)) = found else { return Ok(Err(Error::NotFound("no such tool".to_owned()))) };
        let args = match callee.arguments(arguments) {
            Ok(args) => args,
            Err(unfit) => return Ok(Err(Error::Invalid(format!("the arguments: {unfit}")))),
        };
        let limits = store.data().grounds().limits;
        if callee.is_open {
            store.set_hostcall_fuel(carried(&limits).saturating_mul(VALUES_OVER_BYTES));
        }
        let most = limits.output.as_usize();
        let result = match callee.run(store, instance, args, most).await? {
            Ok(value) => callee.answered(value.as_ref(), most)?,
            Err(text) => failed(text),
        };
        Ok(Ok(Outcome::Tool(ToolReply::Done(result))))
    }
}

impl Callee {
    fn arguments(&self, text: &str) -> Result<Vec<Arg>, Unfit> {
        let Ok(json) = Json::parse(text) else { return unfit("JSON") };
        let (mut members, mut reader) = (Members::of(json)?, Reader::default());
        let mut args = Vec::with_capacity(self.signature.params.len());
        for param in &self.signature.params {
            args.push(match &param.given {
                Given::Value(shape) => Arg::Value(reader.member(&mut members, &param.name, shape)?),
                Given::Made(constructor) => Arg::Made(reader.made(&mut members, &param.name, &constructor.params)?),
            });
        }
        members.end()?;
        Ok(args)
    }

    /// Makes the handles, calls the function, and lets go of the handles that
    /// it did not take.
    async fn run(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        args: Vec<Arg>,
        most: usize,
    ) -> wasmtime::Result<Ended> {
        let mut made = Vec::new();
        let (ended, was_called) = match self.values(store, instance, args, &mut made, most).await? {
            Ok(values) => {
                let result = self.signature.result.as_ref();
                (invoke(store, instance, &self.function, &values, result, most).await?, true)
            }
            Err(text) => (Err(text), false),
        };
        for (handle, owned) in made {
            if !(owned && was_called) {
                handle.resource_drop_async(&mut *store).await?;
            }
        }
        Ok(ended)
    }

    /// What the function is called with. `made` are the handles among it, and
    /// whether the function takes them for good.
    async fn values(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        args: Vec<Arg>,
        made: &mut Vec<(ResourceAny, bool)>,
        most: usize,
    ) -> wasmtime::Result<Result<Vec<Val>, String>> {
        let (mut values, mut at) = (Vec::with_capacity(args.len()), self.constructors.iter());
        for (param, arg) in self.signature.params.iter().zip(args) {
            values.push(match (arg, &param.given) {
                (Arg::Value(value), _) => value,
                (Arg::Made(args), Given::Made(constructor)) => {
                    match make(store, instance, at.next(), constructor, &args, most).await? {
                        Ok(handle) => {
                            made.push((handle, constructor.owned));
                            Val::Resource(handle)
                        }
                        Err(text) => return Ok(Err(text)),
                    }
                }
                (Arg::Made(_), Given::Value(_)) => return Err(wasmtime::Error::msg("an argument is none")),
            });
        }
        Ok(Ok(values))
    }

    fn answered(&self, value: Option<&Val>, most: usize) -> wasmtime::Result<ToolResult> {
        let structured = match (answer(&self.signature), value) {
            (Some(Form::Whole(shape)), Some(value)) => Some(write::json(shape, value, most)?),
            (Some(Form::Wrapped(shape)), Some(value)) => Some(write::member(RESULT, shape, value, most)?),
            _ => None,
        };
        let structured = structured.map(bulkhead_protocol::json::Compact::into_string);
        Ok(ToolResult { content: Vec::new(), structured, is_error: false, meta: None })
    }
}

async fn make(
    store: &mut Store<CallState>,
    instance: &Instance,
    at: Option<&ComponentExportIndex>,
    constructor: &Constructor,
    args: &[Val],
    most: usize,
) -> wasmtime::Result<Result<ResourceAny, String>> {
    let gone = || wasmtime::Error::msg("a constructor is gone");
    let function = instance.get_func(&mut *store, at.ok_or_else(gone)?).ok_or_else(gone)?;
    let mut results = [Val::Bool(false)];
    function.call_async(&mut *store, args, &mut results).await?;
    let [result] = results;
    let made = match (result, &constructor.fails) {
        (Val::Result(Err(error)), Some(shape)) => return Ok(Err(said(shape.as_ref(), error.as_deref(), most)?)),
        (Val::Result(Ok(Some(made))), Some(_)) => *made,
        (made, _) => made,
    };
    match made {
        Val::Resource(handle) => Ok(Ok(handle)),
        _ => Err(wasmtime::Error::msg("a constructor made no handle")),
    }
}

async fn invoke(
    store: &mut Store<CallState>,
    instance: &Instance,
    function: &ComponentExportIndex,
    args: &[Val],
    result: Option<&Shape>,
    most: usize,
) -> wasmtime::Result<Ended> {
    let function = instance.get_func(&mut *store, function);
    let function = function.ok_or_else(|| wasmtime::Error::msg("an export is gone"))?;
    let Some(shape) = result else {
        function.call_async(&mut *store, args, &mut []).await?;
        return Ok(Ok(None));
    };
    let mut results = [Val::Bool(false)];
    function.call_async(&mut *store, args, &mut results).await?;
    let [value] = results;
    Ok(match (shape, value) {
        (Shape::Result { err, .. }, Val::Result(Err(error))) => Err(said(err.as_deref(), error.as_deref(), most)?),
        (Shape::Result { .. }, Val::Result(Ok(value))) => Ok(value.map(|value| *value)),
        (_, value) => Ok(Some(value)),
    })
}

/// An error in words: its text, if it is one, and JSON otherwise.
fn said(shape: Option<&Shape>, error: Option<&Val>, most: usize) -> wasmtime::Result<String> {
    Ok(match (shape, error) {
        (Some(Shape::String), Some(Val::String(text))) => text.clone(),
        (Some(shape), Some(error)) => write::json(shape, error, most)?.into_string(),
        _ => SILENT.to_owned(),
    })
}

/// An `err` is the tool's own failure, for the model to read.
fn failed(text: String) -> ToolResult {
    let block = ContentBlock { content: Content::Text(text), annotations: None, meta: None };
    ToolResult { content: vec![block], structured: None, is_error: true, meta: None }
}
