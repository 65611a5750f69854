//! The contract's exports on one side, [`Plugin`] on the other.

use crate::bindings::bulkhead::plugin::types as wit;
use crate::bindings::{completions, contract, prompts, resources, tools};
use crate::completion::{Completion, Filled, Reference};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::plugin::Plugin;
use crate::resource::Page;

use completions::exports::bulkhead::plugin::completions as completions_wit;
use contract::exports::bulkhead::plugin::contract as contract_wit;
use prompts::exports::bulkhead::plugin::prompts as prompts_wit;
use resources::exports::bulkhead::plugin::resources as resources_wit;
use tools::exports::bulkhead::plugin::tools as tools_wit;

/// How a round of a call ended.
enum Round<T> {
    Done(T),
    InputRequired(wit::InputRequired),
    BecomeTask(Option<String>),
}

fn round<T>(ctx: &Context, result: Result<T>) -> Result<Round<T>, wit::Error> {
    match result {
        Ok(done) => Ok(Round::Done(done)),
        Err(Error::InputRequired(requests)) => {
            let state = ctx.sealed_state().map_err(to_wit)?;
            Ok(Round::InputRequired(wit::InputRequired { requests, state }))
        }
        Err(Error::BecomeTask) => Ok(Round::BecomeTask(ctx.sealed_state().map_err(to_wit)?)),
        Err(error) => Err(to_wit(error)),
    }
}

const NOT_A_TASK: &str = "only a tool can become a task";

impl<P: Plugin> tools_wit::Guest for P {
    fn call(call: wit::CallContext, name: String, arguments: String) -> Result<tools_wit::ToolReply, wit::Error> {
        let ctx = Context::new(call);
        Ok(match round(&ctx, P::call_tool(&ctx, &name, &arguments))? {
            Round::Done(result) => tools_wit::ToolReply::Done(result),
            Round::InputRequired(input) => tools_wit::ToolReply::InputRequired(input),
            Round::BecomeTask(state) => tools_wit::ToolReply::BecomeTask(state),
        })
    }
}

impl<P: Plugin> prompts_wit::Guest for P {
    fn get(
        call: wit::CallContext,
        name: String,
        arguments: Vec<(String, String)>,
    ) -> Result<prompts_wit::PromptReply, wit::Error> {
        let ctx = Context::new(call);
        match round(&ctx, P::get_prompt(&ctx, &name, &arguments))? {
            Round::Done(result) => Ok(prompts_wit::PromptReply::Done(result)),
            Round::InputRequired(input) => Ok(prompts_wit::PromptReply::InputRequired(input)),
            Round::BecomeTask(_) => Err(to_wit(Error::BecomeTask)),
        }
    }
}

impl<P: Plugin> resources_wit::Guest for P {
    fn list(call: wit::CallContext, cursor: Option<String>) -> Result<Page, wit::Error> {
        P::list_resources(&Context::new(call), cursor.as_deref()).map_err(to_wit)
    }

    fn read(call: wit::CallContext, uri: String) -> Result<resources_wit::ReadReply, wit::Error> {
        let ctx = Context::new(call);
        match round(&ctx, P::read_resource(&ctx, &uri))? {
            Round::Done(reading) => Ok(resources_wit::ReadReply::Done(reading)),
            Round::InputRequired(input) => Ok(resources_wit::ReadReply::InputRequired(input)),
            Round::BecomeTask(_) => Err(to_wit(Error::BecomeTask)),
        }
    }

    fn write(
        call: wit::CallContext,
        uri: String,
        contents: wit::Body,
        if_match: Option<String>,
    ) -> Result<String, wit::Error> {
        P::write_resource(&Context::new(call), &uri, contents, if_match.as_deref()).map_err(to_wit)
    }
}

impl<P: Plugin> completions_wit::Guest for P {
    fn complete(
        call: wit::CallContext,
        reference: Reference,
        argument: String,
        value: String,
        filled: Vec<(String, String)>,
    ) -> Result<Completion, wit::Error> {
        let filled = Filled::new(filled);
        P::complete(&Context::new(call), &reference, &argument, &value, &filled).map_err(to_wit)
    }
}

impl<P: Plugin> contract_wit::Guest for P {
    fn describe() -> String {
        P::contract().to_json()
    }
}

fn to_wit(error: Error) -> wit::Error {
    match error {
        Error::Invalid(text) => wit::Error::Invalid(text),
        Error::NotFound(text) => wit::Error::NotFound(text),
        Error::Conflict(text) => wit::Error::Conflict(text),
        Error::Denied(text) => wit::Error::Denied(text),
        Error::MissingCapability(needed) => wit::Error::MissingCapability(needed),
        Error::Failed(text) => wit::Error::Failed(text),
        Error::Protocol { code, message, data } => wit::Error::Protocol(wit::ProtocolError { code, message, data }),
        Error::InputRequired(_) => wit::Error::Failed("this operation can ask nothing".to_owned()),
        Error::BecomeTask => wit::Error::Failed(NOT_A_TASK.to_owned()),
    }
}
