//! Every method of MCP, in one table.

use std::borrow::Cow;

use crate::{
    fault::Fault,
    guide,
    params::{Params, Read},
    request::{CompletionTarget, Filter, Request, ResourceRef, Retry},
    revision::Era,
    speech::LogLevel,
};

/// Longest `requestState` that can be one of ours (sealed, at most 16 KiB).
/// Answers "a state that is there to be decrypted at length".
const LONGEST_STATE: usize = 32 * 1024;

/// How one method is read.
pub(crate) struct Method {
    pub(crate) name: &'static str,
    eras: &'static [Era],
    /// The parameter that `Mcp-Name` repeats.
    pub(crate) names: Option<&'static str>,
    /// Whether `Mcp-Name` has to be there where headers have to agree.
    pub(crate) must_name: bool,
    pub(crate) read: for<'a> fn(&Params<'a>, Era) -> Read<Request<'a>>,
}

const LEGACY: &[Era] = &[Era::Legacy];
const MODERN: &[Era] = &[Era::Modern];
const BOTH: &[Era] = &[Era::Legacy, Era::Modern];
pub(crate) const GUIDE: &[Era] = &[Era::Guide];

pub(crate) const fn method(
    name: &'static str,
    eras: &'static [Era],
    names: Option<&'static str>,
    read: for<'a> fn(&Params<'a>, Era) -> Read<Request<'a>>,
) -> Method {
    Method { name, eras, names, must_name: true, read }
}

impl Method {
    /// A method for which nobody prescribes `Mcp-Name`. If it comes, it agrees.
    const fn may_name(mut self) -> Self {
        self.must_name = false;
        self
    }
}

const METHODS: &[Method] = &[
    method("tools/call", BOTH, Some("name"), call_tool),
    method("tools/list", BOTH, None, |params, _| Ok(Request::ListTools { cursor: cursor(params)? })),
    method("resources/read", BOTH, Some("uri"), read_resource),
    method("resources/list", BOTH, None, |params, _| Ok(Request::ListResources { cursor: cursor(params)? })),
    method("resources/templates/list", BOTH, None, |params, _| Ok(Request::ListTemplates { cursor: cursor(params)? })),
    method("prompts/get", BOTH, Some("name"), get_prompt),
    method("prompts/list", BOTH, None, |params, _| Ok(Request::ListPrompts { cursor: cursor(params)? })),
    method("skills/list", BOTH, None, |params, _| Ok(Request::ListSkills { cursor: cursor(params)? })),
    method("skills/get", BOTH, Some("uri"), |params, _| Ok(Request::GetSkill { uri: params.at("params.uri").text()? }))
        .may_name(),
    method("resources/directory/read", BOTH, Some("uri"), |params, _| {
        Ok(Request::ReadDirectory { uri: params.at("params.uri").text()?, cursor: cursor(params)? })
    })
    .may_name(),
    method("completion/complete", BOTH, None, complete),
    method("initialize", LEGACY, None, |_, _| Ok(Request::Initialize)),
    method("ping", LEGACY, None, |_, _| Ok(Request::Ping)),
    method("logging/setLevel", LEGACY, None, set_log_level),
    method("resources/subscribe", LEGACY, Some("uri"), |params, _| {
        Ok(Request::Subscribe { uri: params.at("params.uri").text()? })
    }),
    method("resources/unsubscribe", LEGACY, Some("uri"), |params, _| {
        Ok(Request::Unsubscribe { uri: params.at("params.uri").text()? })
    }),
    method("server/discover", MODERN, None, |_, _| Ok(Request::Discover)),
    method("subscriptions/listen", MODERN, None, listen),
    method("tasks/get", MODERN, Some("taskId"), |params, _| Ok(Request::GetTask { task_id: task_id(params)? })),
    method("tasks/update", MODERN, Some("taskId"), |params, _| {
        let input_responses = params.at("params.inputResponses").object()?;
        Ok(Request::UpdateTask { task_id: task_id(params)?, input_responses })
    }),
    method("tasks/cancel", MODERN, Some("taskId"), |params, _| Ok(Request::CancelTask { task_id: task_id(params)? })),
];

/// How `name` is read in `era`, if it exists there.
pub(crate) fn find(era: Era, name: &str) -> Option<&'static Method> {
    all().find(|method| method.name == name && method.eras.contains(&era))
}

fn all() -> impl Iterator<Item = &'static Method> {
    METHODS.iter().chain(guide::METHODS)
}

/// The names of every method that is read in `era`.
pub fn methods(era: Era) -> impl Iterator<Item = &'static str> {
    all().filter(move |method| method.eras.contains(&era)).map(|method| method.name)
}

fn cursor<'a>(params: &Params<'a>) -> Read<Option<Cow<'a, str>>> {
    params.at("params.cursor").maybe_text()
}

fn task_id<'a>(params: &Params<'a>) -> Read<Cow<'a, str>> {
    params.at("params.taskId").text()
}

fn retry<'a>(params: &Params<'a>, era: Era) -> Read<Retry<'a>> {
    if era != Era::Modern {
        return Ok(Retry::default());
    }
    let request_state = params.at("params.requestState").maybe_text()?;
    if request_state.as_ref().is_some_and(|state| state.len() > LONGEST_STATE) {
        return Err(Fault::invalid_params(format!("params.requestState: expected at most {LONGEST_STATE} bytes")));
    }
    Ok(Retry { input_responses: params.at("params.inputResponses").maybe_object()?, request_state })
}

fn call_tool<'a>(params: &Params<'a>, era: Era) -> Read<Request<'a>> {
    let name = params.at("params.name").text()?;
    let arguments = params.at("params.arguments").maybe_object()?;
    Ok(Request::CallTool { name, arguments, retry: retry(params, era)? })
}

fn read_resource<'a>(params: &Params<'a>, era: Era) -> Read<Request<'a>> {
    let resource = ResourceRef::Uri(params.at("params.uri").text()?);
    Ok(Request::ReadResource { resource, retry: retry(params, era)? })
}

fn get_prompt<'a>(params: &Params<'a>, era: Era) -> Read<Request<'a>> {
    let name = params.at("params.name").text()?;
    let arguments = params.at("params.arguments").pairs(false)?;
    Ok(Request::GetPrompt { name, arguments, retry: retry(params, era)? })
}

fn complete<'a>(params: &Params<'a>, _: Era) -> Read<Request<'a>> {
    let reference = params.at("params.ref").params()?;
    let target = match &*reference.at("params.ref.type").text()? {
        "ref/prompt" => CompletionTarget::Prompt(reference.at("params.ref.name").text()?),
        "ref/resource" => CompletionTarget::Resource(reference.at("params.ref.uri").text()?),
        _ => return Err(Fault::invalid_params("params.ref.type: expected ref/prompt or ref/resource")),
    };
    let argument = params.at("params.argument").params()?;
    let value = argument.at("params.argument.value").text()?;
    let argument = argument.at("params.argument.name").text()?;
    let context = match params.at("params.context").maybe_object()? {
        Some(context) => Params::of(context).at("params.context.arguments").pairs(false)?,
        None => Vec::new(),
    };
    Ok(Request::Complete { target, argument, value, context })
}

fn set_log_level<'a>(params: &Params<'a>, _: Era) -> Read<Request<'a>> {
    Ok(Request::SetLogLevel { level: log_level(&params.at("params.level").text()?, "params.level")? })
}

/// The level that `text`, which stands at `path`, names.
pub(crate) fn log_level(text: &str, path: &str) -> Read<LogLevel> {
    LogLevel::parse(text).ok_or_else(|| {
        let levels = LogLevel::ALL.map(LogLevel::as_str).join(", ");
        Fault::invalid_params(format!("{path}: expected one of {levels}"))
    })
}

fn listen<'a>(params: &Params<'a>, _: Era) -> Read<Request<'a>> {
    let wanted = params.at("params.notifications").params()?;
    let filter = Filter {
        tools: wanted.at("params.notifications.toolsListChanged").flag()?,
        prompts: wanted.at("params.notifications.promptsListChanged").flag()?,
        resources: wanted.at("params.notifications.resourcesListChanged").flag()?,
        resource_subscriptions: wanted.at("params.notifications.resourceSubscriptions").maybe_texts()?,
        task_ids: wanted.at("params.notifications.taskIds").maybe_texts()?,
    };
    Ok(Request::Listen { filter })
}
