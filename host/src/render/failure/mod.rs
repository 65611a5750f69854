//! From every way a call can fail to what its client reads, what the log says
//! and how it is counted.

mod plugin;
mod words;

use std::{borrow::Cow, time::Duration};

use bulkhead_base::CallId;
use bulkhead_policy::Denied;
use bulkhead_prompts::Unfilled;
use bulkhead_protocol::{Era, Fault, code, json::Json};
use bulkhead_sandbox::Failure;

use crate::{
    admin::Ending,
    roots::{MOST_ROOTS, RootError},
};

pub use plugin::ReadError;
use words::{busy, clipped, plugin_error, sandbox, template};

/// What the caller may not have. Outside the range that the protocol keeps.
pub const FORBIDDEN: i64 = -31403;

/// Somebody else changed it first.
pub const CONFLICT: i64 = -31409;

/// Too much at once.
pub const BUSY: i64 = -31429;

/// When whoever found the house full may come back, in milliseconds: the least
/// that `Retry-After` can say. It stands in the error too, for clients that read
/// no header fields.
const COME_BACK: u64 = 1_000;

/// What the operator reads of a crowd, now and then: a line for everybody who is
/// turned away would cost more than the turning away.
const CROWDED: &str = "callers are turned away, since so many calls of the plugin run and wait already; /metrics counts \
                       them (busy), and a higher limits.concurrency lets more of them in";

/// Why a call has no answer of its plugin.
#[derive(Debug)]
pub enum Failed {
    /// The caller may not.
    Denied(Denied),
    /// The plugin is no longer served, or was taken away in the middle.
    Revoked,
    /// The caller is no longer let in (a task of its).
    LetOut,
    /// Another file of the plugin is served than the task began with.
    Replaced,
    /// The task was cancelled.
    Cancelled,
    /// The task's time is over.
    Expired,
    /// The caller asked for too much at once.
    TooMany,
    /// Too many calls of the plugin run and wait already; whether that is news.
    Crowded { is_news: bool },
    /// The sandbox says why.
    Sandbox(Failure),
    /// The plugin says why.
    Plugin(ReadError),
    /// What the plugin said is refused: why, for the log.
    Screened(String),
    /// The client was asked and gave no answer.
    Unanswered(Cow<'static, str>),
    /// The plugin's answer makes no sense: what is wrong, for the log.
    Unfit(String),
    /// A template of the operator's own cannot be filled.
    Unfilled(Unfilled),
    /// The client allowed the call this long.
    OutOfPatience(Duration),
    /// What surrounds the call makes no sense, or may not be.
    Refused(Fault),
    /// The host cannot do its own part: what the client reads, and the log.
    Host(Fault, String),
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self::Refused(fault)
    }
}

/// One failure as everybody is told it.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    /// What the client reads.
    pub client: Client,
    /// How it is counted.
    pub ending: Ending,
    /// What the operator reads, if it is worth a line.
    pub log: Option<String>,
}

/// What the client reads.
#[derive(Debug, PartialEq, Eq)]
pub enum Client {
    /// The tool failed, and its model may try something else. Where no tool was
    /// called it becomes an internal error of the same text.
    Failed(Cow<'static, str>),
    /// What was asked for makes no sense to the plugin, or is not there.
    Invalid(Cow<'static, str>),
    NotFound(Cow<'static, str>),
    /// A JSON-RPC error.
    Fault(Fault),
}

impl Failed {
    /// Words the failure.
    #[must_use]
    pub fn tell(self) -> Told {
        match self {
            Self::Denied(denied) => Told {
                client: Client::Fault(Fault::new(FORBIDDEN, denied.client_text()).denied(denied.opened_by().first())),
                ending: Ending::Denied,
                log: Some(denied.log_text()),
            },
            Self::Revoked => Told {
                client: Client::Fault(Fault::new(FORBIDDEN, "what this call relied on was taken away")),
                ending: Ending::Revoked,
                log: Some("the call was cancelled: its plugin was revoked or replaced".to_owned()),
            },
            Self::LetOut => Told {
                client: Client::Fault(Fault::new(FORBIDDEN, "what let you in is no longer good")),
                ending: Ending::Revoked,
                log: Some("the task was ended: what let its caller in was taken away, or has expired".to_owned()),
            },
            Self::Replaced => Told {
                client: Client::Fault(Fault::new(FORBIDDEN, "the tool was replaced meanwhile: call it again")),
                ending: Ending::Revoked,
                log: Some("the task was ended: another file of its plugin is served now".to_owned()),
            },
            Self::Cancelled => {
                Told { client: Client::Failed("the task was cancelled".into()), ending: Ending::Cancelled, log: None }
            }
            Self::Expired => Told {
                client: Client::Failed("the task's time is over".into()),
                ending: Ending::Time,
                log: Some("the task was ended: its time to live is over".to_owned()),
            },
            Self::TooMany => busy(Some("the caller has used up its allowance".to_owned())),
            Self::Crowded { is_news } => busy(is_news.then(|| CROWDED.to_owned())),
            Self::Unanswered(text) => Told { client: Client::Failed(text), ending: Ending::Unanswered, log: None },
            Self::Unfit(what) => Told {
                client: Client::Failed("the plugin's answer makes no sense".into()),
                ending: Ending::Output,
                log: Some(format!("the plugin's answer is refused: {what}")),
            },
            Self::Unfilled(unfilled) => template(&unfilled),
            Self::OutOfPatience(limit) => Told {
                client: Client::Failed(
                    format!("the call took longer than its timeoutMs of {} and was stopped", limit.as_millis()).into(),
                ),
                ending: Ending::Time,
                log: None,
            },
            Self::Refused(fault) => {
                let ending = if fault.code == FORBIDDEN { Ending::Denied } else { Ending::Invalid };
                Told { client: Client::Fault(fault), ending, log: None }
            }
            Self::Host(fault, log) => Told { client: Client::Fault(fault), ending: Ending::Host, log: Some(log) },
            Self::Plugin(error) => plugin_error(error),
            Self::Screened(why) => Told {
                client: Client::Failed("the plugin's answer was screened, and is not passed on".into()),
                ending: Ending::Screened,
                log: Some(format!("what the plugin said is not passed on: {why}")),
            },
            Self::Sandbox(failure) => sandbox(&failure),
        }
    }
}

impl Client {
    /// As a JSON-RPC error, where there is no tool whose result could carry it.
    /// `uri` is the resource, if one was named.
    #[must_use]
    pub fn fault(self, era: Era, uri: Option<&str>, call: CallId) -> Fault {
        match self {
            Self::Fault(fault) if fault.code == code::INTERNAL_ERROR && fault.data.is_none() => {
                fault.data(|data| data.str("callId", &call.to_string()))
            }
            Self::Fault(fault) => fault,
            Self::Invalid(text) => Fault::invalid_params(text),
            Self::NotFound(text) => match uri {
                Some(uri) => Fault::resource_not_found(era, uri),
                None => Fault::invalid_params(text),
            },
            Self::Failed(text) => {
                Fault::new(code::INTERNAL_ERROR, text).data(|data| data.str("callId", &call.to_string()))
            }
        }
    }

    /// What a tool's result says, or the error that no result may hide.
    ///
    /// # Errors
    /// A failure that is not the tool's own.
    pub fn tool_text(self) -> Result<Cow<'static, str>, Fault> {
        match self {
            Self::Failed(text) | Self::Invalid(text) | Self::NotFound(text) => Ok(text),
            Self::Fault(fault) => Err(fault),
        }
    }
}

/// Too much at once: `text` says of what. Its reader is told when to come back.
#[must_use]
pub fn crowded(text: impl Into<Cow<'static, str>>) -> Fault {
    Fault::new(BUSY, text).status(503).data(|data| data.slot("retryAfterMs").uint(COME_BACK))
}

/// The client's answer to a question, if it is a refusal, or its silence.
#[must_use]
pub fn input_refused(error: Option<&str>) -> Failed {
    let told = error.and_then(|error| Json::parse(error).ok()).and_then(|error| error.member("message"));
    let text = match told.and_then(Json::text) {
        Some(message) => format!("the client refused to answer: {}", clipped(message.into_owned())),
        None => "the client did not answer".to_owned(),
    };
    Failed::Unanswered(text.into())
}

/// A root or its parameters that cannot be had. `place` is where the client
/// named it.
#[must_use]
pub fn root_trouble(error: RootError, place: &str) -> Failed {
    match error {
        RootError::None => Fault::invalid_params(format!("{place}: there is no such root")).into(),
        RootError::TooMany => {
            Fault::new(BUSY, format!("at most {MOST_ROOTS} roots are open at once; close one first")).into()
        }
        RootError::NoDatabase => {
            let fault = Fault::new(code::INTERNAL_ERROR, "this server keeps no roots and no parameters");
            Failed::Host(fault, format!("{error}; see the log line about the database at the start"))
        }
        RootError::Database(error) => Failed::Host(Fault::internal(), format!("roots cannot be kept: {error}")),
    }
}

/// What is done cannot be put on the record, and so is not done.
#[must_use]
pub fn unrecorded() -> Fault {
    Fault::new(code::INTERNAL_ERROR, "the server cannot keep its record, and answers no calls until it can").status(503)
}

/// A question for a client that nobody can be asked on behalf of.
#[must_use]
pub fn unasked() -> Fault {
    Fault::new(code::INTERNAL_ERROR, "this needs input, and the client cannot be asked here")
}

/// A state that was touched, moved, spent, or is too old.
#[must_use]
pub fn stale_state() -> Fault {
    Fault::invalid_params(
        "params.requestState: expected the state of this call, unchanged; call again without it to start over",
    )
}

#[cfg(test)]
mod tests {
    use bulkhead_base::Span;

    use super::*;

    #[test]
    fn what_a_client_reads_of_a_trap_names_nothing_of_the_host() {
        let told = Failed::Sandbox(Failure::Trap("/srv/plugins/x.wasm: unreachable".to_owned())).tell();
        assert_eq!(told.client, Client::Failed("the tool crashed".into()));
        assert!(told.log.unwrap().contains("/srv/plugins"));
        let told = Failed::Sandbox(Failure::Host("/etc/secret".to_owned())).tell();
        assert_eq!(told.client, Client::Fault(Fault::internal()));
        assert_eq!(Failed::Sandbox(Failure::OutOfTime(Span::secs(1))).tell().ending, Ending::Time);
    }

    #[test]
    fn who_finds_the_house_full_is_told_when_to_come_back() {
        let call = CallId::fresh().unwrap();
        for failed in [Failed::TooMany, Failed::Sandbox(Failure::Busy), Failed::Sandbox(Failure::Stopped)] {
            let fault = failed.tell().client.fault(Era::Modern, None, call);
            assert_eq!((fault.code, fault.status), (BUSY, 503));
            assert_eq!(fault.data.unwrap().as_str(), r#"{"retryAfterMs":1000}"#);
        }
    }

    #[test]
    fn a_resource_that_is_not_there_is_told_as_its_era_tells_it() {
        let call = CallId::fresh().unwrap();
        let fault = |era| Client::NotFound("x".into()).fault(era, Some("a:b"), call).code;
        assert_eq!(fault(Era::Legacy), -32002);
        assert_eq!(fault(Era::Modern), -32602);
    }
}
