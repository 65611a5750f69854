//! Routing, and the registry of what is trusted.

use bulkhead_package::{Revocation, Trust};
use bulkhead_protocol::{
    Fault, RequestId,
    write::{Object, guide_answer},
};
use bulkhead_registry::{LoadedPlugin, Snapshot};

use crate::config::TrustedServer;

/// What this server is called in a table of routes.
pub const LOCAL_SERVER: &str = "local";

/// The answer to `mcp.routing`: this server, and the prefixes it answers for.
#[must_use]
pub fn routing<'a>(id: &RequestId, prefixes: impl Iterator<Item = &'a str>) -> String {
    guide_answer(id, |slot| {
        slot.object(|result| {
            result.array("servers", |list| list.object(|server| server.str("name", LOCAL_SERVER)));
            result.array("routes", |list| {
                for prefix in prefixes {
                    list.object(|route| {
                        route.str("prefix", prefix);
                        route.str("server", LOCAL_SERVER);
                    });
                }
            });
        });
    })
}

/// A route that leads nowhere: `key` of the one at `position` is wrong.
#[must_use]
pub fn unroutable(position: usize, key: &str) -> Fault {
    let expected = match key {
        "server" => "expected \"local\", no other server is attached",
        _ => "expected a prefix that is served, each once",
    };
    Fault::invalid_params(format!("params.routes[{position}].{key}: {expected}"))
}

/// The answer to `mcp.trust.registry`.
#[must_use]
pub fn trust_registry(id: &RequestId, servers: &[TrustedServer], trust: &Trust, snapshot: &Snapshot) -> String {
    guide_answer(id, |slot| {
        slot.object(|result| {
            result.array("servers", |list| {
                for TrustedServer { url, key } in servers {
                    list.object(|server| {
                        server.str("url", url.as_str());
                        server.str("key", key);
                    });
                }
            });
            result.array("keys", |list| {
                for key in trust.keys() {
                    list.object(|out| {
                        out.str("id", &key.id);
                        out.str("keyId", &key.public.id().to_string());
                        out.array("plugins", |names| {
                            key.plugins.iter().for_each(|pattern| names.str(&pattern.to_string()));
                        });
                        out.maybe_str("notAfter", key.not_after.map(|end| end.to_string()).as_deref());
                        out.bool("revoked", trust.revocations().reason(&Revocation::Key(key.public.id())).is_some());
                    });
                }
            });
            result.array("plugins", |list| {
                snapshot.catalogue.plugins().iter().for_each(|plugin| list.object(|out| write_plugin(out, plugin)));
            });
        });
    })
}

fn write_plugin(out: &mut Object<'_>, plugin: &LoadedPlugin) {
    let verified = plugin.compiled().granted().plugin();
    let manifest = verified.manifest();
    out.str("plugin", plugin.name().as_str());
    out.str("version", &manifest.version.to_string());
    out.str("publisher", &verified.publisher().name);
    out.str("signer", &verified.publisher().key_id.to_string());
    out.str("digest", &verified.digest().to_string());
    out.str("contractDigest", &manifest.contract_digest.canonical.to_string());
    if verified.publisher().development {
        out.bool("development", true);
    }
}
