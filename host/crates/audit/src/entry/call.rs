use std::time::{Duration, SystemTime};

use bulkhead_base::{CallId, Digest, Operation, OperationKind};

use super::{Detail, Entry, Kind};

/// Who does what to which tool, prompt or resource of which plugin.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    pub id: CallId,
    pub principal: &'a str,
    pub operation: &'a Operation,
    /// The digest of the plugin that does it; `None`: the host does it itself,
    /// or nobody did.
    pub digest: Option<&'a Digest>,
    /// The digest of the contract that it was accepted with.
    pub contract: Option<&'a Digest>,
}

impl Call<'_> {
    fn begin(&self, kind: Kind, at: SystemTime) -> Entry {
        let mut entry = named(kind, at, &self.id, self.principal, self.operation);
        for (key, digest) in [("digest", self.digest), ("contract", self.contract)] {
            if let Some(digest) = digest {
                entry = entry.digest(key, digest);
            }
        }
        entry
    }
}

/// What will be done, before it is.
#[derive(Clone, Copy, Debug)]
pub struct Intent<'a> {
    pub call: Call<'a>,
    /// JSON, as the client sent it.
    pub arguments: &'a str,
}

impl Intent<'_> {
    /// The entry, written at `at`.
    #[must_use]
    pub fn entry(&self, at: SystemTime, detail: &Detail) -> Entry {
        self.call.begin(Kind::Intent, at).document("arguments", self.arguments, detail)
    }
}

/// What leaves before the end: it is on the record before anybody reads it.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    pub call: Call<'a>,
    /// One word: `progress`, `log`, `question`, `status`.
    pub what: &'a str,
    /// JSON, as it goes to the client.
    pub message: &'a str,
}

impl Said<'_> {
    /// The entry, written at `at`.
    #[must_use]
    pub fn entry(&self, at: SystemTime, detail: &Detail) -> Entry {
        self.call.begin(Kind::Said, at).text("what", self.what).document("message", self.message, detail)
    }
}

/// What its client answered to a question: on the record before the plugin reads it.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'a> {
    pub call: Call<'a>,
    /// The name of the question.
    pub question: &'a str,
    /// One word: `accept`, `decline`, `cancel`, `answer`, `error`.
    pub what: &'a str,
    /// JSON, as the client sent it.
    pub message: &'a str,
}

/// What is redacted of arguments is redacted of a form's content too.
const CONTENT: &str = "content";

impl Heard<'_> {
    /// The entry, written at `at`.
    #[must_use]
    pub fn entry(&self, at: SystemTime, detail: &Detail) -> Entry {
        let entry = self.call.begin(Kind::Heard, at).text("what", self.what).text("question", self.question);
        let detail = Detail { redaction: detail.redaction.also_below(CONTENT), ..*detail };
        entry.document("message", self.message, &detail)
    }
}

/// What a rule found in what a plugin said, and where.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    pub rule: &'a str,
    pub place: &'a str,
}

/// What a call used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    pub time: Duration,
    /// Of the processor; `None`: no plugin ran, or it was not measured to its end.
    pub cpu: Option<Duration>,
    /// Most bytes of memory at once.
    pub memory: Option<u64>,
    /// Bytes of the answer.
    pub output: u64,
}

/// How it ended.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'a> {
    pub call: Call<'a>,
    /// One word: `ok`, `error`, `trapped`, `deadline`, `cancelled`.
    pub outcome: &'a str,
    /// For the operator: what went wrong, and what would allow it.
    pub reason: Option<&'a str>,
    /// JSON, as it goes to the client.
    pub result: Option<&'a str>,
    /// What was found in what the plugin said, and what was to be done about it:
    /// `flag` or `block`.
    pub flagged: &'a [Found<'a>],
    pub screen: &'a str,
    pub cost: Cost,
}

impl Outcome<'_> {
    /// The entry, written at `at`.
    #[must_use]
    pub fn entry(&self, at: SystemTime, detail: &Detail) -> Entry {
        let entry = self.call.begin(Kind::Outcome, at).text("outcome", self.outcome).maybe("reason", self.reason);
        let entry = match self.result {
            Some(result) => entry.document("result", result, detail),
            None => entry,
        };
        let entry = match self.flagged {
            [] => entry,
            flagged => entry.found("flagged", flagged).text("screen", self.screen),
        };
        let entry = entry.number("micros", micros(self.cost.time));
        let entry = match self.cost.cpu {
            Some(cpu) => entry.number("cpuMicros", micros(cpu)),
            None => entry,
        };
        let entry = match self.cost.memory {
            Some(memory) => entry.number("memory", memory),
            None => entry,
        };
        entry.number("output", self.cost.output)
    }
}

/// Whether somebody may. Of what was let through there is an [`Intent`] anyway,
/// so that a host will want those that were refused.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    pub id: CallId,
    pub principal: &'a str,
    pub operation: &'a Operation,
    pub allowed: bool,
    /// The scope, grant or limit that decided.
    pub reason: &'a str,
}

impl Decision<'_> {
    /// The entry, written at `at`.
    #[must_use]
    pub fn entry(&self, at: SystemTime) -> Entry {
        let entry = named(Kind::Decision, at, &self.id, self.principal, self.operation);
        entry.flag("allowed", self.allowed).text("reason", self.reason)
    }
}

fn named(kind: Kind, at: SystemTime, id: &CallId, principal: &str, operation: &Operation) -> Entry {
    let mut entry = Entry::new(kind, at);
    entry.key("call");
    entry.quote_id(id);
    entry
        .text("principal", principal)
        .text("operation", verb(operation.kind))
        .text("plugin", operation.plugin.as_str())
        .text("item", &operation.item)
}

const fn verb(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::CallTool => "callTool",
        OperationKind::GetPrompt => "getPrompt",
        OperationKind::ReadResource => "readResource",
        OperationKind::WriteResource => "writeResource",
        OperationKind::ListResource => "listResource",
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
