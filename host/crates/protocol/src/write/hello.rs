use crate::{
    id::RequestId,
    json::Compact,
    revision::{Revision, Revisions},
    speech::Speech,
    write::{Answer, Object, ServerInfo, frame, member_id},
};

/// Extensions that are served: name, the first revision whose clients are told
/// of it, and settings, an object.
pub type Extensions = Vec<(&'static str, Revision, Compact)>;

/// What the server offers its clients.
#[derive(Clone, Debug)]
pub struct Offer {
    pub server: ServerInfo,
    pub instructions: Option<String>,
    pub tools: bool,
    pub prompts: bool,
    pub resources: bool,
    pub completions: bool,
    pub logging: bool,
    /// Listings that change are announced.
    pub list_changed: bool,
    /// Resources can be watched.
    pub subscribe: bool,
    pub extensions: Extensions,
}

/// The answer to `initialize`.
#[must_use]
pub fn initialized(id: &RequestId, speech: &Speech, offer: &Offer) -> String {
    frame(|object| {
        member_id(object, "id", id);
        object.object("result", |result| {
            result.str("protocolVersion", speech.revision.as_str());
            write_capabilities(result, offer, speech.revision);
            result.raw("serverInfo", offer.server.as_json());
            result.maybe_str("instructions", offer.instructions.as_deref());
        });
    })
}

/// The answer to `server/discover`. `answer` brings the cache hints.
#[must_use]
pub fn discovered(answer: &Answer<'_>, offer: &Offer, offered: Revisions) -> String {
    answer.encode(|result| {
        result.array("supportedVersions", |versions| {
            offered.dated().for_each(|revision| versions.str(revision.as_str()))
        });
        write_capabilities(result, offer, Revision::V2026_07_28);
        result.maybe_str("instructions", offer.instructions.as_deref());
    })
}

fn write_capabilities(result: &mut Object<'_>, offer: &Offer, revision: Revision) {
    result.object("capabilities", |capabilities| {
        let list_changed = |object: &mut Object<'_>| {
            if offer.list_changed {
                object.bool("listChanged", true);
            }
        };
        if offer.tools {
            capabilities.object("tools", list_changed);
        }
        if offer.prompts {
            capabilities.object("prompts", list_changed);
        }
        if offer.resources {
            capabilities.object("resources", |object| {
                if offer.subscribe {
                    object.bool("subscribe", true);
                }
                list_changed(object);
            });
        }
        if offer.completions {
            capabilities.object("completions", |_| {});
        }
        if offer.logging {
            capabilities.object("logging", |_| {});
        }
        let mut told = offer.extensions.iter().filter(|(_, since, _)| revision >= *since).peekable();
        if told.peek().is_some() {
            capabilities.object("extensions", |extensions| {
                told.for_each(|(name, _, settings)| extensions.raw(name, settings));
            });
        }
    });
}
