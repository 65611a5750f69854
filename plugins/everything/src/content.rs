//! Each kind of content that a tool may answer with.

use bulkhead_sdk::prelude::*;

use crate::media::{PIXEL, SILENCE};

/// Answers with text.
#[tool(title = "Simple text", read_only, idempotent, open_world = false)]
pub fn test_simple_text() -> &'static str {
    "This is a simple text response for testing."
}

/// Answers with a picture.
#[tool(read_only, open_world = false)]
pub fn test_image_content() -> Content {
    Content::image(PIXEL, "image/png")
}

/// Answers with a sound.
#[tool(read_only, open_world = false)]
pub fn test_audio_content() -> Content {
    Content::audio(SILENCE, "audio/wav")
}

/// Answers with a resource and its contents.
#[tool(read_only, open_world = false)]
pub fn test_embedded_resource() -> Content {
    let contents = ResourceContents::text("test://embedded-resource", "This is an embedded resource content.")
        .mime_type("text/plain");
    Content::embedded(contents)
}

/// Answers with text, a picture and a resource.
#[tool(read_only, open_world = false)]
pub fn test_multiple_content_types() -> Vec<Content> {
    let resource = ResourceContents::text("test://mixed-content-resource", r#"{"test":"data","value":123}"#);
    vec![
        Content::text("Multiple content types test:"),
        Content::image(PIXEL, "image/png"),
        Content::embedded(resource.mime_type("application/json")),
    ]
}

/// Always fails, in a way that a model can read.
#[tool(read_only, open_world = false)]
pub fn test_error_handling() -> ToolResult {
    ToolResult::error("This tool intentionally returns an error for testing")
}

#[derive(Deserialize, JsonSchema)]
pub struct Greet {
    /// Whom to greet.
    pub name: String,
}

/// Greets somebody.
#[tool(read_only, open_world = false)]
pub fn greet(args: Greet) -> String {
    format!("Hello, {}!", args.name)
}
