//! What was read, and what a plugin lists of its own.

use bulkhead_protocol::{
    Revision,
    json::{Compact, JsonError},
    write::{Answer, Cache, CacheScope, Object},
};
use bulkhead_sandbox::answer::{self, CacheHints, ResourceEntry, ResourceReading};

use super::content::{Contents, meta};

/// The `_meta` key under which a reading says its version.
const ETAG: &str = "dev.bulkhead/etag";

/// A reading with its JSON read.
pub struct ReadReading {
    contents: Vec<Contents>,
    etag: String,
    cache: Option<CacheHints>,
    meta: Option<Compact>,
}

impl ReadReading {
    /// Reads what the plugin wrote.
    ///
    /// # Errors
    /// JSON that is none, or is refused.
    pub fn read(reading: ResourceReading) -> Result<Self, JsonError> {
        let ResourceReading { contents, etag, cache, meta: own } = reading;
        let contents = contents.into_iter().map(Contents::read).collect::<Result<_, _>>()?;
        Ok(Self { contents, etag, cache, meta: meta(own.as_deref())? })
    }

    /// Whether nothing was read, which the protocol has an error for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.contents.is_empty()
    }

    pub(super) fn contents(&self) -> &[Contents] {
        &self.contents
    }

    pub(super) fn etag(&self) -> &str {
        &self.etag
    }

    /// The frame; `otherwise` are the cache hints if the plugin has none.
    #[must_use]
    pub fn encode(&self, answer: Answer<'_>, revision: Revision, otherwise: Cache, origin: &Compact) -> String {
        let hints = self.cache.map_or(otherwise, |hints| Cache {
            ttl_ms: hints.ttl_ms,
            scope: match hints.scope {
                answer::CacheScope::Public => CacheScope::Public,
                answer::CacheScope::Private => CacheScope::Private,
            },
        });
        let origin = Compact::write(|out| {
            for member in origin.json().members().unwrap_or_default() {
                out.slot(&member.key).json(member.value);
            }
            out.str(ETAG, &self.etag);
        });
        answer.cache(hints).meta(self.meta.as_ref()).own_meta(Some(&origin)).encode(|result| {
            result.array("contents", |array| {
                self.contents.iter().for_each(|contents| array.object(|out| contents.write(out, revision)));
            });
        })
    }
}

/// One line of a listing that a plugin made itself.
#[must_use]
pub fn dynamic_entry(entry: &ResourceEntry) -> Compact {
    Compact::write(|out| {
        out.str("uri", &entry.uri);
        describe(out, entry);
    })
}

/// What an entry says of itself, in both dialects.
pub(super) fn describe(out: &mut Object<'_>, entry: &ResourceEntry) {
    out.str("name", &entry.name);
    out.maybe_str("title", entry.title.as_deref());
    out.maybe_str("description", entry.description.as_deref());
    out.maybe_str("mimeType", entry.mime_type.as_deref());
    if let Some(size) = entry.size {
        out.slot("size").uint(size);
    }
}
