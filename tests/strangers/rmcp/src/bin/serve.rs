//! The fixture's tools, prompts and resources, served by the official Rust SDK: a second opinion on every answer.
//!
//! What there is to be listed stands in a file that both servers are held against; what a call answers is written here,
//! after what `plugins/everything` does.
//!
//! usage: serve FIXTURE   (prints the URL once it listens)

#![allow(deprecated, reason = "clients of older revisions are served what 2026-07-28 deprecates")]

use std::{fs, sync::Arc};

use anyhow::Context as _;
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams, CompleteResult,
        GetPromptRequestParams, GetPromptResponse, GetPromptResult, InputRequiredResult, ListPromptsResult,
        ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
        ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, ServerConfig, SetLevelRequestParams,
        SubscribeRequestParams, UnsubscribeRequestParams,
    },
    service::RequestContext,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
    },
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[derive(Clone)]
struct Fixture {
    listed: Arc<Value>,
}

fn made<T: serde::de::DeserializeOwned>(mut value: Value) -> Result<T, ErrorData> {
    // What the SDK's own constructors set, and take out again for older clients.
    if value.get("resultType").is_none() {
        value["resultType"] = "complete".into();
    }
    serde_json::from_value(value).map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

fn text(text: &str) -> Value {
    json!({"content": [{"type": "text", "text": text}]})
}

/// What an author does about a cursor that the server never gave: rmcp leaves it to the handler.
fn first_page(request: Option<&PaginatedRequestParams>) -> Result<(), ErrorData> {
    match request.and_then(|request| request.cursor.as_ref()) {
        None => Ok(()),
        Some(_) => Err(ErrorData::invalid_params("unknown cursor", None)),
    }
}

impl Fixture {
    fn page<T: serde::de::DeserializeOwned>(
        &self,
        member: &str,
        request: Option<&PaginatedRequestParams>,
    ) -> Result<T, ErrorData> {
        first_page(request)?;
        made(json!({ member: self.listed[member], "ttlMs": 0, "cacheScope": "private" }))
    }
}

impl ServerHandler for Fixture {
    fn get_info(&self) -> ServerConfig {
        let info = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {
                "tools": {"listChanged": true}, "prompts": {"listChanged": true}, "completions": {}, "logging": {},
                "resources": {"listChanged": true, "subscribe": true},
            },
            "serverInfo": {"name": "fixture", "version": "1"},
        });
        serde_json::from_value(info).expect("a server's description")
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        self.page("tools", request.as_ref())
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        self.page("prompts", request.as_ref())
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        self.page("resources", request.as_ref())
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        self.page("resourceTemplates", request.as_ref())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let asked = json!(request);
        let arguments = &asked["arguments"];
        let result = match &*request.name {
            "test_simple_text" => text("This is a simple text response for testing."),
            "test_error_handling" => {
                let mut result = text("This tool intentionally returns an error for testing");
                result["isError"] = true.into();
                result
            }
            "greet" => match arguments["name"].as_str() {
                Some(name) => text(&format!("Hello, {name}!")),
                None => {
                    let mut result = text("name: expected a string");
                    result["isError"] = true.into();
                    result
                }
            },
            "test_custom_header" => text(&format!("region: {}", arguments["region"].as_str().unwrap_or_default())),
            "test_missing_capability" => {
                let can = context.client_capabilities();
                if can.is_none_or(|can| can.sampling.is_none()) {
                    let needed = json!({"requiredCapabilities": {"sampling": {}}});
                    return Err(ErrorData::new(rmcp::model::ErrorCode(-32021), "this needs sampling", Some(needed)));
                }
                text("sampled")
            }
            "test_input_required_result_elicitation" => {
                let Some(answer) = asked["inputResponses"].get("user_name") else {
                    return Ok(CallToolResponse::InputRequired(asking_for_a_name()?));
                };
                text(&format!("Hello, {}!", answer["content"]["name"].as_str().unwrap_or_default()))
            }
            _ => return Err(ErrorData::invalid_params("unknown tool", None)),
        };
        Ok(CallToolResponse::Complete(made::<CallToolResult>(result)?))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let asked = json!(request);
        let argument = |name: &str| {
            let missing = || ErrorData::invalid_params(format!("missing argument {name}"), None);
            asked["arguments"][name].as_str().map(str::to_owned).ok_or_else(missing)
        };
        let said = match &*request.name {
            "test_simple_prompt" => "This is a simple prompt for testing.".to_owned(),
            "test_prompt_with_arguments" => {
                format!("Prompt with arguments: arg1='{}', arg2='{}'", argument("arg1")?, argument("arg2")?)
            }
            _ => return Err(ErrorData::invalid_params("unknown prompt", None)),
        };
        let messages = json!([{"role": "user", "content": {"type": "text", "text": said}}]);
        let listed = self.listed["prompts"].as_array().into_iter().flatten();
        let description =
            listed.filter(|prompt| prompt["name"] == *request.name).find_map(|prompt| prompt.get("description"));
        Ok(made::<GetPromptResult>(json!({"description": description, "messages": messages}))?.into())
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = &*request.uri;
        let content = match uri {
            "test://static-text" => {
                json!({"mimeType": "text/plain", "text": "This is the content of the static text resource."})
            }
            "test://template/123/data" => json!({
                "mimeType": "application/json",
                "text": json!({"id": "123", "templateTest": true, "data": "Data for ID: 123"}).to_string(),
            }),
            _ => {
                let modern = context.protocol_version().is_some_and(|version| version.as_str() >= "2026-07-28");
                let code = rmcp::model::ErrorCode(if modern { -32602 } else { -32002 });
                return Err(ErrorData::new(code, "resource not found", Some(json!({"uri": uri}))));
            }
        };
        let mut content = content;
        content["uri"] = uri.into();
        let result = json!({"contents": [content], "ttlMs": 0, "cacheScope": "private"});
        Ok(made::<ReadResourceResult>(result)?.into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let asked = json!(request);
        let typed = asked["argument"]["value"].as_str().unwrap_or_default();
        let known: &[&str] =
            match (asked["ref"]["name"].as_str(), asked["ref"]["uri"].as_str(), asked["argument"]["name"].as_str()) {
                (Some("test_prompt_with_arguments"), _, Some("arg1")) => &["paris", "park", "party", "rome"],
                (_, Some("test://template/{id}/data"), Some("id")) => &["1", "12", "123"],
                (Some("test_prompt_with_arguments"), _, _) => &[],
                _ => return Err(ErrorData::invalid_params("unknown reference", None)),
            };
        let values: Vec<_> = known.iter().filter(|value| value.starts_with(typed)).collect();
        made(json!({"completion": {"values": values, "total": values.len(), "hasMore": false}}))
    }

    async fn set_level(&self, _: SetLevelRequestParams, _: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn subscribe(&self, _: SubscribeRequestParams, _: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn unsubscribe(&self, _: UnsubscribeRequestParams, _: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        Ok(())
    }
}

fn asking_for_a_name() -> Result<InputRequiredResult, ErrorData> {
    let schema = json!({"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]});
    let params = json!({"mode": "form", "message": "What is your name?", "requestedSchema": schema});
    made(json!({
        "resultType": "input_required",
        "inputRequests": {"user_name": {"method": "elicitation/create", "params": params}},
    }))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let path = std::env::args().nth(1).context("usage: serve FIXTURE")?;
    let listed: Value = serde_json::from_str(&fs::read_to_string(&path).with_context(|| path.clone())?)?;
    let fixture = Fixture { listed: Arc::new(listed) };
    let mut config = StreamableHttpServerConfig::default();
    config.json_response = true;
    let sessions = Arc::new(LocalSessionManager::default());
    let service = StreamableHttpService::new(move || Ok(fixture.clone()), sessions, config.enforce_origin_validation());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/mcp", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move { http1::Builder::new().serve_connection(TokioIo::new(stream), service).await });
    }
}
