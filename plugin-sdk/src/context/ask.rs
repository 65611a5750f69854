//! Questions to the user, a model, and for the user's folders, written straight
//! through: the call ends at a question without an answer and is made again,
//! from its start, with the answer.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::Context;
use crate::error::{Error, Result};
use crate::schema;
use crate::types::{InputKind, InputRequest, Role};

/// JSON-RPC's "invalid params": an answer that has not the shape it must have.
const INVALID_PARAMS: i32 = -32602;
/// How much a model may write unless the plugin says.
const DEFAULT_MAX_TOKENS: u32 = 1024;
/// Parameters that a root may set for its sampling.
const ROOT_PARAMETERS: [&str; 5] = ["temperature", "stopSequences", "systemPrompt", "modelPreferences", "maxTokens"];

/// A form for the user.
///
/// ```
/// use bulkhead_sdk::prelude::*;
///
/// let form = Form::with_schema("Proceed?", json!({"type": "object", "properties": {"sure": {"type": "boolean"}}}));
/// # let _ = form;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    message: String,
    schema: Value,
}

impl Form {
    /// A form with the fields of `T`: text, numbers, `bool`s and enums of
    /// names.
    pub fn of<T: JsonSchema>(message: impl Into<String>) -> Self {
        Self { message: message.into(), schema: schema::form::<T>() }
    }

    /// A form with this `requestedSchema`.
    pub fn with_schema(message: impl Into<String>, schema: Value) -> Self {
        Self { message: message.into(), schema }
    }
}

/// What the user did with a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Filled it in.
    Accept,
    /// Said no.
    Decline,
    /// Closed it.
    Cancel,
}

impl Action {
    /// As the protocol writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Cancel => "cancel",
        }
    }
}

/// The user's answer to a form.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Elicited {
    /// What the user did.
    pub action: Action,
    /// What the user filled in.
    pub content: Option<Value>,
}

/// A model's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampled {
    /// Which model it was.
    pub model: Option<String>,
    /// Why it stopped.
    pub stop_reason: Option<String>,
    /// One content block or a list of them, in the protocol's shape.
    pub content: Value,
}

impl Sampled {
    /// The text of all its text blocks.
    pub fn text(&self) -> String {
        let blocks = match &self.content {
            Value::Array(blocks) => blocks.as_slice(),
            block => std::slice::from_ref(block),
        };
        blocks.iter().filter_map(|block| block.get("text").and_then(Value::as_str)).collect()
    }
}

/// One of the user's folders.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Folder {
    /// A `file:` URI.
    pub uri: String,
    /// Its name.
    pub name: Option<String>,
}

/// A request to a model.
///
/// ```
/// use bulkhead_sdk::prelude::*;
///
/// let request = Sampling::new("Name a fish.").system("Answer with one word.").max_tokens(10);
/// # let _ = request;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Sampling {
    messages: Vec<Value>,
    params: Map<String, Value>,
}

impl Sampling {
    /// One message of the user's.
    pub fn new(text: impl Into<String>) -> Self {
        Self { messages: Vec::new(), params: Map::new() }.message(Role::User, text)
    }

    /// One more message.
    #[must_use]
    pub fn message(mut self, role: Role, text: impl Into<String>) -> Self {
        let role = if role == Role::User { "user" } else { "assistant" };
        self.messages.push(json!({"role": role, "content": {"type": "text", "text": text.into()}}));
        self
    }

    /// The system prompt.
    #[must_use]
    pub fn system(self, prompt: impl Into<String>) -> Self {
        self.param("systemPrompt", prompt.into())
    }

    /// How much the model may write.
    #[must_use]
    pub fn max_tokens(self, most: u32) -> Self {
        self.param("maxTokens", most)
    }

    /// How much it may vary.
    #[must_use]
    pub fn temperature(self, temperature: f64) -> Self {
        self.param("temperature", temperature)
    }

    /// Any other parameter of `sampling/createMessage`.
    #[must_use]
    pub fn param(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }

    fn into_params(mut self, root: Option<Value>) -> Value {
        if let Some(Value::Object(root)) = root {
            for (name, value) in root.into_iter().filter(|(name, _)| ROOT_PARAMETERS.contains(&name.as_str())) {
                self.params.entry(name).or_insert(value);
            }
        }
        self.params.entry("maxTokens").or_insert_with(|| Value::from(DEFAULT_MAX_TOKENS));
        self.params.insert("messages".to_owned(), Value::Array(self.messages));
        Value::Object(self.params)
    }
}

impl Context {
    /// Asks the user to fill in the fields of `T`, and goes on with what was
    /// filled in. A user who says no ends the call with [`Error::Denied`].
    ///
    /// ```
    /// use bulkhead_sdk::prelude::*;
    ///
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Who {
    ///     /// Your name
    ///     name: String,
    /// }
    ///
    /// /// Greets.
    /// #[tool]
    /// fn greet(ctx: &Context) -> Result<String> {
    ///     let who: Who = ctx.elicit("who", "Who are you?")?;
    ///     Ok(format!("Hello, {}!", who.name))
    /// }
    ///
    /// let harness = Harness::new().accept("who", json!({"name": "Alice"}));
    /// assert_eq!(harness.tool::<greet>(json!({}))?.all_text(), "Hello, Alice!");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn elicit<T: DeserializeOwned + JsonSchema>(&self, key: &str, message: &str) -> Result<T> {
        let elicited = self.elicit_form(key, &Form::of::<T>(message))?;
        match elicited.action {
            Action::Accept => serde_json::from_value(elicited.content.unwrap_or_default())
                .map_err(|problem| misfit(key, &problem.to_string())),
            Action::Decline => Err(Error::denied("the user declined")),
            Action::Cancel => Err(Error::denied("the user cancelled")),
        }
    }

    /// Asks the user with a form, and goes on with what the user did.
    pub fn elicit_form(&self, key: &str, form: &Form) -> Result<Elicited> {
        if !self.call.client.elicitation_form {
            return Err(Error::missing_capability(|need| need.elicitation_form = true));
        }
        let params = || json!({"mode": "form", "message": form.message, "requestedSchema": form.schema});
        self.ask(key, InputKind::Elicitation, params)
    }

    /// Asks the user to open `url`, and goes on with whether they agreed. For
    /// what must not pass through the client, such as a password.
    pub fn elicit_url(&self, key: &str, message: &str, url: &str) -> Result<Action> {
        if !self.call.client.elicitation_url {
            return Err(Error::missing_capability(|need| need.elicitation_url = true));
        }
        let params = || json!({"mode": "url", "message": message, "url": url});
        self.ask(key, InputKind::Elicitation, params).map(|elicited: Elicited| elicited.action)
    }

    /// Asks the client's model.
    ///
    /// ```
    /// use bulkhead_sdk::prelude::*;
    ///
    /// /// Asks for a fish.
    /// #[tool]
    /// fn fish(ctx: &Context) -> Result<String> {
    ///     Ok(ctx.sample("fish", Sampling::new("Name a fish."))?.text())
    /// }
    ///
    /// let reply = json!({"role": "assistant", "model": "m", "content": {"type": "text", "text": "Carp"}});
    /// assert_eq!(Harness::new().answer("fish", reply).tool::<fish>(json!({}))?.all_text(), "Carp");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn sample(&self, key: &str, request: Sampling) -> Result<Sampled> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Reply {
            model: Option<String>,
            stop_reason: Option<String>,
            content: Value,
        }
        if !self.call.client.sampling {
            return Err(Error::missing_capability(|need| need.sampling = true));
        }
        let reply: Reply = self.ask(key, InputKind::Sampling, || request.into_params(self.sampling()))?;
        Ok(Sampled { model: reply.model, stop_reason: reply.stop_reason, content: reply.content })
    }

    /// Asks for the folders that the user works in.
    pub fn roots(&self, key: &str) -> Result<Vec<Folder>> {
        #[derive(Deserialize)]
        struct Reply {
            roots: Vec<Folder>,
        }
        if !self.call.client.roots {
            return Err(Error::missing_capability(|need| need.roots = true));
        }
        self.ask(key, InputKind::Roots, || json!({})).map(|reply: Reply| reply.roots)
    }

    fn ask<T: DeserializeOwned>(&self, key: &str, kind: InputKind, params: impl FnOnce() -> Value) -> Result<T> {
        let Some(answer) = self.call.answers.iter().rfind(|answer| answer.key == key) else {
            let request = InputRequest { key: key.to_owned(), kind, params: params().to_string() };
            return Err(Error::InputRequired(vec![request]));
        };
        serde_json::from_str(&answer.response).map_err(|problem| misfit(key, &problem.to_string()))
    }
}

fn misfit(key: &str, problem: &str) -> Error {
    Error::protocol(INVALID_PARAMS, format!("the answer to \"{key}\" does not fit: {problem}"))
}
