//! Which of the package's interfaces a component exports, and where their
//! functions are.
//!
//! Names are looked up and types are checked once, at load: both take longer
//! than a small call. A call binds the one function that it needs.

use std::marker::PhantomData;

use wasmtime::{
    Store,
    component::{
        ComponentExportIndex, ComponentNamedList, Instance, InstancePre, Lift, Lower, TypedFunc, types::ComponentItem,
    },
};

use crate::{
    CompileError,
    answer::{Body, CallContext, Completion, Error, PromptReply, ReadReply, Reference, ResourcePage, ToolReply},
    imports::PACKAGE_VERSION,
    state::CallState,
};

/// What every interface of the package is named after.
pub(crate) const PACKAGE: &str = "bulkhead:plugin/";

/// What a plugin can be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exports {
    pub tools: bool,
    pub resources: bool,
    pub prompts: bool,
    pub completions: bool,
}

impl Exports {
    /// One bit each, for a file.
    pub(crate) fn bits(self) -> u8 {
        let all = [self.tools, self.resources, self.prompts, self.completions];
        all.into_iter().enumerate().fold(0, |bits, (place, exported)| bits | (u8::from(exported) << place))
    }

    /// `None` if there is a bit that nobody wrote.
    pub(crate) const fn from_bits(bits: u8) -> Option<Self> {
        let [tools, resources, prompts, completions] = [bits & 1 > 0, bits & 2 > 0, bits & 4 > 0, bits & 8 > 0];
        if bits < 16 { Some(Self { tools, resources, prompts, completions }) } else { None }
    }

    /// A component that knows nothing of Bulkhead: its functions are tools.
    pub(crate) const FOREIGN: Self = Self { tools: true, resources: false, prompts: false, completions: false };

    /// What a component exports by the names of its interfaces, before anybody
    /// has looked at their types.
    pub(crate) fn by_name(exports: &[String]) -> Self {
        let has = |interface: &str| exports.contains(&format!("{PACKAGE}{interface}@{PACKAGE_VERSION}"));
        Self {
            tools: has("tools"),
            resources: has("resources"),
            prompts: has("prompts"),
            completions: has("completions"),
        }
    }
}

/// A function of the package: where it is, what it takes, what it gives.
pub(crate) trait Signature {
    type Takes<'a>: ComponentNamedList + Lower;
    type Gives;
    const INTERFACE: &'static str;
    const NAME: &'static str;
}

macro_rules! signatures {
    ($($function:ident = $interface:literal $name:literal: ($($takes:ty),+) -> $gives:ty;)+) => {$(
        pub(crate) enum $function {}

        impl Signature for $function {
            type Takes<'a> = (&'a CallContext, $($takes),+);
            type Gives = $gives;
            const INTERFACE: &'static str = $interface;
            const NAME: &'static str = $name;
        }
    )+};
}

type Pairs = [(String, String)];

signatures! {
    CallTool = "tools" "call": (&'a str, &'a str) -> ToolReply;
    ReadResource = "resources" "read": (&'a str) -> ReadReply;
    WriteResource = "resources" "write": (&'a str, &'a Body, Option<&'a str>) -> String;
    ListResources = "resources" "list": (Option<&'a str>) -> ResourcePage;
    GetPrompt = "prompts" "get": (&'a str, &'a Pairs) -> PromptReply;
    Complete = "completions" "complete": (&'a Reference, &'a str, &'a str, &'a Pairs) -> Completion;
}

/// What a function gives, as the component's type has it.
type Given<S> = (Result<<S as Signature>::Gives, Error>,);

/// A function in an instance, ready to be called.
type Bound<'a, S> = TypedFunc<<S as Signature>::Takes<'a>, Given<S>>;

/// An exported function whose type was checked against `S`.
pub(crate) struct Export<S> {
    index: ComponentExportIndex,
    signature: PhantomData<fn(S)>,
}

impl<S: Signature> Export<S>
where
    Given<S>: ComponentNamedList + Lift,
{
    /// `None` if the component does not export the interface.
    fn find(pre: &InstancePre<CallState>) -> Result<Option<Self>, CompileError> {
        let name = format!("{PACKAGE}{}@{PACKAGE_VERSION}", S::INTERFACE);
        let component = pre.component();
        let Some(interface) = component.get_export_index(None, name.as_str()) else { return Ok(None) };
        let bad = |reason: String| CompileError::BadExport { name: format!("{name}#{}", S::NAME), reason };
        let Some((ComponentItem::ComponentFunc(ty), index)) = component.get_export(Some(&interface), S::NAME) else {
            return Err(bad("there is no such function".to_owned()));
        };
        ty.typecheck::<S::Takes<'static>, Given<S>>(&pre.instance_type()).map_err(|error| bad(format!("{error:#}")))?;
        Ok(Some(Self { index, signature: PhantomData }))
    }

    /// The function in an instance of the component it was found in.
    #[expect(unsafe_code, reason = "its type was checked when it was found; checking again would cost every call")]
    pub(crate) fn bind<'a>(&self, store: &mut Store<CallState>, instance: &Instance) -> wasmtime::Result<Bound<'a, S>> {
        let function = instance.get_func(store, self.index);
        let function = function.ok_or_else(|| wasmtime::Error::msg("an export is gone"))?;
        // SAFETY: an index is valid for its own component alone (`get_func`
        // checks that), and `find`, the only maker of `self`, has checked the
        // type of that component's export against exactly these types. A
        // lifetime is no part of a type's layout.
        Ok(unsafe { TypedFunc::new_unchecked(function) })
    }
}

/// The functions that a component exports.
pub(crate) struct Indices {
    pub(crate) call_tool: Option<Export<CallTool>>,
    pub(crate) read_resource: Option<Export<ReadResource>>,
    pub(crate) write_resource: Option<Export<WriteResource>>,
    pub(crate) list_resources: Option<Export<ListResources>>,
    pub(crate) get_prompt: Option<Export<GetPrompt>>,
    pub(crate) complete: Option<Export<Complete>>,
}

impl Indices {
    /// # Errors
    /// [`CompileError::BadExport`]: an interface has our name and another type.
    pub(crate) fn of(pre: &InstancePre<CallState>) -> Result<Self, CompileError> {
        Ok(Self {
            call_tool: Export::find(pre)?,
            read_resource: Export::find(pre)?,
            write_resource: Export::find(pre)?,
            list_resources: Export::find(pre)?,
            get_prompt: Export::find(pre)?,
            complete: Export::find(pre)?,
        })
    }

    pub(crate) const fn exports(&self) -> Exports {
        Exports {
            tools: self.call_tool.is_some(),
            resources: self.read_resource.is_some(),
            prompts: self.get_prompt.is_some(),
            completions: self.complete.is_some(),
        }
    }
}
