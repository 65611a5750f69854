//! What a tool returns.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

pub use crate::bindings::tools::exports::bulkhead::plugin::tools::ToolResult;

use crate::context::Context;
use crate::contract;
use crate::error::{Error, Result};
use crate::schema;
use crate::types::Content;

/// A structured answer: the tool's output schema comes from `T`.
///
/// ```
/// use bulkhead_sdk::prelude::*;
///
/// #[derive(Serialize, JsonSchema)]
/// struct Sum {
///     sum: i64,
/// }
///
/// /// Adds one.
/// #[tool]
/// fn next() -> Json<Sum> {
///     Json(Sum { sum: 42 })
/// }
///
/// let answer = Harness::new().tool::<next>(json!({}))?;
/// assert_eq!(answer.structured.as_deref(), Some(r#"{"sum":42}"#));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl ToolResult {
    /// An answer of these blocks.
    pub fn new(content: impl IntoIterator<Item = Content>) -> Self {
        Self { content: content.into_iter().collect(), structured: None, is_error: false, meta: None }
    }

    /// An answer of one block of text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new([Content::text(text)])
    }

    /// The tool ran and failed; the text says how, for the model to read.
    pub fn error(text: impl Into<String>) -> Self {
        Self { is_error: true, ..Self::text(text) }
    }

    /// A structured answer. Its shape should be the tool's `output_schema`.
    pub fn structured(value: &impl Serialize) -> Result<Self> {
        Ok(Self { structured: Some(serde_json::to_string(value)?), ..Self::new([]) })
    }

    /// One more block.
    #[must_use]
    pub fn with(mut self, content: impl Into<Content>) -> Self {
        self.content.push(content.into());
        self
    }

    /// The result's `_meta`: a JSON object.
    #[must_use]
    pub fn meta(mut self, meta: &Value) -> Self {
        self.meta = Some(meta.to_string());
        self
    }

    /// The text of all its text blocks, one a line.
    ///
    /// ```
    /// use bulkhead_sdk::prelude::*;
    ///
    /// assert_eq!(ToolResult::text("one").with("two").all_text(), "one\ntwo");
    /// ```
    pub fn all_text(&self) -> String {
        let texts: Vec<&str> = self
            .content
            .iter()
            .filter_map(|block| match &block.content {
                crate::types::ContentKind::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        texts.join("\n")
    }
}

/// What a function marked `#[tool]` may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a tool's answer",
    label = "not a tool's answer",
    note = "return text, a number, a bool, `Json<T>` (with `T: Serialize + JsonSchema`), `Content`, `Vec<Content>`, `ToolResult`, or a `Result` of one of them"
)]
pub trait ToolOutput {
    /// The output schema, if the answer is structured.
    fn schema() -> Option<Box<RawValue>> {
        None
    }

    /// The answer.
    fn into_result(self) -> Result<ToolResult>;
}

impl ToolOutput for ToolResult {
    fn into_result(self) -> Result<ToolResult> {
        Ok(self)
    }
}

impl ToolOutput for Content {
    fn into_result(self) -> Result<ToolResult> {
        Ok(ToolResult::new([self]))
    }
}

impl ToolOutput for Vec<Content> {
    fn into_result(self) -> Result<ToolResult> {
        Ok(ToolResult::new(self))
    }
}

impl ToolOutput for () {
    fn into_result(self) -> Result<ToolResult> {
        Ok(ToolResult::new([]))
    }
}

impl<T: Serialize + JsonSchema> ToolOutput for Json<T> {
    fn schema() -> Option<Box<RawValue>> {
        Some(schema::output::<T>())
    }

    fn into_result(self) -> Result<ToolResult> {
        ToolResult::structured(&self.0)
    }
}

impl<T: ToolOutput, E: Into<Error>> ToolOutput for std::result::Result<T, E> {
    fn schema() -> Option<Box<RawValue>> {
        T::schema()
    }

    fn into_result(self) -> Result<ToolResult> {
        self.map_err(Into::into)?.into_result()
    }
}

macro_rules! answers_as_text {
    ($($type:ty),*) => {$(
        impl ToolOutput for $type {
            fn into_result(self) -> Result<ToolResult> {
                Ok(ToolResult::text(self.to_string()))
            }
        }
    )*};
}

answers_as_text!(
    &str,
    Cow<'_, str>,
    bool,
    char,
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize,
    f32,
    f64
);

impl ToolOutput for String {
    fn into_result(self) -> Result<ToolResult> {
        Ok(ToolResult::text(self))
    }
}

/// A function marked `#[tool]`, by the type of the same name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tool",
    label = "not a tool",
    note = "put `#[tool]` above the function"
)]
pub trait Tool {
    /// Its name in the contract.
    const NAME: &'static str;

    /// Its entry in the contract.
    fn contract() -> contract::Tool;

    /// Runs it.
    fn call(ctx: &Context, arguments: &str) -> Result<ToolResult>;
}
