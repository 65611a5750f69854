//! Arguments that come as text (a prompt's, a template's) into the author's
//! struct: a field may be a `String`, a number, a `bool`, an enum of names or
//! an `Option` of one.

use serde::de::value::{Error as Problem, MapDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::error::{Error, Result};

pub(crate) fn parse<T: DeserializeOwned>(arguments: &[(String, String)]) -> Result<T> {
    let fields = arguments.iter().map(|(name, value)| (name.as_str(), Text(value)));
    T::deserialize(MapDeserializer::<_, Problem>::new(fields)).map_err(|problem| Error::Invalid(problem.to_string()))
}

struct Text<'a>(&'a str);

impl<'de> IntoDeserializer<'de, Problem> for Text<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident $expected:literal)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Problem> {
            let value = self.0.parse().map_err(|_| Problem::custom(format_args!(
                concat!("expected ", $expected, ", found \"{}\""), self.0
            )))?;
            visitor.$visit(value)
        }
    )*};
}

impl<'de> Deserializer<'de> for Text<'_> {
    type Error = Problem;

    parsed! {
        deserialize_bool visit_bool "true or false"
        deserialize_i8 visit_i8 "an integer"
        deserialize_i16 visit_i16 "an integer"
        deserialize_i32 visit_i32 "an integer"
        deserialize_i64 visit_i64 "an integer"
        deserialize_u8 visit_u8 "a positive integer"
        deserialize_u16 visit_u16 "a positive integer"
        deserialize_u32 visit_u32 "a positive integer"
        deserialize_u64 visit_u64 "a positive integer"
        deserialize_f32 visit_f32 "a number"
        deserialize_f64 visit_f64 "a number"
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Problem> {
        visitor.visit_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Problem> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> std::result::Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> std::result::Result<V::Value, Problem> {
        let variant: serde::de::value::StrDeserializer<'_, Problem> = self.0.into_deserializer();
        variant.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::parse;
    use crate::error::Error;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Tone {
        Dry,
        Warm,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Letter {
        to: String,
        lines: u8,
        tone: Option<Tone>,
    }

    fn letter(arguments: &[(&str, &str)]) -> Result<Letter, Error> {
        let arguments: Vec<_> =
            arguments.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        parse(&arguments)
    }

    #[test]
    fn text_becomes_what_the_field_is() {
        let full = letter(&[("to", "7"), ("lines", "3"), ("tone", "warm")]);
        assert_eq!(full, Ok(Letter { to: "7".to_owned(), lines: 3, tone: Some(Tone::Warm) }));
        let short = letter(&[("to", "Ann"), ("lines", "3"), ("unknown", "x")]);
        assert_eq!(short, Ok(Letter { to: "Ann".to_owned(), lines: 3, tone: None }));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let table = [
            (letter(&[("to", "Ann")]), "missing field `lines`"),
            (letter(&[("to", "Ann"), ("lines", "many")]), "expected a positive integer, found \"many\""),
            (letter(&[("to", "Ann"), ("lines", "1"), ("tone", "sour")]), "unknown variant `sour`"),
        ];
        for (result, expected) in table {
            let text = result.unwrap_err().to_string();
            assert!(text.contains(expected), "{text}");
        }
    }
}
