//! What a behaviour is, and what it comes to.

use std::{thread, time::Duration};

use serde_json::{Value, json};

use crate::harness::{Answer, Client, House, Server};

/// Longest text that stands in an outcome as it is.
const SHOWN: usize = 160;

/// How long the log is quiet when a call has said all that it says.
const QUIET: Duration = Duration::from_secs(1);

/// One thing that a hostile plugin tries.
pub struct Behaviour {
    pub name: &'static str,
    /// Whose call it is: the entry of the configuration, and its tool.
    pub entry: &'static str,
    pub tool: &'static str,
    pub arguments: Value,
    pub look: Look,
    /// What it comes to, word for word.
    pub held: String,
    pub freed: Freed,
}

/// How the same call fares with the one defence off.
pub enum Freed {
    /// The defence is the operator's: another entry of the same plugin has the
    /// one setting more. What its outcome contains.
    Setting(&'static str, String),
    /// It is code: the build that can do without it. What the outcome contains.
    Without(&'static str, String),
    /// It is the engine's own, and has no switch: the same call with the one
    /// word put right.
    Engines(Value, String),
    /// It is that a plugin's own language has no such thing: likewise.
    Proper(Value, String),
    /// It is that a plugin has no such thing at all: the same payload does harm
    /// where there is one. Says whether it did.
    Live(Box<dyn Fn() -> bool + Send + Sync>),
}

/// Where it shows what a call got.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// In its answer.
    Answer,
    /// In the last of the steps that a file probe tells of.
    LastStep,
    /// In how many progress reports came: more than so many?
    Progress(usize),
    /// In how many log lines with this word came to the client.
    Told(&'static str, usize),
    /// In how many lines more of the server's log hold this word.
    Logged(&'static str, usize),
    /// In the bytes of the answer: whether the argument `text` is in them as JSON.
    Spliced,
}

/// A group of behaviours and the house in which they are tried.
pub struct Group {
    pub name: &'static str,
    pub house: House,
    pub behaviours: Vec<Behaviour>,
    /// Looks at what none of them may have touched.
    pub untouched: Box<dyn Fn(&House)>,
}

/// Plain: shows in the answer.
pub fn behaviour(
    name: &'static str,
    (entry, tool): (&'static str, &'static str),
    arguments: Value,
    held: &str,
    freed: Freed,
) -> Behaviour {
    Behaviour { name, entry, tool, arguments, look: Look::Answer, held: held.to_owned(), freed }
}

impl Behaviour {
    pub fn looking(self, look: Look) -> Self {
        Self { look, ..self }
    }

    /// Makes the call as `entry` with `arguments`, and says what it came to.
    pub fn outcome(&self, server: &Server, key: &str, entry: &str, arguments: &Value) -> String {
        let tool = if entry.is_empty() { self.tool.to_owned() } else { format!("{entry}_{}", self.tool) };
        if matches!(self.look, Look::Spliced) {
            return super::wire::spliced(server, key, &tool, arguments);
        }
        let mut client: Client = server.client_with_key(crate::harness::Era::Modern, key);
        client.meta.insert("io.modelcontextprotocol/logLevel".to_owned(), json!("debug"));
        client.meta.insert("progressToken".to_owned(), json!("corpus"));
        let logged = self.logged(server);
        let answer = client.call(&tool, arguments.clone());
        self.seen(&answer, server, logged)
    }

    /// How many lines hold the word that is looked for, if it is one of the log.
    fn logged(&self, server: &Server) -> usize {
        if let Look::Logged(word, _) = self.look { server.lines().count(&[word]) } else { 0 }
    }

    fn seen(&self, answer: &Answer, server: &Server, before: usize) -> String {
        let told = |method: &str, word: &str| {
            let of = |message: &&Value| message["method"] == method && message.to_string().contains(word);
            answer.before.iter().filter(of).count()
        };
        match self.look {
            Look::Answer | Look::Spliced => said(answer),
            Look::LastStep => match answer.structured()["steps"].as_array().and_then(|steps| steps.last()) {
                Some(step) if step["ok"] == true => format!("got: {}", step["text"].as_str().unwrap_or_default()),
                Some(step) => format!("denied: {}", step["text"].as_str().unwrap_or_default()),
                None => "no step".to_owned(),
            },
            Look::Progress(most) => few(told("notifications/progress", ""), most),
            Look::Told(word, most) => few(told("notifications/message", word), most),
            Look::Logged(_, most) => few(self.quiet(server) - before, most),
        }
    }

    /// The lines of the log, once no more come: what a call said is logged by
    /// the time that its answer leaves, or soon after.
    fn quiet(&self, server: &Server) -> usize {
        let mut last = self.logged(server);
        loop {
            thread::sleep(QUIET);
            match self.logged(server) {
                same if same == last => return same,
                more => last = more,
            }
        }
    }
}

fn few(count: usize, most: usize) -> String {
    if count <= most { "denied: few".to_owned() } else { format!("got: {count}") }
}

fn said(answer: &Answer) -> String {
    if !answer.is_ok() {
        return format!("failed: {}", answer.failure());
    }
    let text = answer.text();
    if text.len() > SHOWN { format!("got: {} bytes", text.len()) } else { text }
}
