use crate::{
    json::Compact,
    revision::Revisions,
    write::{Offer, ServerInfo},
};

/// The shape of a server card (SEP-2127).
const SCHEMA: &str = "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json";

/// Names of cards are of two parts, the first a domain turned round.
const NAMESPACE: &str = "dev.bulkhead";

/// What somebody reads who has not connected yet: who this is, where it is, and
/// how one comes in. What is offered is not in it: that depends on who asks.
#[must_use]
pub fn server_card(offer: &Offer, url: &str, offered: Revisions, needs_key: bool) -> String {
    let info = |key: &str| member(&offer.server, key);
    let card = Compact::write(|card| {
        card.str("$schema", SCHEMA);
        card.str("name", &format!("{NAMESPACE}/{}", info("name").unwrap_or_default()));
        card.maybe_str("title", info("title").as_deref());
        card.str("version", &info("version").unwrap_or_default());
        card.str("description", "Tools from signed plugins, each in a sandbox of its own");
        card.array("remotes", |remotes| {
            remotes.object(|remote| {
                remote.str("type", "streamable-http");
                remote.str("url", url);
                if needs_key {
                    remote.array("headers", |headers| {
                        headers.object(|header| {
                            header.str("name", "Authorization");
                            header.str("description", "Bearer, and a key of this server's operator");
                            header.bool("isRequired", true);
                            header.bool("isSecret", true);
                        });
                    });
                }
                remote.array("supportedProtocolVersions", |versions| {
                    offered.dated().for_each(|revision| versions.str(revision.as_str()));
                });
            });
        });
    });
    card.into_string()
}

fn member(server: &ServerInfo, key: &str) -> Option<String> {
    server.as_json().json().member(key)?.text().map(Into::into)
}
