//! The official Rust client against Bulkhead: over HTTP and stdio, in both eras.
//!
//! usage: bulkhead-stranger-rmcp URL BULKHEAD CONFIG

use std::{process::ExitCode, time::Duration};

use anyhow::Context as _;
use rmcp::{
    RoleClient,
    model::{CallToolRequestParams, GetPromptRequestParams, ProtocolVersion, ReadResourceRequestParams},
    service::{ClientLifecycleMode, ClientServiceExt as _, RunningService},
    transport::{StreamableHttpClientTransport, TokioChildProcess},
};
use serde_json::json;
use tokio::{process::Command, time::timeout};

/// How long one conversation may take.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Tally {
    passed: u32,
    failed: u32,
}

impl Tally {
    fn check(&mut self, what: &str, holds: bool, seen: impl std::fmt::Debug) {
        if holds {
            self.passed += 1;
            println!("ok   {what}");
        } else {
            self.failed += 1;
            println!("FAIL {what}: saw {seen:?}");
        }
    }
}

fn arguments(value: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    value.as_object().cloned().unwrap_or_default()
}

async fn drive(label: &str, client: &RunningService<RoleClient, ()>, tally: &mut Tally) -> anyhow::Result<()> {
    let tools = client.list_all_tools().await?;
    let names: Vec<_> = tools.iter().map(|tool| tool.name.to_string()).collect();
    tally.check(&format!("{label}: lists calc_evaluate"), names.iter().any(|name| name == "calc_evaluate"), &names);

    let call = |expression: serde_json::Value| {
        CallToolRequestParams::new("calc_evaluate").with_arguments(arguments(json!({ "expression": expression })))
    };
    let answer = client.call_tool(call(json!("2*(3+4)"))).await?;
    let shown = format!("{answer:?}");
    tally.check(&format!("{label}: calls calc_evaluate"), shown.contains("14"), &shown);
    let wrong = client.call_tool(call(json!(5))).await?;
    tally.check(&format!("{label}: a wrong argument is a tool error"), wrong.is_error == Some(true), &wrong);

    let text = format!("{:?}", client.call_tool(CallToolRequestParams::new("test_simple_text")).await?);
    tally.check(&format!("{label}: reads text content"), text.contains("This is a simple text"), &text);

    let resources = client.list_all_resources().await?;
    tally.check(&format!("{label}: lists resources"), !resources.is_empty(), &resources);
    let read = client.read_resource(ReadResourceRequestParams::new("test://static-text")).await?;
    let shown = format!("{read:?}");
    tally.check(&format!("{label}: reads a resource"), shown.contains("static text resource"), &shown);

    let prompt = GetPromptRequestParams::new("test_prompt_with_arguments")
        .with_arguments(arguments(json!({ "arg1": "a", "arg2": "b" })));
    let filled = format!("{:?}", client.get_prompt(prompt).await?);
    tally.check(&format!("{label}: fills a prompt"), filled.contains("arg1='a'"), &filled);
    Ok(())
}

async fn over_http(url: &str, how: ClientLifecycleMode) -> anyhow::Result<RunningService<RoleClient, ()>> {
    Ok(().serve_with_lifecycle(StreamableHttpClientTransport::from_uri(url), how).await?)
}

async fn over_stdio(command: &[String], how: ClientLifecycleMode) -> anyhow::Result<RunningService<RoleClient, ()>> {
    let [bulkhead, config] = command else { anyhow::bail!("expected the binary and the configuration") };
    let mut child = Command::new(bulkhead);
    child.args(["serve", "--stdio", "--config", config]);
    Ok(().serve_with_lifecycle(TokioChildProcess::new(child)?, how).await?)
}

async fn converse(http: bool, url: &str, command: &[String], how: ClientLifecycleMode, label: &str, tally: &mut Tally) {
    let conversation = async {
        let client = if http { over_http(url, how).await } else { over_stdio(command, how).await }?;
        drive(label, &client, tally).await?;
        client.cancel().await.context("does not end")?;
        anyhow::Ok(())
    };
    let ended = timeout(PATIENCE, conversation).await.context("takes too long").and_then(|ended| ended);
    if let Err(error) = ended {
        tally.check(&format!("{label}: runs to its end"), false, error);
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [url, command @ ..] = given.as_slice() else { anyhow::bail!("usage: URL BULKHEAD CONFIG") };
    let modern = || ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
    let mut tally = Tally::default();
    for (transport, http) in [("http", true), ("stdio", false)] {
        converse(http, url, command, modern(), &format!("{transport} 2026-07-28"), &mut tally).await;
        let handshake = ClientLifecycleMode::Initialize;
        converse(http, url, command, handshake, &format!("{transport} handshake"), &mut tally).await;
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    let good = tally.failed == 0 && tally.passed > 0;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
