//! How a request opens: which era it belongs to, and what its sender said
//! about itself there.

use std::sync::Arc;

use crate::{
    decode::Hearing,
    fault::{Fault, code, supported},
    guide,
    header::Field,
    json::{Json, Kind},
    method::{self, log_level},
    params::Params,
    revision::{Era, Revision, Revisions},
    speech::{ClientCapabilities, Speech, client_name},
};

const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
const CLIENT_INFO: &str = "io.modelcontextprotocol/clientInfo";
const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";

/// The four ways to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// Stands alone, with everything in `_meta`.
    Modern,
    /// `initialize`.
    Handshake,
    /// Follows a handshake.
    Legacy,
    /// One of the guide's names.
    Guide,
}

/// Decides on the body. Only where the body says nothing at all, and the
/// method or the version header can be meant for the modern era alone, is
/// the request taken for a modern one without `_meta`.
pub(crate) fn of(method: &str, params: &Params<'_>, hearing: &Hearing<'_>) -> Result<Opening, Fault> {
    let offers = |era| hearing.offered.offers_era(era);
    if has_marks(params) {
        return if offers(Era::Modern) { Ok(Opening::Modern) } else { Err(switched_off()) };
    }
    if method.starts_with(guide::PREFIX) {
        return if offers(Era::Guide) { Ok(Opening::Guide) } else { Err(Fault::method_not_found(Era::Guide, method)) };
    }
    if method == "initialize" {
        return if offers(Era::Legacy) { Ok(Opening::Handshake) } else { Err(no_handshake(hearing.offered)) };
    }
    if offers(Era::Modern) && (!offers(Era::Legacy) || means_modern(method, hearing)) {
        return Ok(Opening::Modern);
    }
    if offers(Era::Legacy) { Ok(Opening::Legacy) } else { Err(Fault::method_not_found(Era::Guide, method)) }
}

fn has_marks(params: &Params<'_>) -> bool {
    let is_mark = |key: &str| [VERSION, CAPABILITIES, CLIENT_INFO, LOG_LEVEL].contains(&key);
    params.meta.iter().flatten().any(|member| is_mark(&member.key))
}

fn means_modern(method: &str, hearing: &Hearing<'_>) -> bool {
    let header = hearing.wire.fields().map_or(Field::Absent, |fields| fields.field("MCP-Protocol-Version"));
    let header_is_modern =
        matches!(header, Field::Text(version) if Revision::parse(version).map(Revision::era) == Some(Era::Modern));
    let only_modern = || method::find(Era::Modern, method).is_some() && method::find(Era::Legacy, method).is_none();
    header_is_modern || hearing.session.is_none() && only_modern()
}

/// Not one of the modern era's own errors: a client of both eras takes it
/// for a server of the older one, and begins with a handshake.
fn switched_off() -> Fault {
    Fault::invalid_request("requests without a handshake are not spoken here: initialize first")
}

/// Clients of the older era cannot go on from here by themselves, so this
/// error names the versions: it may be all that their user sees.
pub(crate) fn no_handshake(offered: Revisions) -> Fault {
    let versions: Vec<_> = offered.dated().map(Revision::as_str).collect();
    let message = format!("no handshake is spoken here; supported versions: {}", versions.join(", "));
    Fault::new(code::METHOD_NOT_FOUND, message).status(404).data(|data| supported(data, offered))
}

/// What a modern request says about its sender.
pub(crate) fn modern(params: &Params<'_>, hearing: &Hearing<'_>) -> Result<Speech, Fault> {
    let said = |key: &str| {
        let members = params.meta.iter().flatten();
        members
            .filter(|member| member.value.kind() != Kind::Null)
            .find(|member| member.key == key)
            .map(|member| member.value)
    };
    let wrong =
        |key: &str, what: &str| Fault::invalid_params(format!("params._meta[\"{key}\"]: expected {what}")).status(400);
    let version = said(VERSION).and_then(Json::text).ok_or_else(|| wrong(VERSION, "a protocol version"))?;
    let capabilities = said(CAPABILITIES).ok_or_else(|| wrong(CAPABILITIES, "an object"))?;
    let client = ClientCapabilities::parse(capabilities).map_err(|_| wrong(CAPABILITIES, "an object of objects"))?;
    check_version_header(&version, hearing)?;
    let revision =
        Revision::parse(&version).filter(|revision| revision.era() == Era::Modern && hearing.offered.offers(*revision));
    let revision = revision.ok_or_else(|| Fault::unsupported_version(&version, hearing.offered))?;
    let level = |json: Json<'_>| log_level(&json.text().unwrap_or_default(), &format!("params._meta[\"{LOG_LEVEL}\"]"));
    let log_level = said(LOG_LEVEL).map(level).transpose().map_err(|fault| fault.status(400))?;
    let name =
        said(CLIENT_INFO).map(client_name).transpose().map_err(|()| wrong(CLIENT_INFO, "an object with a name"))?;
    Ok(Speech { revision, client, log_level, client_name: name.flatten() })
}

fn check_version_header(version: &str, hearing: &Hearing<'_>) -> Result<(), Fault> {
    let Some(fields) = hearing.wire.fields() else { return Ok(()) };
    match fields.field("MCP-Protocol-Version") {
        Field::Text(value) if value == version => Ok(()),
        Field::Absent => Err(Fault::header_mismatch("missing header MCP-Protocol-Version")),
        _ => Err(Fault::header_mismatch("header MCP-Protocol-Version does not agree with the body")),
    }
}

/// What `initialize` agrees on.
pub(crate) fn handshake(params: &Params<'_>, offered: Revisions) -> Result<Speech, Fault> {
    let requested = params.at("params.protocolVersion").text()?;
    let capabilities = params.at("params.capabilities").maybe_object()?.unwrap_or(Json::EMPTY_OBJECT);
    let client = ClientCapabilities::parse(capabilities)
        .map_err(|name| Fault::invalid_params(format!("params.capabilities.{name}: expected an object")))?;
    let info = params.at("params.clientInfo").maybe_object()?;
    let name = info.map(client_name).transpose();
    let client_name = name.map_err(|()| Fault::invalid_params("params.clientInfo.name: expected a string"))?.flatten();
    let revision = offered.negotiate(&requested).ok_or_else(|| Fault::unsupported_version(&requested, offered))?;
    Ok(Speech { revision, client, log_level: None, client_name })
}

/// What is known of the sender of a request that follows a handshake.
pub(crate) fn legacy(hearing: &Hearing<'_>) -> Result<Arc<Speech>, Fault> {
    let field = hearing.wire.fields().map_or(Field::Absent, |fields| fields.field("MCP-Protocol-Version"));
    let Field::Text(version) = field else {
        return match field {
            Field::Unreadable => Err(Fault::header_mismatch("header MCP-Protocol-Version: expected one revision")),
            _ => hearing.session.cloned().map_or_else(|| silent(hearing), Ok),
        };
    };
    let known =
        Revision::parse(version).filter(|revision| revision.era() == Era::Legacy && hearing.offered.offers(*revision));
    let Some(revision) = known else { return Err(Fault::unsupported_version(version, hearing.offered)) };
    Ok(hearing.session.cloned().unwrap_or_else(|| Arc::new(Speech::of(revision))))
}

/// Who says nothing speaks the assumed revision, or what else of the era is
/// spoken here.
fn silent(hearing: &Hearing<'_>) -> Result<Arc<Speech>, Fault> {
    let older = || hearing.offered.dated().filter(|revision| revision.era() == Era::Legacy);
    let spoken = older().find(|revision| *revision == Revision::ASSUMED).or_else(|| older().next());
    let refused = || Fault::unsupported_version(Revision::ASSUMED.as_str(), hearing.offered);
    Ok(Arc::new(Speech::of(spoken.ok_or_else(refused)?)))
}
