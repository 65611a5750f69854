//! The `mcp.<category>.<action>` methods: what MCP can do too becomes the same request.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    fault::Fault,
    json::Json,
    method::{GUIDE, Method, method},
    params::{Params, Place, Read},
    request::{Content, GuideContext, GuideRequest, Request, ResourceRef, Retry, Route},
    revision::Era,
};

/// What every name of the guide begins with.
pub(crate) const PREFIX: &str = "mcp.";

pub(crate) const METHODS: &[Method] = &[
    method("mcp.tools.list", GUIDE, None, |_, _| Ok(Request::ListTools { cursor: None })),
    method("mcp.tool.invoke", GUIDE, Some("toolId"), invoke),
    method("mcp.resource.list", GUIDE, None, |_, _| Ok(Request::ListResources { cursor: None })),
    method("mcp.resource.read", GUIDE, None, |params, _| {
        Ok(Request::ReadResource { resource: resource(params)?, retry: Retry::default() })
    }),
    method("mcp.resource.write", GUIDE, None, write),
    method("mcp.prompt.list", GUIDE, None, |_, _| Ok(Request::ListPrompts { cursor: None })),
    method("mcp.prompt.get", GUIDE, None, get_prompt),
    method("mcp.sampling.update", GUIDE, None, |params, _| {
        let root_id = params.at("params.rootId").maybe_text()?;
        Ok(Request::Guide(GuideRequest::UpdateSampling { root_id, parameters: params.all }))
    }),
    method("mcp.root.create", GUIDE, None, |params, _| {
        Ok(Request::Guide(GuideRequest::CreateRoot {
            options: Some(params.all).filter(|_| !params.members.is_empty()),
        }))
    }),
    method("mcp.root.close", GUIDE, None, |params, _| {
        Ok(Request::Guide(GuideRequest::CloseRoot { root_id: params.at("params.rootId").text()? }))
    }),
    method("mcp.root.list", GUIDE, None, |_, _| Ok(Request::Guide(GuideRequest::ListRoots))),
    method("mcp.routing", GUIDE, None, |_, _| Ok(Request::Guide(GuideRequest::Routing))),
    method("mcp.routing.set", GUIDE, None, |params, _| {
        Ok(Request::Guide(GuideRequest::SetRouting { routes: routes(params)? }))
    }),
    method("mcp.trust.registry", GUIDE, None, |_, _| Ok(Request::Guide(GuideRequest::TrustRegistry))),
    method("mcp.event.subscribe", GUIDE, None, |params, _| {
        let events = params.at("params.events").maybe_texts()?;
        let uris = params.at("params.uris").maybe_texts()?.unwrap_or_default();
        Ok(Request::Guide(GuideRequest::SubscribeEvents { events, uris }))
    }),
];

/// The `context` of a call.
pub(crate) fn context<'a>(params: &Params<'a>) -> Read<GuideContext<'a>> {
    let Some(context) = params.at("params.context").maybe_object()? else { return Ok(GuideContext::default()) };
    let context = Params::of(context);
    Ok(GuideContext {
        root_id: context.at("params.context.rootId").maybe_text()?,
        prompt_id: context.at("params.context.promptId").maybe_text()?,
        sampling: context.at("params.context.sampling").maybe_object()?,
        timeout_ms: context.at("params.context.timeoutMs").maybe_unsigned()?,
    })
}

fn invoke<'a>(params: &Params<'a>, _: Era) -> Read<Request<'a>> {
    let name = params.at("params.toolId").text()?;
    Ok(Request::CallTool { name, arguments: params.at("params.args").maybe_object()?, retry: Retry::default() })
}

fn resource<'a>(params: &Params<'a>) -> Read<ResourceRef<'a>> {
    let uri = params.at("params.uri").maybe_text()?;
    let id = params.at("params.resourceId").maybe_text()?;
    match (uri, id) {
        (Some(uri), None) => Ok(ResourceRef::Uri(uri)),
        (None, Some(id)) => Ok(ResourceRef::Named { id, params: params.at("params.params").maybe_object()? }),
        _ => Err(Fault::invalid_params("params: expected either uri, or resourceId and params")),
    }
}

/// Unlike a reader, a writer may not misspell: an `ifmatch` that is passed
/// over would overwrite what it was meant to protect.
fn write<'a>(params: &Params<'a>, _: Era) -> Read<Request<'a>> {
    const KNOWN: [&str; 8] = ["uri", "resourceId", "params", "content", "blob", "ifMatch", "context", "_meta"];
    if let Some(unknown) = params.members.iter().find(|member| !KNOWN.contains(&&*member.key)) {
        let key = crate::fault::echo(&unknown.key);
        return Err(Fault::invalid_params(format!("params.{key}: expected one of {}", KNOWN.join(", "))));
    }
    let text = params.at("params.content").maybe_text()?;
    let blob = params.at("params.blob").maybe_text()?;
    let content = match (text, blob) {
        (Some(text), None) => Content::Text(text),
        (None, Some(blob)) => {
            let bytes = STANDARD.decode(&*blob);
            Content::Blob(bytes.map_err(|_| Fault::invalid_params("params.blob: expected base64"))?)
        }
        _ => return Err(Fault::invalid_params("params: expected either content (a string) or blob (base64)")),
    };
    Ok(Request::WriteResource {
        resource: resource(params)?,
        content,
        if_match: params.at("params.ifMatch").maybe_text()?,
    })
}

/// The whole table: what it leaves out is routed nowhere else.
fn routes<'a>(params: &Params<'a>) -> Read<Vec<Route<'a>>> {
    let elements = params.at("params.routes").elements("an array of {prefix, server}")?;
    let route = |(position, element): (usize, Json<'a>)| {
        let place = |key| format!("params.routes[{position}]{key}");
        let route = Params::of(Place::of(&place(""), element).object()?);
        Ok(Route { prefix: route.at(&place(".prefix")).text()?, server: route.at(&place(".server")).text()? })
    };
    elements.into_iter().enumerate().map(route).collect()
}

fn get_prompt<'a>(params: &Params<'a>, _: Era) -> Read<Request<'a>> {
    let place = if params.get("promptId").is_some() { "params.promptId" } else { "params.name" };
    let arguments = if params.get("args").is_some() { "params.args" } else { "params.arguments" };
    let (name, arguments) = (params.at(place).text()?, params.at(arguments).pairs(true)?);
    Ok(Request::GetPrompt { name, arguments, retry: Retry::default() })
}
