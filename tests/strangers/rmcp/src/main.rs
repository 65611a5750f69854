//! The official Rust client against Bulkhead: over HTTP and stdio, in both eras.
//!
//! usage: bulkhead-stranger-rmcp URL BULKHEAD CONFIG

mod user;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use rmcp::{
    RoleClient,
    model::{CallToolRequestParams, GetPromptRequestParams, ProtocolVersion, ReadResourceRequestParams},
    service::{ClientLifecycleMode, ClientServiceExt as _, RunningService},
    transport::{StreamableHttpClientTransport, TokioChildProcess},
};
use serde_json::json;
use tokio::{
    process::Command,
    task::JoinSet,
    time::{sleep, timeout},
};

use user::User;

/// How long one conversation may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// More calls at once than a plugin may have: they only fit again once the cancelled ones have ended.
const CROWD: usize = 20;

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

async fn drive(label: &str, client: &RunningService<RoleClient, User>, tally: &mut Tally) -> anyhow::Result<()> {
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

fn call(tool: &'static str, given: serde_json::Value) -> CallToolRequestParams {
    CallToolRequestParams::new(tool).with_arguments(arguments(given))
}

async fn questions(label: &str, client: &RunningService<RoleClient, User>, tally: &mut Tally) -> anyhow::Result<()> {
    for (what, asked, told) in [
        ("answers a form", call("test_elicitation", json!({"message": "Who?"})), "alice@example.com"),
        ("samples", call("test_sampling", json!({"prompt": "What is the capital of France?"})), "LLM response: Paris"),
        ("tells its roots", call("test_input_required_result_list_roots", json!({})), "file:///home/alice"),
        ("answers round after round", call("test_input_required_result_multi_round", json!({})), "Alice likes red"),
    ] {
        let answer = format!("{:?}", client.call_tool(asked).await?);
        tally.check(&format!("{label}: {what}"), answer.contains(told), &answer);
    }
    Ok(())
}

async fn until(holds: impl Fn() -> bool) -> bool {
    let began = Instant::now();
    while !holds() && began.elapsed() < PATIENCE {
        sleep(Duration::from_millis(50)).await;
    }
    holds()
}

/// What only a handshake's client is told unasked.
async fn news(label: &str, client: &RunningService<RoleClient, User>, tally: &mut Tally) -> anyhow::Result<()> {
    let user = client.service();
    client.call_tool(call("test_trigger_tool_change", json!({}))).await?;
    let heard = until(|| user.heard("tools") > 0).await;
    tally.check(&format!("{label}: hears that the list of tools changed"), heard, user.heard("tools"));
    Ok(())
}

async fn cancelling(label: &str, client: &RunningService<RoleClient, User>, tally: &mut Tally) -> anyhow::Result<()> {
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let peer = client.peer().clone();
        crowd.spawn(async move { peer.call_tool(call("slow_compute", json!({"seconds": 60}))).await });
    }
    sleep(Duration::from_secs(2)).await;
    // A future that is dropped gives its request up.
    crowd.shutdown().await;
    let began = Instant::now();
    let mut answer = client.call_tool(call("slow_compute", json!({"seconds": 0, "label": "next"}))).await?;
    while answer.is_error == Some(true) && began.elapsed() < PATIENCE / 2 {
        sleep(Duration::from_millis(200)).await;
        answer = client.call_tool(call("slow_compute", json!({"seconds": 0, "label": "next"}))).await?;
    }
    let shown = format!("{answer:?}");
    tally.check(&format!("{label}: what was given up has ended"), shown.contains("next took 0"), &shown);
    Ok(())
}

async fn over_http(url: &str, how: ClientLifecycleMode) -> anyhow::Result<RunningService<RoleClient, User>> {
    Ok(User::default().serve_with_lifecycle(StreamableHttpClientTransport::from_uri(url), how).await?)
}

async fn over_stdio(command: &[String], how: ClientLifecycleMode) -> anyhow::Result<RunningService<RoleClient, User>> {
    let [bulkhead, config] = command else { anyhow::bail!("expected the binary and the configuration") };
    let mut child = Command::new(bulkhead);
    child.args(["serve", "--stdio", "--config", config]);
    Ok(User::default().serve_with_lifecycle(TokioChildProcess::new(child)?, how).await?)
}

async fn converse(http: bool, url: &str, command: &[String], how: ClientLifecycleMode, label: &str, tally: &mut Tally) {
    let conversation = async {
        let client = if http { over_http(url, how).await } else { over_stdio(command, how).await }?;
        drive(label, &client, tally).await?;
        questions(label, &client, tally).await?;
        if label.ends_with("handshake") {
            news(label, &client, tally).await?;
        }
        cancelling(label, &client, tally).await?;
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
