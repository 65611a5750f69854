//! Resources, and a family of them.

use bulkhead_sdk::prelude::*;

use crate::media::PIXEL;

/// A text that never changes.
#[resource("test://static-text", name = "Static text", mime_type = "text/plain")]
pub fn static_text() -> &'static str {
    "This is the content of the static text resource."
}

/// A picture that never changes.
#[resource("test://static-binary", name = "Static binary", mime_type = "image/png")]
pub fn static_binary() -> Vec<u8> {
    PIXEL.to_vec()
}

/// A text that one may watch.
#[resource("test://watched-resource", name = "Watched resource", mime_type = "text/plain")]
pub fn watched_resource() -> &'static str {
    "This is the content of the watched resource."
}

/// What `test_embedded_resource` embeds.
#[resource("test://embedded-resource", name = "Embedded resource", mime_type = "text/plain")]
pub fn embedded_resource() -> &'static str {
    "This is an embedded resource content."
}

/// What `test_multiple_content_types` embeds.
#[resource("test://mixed-content-resource", name = "Mixed content resource", mime_type = "application/json")]
pub fn mixed_content_resource() -> &'static str {
    r#"{"test":"data","value":123}"#
}

#[derive(Deserialize)]
pub struct At {
    pub id: String,
}

/// Data by its id.
#[template("test://template/{id}/data", name = "Template data", mime_type = "application/json")]
pub fn template_data(at: At) -> String {
    json!({"id": at.id, "templateTest": true, "data": format!("Data for ID: {}", at.id)}).to_string()
}

#[completion(template = template_data, argument = "id")]
pub fn template_ids(typed: &str) -> Completion {
    Completion::starting(typed, ["1", "12", "123"])
}
