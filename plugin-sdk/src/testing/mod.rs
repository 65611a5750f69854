//! Tests of a plugin that run natively, without a host.
//!
//! The functions of a plugin stay plain functions. Where one wants a
//! [`Context`], [`Context::test`] gives one; a [`Harness`] sets up what the
//! caller and the operator say, and runs whole calls, rounds of questions
//! included.

mod stage;
#[cfg(feature = "http")]
mod upstream;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use serde_json::Value;

pub(crate) use stage::Stage;
pub use stage::{Line, Progress, Recorded};
#[cfg(feature = "http")]
pub(crate) use upstream::answer_upstream;
#[cfg(feature = "http")]
pub use upstream::{Upstream, upstream};

use crate::bindings::bulkhead::plugin::types::Answer;
use crate::completion::{Complete, Completion, Filled};
use crate::context::Context;
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::plugin::{self, Plugin};
use crate::prompt::{Prompt, PromptResult};
use crate::resource::{Resource, ResourceReading, Template};
use crate::tool::{Tool, ToolResult};
use crate::types::{CallContext, ClientCapabilities, Era, InputRequest, LogLevel};

/// More rounds than that are a plugin that asks for ever.
const MAX_ROUNDS: usize = 32;

impl Context {
    /// A call by a client that can do everything, granted nothing, at log
    /// level debug.
    pub fn test() -> Self {
        Harness::new().context()
    }

    /// What the plugin told its host so far.
    pub fn recorded(&self) -> Recorded {
        self.stage.recorded()
    }
}

/// A caller, an operator and a host, as a test wants them.
///
/// ```
/// use bulkhead_sdk::prelude::*;
///
/// /// Says where it runs.
/// #[tool]
/// fn place(ctx: &Context) -> Result<String> {
///     ctx.log(LogLevel::Info, "looking");
///     ctx.config().get("city")?.ok_or_else(|| Error::failed("no city is configured"))
/// }
///
/// let harness = Harness::new().config("city", "Bern");
/// assert_eq!(harness.tool::<place>(json!({}))?.all_text(), "Bern");
/// assert_eq!(harness.recorded().log[0].data, json!("looking"));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Harness {
    call: RefCell<CallContext>,
    script: BTreeMap<String, Value>,
    stage: Stage,
    rounds: Cell<usize>,
}

impl Default for Harness {
    fn default() -> Self {
        Self::new()
    }
}

impl Harness {
    /// A client that can do everything, granted nothing, at log level debug.
    pub fn new() -> Self {
        let client = ClientCapabilities {
            elicitation_form: true,
            elicitation_url: true,
            sampling: true,
            sampling_tools: true,
            roots: true,
            tasks: true,
        };
        let call = CallContext {
            call_id: "test".to_owned(),
            era: Era::Modern,
            protocol_version: "2026-07-28".to_owned(),
            client,
            log_level: Some(LogLevel::Debug),
            progress: true,
            as_task: false,
            trace: None,
            root: None,
            sampling: None,
            answers: Vec::new(),
            state: None,
            meta: None,
        };
        Self { call: RefCell::new(call), script: BTreeMap::new(), stage: Stage::default(), rounds: Cell::new(0) }
    }

    /// Changes anything about the call.
    #[must_use]
    pub fn with(self, change: impl FnOnce(&mut CallContext)) -> Self {
        change(&mut self.call.borrow_mut());
        self
    }

    /// Changes what the client can do.
    #[must_use]
    pub fn client(self, change: impl FnOnce(&mut ClientCapabilities)) -> Self {
        self.with(|call| change(&mut call.client))
    }

    /// What the client answers to the question named `key`: the protocol's
    /// result.
    #[must_use]
    pub fn answer(mut self, key: &str, response: Value) -> Self {
        self.script.insert(key.to_owned(), response);
        self
    }

    /// The user fills in the form named `key`.
    #[must_use]
    pub fn accept(self, key: &str, content: Value) -> Self {
        self.answer(key, serde_json::json!({"action": "accept", "content": content}))
    }

    /// The user says no to the form named `key`.
    #[must_use]
    pub fn decline(self, key: &str) -> Self {
        self.answer(key, serde_json::json!({"action": "decline"}))
    }

    /// The operator configures `key`.
    #[must_use]
    pub fn config(self, key: &str, value: &str) -> Self {
        self.stage.set_config(key, value);
        self
    }

    /// The operator grants the variable `name`.
    #[must_use]
    pub fn env(self, name: &str, value: &str) -> Self {
        self.stage.set_env(name, value);
        self
    }

    /// The caller gives up before the call looks.
    #[must_use]
    pub fn cancelled(self) -> Self {
        self.stage.cancel();
        self
    }

    /// A context for a function that is called directly.
    pub fn context(&self) -> Context {
        Context::new(self.call.borrow().clone(), self.stage.clone())
    }

    /// What the plugin told its host so far.
    pub fn recorded(&self) -> Recorded {
        self.stage.recorded()
    }

    /// How many rounds the last call took.
    pub fn rounds(&self) -> usize {
        self.rounds.get()
    }

    /// Calls a tool with these arguments, and answers what it asks.
    pub fn tool<T: Tool>(&self, arguments: Value) -> Result<ToolResult> {
        let arguments = arguments.to_string();
        self.run(|ctx| T::call(ctx, &arguments))
    }

    /// Gets a prompt with these arguments, and answers what it asks.
    pub fn prompt<P: Prompt>(&self, arguments: &[(&str, &str)]) -> Result<PromptResult> {
        let arguments = owned(arguments);
        self.run(|ctx| P::get(ctx, &arguments))
    }

    /// Reads a resource, and answers what it asks.
    pub fn resource<R: Resource>(&self) -> Result<ResourceReading> {
        self.run(plugin::read_resource::<R>)
    }

    /// Reads what the template covers at `uri`, and answers what it asks.
    pub fn template<T: Template>(&self, uri: &str) -> Result<ResourceReading> {
        self.run(|ctx| plugin::read_template::<T>(ctx, uri).unwrap_or_else(|| Err(plugin::no_resource(uri))))
    }

    /// Completes what was typed.
    pub fn complete<C: Complete>(&self, typed: &str, filled: &[(&str, &str)]) -> Result<Completion> {
        C::complete(&self.context(), typed, &Filled::new(owned(filled)))
    }

    /// What `P` offers.
    pub fn contract<P: Plugin>(&self) -> Contract {
        P::contract()
    }

    /// Runs one operation of a whole plugin, or anything else that may ask,
    /// round after round, until every question in it has its answer.
    ///
    /// A question that the script does not answer is the error.
    pub fn run<T>(&self, operation: impl Fn(&Context) -> Result<T>) -> Result<T> {
        let mut call = self.call.borrow().clone();
        self.rounds.set(0);
        for _ in 0..MAX_ROUNDS {
            self.rounds.set(self.rounds.get() + 1);
            let ctx = Context::new(call.clone(), self.stage.clone());
            match operation(&ctx) {
                Err(Error::InputRequired(requests)) => call.answers.extend(self.answers(&requests)?),
                Err(Error::BecomeTask) => call.as_task = true,
                end => return end,
            }
            call.state = ctx.sealed_state()?;
        }
        Err(Error::failed(format!("it still asks after {MAX_ROUNDS} rounds")))
    }

    fn answers(&self, requests: &[InputRequest]) -> Result<Vec<Answer>> {
        let open: Vec<InputRequest> =
            requests.iter().filter(|request| !self.script.contains_key(&request.key)).cloned().collect();
        if !open.is_empty() {
            return Err(Error::InputRequired(open));
        }
        let answer = |request: &InputRequest| {
            self.script
                .get(&request.key)
                .map(|response| Answer { key: request.key.clone(), response: response.to_string() })
        };
        Ok(requests.iter().filter_map(answer).collect())
    }
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
