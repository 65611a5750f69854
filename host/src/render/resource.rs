//! What was read, and what a plugin lists of its own.

use bulkhead_protocol::{
    Revision,
    json::Compact,
    write::{Answer, Cache, CacheScope, Object},
};
use bulkhead_sandbox::answer::{self, CacheHints, ResourceEntry, ResourcePage, ResourceReading};
use bulkhead_screen::{Place, Refusal};

use super::content::Contents;
use crate::screening::{Screened, ScreenedJson, Sieve, Unfit};

/// The `_meta` key under which a reading says its version.
const ETAG: &str = "dev.bulkhead/etag";

/// A reading, read and screened.
pub struct ReadReading {
    contents: Vec<Contents>,
    etag: Screened,
    cache: Option<CacheHints>,
    meta: Option<ScreenedJson>,
}

/// A page of what a plugin lists of its own, screened.
pub struct ReadPage {
    pub entries: Vec<ReadEntry>,
    /// Where it goes on: for the plugin itself, and in no client's sight.
    pub next: Option<String>,
}

/// One line of it.
pub struct ReadEntry {
    pub uri: Screened,
    name: Screened,
    title: Option<Screened>,
    description: Option<Screened>,
    mime_type: Option<Screened>,
    size: Option<u64>,
}

impl ReadPage {
    /// Reads what the plugin lists.
    ///
    /// # Errors
    /// It is refused.
    pub fn read(page: ResourcePage, sieve: &mut Sieve<'_>) -> Result<Self, Unfit> {
        let ResourcePage { entries, next } = page;
        let entries = entries.into_iter().map(|entry| ReadEntry::read(entry, sieve)).collect::<Result<_, _>>()?;
        Ok(Self { entries, next })
    }
}

impl ReadEntry {
    fn read(entry: ResourceEntry, sieve: &mut Sieve<'_>) -> Result<Self, Refusal> {
        let ResourceEntry { uri, name, title, description, mime_type, size } = entry;
        Ok(Self {
            uri: sieve.text(Place::Uri, uri)?,
            name: sieve.text(Place::Listing, name)?,
            title: sieve.maybe(Place::Listing, title)?,
            description: sieve.maybe(Place::Listing, description)?,
            mime_type: sieve.maybe(Place::Listing, mime_type)?,
            size,
        })
    }
}

impl ReadReading {
    /// Reads what the plugin wrote; its text stands at `place`.
    ///
    /// # Errors
    /// JSON that is none, or a reading that is refused.
    pub fn read(reading: ResourceReading, place: Place, sieve: &mut Sieve<'_>) -> Result<Self, Unfit> {
        let ResourceReading { contents, etag, cache, meta } = reading;
        Ok(Self {
            contents: contents
                .into_iter()
                .map(|contents| Contents::read(contents, place, sieve))
                .collect::<Result<_, _>>()?,
            etag: sieve.text(Place::Uri, etag)?,
            cache,
            meta: sieve.meta(meta)?,
        })
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
        answer.cache(hints).meta(self.meta.as_deref()).own_meta(Some(&origin)).encode(|result| {
            result.array("contents", |array| {
                self.contents.iter().for_each(|contents| array.object(|out| contents.write(out, revision)));
            });
        })
    }
}

/// One line of a listing that a plugin made itself.
#[must_use]
pub fn dynamic_entry(entry: &ReadEntry) -> Compact {
    Compact::write(|out| {
        out.str("uri", &entry.uri);
        describe(out, entry);
    })
}

/// What an entry says of itself, in both dialects.
pub(super) fn describe(out: &mut Object<'_>, entry: &ReadEntry) {
    out.str("name", &entry.name);
    out.maybe_str("title", entry.title.as_deref());
    out.maybe_str("description", entry.description.as_deref());
    out.maybe_str("mimeType", entry.mime_type.as_deref());
    if let Some(size) = entry.size {
        out.slot("size").uint(size);
    }
}
