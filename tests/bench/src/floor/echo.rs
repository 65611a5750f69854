use axum::{
    Json, Router, extract::DefaultBodyLimit, http::header::CONTENT_TYPE, routing::post, serve::ListenerExt as _,
};
use bytes::Bytes;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::Failed;

/// Parses what it gets, and writes it.
pub fn parsed() -> Router {
    let route = post(|Json(value): Json<Value>| async move { Json(value) });
    Router::new().route("/mcp", route).layer(DefaultBodyLimit::disable())
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
