use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    http::{StatusCode, header::CONTENT_TYPE},
    routing::post,
    serve::ListenerExt as _,
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use tokio::net::TcpListener;

use crate::Failed;

/// Parses what it gets, and writes it.
pub fn parsed() -> Router {
    let route = post(|Json(value): Json<Value>| async move { Json(value) });
    Router::new().route("/mcp", route).layer(DefaultBodyLimit::disable())
}

/// A request, of which nothing is copied.
#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    params: Params<'a>,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    arguments: &'a RawValue,
}

#[derive(Serialize)]
struct Answer<'a> {
    jsonrpc: &'static str,
    id: &'a RawValue,
    result: &'a RawValue,
}

/// The least that can be called an answer: reads the frame without copying, and
/// writes its arguments into another.
pub fn thin() -> Router {
    let route = post(|body: Bytes| async move {
        let Ok(Request { id, params }) = serde_json::from_slice(&body) else { return Err(StatusCode::BAD_REQUEST) };
        let answer = Answer { jsonrpc: "2.0", id, result: params.arguments };
        let body = serde_json::to_vec(&answer).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        Ok(([(CONTENT_TYPE, "application/json")], body))
    });
    Router::new().route("/mcp", route)
}

/// Answers `bytes`, whatever it gets.
pub fn fixed(bytes: Vec<u8>) -> Router {
    let bytes = Bytes::from(bytes);
    let answer = move |_: Bytes| async move { ([(CONTENT_TYPE, "application/json")], bytes.clone()) };
    Router::new().route("/mcp", post(answer))
}

pub async fn serve(port: u16, router: Router) -> Result<(), Failed> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    // Without it, an answer may wait 40 ms for an acknowledgement.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    Ok(axum::serve(listener, router).await?)
}
