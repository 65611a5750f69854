//! A call that asks its client something before it can answer.
//!
//! A plugin is a function of what it is given: it returns its questions, and
//! is called again with the answers. Clients of the modern era are handed the
//! questions with a sealed state and call again themselves; older ones are
//! asked on the call's own stream. In a task, questions stand in the task
//! (see [`super::tasks`]).

use std::time::Duration;

use bulkhead_base::{Operation, Sampling};
use bulkhead_policy::Permit;
use bulkhead_protocol::{
    ClientCapabilities, Era, Fault, RequestId, Retry,
    json::{Compact, Json, Kind as JsonKind, compact},
    write,
};
use bulkhead_registry::Snapshot;
use bulkhead_sandbox::{
    Ask,
    answer::{Answer, InputKind},
};
use bulkhead_seal::SealError;
use bulkhead_state::Question;
use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

pub(super) use super::seal::State;
use super::{
    ask::Asker,
    heard::Heard,
    invoke::{Errand, Round},
    seal::{Unsealed, refused},
    surroundings::filled_in,
};
use crate::{
    admin::Ending,
    render::{Failed, ReadInput, ReadQuestion, input_refused, unasked},
};

/// Most rounds of one call. Answers "a plugin that asks for ever".
pub(super) const MOST_ROUNDS: u32 = 16;

/// Most questions of one round. Answers "a form for every word".
const MOST_QUESTIONS: usize = 16;

/// Calls of one principal that wait for answers at once. Answers "questions
/// that are never answered, until no call has a place any more".
const MOST_WAITING: usize = 64;

/// How long a client of the older era may take to answer a round.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// What a plugin answered: the answer, or questions first.
pub(super) enum Step<T> {
    Done(T),
    Ask(ReadInput),
}

/// How a call came out.
pub(super) enum Settled<T> {
    Done(T),
    /// The client is handed these questions: a whole frame.
    Asked(String),
}

/// Why it did not.
pub(super) enum Trouble {
    Failed(Failed),
    Fault(Fault),
}

impl From<Failed> for Trouble {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// One call, as its rounds share it.
pub(super) struct Talk<'a> {
    pub(super) errand: &'a Errand,
    pub(super) snapshot: &'a Snapshot,
    pub(super) operation: &'a Operation,
    /// What is asked of the plugin, anew for each round.
    pub(super) ask: &'a (dyn Fn() -> Ask + Sync),
    /// The part of the request that a state is bound to.
    pub(super) subject: &'a str,
    /// An answer is taken once, never replayed.
    pub(super) once: bool,
}

impl Asker<'_> {
    /// Runs a call to its answer, or to questions for its client.
    pub(super) async fn converse<T>(
        &self,
        talk: &Talk<'_>,
        first: Permit,
        retry: &Retry<'_>,
        read: fn(Heard) -> Option<Step<T>>,
    ) -> Result<Settled<T>, Trouble> {
        let mut state = self.resume(talk, retry).await?;
        self.go_on(talk, first, &mut state, read).await
    }

    /// Runs a call from `state` on, and leaves there where it came to.
    pub(super) async fn go_on<T>(
        &self,
        talk: &Talk<'_>,
        first: Permit,
        state: &mut State,
        read: fn(Heard) -> Option<Step<T>>,
    ) -> Result<Settled<T>, Trouble> {
        let mut permit = Some(first);
        loop {
            let leave = match permit.take() {
                Some(first) => first,
                None => self.permit(talk.errand, talk.operation)?,
            };
            let round = Round { answers: answers(state), state: state.state.clone() };
            let heard = self.run(talk.errand, talk.snapshot, leave, (talk.ask)(), round).await?;
            let mut input = match read(heard).ok_or_else(|| Failed::Unfit("another kind of answer".to_owned()))? {
                Step::Done(answer) => return Ok(Settled::Done(answer)),
                Step::Ask(input) => input,
            };
            if self.era() == Era::Guide {
                return Err(unasked().into());
            }
            let next = input.state.take();
            let questions = self.questions(talk.errand, talk.snapshot, input, next.is_some()).await?;
            state.round += 1;
            if state.round > MOST_ROUNDS {
                return Err(Failed::Unfit(format!("it asks for more than {MOST_ROUNDS} rounds")).into());
            }
            state.state = next;
            match self.era() {
                Era::Modern => return self.hand_over(talk, std::mem::take(state), &questions).map(Settled::Asked),
                Era::Legacy => {
                    self.intend_questions(talk.errand, &questions).await?;
                    self.put(talk.errand, &questions, state).await?;
                }
                Era::Guide => return Err(unasked().into()),
            }
        }
    }

    /// Where an earlier round left off.
    pub(super) async fn resume(&self, talk: &Talk<'_>, retry: &Retry<'_>) -> Result<State, Trouble> {
        if retry.is_first() {
            return Ok(State::default());
        }
        let mut state = match &retry.request_state {
            // Answers without the state that they belong to could be given again and again.
            None if talk.once => return Err(refused(&Unsealed::Unbound).into()),
            None => State::default(),
            Some(carried) => {
                let once = talk.once.then(|| &**self.caller.principal.id());
                let opened = self.host.seal.open(carried, &self.bond(talk), once).await;
                opened.map_err(|unsealed| refused(&unsealed))?
            }
        };
        let (asked, earlier) = (std::mem::take(&mut state.asked), state.answers.len());
        for member in retry.input_responses.and_then(Json::members).unwrap_or_default() {
            let wanted = retry.request_state.is_none() || asked.iter().any(|key| *key == member.key);
            if !wanted {
                continue;
            }
            if member.value.kind() != JsonKind::Object {
                return Err(Fault::invalid_params(format!(
                    "params.inputResponses.{}: expected an object",
                    asked_key(&member.key)
                ))
                .into());
            }
            state.answers.push((member.key.into_owned(), member.value.get().to_owned()));
        }
        self.heard_again(talk.errand, talk.snapshot, talk.operation, &state.answers[earlier..]).await?;
        Ok(state)
    }

    /// The questions, each one that the client said it can answer. Without any,
    /// the plugin needs a state to go on from.
    pub(super) async fn questions(
        &self,
        errand: &Errand,
        snapshot: &Snapshot,
        input: ReadInput,
        has_state: bool,
    ) -> Result<Vec<Asked>, Trouble> {
        let asks_a_model = input.requests.iter().any(|request| request.kind == InputKind::Sampling);
        let sampling = if asks_a_model { self.surroundings(snapshot).await?.sampling } else { Sampling::default() };
        let unfit = |what: &str| Failed::Unfit(what.to_owned());
        if input.requests.is_empty() && !has_state {
            return Err(unfit("it asks for nothing").into());
        }
        if input.requests.len() > MOST_QUESTIONS {
            return Err(unfit("it asks too much at once").into());
        }
        // Others stand in a result that says it.
        let stands_alone = self.era() == Era::Legacy || self.task.is_some();
        let mut lacking = ClientCapabilities::default();
        let mut questions: Vec<Asked> = Vec::with_capacity(input.requests.len());
        for ReadQuestion { key, kind, params } in input.requests {
            if questions.iter().any(|asked| *asked.key == *key) {
                return Err(unfit("two of its questions have one key").into());
            }
            lack(kind, &params, self.call.speech.client, &mut lacking);
            let params = params.into_json();
            let params = if kind == InputKind::Sampling { filled_in(params, &sampling) } else { params };
            let params = if stands_alone { errand.noted.asked(params) } else { params };
            questions.push(Asked { key: key.into_string(), method: method(kind), params });
        }
        if lacking == ClientCapabilities::default() {
            Ok(questions)
        } else {
            Err(Fault::missing_capability(lacking).into())
        }
    }

    /// The modern way: the client calls again.
    fn hand_over(&self, talk: &Talk<'_>, mut state: State, questions: &[Asked]) -> Result<String, Trouble> {
        state.asked = questions.iter().map(|question| question.key.clone()).collect();
        let sealed = self.host.seal.close(&state, &self.bond(talk)).map_err(|unsealed| match unsealed {
            Unsealed::Seal(SealError::TooLarge) => {
                Failed::Unfit("its state and the answers are too large to carry".to_owned())
            }
            _ => Failed::Unfit("its state cannot be sealed".to_owned()),
        })?;
        talk.errand.end(Ending::InputRequired);
        let origin = talk.errand.origin();
        let envelope = self.envelope().outcome(write::Outcome::InputRequired).own_meta(Some(&origin));
        Ok(envelope.encode(|result| {
            if !questions.is_empty() {
                result.object("inputRequests", |requests| {
                    for question in questions {
                        requests.object(&question.key, |request| {
                            request.str("method", question.method);
                            request.raw("params", &question.params);
                        });
                    }
                });
            }
            result.str("requestState", &sealed);
        }))
    }

    /// The older way: the client is asked on the call's own stream.
    async fn put(&self, errand: &Errand, questions: &[Asked], state: &mut State) -> Result<(), Trouble> {
        let dialogue = self.place.dialogue.as_ref().ok_or_else(unasked)?;
        let waiting = self.host.waiting.enter(self.caller.principal.id(), MOST_WAITING);
        let _waiting = waiting.ok_or(Failed::TooMany)?;
        let until = Instant::now() + PATIENCE;
        let mut open: Vec<(&Asked, Question)> = Vec::with_capacity(questions.len());
        for asked in questions {
            let question = dialogue.questions.open();
            let frame =
                write::request(&RequestId::Int(question.number()), asked.method, |params| params.raw(&asked.params));
            self.outbox.send(Bytes::from(frame)).await.map_err(|_| unasked())?;
            open.push((asked, question));
        }
        for (asked, mut question) in open {
            let answered = timeout_at(until, question.answered()).await;
            let outcome = answered.ok().flatten().ok_or_else(|| input_refused(None))?;
            let response = match outcome {
                Ok(response) => compact(&response, usize::MAX).map_err(|_| input_refused(None))?.into_string(),
                Err(error) => {
                    errand.sheet.heard(&asked.key, "error", &error).await.map_err(Failed::from)?;
                    return Err(input_refused(Some(&error)).into());
                }
            };
            let answer = [(asked.key.clone(), response)];
            self.heard(errand, &answer).await?;
            state.answers.extend(answer);
        }
        Ok(())
    }
}

/// One question, read.
pub(super) struct Asked {
    pub(super) key: String,
    pub(super) method: &'static str,
    pub(super) params: Compact,
}

/// The answers so far, as the plugin is given them.
pub(super) fn answers(state: &State) -> Vec<Answer> {
    let answer = |(key, response): &(String, String)| Answer { key: key.clone(), response: response.clone() };
    state.answers.iter().map(answer).collect()
}

const fn method(kind: InputKind) -> &'static str {
    match kind {
        InputKind::Elicitation => "elicitation/create",
        InputKind::Sampling => "sampling/createMessage",
        InputKind::Roots => "roots/list",
    }
}

/// Notes what this question needs and the client has not.
fn lack(kind: InputKind, params: &Compact, can: ClientCapabilities, lacking: &mut ClientCapabilities) {
    match kind {
        InputKind::Elicitation => {
            let mode = params.json().member("mode").and_then(Json::text);
            if mode.as_deref() == Some("url") {
                lacking.elicitation_url |= !can.elicitation_url;
            } else {
                lacking.elicitation_form |= !can.elicitation_form;
            }
        }
        InputKind::Sampling => {
            lacking.sampling |= !can.sampling;
            lacking.sampling_tools |= params.json().member("tools").is_some() && !can.sampling_tools;
        }
        InputKind::Roots => lacking.roots |= !can.roots,
    }
}

/// A client's own key, as far as a message repeats it.
pub(super) fn asked_key(key: &str) -> String {
    key.chars().filter(|c| !c.is_control()).take(64).collect()
}
