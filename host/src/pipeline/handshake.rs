//! What this server is and offers: `initialize`, `server/discover`, and the
//! few things that a conversation then sets.

use bulkhead_protocol::{
    Fault, LogLevel, Revision, TASKS_EXTENSION,
    json::Compact,
    write::{Cache, CacheScope, Offer, ServerInfo, discovered, initialized},
};
use bytes::Bytes;

use super::{ask::Asker, dispatch::Stop, skills::SKILLS_EXTENSION};
use crate::transport::service::Reply;

/// How long a client may believe what was discovered.
const DISCOVERY: Cache = Cache { ttl_ms: 60_000, scope: CacheScope::Public };

/// MCP Apps: pages that show what tools answer.
const APPS_EXTENSION: &str = "io.modelcontextprotocol/ui";

/// What is offered. Everything that plugins can have is offered always: one
/// that is dropped in later must not find clients that never ask.
pub(super) fn offer(tasks: bool) -> Offer {
    let directories = Compact::write(|settings| settings.bool("directoryRead", true));
    let own = [
        (SKILLS_EXTENSION, Revision::V2025_11_25, directories),
        (APPS_EXTENSION, Revision::V2025_11_25, Compact::write(|_| {})),
    ];
    let tasks = tasks.then(|| (TASKS_EXTENSION, Revision::V2026_07_28, Compact::write(|_| {})));
    Offer {
        server: ServerInfo::new("bulkhead", Some("Bulkhead"), env!("CARGO_PKG_VERSION")),
        instructions: None,
        tools: true,
        prompts: true,
        resources: true,
        completions: true,
        logging: true,
        list_changed: true,
        subscribe: true,
        extensions: own.into_iter().chain(tasks).collect(),
    }
}

impl Asker<'_> {
    pub(super) fn initialize(&self) -> Result<Reply, Stop> {
        let speech = self.call.speech.clone();
        let body = Bytes::from(initialized(self.id(), &speech, &self.host.offer));
        tracing::info!(
            principal = %self.caller.principal.id(),
            revision = %speech.revision,
            client = speech.client_name.as_deref().unwrap_or_default(),
            "a client opened a conversation"
        );
        let session = match (self.place.headers, &self.place.dialogue) {
            (None, Some(dialogue)) => {
                dialogue.agree(speech);
                None
            }
            _ => {
                let opened = self.host.sessions.open(self.caller.principal.id(), self.caller.lost.clone(), speech);
                let session = opened.map_err(|error| {
                    tracing::error!(%error, "no session can be opened");
                    Fault::internal()
                })?;
                Some(session.token)
            }
        };
        Ok(Reply::Answer { status: 200, body, session, challenge: None })
    }

    pub(super) fn discover(&self) -> String {
        let offered = self.host.terms.load().offered;
        discovered(&self.envelope().cache(DISCOVERY), &self.host.offer, offered)
    }

    pub(super) fn set_log_level(&self, level: LogLevel) -> Result<String, Fault> {
        let dialogue = self.place.dialogue.as_ref().ok_or_else(Fault::internal)?;
        dialogue.set_log_level(level);
        Ok(self.envelope().empty())
    }
}
