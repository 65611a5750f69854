//! A call whose questions are answered: each round is a request of its own.

use serde_json::{Map, Value, json};

use super::{Client, ClientError, Hear, MODERN};
use crate::cli::exit::Failure;

/// Most rounds of questions. Answers "a tool that never has enough".
const MOST_ROUNDS: usize = 32;

/// MCP: header fields are missing or differ.
const HEADER_MISMATCH: i64 = -32020;

/// Who answers: is given the question's key and its parameters.
pub(super) type Ask<'a> = dyn FnMut(&str, &Value) -> Result<Value, Failure> + 'a;

impl Client {
    /// Calls a tool, and lets `ask` answer the forms that it asks with. A server
    /// that does not speak 2026-07-28, and a tool whose arguments are to be
    /// repeated in header fields, are called without questions.
    ///
    /// # Errors
    /// [`ClientError`], or nobody answers.
    pub fn converse(
        &mut self,
        tool: &str,
        arguments: &Value,
        ask: &mut Ask<'_>,
        hear: &mut Hear<'_>,
    ) -> Result<Value, Failure> {
        let agreed = std::mem::replace(&mut self.revision, MODERN);
        self.can = json!({"elicitation": {"form": {}}});
        let asked = match self.request("server/discover", None, json!({}), &mut |_| {}) {
            Ok(_) => self.rounds(tool, arguments, ask, hear)?,
            Err(ClientError::Answer { .. } | ClientError::Status(_)) => None,
            Err(error) => return Err(error.into()),
        };
        self.revision = agreed;
        self.can = json!({});
        asked.map_or_else(|| Ok(self.call(tool, arguments, hear)?), Ok)
    }

    /// The result; `None` if the call cannot be made in this revision.
    fn rounds(
        &mut self,
        tool: &str,
        arguments: &Value,
        ask: &mut Ask<'_>,
        hear: &mut Hear<'_>,
    ) -> Result<Option<Value>, Failure> {
        let mut params = json!({"name": tool, "arguments": arguments, "_meta": {"progressToken": "call"}});
        for _ in 0..MOST_ROUNDS {
            let result = match self.request("tools/call", Some(tool), params.clone(), hear) {
                Err(ClientError::Answer { code: HEADER_MISMATCH, .. }) => return Ok(None),
                result => result?,
            };
            if result["resultType"] != "input_required" {
                return Ok(Some(result));
            }
            let mut answers = Map::new();
            for (key, question) in result["inputRequests"].as_object().into_iter().flatten() {
                if question["method"] != "elicitation/create" {
                    return Err(ClientError::Protocol("a question of a kind that was not declared".to_owned()).into());
                }
                answers.insert(key.clone(), ask(key, &question["params"])?);
            }
            params["inputResponses"] = Value::Object(answers);
            params["requestState"] = result["requestState"].clone();
            if params["requestState"].is_null() {
                params.as_object_mut().map(|params| params.remove("requestState"));
            }
        }
        Err(ClientError::Protocol(format!("more than {MOST_ROUNDS} rounds of questions")).into())
    }
}
