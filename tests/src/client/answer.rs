//! What comes back for a request, at once or on a stream.

use std::io;

use serde_json::Value;

use crate::harness::http::{Events, Head};

/// What came back for one request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// 200 over stdio.
    pub status: u16,
    /// The response.
    pub message: Value,
    /// What came on the same stream before it.
    pub before: Vec<Value>,
}

impl Answer {
    /// The result.
    pub fn result(&self) -> &Value {
        self.message.get("result").unwrap_or_else(|| panic!("no result: {self:?}"))
    }

    /// The code of the error.
    pub fn code(&self) -> i64 {
        self.message["error"]["code"].as_i64().unwrap_or_else(|| panic!("no error: {self:?}"))
    }

    /// The text of a tool's answer.
    pub fn text(&self) -> String {
        let blocks = self.result()["content"].as_array().unwrap_or_else(|| panic!("no content: {self:?}"));
        let texts: Vec<&str> = blocks.iter().filter_map(|block| block["text"].as_str()).collect();
        texts.join("\n")
    }

    /// The structured content of a tool's answer.
    pub fn structured(&self) -> &Value {
        let structured = self.result().get("structuredContent");
        structured.unwrap_or_else(|| panic!("no structured content: {self:?}"))
    }

    /// Whether the tool ran well.
    pub fn is_ok(&self) -> bool {
        self.message.get("result").is_some_and(|result| result["isError"] != true)
    }

    /// What a failed call says, however it failed.
    pub fn failure(&self) -> String {
        assert!(!self.is_ok(), "it did not fail: {self:?}");
        match self.message["error"]["message"].as_str() {
            Some(message) => message.to_owned(),
            None => self.text(),
        }
    }
}

pub(super) fn is_events(head: &Head) -> bool {
    head.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"))
}

/// Reads up to the answer to `id`.
pub(super) fn read_events(mut events: Events, status: u16, id: &Value) -> io::Result<Answer> {
    let mut before = Vec::new();
    while let Some(event) = events.next()? {
        let Some(data) = event.data.filter(|data| !data.is_empty()) else { continue };
        let message: Value = serde_json::from_str(&data).map_err(io::Error::other)?;
        if message["id"] == *id && message.get("method").is_none() {
            return Ok(Answer { status, message, before });
        }
        before.push(message);
    }
    Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the stream ended before the answer"))
}
