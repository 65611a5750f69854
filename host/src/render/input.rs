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
                InputKind::Sampling => sieve.request(Place::Sampling, params)?,
                InputKind::Roots => sieve.request(Place::Meta, params)?,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screening::sieve;

    fn asked(kind: InputKind, params: &str) -> String {
        let request = InputRequest { key: "key".into(), kind, params: params.into() };
        ReadQuestion::read(request, &mut sieve()).unwrap().params.as_str().to_owned()
    }

    #[test]
    fn keys_of_ours_are_no_plugins() {
        let form = r#"{"message":"a\n","_meta":{"a":1,"dev.bulkhead/findings":[],"\u0064ev.bulkhead\/x":2}}"#;
        assert_eq!(asked(InputKind::Elicitation, form), r#"{"message":"a\n","_meta":{"a":1}}"#);
        let request = r#"{"messages":[{"role":"user","content":{"type":"text","text":"dev.bulkhead/x","_meta":{"dev.bulkhead/x":[1]}}}],"_meta":{"dev.bulkhead/y":{}}}"#;
        assert_eq!(
            asked(InputKind::Sampling, request),
            r#"{"messages":[{"role":"user","content":{"type":"text","text":"dev.bulkhead/x","_meta":{}}}],"_meta":{}}"#
        );
        // Elsewhere they are nobody's.
        let form = r#"{"message":"a","requestedSchema":{"properties":{"dev.bulkhead/x":{"type":"string"}}}}"#;
        assert_eq!(asked(InputKind::Elicitation, form), form);
    }
}
