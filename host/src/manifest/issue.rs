//! Manifests as they are handed out: put together once a generation and view,
//! and signed again before they get old.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwapOption;
use bulkhead_base::Digest;
use bulkhead_package::{EnvelopeError, KeyId, Keypair, canonical, seal_document};
use bulkhead_protocol::json::Compact;
use bulkhead_registry::{Listed, PromptEntry, Snapshot, TemplateEntry, ToolEntry};
use bytes::Bytes;
use jiff::Timestamp;

use super::{FORMAT, KIND, LIFETIME, REISSUED};

/// Most views of which manifests are kept. Answers "a thousand callers, each
/// with rights of its own": further ones are put together when asked for.
const MOST_VIEWS: usize = 32;

/// A signed manifest.
#[derive(Clone, Debug)]
pub struct Document {
    pub body: Bytes,
    /// What tells it from every other one.
    pub etag: Arc<str>,
}

/// What one caller is listed of one snapshot.
pub struct View<'a> {
    pub snapshot: &'a Snapshot,
    pub tools: Vec<&'a ToolEntry>,
    pub prompts: Vec<&'a PromptEntry>,
    pub templates: Vec<&'a TemplateEntry>,
    /// Where the outside world finds the endpoint, if the operator says so.
    pub url: Option<&'a str>,
}

/// Puts manifests together, signs and keeps them.
#[derive(Default)]
pub struct Manifests {
    key: ArcSwapOption<Keypair>,
    /// The one that was asked for last comes last.
    kept: Mutex<Vec<Kept>>,
}

#[derive(Clone)]
struct Kept {
    view: Digest,
    contents: Arc<Pinned>,
    issued: Timestamp,
    document: Document,
}

struct Pinned {
    contents: Compact,
    digest: Digest,
}

impl Manifests {
    /// With this key from now on; without one there are no manifests.
    pub fn sign_with(&self, key: Option<Keypair>) {
        self.key.store(key.map(Arc::new));
        self.kept().clear();
    }

    /// The id of the key that signs.
    #[must_use]
    pub fn key_id(&self) -> Option<KeyId> {
        self.key.load().as_ref().map(|key| key.public().id())
    }

    /// The manifest of `view`. `None` without a key.
    pub fn of(&self, view: &View<'_>, now: Timestamp) -> Option<Document> {
        let key = self.key.load_full()?;
        let digest = view.digest(key.public().id());
        let kept = self.find(digest);
        if let Some(kept) = kept.as_ref().filter(|kept| is_young(kept.issued, now)) {
            return Some(kept.document.clone());
        }
        let contents = kept.map_or_else(|| Arc::new(view.pinned()), |kept| kept.contents);
        let issued = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let payload = payload(&contents, view.url, issued);
        let sealed = seal_document(KIND, payload.as_str().as_bytes(), &key).inspect_err(told).ok()?;
        let etag = format!("\"{}\"", Digest::of(&sealed).hex()).into();
        let document = Document { body: Bytes::from(sealed), etag };
        self.keep(Kept { view: digest, contents, issued, document: document.clone() });
        Some(document)
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept of `view`, which was asked for last now.
    fn find(&self, view: Digest) -> Option<Kept> {
        let mut kept = self.kept();
        let place = kept.iter().position(|kept| kept.view == view)?;
        let found = kept.remove(place);
        kept.push(found.clone());
        Some(found)
    }

    fn keep(&self, one: Kept) {
        let mut kept = self.kept();
        kept.retain(|other| other.view != one.view);
        if kept.len() >= MOST_VIEWS {
            kept.remove(0);
        }
        kept.push(one);
    }
}

fn told(error: &EnvelopeError) {
    tracing::error!(%error, "a manifest could not be written");
}

/// A clock that was set back makes none young.
fn is_young(issued: Timestamp, now: Timestamp) -> bool {
    Duration::try_from(now.duration_since(issued)).is_ok_and(|age| age < REISSUED)
}

fn payload(pinned: &Pinned, url: Option<&str>, issued: Timestamp) -> Compact {
    let expires = issued.checked_add(LIFETIME).unwrap_or(issued);
    Compact::write(|out| {
        out.slot("format").uint(FORMAT.into());
        out.object("server", |server| {
            server.str("name", "bulkhead");
            server.str("version", env!("CARGO_PKG_VERSION"));
            server.maybe_str("url", url);
        });
        out.str("issuedAt", &issued.to_string());
        out.str("expiresAt", &expires.to_string());
        out.str("contentsDigest", &pinned.digest.to_string());
        out.raw("contents", &pinned.contents);
    })
}

impl View<'_> {
    /// Tells it from every other view, under any key.
    fn digest(&self, key: KeyId) -> Digest {
        let tools = self.tools.iter().map(|tool| tool.public_name());
        let prompts = self.prompts.iter().map(|prompt| prompt.public_name());
        let templates = self.templates.iter().map(|template| template.public_name());
        let mut seen = format!("{key} {} {}", self.snapshot.number(), self.url.unwrap_or_default());
        for (kind, name) in tools.map(|n| ('t', n)).chain(prompts.map(|n| ('p', n))).chain(templates.map(|n| ('r', n)))
        {
            seen.push_str(&format!(" {kind}{}:{name}", name.len()));
        }
        Digest::of(seen.as_bytes())
    }

    fn pinned(&self) -> Pinned {
        let contents = Compact::write(|out| {
            out.object("tools", |out| self.tools.iter().for_each(|tool| out.raw(tool.public_name(), &tool.pin)));
            out.object("prompts", |out| {
                self.prompts.iter().for_each(|prompt| out.raw(prompt.public_name(), &prompt.pin));
            });
            out.object("resourceTemplates", |out| {
                self.templates.iter().for_each(|template| out.raw(template.public_name(), &template.pin));
            });
        });
        // Digests and names: there is nothing in it without a canonical form.
        let digest = canonical::digest(contents.as_str()).unwrap_or_else(|_| Digest::of(contents.as_str().as_bytes()));
        Pinned { contents, digest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Manifest, SKEW};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn view(snapshot: &Snapshot) -> View<'_> {
        View { snapshot, tools: Vec::new(), prompts: Vec::new(), templates: Vec::new(), url: None }
    }

    #[test]
    fn a_manifest_is_signed_once_until_it_gets_old_and_is_believed_for_its_time() {
        let (manifests, snapshot) = (Manifests::default(), Snapshot::default());
        assert!(manifests.of(&view(&snapshot), at(0)).is_none(), "nobody signs");
        let key = Keypair::generate().unwrap();
        let keys = [key.public().clone()];
        manifests.sign_with(Some(key));
        let first = manifests.of(&view(&snapshot), at(0)).unwrap();
        let until = i64::try_from(REISSUED.as_secs()).unwrap();
        assert_eq!(manifests.of(&view(&snapshot), at(until - 1)).unwrap().etag, first.etag);
        let second = manifests.of(&view(&snapshot), at(until)).unwrap();
        assert_ne!(second.etag, first.etag);
        assert_ne!(manifests.of(&view(&snapshot), at(-1)).unwrap().etag, second.etag, "the clock was set back");

        let life = i64::try_from(LIFETIME.as_secs()).unwrap();
        let read = |seconds| Manifest::open(&first.body, &keys, at(seconds)).map(|(manifest, _)| manifest.issued_at);
        assert_eq!(read(0).unwrap(), at(0));
        assert!(read(life - 1).is_ok() && read(life).is_err(), "it is over");
        let skew = i64::try_from(SKEW.as_secs()).unwrap();
        assert!(read(-skew).is_ok() && read(-skew - 1).is_err(), "it is of a time to come");
    }

    #[test]
    fn views_are_kept_up_to_a_bound() {
        let (manifests, snapshot) = (Manifests::default(), Snapshot::default());
        manifests.sign_with(Some(Keypair::generate().unwrap()));
        for number in 0..=MOST_VIEWS {
            let url = number.to_string();
            manifests.of(&View { url: Some(&url), ..view(&snapshot) }, at(0)).unwrap();
        }
        assert_eq!(manifests.kept().len(), MOST_VIEWS);
    }
}
