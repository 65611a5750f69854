//! Sampling parameters as JSON.

use bulkhead_base::{Parameter, Sampling, Setting};

use crate::{
    fault::{Fault, echo},
    json::{Compact, Json, Kind, Member},
};

/// A change of some parameters: a value sets one, `null` takes it away.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SamplingChange(Vec<(Parameter, Option<Setting>)>);

impl SamplingChange {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `sampling`, changed.
    #[must_use]
    pub fn applied(self, mut sampling: Sampling) -> Sampling {
        self.0.into_iter().for_each(|(parameter, setting)| sampling.set(parameter, setting));
        sampling
    }
}

/// Reads parameters from the members of an object that stands at `path`, but
/// for the members that `besides` names.
///
/// # Errors
/// A member that is no parameter, or a value that it cannot have.
pub fn read_sampling(object: Json<'_>, path: &str, besides: &[&str]) -> Result<SamplingChange, Fault> {
    let members = object.members().unwrap_or_default();
    let of_ours = members.into_iter().filter(|member| !besides.contains(&&*member.key));
    of_ours.map(|member| read_one(member, path)).collect::<Result<_, _>>().map(SamplingChange)
}

fn read_one(Member { key, value }: Member<'_>, path: &str) -> Result<(Parameter, Option<Setting>), Fault> {
    let fault = |expected| Fault::invalid_params(format!("{path}.{}: {expected}", echo(&key)));
    let parameter = Parameter::named(&key).map_err(fault)?;
    let setting = match value.kind() {
        Kind::Null => return Ok((parameter, None)),
        Kind::Number => parameter.number(value.get()),
        Kind::Array => {
            let texts = value.elements().unwrap_or_default().into_iter();
            let texts: Option<Vec<String>> = texts.map(|text| Some(text.text()?.into_owned())).collect();
            texts.map_or_else(|| Err(parameter.wrong()), |texts| parameter.texts(texts))
        }
        _ => Err(parameter.wrong()),
    };
    Ok((parameter, Some(setting.map_err(fault)?)))
}

/// The parameters as an object.
#[must_use]
pub fn write_sampling(sampling: &Sampling) -> Compact {
    Compact::write(|object| {
        for (parameter, setting) in sampling.iter() {
            let slot = object.slot(parameter.name());
            match setting {
                Setting::Number(number) => slot.number(*number),
                Setting::Whole(number) => slot.uint(*number),
                Setting::Texts(texts) => slot.array(|array| texts.iter().for_each(|text| array.str(text))),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SamplingChange, String> {
        read_sampling(Json::parse(text).unwrap(), "params", &["rootId"]).map_err(|fault| fault.message.into_owned())
    }

    #[test]
    fn what_was_written_is_read_back() {
        let text = r#"{"temperature":0.7,"topP":0.9,"maxTokens":256,"stopSequences":["END","\n"]}"#;
        let sampling = read(text).unwrap().applied(Sampling::default());
        assert_eq!(write_sampling(&sampling).as_str(), text);
        let without = read(r#"{"topP":null,"temperature":null,"rootId":"x"}"#).unwrap().applied(sampling);
        assert_eq!(write_sampling(&without).as_str(), r#"{"maxTokens":256,"stopSequences":["END","\n"]}"#);
    }

    #[test]
    fn a_value_out_of_range_is_told_with_its_place() {
        let cases = [
            (r#"{"temperature":3}"#, "params.temperature: expected a number from 0 to 2"),
            (r#"{"temperature":"hot"}"#, "params.temperature: expected a number from 0 to 2"),
            (r#"{"topP":-1}"#, "params.topP: expected a number from 0 to 1"),
            (r#"{"maxTokens":0.5}"#, "params.maxTokens: expected a whole number from 1 to 100000000"),
            (r#"{"stopSequences":"x"}"#, "params.stopSequences: expected at most 16 texts of 1 to 256 bytes"),
            (r#"{"stopSequences":[1]}"#, "params.stopSequences: expected at most 16 texts of 1 to 256 bytes"),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).unwrap_err(), expected, "{text}");
        }
        assert!(read(r#"{"top_p":1}"#).unwrap_err().starts_with("params.top_p: expected one of temperature"));
    }
}
