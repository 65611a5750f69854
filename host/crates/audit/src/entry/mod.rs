//! What is put on the record, written once, into the bytes that go to disk.
//!
//! An [`Entry`] borrows what it is made of. The sequence number is put in
//! front by the writer, in the order in which entries arrive.

mod call;
#[cfg(test)]
mod tests;
mod time;

use std::{fmt, io::Write as _, time::SystemTime};

use bulkhead_base::{ByteSize, CallId, Digest};

use crate::{Redaction, redact::Unreadable};

pub(crate) use time::write_time;

pub use call::{Call, Cost, Decision, Found, Heard, Intent, Outcome, Said};

/// Longest text of an entry. Answers "a name of 4 MiB"; what is longer is cut,
/// and its digest stands behind the cut.
pub const TEXT_BYTES: usize = 4 << 10;
/// Largest document that is written in full; of a larger one there is the
/// digest. A record is no store for files.
pub const DOCUMENT_BYTES: usize = 256 << 10;
/// Largest entry.
pub const ENTRY_BYTES: ByteSize = ByteSize::mib(1);

/// An entry as it begins: enough for most without growing.
const USUAL_BYTES: usize = 768;

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The server began to serve.
    Start,
    /// The server stops.
    Stop,
    /// Something will be done: written before it is.
    Intent,
    /// Something of it left before its end: progress, a line, a question.
    Said,
    /// Its client said something to it: an answer, or that it gives it up.
    Heard,
    /// It was done, or failed.
    Outcome,
    /// Somebody was let, or was not.
    Decision,
    /// Something that an operator should look at.
    Alert,
    /// A plugin, key, grant or contract changed.
    Change,
}

impl Kind {
    pub(crate) const ALL: [Self; 9] = [
        Self::Start,
        Self::Stop,
        Self::Intent,
        Self::Said,
        Self::Heard,
        Self::Outcome,
        Self::Decision,
        Self::Alert,
        Self::Change,
    ];

    /// The word that stands in the record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Intent => "intent",
            Self::Said => "said",
            Self::Heard => "heard",
            Self::Outcome => "outcome",
            Self::Decision => "decision",
            Self::Alert => "alert",
            Self::Change => "change",
        }
    }
}

/// How much of a document is written.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// In full, or its size and digest.
    pub full: bool,
    /// What is taken out before: also before the digest is made, since a card
    /// number can be guessed from the digest of a text that has nothing else to
    /// guess.
    pub redaction: Redaction,
}

/// One entry. Everything is bounded but the number of fields, which callers write down.
#[derive(Debug)]
pub struct Entry {
    /// From `"kind"` on, without the closing brace.
    bytes: Vec<u8>,
}

impl Entry {
    /// An entry of what happened at `at`.
    #[must_use]
    pub fn new(kind: Kind, at: SystemTime) -> Self {
        Self::of(kind.as_str(), at)
    }

    /// An entry of the record about itself.
    pub(crate) fn of(kind: &'static str, at: SystemTime) -> Self {
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        bytes.extend(b"\"kind\":\"");
        bytes.extend(kind.as_bytes());
        bytes.extend(b"\",\"time\":\"");
        write_time(&mut bytes, at);
        bytes.push(b'"');
        Self { bytes }
    }

    /// A text; what is beyond [`TEXT_BYTES`] is given by its digest.
    #[must_use]
    pub fn text(mut self, key: &'static str, value: &str) -> Self {
        self.key(key);
        if value.len() <= TEXT_BYTES {
            self.quote(value);
        } else {
            let cut = value.floor_char_boundary(TEXT_BYTES);
            self.quote(&format!("{}\u{2026} ({} bytes, {})", &value[..cut], value.len(), Digest::of(value.as_bytes())));
        }
        self
    }

    /// A text that may be missing.
    #[must_use]
    pub fn maybe(self, key: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    /// A number.
    #[must_use]
    pub fn number(mut self, key: &'static str, value: u64) -> Self {
        self.key(key);
        self.write(format_args!("{value}"));
        self
    }

    /// A yes or no.
    #[must_use]
    pub fn flag(mut self, key: &'static str, value: bool) -> Self {
        self.key(key);
        self.write(format_args!("{value}"));
        self
    }

    /// A digest.
    #[must_use]
    pub fn digest(mut self, key: &'static str, value: &Digest) -> Self {
        self.key(key);
        self.quote_digest(value);
        self
    }

    /// A JSON document: its size and digest, or all of it, after redaction. Of
    /// one that cannot be read there is only the size.
    #[must_use]
    pub fn document(mut self, key: &'static str, json: &str, detail: &Detail) -> Self {
        self.key(key);
        self.write(format_args!("{{\"bytes\":{}", json.len()));
        let instead = match detail.full {
            true => self.in_full(json, &detail.redaction),
            false => detail.redaction.digest(json).map(Some),
        };
        match instead {
            Ok(None) => {}
            Ok(Some(digest)) => {
                self.bytes.extend(b",\"digest\":");
                self.quote_digest(&digest);
            }
            Err(Unreadable) => self.bytes.extend(b",\"unreadable\":true"),
        }
        self.bytes.push(b'}');
        self
    }

    /// All of a document, or the digest of one that is too large.
    fn in_full(&mut self, json: &str, redaction: &Redaction) -> Result<Option<Digest>, Unreadable> {
        let without = self.bytes.len();
        self.bytes.extend(b",\"full\":");
        let begin = self.bytes.len();
        let copied = redaction.copy(json, &mut self.bytes);
        if copied.is_ok() && self.bytes.len() - begin <= DOCUMENT_BYTES {
            return Ok(None);
        }
        let digest = copied.map(|()| Some(Digest::of(&self.bytes[begin..])));
        self.bytes.truncate(without);
        digest
    }

    /// What was found, each with its rule and place.
    fn found(mut self, key: &'static str, all: &[Found<'_>]) -> Self {
        self.key(key);
        for (at, Found { rule, place }) in all.iter().enumerate() {
            self.bytes.extend(if at == 0 { b"[{\"rule\":" } else { b",{\"rule\":" });
            self.quote(rule);
            self.bytes.extend(b",\"place\":");
            self.quote(place);
            self.bytes.push(b'}');
        }
        self.bytes.push(b']');
        self
    }

    fn key(&mut self, key: &'static str) {
        self.bytes.extend(b",\"");
        self.bytes.extend(key.as_bytes());
        self.bytes.extend(b"\":");
    }

    fn quote(&mut self, text: &str) {
        // A string always serialises, and a vector always takes it.
        let _ = serde_json::to_writer(&mut self.bytes, text);
    }

    fn quote_digest(&mut self, digest: &Digest) {
        self.quote_plain(&digest.ascii());
    }

    fn quote_id(&mut self, id: &CallId) {
        self.quote_plain(&id.ascii());
    }

    /// ASCII in which nothing is to be escaped.
    fn quote_plain(&mut self, ascii: &[u8]) {
        self.bytes.push(b'"');
        self.bytes.extend(ascii);
        self.bytes.push(b'"');
    }

    fn write(&mut self, text: fmt::Arguments<'_>) {
        // A vector takes everything.
        let _ = self.bytes.write_fmt(text);
    }

    /// What [`finish`](Self::finish) made these bytes of.
    pub(crate) fn unfinished(mut bytes: Vec<u8>) -> Self {
        bytes.pop();
        Self { bytes }
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.bytes.push(b'}');
        self.bytes
    }
}
