//! What is asked of a plugin, as the record has it, and what may leave before
//! its answer.

use std::borrow::Cow;

use bulkhead_audit::AppendError;
use bulkhead_base::Operation;
use bulkhead_protocol::json::Compact;
use bulkhead_registry::{Lease, Snapshot};
use bulkhead_sandbox::{
    Ask, CompiledPlugin,
    answer::{Body, Reference},
};
use futures_util::future::try_join_all;
use serde::Deserialize;

use super::{ask::Asker, converse::Asked, docket::Served, invoke::Errand};
use crate::render::{Failed, unrecorded};

/// The record cannot be written: the client reads that there is no answer, the
/// operator why.
impl From<AppendError> for Failed {
    fn from(error: AppendError) -> Self {
        Self::Host(unrecorded(), error.to_string())
    }
}

impl Asker<'_> {
    /// Puts on the record that a plugin is about to be asked.
    pub(super) async fn intend(&self, errand: &Errand, lease: &Lease, ask: &Ask) -> Result<(), Failed> {
        Ok(errand.sheet.intend(Some(served(lease.compiled())), || arguments(ask)).await?)
    }

    /// The same, of what the host does itself.
    pub(super) async fn intend_own<'a>(
        &self,
        errand: &Errand,
        arguments: impl FnOnce() -> Cow<'a, str>,
    ) -> Result<(), Failed> {
        Ok(errand.sheet.intend(None, arguments).await?)
    }

    /// Puts questions on the record, before the client reads them.
    pub(super) async fn intend_questions(&self, errand: &Errand, questions: &[Asked]) -> Result<(), Failed> {
        let message = Compact::value(|slot| {
            slot.array(|list| {
                questions.iter().for_each(|asked| {
                    list.object(|question| {
                        question.str("method", asked.method);
                        question.raw("params", &asked.params);
                    });
                });
            });
        });
        Ok(errand.sheet.said("question", message.as_str()).await?)
    }

    /// Puts answers on the record, each beside the name of its question, before
    /// the plugin is given them.
    pub(super) async fn heard(&self, errand: &Errand, answers: &[(String, String)]) -> Result<(), Failed> {
        let all = answers.iter().map(|(key, answer)| errand.sheet.heard(key, kind(answer), answer));
        try_join_all(all).await?;
        Ok(())
    }

    /// The same in a request of its own, before anything else is known of whom
    /// they are for.
    pub(super) async fn heard_again(
        &self,
        errand: &Errand,
        snapshot: &Snapshot,
        operation: &Operation,
        answers: &[(String, String)],
    ) -> Result<(), Failed> {
        if let Some(plugin) = snapshot.plugin(&operation.plugin) {
            errand.sheet.served_by(served(plugin.compiled()));
        }
        self.heard(errand, answers).await
    }
}

fn served(compiled: &CompiledPlugin) -> Served {
    (compiled.digest(), compiled.granted().plugin().manifest().contract_digest.canonical)
}

/// What an answer is, in one word: what the user did, or that there is one.
fn kind(answer: &str) -> &'static str {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        action: Option<Cow<'a, str>>,
    }
    let action = serde_json::from_str(answer).ok().and_then(|Answer { action }| action);
    match action.as_deref() {
        Some("accept") => "accept",
        Some("decline") => "decline",
        Some("cancel") => "cancel",
        _ => "answer",
    }
}

/// The arguments as JSON. Of a tool they are what the client sent.
pub(super) fn arguments(ask: &Ask) -> Cow<'_, str> {
    let arguments = match ask {
        Ask::Tool { arguments, .. } => return arguments.into(),
        Ask::Prompt { arguments, .. } => return pairs(arguments).into(),
        // The item says which.
        Ask::Read { .. } => return "{}".into(),
        Ask::Write { contents, if_match, .. } => Compact::write(|out| {
            match contents {
                Body::Text(text) => out.str("text", text),
                Body::Blob(bytes) => out.slot("blob").base64(bytes),
            }
            out.maybe_str("ifMatch", if_match.as_deref());
        }),
        Ask::ListResources { cursor } => Compact::write(|out| out.maybe_str("cursor", cursor.as_deref())),
        Ask::Complete { reference, argument, value, context } => Compact::write(|out| {
            match reference {
                Reference::Prompt(name) => out.str("prompt", name),
                Reference::Resource(template) => out.str("resource", template),
            }
            out.str("argument", argument);
            out.str("value", value);
            out.object("context", |out| context.iter().for_each(|(key, value)| out.str(key, value)));
        }),
    };
    arguments.into_string().into()
}

/// Named texts as a JSON object.
pub(super) fn pairs(pairs: &[(String, String)]) -> String {
    Compact::write(|out| pairs.iter().for_each(|(key, value)| out.str(key, value))).into_string()
}
