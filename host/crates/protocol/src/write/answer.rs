use crate::{
    id::RequestId,
    json::{Compact, Member},
    revision::Era,
    speech::Speech,
    write::{Object, Slot, frame, member_id},
};

const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// What the server calls itself, written once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerInfo(Compact);

impl ServerInfo {
    /// A server of this name and version.
    #[must_use]
    pub fn new(name: &str, title: Option<&str>, version: &str) -> Self {
        Self(Compact::write(|info| {
            info.str("name", name);
            info.maybe_str("title", title);
            info.str("version", version);
        }))
    }

    /// The `Implementation` object.
    #[must_use]
    pub const fn as_json(&self) -> &Compact {
        &self.0
    }
}

/// What a result is (`resultType`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// The answer.
    #[default]
    Complete,
    /// Questions: the client is to call again with the answers.
    InputRequired,
    /// A task that will have the answer.
    Task,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::InputRequired => "input_required",
            Self::Task => "task",
        }
    }
}

/// Who may keep an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheScope {
    Public,
    #[default]
    Private,
}

/// How long an answer may be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cache {
    pub ttl_ms: u64,
    pub scope: CacheScope,
}

/// The envelope of one result. What its revision does not know stays out.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    id: &'a RequestId,
    speech: &'a Speech,
    server: &'a ServerInfo,
    outcome: Outcome,
    cache: Option<Cache>,
    meta: Option<&'a Compact>,
    own_meta: Option<&'a Compact>,
}

impl<'a> Answer<'a> {
    /// The answer to `id`, for a client that was agreed with on `speech`.
    #[must_use]
    pub const fn new(id: &'a RequestId, speech: &'a Speech, server: &'a ServerInfo) -> Self {
        Self { id, speech, server, outcome: Outcome::Complete, cache: None, meta: None, own_meta: None }
    }

    /// Something else than the complete answer.
    #[must_use]
    pub const fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// With the hints that listings, readings and discovery must have in the modern era.
    #[must_use]
    pub const fn cache(mut self, cache: Cache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// With the `_meta` of a plugin, an object. Its reserved keys are dropped.
    #[must_use]
    pub const fn meta(mut self, meta: Option<&'a Compact>) -> Self {
        self.meta = meta;
        self
    }

    /// With `_meta` of the host's own, an object: it wins over the plugin's.
    #[must_use]
    pub const fn own_meta(mut self, meta: Option<&'a Compact>) -> Self {
        self.own_meta = meta;
        self
    }

    /// The frame, with a result of the members that `body` writes. `body`
    /// writes neither `_meta` nor what the envelope itself has.
    pub fn encode(&self, body: impl FnOnce(&mut Object<'_>)) -> String {
        frame(|object| {
            member_id(object, "id", self.id);
            object.object("result", |result| self.write(result, body));
        })
    }

    /// The result alone, to be kept or put inside another.
    pub fn result(&self, body: impl FnOnce(&mut Object<'_>)) -> Compact {
        Compact::write(|result| self.write(result, body))
    }

    fn write(&self, result: &mut Object<'_>, body: impl FnOnce(&mut Object<'_>)) {
        let is_modern = self.speech.era() == Era::Modern;
        if is_modern {
            result.str("resultType", self.outcome.as_str());
        }
        body(result);
        if is_modern && let Some(cache) = self.cache {
            result.slot("ttlMs").uint(cache.ttl_ms);
            let is_public = cache.scope == CacheScope::Public;
            result.str("cacheScope", if is_public { "public" } else { "private" });
        }
        self.write_meta(result, is_modern);
    }

    /// The frame with a result that says nothing but "done".
    #[must_use]
    pub fn empty(&self) -> String {
        self.encode(|_| {})
    }

    fn write_meta(&self, result: &mut Object<'_>, is_modern: bool) {
        let own = members(self.own_meta);
        let theirs = members(self.meta);
        let is_overruled = |key: &str| is_reserved_key(key) || own.iter().any(|member| member.key == key);
        let mut kept = theirs.iter().filter(|member| !is_overruled(&member.key)).peekable();
        if !is_modern && own.is_empty() && kept.peek().is_none() {
            return;
        }
        result.object("_meta", |meta| {
            if is_modern {
                meta.raw(SERVER_INFO, self.server.as_json());
            }
            own.iter().chain(kept).for_each(|member| meta.slot(&member.key).json(member.value));
        });
    }
}

fn members(meta: Option<&Compact>) -> Vec<Member<'_>> {
    meta.and_then(|meta| meta.json().members()).unwrap_or_default()
}

/// Whether a `_meta` key is the protocol's own: its prefix has the second
/// label `modelcontextprotocol` or `mcp`.
#[must_use]
pub fn is_reserved_key(key: &str) -> bool {
    let second = key.split_once('/').and_then(|(prefix, _)| prefix.split('.').nth(1));
    matches!(second, Some("modelcontextprotocol" | "mcp"))
}

/// The frame of an answer in the guide's dialect: the result is whatever `write` writes.
pub fn guide_answer(id: &RequestId, write: impl FnOnce(Slot<'_>)) -> String {
    frame(|object| {
        member_id(object, "id", id);
        write(object.slot("result"));
    })
}
/// The result of a whole answer of ours, or its error, as it stands there.
#[must_use]
pub fn result_or_error(frame: &str) -> Option<Result<&str, &str>> {
    let inside = frame.strip_suffix('}')?;
    // An id that is text has no quote in it that stands behind a comma alone.
    let result = inside.split_once(",\"result\":");
    match result.map_or(inside, |(before, _)| before).split_once(",\"error\":") {
        None => result.map(|(_, result)| Ok(result)),
        Some((before, _)) => inside.get(before.len() + ",\"error\":".len()..).map(Err),
    }
}
