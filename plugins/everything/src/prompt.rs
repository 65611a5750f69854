//! Prompts, and suggestions for their arguments.

use bulkhead_sdk::prelude::*;

use crate::media::PIXEL;

/// A prompt without arguments.
#[prompt]
pub fn test_simple_prompt() -> &'static str {
    "This is a simple prompt for testing."
}

#[derive(Deserialize, JsonSchema)]
pub struct Two {
    /// First test argument.
    pub arg1: String,
    /// Second test argument.
    pub arg2: String,
}

/// A prompt with two arguments.
#[prompt]
pub fn test_prompt_with_arguments(args: Two) -> String {
    format!("Prompt with arguments: arg1='{}', arg2='{}'", args.arg1, args.arg2)
}

#[completion(prompt = test_prompt_with_arguments, argument = "arg1")]
pub fn prompt_places(typed: &str) -> Completion {
    Completion::starting(typed, ["paris", "park", "party", "rome"])
}

#[derive(Deserialize, JsonSchema)]
pub struct Embed {
    /// URI of the resource to embed.
    #[serde(rename = "resourceUri")]
    pub resource_uri: String,
}

/// A prompt with a resource in it.
#[prompt]
pub fn test_prompt_with_embedded_resource(args: Embed) -> Vec<Message> {
    let resource = ResourceContents::text(args.resource_uri, "Embedded resource content for testing.");
    vec![Message::user(resource.mime_type("text/plain")), Message::user("Please process the embedded resource above.")]
}

/// A prompt with a picture in it.
#[prompt]
pub fn test_prompt_with_image() -> Vec<Message> {
    vec![Message::user(Content::image(PIXEL, "image/png")), Message::user("Please analyze the image above.")]
}

#[derive(Deserialize, JsonSchema)]
struct Background {
    context: String,
}

/// A prompt that asks the user before it is filled.
#[prompt]
pub fn test_input_required_result_prompt(ctx: &Context) -> Result<String> {
    let user: Background = ctx.elicit("user_context", "What context should the prompt use?")?;
    Ok(format!("Answer with this in mind: {}", user.context))
}

/// Comes and goes.
#[prompt]
pub fn test_dynamic_prompt() -> &'static str {
    "Here for the moment."
}
