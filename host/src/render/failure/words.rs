//! What went wrong in a plugin or a template, in words for both sides.

use std::borrow::Cow;

use bulkhead_prompts::Unfilled;
use bulkhead_protocol::{ClientCapabilities, Fault, code};
use bulkhead_sandbox::{Failure, answer};

use super::{CONFLICT, Client, ReadError, Told, crowded};
use crate::{
    admin::Ending,
    screening::{Screened, ScreenedJson},
};

/// Longest text of a plugin's that is passed on in an error. Answers "an error
/// message of a megabyte".
pub(super) const LONGEST_TEXT: usize = 16 << 10;

pub(super) fn busy(log: Option<String>) -> Told {
    Told { client: Client::Fault(crowded("the server is busy, try again")), ending: Ending::Busy, log }
}

pub(super) fn sandbox(failure: &Failure) -> Told {
    let (text, ending) = match failure {
        Failure::Trap(_) | Failure::Exited(_) => ("the tool crashed", Ending::Trap),
        Failure::OutOfTime(_) => ("the call took too long and was stopped", Ending::Time),
        Failure::OutOfCpu(_) => ("the call computed for too long and was stopped", Ending::Cpu),
        Failure::OutOfMemory(_) | Failure::OutOfResources(_) => {
            ("the call needed more than it is allowed and was stopped", Ending::Memory)
        }
        Failure::TooMuchOutput(_) => ("the answer is too large", Ending::Output),
        Failure::Busy => return busy(Some(failure.to_string())),
        Failure::Stopped => {
            let fault = crowded("the server is closing, try again");
            return Told { client: Client::Fault(fault), ending: Ending::Busy, log: None };
        }
        _ => {
            let log = Some(failure.to_string());
            return Told { client: Client::Fault(Fault::internal()), ending: Ending::Host, log };
        }
    };
    Told { client: Client::Failed(text.into()), ending, log: Some(failure.to_string()) }
}

pub(super) fn template(unfilled: &Unfilled) -> Told {
    let log = Some(format!("the prompt cannot be filled: {unfilled}"));
    let (client, ending) = match unfilled {
        Unfilled::Missing(name) => {
            let text = format!("params.arguments.{name}: the argument is required");
            return Told { client: Client::Invalid(text.into()), ending: Ending::Invalid, log: None };
        }
        Unfilled::TooMuch(_) => (Client::Failed("the prompt comes out too large".into()), Ending::Output),
        Unfilled::Template(_) => {
            (Client::Invalid("the prompt cannot be filled with these arguments".into()), Ending::Invalid)
        }
    };
    Told { client, ending, log }
}

pub(super) fn plugin_error(error: ReadError) -> Told {
    let text = |told: Screened| clipped(told.into_string());
    let client = match error {
        ReadError::Invalid(told) => Client::Invalid(text(told)),
        ReadError::NotFound(told) => Client::NotFound(text(told)),
        ReadError::Conflict(told) => Client::Fault(Fault::new(CONFLICT, text(told))),
        ReadError::Denied(told) => Client::Failed(format!("denied: {}", text(told)).into()),
        ReadError::MissingCapability(needed) => Client::Fault(Fault::missing_capability(capabilities(needed))),
        ReadError::Failed(told) => Client::Failed(text(told)),
        ReadError::Protocol { code, message, data } => Client::Fault(protocol_error(code, message, data)),
    };
    Told { client, ending: Ending::Plugin, log: None }
}

/// A plugin may not speak in the name of the protocol.
fn protocol_error(code: i32, message: Screened, data: Option<ScreenedJson>) -> Fault {
    let code = i64::from(code);
    let reserved = (-32768..=-32000).contains(&code) && ![code::INVALID_PARAMS, code::INTERNAL_ERROR].contains(&code);
    let code = if reserved { code::INTERNAL_ERROR } else { code };
    let mut fault = Fault::new(code, clipped(message.into_string()));
    fault.data = data.map(|data| Box::new(data.into_json()));
    fault
}

/// What a plugin says it needs of its client.
const fn capabilities(needed: answer::ClientCapabilities) -> ClientCapabilities {
    ClientCapabilities {
        elicitation_form: needed.elicitation_form,
        elicitation_url: needed.elicitation_url,
        sampling: needed.sampling,
        sampling_tools: needed.sampling_tools,
        roots: needed.roots,
        tasks: needed.tasks,
    }
}

pub(super) fn clipped(mut text: String) -> Cow<'static, str> {
    if text.len() > LONGEST_TEXT {
        text.truncate(text.floor_char_boundary(LONGEST_TEXT));
        text.push('…');
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use bulkhead_sandbox::answer::{Error, ProtocolError};

    use super::*;
    use crate::screening::sieve;

    fn told(error: ProtocolError) -> Fault {
        match plugin_error(ReadError::read(Error::Protocol(error), &mut sieve()).unwrap()).client {
            Client::Fault(fault) => fault,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_plugin_cannot_speak_in_the_name_of_the_protocol() {
        let code = |code| told(ProtocolError { code, message: String::new(), data: None }).code;
        assert_eq!(code(-32602), -32602);
        assert_eq!(code(-32700), -32603);
        assert_eq!(code(-32002), -32603);
        assert_eq!(code(7), 7);
        let forged = ProtocolError { code: 7, message: "m".into(), data: Some("1,2".into()) };
        assert_eq!(told(forged).data, None);
    }
}
