use std::borrow::Cow;

use crate::{
    fault::Fault,
    id::RequestId,
    json::{Compact, Kind, Member},
    write::is_reserved_key,
};

/// Longest trace field that is passed on (W3C Trace Context asks for at least
/// 512 bytes of `tracestate`, Baggage for 8192). Answers "a baggage that
/// every upstream request then carries".
const LONGEST_TRACE: usize = 8192;

/// What a request's `_meta` says besides what its [`Speech`](crate::Speech) holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meta<'a> {
    /// Somebody listens for progress under this token.
    pub progress_token: Option<RequestId>,
    pub traceparent: Option<Cow<'a, str>>,
    pub tracestate: Option<Cow<'a, str>>,
    pub baggage: Option<Cow<'a, str>>,
    /// An object of the keys that are neither the protocol's nor a trace's.
    pub rest: Option<Compact>,
}

impl<'a> Meta<'a> {
    pub(crate) fn read(members: &[Member<'a>]) -> Result<Self, Fault> {
        let mut meta = Self::default();
        let mut rest = Vec::new();
        for member in members {
            let trace = || member.value.text().filter(|text| text.len() <= LONGEST_TRACE);
            match &*member.key {
                "progressToken" if member.value.kind() == Kind::Null => {}
                "progressToken" => meta.progress_token = Some(token(member)?),
                "traceparent" => meta.traceparent = trace(),
                "tracestate" => meta.tracestate = trace(),
                "baggage" => meta.baggage = trace(),
                key if is_reserved_key(key) => {}
                _ => rest.push(member),
            }
        }
        if !rest.is_empty() {
            meta.rest = Some(Compact::write(|object| {
                rest.iter().for_each(|member| object.slot(&member.key).json(member.value))
            }));
        }
        Ok(meta)
    }
}

fn token(member: &Member<'_>) -> Result<RequestId, Fault> {
    RequestId::parse(member.value)
        .ok_or_else(|| Fault::invalid_params("params._meta.progressToken: expected a string or an integer").status(400))
}
