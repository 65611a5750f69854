//! The words of the contract between plugin and host, under their Rust names,
//! with constructors.

pub use crate::bindings::bulkhead::plugin::host::ItemKind;
pub use crate::bindings::bulkhead::plugin::types::{
    Annotations, Body, CacheHints, CacheScope, CallContext, ClientCapabilities, Content as ContentKind,
    ContentBlock as Content, Era, InputKind, InputRequest, LogLevel, Media, ResourceContents, ResourceLink, Role, Root,
    TraceContext,
};

use serde_json::Value;

/// A client that can do nothing but call.
impl Default for ClientCapabilities {
    fn default() -> Self {
        Self {
            elicitation_form: false,
            elicitation_url: false,
            sampling: false,
            sampling_tools: false,
            roots: false,
            tasks: false,
        }
    }
}

/// The names of what is `true`, for a person.
pub(crate) fn capability_names(needed: &ClientCapabilities) -> String {
    let names = [
        (needed.elicitation_form, "elicitation.form"),
        (needed.elicitation_url, "elicitation.url"),
        (needed.sampling, "sampling"),
        (needed.sampling_tools, "sampling.tools"),
        (needed.roots, "roots"),
        (needed.tasks, "tasks"),
    ];
    let needed: Vec<&str> = names.into_iter().filter_map(|(is, name)| is.then_some(name)).collect();
    if needed.is_empty() { "nothing".to_owned() } else { needed.join(", ") }
}

impl Content {
    /// A block without annotations.
    pub fn new(content: ContentKind) -> Self {
        Self { content, annotations: None, meta: None }
    }

    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(ContentKind::Text(text.into()))
    }

    /// A picture. The host encodes the bytes.
    ///
    /// ```
    /// use bulkhead_sdk::prelude::*;
    ///
    /// let picture = Content::image(b"\x89PNG...".to_vec(), "image/png").audience([Role::User]).priority(0.9);
    /// assert_eq!(picture.annotations.unwrap().priority, Some(0.9));
    /// ```
    pub fn image(data: impl Into<Vec<u8>>, mime_type: impl Into<String>) -> Self {
        Self::new(ContentKind::Image(Media { data: data.into(), mime_type: mime_type.into() }))
    }

    /// A sound. The host encodes the bytes.
    pub fn audio(data: impl Into<Vec<u8>>, mime_type: impl Into<String>) -> Self {
        Self::new(ContentKind::Audio(Media { data: data.into(), mime_type: mime_type.into() }))
    }

    /// A pointer to a resource that the client may read later.
    pub fn link(link: ResourceLink) -> Self {
        Self::new(ContentKind::Link(link))
    }

    /// A resource with its contents.
    pub fn embedded(contents: ResourceContents) -> Self {
        Self::new(ContentKind::Embedded(contents))
    }

    /// Whom it is meant for.
    #[must_use]
    pub fn audience(mut self, audience: impl IntoIterator<Item = Role>) -> Self {
        self.hints().audience = audience.into_iter().collect();
        self
    }

    /// 0 (least) to 1 (most important).
    #[must_use]
    pub fn priority(mut self, priority: f64) -> Self {
        self.hints().priority = Some(priority);
        self
    }

    /// When it last changed, in RFC 3339.
    #[must_use]
    pub fn last_modified(mut self, at: impl Into<String>) -> Self {
        self.hints().last_modified = Some(at.into());
        self
    }

    /// The block's `_meta`: a JSON object.
    #[must_use]
    pub fn meta(mut self, meta: &Value) -> Self {
        self.meta = Some(meta.to_string());
        self
    }

    fn hints(&mut self) -> &mut Annotations {
        self.annotations.get_or_insert_with(|| Annotations {
            audience: Vec::new(),
            priority: None,
            last_modified: None,
        })
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<ResourceLink> for Content {
    fn from(link: ResourceLink) -> Self {
        Self::link(link)
    }
}

impl From<ResourceContents> for Content {
    fn from(contents: ResourceContents) -> Self {
        Self::embedded(contents)
    }
}

impl ResourceContents {
    /// A resource that is text.
    pub fn text(uri: impl Into<String>, text: impl Into<String>) -> Self {
        Self { uri: uri.into(), mime_type: None, body: Body::Text(text.into()), meta: None }
    }

    /// A resource that is bytes. The host encodes them.
    pub fn bytes(uri: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { uri: uri.into(), mime_type: None, body: Body::Blob(bytes.into()), meta: None }
    }

    /// What the body is.
    #[must_use]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    /// The contents' `_meta`: a JSON object.
    #[must_use]
    pub fn meta(mut self, meta: &Value) -> Self {
        self.meta = Some(meta.to_string());
        self
    }
}

impl ResourceLink {
    /// A pointer to `uri`.
    pub fn new(uri: impl Into<String>, name: impl Into<String>) -> Self {
        Self { uri: uri.into(), name: name.into(), title: None, description: None, mime_type: None, size: None }
    }

    /// A name for people.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// What it is.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// What its body is.
    #[must_use]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    /// How many bytes it has.
    #[must_use]
    pub fn size(mut self, size: u64) -> Self {
        self.size = Some(size);
        self
    }
}

impl Body {
    /// The bytes, whichever kind it is.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Blob(bytes) => bytes,
        }
    }

    /// The text, unless it is bytes.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Blob(_) => None,
        }
    }
}
