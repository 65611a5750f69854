//! A file of Markdown with front matter, read.

use std::fmt;

use bulkhead_base::{Digest, Parameter, Sampling, Setting};
use bulkhead_prompts::{Argument, Escape, Fault, Head, Page};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};

use crate::config::yaml;

/// What encloses front matter.
const FENCE: &str = "---";

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct RawHead {
    name: Option<String>,
    title: Option<String>,
    description: Option<String>,
    arguments: Vec<RawArgument>,
    sampling: RawSampling,
    steps: Vec<String>,
    escape: Option<RawEscape>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawArgument {
    name: String,
    title: Option<String>,
    description: Option<String>,
    #[serde(default)]
    required: bool,
    default: Option<String>,
    #[serde(default)]
    suggestions: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawEscape {
    Tags,
    Html,
    None,
}

/// Reads the file at `path`, which is below the folder.
pub(super) fn page(path: &str, bytes: &[u8]) -> Result<Page, Fault> {
    let fault = |line, text: &str| Fault { path: path.to_owned(), line, text: text.to_owned() };
    let text = std::str::from_utf8(bytes).map_err(|_| fault(None, "it is not UTF-8"))?;
    let (front, body, first_line) = cut(text).ok_or_else(|| fault(Some(1), "its front matter has no end: `---`"))?;
    let raw: RawHead = yaml::read(front).map_err(|error| fault(error.at.map(|at| at.line), &error.text))?;
    Ok(Page { path: path.to_owned(), head: raw.into(), body: body.to_owned(), first_line, digest: Digest::of(bytes) })
}

/// Front matter with the fence above it, so that lines are the file's own;
/// body, and the line that it begins on. A file that does not begin with a
/// fence is all body.
fn cut(text: &str) -> Option<(&str, &str, usize)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.split_inclusive('\n');
    let opening = lines.next().filter(|line| line.trim_end() == FENCE);
    let Some(opening) = opening else { return Some(("", text, 1)) };
    let mut at = opening.len();
    for (number, line) in lines.enumerate() {
        if line.trim_end() == FENCE {
            return Some((&text[..at], &text[at + line.len()..], number + 3));
        }
        at += line.len();
    }
    None
}

impl From<RawHead> for Head {
    fn from(raw: RawHead) -> Self {
        let argument = |raw: RawArgument| Argument {
            name: raw.name,
            title: raw.title,
            description: raw.description,
            required: raw.required,
            default: raw.default,
            suggestions: raw.suggestions,
        };
        Self {
            name: raw.name,
            title: raw.title,
            description: raw.description,
            arguments: raw.arguments.into_iter().map(argument).collect(),
            sampling: raw.sampling.0,
            steps: raw.steps,
            escape: raw.escape.map(|escape| match escape {
                RawEscape::Tags => Escape::Tags,
                RawEscape::Html => Escape::Html,
                RawEscape::None => Escape::None,
            }),
        }
    }
}

#[derive(Debug, Default)]
struct RawSampling(Sampling);

impl<'de> Deserialize<'de> for RawSampling {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Parameters;

        impl<'de> Visitor<'de> for Parameters {
            type Value = RawSampling;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of sampling parameters")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawSampling, A::Error> {
                let mut sampling = Sampling::default();
                while let Some(Named(parameter)) = map.next_key()? {
                    let setting = map.next_value_seed(Value(parameter))?;
                    sampling.set(parameter, Some(setting));
                }
                Ok(RawSampling(sampling))
            }
        }

        from.deserialize_map(Parameters)
    }
}

struct Named(Parameter);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        Parameter::named(&name).map(Self).map_err(D::Error::custom)
    }
}

/// The value of one parameter: a scalar, or a list of texts.
struct Value(Parameter);

impl<'de> serde::de::DeserializeSeed<'de> for Value {
    type Value = Setting;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Setting, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value {
    type Value = Setting;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.wrong().0)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Setting, E> {
        self.0.number(text).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Setting, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = items.next_element()? {
            texts.push(text);
        }
        self.0.texts(texts).map_err(A::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        page("a.md", text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn front_matter_is_read_and_the_body_knows_its_line() {
        let text = "---\nname: review\ntitle: Review\narguments:\n  - {name: code, required: true}\n  - name: focus\n    suggestions: [safety, speed]\nsampling: {temperature: 0.2, stopSequences: [END]}\nsteps: [verify]\nescape: html\n---\nbody\n";
        let page = page("a.md", text.as_bytes()).unwrap();
        assert_eq!((page.body.as_str(), page.first_line), ("body\n", 12));
        assert_eq!(page.head.name.as_deref(), Some("review"));
        assert_eq!(page.head.arguments[1].suggestions, ["safety", "speed"]);
        assert_eq!(page.head.escape, Some(Escape::Html));
        let set: Vec<_> = page.head.sampling.iter().collect();
        let stops = Setting::Texts(vec!["END".to_owned()]);
        assert_eq!(set, [(Parameter::Temperature, &Setting::Number(0.2)), (Parameter::StopSequences, &stops)]);
    }

    #[test]
    fn a_file_without_front_matter_is_all_body() {
        let page = page("a.md", b"# Heading\n---\ntext").unwrap();
        assert_eq!((page.body.as_str(), page.first_line), ("# Heading\n---\ntext", 1));
        assert_eq!(page.head, Head::default());
    }

    #[test]
    fn a_fault_has_the_files_own_line() {
        let cases = [
            ("---\ntitel: x\n---\n", "a.md:2: there is no key \"titel\" here; did you mean \"title\"?"),
            ("---\ntitle: a\ntitle: b\n---\n", "a.md:3: the key \"title\" is on line 2 already; keep one of them"),
            ("---\ntitle: x\n", "a.md:1: its front matter has no end"),
            ("---\nsampling: {temperature: 3}\n---\n", "a.md:2: sampling.temperature: expected a number from 0 to 2"),
            ("---\nsampling:\n  top_p: 1\n---\n", "a.md:3: sampling: expected one of temperature, topP"),
            ("---\narguments: [{title: x}]\n---\n", "a.md:2: arguments[0]: the key \"name\" is missing"),
            ("---\nescape: xml\n---\n", "a.md:2: escape: \"xml\" is not known here: expected one of tags, html, none"),
            ("---\ntitle: *x\n---\n", "a.md:2: "),
        ];
        for (text, expected) in cases {
            let told = refusal(text);
            assert!(told.starts_with(expected), "{told}");
        }
        assert_eq!(page("a.md", b"\xff").unwrap_err().to_string(), "a.md: it is not UTF-8");
    }
}
