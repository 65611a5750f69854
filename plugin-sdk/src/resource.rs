//! What a resource returns.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

pub use crate::bindings::resources::exports::bulkhead::plugin::resources::{
    ResourceEntry as Entry, ResourcePage as Page, ResourceReading,
};

use crate::context::Context;
use crate::contract;
use crate::error::{Error, Result};
use crate::etag;
use crate::tool::Json;
use crate::types::{Body, CacheHints, CacheScope, ResourceContents};

/// What was read.
///
/// ```
/// use bulkhead_sdk::prelude::*;
/// use std::time::Duration;
///
/// /// The opening hours.
/// #[resource("shop://hours", mime_type = "text/plain")]
/// fn hours() -> Reading {
///     Reading::text("9 to 5").etag("v1").cache_public(Duration::from_secs(60))
/// }
///
/// let reading = Harness::new().resource::<hours>()?;
/// assert_eq!((reading.contents[0].uri.as_str(), reading.etag.as_str()), ("shop://hours", "v1"));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    body: Body,
    mime_type: Option<String>,
    contents_meta: Option<String>,
    more: Vec<ResourceContents>,
    etag: Option<String>,
    cache: Option<CacheHints>,
    meta: Option<String>,
}

impl Reading {
    /// Text or bytes, under the URI that was asked for.
    pub fn new(body: Body) -> Self {
        Self { body, mime_type: None, contents_meta: None, more: Vec::new(), etag: None, cache: None, meta: None }
    }

    /// Text, under the URI that was asked for.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(Body::Text(text.into()))
    }

    /// Bytes, under the URI that was asked for. The host encodes them.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(Body::Blob(bytes.into()))
    }

    /// What the body is, when it is not what the attribute says.
    #[must_use]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    /// The contents' `_meta`: a JSON object.
    #[must_use]
    pub fn contents_meta(mut self, meta: &Value) -> Self {
        self.contents_meta = Some(meta.to_string());
        self
    }

    /// One more resource, read along with the first.
    #[must_use]
    pub fn and(mut self, contents: ResourceContents) -> Self {
        self.more.push(contents);
        self
    }

    /// What changes whenever the contents do. Made from the contents unless
    /// it is given.
    #[must_use]
    pub fn etag(mut self, etag: impl Into<String>) -> Self {
        self.etag = Some(etag.into());
        self
    }

    /// The caller may keep it for `time`, for itself.
    #[must_use]
    pub fn cache_private(mut self, time: Duration) -> Self {
        self.cache = Some(hints(time, CacheScope::Private));
        self
    }

    /// Anybody may keep it for `time`, for everybody.
    #[must_use]
    pub fn cache_public(mut self, time: Duration) -> Self {
        self.cache = Some(hints(time, CacheScope::Public));
        self
    }

    /// The result's `_meta`: a JSON object.
    #[must_use]
    pub fn meta(mut self, meta: &Value) -> Self {
        self.meta = Some(meta.to_string());
        self
    }

    /// The etag that these contents have.
    pub fn current_etag(&self) -> String {
        self.etag.clone().unwrap_or_else(|| {
            let bodies = self.more.iter().map(|contents| &contents.body);
            etag::of(std::iter::once(&self.body).chain(bodies).map(Body::as_bytes))
        })
    }

    pub(crate) fn into_wit(self, uri: &str, mime_type: Option<&str>) -> ResourceReading {
        let etag = self.current_etag();
        let first = ResourceContents {
            uri: uri.to_owned(),
            mime_type: self.mime_type.or_else(|| mime_type.map(str::to_owned)),
            body: self.body,
            meta: self.contents_meta,
        };
        let mut contents = vec![first];
        contents.extend(self.more);
        ResourceReading { contents, etag, cache: self.cache, meta: self.meta }
    }
}

fn hints(time: Duration, scope: CacheScope) -> CacheHints {
    CacheHints { ttl_ms: u64::try_from(time.as_millis()).unwrap_or(u64::MAX), scope }
}

/// What a function that reads may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a resource's answer",
    label = "not a resource's answer",
    note = "return text, `Vec<u8>`, `Json<T>` (with `T: Serialize`), `Reading`, or a `Result` of one of them"
)]
pub trait ReadOutput {
    /// The reading.
    fn into_reading(self) -> Result<Reading>;
}

impl ReadOutput for Reading {
    fn into_reading(self) -> Result<Reading> {
        Ok(self)
    }
}

impl ReadOutput for String {
    fn into_reading(self) -> Result<Reading> {
        Ok(Reading::text(self))
    }
}

impl ReadOutput for &str {
    fn into_reading(self) -> Result<Reading> {
        Ok(Reading::text(self))
    }
}

impl ReadOutput for Vec<u8> {
    fn into_reading(self) -> Result<Reading> {
        Ok(Reading::bytes(self))
    }
}

impl<T: Serialize + JsonSchema> ReadOutput for Json<T> {
    fn into_reading(self) -> Result<Reading> {
        Ok(Reading::text(serde_json::to_string(&self.0)?).mime_type("application/json"))
    }
}

impl<T: ReadOutput, E: Into<Error>> ReadOutput for std::result::Result<T, E> {
    fn into_reading(self) -> Result<Reading> {
        self.map_err(Into::into)?.into_reading()
    }
}

impl Page {
    /// The last page, or the only one.
    pub fn last(entries: impl IntoIterator<Item = Entry>) -> Self {
        Self { entries: entries.into_iter().collect(), next: None }
    }

    /// A page after which another begins at `next`.
    pub fn until(entries: impl IntoIterator<Item = Entry>, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..Self::last(entries) }
    }
}

impl Entry {
    /// One line of a listing.
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

/// Fails with [`Error::Conflict`] unless `current`, the etag of what exists,
/// satisfies the `if-match` of a write. `*` is satisfied by whatever exists.
///
/// ```
/// use bulkhead_sdk::prelude::*;
/// use bulkhead_sdk::resource::check_if_match;
///
/// assert!(check_if_match(None, None).is_ok());
/// assert!(check_if_match(Some("v2"), Some("v2")).is_ok());
/// assert!(matches!(check_if_match(Some("v1"), Some("v2")), Err(Error::Conflict(_))));
/// assert!(matches!(check_if_match(Some("*"), None), Err(Error::Conflict(_))));
/// ```
pub fn check_if_match(if_match: Option<&str>, current: Option<&str>) -> Result<()> {
    match (if_match, current) {
        (None, _) | (Some("*"), Some(_)) => Ok(()),
        (Some(expected), Some(current)) if expected == current => Ok(()),
        (Some(_), Some(current)) => Err(Error::conflict(format!("it has changed: its etag is {current} now"))),
        (Some(_), None) => Err(Error::conflict("it does not exist")),
    }
}

/// A function marked `#[resource]`, by the type of the same name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a resource",
    label = "not a resource",
    note = "put `#[resource(\"scheme://path\")]` above the function"
)]
pub trait Resource {
    /// Its URI.
    const URI: &'static str;

    /// What its body is, as the contract says.
    const MIME_TYPE: Option<&'static str>;

    /// Its entry in the contract.
    fn contract() -> contract::Resource;

    /// Reads it.
    fn read(ctx: &Context) -> Result<Reading>;
}

/// A function marked `#[template]`, by the type of the same name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a template",
    label = "not a template",
    note = "put `#[template(\"scheme://{{variable}}\")]` above the function"
)]
pub trait Template {
    /// Its URI template.
    const URI: &'static str;

    /// What its body is, as the contract says.
    const MIME_TYPE: Option<&'static str>;

    /// Its entry in the contract.
    fn contract() -> contract::Template;

    /// Reads what `variables` name.
    fn read(ctx: &Context, uri: &str, variables: &[(String, String)]) -> Result<Reading>;
}
