//! The outermost layer: from a frame to one JSON-RPC message, in one scan.

use std::borrow::Cow;

use crate::{
    fault::Fault,
    id::RequestId,
    json::{Json, JsonError, Kind, Member, Problem, Scanner},
    params::Params,
    request::Response,
};

/// One JSON-RPC message.
pub(crate) enum Message<'a> {
    Request { id: RequestId, method: Cow<'a, str>, params: Params<'a> },
    Notification { method: Cow<'a, str>, params: Params<'a> },
    Response(Response<'a>),
}

/// The members of the frame that mean something.
#[derive(Default)]
struct Envelope<'a> {
    jsonrpc: Option<Json<'a>>,
    id: Option<Json<'a>>,
    method: Option<Json<'a>>,
    params: Option<Json<'a>>,
    result: Option<Json<'a>>,
    error: Option<Json<'a>>,
    members: Vec<Member<'a>>,
    meta: Option<Vec<Member<'a>>>,
}

/// Reads a frame.
pub(crate) fn read(frame: &[u8]) -> Result<Message<'_>, Fault> {
    let text = std::str::from_utf8(frame)
        .map_err(|error| refused(&JsonError { at: error.valid_up_to(), problem: Problem::Utf8 }))?;
    let mut envelope = Envelope::default();
    let scanned = Scanner::new(text)
        .whole(|scanner| if scanner.at_object() { scan(scanner, &mut envelope) } else { scanner.part() });
    let whole = scanned.map_err(|error| {
        let mut fault = refused(&error);
        let is_ambiguous = matches!(&error.problem, Problem::DuplicateKey(key) if key == "id");
        fault.id = envelope.id.and_then(RequestId::parse).filter(|_| error.problem.is_well_formed() && !is_ambiguous);
        fault
    })?;
    match whole.kind() {
        Kind::Object => envelope.message(),
        Kind::Array => Err(Fault::invalid_request("expected one message: batches are not taken")),
        _ => Err(Fault::invalid_request("expected a JSON-RPC message object")),
    }
}

fn refused(error: &JsonError) -> Fault {
    if error.problem.is_well_formed() {
        Fault::invalid_request(error.to_string())
    } else {
        Fault::parse_error(format!("not valid JSON: {error}"))
    }
}

fn scan<'a>(scanner: &mut Scanner<'a>, envelope: &mut Envelope<'a>) -> Result<Json<'a>, JsonError> {
    scanner.object(|scanner, key| {
        let place = match &*key {
            "jsonrpc" => &mut envelope.jsonrpc,
            "id" => &mut envelope.id,
            "method" => &mut envelope.method,
            "result" => &mut envelope.result,
            "error" => &mut envelope.error,
            "params" if scanner.at_object() => {
                envelope.params = Some(scan_params(scanner, &mut envelope.members, &mut envelope.meta)?);
                return Ok(());
            }
            "params" => &mut envelope.params,
            _ => return scanner.part().map(drop),
        };
        *place = Some(scanner.part()?);
        Ok(())
    })
}

fn scan_params<'a>(
    scanner: &mut Scanner<'a>,
    members: &mut Vec<Member<'a>>,
    meta: &mut Option<Vec<Member<'a>>>,
) -> Result<Json<'a>, JsonError> {
    scanner.object(|scanner, key| {
        let value = if key == "_meta" && scanner.at_object() {
            scanner.members(meta.get_or_insert_default())?
        } else {
            scanner.part()?
        };
        members.push(Member { key, value });
        Ok(())
    })
}

impl<'a> Envelope<'a> {
    fn message(self) -> Result<Message<'a>, Fault> {
        let id = self.id.and_then(RequestId::parse);
        let answers = |mut fault: Fault| {
            fault.id.clone_from(&id);
            fault
        };
        if self.jsonrpc.and_then(Json::text).as_deref() != Some("2.0") {
            return Err(answers(Fault::invalid_request("jsonrpc: expected \"2.0\"")));
        }
        if self.id.is_some() && id.is_none() && self.error.is_none() {
            return Err(Fault::invalid_request("id: expected a string or an integer"));
        }
        match (self.method, self.result, self.error) {
            (Some(method), None, None) => {
                let expected = || answers(Fault::invalid_request("method: expected a string"));
                let method = method.text().ok_or_else(expected)?;
                let params = self.params.filter(|params| params.kind() != Kind::Null);
                if params.is_some_and(|params| params.kind() != Kind::Object) {
                    return Err(answers(Fault::invalid_params("params: expected an object").status(400)));
                }
                let params =
                    Params { all: params.unwrap_or(Json::EMPTY_OBJECT), members: self.members, meta: self.meta };
                Ok(match id {
                    Some(id) => Message::Request { id, method, params },
                    None => Message::Notification { method, params },
                })
            }
            (None, Some(result), None) if id.is_some() => Ok(Message::Response(Response { id, outcome: Ok(result) })),
            (None, None, Some(error)) if error.kind() == Kind::Object => {
                Ok(Message::Response(Response { id, outcome: Err(error) }))
            }
            _ => Err(answers(Fault::invalid_request("expected either a method, or an id with a result or an error"))),
        }
    }
}
