use std::{borrow::Cow, sync::Arc};

use crate::{
    envelope::{self, Message},
    fault::Fault,
    guide,
    header::{Demand, Field, Fields, check_method, check_name},
    id::RequestId,
    meta::Meta,
    method::{self, Method},
    opening::{self, Opening},
    params::Params,
    request::{Call, GuideContext, Incoming, Notification},
    revision::{Era, Revision, Revisions},
    speech::Speech,
};

/// What the wire said besides the frame.
#[derive(Clone, Copy)]
pub enum WireFacts<'h> {
    /// Standard input: nothing.
    Stdio,
    /// HTTP: the header fields of the request that carried the frame.
    Http(&'h dyn Fields),
}

impl<'h> WireFacts<'h> {
    pub(crate) const fn fields(self) -> Option<&'h dyn Fields> {
        match self {
            Self::Stdio => None,
            Self::Http(fields) => Some(fields),
        }
    }
}

/// What a frame is heard against.
#[derive(Clone, Copy)]
pub struct Hearing<'h> {
    pub offered: Revisions,
    /// What the handshake of this process or session agreed on, if there was one.
    pub session: Option<&'h Arc<Speech>>,
    pub wire: WireFacts<'h>,
}

/// Reads one frame. The body decides what it is; wherever a header speaks of
/// the body too, it has to agree.
///
/// # Errors
/// What the sender is to be answered. A fault without id, or any fault of a
/// notification, is for HTTP to answer; stdio answers those it can name, and
/// frames that are no JSON-RPC at all.
pub fn decode<'a>(frame: &'a [u8], hearing: &Hearing<'_>) -> Result<Incoming<'a>, Fault> {
    match envelope::read(frame)? {
        Message::Request { id, method, params } => {
            let call = request(id.clone(), method, &params, hearing);
            call.map(Incoming::Request).map_err(|fault| fault.to(id))
        }
        Message::Notification { method, params } => {
            check_aside(Some(&method), hearing)?;
            Ok(Incoming::Notification(notification(method, &params)))
        }
        Message::Response(response) => {
            check_aside(None, hearing)?;
            Ok(Incoming::Response(response))
        }
    }
}

fn request<'a>(
    id: RequestId,
    name: Cow<'a, str>,
    params: &Params<'a>,
    hearing: &Hearing<'_>,
) -> Result<Call<'a>, Fault> {
    let opening = opening::of(&name, params, hearing)?;
    let (speech, demand) = match opening {
        Opening::Modern => (Arc::new(opening::modern(params, hearing)?), Demand::Required),
        Opening::Handshake => (Arc::new(opening::handshake(params, hearing.offered)?), Demand::IfPresent),
        Opening::Legacy => (opening::legacy(hearing)?, Demand::IfPresent),
        Opening::Guide => (Arc::new(Speech::of(Revision::Guide)), Demand::IfPresent),
    };
    let era = speech.era();
    if let Some(fields) = hearing.wire.fields() {
        check_method(fields, Some(&name), demand)?;
    }
    let method = method::find(era, &name).ok_or_else(|| unknown(era, &name, hearing.offered))?;
    if let Some(fields) = hearing.wire.fields() {
        check_named(fields, method, params, demand)?;
    }
    Ok(Call {
        id,
        request: (method.read)(params, era)?,
        meta: Meta::read(params.meta.as_deref().unwrap_or_default())?,
        context: if era == Era::Guide { guide::context(params)? } else { GuideContext::default() },
        method: name,
        speech,
    })
}

fn check_named(fields: &dyn Fields, method: &Method, params: &Params<'_>, demand: Demand) -> Result<(), Fault> {
    let name = method.names.map(|key| params.get(key).and_then(|name| name.text()));
    match name {
        // The parameter itself is missing, and reading it will say so.
        Some(None) => Ok(()),
        Some(Some(name)) if method.must_name => check_name(fields, Some(&name), demand),
        Some(Some(name)) => check_name(fields, Some(&name), Demand::IfPresent),
        None => check_name(fields, None, demand),
    }
}

fn unknown(era: Era, name: &str, offered: Revisions) -> Fault {
    if name == "initialize" { opening::no_handshake(offered) } else { Fault::method_not_found(era, name) }
}

/// Checks what HTTP says about a message that is no request.
fn check_aside(method: Option<&str>, hearing: &Hearing<'_>) -> Result<(), Fault> {
    let Some(fields) = hearing.wire.fields() else { return Ok(()) };
    match fields.field("MCP-Protocol-Version") {
        Field::Absent => {}
        Field::Text(version) if hearing.offered.dated().any(|revision| revision.as_str() == version) => {}
        Field::Text(version) => return Err(Fault::unsupported_version(version, hearing.offered)),
        Field::Unreadable => return Err(Fault::header_mismatch("header MCP-Protocol-Version: expected one revision")),
    }
    check_method(fields, method, Demand::IfPresent)?;
    check_name(fields, None, Demand::IfPresent)
}

fn notification<'a>(method: Cow<'a, str>, params: &Params<'a>) -> Notification<'a> {
    match &*method {
        "notifications/initialized" => Notification::Initialized,
        "notifications/roots/list_changed" => Notification::RootsListChanged,
        "notifications/cancelled" => match params.get("requestId").and_then(RequestId::parse) {
            Some(request_id) => {
                Notification::Cancelled { request_id, reason: params.get("reason").and_then(|reason| reason.text()) }
            }
            None => Notification::Ignored { method },
        },
        _ => Notification::Ignored { method },
    }
}

#[cfg(test)]
mod tests;
