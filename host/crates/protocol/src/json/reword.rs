//! The strings of a value, one after the other, to be written otherwise.

use std::borrow::Cow;

use bulkhead_base::plain_until;

use super::{Compact, text::unescape};
use crate::write::Slot;

/// Whoever decides what stands in the place of each string.
pub trait Wording {
    /// Why the value is not passed on at all.
    type Error;

    /// Is shown a member's name, which stays as it is.
    ///
    /// # Errors
    /// It may not stand there.
    fn key(&mut self, name: &str) -> Result<(), Self::Error>;

    /// What stands in the place of a string, its escapes undone.
    ///
    /// # Errors
    /// Nothing may.
    fn text<'t>(&mut self, text: &'t str) -> Result<Cow<'t, str>, Self::Error>;
}

impl Compact {
    /// The same value, each of its strings as `wording` has it. What stays is
    /// not copied: a value of which everything stays is this one.
    ///
    /// # Errors
    /// What `wording` says.
    pub fn reworded<W: Wording>(self, wording: &mut W) -> Result<Self, W::Error> {
        let text = self.as_str();
        let (mut out, mut copied, mut at) = (String::new(), 0, 0);
        while let Some(quote) = text.get(at..).and_then(|rest| rest.find('"')) {
            let from = at + quote + 1;
            let to = end_of(text.as_bytes(), from);
            let Some(inside) = text.get(from..to) else { break };
            let told = if inside.contains('\\') { Cow::Owned(unescape(inside)) } else { Cow::Borrowed(inside) };
            at = to + 1;
            if text.as_bytes().get(at) == Some(&b':') {
                wording.key(&told)?;
            } else if let Cow::Owned(other) = wording.text(&told)? {
                out.push_str(&text[copied..from - 1]);
                Slot::new(&mut out).str(&other);
                copied = at;
            }
        }
        if copied == 0 {
            return Ok(self);
        }
        out.push_str(&text[copied..]);
        Ok(Self::scanned(out))
    }
}

/// Where the string ends whose inside begins at `from`. It was scanned, so it does.
fn end_of(bytes: &[u8], from: usize) -> usize {
    let mut at = plain_until(bytes, from);
    while bytes.get(at) == Some(&b'\\') {
        at = plain_until(bytes, at + 2);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::compact;

    /// Capitals in the place of what has an `x`, and no key may have one.
    struct Loud(Vec<String>);

    impl Wording for Loud {
        type Error = String;

        fn key(&mut self, name: &str) -> Result<(), String> {
            if name.contains('x') { Err(name.to_owned()) } else { Ok(()) }
        }

        fn text<'t>(&mut self, text: &'t str) -> Result<Cow<'t, str>, String> {
            self.0.push(text.to_owned());
            Ok(if text.contains('x') { text.to_uppercase().into() } else { text.into() })
        }
    }

    fn said(json: &str) -> (Result<String, String>, Vec<String>) {
        let mut loud = Loud(Vec::new());
        let reworded = compact(json, usize::MAX).unwrap().reworded(&mut loud);
        (reworded.map(Compact::into_string), loud.0)
    }

    #[test]
    fn strings_are_read_as_they_are_meant_and_written_anew() {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let table = [
            (r#"{"a" : ["x\n\u0078", "b\\"], "c":"\"x:"}"#, r#"{"a":["X\nX","b\\"],"c":"\"X:"}"#),
            (r#"["", "a:\":", 1, {"b":{"c":"d\\\""}}]"#, r#"["","a:\":",1,{"b":{"c":"d\\\""}}]"#),
            (r#""x""#, r#""X""#),
            ("17", "17"),
        ];
        for (json, expected) in table {
            assert_eq!(said(json).0.unwrap(), expected, "{json}");
        }
        assert_eq!(said(table[0].0).1, texts(&["x\nx", "b\\", "\"x:"]));
        assert_eq!(said(r#"{"a":{"\u0078":1}}"#).0, Err("x".to_owned()));
    }
}
