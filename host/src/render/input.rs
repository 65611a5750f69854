//! What a plugin wants to ask its client.

use bulkhead_protocol::json::Compact;
use bulkhead_sandbox::answer::{InputKind, InputRequest, InputRequired};
use bulkhead_screen::Place;

use crate::screening::{Screened, ScreenedJson, Sieve, Unfit};

/// Longest question. Answers "a question of megabytes, put again each round".
const LONGEST_QUESTION: usize = 256 << 10;

/// Questions, read and screened.
pub struct ReadInput {
    pub requests: Vec<ReadQuestion>,
    /// For the plugin itself: clients carry it sealed.
    pub state: Option<String>,
}

/// One of them.
pub struct ReadQuestion {
    pub key: Screened,
    pub kind: InputKind,
    pub params: ScreenedJson,
}

impl ReadInput {
    /// Reads what the plugin wants to ask.
    ///
    /// # Errors
    /// JSON that is none, or questions that are refused.
    pub fn read(input: InputRequired, sieve: &mut Sieve<'_>) -> Result<Self, Unfit> {
        let InputRequired { requests, state } = input;
        let requests = requests.into_iter().map(|request| ReadQuestion::read(request, sieve));
        Ok(Self { requests: requests.collect::<Result<_, _>>()?, state })
    }
}

impl ReadQuestion {
    fn read(request: InputRequest, sieve: &mut Sieve<'_>) -> Result<Self, Unfit> {
        let InputRequest { key, kind, params } = request;
        let params = Compact::object(&params, LONGEST_QUESTION)?;
        Ok(Self {
            key: sieve.text(Place::Key, key)?,
            kind,
            params: match kind {
                InputKind::Elicitation => sieve.question(params)?,
                InputKind::Sampling => sieve.json(Place::Sampling, params)?,
                InputKind::Roots => sieve.json(Place::Meta, params)?,
            },
        })
    }
}
